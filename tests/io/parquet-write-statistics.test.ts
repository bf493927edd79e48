// Bounds that writeParquet stores: right by hyparquet's parser, used by DuckDB and by us, and never losing a row.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExprNode, LiteralValue } from '../../ts/expr/nodes.ts';
import type { LogicalType, Schema } from '../../ts/schema/types.ts';
import { parseColumnIndex, parseOffsetIndex } from '../../ts/source/parquet-footer.ts';
import { readParquetFooter } from '../../ts/source/probe-parquet.ts';
import { duckRows } from '../support/duck.ts';
import { everySchema } from '../support/frames.ts';
import { bytesSource, readParquetValues } from '../support/parquet.ts';
import { type WriteOptions, writeColumns } from '../support/parquet-write.ts';
import { compareValues, randomColumn, randomSource, SORTABLE } from '../support/random-columns.ts';

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-parquet-statistics-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const schemaOf = (type: LogicalType): Schema => [{ name: 'x', type, nullable: true }];

/** What hyparquet finds for the one column of each row group. */
function statisticsOf(type: LogicalType, values: readonly unknown[], options: WriteOptions = {}) {
  const bytes = writeColumns(schemaOf(type), [values], options);
  const metadata = parquetMetadata(new Uint8Array(bytes).buffer);
  return metadata.row_groups.map((g) => g.columns[0]!.meta_data!.statistics!);
}
const onlyStatistics = (type: LogicalType, values: readonly unknown[]) => statisticsOf(type, values)[0]!;

const UTF8: LogicalType = { dtype: 'Utf8' };
const F64: LogicalType = { dtype: 'Float64' };
const I64: LogicalType = { dtype: 'Int64' };

