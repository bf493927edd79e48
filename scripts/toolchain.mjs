// npm run toolchain [-- --variant sim|cuda12|cuda13] [--set cuobjdump]
// Fetches what the GPU variants are compiled with (NVIDIA's compiler and headers, libcudf, Arrow C++) as wheels by
// `pip download`, versions and hashes pinned in ts/native/wheels.json, and unpacks them into a cache folder outside the
// tree. A machine's own CUDA_HOME and RAPIDS environment are taken instead where they fit. Python is needed to fetch only.
import { spawn, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { withLock } from './with-lock.mjs';

const root = path.resolve(import.meta.dirname, '..');
const PINNED = JSON.parse(fs.readFileSync(path.join(root, 'ts/native/wheels.json'), 'utf8'));
/** What each variant is built with. The engine library of CUDA 12 needs the same symbols as that of CUDA 13. */
export const SETS = {
  none: [],
  sim: ['cuda13', 'rapids13', 'pyarrow'],
  cuda12: ['cuda12', 'rapids13'],
  cuda13: ['cuda13', 'rapids13'],
};
/** Where everything is unpacked. */
export const toolchainFolder = () =>
  process.env.WARPFRAME_TOOLCHAIN ??
  path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'warpframe/toolchain');

const fail = (code, message) => Object.assign(new Error(message), { code });
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;
const exists = (...parts) => fs.existsSync(path.join(...parts));
const wheelsOf = (set) => PINNED.sets[set].wheels;
const prefixOf = (wheel) => wheel.requirement.replaceAll('-', '_').replace('==', '-');

function python() {
  for (const name of ['python3', 'python'])
    if (spawnSync(name, ['-m', 'pip', '--version'], { stdio: 'ignore' }).status === 0) return name;
  return undefined;
}

/** A set is renamed into its place when it is whole. */
const isUnpacked = (set) =>
  wheelsOf(set).every((wheel) => exists(toolchainFolder(), set, `${prefixOf(wheel)}.dist-info`));

/** The toolkit of CUDA_HOME, where it has the major version asked for. */
function ownToolkit(major) {
  const home = process.env.CUDA_HOME;
  if (!home || !exists(home, 'bin/nvcc')) return undefined;
  const { stdout } = spawnSync(path.join(home, 'bin/nvcc'), ['--version'], { encoding: 'utf8' });
  return new RegExp(`release ${major}\\.`).test(stdout ?? '') ? home : undefined;
}

/** A folder with libcudf's headers: of wheels, or a conda environment. */
function ownRapids() {
  for (const folder of [process.env.WARPFRAME_RAPIDS_DIR, process.env.CONDA_PREFIX])
    if (folder && (exists(folder, 'libcudf/include/cudf') || exists(folder, 'include/cudf'))) return folder;
  return undefined;
}

const ownOf = (set) => {
  if (set === 'cuda13') return ownToolkit(13);
  if (set === 'cuda12') return ownToolkit(12);
  return set === 'rapids13' ? ownRapids() : undefined;
};

/** The sets that a variant needs and this machine has not got. */
const missingSets = (sets) => sets.filter((set) => ownOf(set) === undefined && !isUnpacked(set));

/** Why the variant's toolchain is not here, or undefined. */
export function whyNoToolchain(variant) {
  const missing = missingSets(SETS[variant]);
  return missing.length === 0
    ? undefined
    : `${missing.join(', ')} not fetched: npm run toolchain -- --variant ${variant}`;
}

/** Why it cannot be fetched either, or undefined. */
export function whyNoFetch(variant) {
  if (missingSets(SETS[variant]).length === 0) return undefined;
  const here = `${process.platform}-${process.arch}`;
  if (here !== PINNED.platform) return `the pinned wheels are for ${PINNED.platform}; this is ${here}`;
  return python() ? undefined : 'neither python3 nor python has pip';
}

/** What CMake is told: -DWARPFRAME_SITE and the others of a variant. Everything must be there already. */
export function toolchainSettings(variant) {
  const why = whyNoToolchain(variant);
  if (why) throw fail('TOOLCHAIN_MISSING', `The toolchain of variant ${variant} is not here: ${why}`);
  if (variant === 'none') return {};
  const cached = (...parts) => path.join(toolchainFolder(), ...parts);
  const cuda12 = variant === 'cuda12';
  return {
    WARPFRAME_SITE: ownRapids() ?? cached('rapids13'),
    WARPFRAME_CUDA_ROOT: cuda12
      ? (ownToolkit(12) ?? cached('cuda12/root'))
      : (ownToolkit(13) ?? cached('cuda13/nvidia/cu13')),
    ...(variant === 'sim' ? { WARPFRAME_PYARROW: cached('pyarrow/pyarrow') } : {}),
  };
}

