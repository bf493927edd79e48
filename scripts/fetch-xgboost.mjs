// Fetches libxgboost: the `xgboost-cpu` wheel by pip, its hash checked, its shared libraries unpacked into a cache folder
// outside the tree. Python is needed to fetch, not to run.
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { withLock } from './with-lock.mjs';

const PINNED = JSON.parse(fs.readFileSync(path.resolve(import.meta.dirname, '../ts/native/wheels.json'), 'utf8'));
const [PIN] = PINNED.sets.xgboost.wheels;
export const XGBOOST_VERSION = PIN.requirement.split('==')[1];
/** Wheels by platform, with the SHA-256 of the file. */
const WHEELS = {
  [PINNED.platform]: {
    file: `xgboost_cpu-${XGBOOST_VERSION}-py3-none-manylinux_2_28_x86_64.whl`,
    sha256: PIN.sha256,
    library: 'xgboost/lib/libxgboost.so',
  },
};
const KEPT = /^(xgboost\/lib\/.*\.so|xgboost_cpu\.libs\/.*|xgboost_cpu-[^/]*\/(licenses\/LICENSE|sboms\/.*))$/;

const cacheFolder = () =>
  path.join(
    process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'),
    'warpframe',
    `xgboost-cpu-${XGBOOST_VERSION}`,
  );

function python() {
  for (const name of ['python3', 'python'])
    if (spawnSync(name, ['-m', 'pip', '--version'], { stdio: 'ignore' }).status === 0) return name;
  return undefined;
}

/** Why libxgboost cannot be fetched here, or undefined. */
export function whyNoXgboost() {
  const platform = `${process.platform}-${process.arch}`;
  if (!WHEELS[platform]) return `no wheel of xgboost-cpu is pinned for ${platform}`;
  if (fs.existsSync(path.join(cacheFolder(), 'done'))) return undefined;
  return python() ? undefined : 'neither python3 nor python has pip';
}

const hashOf = (file) => crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');

/** @returns the folder, the library's path in it, and the files that belong together (libgomp is found by their layout) */
export async function fetchXgboost() {
  const why = whyNoXgboost();
  if (why) throw new Error(`libxgboost cannot be fetched: ${why}`);
  const { file, sha256, library } = WHEELS[`${process.platform}-${process.arch}`];
  const folder = cacheFolder();
  const done = path.join(folder, 'done');
  const files = () => JSON.parse(fs.readFileSync(done, 'utf8'));
  if (fs.existsSync(done)) return { folder, library, files: files() };
  return withLock(`${folder}.lock`, () => {
    if (fs.existsSync(done)) return { folder, library, files: files() };
    const run = (args) => {
      const { status, stdout, stderr } = spawnSync(python(), args, { encoding: 'utf8' });
      if (status !== 0)
        throw Object.assign(new Error(`python ${args.join(' ')} failed:\n${stdout}${stderr}`), {
          code: 'PYTHON_FAILED',
        });
    };
    fs.mkdirSync(folder, { recursive: true });
    const wheel = path.join(folder, file);
    if (!fs.existsSync(wheel) || hashOf(wheel) !== sha256)
      run([
        ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'],
        // Without it an older Python silently takes an older xgboost.
        ...['--python-version', '3.12', '--dest', folder, `xgboost-cpu==${XGBOOST_VERSION}`],
      ]);
    const got = hashOf(wheel);
    if (got !== sha256) throw new Error(`${file} has the SHA-256 ${got}; ${sha256} is pinned`);
    const unpacked = path.join(folder, 'unpacked');
    fs.rmSync(unpacked, { recursive: true, force: true });
    run(['-m', 'zipfile', '-e', wheel, unpacked]);
    const kept = fs
      .readdirSync(unpacked, { recursive: true })
      .map((name) => name.replaceAll(path.sep, '/'))
      .filter((name) => KEPT.test(name) && fs.statSync(path.join(unpacked, name)).isFile());
    for (const name of kept) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.renameSync(path.join(unpacked, name), path.join(folder, name));
    }
    fs.rmSync(unpacked, { recursive: true, force: true });
    fs.rmSync(wheel);
    fs.writeFileSync(done, JSON.stringify(kept));
    return { folder, library, files: kept };
  });
}
