// npm run build: kernels and engine thread embedded; declarations by tsc, JavaScript bundled into few files, because
// resolving a hundred modules is two thirds of the time an import takes.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import esbuild from 'esbuild';
import { buildEmbedded } from './build-embedded.mjs';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
await buildEmbedded();
fs.rmSync('dist', { recursive: true, force: true });
execFileSync(
  process.execPath,
  ['node_modules/typescript/lib/tsc.js', '-p', 'tsconfig.build.json', '--emitDeclarationOnly'],
  { stdio: 'inherit' },
);
await esbuild.build({
  entryPoints: Object.fromEntries(
    ['index', 'ml/index', 'predict/index', 'cli/run', 'verify/child'].map((name) => [name, `ts/${name}.ts`]),
  ),
  outdir: 'dist',
  bundle: true,
  splitting: true,
  // What two entries share, and what is loaded at first use.
  chunkNames: 'shared/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  minifySyntax: true,
  legalComments: 'none',
});
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
