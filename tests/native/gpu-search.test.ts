// How libcudf is looked for and what is said of each place, over folders that the test lays out; the words for every
// answer of the CUDA runtime; wheels read without Python.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { describe as describeStatus } from '../../ts/native/device-status.ts';
import { neededLibraries } from '../../ts/native/elf.ts';
import { cudaForDriver, planRuntime } from '../../ts/native/install-runtime.ts';
import { RUNTIME_VERSION, runtimeIn } from '../../ts/native/runtime-files.ts';
import { installedRuntime, searchRuntimes } from '../../ts/native/runtime-search.ts';
import { unpackEntry, wheelEntries } from '../../ts/native/wheel.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-search-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
const VARIABLES = [
  'WARPFRAME_RAPIDS_DIR',
  'CONDA_PREFIX',
  'VIRTUAL_ENV',
  'XDG_CACHE_HOME',
  'PATH',
  'CUDA_VISIBLE_DEVICES',
];
const before = VARIABLES.map((name) => [name, process.env[name]] as const);
afterEach(() => {
  for (const [name, value] of before)
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
});

const run = (command: string, args: readonly string[]): void => {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
};
const has = (tool: string): boolean => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0;
const compiler = has('cc');
const python = has('python3');

/** Shared objects that need libnvrtc as libcudf does: nothing else of it is looked at before it is opened. */
const objects: Record<number, string> = {};
beforeAll(() => {
  if (!compiler) return;
  const source = path.join(folder, 'empty.c');
  fs.writeFileSync(source, 'int warpframe_test_library;\n');
  for (const major of [11, 12, 13]) {
    const nvrtc = path.join(folder, `libnvrtc.so.${major}`);
    run('cc', ['-shared', `-Wl,-soname,libnvrtc.so.${major}`, '-o', nvrtc, source]);
    objects[major] = path.join(folder, `needs-${major}.so`);
    run('cc', ['-shared', '-Wl,--no-as-needed', '-o', objects[major], source, nvrtc]);
  }
});

const WHEELS_13 = [
  'nvidia/cu13/lib/libnvJitLink.so.13',
  'nvidia/cu13/lib/libnvrtc.so.13',
  'rapids_logger/lib64/librapids_logger.so',
  'librmm/lib64/librmm.so',
  'libkvikio/lib64/libkvikio.so',
  'nvidia/libnvcomp/lib64/libnvcomp.so.5',
];
const CONDA_12 = [
  'libnvJitLink.so.12',
  'libnvrtc.so.12',
  'librapids_logger.so',
  'librmm.so',
  'libkvikio.so',
  'libnvcomp.so.5',
].map((name) => `lib/${name}`);

let made = 0;
function place(files: readonly string[], cudf: string, cuda: number, version?: string): string {
  const at = path.join(folder, `place-${made++}`);
  const write = (name: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(at, name)), { recursive: true });
    fs.writeFileSync(path.join(at, name), text);
  };
  for (const name of files) write(name, '');
  write(cudf, '');
  fs.copyFileSync(objects[cuda] ?? '', path.join(at, cudf));
  if (version !== undefined) write('libcudf/VERSION', `${version}\n`);
  return at;
}
const wheels = (
  cuda = 13,
  version: string | undefined = RUNTIME_VERSION,
  files: readonly string[] = WHEELS_13,
): string => place(files, 'libcudf/lib64/libcudf.so', cuda, version);

