// What writeParquet writes is read back equal by our own reader: every dtype, codec, page and row-group size.
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { nullCount } from '../../ts/backend/cpu/columns/alloc.ts';
import { slice } from '../../ts/backend/cpu/columns/slice.ts';
import type { Batch } from '../../ts/backend/cpu/vector.ts';
import { type Field, type LogicalType, type Schema, sameType, typeText } from '../../ts/schema/types.ts';
import { parseFooter, TAIL_BYTES } from '../../ts/source/parquet-footer.ts';
import { batchOf, dictVectorOf, testContext, valuesOf, vectorOf } from '../support/engine.ts';
import { EVERY_TYPE, everySchema, valueAt } from '../support/frames.ts';
import { readParquetValues } from '../support/parquet.ts';
import { writeBatches, writeColumns } from '../support/parquet-write.ts';
import { randomColumn, randomSource, SORTABLE } from '../support/random-columns.ts';

const CODECS = ['zstd', 'snappy', 'gzip', 'brotli', 'lz4', 'none'] as const;
const nullable = (type: LogicalType) => ({ type, nullable: true });
const required = (type: LogicalType) => ({ type, nullable: false });
const INT: LogicalType = { dtype: 'Int32' };
const TEXT: LogicalType = { dtype: 'Utf8' };

function footerOf(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getUint32(bytes.length - TAIL_BYTES, true);
  const offset = bytes.length - TAIL_BYTES - length;
  return parseFooter(bytes.subarray(offset, offset + length), '<written>', offset);
}

async function expectRoundTrip(schema: Schema, columns: readonly unknown[][], bytes: Uint8Array): Promise<void> {
  const back = await readParquetValues(bytes);
  expect(back.rows).toBe(columns[0]?.length ?? 0);
  schema.forEach((f, i) => {
    const got = back.schema[i]!;
    expect(got.name).toBe(f.name);
    expect(sameType(got.type, f.type), `${typeText(got.type)} for ${typeText(f.type)}`).toBe(true);
    expect(got.nullable, f.name).toBe(f.nullable || f.type.dtype === 'Null');
    if (isDeepStrictEqual(back.columns[i], columns[i])) return;
    const row = columns[i]!.findIndex((v, r) => !isDeepStrictEqual(back.columns[i]![r], v));
    expect({ row, type: typeText(f.type), value: back.columns[i]![row] }).toEqual({ value: columns[i]![row] });
  });
}

const everyColumn = (rows: number, nulls: boolean): unknown[][] =>
  EVERY_TYPE.map(([, at]) => Array.from({ length: rows }, (_, i) => valueAt(at, i, nulls)));

describe('every dtype comes back', () => {
  test.each(CODECS)('in %s', async (compression) => {
    const columns = everyColumn(1000, true);
    await expectRoundTrip(everySchema(), columns, writeColumns(everySchema(), columns, { compression }));
  });
  test.each([0, 1, 7, 1000])('%i rows, with and without nulls', async (rows) => {
    for (const nulls of [true, false]) {
      const columns = everyColumn(rows, nulls);
      await expectRoundTrip(everySchema(), columns, writeColumns(everySchema(), columns));
    }
  });
  test('65,537 rows in uneven batches, row groups and pages', async () => {
    const columns = everyColumn(65_537, true);
    const sizes = [1, 8, 0, 30_000, 3, 35_525];
    const bytes = writeColumns(everySchema(), columns, { rowGroupRows: 20_001, dataPageBytes: 4096 }, sizes);
    const footer = footerOf(bytes);
    expect(footer.rowGroups.map((g) => g.rows)).toEqual([20_001, 20_001, 20_001, 5_534]);
    await expectRoundTrip(everySchema(), columns, bytes);
  });
  test('only nulls', async () => {
    const columns = EVERY_TYPE.map(() => new Array<unknown>(100).fill(null));
    await expectRoundTrip(everySchema(), columns, writeColumns(everySchema(), columns));
  });
  test.each([
    { dictionary: false },
    { dictionary: 100 },
    { statistics: false },
    { dataPageBytes: 64 },
    { rowGroupRows: 1 },
  ])('with %o', async (options) => {
    const columns = everyColumn(50, true);
    await expectRoundTrip(everySchema(), columns, writeColumns(everySchema(), columns, options));
  });
  test('no columns and no rows', async () => {
    expect((await readParquetValues(writeColumns([], []))).rows).toBe(0);
  });
});

