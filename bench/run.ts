// npm run bench -- <suite> [--rows 100000,10000000] [--scale 0.01] [--data folder] [--versus polars,duckdb] [--rounds 5]
//                  [--json file] [--force]
import { parseArgs } from 'node:util';
import { checkLoad, type Name, type Options } from './harness.ts';
import { loopSuite } from './loop.bench.ts';
import { opsSuite } from './ops.bench.ts';
import { tpchSuite } from './tpch.bench.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '100000,10000000' },
    data: { type: 'string', default: 'tests/fixtures/tpch' },
    versus: { type: 'string', default: 'polars,duckdb' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    force: { type: 'boolean', default: false },
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
};
const suite = suites[positionals[0] ?? ''];
if (!suite) {
  console.error(`Name a suite: ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}
await suite();
