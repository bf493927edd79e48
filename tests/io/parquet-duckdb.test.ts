// Files that DuckDB writes: all codecs, both Parquet versions, a million rows with nulls. The truth is the formula.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Vector } from '../../ts/backend/cpu/vector.ts';
import type { ExprNode } from '../../ts/expr/nodes.ts';
import { typeText } from '../../ts/schema/types.ts';
import { duck } from '../support/duck.ts';
import { testContext, valuesOf } from '../support/engine.ts';
import { readParquetValues, scanParquet } from '../support/parquet.ts';

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-parquet-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

async function write(sql: string, name: string, options: string): Promise<string> {
  const file = path.join(folder, name);
  await (await duck()).run(`COPY (${sql}) TO '${file}' (FORMAT parquet, ${options})`);
  return file;
}

const DAY_US = 86_400_000_000n;
/** Columns as SQL over `i` and as JavaScript. */
const COLUMNS: Record<string, { sql: string; type: string; value: (i: number) => unknown }> = {
  id: { sql: 'i', type: 'Int64', value: (i) => BigInt(i) },
  small: { sql: '(i % 100)::TINYINT', type: 'Int8', value: (i) => i % 100 },
  short: { sql: '(i % 40000)::USMALLINT', type: 'UInt16', value: (i) => i % 40000 },
  some: {
    sql: 'CASE WHEN i % 7 = 3 THEN NULL ELSE (i * 31)::INTEGER END',
    type: 'Int32',
    value: (i) => (i % 7 === 3 ? null : i * 31),
  },
  runs: {
    sql: 'CASE WHEN i // 1000 % 3 = 0 THEN NULL ELSE i // 500 END',
    type: 'Int64',
    value: (i) => (Math.floor(i / 1000) % 3 === 0 ? null : BigInt(Math.floor(i / 500))),
  },
  none: { sql: 'NULL::DOUBLE', type: 'Float64', value: () => null },
  half: {
    sql: 'CASE WHEN i % 2 = 0 THEN NULL ELSE i / 4 END',
    type: 'Float64',
    value: (i) => (i % 2 === 0 ? null : i / 4),
  },
  flag: {
    sql: 'CASE WHEN i % 5 = 0 THEN NULL ELSE i % 3 = 1 END',
    type: 'Bool',
    value: (i) => (i % 5 === 0 ? null : i % 3 === 1),
  },
  word: {
    sql: "CASE WHEN i % 11 = 0 THEN NULL ELSE 'word ' || (i * 7 % 300) END",
    type: 'Utf8',
    value: (i) => (i % 11 === 0 ? null : `word ${(i * 7) % 300}`),
  },
  text: {
    sql: "CASE WHEN i % 13 = 0 THEN NULL ELSE 'ein längerer Text, Nummer ' || i END",
    type: 'Utf8',
    value: (i) => (i % 13 === 0 ? null : `ein längerer Text, Nummer ${i}`),
  },
  day: { sql: "DATE '1970-01-01' + (i % 50000 - 10000)::INTEGER", type: 'Date32', value: (i) => (i % 50000) - 10000 },
  at: {
    sql: "TIMESTAMP '1970-01-01' + to_microseconds(i * 1000003)",
    type: "Datetime('us')",
    value: (i) => BigInt(i) * 1000003n,
  },
  time: {
    sql: "TIME '00:00:00' + to_microseconds(i % 1000000)",
    type: 'Time',
    value: (i) => ((BigInt(i) % 1000000n) % DAY_US) * 1000n,
  },
  price: { sql: '(i / 100)::DECIMAL(18, 2)', type: 'Decimal(18, 2)', value: (i) => BigInt(i) },
  large: {
    sql: '(i * 1000000000000::HUGEINT)::DECIMAL(38, 3)',
    type: 'Decimal(38, 3)',
    value: (i) => BigInt(i) * 10n ** 15n,
  },
  list: {
    sql: 'CASE WHEN i % 9 = 0 THEN NULL ELSE [x FOR x IN range(i % 4) ] END',
    type: 'List(nullable(Int64))',
    value: (i) => (i % 9 === 0 ? null : Array.from({ length: i % 4 }, (_, k) => BigInt(k))),
  },
  struct: {
    sql: "{'a': i % 10, 'b': CASE WHEN i % 3 = 0 THEN NULL ELSE 's' || i % 10 END}",
    type: 'Struct({ a: nullable(Int64), b: nullable(Utf8) })',
    value: (i) => [BigInt(i % 10), i % 3 === 0 ? null : `s${i % 10}`],
  },
};
const select = (rows: number, names = Object.keys(COLUMNS)): string =>
  `SELECT ${names.map((n) => `${COLUMNS[n]!.sql} AS ${n}`).join(', ')} FROM range(${rows}) t(i)`;

