// npm run build: kernels and engine thread embedded, then dist/ by tsc.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { buildEmbedded } from './build-embedded.mjs';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
await buildEmbedded();
fs.rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/lib/tsc.js', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
// What is bundled into the engine's text needs its licences beside it.
const BUNDLED = ['re2js', '@bokuweb/zstd-wasm'];
const notices = BUNDLED.map((name) => {
  const folder = path.join('node_modules', name);
  const { version, license } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const texts = fs
    .readdirSync(folder)
    .filter((f) => /^(licen[cs]e|notice)/i.test(f))
    .map((f) => fs.readFileSync(path.join(folder, f), 'utf8').trim());
  return [`${name} ${version} (${license})`, ...texts].join('\n\n');
});
fs.writeFileSync('dist/THIRD-PARTY-NOTICES.txt', `${notices.join('\n\n----\n\n')}\n`);
const cli = 'dist/cli/run.js';
if (fs.existsSync(cli)) fs.chmodSync(cli, 0o755);