describe('bounds of a row group', () => {
  test('count nulls and skip them', () => {
    const s = onlyStatistics(I64, [null, 5n, -7n, null, 3n]);
    expect([s.min_value, s.max_value, s.null_count]).toEqual([-7n, 5n, 2n]);
    expect([s.is_min_value_exact, s.is_max_value_exact]).toEqual([true, true]);
    const none = onlyStatistics(I64, [null, null]);
    expect([none.min_value, none.max_value, none.null_count]).toEqual([undefined, undefined, 2n]);
  });
  test('follow the order of the type', () => {
    const bounds = (type: LogicalType, values: readonly unknown[]) => {
      const s = onlyStatistics(type, values);
      return [s.min_value, s.max_value];
    };
    expect(bounds({ dtype: 'UInt32' }, [1, 4294967295, 7])).toEqual([1, 4294967295]);
    expect(bounds({ dtype: 'UInt64' }, [1n, 2n ** 64n - 1n, 7n])).toEqual([1n, 2n ** 64n - 1n]);
    expect(bounds({ dtype: 'UInt8' }, [200, 3])).toEqual([3, 200]);
    expect(bounds({ dtype: 'Int8' }, [-128, 127])).toEqual([-128, 127]);
    expect(bounds({ dtype: 'Bool' }, [true, true, null])).toEqual([true, true]);
    expect(bounds({ dtype: 'Bool' }, [true, false])).toEqual([false, true]);
    expect(bounds({ dtype: 'Decimal', precision: 9, scale: 0 }, [-5n, 99n])).toEqual([-5, 99]);
    expect(bounds({ dtype: 'Decimal', precision: 38, scale: 0 }, [-(10n ** 37n), 3n, 10n ** 37n])).toEqual([
      -1e37, 1e37,
    ]);
    expect(bounds(UTF8, ['é', 'z', 'a', ''])).toEqual(['', 'é']);
  });
  test('of floats leave NaN out, and zero has both signs', () => {
    const s = onlyStatistics(F64, [Number.NaN, 2, -1, Number.NaN, null]);
    // no greatest value: to many readers it is NaN, which they would not look for below one
    expect([s.min_value, s.max_value, s.null_count]).toEqual([-1, undefined, 1n]);
    const all = onlyStatistics(F64, [Number.NaN, Number.NaN]);
    expect([all.min_value, all.max_value]).toEqual([undefined, undefined]);
    const infinite = onlyStatistics(F64, [Number.POSITIVE_INFINITY]);
    expect([infinite.min_value, infinite.max_value]).toEqual([Infinity, Infinity]);
    for (const type of [F64, { dtype: 'Float32' } as const])
      for (const zeros of [[0, 1], [-0, 1], [0], [-0]]) {
        const z = onlyStatistics(type, zeros);
        expect(Object.is(z.min_value, -0), String(zeros)).toBe(true);
        expect(zeros.length > 1 || Object.is(z.max_value, 0)).toBe(true);
      }
  });
  test('of long strings are cut, the greatest one upwards', async () => {
    const long = (c: string, n: number): string => c.repeat(n);
    const s = onlyStatistics(UTF8, [long('b', 100), long('c', 100), long('a', 64)]);
    expect([s.min_value, s.is_min_value_exact]).toEqual([long('a', 64), true]);
    expect([s.max_value, s.is_max_value_exact]).toEqual([`${long('c', 63)}d`, false]);
    const low = onlyStatistics(UTF8, [long('a', 65)]);
    expect([low.min_value, low.is_min_value_exact]).toEqual([long('a', 64), false]);
    // not within a character, and no surrogate
    const accents = onlyStatistics(UTF8, [`a${long('é', 50)}`]);
    expect(accents.min_value).toBe(`a${long('é', 31)}`);
    expect(accents.max_value).toBe(`a${long('é', 30)}ê`);
    expect(onlyStatistics(UTF8, [`${long('a', 61)}\ud7ff${long('b', 9)}`]).max_value).toBe(`${long('a', 61)}\ue000`);
    expect(onlyStatistics(UTF8, [`a${long('\u{10ffff}', 20)}`]).max_value).toBe('b');
    expect(onlyStatistics(UTF8, [long('\u{10ffff}', 20)]).max_value).toBeUndefined();
    const raw = async (bytes: Uint8Array) => {
      const written = writeColumns(schemaOf({ dtype: 'Binary' }), [[bytes]]);
      const { footer } = await readParquetFooter(bytesSource(written, '<written>'));
      const { min, max } = footer.rowGroups[0]!.columns[0]!.statistics!;
      return [min, max].map((b) => b && [...b]);
    };
    const many = new Array<number>(64).fill(255);
    expect(await raw(new Uint8Array(70).fill(255))).toEqual([many, null]);
    expect(await raw(new Uint8Array(70).fill(255).fill(7, 0, 1))).toEqual([[7, ...many.slice(1)], [8]]);
    expect(await raw(new Uint8Array([1, 255]))).toEqual([
      [1, 255],
      [1, 255],
    ]);
  });
  test('are left out when not wanted, and of columns without an order', () => {
    expect(statisticsOf(I64, [1n], { statistics: false })[0]).toBeUndefined();
    const nothing = onlyStatistics({ dtype: 'Null' }, [null, null]);
    expect([nothing.min_value, nothing.null_count]).toEqual([undefined, 2n]);
  });
  test('hold every value of random columns', () => {
    const random = randomSource(21);
    for (const type of SORTABLE)
      for (const distinct of [4, 3000]) {
        const values = randomColumn(type, 6000, random, { distinct });
        const bytes = writeColumns(schemaOf(type), [values], { rowGroupRows: 1000 });
        const groups = parquetMetadata(new Uint8Array(bytes).buffer).row_groups;
        groups.forEach((group, g) => {
          const { min_value: min, max_value: max } = group.columns[0]!.meta_data!.statistics!;
          if (min === undefined || max === undefined || min instanceof Date || isOther(type)) return;
          for (const v of values.slice(g * 1000, g * 1000 + 1000)) {
            if (v === null || Number.isNaN(v)) continue;
            const value = typeof v === 'bigint' && typeof min === 'number' ? Number(v) : v;
            expect(compareValues(min, value) <= 0 && compareValues(value, max) <= 0).toBe(true);
          }
        });
      }
  });
});

/** Values that hyparquet gives in a form of its own. */
const isOther = (type: LogicalType): boolean => type.dtype === 'Decimal' || type.dtype === 'Binary';

