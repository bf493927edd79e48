// npm run build:native [-- --variant none] [--sanitize address,undefined] [--no-library]
// Compiles the addon with cmake-js into out/native/<variant>/ and puts libxgboost into out/native/xgboost/. Never called
// by an install script. What was built from the same sources before is kept.
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fetchXgboost } from './fetch-xgboost.mjs';
import { withLock } from './with-lock.mjs';

const root = path.resolve(import.meta.dirname, '..');
const require = createRequire(path.join(root, 'package.json'));
const VARIANTS = ['none'];

/** Why the addon cannot be compiled here, or undefined. */
export function whyNoBuild() {
  for (const [tool, fix] of [
    ['cmake', 'install CMake 3.24 or newer'],
    [process.env.CXX ?? 'c++', 'install a C++20 compiler'],
  ])
    if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).status !== 0) return `${tool} was not found: ${fix}`;
  for (const name of ['cmake-js', 'node-addon-api'])
    try {
      require.resolve(`${name}/package.json`);
    } catch {
      return `the development dependency ${name} is not installed: run npm ci`;
    }
  return undefined;
}

function filesBelow(folder) {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function sourceHash(settings) {
  const hash = crypto.createHash('sha256').update(JSON.stringify(settings));
  for (const name of ['cmake-js', 'node-addon-api']) hash.update(require(`${name}/package.json`).version);
  for (const file of [path.join(root, 'CMakeLists.txt'), ...filesBelow('cmake'), ...filesBelow('native')])
    hash.update(path.relative(root, file)).update(fs.readFileSync(file));
  return hash.digest('hex');
}

/**
 * Builds the addon unless the same sources are built already.
 * @returns the .node file, and whether it was compiled now
 */
export async function buildNative({ variant = 'none', sanitize = '', quiet = false } = {}) {
  if (!VARIANTS.includes(variant)) throw new Error(`The variant ${variant} is not one of: ${VARIANTS.join(', ')}`);
  const why = whyNoBuild();
  if (why) throw new Error(`The native addon cannot be compiled: ${why}`);
  const name = sanitize ? `${variant}-${sanitize.replaceAll(',', '-')}` : variant;
  const target = path.join(root, 'out/native', name, 'warpframe.node');
  const stamp = path.join(path.dirname(target), 'source-hash');
  const settings = { variant, sanitize, node: process.versions.modules, arch: process.arch };
  const hash = sourceHash(settings);
  const isBuilt = () => fs.existsSync(target) && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === hash;
  if (isBuilt()) return { file: target, compiled: false };
  return withLock(path.join(root, 'out/native', `${name}.lock`), () => {
    if (isBuilt()) return { file: target, compiled: false };
    // A folder a variant: cmake-js ignores new options where it has configured before.
    const work = path.join(root, 'out/native', `${name}-build`);
    const cmakeJs = path.join(path.dirname(require.resolve('cmake-js/package.json')), 'bin/cmake-js');
    const args = ['compile', '-O', work, '-B', 'Release', '-p', '2', `--CDWARPFRAME_VARIANT=${variant}`];
    if (sanitize) args.push(`--CDWARPFRAME_SANITIZE=${sanitize}`);
    fs.rmSync(path.join(work, 'CMakeCache.txt'), { force: true });
    const run = spawnSync(process.execPath, [cmakeJs, ...args], { cwd: root, encoding: 'utf8' });
    const log = `${run.stdout}${run.stderr}`;
    if (run.status !== 0) throw new Error(`cmake-js failed:\n${log}`);
    if (!quiet && log.includes('warning:')) console.log(log);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    // Renamed into place: a running process may have the old file mapped.
    fs.copyFileSync(path.join(work, 'Release/warpframe.node'), `${target}.new`);
    fs.renameSync(`${target}.new`, target);
    fs.writeFileSync(stamp, hash);
    return { file: target, compiled: true };
  });
}

/** Puts libxgboost beside the local build, where the loader finds it. @returns its path */
export async function placeXgboost() {
  const fetched = await fetchXgboost();
  const folder = path.join(root, 'out/native/xgboost');
  const library = path.join(folder, fetched.library);
  if (
    !fs.existsSync(library) ||
    fs.statSync(library).size !== fs.statSync(path.join(fetched.folder, fetched.library)).size
  )
    await withLock(`${folder}.lock`, () => {
      for (const file of fetched.files) {
        fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
        fs.copyFileSync(path.join(fetched.folder, file), path.join(folder, `${file}.new`));
        fs.renameSync(path.join(folder, `${file}.new`), path.join(folder, file));
      }
    });
  return library;
}

if (process.argv[1] === import.meta.filename) {
  const option = (name, fallback) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? fallback : process.argv[at + 1];
  };
  try {
    const started = performance.now();
    const { file, compiled } = await buildNative({
      variant: option('variant', 'none'),
      sanitize: option('sanitize', ''),
    });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${path.relative(root, file)}: ${compiled ? `compiled in ${seconds} s` : 'up to date'}`);
    if (!process.argv.includes('--no-library')) console.log(path.relative(root, await placeXgboost()));
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
