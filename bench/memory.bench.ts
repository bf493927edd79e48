// Peak resident memory of every TPC-H and db-benchmark question, each in a process of its own that loads one
// engine, answers once from the files and ends.
import fs from 'node:fs';
import { bundleChild, runChild } from './children.ts';
import { groupFile, joinFiles } from './h2o/data.ts';
import { GROUP_QUESTIONS, JOIN_QUESTIONS } from './h2o/questions.ts';
import { machine, type Options } from './harness.ts';
import { openDuckdb, versions } from './incumbents.ts';
import { QUERIES } from './tpch/queries.ts';

export interface MemoryOptions {
  readonly tpchFolder: string;
  readonly h2oFolder: string;
  readonly rows: number;
  readonly threads: number;
  readonly only: string;
}

interface Row {
  readonly name: string;
  readonly oursMb: number | null;
  readonly polarsMb: number | null;
  readonly duckdbMb: number | null;
  /** Ours over the better of theirs; at most 1 we need less. */
  readonly ratio: number | null;
}

function peakMb(
  program: string,
  engine: string,
  suite: string,
  question: string,
  memory: MemoryOptions,
): number | null {
  const folder = suite === 'tpch' ? memory.tpchFolder : memory.h2oFolder;
  const args = [engine, suite, question, folder, String(memory.rows), String(memory.threads)];
  const result = runChild<{ peakBytes: number }>(program, args, memory.threads);
  if (typeof result !== 'string') return result.peakBytes / 1e6;
  console.log(`${engine} failed at ${question}: ${result}`);
  return null;
}

export async function memorySuite(memory: MemoryOptions, options: Options): Promise<void> {
  const questions = [
    ...QUERIES.map((q) => ['tpch', q.name] as const),
    ...[...GROUP_QUESTIONS, ...JOIN_QUESTIONS].map((q) => ['h2o', q.name] as const),
  ].filter(([suite, name]) => memory.only.split(',').some((o) => `${suite} ${name}`.includes(o)));
  const program = await bundleChild('bench/memory/child.ts');
  if (questions.some(([suite]) => suite === 'h2o')) {
    const sql = await openDuckdb();
    await groupFile(sql, memory.h2oFolder, { rows: memory.rows, k: 100, nulls: 0, sorted: false });
    await joinFiles(sql, memory.h2oFolder, memory.rows);
    sql.closeSync();
  }
  const rows: Row[] = [];
  const mb = (v: number | null): string => (v === null ? '–' : v.toFixed(0)).padStart(9);
  console.log(`${'peak MB'.padEnd(48)} ${'ours'.padStart(9)} ${'polars'.padStart(9)} ${'duckdb'.padStart(9)}`);
  for (const [suite, question] of questions) {
    const of = (engine: string): number | null =>
      engine === 'ours' || options.versus.includes(engine as never)
        ? peakMb(program, engine, suite, question, memory)
        : null;
    const oursMb = of('ours');
    const polarsMb = suite === 'tpch' ? null : of('polars');
    const duckdbMb = of('duckdb');
    const theirs = [polarsMb, duckdbMb].filter((v) => v !== null);
    const ratio = oursMb === null || theirs.length === 0 ? null : oursMb / Math.min(...theirs);
    rows.push({ name: `${suite} ${question}`, oursMb, polarsMb, duckdbMb, ratio });
    console.log(
      `${`${suite} ${question}`.padEnd(48)} ${mb(oursMb)} ${mb(polarsMb)} ${mb(duckdbMb)} ${ratio === null ? '' : `${ratio.toFixed(2)}×`}`,
    );
  }
  const report = {
    suite: 'memory',
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    versions: { node: process.version, ...versions(), threads: String(memory.threads) },
    rows,
  };
  if (options.json) fs.writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
}
