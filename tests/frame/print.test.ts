import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { RecordBatch } from '../../ts/backend/arrow.ts';
import { columnOf } from '../../ts/frame/build-column.ts';
import { type PrintOptions, tableText } from '../../ts/frame/print.ts';
import {
  Binary,
  Bool,
  Date32,
  Datetime,
  Decimal,
  Duration,
  Float32,
  Float64,
  fromColumns,
  Int64,
  List,
  nullable,
  type SchemaSpec,
  Struct,
  Time,
  Utf8,
} from '../../ts/index.ts';
import { schemaFromSpec } from '../../ts/schema/dtypes.ts';
import { text } from '../support/plans.ts';

function printed(columns: Record<string, unknown[]>, spec: SchemaSpec, options: Partial<PrintOptions> = {}): string {
  const schema = schemaFromSpec(spec);
  const length = Object.values(columns)[0]?.length ?? 0;
  const batch: RecordBatch = { schema, length, columns: schema.map((f) => columnOf(columns[f.name] ?? [], f)) };
  return tableText(batch, schema, { rows: 10, total: null, ...options });
}
/** The cells of one column. */
const cells = (values: unknown[], type: SchemaSpec[string]): string[] =>
  printed({ x: values }, { x: type })
    .split('\n')
    .slice(4, -2)
    .map((line) => line.slice(2, -2).trim());

describe('the table printer', () => {
  test('numbers right, text left, nulls', () => {
    expect(
      printed(
        { city: ['Oslo', null], id: [1n, 12345678901234n], price: [1.5, null] },
        { city: nullable(Utf8), id: Int64, price: nullable(Float64) },
      ),
    ).toBe(
      text`
      ┌──────┬────────────────┬─────────┐
      │ city │             id │   price │
      │ Utf8 │          Int64 │ Float64 │
      ├──────┼────────────────┼─────────┤
      │ Oslo │              1 │     1.5 │
      │ null │ 12345678901234 │    null │
      └──────┴────────────────┴─────────┘
      2 rows × 2 columns
    `.replace('2 rows × 2 columns', '2 rows × 3 columns'),
    );
  });

  test('long tables are cut, and say so', () => {
    const long = { a: Array.from({ length: 30 }, (_, i) => i) };
    expect(printed(long, { a: Float64 })).toMatch(/│ +9 │\n└─+┘\nfirst 10 rows × 1 column$/);
    expect(printed(long, { a: Float64 }, { total: 3000 })).toMatch(/\n3,000 rows × 1 column, first 10 shown$/);
    expect(printed(long, { a: Float64 }, { rows: 30, total: 30 })).toMatch(/\n30 rows × 1 column$/);
    expect(printed({ a: [1] }, { a: Float64 })).toMatch(/\n1 row × 1 column$/);
    expect(printed({}, {})).toBe('0 rows × 0 columns');
  });

  test('wide tables keep their first and last columns', () => {
    const names = Array.from({ length: 20 }, (_, i) => `column_${i}`);
    const wide = printed(
      Object.fromEntries(names.map((n) => [n, [1]])),
      Object.fromEntries(names.map((n) => [n, Float64])),
      { width: 60 },
    );
    const lines = wide.split('\n');
    expect(lines[1]).toBe('│ column_0 │ column_1 │ column_2 │ … │ column_19 │');
    expect(Math.max(...lines.map((l) => l.length))).toBeLessThanOrEqual(60);
    expect(lines.at(-1)).toBe('1 row × 20 columns');
  });

  test('long and odd text', () => {
    expect(cells(['x'.repeat(100), 'a\nb\tc\u0007'], Utf8)).toEqual([`${'x'.repeat(39)}…`, 'a\\nb\\tc�']);
    const lines = printed({ t: ['日本', 'ab', '🎉', 'e\u0301'] }, { t: Utf8 }).split('\n');
    expect(lines.slice(4, 8)).toEqual(['│ 日本 │', '│ ab   │', '│ 🎉   │', '│ e\u0301    │']);
  });

  test('floats stand point below point', () => {
    expect(cells([1, 2.5, -0.125], Float64)).toEqual(['1.000', '2.500', '-0.125']);
    expect(cells([1, 2], Float64)).toEqual(['1', '2']);
    expect(cells([1 / 3, 100], Float64)).toEqual(['0.333333', '100.000000']);
    expect(cells([3_000_000, 1 / 3], Float64)).toEqual(['3000000', '0.333333']);
    expect(cells([1e-7, 1e300, 1e16, 0.5], Float64)).toEqual(['1e-7', '1e+300', '10000000000000000', '0.5']);
    expect(cells([Number.NaN, Number.POSITIVE_INFINITY, -0], Float64)).toEqual(['NaN', 'Infinity', '0']);
    expect(cells([0.1, 2], Float32)).toEqual(['0.1', '2.0']);
  });

  test('dates, times, durations, decimals', () => {
    expect(cells([new Date('2024-02-29'), new Date('1969-12-31')], Date32)).toEqual(['2024-02-29', '1969-12-31']);
    const at = [new Date('2024-07-01T12:30:00Z'), new Date('2024-01-01T00:00:00.250Z')];
    expect(cells(at, Datetime('us'))).toEqual(['2024-07-01 12:30:00', '2024-01-01 00:00:00.250']);
    expect(cells(at, Datetime('us', 'UTC'))).toEqual(['2024-07-01 12:30:00Z', '2024-01-01 00:00:00.250Z']);
    expect(cells(at, Datetime('us', 'America/New_York'))).toEqual([
      '2024-07-01 08:30:00 America/New_York',
      '2023-12-31 19:00:00.250 America/New_York',
    ]);
    expect(cells(['12:30:00', '12:30:00.25'], Time)).toEqual(['12:30:00', '12:30:00.25']);
    expect(cells([0, 1.5, -90_000, 93_784_500], Duration)).toEqual(['0s', '1.5ms', '-1m 30s', '1d 2h 3m 4.5s']);
    expect(cells(['1.5', '-2'], Decimal(9, 2))).toEqual(['1.50', '-2.00']);
  });

  test('bytes and nested values', () => {
    expect(cells([new Uint8Array([0, 255])], Binary)).toEqual(['0x00ff']);
    expect(cells([['a', null], []], List(nullable(Utf8)))).toEqual(["['a', null]", '[]']);
    expect(cells([{ x: 1.5, ok: true }], Struct({ x: Float64, ok: Bool }))).toEqual(['{ x: 1.5, ok: true }']);
  });
});

test('a frame shows its schema and plan in the console, and runs nothing', () => {
  const df = fromColumns({ city: ['Oslo', null], price: [1, 2] }).filter((c) => c.price.gt(1));
  expect(inspect(df)).toBe(text`
    DataFrame { city: nullable(Utf8), price: Float64 }
    FILTER c.price.gt(1)
      TABLE 2 rows: city, price
  `);
});