describe.skipIf(!compiler)('a folder with libcudf', () => {
  test('of wheels: the libraries in the order in which they are opened', () => {
    const at = wheels();
    expect(runtimeIn(at, 13)).toEqual({
      folder: at,
      version: RUNTIME_VERSION,
      cuda: 13,
      libraries: [...WHEELS_13, 'libcudf/lib64/libcudf.so'].map((name) => path.join(at, name)),
    });
  });
  test('of conda: the version is in its records', () => {
    const at = place(CONDA_12, 'lib/libcudf.so', 12);
    expect(() => runtimeIn(at)).toThrow('does not say which version it is');
    fs.mkdirSync(path.join(at, 'conda-meta'));
    fs.writeFileSync(path.join(at, 'conda-meta/libcudf-26.10.00-cuda12_0_abc.json'), '{}');
    expect(runtimeIn(at, 12)).toMatchObject({
      version: '26.10.00',
      cuda: 12,
      libraries: [...CONDA_12, 'lib/libcudf.so'].map((name) => path.join(at, name)),
    });
  });
  test('that does not fit says what is wrong with it', () => {
    expect(() => runtimeIn(folder)).toThrow(/holds no libcudf\.so/);
    expect(() => runtimeIn(wheels(13, '26.08.01'))).toThrow('has libcudf 26.08.01; 26.10 is needed');
    expect(() => runtimeIn(wheels(12), 13)).toThrow('has libcudf for CUDA 12; this addon is built with CUDA 13');
    expect(() => runtimeIn(wheels(11))).toThrow('is for neither CUDA 13 nor CUDA 12');
    const without = WHEELS_13.filter((name) => !name.includes('librmm'));
    expect(() => runtimeIn(wheels(13, RUNTIME_VERSION, without))).toThrow('has libcudf without librmm.so');
    const at = wheels();
    fs.writeFileSync(path.join(at, 'libcudf/lib64/libcudf.so'), 'text');
    expect(() => runtimeIn(at)).toThrow('is for neither CUDA 13 nor CUDA 12');
  });
  test('is found where the environment, the cache, conda and Python have it', async () => {
    process.env.XDG_CACHE_HOME = path.join(folder, 'cache');
    process.env.CONDA_PREFIX = wheels();
    process.env.VIRTUAL_ENV = path.join(folder, 'venv');
    const site = path.join(folder, 'venv/lib/python3.11/site-packages');
    fs.mkdirSync(path.dirname(site), { recursive: true });
    fs.cpSync(wheels(), site, { recursive: true });
    const all = await searchRuntimes(13, true);
    expect(all).toMatchObject([
      { candidate: 'warpframe install-runtime (CUDA 13)', files: null, absent: true },
      { candidate: 'CONDA_PREFIX', files: { folder: process.env.CONDA_PREFIX }, refused: null },
      { candidate: 'VIRTUAL_ENV', files: { folder: site } },
    ]);
    fs.cpSync(wheels(), installedRuntime(13), { recursive: true });
    const first = await searchRuntimes(13);
    expect(first).toMatchObject([{ files: { folder: installedRuntime(13) } }]);
  });
  test('that is named must fit: nothing else is looked at', async () => {
    process.env.CONDA_PREFIX = wheels();
    process.env.WARPFRAME_RAPIDS_DIR = path.join(folder, 'nowhere');
    expect(await searchRuntimes(13, true)).toEqual([
      {
        candidate: 'WARPFRAME_RAPIDS_DIR',
        files: null,
        refused: `${path.join(folder, 'nowhere')} holds no libcudf.so`,
        absent: false,
      },
    ]);
    process.env.WARPFRAME_RAPIDS_DIR = wheels();
    expect(await searchRuntimes(13)).toMatchObject([{ candidate: 'WARPFRAME_RAPIDS_DIR', refused: null }]);
  });
  test('the names it needs are read from the file', () => {
    expect(neededLibraries(objects[13] ?? '')).toContain('libnvrtc.so.13');
    expect(neededLibraries(process.execPath)).toContain('libdl.so.2');
    expect(neededLibraries(import.meta.filename)).toBeUndefined();
  });
});

test('without Python, its packages are no place to look at', async () => {
  process.env.XDG_CACHE_HOME = path.join(folder, 'empty');
  for (const name of ['CONDA_PREFIX', 'VIRTUAL_ENV', 'WARPFRAME_RAPIDS_DIR']) delete process.env[name];
  process.env.PATH = folder;
  const found = await searchRuntimes(13, true);
  expect(found.at(-1)).toEqual({
    candidate: "python3's packages",
    files: null,
    refused: 'there is no python3 to ask',
    absent: true,
  });
});