/** The indexes of the only column of the first row group. */
async function indexesOf(bytes: Uint8Array) {
  const { footer } = await readParquetFooter(bytesSource(bytes, '<written>'));
  const { columnIndex, offsetIndex } = footer.rowGroups[0]!.columns[0]!;
  const part = (r: { offset: number; length: number }): Uint8Array => bytes.subarray(r.offset, r.offset + r.length);
  return {
    columns: columnIndex && parseColumnIndex(part(columnIndex), '<written>', columnIndex.offset),
    pages: parseOffsetIndex(part(offsetIndex!), '<written>', offsetIndex!.offset),
  };
}

describe('the page index', () => {
  test('has the rows, the bounds and the nulls of every page', async () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i >= 128 && i < 256 ? null : BigInt(i)));
    const bytes = writeColumns(schemaOf(I64), [values], { dictionary: false, dataPageBytes: 1024 });
    const { columns, pages } = await indexesOf(bytes);
    expect(columns).not.toBeNull();
    expect(pages.length).toBe(columns!.mins.length);
    expect(pages.length).toBeGreaterThan(5);
    let nulls = 0;
    pages.forEach((page, p) => {
      const rows = values.slice(page.firstRow, pages[p + 1]?.firstRow ?? 1000);
      const present = rows.filter((v) => v !== null);
      expect(columns!.nullCounts![p]).toBe(rows.length - present.length);
      expect(columns!.nullPages[p]).toBe(present.length === 0);
      if (columns!.nullPages[p]) nulls++;
      else {
        const bound = (b: Uint8Array): bigint => Buffer.from(b).readBigInt64LE();
        expect([bound(columns!.mins[p]!), bound(columns!.maxes[p]!)]).toEqual([present[0], present.at(-1)]);
      }
    });
    expect(nulls).toBeLessThan(2);
  });
  test('is left out where a page has values but no bounds', async () => {
    const nan = new Array<number>(1000).fill(Number.NaN);
    expect((await indexesOf(writeColumns(schemaOf(F64), [nan]))).columns).toBeNull();
    expect((await indexesOf(writeColumns(schemaOf(UTF8), [['\u{10ffff}'.repeat(20)]]))).columns).toBeNull();
  });
  test('of nested columns has pages that start with a row', async () => {
    const type: LogicalType = { dtype: 'List', inner: { type: I64, nullable: true } };
    const values = Array.from({ length: 5000 }, (_, i) => Array.from({ length: i % 9 }, (_, k) => BigInt(k)));
    const bytes = writeColumns(schemaOf(type), [values], { dataPageBytes: 2000 });
    const { pages } = await indexesOf(bytes);
    expect(pages.length).toBeGreaterThan(3);
    expect(pages.every((p, i) => i === 0 || p.firstRow > pages[i - 1]!.firstRow)).toBe(true);
  });
});

const compare = (fn: string, value: LiteralValue, type: LogicalType): ExprNode => ({
  node: 'call',
  fn,
  args: [
    { node: 'col', name: 'x', type, nullable: true },
    { node: 'lit', value, type, nullable: false },
  ],
  options: {},
  type: { dtype: 'Bool' },
  nullable: true,
});

