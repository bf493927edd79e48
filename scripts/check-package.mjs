// The packed package as a user gets it: publint, size, every export resolves, and a bundle made with esbuild runs a
// query from an empty folder.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import esbuild from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
const MAX_PACKED_BYTES = 1.5e6;
/** What scripts/fixtures/late-parts.mjs prints. */
const PARTS =
  '"join":["it","no","it"],"window":[1,1,2],"streamed":[1,3,7],"regex":["Rome","Rome"],"cast":["1.0","2.0","4.0"],"distinct":["Oslo","Rome"],"best":[2,4],"math":[0,1,2],"time":["01.01.1970","02.01.1970",null]';
const npm = (args, cwd = root) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

const pkg = JSON.parse(fs.readFileSync('package.json', 'utf8'));
const { messages } = await publint({ pkgDir: root, strict: true });
for (const m of messages) console.log(`publint: ${formatMessage(m, pkg)}`);
if (messages.some((m) => m.type === 'error')) process.exit(1);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-package-'));
try {
  const [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder]));
  console.log(`packed ${(packed.size / 1e6).toFixed(2)} MB in ${packed.files.length} files`);
  if (packed.size > MAX_PACKED_BYTES) throw new Error(`The package is larger than ${MAX_PACKED_BYTES / 1e6} MB`);

  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
  npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', path.join(folder, packed.filename)], folder);
  const program = (load) => `${load}
const df = warpframe.fromColumns({ city: ['Rome', 'Oslo', 'Rome'], price: [1, 2, 4] });
const run = async () => {
  const table = await df.groupBy('city').agg({ total: c => c.price.sum() }).sort('city').collect();
  console.log(JSON.stringify(table.toRecords()));
};
run().catch((e) => { console.error(e); process.exit(1); });
`;
  const expected = '[{"city":"Oslo","total":2},{"city":"Rome","total":5}]';
  const check = (title, file, cwd, args = [], wanted = expected) => {
    const out = execFileSync(process.execPath, [file, ...args], { cwd, encoding: 'utf8' }).trim();
    if (out !== wanted) throw new Error(`${title} printed ${out}`);
    console.log(`${title}: ok`);
  };
  fs.writeFileSync(path.join(folder, 'app.mjs'), program(`import * as warpframe from 'warpframe';`));
  fs.writeFileSync(path.join(folder, 'app.cjs'), program(`const warpframe = require('warpframe');`));
  check('import', 'app.mjs', folder);
  check('require', 'app.cjs', folder);
  fs.copyFileSync('scripts/fixtures/late-parts.mjs', path.join(folder, 'parts.mjs'));
  check('parts loaded late', 'parts.mjs', folder, ['write'], `{${PARTS}}`);
  check('a file read first', 'parts.mjs', folder, [], `{${PARTS},"file":[["Osl",""],["R","me"]],"whole":[1,2,4]}`);

  const empty = path.join(folder, 'empty');
  fs.mkdirSync(empty);
  for (const [format, entry, out] of [
    ['esm', 'app.mjs', 'bundle.mjs'],
    ['cjs', 'app.cjs', 'bundle.cjs'],
  ]) {
    await esbuild.build({
      entryPoints: [path.join(folder, entry)],
      bundle: true,
      platform: 'node',
      target: 'node20',
      format,
      outfile: path.join(os.tmpdir(), path.basename(folder), 'empty', out),
      external: ['apache-arrow'],
      logLevel: 'error',
      banner:
        format === 'esm'
          ? { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" }
          : {},
    });
    const alone = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-bundle-'));
    fs.copyFileSync(path.join(empty, out), path.join(alone, out));
    check(`bundle ${format}`, out, alone);
    fs.rmSync(alone, { recursive: true });
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
