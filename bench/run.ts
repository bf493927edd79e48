// npm run bench -- <suite> [--rows 100000,10000000] [--scale 0.01] [--data folder] [--versus polars,duckdb] [--rounds 5]
//                  [--threads 2] [--json file] [--force]
// h2o, h2o-join: [--k 100] [--nulls 0] [--sorted] [--threads 2] [--only g1,g2]
// threads: [--threads 2] [--only join]
// scaling: [--rows 1e5,1e6,1e7,1e8] [--limit bytes] [--data folder] [--threads 2] [--only sort]
// --node path runs any suite, and the processes it starts, with another Node.
// tpch: [--only q1,q10]
// io: [--rows 1000000,10000000] [--threads 2] [--data folder] [--only CSV]
// ml: [--only name] [--threads 2] [--scale 0.01] [--python path] [--no-memory] [--no-stream]

import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { H2oOptions } from './h2o.bench.ts';
import { checkLoad, type Name, type Options } from './harness.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    rows: { type: 'string' },
    limit: { type: 'string', default: '1e9' },
    data: { type: 'string' },
    k: { type: 'string', default: '100' },
    nulls: { type: 'string', default: '0' },
    sorted: { type: 'boolean', default: false },
    versus: { type: 'string', default: 'polars,duckdb' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    force: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    threads: { type: 'string', default: '2' },
    scale: { type: 'string', default: '1' },
    python: { type: 'string' },
    memory: { type: 'boolean', default: true },
    stream: { type: 'boolean', default: true },
  },
});
const sizesOr = (...sizes: number[]): number[] => values.rows?.split(',').map(Number) ?? sizes;
const sizes = sizesOr(1e5, 1e7);
const options: Options = {
  versus: values.versus.split(',').filter(Boolean) as Name[],
  json: values.json ?? null,
  force: values.force,
  rounds: Number(values.rounds),
};
checkLoad(options.force);
const h2o: H2oOptions = {
  rows: Math.max(...sizes),
  k: Number(values.k),
  nulls: Number(values.nulls),
  sorted: values.sorted,
  threads: Number(values.threads),
  folder: values.data ?? path.join(os.tmpdir(), 'warpframe-h2o'),
  only: values.only,
};
const suites: Record<string, () => Promise<unknown>> = {
  ops: async () => (await import('./ops.bench.ts')).opsSuite(sizes, Number(values.threads), options),
  loop: async () => (await import('./loop.bench.ts')).loopSuite(Math.max(...sizes), options),
  threads: async () =>
    (await import('./threads.bench.ts')).threadsSuite(sizes, {
      ...options,
      threads: Number(values.threads),
      only: values.only,
    }),
  tpch: async () =>
    (await import('./tpch.bench.ts')).tpchSuite(
      values.data ?? 'tests/fixtures/tpch',
      Number(values.threads),
      values.only.split(',').filter(Boolean),
      options,
    ),
  h2o: async () => (await import('./h2o.bench.ts')).h2oGroupSuite(h2o, options),
  'h2o-join': async () => (await import('./h2o.bench.ts')).h2oJoinSuite(h2o, options),
  io: async () =>
    (await import('./io.bench.ts')).ioSuite({
      ...options,
      threads: Number(values.threads),
      folder: values.data ?? path.join(os.tmpdir(), 'warpframe-io'),
      sizes: sizesOr(1e6, 1e7),
      only: values.only,
    }),
  small: async () => (await import('./small.bench.ts')).smallSuite(options),
  startup: async () => (await import('./startup.bench.ts')).startupSuite(options),
  memory: async () =>
    (await import('./memory.bench.ts')).memorySuite(
      {
        tpchFolder: values.data ?? 'tests/fixtures/tpch',
        h2oFolder: path.join(os.tmpdir(), 'warpframe-h2o'),
        rows: h2o.rows,
        threads: h2o.threads,
        only: h2o.only,
      },
      options,
    ),
  scaling: async () =>
    (await import('./scaling.bench.ts')).scalingSuite(
      {
        folder: values.data ?? path.join(os.tmpdir(), 'warpframe-scaling'),
        sizes: sizesOr(1e5, 1e6, 1e7, 1e8),
        threads: Number(values.threads),
        limitBytes: Number(values.limit),
        only: values.only,
      },
      options,
    ),
  ml: async () =>
    (await import('./ml.bench.ts')).mlSuite({
      rounds: options.rounds,
      json: options.json,
      force: options.force,
      only: values.only,
      threads: Number(values.threads),
      scale: Number(values.scale),
      python: values.python,
      memory: values.memory,
      stream: values.stream,
    }),
};
const suite = suites[positionals[0] ?? ''];
if (!suite) {
  console.error(`Name a suite: ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}
await suite();
