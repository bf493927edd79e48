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
  /** Share of the time that threads were ready and had no CPU, in the rounds that count; null where nobody says. */
  readonly waited: number | null;
}

export interface ThreadsOptions extends Options {
  readonly threads: number;
  readonly only: string;
}

/** One and two threads in turn; `waited` of the one that was disturbed more. */
interface Round {
  readonly one: number;
  readonly two: number;
  readonly waited: number;
}
interface Timing {
  readonly ms: number;
  readonly waited: number | null;
}

/** A timing takes at least so many milliseconds: shorter runs are timed several at a time. */
const LEAST_MS = 20;
const WARM_UPS = 100;
/** Rounds in which threads wait longer for a CPU, as a share of the time, are those of the neighbours: run again. */
const MOST_WAITED = 0.1;
/** So many times the rounds, at most. */
const TRIES = 10;

/** Milliseconds that threads of this process were ready to run and had no CPU; null where the system does not say. */
function waitedMs(): number | null {
  if (!fs.existsSync('/proc/self/schedstat')) return null;
  let nanoseconds = 0;
  for (const thread of fs.readdirSync('/proc/self/task')) {
    try {
      nanoseconds += Number(fs.readFileSync(`/proc/self/task/${thread}/schedstat`, 'latin1').split(' ')[1]);
    } catch {
      // A thread that has ended meanwhile.
    }
  }
  return nanoseconds / 1e6;
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
  const time = async (query: Frame, threads: number, runs: number): Promise<Timing> => {
    const before = waitedMs();
    const started = performance.now();
    for (let i = 0; i < runs; i++) (await query.collect({ threads })).dispose();
    const ms = performance.now() - started;
    return { ms: ms / runs, waited: before === null ? null : (waitedMs()! - before) / ms };
  };
  console.log(
    `${'ms'.padEnd(36)} ${'1 thread'.padStart(9)} ${`${options.threads} threads`.padStart(9)} ${'ratio'.padStart(7)}`,
  );
  try {
    for (const rows of sizes)
      for (const [name, query] of Object.entries(await queriesOf(rows, folder))) {
        if (!name.includes(options.only)) continue;
        let runs = 1;
        for (const threads of [1, options.threads, 1, options.threads]) {
          const { ms } = await time(query, threads, 1);
          runs = Math.ceil(LEAST_MS / ms);
        }
        // Of short ones what the compiler has not seen often enough costs more than the work.
        for (let i = 0; i < (runs > 1 ? WARM_UPS : 0); i++) await time(query, i % 2 ? options.threads : 1, 1);
        const rounds: Round[] = [];
        const counted = (): number => rounds.filter((r) => r.waited <= MOST_WAITED).length;
        for (let i = 0; counted() < options.rounds && i < TRIES * options.rounds; i++) {
          const twoFirst = i % 2 === 1;
          const early = await time(query, twoFirst ? options.threads : 1, runs);
          const late = await time(query, twoFirst ? 1 : options.threads, runs);
          const [one, two] = twoFirst ? [late, early] : [early, late];
          rounds.push({ one: one.ms, two: two.ms, waited: Math.max(one.waited ?? 0, two.waited ?? 0) });
        }
        const best = rounds.sort((a, b) => a.waited - b.waited).slice(0, options.rounds);
        const row: ThreadsRow = {
          name,
          rows,
          oneMs: median(best.map((r) => r.one)),
          twoMs: median(best.map((r) => r.two)),
          ratio: median(best.map((r) => r.one / r.two)),
          waited: waitedMs() === null ? null : Number(median(best.map((r) => r.waited)).toFixed(3)),
        };
        results.push(row);
        console.log(
          `${`${name}, ${rows.toExponential(0)}`.padEnd(36)} ${row.oneMs.toFixed(2).padStart(9)} ${row.twoMs.toFixed(2).padStart(9)} ${`${row.ratio.toFixed(2)}×`.padStart(7)}${(row.waited ?? 0) > MOST_WAITED ? `  disturbed: waited ${Math.round(row.waited! * 100)} % for a CPU` : ''}`,
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