describe('what the CUDA runtime answers', () => {
  const answer = {
    built: true,
    host: false,
    code: 0,
    codeName: 'cudaSuccess',
    driverVersion: 13_000,
    runtimeVersion: 13_000,
    devices: [],
  };
  const device = { id: 0, name: 'GPU', totalBytes: 8e10, capability: '9.0', multiprocessors: 132 };
  test('a device is usable', () => {
    expect(describeStatus({ ...answer, devices: [device] })).toMatchObject({
      usable: true,
      reason: null,
      fix: null,
      driver: '13.0',
    });
  });
  test('a device that libcudf has no kernels for is not', () => {
    expect(describeStatus({ ...answer, devices: [{ ...device, capability: '7.0' }] })).toMatchObject({
      usable: false,
      reason: 'GPU has compute capability 7.0; libcudf needs 7.5 (Turing) or later',
    });
  });
  test('an unknown code keeps its name', () => {
    expect(describeStatus({ ...answer, code: 46, codeName: 'cudaErrorDevicesUnavailable' })).toMatchObject({
      usable: false,
      reason: 'the CUDA driver answers cudaErrorDevicesUnavailable (46)',
    });
  });
  test('a build without CUDA says so', () => {
    expect(describeStatus({ ...answer, built: false })).toMatchObject({
      usable: false,
      reason: 'this addon is built without CUDA',
    });
  });
  test('the driver decides which libcudf is fetched', () => {
    expect([cudaForDriver('13.2'), cudaForDriver('13.0'), cudaForDriver('12.9'), cudaForDriver('12.0')]).toEqual([
      13, 13, 12, 12,
    ]);
    expect(() => cudaForDriver('11.8')).toThrow(/supports CUDA 11\.8; libcudf .* needs CUDA 12 or later/);
  });
  test('a version that is asked for must exist', async () => {
    if (process.platform !== 'linux' || process.arch !== 'x64') return;
    await expect(planRuntime(11)).rejects.toMatchObject({
      code: 'ERR_PARAMETER',
      message: expect.stringContaining('13 or 12'),
    });
    process.env.XDG_CACHE_HOME = path.join(folder, 'empty');
    const plan = await planRuntime(13);
    expect(plan).toMatchObject({ cuda: 13, version: RUNTIME_VERSION, installed: false });
    expect(plan.wheels.map((w) => w.requirement)).toContain(`libcudf-cu13==${RUNTIME_VERSION}`);
    for (const w of plan.wheels) expect(w.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe.skipIf(!python)('wheels', () => {
  const file = path.join(folder, 'made.whl');
  const big = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * i) % 251));
  const ZIP = `
import sys, zipfile
out, big = sys.argv[1:]
with zipfile.ZipFile(out, 'w') as z:
    z.write(big, 'pkg/lib/big.so', zipfile.ZIP_DEFLATED)
    z.write(big, 'pkg/lib/stored.so', zipfile.ZIP_STORED)
    z.writestr('pkg/empty', '')
    z.writestr('../outside', 'x')
    z.comment = b'a comment at the end'
`;
  beforeAll(() => {
    fs.writeFileSync(path.join(folder, 'big'), big);
    run('python3', ['-c', ZIP, file, path.join(folder, 'big')]);
  });
  test('entries are unpacked as they were packed', async () => {
    const entries = wheelEntries(file);
    expect(entries.map((e) => e.name)).toEqual(['pkg/lib/big.so', 'pkg/lib/stored.so', 'pkg/empty', '../outside']);
    const out = path.join(folder, 'unpacked');
    for (const entry of entries.slice(0, 3)) await unpackEntry(file, entry, out);
    expect(fs.readFileSync(path.join(out, 'pkg/lib/big.so')).equals(big)).toBe(true);
    expect(fs.readFileSync(path.join(out, 'pkg/lib/stored.so')).equals(big)).toBe(true);
    expect(fs.statSync(path.join(out, 'pkg/empty')).size).toBe(0);
  });
  test('a path out of the folder is refused', async () => {
    const outside = wheelEntries(file)[3];
    if (outside === undefined) throw new Error('no entry');
    await expect(unpackEntry(file, outside, path.join(folder, 'unpacked'))).rejects.toMatchObject({
      code: 'ERR_CORRUPT_FILE',
      message: expect.stringContaining('points outside'),
    });
    expect(fs.existsSync(path.join(folder, 'outside'))).toBe(false);
  });
  test('a cut file is refused', () => {
    const cut = path.join(folder, 'cut.whl');
    fs.writeFileSync(cut, fs.readFileSync(file).subarray(0, 100_000));
    expect(() => wheelEntries(cut)).toThrow(/is not a whole wheel/);
  });
});