describe('random values come back', () => {
  const random = randomSource(7);
  for (const type of SORTABLE)
    test(typeText(type), async () => {
      const fields: Field[] = [];
      const columns: unknown[][] = [];
      for (const distinct of [3, 500, 100_000])
        for (const nulls of [0, 0.02, 0.6]) {
          fields.push({ name: `d${distinct} n${nulls}`, type, nullable: nulls > 0 });
          // no decimal may have more than 38 digits
          const most = type.dtype === 'Decimal' ? 5000 : distinct;
          columns.push(randomColumn(type, 40_000, random, { distinct: Math.min(distinct, most), nulls }));
        }
      await expectRoundTrip(fields, columns, writeColumns(fields, columns, { rowGroupRows: 33_333 }, [10_000, 30_000]));
    });
});

describe('columns without nulls', () => {
  const fields = everySchema().map((f) => ({ ...f, nullable: f.type.dtype === 'Null' }));
  test('are required', async () => {
    const columns = everyColumn(300, false);
    await expectRoundTrip(fields, columns, writeColumns(fields, columns));
    const { elements } = footerOf(writeColumns(fields, columns));
    expect(elements.filter((e) => e.name === 'c0')[0]!.repetition).toBe('required');
  });
  test('that have one are refused', () => {
    expect(() => writeColumns([{ name: 'a', ...required(INT) }], [[1, null]])).toThrow(
      expect.objectContaining({
        code: 'ERR_SCHEMA_MISMATCH',
        message: expect.stringContaining('"a" is declared without'),
      }),
    );
    const struct: LogicalType = { dtype: 'Struct', fields: [{ name: 'x', ...required(INT) }] };
    expect(() => writeColumns([{ name: 's', ...nullable(struct) }], [[null, [1], [null]]])).toThrow(
      expect.objectContaining({ code: 'ERR_SCHEMA_MISMATCH', message: expect.stringContaining('"s.x"') }),
    );
  });
});

describe('nesting', () => {
  const struct = (...fields: [string, { type: LogicalType; nullable: boolean }][]): LogicalType => ({
    dtype: 'Struct',
    fields: fields.map(([name, f]) => ({ name, ...f })),
  });
  const list = (inner: { type: LogicalType; nullable: boolean }): LogicalType => ({ dtype: 'List', inner });
  const fixed = (inner: { type: LogicalType; nullable: boolean }, length: number): LogicalType => ({
    dtype: 'FixedSizeList',
    inner,
    length,
  });
  const CASES: [string, LogicalType, (i: number) => unknown][] = [
    [
      'structs in structs',
      struct(['a', nullable(struct(['b', nullable(INT)], ['c', nullable(TEXT)]))]),
      (i) => (i % 5 === 0 ? null : i % 5 === 1 ? [null] : [[i % 3 ? i : null, i % 4 ? `t${i}` : null]]),
    ],
    [
      'required structs',
      struct(['a', required(struct(['b', required(INT)]))], ['c', nullable(INT)]),
      (i) => (i % 4 === 0 ? null : [[i], i % 2 ? i : null]),
    ],
    [
      'lists of structs of lists',
      list(nullable(struct(['k', required(INT)], ['v', nullable(list(required(TEXT)))]))),
      (i) =>
        i % 6 === 0
          ? null
          : Array.from({ length: i % 5 }, (_, k) =>
              k === 3 ? null : [k, k === 1 ? null : Array.from({ length: (i + k) % 4 }, (_, j) => `${i} ${j}`)],
            ),
    ],
    [
      'lists of lists of lists',
      list(nullable(list(nullable(list(nullable(INT)))))),
      (i) =>
        i % 7 === 0
          ? null
          : Array.from({ length: i % 3 }, (_, k) =>
              (i + k) % 5 === 0 ? null : Array.from({ length: (i + k) % 3 }, (_, j) => (j === 1 ? null : [i, null, j])),
            ),
    ],
    ['fixed lists of texts', fixed(nullable(TEXT), 2), (i) => (i % 3 === 0 ? null : [`${i}`, i % 2 ? null : ''])],
    [
      'fixed lists in lists',
      list(nullable(fixed(required(INT), 2))),
      (i) => (i % 5 === 0 ? null : Array.from({ length: i % 3 }, (_, k) => (k === 1 ? null : [i, k]))),
    ],
    [
      'lists in fixed lists',
      fixed(nullable(list(nullable(INT))), 2),
      (i) => (i % 5 === 0 ? null : [[i], i % 2 ? null : []]),
    ],
    [
      'fixed lists of fixed lists',
      fixed(nullable(fixed(nullable(INT), 2)), 3),
      (i) => (i % 4 === 0 ? null : [[i, null], null, [1, 2]]),
    ],
    [
      'required fixed lists in structs',
      struct(['f', required(fixed(nullable(INT), 2))], ['t', required(TEXT)]),
      (i) => (i % 3 === 0 ? null : [[i, i % 2 ? null : 5], `t${i}`]),
    ],
    ['lists of categories', list(nullable({ dtype: 'Categorical' })), (i) => [`c${i % 4}`, null]],
    ['lists of nulls', list(nullable({ dtype: 'Null' })), (i) => (i % 3 ? [null, null] : null)],
    [
      'structs of nulls',
      struct(['n', nullable({ dtype: 'Null' })], ['b', nullable({ dtype: 'Bool' })]),
      (i) => (i % 3 ? [null, i % 2 === 0] : null),
    ],
  ];
  test.each(CASES)('%s', async (_, type, at) => {
    for (const rows of [1, 8, 1003]) {
      const schema = [{ name: 'x', ...nullable(type) }];
      const columns = [Array.from({ length: rows }, (_, i) => at(i))];
      for (const options of [{}, { dataPageBytes: 64, rowGroupRows: 500 }])
        await expectRoundTrip(schema, columns, writeColumns(schema, columns, options));
    }
  });
  test('lists of very different lengths', async () => {
    const schema = [{ name: 'x', ...nullable(list(required(INT))) }];
    const lengths = [3, 0, 200_000, 1, ...new Array<number>(500).fill(400), 90_000, 0];
    const columns = [lengths.map((n) => Array.from({ length: n }, (_, k) => k))];
    await expectRoundTrip(schema, columns, writeColumns(schema, columns));
  });
  test('slices that do not start at their items', async () => {
    const ctx = testContext();
    const type = list(nullable(struct(['a', nullable(TEXT)], ['f', nullable(fixed(nullable(INT), 2))])));
    const at = (i: number): unknown => (i % 3 ? [[`a long enough text ${i}`, [i, null]], null] : []);
    const whole = vectorOf(
      ctx,
      type,
      Array.from({ length: 100 }, (_, i) => at(i)),
    );
    const schema = [{ name: 'x', ...nullable(type) }];
    const bytes = writeBatches(ctx, schema, [batchOf([slice(whole, 40, 30)])]);
    await expectRoundTrip(schema, [Array.from({ length: 30 }, (_, i) => at(40 + i))], bytes);
  });
  test('a struct without fields is refused', () => {
    expect(() => writeColumns([{ name: 's', ...nullable(struct()) }], [[null]])).toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED', message: expect.stringContaining('"s"') }),
    );
  });
});