const runPip = (args) =>
  new Promise((resolve, reject) => {
    const child = spawn(python(), ['-m', 'pip', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const log = [];
    child.stdout.on('data', (data) => log.push(data));
    child.stderr.on('data', (data) => log.push(data));
    child.on('error', reject);
    child.on('close', (status) =>
      status === 0 ? resolve() : reject(fail('PIP_FAILED', `pip ${args[0]} failed:\n${Buffer.concat(log)}`)),
    );
  });

async function hashOf(file) {
  const hash = crypto.createHash('sha256');
  for await (const chunk of fs.createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

/** The wheel's file in the download folder, if it is whole. */
async function downloaded(folder, wheel) {
  const name = fs.readdirSync(folder).find((file) => file.startsWith(`${prefixOf(wheel)}-`) && file.endsWith('.whl'));
  if (name === undefined) return undefined;
  const file = path.join(folder, name);
  if (fs.statSync(file).size === wheel.bytes && (await hashOf(file)) === wheel.sha256) return file;
  fs.rmSync(file);
  return undefined;
}

async function download(folder, wheel, tell) {
  const present = await downloaded(folder, wheel);
  if (present) return present;
  tell(`fetching ${wheel.requirement} (${megabytes(wheel.bytes)})`);
  const requirements = path.join(folder, `${prefixOf(wheel)}.txt`);
  fs.writeFileSync(requirements, `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`);
  await runPip(['download', '--quiet', ...PINNED.pip, '--require-hashes', '--dest', folder, '-r', requirements]);
  fs.rmSync(requirements);
  const file = await downloaded(folder, wheel);
  if (!file) throw fail('PIP_FAILED', `pip brought another file than the pinned ${wheel.requirement}`);
  return file;
}

const link = (target, at) => {
  if (!fs.existsSync(at)) fs.symlinkSync(target, at);
};

/** Wheels hold a toolkit without the names that compilers and CMake look for. */
function makeLinks(set, folder) {
  if (set === 'cuda13') {
    const toolkit = path.join(folder, 'nvidia/cu13');
    link('lib', path.join(toolkit, 'lib64'));
    link('libcudart.so.13', path.join(toolkit, 'lib/libcudart.so'));
  }
  if (set === 'cuda12') {
    // CUDA 12's wheels have a folder each; compilers want one.
    for (const [from, to] of [
      ['include', 'include'],
      ['lib', 'lib64'],
    ]) {
      fs.mkdirSync(path.join(folder, 'root', to), { recursive: true });
      for (const part of ['cuda_runtime', 'cuda_nvcc', 'cuda_cccl', 'cuda_nvrtc']) {
        const source = path.join(folder, 'nvidia', part, from);
        if (!fs.existsSync(source)) continue;
        for (const name of fs.readdirSync(source).filter((n) => n !== '__init__.py' && n !== '__pycache__'))
          link(path.join('../../nvidia', part, from, name), path.join(folder, 'root', to, name));
      }
    }
  }
}

function checkDisk(folder, sets) {
  const needed = sets.reduce(
    (sum, set) => sum + PINNED.sets[set].unpackedBytes + wheelsOf(set).reduce((s, wheel) => s + wheel.bytes, 0),
    0,
  );
  const { bavail, bsize } = fs.statfsSync(folder);
  if (bavail * bsize < needed)
    throw fail(
      'DISK_FULL',
      `The toolchain needs ${megabytes(needed)} in ${folder}, which has ${megabytes(bavail * bsize)}. Free some, or set WARPFRAME_TOOLCHAIN to a folder elsewhere.`,
    );
}

async function fetchSet(set, tell) {
  const target = path.join(toolchainFolder(), set);
  if (isUnpacked(set)) return;
  // What an earlier run fetched before it was cut off is kept.
  const folder = path.join(toolchainFolder(), 'downloads');
  fs.mkdirSync(folder, { recursive: true });
  const files = [];
  for (const wheel of wheelsOf(set)) files.push(await download(folder, wheel, tell));
  tell(`unpacking ${set}: ${PINNED.sets[set].about}`);
  const unpacking = `${target}.new`;
  fs.rmSync(unpacking, { recursive: true, force: true });
  await runPip([
    'install',
    '--quiet',
    ...PINNED.pip,
    '--no-index',
    '--no-compile',
    '--no-warn-script-location',
    '--target',
    unpacking,
    ...files,
  ]);
  makeLinks(set, unpacking);
  fs.rmSync(target, { recursive: true, force: true });
  fs.renameSync(unpacking, target);
  for (const file of files) fs.rmSync(file);
}

/** Fetches what a variant still lacks. @returns the names of the sets that were fetched */
export async function fetchToolchain(variant, { sets = SETS[variant], tell = console.log } = {}) {
  const missing = missingSets(sets);
  // Also in a folder that another program unpacked.
  for (const set of sets) if (isUnpacked(set)) makeLinks(set, path.join(toolchainFolder(), set));
  if (missing.length === 0) return [];
  const why = whyNoFetch(variant);
  if (why) throw fail('TOOLCHAIN_MISSING', `The toolchain of variant ${variant} cannot be fetched: ${why}`);
  const folder = toolchainFolder();
  fs.mkdirSync(folder, { recursive: true });
  return withLock(path.join(folder, 'lock'), async () => {
    const still = missingSets(sets);
    checkDisk(folder, still);
    for (const set of still) await fetchSet(set, tell);
    return still;
  });
}

if (process.argv[1] === import.meta.filename) {
  const option = (name) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? undefined : process.argv[at + 1];
  };
  try {
    const variant = option('variant') ?? 'sim';
    const set = option('set');
    if (!(variant in SETS))
      throw fail('USAGE', `The variant ${variant} is not one of: ${Object.keys(SETS).join(', ')}`);
    if (set !== undefined && !(set in PINNED.sets))
      throw fail('USAGE', `The set ${set} is not one of: ${Object.keys(PINNED.sets).join(', ')}`);
    const started = performance.now();
    const fetched = await fetchToolchain(variant, set === undefined ? {} : { sets: [set] });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(fetched.length === 0 ? 'everything is here already' : `${fetched.join(', ')} in ${seconds} s`);
    if (set === undefined)
      for (const [name, value] of Object.entries(toolchainSettings(variant))) console.log(`  ${name}=${value}`);
    else console.log(`  ${path.join(toolchainFolder(), set)}`);
  } catch (error) {
    console.error(error.code ? error.message : error);
    process.exit(1);
  }
}