describe('readers skip', () => {
  const rows = 40_000;
  /** Four row groups one above the other, in steps of 10,000. */
  const columns: [LogicalType, (i: number) => unknown, string][] = [
    [I64, (i) => BigInt(i), '25000'],
    [{ dtype: 'Float64' }, (i) => i / 2, '12500'],
    [UTF8, (i) => `key ${String(i).padStart(6, '0')} ${'x'.repeat(70)}`, `'key 025000 ${'x'.repeat(70)}'`],
    [{ dtype: 'Decimal', precision: 30, scale: 1 }, (i) => BigInt(i), '2500.0'],
    [{ dtype: 'Date32' }, (i) => i, "DATE '1970-01-01' + 25000"],
    [{ dtype: 'Datetime', unit: 'us', zone: null }, (i) => BigInt(i), 'make_timestamp(25000)'],
    [{ dtype: 'UInt32' }, (i) => 4_294_900_000 + i, '4294925000'],
  ];
  test.each(columns)('row groups: %o', async (type, at, literal) => {
    const values = Array.from({ length: rows }, (_, i) => at(i));
    const options = { rowGroupRows: 10_000, compression: 'none', dictionary: false };
    const bytes = writeColumns(schemaOf(type), [values], options);
    const { footer } = await readParquetFooter(bytesSource(bytes, '<written>'));
    // the other row groups are made unreadable: who looks at them fails
    const spoilt = new Uint8Array(bytes);
    footer.rowGroups.forEach((g, i) => {
      const { dataPageOffset, compressedBytes } = g.columns[0]!;
      if (i !== 2) spoilt.fill(0xee, dataPageOffset, dataPageOffset + compressedBytes);
    });
    const file = path.join(folder, 'spoilt.parquet');
    fs.writeFileSync(file, spoilt);
    await expect(duckRows(`SELECT count(x) FROM '${file}' WHERE x IS NOT NULL AND x::VARCHAR <> ''`)).rejects.toThrow();
    expect(await duckRows(`SELECT count(*) FROM '${file}' WHERE x = ${literal}`)).toEqual([[1n]]);
    const ours = await readParquetValues(spoilt, file, { predicate: compare('eq', at(25_000) as LiteralValue, type) });
    expect(ours.note).toMatch(/^1 of 4 row groups/);
    expect(ours.columns[0]).toContainEqual(at(25_000));
  });
  test('pages', async () => {
    const values = Array.from({ length: rows }, (_, i) => BigInt(i));
    const bytes = writeColumns(schemaOf(I64), [values], { dataPageBytes: 8000 });
    const got = await readParquetValues(bytes, '<written>', { predicate: compare('eq', 31_234n, I64) });
    expect(got.rows).toBeLessThan(3000);
    expect(got.columns[0]).toContain(31_234n);
  });
  test('and lose nothing', async () => {
    const random = randomSource(33);
    const types = SORTABLE.filter((t) => t.dtype !== 'Time' && t.dtype !== 'Duration' && t.dtype !== 'Datetime');
    const schema = everySchema(types);
    const data = types.map((type) => randomColumn(type, 20_000, random, { distinct: 60, nulls: 0.1 }));
    const file = path.join(folder, 'random.parquet');
    const other = path.join(folder, 'random-none.parquet');
    fs.writeFileSync(file, writeColumns(schema, data, { rowGroupRows: 400, dataPageBytes: 512 }));
    fs.writeFileSync(other, writeColumns(schema, data, { statistics: false }));
    for (const [i, { name }] of schema.entries())
      for (const op of ['=', '<', '>', '<=', '>=', '<>']) {
        const some = `(SELECT ${name} FROM '${other}' WHERE ${name} IS NOT NULL LIMIT 1 OFFSET ${i * 7})`;
        const [value] = await duckRows(`SELECT ${name}::VARCHAR FROM '${other}' WHERE ${name} = ${some} LIMIT 1`);
        if (types[i]!.dtype === 'Binary' || String(value![0]).includes('\u0000')) continue;
        const where = `WHERE ${name} ${op} '${value![0]}'`;
        const [want] = await duckRows(`SELECT count(*) FROM '${other}' ${where}`);
        expect(await duckRows(`SELECT count(*) FROM '${file}' ${where}`), `${name} ${where}`).toEqual([want]);
      }
  });
});

test('a byte that was changed on the way is noticed', async () => {
  const values = Array.from({ length: 5000 }, (_, i) => BigInt(i * 7919));
  const bytes = writeColumns(schemaOf(I64), [values], { compression: 'none', dictionary: false });
  for (const at of [500, 20_000, 39_000]) {
    const changed = new Uint8Array(bytes);
    changed[at]! ^= 4;
    await expect(readParquetValues(changed)).rejects.toMatchObject({
      code: 'ERR_CORRUPT_FILE',
      message: expect.stringContaining('checksum'),
    });
  }
});
