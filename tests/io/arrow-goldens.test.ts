// Files of pyarrow and polars (scripts/fixtures/arrow-goldens.py) read equal to what pyarrow sees in them.
import fs from 'node:fs';
import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openArrow } from '../../ts/backend/cpu/scan/arrow/open-arrow.ts';
import { decodeIpc } from '../../ts/backend/ipc.ts';
import { probeArrow } from '../../ts/source/probe-arrow.ts';
import { memoryBytes, testContext } from '../support/engine.ts';
import { hostValues } from '../support/host-columns.ts';
import { byteSource, scanAll } from '../support/scan.ts';

interface Golden {
  rows: number[];
  columns: { name: string; nullable: boolean; values: unknown[] | string }[];
}
const folder = new URL('../fixtures/arrow/', import.meta.url);
const goldens = JSON.parse(fs.readFileSync(new URL('goldens.json', folder), 'utf8')) as Record<string, Golden>;
const bytesOf = (file: string) => new Uint8Array(fs.readFileSync(new URL(file, folder)));

/** The script's notation as values. */
function value(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(value);
  if (v === null || typeof v !== 'object') return v;
  if ('n' in v) return BigInt(v.n as string);
  if ('x' in v) return new Uint8Array(Buffer.from(v.x as string, 'hex'));
  if ('f' in v) return { inf: Infinity, '-inf': -Infinity, nan: Number.NaN, '-0.0': -0 }[v.f as string];
  throw new Error(`unknown notation ${JSON.stringify(v)}`);
}
const expected = (g: Golden): unknown[][] =>
  g.columns.map((c) =>
    typeof c.values === 'string'
      ? Array.from({ length: g.rows[0]! }, (_, i) => BigInt((i * i) % 97))
      : (value(c.values) as unknown[]),
  );

test.each(Object.keys(goldens))('%s', async (file) => {
  const golden = goldens[file]!;
  const truth = expected(golden);
  const rows = golden.rows.reduce((a, b) => a + b, 0);
  const bytes = bytesOf(file);
  const { schema, rows: probedRows } = await probeArrow(byteSource(bytes, file));
  expect(schema.map((f) => f.name)).toEqual(golden.columns.map((c) => c.name));
  expect(probedRows).toBe(file.endsWith('.arrows') ? undefined : rows);
  const ctx = testContext();
  const scanned = scanAll(ctx, openArrow, memoryBytes(ctx.heap, bytes, file), schema);
  expect(scanned.rows).toBe(rows);
  schema.forEach((f, i) => {
    expect(scanned.columns[i], f.name).toEqual(truth[i]);
  });
  if (file.includes('zstd') && !('zstdDecompressSync' in zlib)) {
    if (rows > 0) expect(() => decodeIpc(bytes, file)).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }));
    return;
  }
  const { batches } = decodeIpc(bytes, file);
  expect(batches.map((b) => b.length)).toEqual(golden.rows);
  schema.forEach((f, i) => {
    expect(
      batches.flatMap((b) => hostValues(b.columns[i]!)),
      `${f.name} on the host`,
    ).toEqual(truth[i]);
  });
});

describe('types as they are read', () => {
  const typesOf = async (file: string) => {
    const { schema } = await probeArrow(byteSource(bytesOf(file)));
    return Object.fromEntries(schema.map((f) => [f.name, f.type]));
  };
  test('flat', async () => {
    expect(await typesOf('flat.arrow')).toMatchObject({
      f16: { dtype: 'Float32' },
      d32: { dtype: 'Decimal', precision: 7, scale: 2 },
      date32: { dtype: 'Date32' },
      date64: { dtype: 'Datetime', unit: 'ms', zone: null },
      time_s: { dtype: 'Time' },
      ts_s: { dtype: 'Datetime', unit: 'ms', zone: null },
      ts_us: { dtype: 'Datetime', unit: 'us', zone: 'Europe/Paris' },
      dur_s: { dtype: 'Duration', unit: 'ms' },
      fixed: { dtype: 'Binary' },
      view: { dtype: 'Utf8' },
      nothing: { dtype: 'Null' },
    });
  });
  test('nested and encoded', async () => {
    const nested = await typesOf('nested.arrow');
    expect(nested['map']).toMatchObject({
      dtype: 'List',
      inner: {
        type: {
          dtype: 'Struct',
          fields: [
            { name: 'key', nullable: false },
            { name: 'value', nullable: true },
          ],
        },
      },
    });
    expect(nested['large_list_view']).toMatchObject({ dtype: 'List', inner: { type: { dtype: 'Utf8' } } });
    expect(await typesOf('runs.arrow')).toMatchObject({ text: { dtype: 'Utf8' }, list: { dtype: 'List' } });
    expect(await typesOf('dictionaries.arrow')).toMatchObject({
      int8: { dtype: 'Categorical' },
      views: { dtype: 'Categorical' },
      numbers: { dtype: 'Int64' },
      lists: { dtype: 'List' },
    });
    expect(await typesOf('metadata.arrow')).toEqual({
      id: { dtype: 'Binary' },
      doc: { dtype: 'Utf8' },
      flag: { dtype: 'Int8' },
    });
  });
});
