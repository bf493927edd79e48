// What is said on machines without a usable GPU: the addon with the real CUDA runtime in it, over drivers that the test
// makes (none, too old, no device, failing to start), through the status, info, doctor and every fallback mode.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
// @ts-ignore: a build script
import { buildNative, whyNoBuild } from '../../scripts/build-native.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-driver-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
const skip: string | undefined = whyNoBuild('cuda13');
if (skip !== undefined) console.warn(`tests over pretended CUDA drivers are skipped: ${skip}`);
const addon: string =
  skip === undefined ? (await buildNative({ variant: 'cuda13', engine: false, quiet: true })).file : '';
const driver = path.join(folder, 'driver');

if (skip === undefined) {
  fs.mkdirSync(driver);
  const source = path.join(root, 'tests/native/fake-driver.c');
  const flags = ['-shared', '-fPIC', '-Wall', '-Wextra', '-Werror', '-Wl,-soname,libcuda.so.1'];
  const made = spawnSync('cc', [...flags, '-o', path.join(driver, 'libcuda.so.1'), source], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
}

const PROGRAM = `
import { main } from ${JSON.stringify(path.join(root, 'ts/cli/main.ts'))};
import { fromColumns } from ${JSON.stringify(path.join(root, 'ts/index.ts'))};
import { openGpu } from ${JSON.stringify(path.join(root, 'ts/native/gpu.ts'))};
const warnings = [];
process.on('warning', (w) => warnings.push(w.message));
const command = async (...args) => { let text = ''; await main(args, (t) => { text += t; }); return text; };
const out = { info: await command('info'), doctor: JSON.parse(await command('doctor', '--json')).gpu };
out.reason = (await openGpu()).reason;
const df = fromColumns({ x: [1, 2, 3] }).filter((c) => c.x.gt(1));
out.modes = {};
for (const options of [{}, ...['error', 'cpu', 'degraded'].map((fallback) => ({ engine: 'cuda', fallback }))])
  try {
    const table = await df.collect(options);
    out.modes[options.fallback ?? 'auto'] = { rows: table.toRecords(), explain: df.explain() };
  } catch (e) {
    out.modes[options.fallback ?? 'auto'] = { code: e.code, message: e.message };
  }
await new Promise((resolve) => setImmediate(resolve));
console.log(JSON.stringify({ ...out, warnings }));
`;

/** Runs the program over a driver; without `env`, without one. */
function run(env?: Record<string, string>): any {
  const file = path.join(folder, 'program.mts');
  fs.writeFileSync(file, PROGRAM);
  const outside = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(WARPFRAME_|CUDA_|CONDA_|LD_LIBRARY_PATH)/.test(name)),
  );
  const tsx = path.join(root, 'node_modules/tsx/dist/loader.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', tsx, file], {
    encoding: 'utf8',
    env: {
      ...outside,
      WARPFRAME_NATIVE_ADDON: addon,
      ...(env === undefined ? {} : { LD_LIBRARY_PATH: driver, ...env }),
    },
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** The driver, what CUDA calls it, and what a user is told of it. */
const MATRIX: readonly (readonly [string, Record<string, string> | undefined, string, RegExp, RegExp])[] = [
  [
    'no driver',
    undefined,
    'cudaErrorInsufficientDriver',
    /no NVIDIA driver is installed/,
    /install NVIDIA's driver 580/,
  ],
  [
    'too old a driver',
    { FAKE_CUDA_VERSION: '12040' },
    'cudaErrorInsufficientDriver',
    /supports CUDA 12\.4, and this addon is built with CUDA 13\.0/,
    /update NVIDIA's driver to 580 or later, or install the package for CUDA 12/,
  ],
  ['no device', {}, 'cudaErrorNoDevice', /finds no GPU/, /nvidia-smi/],
  [
    'hidden devices',
    { FAKE_CUDA_INIT: '100', CUDA_VISIBLE_DEVICES: '' },
    'cudaErrorNoDevice',
    /CUDA_VISIBLE_DEVICES is ""/,
    /unset CUDA_VISIBLE_DEVICES/,
  ],
  [
    'another kernel module',
    { FAKE_CUDA_INIT: '803' },
    'cudaErrorSystemDriverMismatch',
    /different versions/,
    /restart/,
  ],
  [
    'forward compatibility',
    { FAKE_CUDA_INIT: '804' },
    'cudaErrorCompatNotSupportedOnDevice',
    /forward-compatible/,
    /cuda-compat/,
  ],
  ['a stub', { FAKE_CUDA_INIT: '34' }, 'cudaErrorStubLibrary', /stub of a toolkit/, /LD_LIBRARY_PATH/],
  [
    'failing to start',
    { FAKE_CUDA_INIT: '3' },
    'cudaErrorInitializationError',
    /could not be started/,
    /nvidia-smi works/,
  ],
  ['failing without a reason', { FAKE_CUDA_INIT: '999' }, 'cudaErrorUnknown', /cudaErrorUnknown/, /nvidia-smi works/],
];

describe.skipIf(skip !== undefined)('drivers that are no use', () => {
  test.each(MATRIX)('%s', (_, env, codeName, reason, fix) => {
    const out = run(env);
    expect(out.reason).toMatch(reason);
    expect(out.info).toMatch(/cuda +not available: /);
    expect(out.info).toMatch(reason);
    const [found] = out.doctor.addons;
    expect(found).toMatchObject({ candidate: 'WARPFRAME_NATIVE_ADDON', variant: 'cuda13', absent: false });
    expect(found.device).toMatchObject({ usable: false, host: false, codeName, runtime: '13.0', devices: [] });
    expect(found.refused).toMatch(reason);
    expect(out.doctor.engine).toBeNull();
    expect(out.doctor.fixes[0]).toMatch(fix);

    const rows = [{ x: 2 }, { x: 3 }];
    expect(out.modes.auto).toMatchObject({ rows });
    expect(out.modes.error).toEqual({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringMatching(/^No engine can run this plan with engine 'cuda'\. cuda: /),
    });
    expect(out.modes.error.message).toMatch(reason);
    expect(out.modes.cpu).toMatchObject({ rows, explain: expect.stringContaining('ran on cpu') });
    // Nobody is warned: that there is no GPU is part of the answer.
    expect(out.modes.degraded).toMatchObject({ rows, explain: expect.stringContaining('ran on cpu') });
    expect(out.modes.degraded.explain).toMatch(reason);
    expect(out.modes.degraded.explain).toMatch(/at most: degraded: cuda: /);
    expect(out.modes.cpu.explain).not.toContain('degraded');
    expect(out.warnings.filter((w: string) => reason.test(w))).toHaveLength(1);
  });
});
