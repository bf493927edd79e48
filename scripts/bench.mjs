// npm run bench -- <suite> …: builds the engine and runs bench/run.ts.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
const { buildEmbedded } = await import('./build-embedded.mjs');
await buildEmbedded();
if (!fs.existsSync('bench/versus/node_modules') && !['duckdb', 'ml'].some((word) => process.argv.includes(word))) {
  // nodejs-polars' Linux package says Node ≥ 22 though it runs on 20.
  const options = ['--force', '--no-save', '--no-package-lock', '--prefix', 'bench/versus'];
  spawnSync('npm', ['install', ...options], { stdio: 'inherit' });
}
const { status } = spawnSync(process.execPath, ['--import', 'tsx', 'bench/run.ts', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