describe('dictionaries', () => {
  const rows = 100_000;
  const encodingsOf = (column: (i: number) => unknown, type: LogicalType, options = {}): Promise<boolean[]> => {
    const schema = [{ name: 'x', ...nullable(type) }];
    const columns = [Array.from({ length: rows }, (_, i) => column(i))];
    const bytes = writeColumns(schema, columns, options, [60_000, 40_000]);
    return expectRoundTrip(schema, columns, bytes).then(() =>
      footerOf(bytes).rowGroups.map((g) => g.columns[0]!.dictionaryPageOffset !== null),
    );
  };
  test('are used where values repeat, and not where they do not', async () => {
    expect(await encodingsOf((i) => `word ${i % 100}`, TEXT)).toEqual([true]);
    expect(await encodingsOf((i) => `word ${i}`, TEXT)).toEqual([false]);
    expect(await encodingsOf((i) => BigInt(i % 1000), { dtype: 'Int64' })).toEqual([true]);
    expect(await encodingsOf((i) => BigInt(i), { dtype: 'Int64' })).toEqual([false]);
    expect(await encodingsOf((i) => (i % 7 ? null : i % 50), { dtype: 'Float64' })).toEqual([true]);
    expect(await encodingsOf((i) => BigInt(i % 9), { dtype: 'Decimal', precision: 30, scale: 0 })).toEqual([true]);
    expect(await encodingsOf((i) => `word ${i % 100}`, TEXT, { dictionary: false })).toEqual([false]);
  });
  test('give way to plain pages when they are full', async () => {
    expect(await encodingsOf((i) => (i < 50_000 ? `few ${i % 10}` : `many, each of them another: ${i}`), TEXT)).toEqual(
      [true],
    );
    expect(await encodingsOf((i) => Math.floor(i / 4), INT, { dictionary: 80_000 })).toEqual([true]);
  });
  test('are made anew in every row group', async () => {
    const column = (i: number) => (i < 50_000 ? `few ${i % 10}` : `each of them another: ${i}`);
    expect(await encodingsOf(column, TEXT, { rowGroupRows: 50_000 })).toEqual([true, false]);
  });
  test('are tried again some row groups after they did not pay', async () => {
    const column = (i: number) => (i < 10_000 ? `each of them another: ${i}` : `few ${i % 10}`);
    const found = await encodingsOf(column, TEXT, { rowGroupRows: 10_000 });
    expect(found).toEqual([...new Array<boolean>(8).fill(false), true, true]);
  });
  test('of Categorical columns always', async () => {
    expect(await encodingsOf((i) => `c${i % 70_000}`, { dtype: 'Categorical' })).toEqual([true]);
  });
  test('of vectors keep only the words that are used', async () => {
    const ctx = testContext();
    const words = Array.from({ length: 1000 }, (_, i) => `the word with number ${i}`);
    const codes = Array.from({ length: 5000 }, (_, i) => (i % 9 === 0 ? null : (i * 7) % 300));
    const schema = [{ name: 'w', ...nullable(TEXT) }];
    const bytes = writeBatches(ctx, schema, [batchOf([dictVectorOf(ctx, words, codes)])], { compression: 'none' });
    expect(Buffer.from(bytes).includes('number 299')).toBe(true);
    expect(Buffer.from(bytes).includes('number 300')).toBe(false);
    await expectRoundTrip(schema, [codes.map((c) => (c === null ? null : words[c]))], bytes);
    // a few rows of a large dictionary, and a dictionary of another dtype
    const few = slice(dictVectorOf(ctx, words, codes), 0, 16);
    const back = await readParquetValues(writeBatches(ctx, schema, [batchOf([few])]));
    expect(back.columns[0]).toEqual(valuesOf(ctx, few));
    const numbers = vectorOf(ctx, { dtype: 'UInt32' }, [2, null, 0, 1]);
    const coded = { ...numbers, type: INT, dict: vectorOf(ctx, INT, [10, 20, 30]) };
    const field = [{ name: 'n', ...nullable(INT) }];
    expect((await readParquetValues(writeBatches(ctx, field, [batchOf([coded])]))).columns[0]).toEqual([
      30,
      null,
      10,
      20,
    ]);
  });
});

