// npm run build:native [-- --variant none|sim|cuda12|cuda13] [--sanitize address,undefined] [--no-library]
// Compiles the addon with cmake-js and, but for variant none, the engine library with CMake into out/native/<variant>/,
// and puts libxgboost into out/native/xgboost/. Never called by an install script. What was built from the same sources
// before is kept. The GPU variants need `npm run toolchain` first.
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fetchXgboost } from './fetch-xgboost.mjs';
import { SETS, toolchainSettings, whyNoToolchain } from './toolchain.mjs';
import { withLock } from './with-lock.mjs';

const root = path.resolve(import.meta.dirname, '..');
const require = createRequire(path.join(root, 'package.json'));
export const VARIANTS = Object.keys(SETS);
const ENGINE_LIBRARY = 'libwarpframe_cudf.so';

/** Why the addon, or a variant's engine library, cannot be compiled here, or undefined. */
export function whyNoBuild(variant = 'none') {
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
  return whyNoToolchain(variant);
}

function filesBelow(folder) {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.md'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** What the addon is made of; the rest of native/ is the engine library's. */
const ADDON_SOURCES = ['native/addon', 'native/ml', 'native/util'];
const KERNEL_SOURCES = ['native/kernels', 'native/plan', 'native/sim/cuda'];

function sourceHash(settings, folders) {
  const hash = crypto.createHash('sha256').update(JSON.stringify(settings));
  for (const name of ['cmake-js', 'node-addon-api']) hash.update(require(`${name}/package.json`).version);
  const shared = [path.join(root, 'CMakeLists.txt'), path.join(root, 'native/engine/engine.h'), ...filesBelow('cmake')];
  for (const file of [...shared, ...folders.flatMap(filesBelow)])
    hash.update(path.relative(root, file)).update(fs.readFileSync(file));
  return hash.digest('hex');
}

const nameOf = (variant, sanitize) => (sanitize ? `${variant}-${sanitize.replaceAll(',', '-')}` : variant);

function run(command, args, what) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  const log = `${stdout}${stderr}`;
  if (status !== 0) throw new Error(`${what} failed:\n${log}`);
  return log;
}

/** Renamed into place: a running process may have the old file mapped. */
function place(source, folder) {
  fs.mkdirSync(folder, { recursive: true });
  const target = path.join(folder, path.basename(source));
  const { size, mtimeMs } = fs.statSync(source);
  const old = fs.statSync(target, { throwIfNoEntry: false });
  if (old?.size === size && old.mtimeMs >= mtimeMs) return;
  fs.copyFileSync(source, `${target}.new`);
  fs.renameSync(`${target}.new`, target);
}

/** Where a variant's files go, and from which sources each part is made. */
function describeBuild(variant, sanitize, engine) {
  const name = nameOf(variant, sanitize);
  const folder = path.join(root, 'out/native', name);
  const file = path.join(folder, 'warpframe.node');
  const defines = { WARPFRAME_VARIANT: variant, WARPFRAME_SANITIZE: sanitize, ...toolchainSettings(variant) };
  const settings = { defines, node: process.versions.modules, arch: process.arch };
  const part = (stamp, made, sources, build) => {
    const at = path.join(folder, stamp);
    const hash = sourceHash(settings, sources);
    const isBuilt = () => fs.existsSync(made) && fs.existsSync(at) && fs.readFileSync(at, 'utf8') === hash;
    return { at, hash, isBuilt, build };
  };
  const addonSources = variant === 'none' ? ADDON_SOURCES : [...ADDON_SOURCES, ...KERNEL_SOURCES];
  return {
    ...{ name, folder, file, defines },
    parts: [
      part('source-hash', file, addonSources, buildAddon),
      ...(engine ? [part('engine-hash', path.join(folder, ENGINE_LIBRARY), ['native'], buildEngine)] : []),
    ],
  };
}

/** Why a variant is not there, addon and engine library, built from these very sources; or undefined. */
export function whyNotBuilt(variant) {
  const why = whyNoBuild(variant);
  if (why) return why;
  return describeBuild(variant, '', variant !== 'none').parts.every((p) => p.isBuilt())
    ? undefined
    : `${variant} is not built from these sources: npm run build:native -- --variant ${variant}`;
}

/**
 * Builds a variant, addon and engine library, unless the same sources are built already.
 * @param engine whether the engine library is needed too
 * @returns the .node file, and whether anything was compiled now
 */
export async function buildNative({
  variant = 'none',
  sanitize = '',
  quiet = false,
  engine = variant !== 'none',
} = {}) {
  if (!VARIANTS.includes(variant)) throw new Error(`The variant ${variant} is not one of: ${VARIANTS.join(', ')}`);
  const why = whyNoBuild(variant);
  if (why) throw new Error(`The native addon cannot be compiled: ${why}`);
  const { name, folder, file, defines, parts } = describeBuild(variant, sanitize, engine);
  let compiled = false;
  for (const { at, hash, isBuilt, build } of parts) {
    if (isBuilt()) continue;
    await withLock(path.join(root, 'out/native', `${name}.lock`), () => {
      if (isBuilt()) return;
      fs.rmSync(at, { force: true });
      const log = build(name, defines, folder);
      if (!quiet && log.includes('warning:')) console.log(log);
      fs.writeFileSync(at, hash);
      compiled = true;
    });
  }
  return { file, compiled };
}

function buildAddon(name, defines, folder) {
  // A folder of its own for each variant: cmake-js ignores new options where it has configured before.
  const work = path.join(root, 'out/native', `${name}-addon-build`);
  const cmakeJs = path.join(path.dirname(require.resolve('cmake-js/package.json')), 'bin/cmake-js');
  fs.rmSync(path.join(work, 'CMakeCache.txt'), { force: true });
  const options = Object.entries(defines).map(([key, value]) => `--CD${key}=${value}`);
  const log = run(
    process.execPath,
    [cmakeJs, 'compile', '-O', work, '-B', 'Release', '-p', '2', ...options],
    'cmake-js',
  );
  place(path.join(work, 'Release/warpframe.node'), folder);
  return log;
}

/** The engine library, what it stands on in variant sim, and the test programs. CMake knows what is up to date. */
function buildEngine(name, defines, folder) {
  const work = path.join(root, 'out/native', `${name}-build`);
  const ninja = spawnSync('ninja', ['--version'], { stdio: 'ignore' }).status === 0;
  const generator = ninja && !fs.existsSync(path.join(work, 'CMakeCache.txt')) ? ['-G', 'Ninja'] : [];
  const options = Object.entries(defines).map(([key, value]) => `-D${key}=${value}`);
  const log =
    run('cmake', ['-S', root, '-B', work, ...generator, ...options], 'CMake') +
    run('cmake', ['--build', work, '--parallel', '2'], 'The engine library');
  const built = fs.readdirSync(work).filter((file) => /^lib.*\.so(\.1)?$/.test(file));
  if (!built.includes(ENGINE_LIBRARY)) throw new Error(`No engine library was built in ${work}`);
  for (const file of built) place(path.join(work, file), folder);
  return log;
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
