// Pages skipped by the page index: fewer rows and bytes, and no wanted row lost.
import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ExprNode, LiteralValue } from '../../ts/expr/nodes.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import { readParquetValues } from '../support/parquet.ts';

const file = 'tests/fixtures/parquet/page-index.parquet';
const TYPES: Record<string, LogicalType> = {
  id: { dtype: 'Int32' },
  group: { dtype: 'Utf8' },
  value: { dtype: 'Int16' },
};
const compare = (fn: string, name: string, value: LiteralValue): ExprNode => ({
  node: 'call',
  fn,
  args: [
    { node: 'col', name, type: TYPES[name]!, nullable: true },
    { node: 'lit', value, type: TYPES[name]!, nullable: false },
  ],
  options: {},
  type: { dtype: 'Bool' },
  nullable: true,
});
const and = (...args: ExprNode[]): ExprNode => ({
  node: 'call',
  fn: 'and',
  args,
  options: {},
  type: { dtype: 'Bool' },
  nullable: true,
});

/** The rows of the file, by its formula. */
const rowOf = (i: number): unknown[] => [
  i,
  `group ${String(Math.floor(i / 3000)).padStart(3, '0')}`,
  i % 7 === 0 || (i >= 20000 && i < 30000) ? null : (i * 7919) % 1000,
];

describe('page index', () => {
  test.each<[string, ExprNode, (row: unknown[]) => boolean, number]>([
    ['one id', compare('eq', 'id', 31_234), (r) => r[0] === 31_234, 10_000],
    ['the last ids', compare('ge', 'id', 59_990), (r) => (r[0] as number) >= 59_990, 10_000],
    [
      'a range across row groups',
      and(compare('ge', 'id', 39_000), compare('lt', 'id', 41_000)),
      (r) => (r[0] as number) >= 39_000 && (r[0] as number) < 41_000,
      20_000,
    ],
    ['one group', compare('eq', 'group', 'group 004'), (r) => r[1] === 'group 004', 20_000],
    [
      'two columns',
      and(compare('lt', 'id', 25_000), compare('gt', 'group', 'group 006')),
      (r) => (r[0] as number) < 25_000 && (r[1] as string) > 'group 006',
      25_000,
    ],
    ['nothing', compare('lt', 'id', -1), () => false, 0],
    ['everything', compare('ge', 'id', 0), () => true, 60_000],
  ])('%s', async (_, predicate, matches, most) => {
    const got = await readParquetValues(file, file, { predicate });
    const ids = got.columns[0] as number[];
    expect(got.rows).toBeLessThanOrEqual(most);
    // each row is whole
    const wrong = ids.filter((id, k) => {
      const row = rowOf(id);
      return row[1] !== got.columns[1]![k] || row[2] !== got.columns[2]![k];
    });
    expect(wrong).toEqual([]);
    // and none is lost
    const found = new Set(ids);
    const lost = Array.from({ length: 60_000 }, (_, i) => i).filter((i) => matches(rowOf(i)) && !found.has(i));
    expect(lost).toEqual([]);
  });

  test('the note says how many rows were skipped', async () => {
    const bytes = fs.readFileSync(file);
    const got = await readParquetValues(bytes, file, { predicate: compare('eq', 'id', 59_999) });
    expect(got.note).toMatch(/^1 of 2 row groups, \d+ of 20000 rows skipped by page$/);
  });
});