describe('memory', () => {
  test('is given back after each row group and at the end', () => {
    const ctx = testContext();
    const schema = everySchema();
    const columns = everyColumn(5000, true).map((values, i) => vectorOf(ctx, schema[i]!.type, values));
    const before = ctx.arena.usedBytes;
    function* batches(): Iterable<Batch> {
      for (let i = 0; i < 20; i++) yield batchOf(columns);
    }
    writeBatches(ctx, schema, batches(), { rowGroupRows: 10_000 });
    // what stays is the morsel memory
    expect(ctx.arena.usedBytes - before).toBeLessThan(64 << 20);
    expect(columns.every((v) => nullCount(ctx, v) > 0)).toBe(true);
  });
  test('for a file that is larger than the limit', async () => {
    const ctx = testContext(96 << 20);
    const type: LogicalType = { dtype: 'Float64' };
    const random = randomSource(3);
    const column = vectorOf(ctx, type, Array.from({ length: 65_536 }, random));
    const schema = Array.from({ length: 10 }, (_, i) => ({ name: `f${i}`, ...nullable(type) }));
    function* batches(): Iterable<Batch> {
      for (let i = 0; i < 30; i++) yield batchOf(schema.map(() => column));
    }
    const bytes = writeBatches(ctx, schema, batches(), {
      compression: 'none',
      rowGroupRows: 131_072,
    });
    expect(bytes.length).toBeGreaterThan(130 << 20);
    expect(footerOf(bytes).rows).toBe(30 * 65_536);
  });
  test('for many columns', async () => {
    const ctx = testContext(480 << 20);
    const random = randomSource(4);
    const column = vectorOf(ctx, { dtype: 'Float64' }, Array.from({ length: 65_536 }, random));
    const schema = Array.from({ length: 600 }, (_, i) => ({ name: `f${i}`, ...nullable({ dtype: 'Float64' }) }));
    function* batches(): Iterable<Batch> {
      for (let i = 0; i < 2; i++) yield batchOf(schema.map(() => column));
    }
    const bytes = writeBatches(ctx, schema, batches(), { compression: 'none' });
    expect(bytes.length).toBeGreaterThan(600 * 2 * 65_536 * 8);
    expect(footerOf(bytes).rows).toBe(2 * 65_536);
  });
});
