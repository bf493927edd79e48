// One operation at a time on one thread and on two, in turn.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type DataFrame, fromColumns, readCsv, readParquet } from '../ts/index.ts';
import { checkLoad, machine, median, type Options } from './harness.ts';
import { versions } from './incumbents.ts';

type Frame = DataFrame<any>;

interface ThreadsRow {
  readonly name: string;
  readonly rows: number;
  readonly oneMs: number;
  readonly twoMs: number;
  /** One thread's time over two threads'. */
  readonly ratio: number;
}

export interface ThreadsOptions extends Options {
  readonly threads: number;
  readonly only: string;
}

function drawer(seed: number): () => number {
  let x = seed >>> 0;
  return () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x / 2 ** 32;
  };
}

async function queriesOf(rows: number, folder: string): Promise<Record<string, Frame>> {
  const r = drawer(7);
  const int = (below: number): Int32Array => Int32Array.from({ length: rows }, () => Math.floor(r() * below));
  const float = (): Float64Array => Float64Array.from({ length: rows }, r);
  const df = await fromColumns({
    id1: int(100),
    id2: int(1e5),
    id3: int(1e6),
    v1: int(5),
    v2: float(),
    v3: float(),
  }).cache();
  const keyed = (n: number) => ({
    key: Int32Array.from({ length: n }, (_, i) => i),
    w: Float64Array.from({ length: n }, (_, i) => i / 2),
  });
  const small = await fromColumns(keyed(1e5)).cache();
  const large = await fromColumns(keyed(1e6)).cache();
  const parquet = path.join(folder, `threads-${rows}.parquet`);
  const csv = path.join(folder, `threads-${rows}.csv`);
  await df.writeParquet(parquet);
  await df.writeCsv(csv);
  return {
    'filter, all columns': df.filter((c) => c.v2.gt(0.5).and(c.v1.lt(3))),
    'filter and sum': df.filter((c) => c.v2.gt(0.5)).select({ s: (c) => c.v3.sum() }),
    'project three columns': df.select({
      a: (c) => c.v2.mul(2).add(c.v3),
      b: (c) => c.v2.sub(c.v3),
      d: (c) => c.v1.add(1),
    }),
    'group by 100 keys': df.groupBy('id1').agg({ s: (c) => c.v1.sum(), m: (c) => c.v3.mean() }),
    'group by 1e5 keys': df.groupBy('id2').agg({ s: (c) => c.v1.sum(), m: (c) => c.v3.mean() }),
    'group by 1e6 keys': df.groupBy('id3').agg({ s: (c) => c.v1.sum(), m: (c) => c.v3.mean() }),
    'join with 1e5 rows': df.join(small, { on: { id2: 'key' } }),
    'join with 1e6 rows': df.join(large, { on: { id3: 'key' } }),
    'join and sum': df.join(small, { on: { id2: 'key' } }).select({ s: (c) => c.w.sum() }),
    'sort by a float': df.sort('v2'),
    'distinct of 1e5': df.select('id2').unique(),
    'read Parquet': await readParquet(parquet),
    'read CSV': await readCsv(csv),
  };
}

export async function threadsSuite(sizes: readonly number[], options: ThreadsOptions): Promise<void> {
  checkLoad(options.force);
  const results: ThreadsRow[] = [];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-bench-'));
  const time = async (query: Frame, threads: number): Promise<number> => {
    const started = performance.now();
    const table = await query.collect({ threads });
    const ms = performance.now() - started;
    table.dispose();
    return ms;
  };
  console.log(
    `${'ms'.padEnd(36)} ${'1 thread'.padStart(9)} ${`${options.threads} threads`.padStart(9)} ${'ratio'.padStart(7)}`,
  );
  try {
    for (const rows of sizes)
      for (const [name, query] of Object.entries(await queriesOf(rows, folder))) {
        if (!name.includes(options.only)) continue;
        const times: Record<'one' | 'two', number[]> = { one: [], two: [] };
        for (let round = 0; round <= options.rounds; round++)
          for (const which of round % 2 === 0 ? (['one', 'two'] as const) : (['two', 'one'] as const)) {
            const ms = await time(query, which === 'one' ? 1 : options.threads);
            if (round > 0) times[which].push(ms);
          }
        const ratio = median(times.one.map((ms, i) => ms / times.two[i]!));
        const row = { name, rows, oneMs: median(times.one), twoMs: median(times.two), ratio };
        results.push(row);
        console.log(
          `${`${name}, ${rows.toExponential(0)}`.padEnd(36)} ${row.oneMs.toFixed(2).padStart(9)} ${row.twoMs.toFixed(2).padStart(9)} ${`${ratio.toFixed(2)}×`.padStart(7)}`,
        );
      }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  const report = {
    suite: 'threads',
    machine: machine(),
    versions: { node: process.version, ...versions() },
    rows: results,
  };
  if (options.json) fs.writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
}
