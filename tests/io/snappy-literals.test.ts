// Snappy pages that do not compress, which are read without being expanded; and blocks that must not be taken for such.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DataFrame, readParquet } from '../../ts/index.ts';
import { testContext } from '../support/engine.ts';
import { ipcOf } from '../support/ipc-of.ts';

const ROWS = 130_000;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-snappy-'));
const file = (name: string): string => path.join(folder, `${name}.parquet`);

beforeAll(async () => {
  const db = await (await DuckDBInstance.create(':memory:')).connect();
  await db.run(`CREATE TABLE t AS SELECT i::INT AS i, hash(i) AS noise, (hash(i + 1) % 4294967296)::UINTEGER AS small,
    hash(i + 2) / 3.0::DOUBLE AS x, CASE WHEN hash(i + 3) % 5 = 0 THEN NULL ELSE hash(i + 4) / 7.0::DOUBLE END AS some,
    CASE WHEN i < 70000 THEN NULL ELSE hash(i + 5)::DOUBLE END AS late FROM range(${ROWS}) r(i)`);
  for (const codec of ['snappy', 'uncompressed'])
    await db.run(`COPY t TO '${file(codec)}' (FORMAT parquet, ROW_GROUP_SIZE 61440, CODEC '${codec}')`);
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('pages of literals', () => {
  const plans: Record<string, (df: DataFrame<any>) => DataFrame<any>> = {
    'all rows': (df) => df,
    'some columns': (df) => df.select('late', 'noise'),
    'rows that pass a filter': (df) => df.filter((c) => c.small.lt(1_000_000_000)),
    'few rows that pass': (df) => df.filter((c) => c.i.mod(4001).eq(7)),
    'rows from the middle': (df) => df.slice(60_001, 9_999),
    sums: (df) => df.select({ x: (c) => c.x.sum(), some: (c) => c.some.sum(), late: (c) => c.late.max() }),
  };
  test.each(Object.keys(plans))('%s', async (name) => {
    const [got, want] = await Promise.all(['snappy', 'uncompressed'].map((c) => readParquet(file(c))));
    for (const threads of [1, 2]) {
      const wanted = await ipcOf(plans[name]!(want as DataFrame<any>), threads);
      expect((await ipcOf(plans[name]!(got as DataFrame<any>), threads)).equals(wanted)).toBe(true);
    }
  });

  test('the file has such pages', () => {
    // 8 bytes a row and hardly more than that
    expect(fs.statSync(file('snappy')).size).toBeGreaterThan(ROWS * 28);
  });
});

describe('blocks', () => {
  const varint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >>> 7)]);
  const bytes = (n: number, from = 0): number[] =>
    Array.from({ length: n }, (_, i) => (i * 31 + from + (i >> 8)) & 255);
  const literal = (content: number[]): number[] => {
    const n = content.length - 1;
    if (n < 60) return [n << 2, ...content];
    return n < 65536 ? [61 << 2, n & 255, n >> 8, ...content] : [62 << 2, n & 255, (n >> 8) & 255, n >> 16, ...content];
  };
  /** What the kernel says of a block. */
  const look = (block: number[], expandedBytes: number) => {
    const ctx = testContext();
    const src = ctx.arena.alloc(block.length);
    ctx.heap.refresh().u8.set(block, src);
    const codecs = ctx.kernels.get('codecs');
    return { ctx, src, codecs, first: codecs.snappyLiterals(src, block.length, expandedBytes) };
  };
  const a = bytes(40_000);
  const b = bytes(70_000, 5);
  const c = bytes(7, 9);
  const all = [...a, ...b, ...c];
  const block = [...varint(all.length), ...literal(a), ...literal(b), ...literal(c)];

  test('any part of a block of literals', () => {
    const { ctx, src, codecs, first } = look(block, all.length);
    expect(first).toBe(a.length);
    const at = codecs.snappyFirst(src);
    expect([...ctx.heap.refresh().u8.subarray(at, at + 5)]).toEqual(a.slice(0, 5));
    const to = ctx.arena.alloc(all.length);
    for (const [from, n] of [
      [0, all.length],
      [39_990, 20],
      [40_000, 1],
      [109_995, 12],
      [110_000, 7],
      [17, 0],
    ] as const) {
      codecs.snappyCopy(src, from, n, to);
      expect([...ctx.heap.refresh().u8.subarray(to, to + n)]).toEqual(all.slice(from, from + n));
    }
    expect(codecs.snappyDecode(src, block.length, to, all.length)).toBe(all.length);
    expect(Buffer.from(ctx.heap.refresh().u8.subarray(to, to + all.length)).equals(Buffer.from(all))).toBe(true);
  });

  test.each([
    ['another length', block, all.length + 1],
    ['cut off', block.slice(0, -1), all.length],
    ['a literal that passes the end', [...block.slice(0, -8), 20 << 2, ...c], all.length],
    ['a copy', [...varint(a.length + 4), ...literal(a), 1, 4], a.length + 4],
    ['short literals before others', [...varint(14), ...literal(c), ...literal(c)], 14],
    ['nothing', [0], 0],
    ['a length of four bytes that is not there', [...varint(9), 63 << 2, 1], 9],
    ['a literal of 2^32 bytes', [...varint(9), 63 << 2, 255, 255, 255, 255, ...c], 9],
  ] as const)('not one: %s', (_, block, expanded) => {
    expect(look([...block], expanded).first).toBe(0);
  });
});
