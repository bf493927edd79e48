// Two Snappy blocks expanded at once: against outputs that the test makes itself, and against the same columns written
// without compression by DuckDB.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DataFrame, readParquet } from '../../ts/index.ts';
import { testContext } from '../support/engine.ts';
import { ipcOf } from '../support/ipc-of.ts';

/** Pseudo-random numbers in [0, n). */
const random = (seed: number) => {
  let state = seed >>> 0;
  return (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
};

const varint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >>> 7)]);

/** Random tags of every kind, with what they expand to. `near` copies reach back less than 16 bytes. */
function makeBlock(seed: number, tags: number): { block: Uint8Array; expanded: Uint8Array } {
  const next = random(seed);
  const body: number[] = [];
  const out: number[] = [];
  const longest = [8, 20, 60, 300][next(4)]!;
  const near = next(3) === 0;
  for (let t = 0; t < tags; t++) {
    const kind = out.length === 0 ? 0 : next(8);
    if (kind <= 2) {
      const n = 1 + next(longest);
      const bytes = Array.from({ length: n }, () => next(256));
      if (n <= 60) body.push((n - 1) << 2, ...bytes);
      else if (n <= 256) body.push(60 << 2, n - 1, ...bytes);
      else body.push(61 << 2, (n - 1) & 255, (n - 1) >> 8, ...bytes);
      out.push(...bytes);
      continue;
    }
    const offset = 1 + next(Math.min(out.length, near || next(4) === 0 ? 20 : 60_000));
    let n: number;
    if (kind <= 4 && offset < 2048) {
      n = 4 + next(8);
      body.push(1 | ((n - 4) << 2) | ((offset >> 8) << 5), offset & 255);
    } else {
      n = 1 + next(64);
      if (kind === 7) body.push(3 | ((n - 1) << 2), offset & 255, offset >> 8, 0, 0);
      else body.push(2 | ((n - 1) << 2), offset & 255, offset >> 8);
    }
    for (let i = 0; i < n; i++) out.push(out[out.length - offset]!);
  }
  return { block: Uint8Array.from([...varint(out.length), ...body]), expanded: Uint8Array.from(out) };
}

const GUARD = 0xa5;
/** Bytes around the output that nobody may write. */
const AROUND = 96;

/** `heads`: bytes of each block that are known and go nowhere. */
function expandBoth(
  ctx: ReturnType<typeof testContext>,
  blocks: readonly Uint8Array[],
  sizes: readonly number[],
  heads: readonly number[] = [0, 0],
) {
  const codecs = ctx.kernels.get('codecs');
  const places = blocks.map((block, i) => {
    const src = ctx.arena.alloc(block.length);
    ctx.heap.refresh().u8.set(block, src);
    const room = ctx.arena.alloc(sizes[i]! + 2 * AROUND);
    const head = ctx.arena.alloc(256);
    ctx.heap.refresh().u8.fill(0, head, head + 256);
    const known = codecs.snappyHead(src, block.length, head, heads[i]!);
    return { src, room, head, known, h: heads[i]!, dst: room + AROUND, length: sizes[i]! - heads[i]! };
  });
  const clear = (): void => {
    const { u8 } = ctx.heap.refresh();
    for (const { room, length } of places) u8.fill(GUARD, room, room + length + 2 * AROUND);
  };
  const isKept = (): boolean =>
    places.every(({ room, length }) => {
      const around = ctx.heap.refresh().u8.subarray(room, room + length + 2 * AROUND);
      return around.every((v, i) => v === GUARD || (i >= AROUND && i < AROUND + length));
    });
  clear();
  const [a, b] = [places[0]!, places[1]!];
  const result = codecs.snappyDecode2(
    a.src,
    blocks[0]!.length,
    a.dst,
    a.length,
    a.head,
    a.h,
    b.src,
    blocks[1]!.length,
    b.dst,
    b.length,
    b.head,
    b.h,
  );
  const bytesAt = (at: number, length: number): Buffer => Buffer.from(ctx.heap.refresh().u8.slice(at, at + length));
  const outputs = places.map(({ head, h, dst, length }) => Buffer.concat([bytesAt(head, h), bytesAt(dst, length)]));
  let guards = isKept();
  clear();
  const alone = places.map(
    ({ src, dst, length, head, h }, i) =>
      codecs.snappyDecodeBehind(src, blocks[i]!.length, dst, length, head, h) === length,
  );
  guards &&= isKept();
  for (const { src, room, head } of places) for (const block of [src, room, head]) ctx.arena.free(block);
  return { result, outputs, guards, alone, known: places.map((p) => p.known) };
}

