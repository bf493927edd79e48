// npm run build: kernels and engine thread embedded; declarations by tsc, JavaScript bundled into few files, because
// resolving a hundred modules is two thirds of the time an import takes.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { buildEmbedded } from './build-embedded.mjs';
import { builtinsAsObjects } from './builtins.mjs';
import { asciiOnly, noFacades } from './chunks.mjs';
import { lateStubs } from './late.mjs';
import { typesAway } from './types-away.mjs';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
await buildEmbedded();
fs.rmSync('dist', { recursive: true, force: true });
execFileSync(
  process.execPath,
  ['node_modules/typescript/lib/tsc.js', '-p', 'tsconfig.build.json', '--emitDeclarationOnly'],
  { stdio: 'inherit' },
);
const bundle = await rolldown({
  input: Object.fromEntries(
    ['index', 'ml/index', 'predict/index', 'cli/run', 'verify/child'].map((name) => [name, `ts/${name}.ts`]),
  ),
  platform: 'node',
  external: (id) => !id.startsWith('.') && !path.isAbsolute(id),
  plugins: [lateStubs, typesAway, builtinsAsObjects, noFacades, asciiOnly],
});
await bundle.write({
  dir: 'dist',
  format: 'esm',
  entryFileNames: '[name].js',
  // What is loaded at first use, and what it shares.
  chunkFileNames: 'shared/[name]-[hash].js',
  // What is needed together in one file: finding and opening two dozen takes longer than running them.
  codeSplitting: {
    groups: [
      { name: 'core', test: /[\\/]ts[\\/]index\.ts$/, priority: 3 },
      { name: 'files', test: /[\\/]source[\\/]probe-(parquet|arrow)\.ts$|[\\/]runner[\\/]probe\.ts$/, priority: 2 },
      { name: 'cpu', test: /[\\/]backend[\\/]cpu[\\/]open-cpu\.ts$/, priority: 1 },
      { name: 'query', test: /[\\/]backend[\\/]cpu[\\/]query\.ts$/, priority: 0 },
    ],
  },
  topLevelVar: true,
  // The names of functions and classes stay, for stack traces.
  minify: { compress: true, mangle: { keepNames: { function: true, class: true } }, codegen: true },
});
await bundle.close();
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
