// Asking the same again and again takes no more memory: every TPC-H query and db-benchmark question, and other ways to ask.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { groupFile, JOIN_TABLES, type JoinTable, joinFiles } from '../../bench/h2o/data.ts';
import { G_SCHEMA, GROUP_QUESTIONS, type Grouped, JOIN_QUESTIONS } from '../../bench/h2o/questions.ts';
import { QUERIES } from '../../bench/tpch/queries.ts';
import { openTables, type Tables } from '../../bench/tpch/tables.ts';
import { DEFAULT_TUNING } from '../../ts/backend/cpu/tuning.ts';
import { backendInfos, type DataFrame, readParquet } from '../../ts/index.ts';
import { duck } from '../support/duck.ts';
import { tuneEngine } from '../support/tuning.ts';

const TIMES = 200;
/** The first runs grow caches, compiled code and the engine's heap to what the query needs. */
const WARM_UP = 50;
const ROWS = 10_000;
/** Two threads may meet in an order that needs a little more once. */
const MOST_HEAP = 8 << 20;
const MOST_JS = 2 << 20;
/** The engine threads' own JavaScript included: it grows and shrinks as their collectors see fit. */
const MOST_RSS = 60 << 20;
const MOST_RSS_OF_ALL = 200 << 20;
/** Frames as small as these are shared by two threads only when asked. */
const SMALL_PIECES = { minRows: 1, pieceRows: 16_384, pieceBytes: 1 << 20 };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-repeat-'));
let tables: Tables;
let grouped: Grouped;
const joined = {} as Record<JoinTable, DataFrame<any>>;

beforeAll(async () => {
  const sql = await duck();
  tables = await openTables('tests/fixtures/tpch');
  const file = await groupFile(sql, folder, { rows: ROWS, k: 100, nulls: 5, sorted: false });
  grouped = (await readParquet(file, { schema: G_SCHEMA })) as Grouped;
  const files = await joinFiles(sql, folder, ROWS);
  for (const name of JOIN_TABLES) joined[name] = await readParquet(files[name]);
  await tuneEngine(SMALL_PIECES);
});
afterAll(async () => {
  await tuneEngine(DEFAULT_TUNING);
  fs.rmSync(folder, { recursive: true, force: true });
});

interface Memory {
  /** What the engine's heap has grown to, and what of it is used. */
  readonly heapBytes: number;
  readonly usedBytes: number;
  /** JavaScript's own, and what it holds outside of its heap. */
  readonly jsBytes: number;
  readonly rssBytes: number;
}

async function memory(): Promise<Memory> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await wait(2);
  }
  const { detail } = (await backendInfos()).find((b) => b.name === 'cpu')!;
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return {
    heapBytes: Number(detail['heapBytes']),
    usedBytes: Number(detail['usedBytes']),
    jsBytes: heapUsed + arrayBuffers,
    rssBytes: rss,
  };
}

const collected = (query: () => DataFrame<any>) => async (threads: number) =>
  (await query().collect({ threads })).dispose();
const questions: readonly (readonly [string, (threads: number) => Promise<unknown>])[] = [
  ...QUERIES.map((q) => [`TPC-H ${q.name}`, collected(() => q.run(tables))] as const),
  ...GROUP_QUESTIONS.map((q) => [q.name, collected(() => q.ours(grouped))] as const),
  ...JOIN_QUESTIONS.map(
    (q) => [q.name, collected(() => joined.x.join(joined[q.right], { on: q.on, how: q.how }))] as const,
  ),
  [
    'a stream of batches',
    async (threads) => {
      for await (const batch of grouped.filter((c) => c.v3.gt(50)).batches({ threads })) batch.dispose();
    },
  ],
  [
    'a stream that is left',
    async (threads) => {
      for await (const _ of grouped.withColumns({ w: (c) => c.v3.mul(2) }).batches({ threads })) break;
    },
  ],
  ['a Parquet file', (threads) => grouped.writeParquet(path.join(folder, 'out.parquet'), { threads })],
  [
    'a sort that spills',
    async (threads) => {
      await tuneEngine({ ...SMALL_PIECES, spillBytes: 1 });
      (await grouped.select('id6', 'v3').sort('v3').collect({ threads })).dispose();
      await tuneEngine(SMALL_PIECES);
    },
  ],
];

const grown = (before: Memory, after: Memory, key: keyof Memory): number => after[key] - before[key];

describe(`${TIMES} times`, () => {
  let settled: Memory | null = null;
  test.each(questions)('%s', async (_, run) => {
    const repeat = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) await run(1 + (i % 2));
    };
    await repeat(WARM_UP);
    const before = await memory();
    settled ??= before;
    await repeat(TIMES - WARM_UP);
    const after = await memory();
    expect(grown(before, after, 'usedBytes')).toBe(0);
    expect(grown(before, after, 'heapBytes')).toBeLessThanOrEqual(MOST_HEAP);
    expect(grown(before, after, 'jsBytes')).toBeLessThan(MOST_JS);
    expect(grown(before, after, 'rssBytes')).toBeLessThan(MOST_RSS);
    expect(grown(settled, after, 'rssBytes')).toBeLessThan(MOST_RSS_OF_ALL);
  });
});
