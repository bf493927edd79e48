// What writeParquet writes is read by DuckDB and by hyparquet as the same values. pyarrow and polars: scripts/fixtures.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LogicalType, type Schema, typeText } from '../../ts/schema/types.ts';
import { duckRows } from '../support/duck.ts';
import { EVERY_TYPE, everySchema, valueAt } from '../support/frames.ts';
import { writeColumns } from '../support/parquet-write.ts';
import { randomColumn, randomSource } from '../support/random-columns.ts';

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-parquet-write-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

function save(name: string, bytes: Uint8Array): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, bytes);
  return file;
}

/** A column in SQL, in a form that JavaScript has. */
function duckForm(name: string, type: LogicalType): string {
  switch (type.dtype) {
    case 'Date32':
      return `date_diff('day', DATE '1970-01-01', ${name})`;
    case 'Time':
      return `(extract(hour FROM ${name}) * 3600 + extract(minute FROM ${name}) * 60) * 1000000 + extract(microsecond FROM ${name})`;
    case 'Datetime':
      return type.zone === null || type.unit !== 'ns' ? `epoch_${type.unit}(${name})` : `epoch_us(${name})`;
    case 'Decimal':
      return `replace(${name}::VARCHAR, '.', '')`;
    case 'Binary':
      return `hex(${name})`;
    case 'List':
    case 'FixedSizeList':
    case 'Struct':
      return `to_json(${name})::VARCHAR`;
    default:
      return name;
  }
}

/** A value of `vectorOf` in the same form. */
function duckValue(value: unknown, type: LogicalType): unknown {
  if (value === null) return null;
  switch (type.dtype) {
    case 'Date32':
      return BigInt(value as number);
    case 'Time':
      return (value as bigint) / 1000n;
    case 'Datetime':
      return type.zone !== null && type.unit === 'ns' ? (value as bigint) / 1000n : value;
    case 'Decimal': {
      const digits = String((value as bigint) < 0n ? -(value as bigint) : value).padStart(type.scale + 1, '0');
      return ((value as bigint) < 0n ? '-' : '') + digits;
    }
    case 'Binary':
      return Buffer.from(value as Uint8Array)
        .toString('hex')
        .toUpperCase();
    case 'List':
    case 'FixedSizeList':
    case 'Struct':
      return JSON.parse(JSON.stringify(plainValue(value, type)));
    default:
      return value;
  }
}

/** Nested values as JSON has them. */
function plainValue(value: unknown, type: LogicalType): unknown {
  if (value === null) return null;
  if (type.dtype === 'List' || type.dtype === 'FixedSizeList')
    return (value as unknown[]).map((v) => plainValue(v, type.inner.type));
  if (type.dtype === 'Struct')
    return Object.fromEntries(type.fields.map((f, i) => [f.name, plainValue((value as unknown[])[i], f.type)]));
  if (type.dtype === 'Decimal') return Number(value) / 10 ** type.scale;
  return typeof value === 'bigint' ? Number(value) : value;
}

async function expectDuckSees(file: string, schema: Schema, columns: readonly unknown[][]): Promise<void> {
  const forms = schema.map((f) => duckForm(f.name, f.type)).join(', ');
  const rows = await duckRows(`SELECT ${forms} FROM '${file}'`);
  expect(rows.length).toBe(columns[0]!.length);
  schema.forEach((f, i) => {
    const isJson = f.type.dtype === 'List' || f.type.dtype === 'FixedSizeList' || f.type.dtype === 'Struct';
    const got = rows.map((r) => (isJson && r[i] !== null ? JSON.parse(r[i] as string) : r[i]));
    const want = columns[i]!.map((v) => duckValue(v, f.type));
    expect(got, `${f.name} ${typeText(f.type)}`).toEqual(want);
  });
}

const everyColumn = (rows: number): unknown[][] =>
  EVERY_TYPE.map(([, at]) => Array.from({ length: rows }, (_, i) => valueAt(at, i, true)));

