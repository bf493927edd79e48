// npm run demo: builds when something is not built, then runs the jobs of examples/: the flights, and beside them a regression
// and a clustering. `npm run demo -- frames` runs the queries of examples/flights.ts instead.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
if (!fs.existsSync('node_modules/vega-datasets')) {
  console.error('The dependencies are not installed. Run `npm ci` first, then `npm run demo`.');
  process.exit(1);
}
if (!fs.existsSync('dist/cli/run.js')) {
  console.log('Building dist/ …');
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
const run = (...args) => {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
fs.mkdirSync('out/demo', { recursive: true });

if (process.argv[2] === 'frames') {
  // Inside the package's folder the name `warpframe` means dist/, as it will for users.
  const { default: esbuild } = await import('esbuild');
  const source = fs.readFileSync('examples/flights.ts', 'utf8');
  const { code } = await esbuild.transform(source, { loader: 'ts', target: 'node20' });
  fs.writeFileSync('out/demo/flights.mjs', code);
  run('out/demo/flights.mjs');
} else {
  const started = performance.now();
  for (const name of ['flights', 'diabetes', 'penguins']) {
    console.log(`\n\x1b[1mwarpframe run examples/${name}.yaml\x1b[0m`);
    run('dist/cli/run.js', 'run', `examples/${name}.yaml`, '--set', `output.folder=out/demo/${name}`);
  }
  console.log(`\nWhole demo: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
