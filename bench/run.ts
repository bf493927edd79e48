// npm run bench -- <suite> [--rows 100000,10000000] [--scale 0.01] [--data folder] [--versus polars,duckdb] [--rounds 5]
//                  [--json file] [--force]
// ml: [--only name] [--threads 2] [--scale 0.01] [--python path] [--no-memory] [--no-stream]
import { parseArgs } from 'node:util';
import { checkLoad, type Name, type Options } from './harness.ts';
import { loopSuite } from './loop.bench.ts';
import { mlSuite } from './ml.bench.ts';
import { opsSuite } from './ops.bench.ts';
import { tpchSuite } from './tpch.bench.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    rows: { type: 'string', default: '100000,10000000' },
    data: { type: 'string', default: 'tests/fixtures/tpch' },
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
const options: Options = {
  versus: values.versus.split(',').filter(Boolean) as Name[],
  json: values.json ?? null,
  force: values.force,
  rounds: Number(values.rounds),
};
checkLoad(options.force);
const suites: Record<string, () => Promise<unknown>> = {
  ops: () => opsSuite(values.rows.split(',').map(Number), options),
  loop: () => loopSuite(Math.max(...values.rows.split(',').map(Number)), options),
  tpch: () => tpchSuite(values.data, options),
  ml: () =>
    mlSuite({
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