describe('blocks', () => {
  const ctx = testContext();

  test('random blocks of any two lengths', () => {
    const next = random(7);
    for (let round = 0; round < 400; round++) {
      const made = [0, 1].map((i) => makeBlock(round * 2 + i, [1, 5, 40, 700, 3000][next(5)]!));
      const { result, outputs, guards } = expandBoth(
        ctx,
        made.map((m) => m.block),
        made.map((m) => m.expanded.length),
      );
      expect(result, `round ${round}`).toBe(0);
      expect(guards, `round ${round}`).toBe(true);
      for (const [i, m] of made.entries()) expect(outputs[i]!.equals(m.expanded), `round ${round}`).toBe(true);
    }
  });

  test('the first bytes of a block go elsewhere, and nothing is written around the others', () => {
    const next = random(5);
    for (let round = 0; round < 600; round++) {
      const made = [0, 1].map((i) => makeBlock(round * 2 + i, [1, 5, 40, 700][next(4)]!));
      const heads = made.map((m) => Math.min(m.expanded.length, [0, 1, 4, 8, 17, 64][next(6)]!));
      const { result, outputs, guards, alone, known } = expandBoth(
        ctx,
        made.map((m) => m.block),
        made.map((m) => m.expanded.length),
        heads,
      );
      expect(known, `round ${round}`).toEqual(heads);
      expect(alone, `round ${round}`).toEqual([true, true]);
      expect(result, `round ${round}`).toBe(0);
      expect(guards, `round ${round}`).toBe(true);
      for (const [i, m] of made.entries()) expect(outputs[i]!.equals(m.expanded), `round ${round}`).toBe(true);
    }
  });

  test('damaged blocks fail together where one fails alone, and write nothing elsewhere', () => {
    const next = random(11);
    let failed = 0;
    for (let round = 0; round < 1500; round++) {
      const made = [0, 1].map((i) => makeBlock(round * 2 + i, 5 + next(400)));
      const blocks = made.map((m) => Uint8Array.from(m.block));
      const sizes = made.map((m) => m.expanded.length);
      const hurt = next(2);
      const what = next(3);
      if (what === 0) blocks[hurt] = blocks[hurt]!.subarray(0, next(blocks[hurt]!.length));
      else if (what === 1) blocks[hurt]![next(blocks[hurt]!.length)]! ^= 1 << next(8);
      else sizes[hurt] = Math.max(0, sizes[hurt]! + next(9) - 4);
      const heads = sizes.map((n) => Math.min(n, [0, 0, 3, 16][next(4)]!));
      const { result, guards, alone } = expandBoth(ctx, blocks, sizes, heads);
      expect(result === 0, `round ${round}`).toBe(alone.every((good) => good));
      expect(guards, `round ${round}`).toBe(true);
      if (result < 0) failed++;
    }
    expect(failed).toBeGreaterThan(300);
  });
});

describe('files', () => {
  const ROWS = 300_000;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-snappy-pairs-'));
  const file = (name: string): string => path.join(folder, `${name}.parquet`);
  beforeAll(async () => {
    const db = await (await DuckDBInstance.create(':memory:')).connect();
    await db.run(`CREATE TABLE t AS SELECT i::INT AS i, (hash(i) % 1000003) / 1000.0::DOUBLE AS a,
      (hash(i + 1) % 1000003) / 1000.0::DOUBLE AS b,
      CASE WHEN hash(i + 2) % 7 = 0 THEN NULL ELSE (hash(i + 2) % 100003) / 10.0::DOUBLE END AS c,
      'a longer text, number ' || (hash(i + 3) % 90000) AS text, 'word ' || (hash(i + 4) % 5000) AS word,
      (i // 3)::BIGINT AS slow, CASE WHEN i = 150001 THEN NULL ELSE (hash(i + 6) % 999983) / 8.0::DOUBLE END AS lone,
      CASE WHEN i < 100000 THEN NULL ELSE (hash(i + 7) % 999979) / 8.0::DOUBLE END AS late,
      ((hash(i + 8) % 1000003) / 1000.0)::FLOAT AS single, (hash(i + 5) % 40000)::BIGINT * 1000 AS wide FROM range(${ROWS}) r(i)`);
    for (const codec of ['snappy', 'uncompressed'])
      await db.run(`COPY t TO '${file(codec)}' (FORMAT parquet, ROW_GROUP_SIZE 100000, CODEC '${codec}')`);
    // pages of 20,000 rows or so, which do not end where those of other columns do
    await (await readParquet(file('uncompressed'))).writeParquet(file('pages'), { compression: 'snappy' });
  });
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  const plans: Record<string, (df: DataFrame<any>) => DataFrame<any>> = {
    'all columns': (df) => df,
    'two columns': (df) => df.select('a', 'c'),
    'columns with few nulls': (df) => df.select('lone', 'a', 'late', 'single', 'b'),
    'one column': (df) => df.select('b'),
    'texts and numbers': (df) => df.select('text', 'slow', 'word', 'wide', 'b'),
    'rows that pass a filter': (df) => df.filter((c) => c.a.lt(500)),
    'few rows that pass': (df) => df.filter((c) => c.i.mod(9001).eq(7)),
    'rows of one row group': (df) => df.filter((c) => c.i.ge(210_000)),
    'rows from the middle': (df) => df.slice(90_001, 50_999),
    sums: (df) => df.select({ a: (c) => c.a.sum(), c: (c) => c.c.sum(), text: (c) => c.text.max() }),
  };
  test.each(Object.keys(plans))('%s', async (name) => {
    const [want, ...got] = await Promise.all(['uncompressed', 'snappy', 'pages'].map((n) => readParquet(file(n))));
    for (const threads of [1, 2]) {
      const wanted = await ipcOf(plans[name]!(want as DataFrame<any>), threads);
      for (const df of got) expect((await ipcOf(plans[name]!(df), threads)).equals(wanted)).toBe(true);
    }
  });
});
