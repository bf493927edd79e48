// npm test [files …]: builds what the tests need, checks the sources' structure, runs everything under one time zone
// and what knows of time under a second one.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
if (!fs.existsSync('node_modules/vitest')) {
  console.error('The dependencies are not installed. Run `npm ci` first, then `npm test`.');
  process.exit(1);
}
const { buildEmbedded } = await import('./build-embedded.mjs');
await buildEmbedded();
const { buildNative, whyNoBuild } = await import('./build-native.mjs');
const whyNot = whyNoBuild();
if (whyNot === undefined) await buildNative();
else console.log(`The native addon is not built, so its tests are skipped: ${whyNot}`);
const whyNoSim = whyNot ?? whyNoBuild('sim');
if (whyNoSim === undefined) await buildNative({ variant: 'sim' });
else if (whyNot === undefined) console.log(`The GPU engine's tests on the host are skipped: ${whyNoSim}`);

const run = (title, args, env = {}) => {
  console.log(`\n── ${title}`);
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) process.exit(status ?? 1);
};
const files = process.argv.slice(2);
if (files.length === 0) run('structure', ['scripts/check-structure.mjs']);
run('tests', ['node_modules/vitest/vitest.mjs', 'run', ...files], { TZ: 'America/Los_Angeles' });
// Through JavaScript, JSON, the addon, the executor and back, over a libcudf that works on the host.
// `warpframe verify-gpu` runs the same suites on a GPU.
const PLANS = JSON.parse(fs.readFileSync('tests/device-suites.json', 'utf8'));
if (files.length === 0 && whyNoSim === undefined)
  run('plans on the host libcudf, not a GPU', ['node_modules/vitest/vitest.mjs', 'run', ...PLANS], {
    TEST_BACKENDS: 'sim',
    TZ: 'America/Los_Angeles',
  });
if (files.length === 0)
  run(
    'tests of time, in another time zone',
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      'temporal',
      'time',
      'frame',
      'csv',
      '--exclude',
      '**/spill-large.test.ts',
    ],
    {
      TZ: 'Asia/Kolkata',
    },
  );
