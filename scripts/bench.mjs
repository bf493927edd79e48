// npm run bench -- <suite> … [--node path]: builds the engine and runs bench/run.ts, with another Node where one is named.
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
const words = process.argv.slice(2);
const at = words.indexOf('--node');
const node = at === -1 ? process.execPath : path.resolve(words.splice(at, 2)[1] ?? '');
if (!fs.existsSync(node)) {
  console.error(`There is no Node at ${node}. Give --node the path of its binary.`);
  process.exit(2);
}
const { status } = spawnSync(node, ['--import', './bench/typescript.mjs', 'bench/run.ts', ...words], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