describe('DuckDB reads', () => {
  test.each(['zstd', 'snappy', 'gzip', 'brotli', 'lz4', 'none'])('every dtype in %s', async (compression) => {
    const columns = everyColumn(2000);
    const file = save(`every-${compression}.parquet`, writeColumns(everySchema(), columns, { compression }));
    await expectDuckSees(file, everySchema(), columns);
  });
  test.each([
    { dictionary: false },
    { dataPageBytes: 500, rowGroupRows: 700 },
    { statistics: false },
  ])('every dtype with %o', async (options) => {
    const columns = everyColumn(2000);
    const file = save('options.parquet', writeColumns(everySchema(), columns, options));
    await expectDuckSees(file, everySchema(), columns);
  });
  test('types as they are meant', async () => {
    const file = save('types.parquet', writeColumns(everySchema(), everyColumn(3)));
    const types = await duckRows(`SELECT column_type FROM (DESCRIBE SELECT * FROM '${file}')`);
    expect(types.map(([t]) => t)).toEqual([
      ...['BOOLEAN', 'TINYINT', 'UTINYINT', 'SMALLINT', 'USMALLINT', 'INTEGER', 'UINTEGER', 'BIGINT', 'UBIGINT'],
      ...['FLOAT', 'DOUBLE', 'DATE', 'TIME', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'TIMESTAMP WITH TIME ZONE'],
      ...[
        'BIGINT',
        'BIGINT',
        'DECIMAL(7,2)',
        'DECIMAL(18,4)',
        'DECIMAL(38,2)',
        'VARCHAR',
        'BLOB',
        'VARCHAR',
        'INTEGER',
      ],
      ...['VARCHAR[]', 'BIGINT[][]', 'INTEGER[]', 'STRUCT(a BOOLEAN, b VARCHAR, c DECIMAL(5,1), d DOUBLE[])'],
    ]);
  });
  test('an empty file', async () => {
    const file = save('empty.parquet', writeColumns(everySchema(), everyColumn(0)));
    expect(await duckRows(`SELECT count(*), min(c5) FROM '${file}'`)).toEqual([[0n, null]]);
  });
  test('a million rows in many batches', async () => {
    const schema = everySchema([{ dtype: 'Int64' }, { dtype: 'Utf8' }, { dtype: 'Float64' }]);
    const rows = 1_000_000;
    const sizes = [300_000, 1, 299_999, 65_536, 334_464];
    const at = (i: number) => [i % 11 ? BigInt(i) * 3n : null, i % 5 ? `w${(i * 7) % 5000}` : null, i / 8];
    const columns = [0, 1, 2].map((c) => Array.from({ length: rows }, (_, i) => at(i)[c]));
    const file = save('million.parquet', writeColumns(schema, columns, { rowGroupRows: 400_000 }, sizes));
    const formula = `SELECT count(*) FROM (SELECT row_number() OVER () - 1 AS i, * FROM '${file}')
      WHERE c0 IS NOT DISTINCT FROM (CASE WHEN i % 11 = 0 THEN NULL ELSE i * 3 END)
        AND c1 IS NOT DISTINCT FROM (CASE WHEN i % 5 = 0 THEN NULL ELSE 'w' || (i * 7 % 5000) END) AND c2 = i / 8`;
    expect(await duckRows(formula)).toEqual([[BigInt(rows)]]);
  });
});

describe('hyparquet reads', () => {
  /** Its forms: dates are Date, decimals floats, nulls in nested values undefined. */
  function hyValue(value: unknown, type: LogicalType): unknown {
    if (value === null) return null;
    switch (type.dtype) {
      case 'Date32':
        return new Date((value as number) * 86_400_000);
      case 'Datetime':
        return new Date(Number((value as bigint) / { ms: 1n, us: 1000n, ns: 1_000_000n }[type.unit]));
      case 'Decimal':
        return Number(value) * 10 ** -type.scale;
      case 'List':
      case 'FixedSizeList':
        return (value as unknown[]).map((v) => hyValue(v, type.inner.type));
      case 'Struct':
        return Object.fromEntries(type.fields.map((f, i) => [f.name, hyValue((value as unknown[])[i], f.type)]));
      default:
        return value;
    }
  }
  const noUndefined = (value: unknown): unknown => {
    if (value === undefined) return null;
    if (Array.isArray(value)) return value.map(noUndefined);
    if (value === null || typeof value !== 'object' || value instanceof Date || value instanceof Uint8Array)
      return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, noUndefined(v)]));
  };
  const shortened = (v: unknown): unknown => (v === null ? null : (v as number).toPrecision(12));

  test.each(['zstd', 'snappy', 'gzip', 'brotli', 'lz4', 'none'])('every dtype in %s', async (compression) => {
    const columns = everyColumn(1000);
    const bytes = writeColumns(everySchema(), columns, { compression, dataPageBytes: 3000, rowGroupRows: 600 });
    const file = new Uint8Array(bytes).buffer;
    const rows = await parquetReadObjects({ file, compressors, utf8: false });
    expect(rows.length).toBe(1000);
    everySchema().forEach((f, i) => {
      const got = rows.map((r) => noUndefined(r[f.name]));
      const want = columns[i]!.map((v) => hyValue(v, f.type));
      if (f.type.dtype !== 'Decimal') expect(got, typeText(f.type)).toEqual(want);
      else expect(got.map(shortened)).toEqual(want.map(shortened));
    });
  });
  test('snappy and lz4 pages of bytes that repeat in all ways', async () => {
    const random = randomSource(5);
    const schema = everySchema([{ dtype: 'Utf8' }, { dtype: 'Int64' }, { dtype: 'Float64' }]);
    for (const compression of ['snappy', 'lz4'])
      for (const distinct of [1, 3, 40, 3000, 100_000]) {
        const columns = schema.map((f) => randomColumn(f.type, 20_000, random, { distinct, nulls: 0 }));
        const bytes = writeColumns(schema, columns, { compression, dictionary: false });
        const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer, compressors });
        for (const [i, f] of schema.entries()) expect(rows.map((r) => r[f.name])).toEqual(columns[i]);
      }
  });
});
