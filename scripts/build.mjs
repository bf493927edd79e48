// npm run build: kernels and engine thread embedded, then dist/ by tsc.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import esbuild from 'esbuild';
import { buildEmbedded } from './build-embedded.mjs';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
await buildEmbedded();
fs.rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/lib/tsc.js', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
// Comments are for the sources and for the editors, which read the declarations.
for (const file of fs.readdirSync('dist', { recursive: true })) {
  if (!String(file).endsWith('.js') || String(file).endsWith('.gen.js')) continue;
  const full = path.join('dist', String(file));
  const { code } = await esbuild.transform(fs.readFileSync(full, 'utf8'), { target: 'node20', legalComments: 'none' });
  fs.writeFileSync(full, code);
}
// What is bundled into the engine's text needs its licences beside it.
const BUNDLED = [
  ['re2js', 'node_modules/re2js/LICENSE'],
  ['@bokuweb/zstd-wasm', 'scripts/notices/zstd-wasm.txt'],
];
const notices = BUNDLED.map(([name, licence]) => {
  const { version } = JSON.parse(fs.readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  return `${name} ${version}\n\n${fs.readFileSync(licence, 'utf8').trim()}`;
});
fs.writeFileSync('dist/THIRD-PARTY-NOTICES.txt', `${notices.join('\n\n----\n\n')}\n`);
// Editors complete job files by it.
fs.copyFileSync('docs/job.schema.json', 'dist/job.schema.json');
const cli = 'dist/cli/run.js';
if (fs.existsSync(cli)) fs.chmodSync(cli, 0o755);
