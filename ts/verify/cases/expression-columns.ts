// Columns and names for the cases of expression-cases.ts.
import type { ExprNode } from '../../expr/nodes.ts';
import type { LogicalType } from '../../schema/types.ts';
import { type Columns, col } from './nodes.ts';
import { edgePairs, random, samples } from './samples.ts';

export interface ExpressionCase {
  readonly name: string;
  readonly columns: Columns;
  readonly expr: ExprNode;
  /** Relative difference of floats that is still equal. */
  readonly relative?: number;
  /** libcudf cannot run it, and says so. */
  readonly refused?: true;
}

export const next = random(20_261_122);
export const a = (t: LogicalType): ExprNode => col('a', t);
export const b = (t: LogicalType): ExprNode => col('b', t);
export const one = (t: LogicalType, count = 80): Columns => ({ a: { type: t, values: samples(t, count, next) } });
export function two(t: LogicalType, u = t): Columns {
  const [x, y] = edgePairs(t, u);
  const more = [samples(t, 60, next), samples(u, 60, next)] as const;
  return { a: { type: t, values: [...x, ...more[0]] }, b: { type: u, values: [...y, ...more[1]] } };
}
export const of = (type: LogicalType, values: readonly unknown[]): Columns => ({ a: { type, values } });
/** Small values, so that decimals do not overflow. */
export const small = (t: LogicalType): Columns => ({
  a: { type: t, values: samples(t, 60, next).map((v) => (typeof v === 'bigint' ? v % 100_000n : v)) },
  b: { type: t, values: samples(t, 60, next).map((v) => (typeof v === 'bigint' ? v % 1000n : v)) },
});

export const named = (
  name: string,
  expr: ExprNode,
  columns: Columns,
  more: Partial<ExpressionCase> = {},
): ExpressionCase => ({
  name,
  expr,
  columns,
  ...more,
});

export const TIME_TEXTS = [
  '2024-01-31',
  '2024-02-30',
  '2024-02-29',
  '2023-02-29',
  '1970-01-01',
  '0001-01-01',
  '9999-12-31',
  '+12345-01-02',
  '-0044-03-15',
  '24-1-1',
  '2024-01-31T10:20:30',
  '2024-01-31 10:20',
  '2024-01-31t23:59:59.123',
  '2024-01-31T10:20:30.123456',
  '2024-01-31T10:20:30.1234567',
  '2024-01-31T10:20:30.123456789',
  '2024-01-31T10:20:30,5',
  '2024-01-31T24:00:00',
  '2024-01-31T10:60',
  '2024-01-31T10:20:30Z',
  '2024-01-31T10:20:30+02:00',
  '2024-01-31T10:20:30-0530',
  '2024-01-31T10:20:30+14',
  '2024-01-31T10:20:30+05:',
  '2024-01-31T10:20:30.500Z',
  '2024-13-01',
  '2024-00-10',
  '2024-01-00',
  '10:20',
  '10:20:30',
  '10:20:30.5',
  '23:59:59.999999999',
  '24:00',
  '10:2',
  'P1D',
  'PT1.5S',
  '-P1DT2H3M4.25S',
  'P2W',
  'PT0S',
  'P',
  'PT',
  'P1Y',
  'PT0.0000000001S',
  'P99999999999D',
  '',
  'x',
  '2024-01-31T',
  '1677-09-22T00:12:44',
  '2262-04-10T23:47:16.854775807',
  '1900-02-29',
  '2000-02-29',
  '2024-01-31T10:20:30 Z',
  '2024-01-31T10:20:30.1234567891',
];
