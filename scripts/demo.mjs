// npm run demo: builds when something is not built, then runs examples/flights.ts.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
if (!fs.existsSync('node_modules/vega-datasets')) {
  console.error('The dependencies are not installed. Run `npm ci` first, then `npm run demo`.');
  process.exit(1);
}
if (!fs.existsSync('dist/index.js')) {
  console.log('Building dist/ …');
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
// Inside the package's folder the name `warpframe` means dist/, as it will for users.
const { default: esbuild } = await import('esbuild');
const { code } = await esbuild.transform(fs.readFileSync('examples/flights.ts', 'utf8'), {
  loader: 'ts',
  target: 'node20',
});
fs.mkdirSync('out/demo', { recursive: true });
fs.writeFileSync('out/demo/flights.mjs', code);
const { status } = spawnSync(process.execPath, ['out/demo/flights.mjs'], { stdio: 'inherit' });
process.exit(status ?? 1);