/** Compares every value with the formula; an expectation a value would take minutes. */
async function check(file: string, rows: number, names = Object.keys(COLUMNS)): Promise<{ dict: Set<string> }> {
  const dict = new Set<string>();
  let row = 0;
  const { schema } = await scanParquet(fs.readFileSync(file), file, {
    onBatch(ctx, batch) {
      batch.columns.forEach((v: Vector, c) => {
        const name = names[c]!;
        if (v.dict) dict.add(name);
        const { value } = COLUMNS[name]!;
        const values = valuesOf(ctx, v);
        for (let i = 0; i < values.length; i++) {
          const expected = value(row + i);
          const got = values[i];
          if (
            got !== expected &&
            !(typeof expected === 'object' && Buffer.from(text(got)).equals(Buffer.from(text(expected))))
          )
            throw new Error(`${name}, row ${row + i}: ${text(got)} instead of ${text(expected)}`);
        }
      });
      row += batch.length;
    },
  });
  expect(row).toBe(rows);
  expect(schema.map((f) => typeText(f.type))).toEqual(names.map((n) => COLUMNS[n]!.type));
  return { dict };
}
const text = (v: unknown): string => JSON.stringify(v, (_, x) => (typeof x === 'bigint' ? `${x}n` : x));

describe('parquet files made by DuckDB', () => {
  test.each([
    'uncompressed',
    'snappy',
    'gzip',
    'zstd',
    'brotli',
    'lz4_raw',
  ])('codec %s, both versions', async (codec) => {
    // DuckDB compresses some 50 kB of brotli a second
    const names = codec === 'brotli' ? ['id', 'some', 'word', 'text'] : Object.keys(COLUMNS);
    const rows = codec === 'brotli' ? 1500 : 30_000;
    for (const version of ['V1', 'V2']) {
      const file = await write(
        select(rows, names),
        `${codec}-${version}.parquet`,
        `COMPRESSION ${codec}, PARQUET_VERSION ${version}, ROW_GROUP_SIZE 20000`,
      );
      const { dict } = await check(file, rows, names);
      expect(dict).toContain('word');
    }
  });

  test('a million rows with nulls, in row groups larger than a morsel', async () => {
    const names = ['id', 'some', 'runs', 'half', 'flag', 'word', 'text', 'price'];
    const file = await write(select(1_000_000, names), 'million.parquet', 'COMPRESSION snappy, ROW_GROUP_SIZE 250000');
    await check(file, 1_000_000, names);
  });

  test('columns in another order, some, one that is missing', async () => {
    const file = await write(select(3000), 'some.parquet', 'COMPRESSION zstd');
    const { schema } = await scanParquet(fs.readFileSync(file), file);
    const pick = (name: string) => schema.find((f) => f.name === name)!;
    const absent = { name: 'absent', type: { dtype: 'Utf8' }, nullable: true } as const;
    const got = await readParquetValues(file, file, { columns: [pick('word'), absent, pick('id')] });
    expect(got.columns[0]!.slice(0, 3)).toEqual([null, 'word 7', 'word 14']);
    expect(got.columns[1]).toEqual(new Array(3000).fill(null));
    expect(got.columns[2]!.at(-1)).toBe(2999n);
    await expect(readParquetValues(file, file, { columns: [{ ...absent, nullable: false }] })).rejects.toMatchObject({
      code: 'ERR_SCHEMA_MISMATCH',
      message: expect.stringContaining('has no column "absent"'),
    });
    await expect(
      readParquetValues(file, file, { columns: [{ ...pick('id'), type: { dtype: 'Float64' } }] }),
    ).rejects.toMatchObject({ code: 'ERR_SCHEMA_MISMATCH' });
    await expect(
      readParquetValues(file, file, { columns: [{ ...pick('some'), nullable: false }] }),
    ).rejects.toMatchObject({ code: 'ERR_SCHEMA_MISMATCH', message: expect.stringContaining('nulls') });
  });

  test('only the wanted column chunks are read, and no more rows than the limit', async () => {
    const file = await write(select(400_000), 'limit.parquet', 'COMPRESSION snappy, ROW_GROUP_SIZE 100000');
    const bytes = fs.readFileSync(file);
    const { schema } = await scanParquet(bytes, file, { limit: 1 });
    let read = 0;
    const wrap = (b: Parameters<NonNullable<Parameters<typeof scanParquet>[2]>['wrap'] & object>[0]) => ({
      ...b,
      readInto(to: number, start: number, length: number) {
        read += length;
        b.readInto(to, start, length);
      },
    });
    const columns = schema.filter((f) => f.name === 'small');
    const got = await scanParquet(bytes, file, { columns, wrap, limit: 150_000 });
    expect(got.rows).toBe(150_000);
    expect(got.units).toBe(2);
    expect(read).toBeLessThan(bytes.length / 20);
  });

  test('row groups are skipped by their statistics', async () => {
    const file = await write(
      select(400_000, ['id', 'word']),
      'prune.parquet',
      'COMPRESSION snappy, ROW_GROUP_SIZE 100000',
    );
    const id = { node: 'col', name: 'id', type: { dtype: 'Int64' }, nullable: true } as const;
    const at = (value: bigint): ExprNode => ({
      node: 'call',
      fn: 'eq',
      args: [id, { node: 'lit', value, type: id.type, nullable: false }],
      options: {},
      type: { dtype: 'Bool' },
      nullable: true,
    });
    const one = await readParquetValues(file, file, { predicate: at(250_000n) });
    expect(one.units).toBe(1);
    expect(one.note).toBe('1 of 4 row groups');
    expect(one.columns[0]).toContain(250_000n);
    expect((await readParquetValues(file, file, { predicate: at(-1n) })).rows).toBe(0);
  });

  test('only the row groups that are asked for', async () => {
    const file = await write(select(9000, ['id']), 'groups.parquet', 'ROW_GROUP_SIZE 2048');
    const got = await readParquetValues(file, file, { options: { rowGroups: [1, 3] } });
    expect([got.rows, got.columns[0]![0], got.columns[0]![2048]]).toEqual([4096, 2048n, 6144n]);
    await expect(readParquetValues(file, file, { options: { rowGroups: [5] } })).rejects.toMatchObject({
      code: 'ERR_PARAMETER',
      message: expect.stringContaining('from 0 to 4'),
    });
  });

  test('memory stays in proportion: a large row group is never decoded at once', async () => {
    const names = ['small', 'runs', 'flag'];
    const rows = 4_000_000; // 36 MB decoded, with dictionaries and runs a few in the file
    const file = await write(select(rows, names), 'large.parquet', `COMPRESSION zstd, ROW_GROUP_SIZE ${rows}`);
    const ctx = testContext(24 * 2 ** 20);
    const got = await scanParquet(fs.readFileSync(file), file, { ctx });
    expect(got.units).toBe(1);
    expect(got.rows).toBe(rows);
  });
});
