// How long the event loop stands still while queries run: the largest gap between turns of a 1 ms timer.

import fs from 'node:fs';
import { fromColumns } from '../ts/index.ts';
import { checkLoad, type Options } from './harness.ts';
import { versions } from './incumbents.ts';

interface Gap {
  readonly name: string;
  readonly ms: number;
  readonly largestGapMs: number;
  readonly p99GapMs: number;
}

async function gapsDuring(name: string, run: () => Promise<unknown>): Promise<Gap> {
  await run();
  const gaps: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    gaps.push(now - last);
    last = now;
  }, 1);
  const started = performance.now();
  await run();
  const ms = performance.now() - started;
  clearInterval(timer);
  gaps.push(performance.now() - last);
  gaps.sort((a, b) => a - b);
  return { name, ms, largestGapMs: gaps.at(-1)!, p99GapMs: gaps[Math.floor(gaps.length * 0.99)]! };
}

export async function loopSuite(rows: number, options: Options): Promise<void> {
  checkLoad(options.force);
  const df = await fromColumns({
    k: Int32Array.from({ length: rows }, (_, i) => (i * 7919) % 1000),
    x: Float64Array.from({ length: rows }, (_, i) => (i * 31) % 1e6),
  }).cache();
  const queries: [string, () => Promise<{ dispose(): void }>][] = [
    ['filter, all columns', () => df.filter((c) => c.x.gt(5e5)).collect()],
    [
      'group by',
      () =>
        df
          .groupBy('k')
          .agg({ s: (c) => c.x.sum() })
          .collect(),
    ],
    ['sort', () => df.sort('x').collect()],
    ['rolling mean', () => df.select({ m: (c) => c.x.rollingMean({ windowRows: 32 }) }).collect()],
  ];
  const results: Gap[] = [];
  for (const [name, run] of queries) {
    const gap = await gapsDuring(name, async () => (await run()).dispose());
    results.push(gap);
    console.log(
      `${name.padEnd(24)} ${gap.ms.toFixed(0).padStart(6)} ms, largest gap ${gap.largestGapMs.toFixed(1)} ms, p99 ${gap.p99GapMs.toFixed(1)} ms`,
    );
  }
  if (options.json)
    fs.writeFileSync(
      options.json,
      `${JSON.stringify({ suite: 'loop', rows, versions: { node: process.version, ...versions() }, results }, null, 2)}\n`,
    );
}
