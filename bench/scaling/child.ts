// One question, one engine, one size, one process: prints milliseconds and what the process had resident at most.
// node child.mjs <engine> <question> <x> <right> <warm-up x> <out folder> <times> <threads> <memory limit, bytes>
import path from 'node:path';
import { peakBytes, residentBytes } from '../resident.ts';
import { SCALING_QUESTIONS } from './questions.ts';

const [engine, name, x, right, warmUp, out, times, threadsText, limitText] = process.argv.slice(2) as string[];
const question = SCALING_QUESTIONS.find((q) => q.name === name)!;
const threads = Number(threadsText);
const memoryLimitBytes = Number(limitText);
const target = path.join(out!, `${engine}.parquet`);

type Run = (from: string) => Promise<unknown>;
async function open(): Promise<Run> {
  if (engine === 'ours') {
    const { readParquet } = await import('../../ts/index.ts');
    const options = { threads, memoryLimitBytes, spillFolder: out!, compression: 'snappy' } as const;
    return async (from) =>
      question.ours(await readParquet(from), await readParquet(right!)).writeParquet(target, options);
  }
  if (engine === 'polars') {
    const pl = (await import('../incumbents.ts')).loadPolars();
    return (from) =>
      question
        .polars(pl.scanParquet(from), pl.scanParquet(right), pl)
        .sinkParquet(target, { compression: 'snappy' })
        .collect();
  }
  const duckdb = await (await import('../incumbents.ts')).openDuckdb();
  for (const setting of [
    `threads = ${threads}`,
    `memory_limit = '${Math.round(memoryLimitBytes / 1e6)}MB'`,
    `temp_directory = '${out}'`,
    ...(question.ordered === undefined ? ['preserve_insertion_order = false'] : []),
  ])
    await duckdb.run(`SET ${setting}`);
  await duckdb.run(`CREATE VIEW r AS FROM '${right}'`);
  return async (from) => {
    await duckdb.run(`CREATE OR REPLACE VIEW x AS FROM '${from}'`);
    await duckdb.run(`COPY (${question.sql}) TO '${target}' (FORMAT parquet, COMPRESSION snappy)`);
  };
}

const run = await open();
const before = residentBytes();
await run(warmUp!);
const ms: number[] = [];
for (let i = 0; i < Number(times); i++) {
  const started = performance.now();
  await run(x!);
  ms.push(performance.now() - started);
}
console.log(JSON.stringify({ ms, beforeBytes: before, peakBytes: peakBytes() } satisfies ScalingPoint));
process.exit(0);

export interface ScalingPoint {
  readonly ms: readonly number[];
  /** Resident once the engine is loaded, before its first query. */
  readonly beforeBytes: number;
  readonly peakBytes: number;
}
