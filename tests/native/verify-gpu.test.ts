// `warpframe verify-gpu` over the host's stand-in for libcudf (not a GPU): it runs to its end, and what is planted in the
// addon makes it fail.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// @ts-ignore: a build script
import { buildNative, whyNoBuild } from '../../scripts/build-native.mjs';
import { SECTIONS } from '../../ts/verify/check.ts';
import { winsOf } from '../../ts/verify/gathered.ts';
import type { BenchReading, CheckGroup, VerifyReport } from '../../ts/verify/report.ts';
import { addonFile, root, skipReason } from './support.ts';

const why: string | undefined = skipReason ?? whyNoBuild('sim');
if (why !== undefined) console.warn(`verify-gpu on the host libcudf is skipped: ${why}`);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-verify-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
const tsx = ['--import', path.join(root, 'node_modules/tsx/dist/loader.mjs')];

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly report: VerifyReport;
  readonly html: string;
}
function verify(name: string, args: readonly string[], env: Record<string, string> = {}): Run {
  const out = path.join(folder, name);
  const command = [...tsx, path.join(root, 'ts/cli/run.ts'), 'verify-gpu', '--out', out, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, WARPFRAME_GPU_VARIANT: 'sim', ...env },
  });
  const read = (file: string): string => fs.readFileSync(path.join(out, file), 'utf8');
  expect(fs.existsSync(path.join(out, 'report.json')), stderr).toBe(true);
  const report = JSON.parse(read('report.json')) as VerifyReport;
  return { code: status, out: stdout, err: stderr, report, html: read('report.html') };
}
const groupsOf = ({ report }: Run, section: string): readonly CheckGroup[] =>
  report.groups.filter((g) => g.section === section);
const failuresOf = (run: Run): string[] => run.report.groups.flatMap((g) => g.failures.map((f) => f.message));
const reasonsOf = (run: Run): string[] => run.report.groups.flatMap((g) => g.notRun.map((r) => r.reason));

describe.skipIf(why !== undefined)('verify-gpu on host-cudf, not a GPU', () => {
  let sim = '';
  beforeAll(async () => {
    sim = path.dirname((await buildNative({ variant: 'sim', quiet: true })).file);
  }, 3_600_000);

  /** A folder with the planted addon, the real one, and perhaps what it opens. */
  function planted(name: string, withLibraries = true): string {
    const at = path.join(folder, name);
    fs.mkdirSync(at);
    fs.copyFileSync(path.join(import.meta.dirname, 'planted-addon.cjs'), path.join(at, 'warpframe.cjs'));
    fs.symlinkSync(path.join(sim, 'warpframe.node'), path.join(at, 'real.node'));
    if (withLibraries)
      for (const file of fs.readdirSync(sim).filter((f) => f.startsWith('lib')))
        fs.symlinkSync(path.join(sim, file), path.join(at, file));
    return path.join(at, 'warpframe.cjs');
  }

  test('runs to its end, says what it ran on, and claims no speed', () => {
    const run = verify('whole', []);
    expect(failuresOf(run)).toEqual([]);
    expect(run.code, run.out + run.err).toBe(0);
    const { report, html } = run;
    expect(report).toMatchObject({ format: 1, ok: true, tool: 'warpframe verify-gpu' });
    expect(report.engine).toMatchObject({ label: 'host-cudf, not a GPU', host: true, reason: null });
    expect([...new Set(report.groups.map((g) => g.section))]).toEqual([...SECTIONS]);
    // Everything but what needs a GPU, or is run by others here.
    for (const section of SECTIONS) {
      const passed = groupsOf(run, section).reduce((sum, g) => sum + g.passed, 0);
      if (section === 'sanitizer' || section === 'suites') expect([section, passed]).toEqual([section, 0]);
      else expect(passed, section).toBeGreaterThan(5);
    }
    expect(reasonsOf(run)).toContainEqual(expect.stringContaining('host-cudf is not a GPU'));
    expect(report.totals.passed).toBeGreaterThan(1500);
    expect(report.bench.length).toBeGreaterThan(5);
    for (const r of report.bench)
      expect([r.cpuMs, r.gpuMs, r.uploadMs, r.downloadMs]).toEqual([null, null, null, null]);
    expect(report.wins).toEqual([]);
    expect(html).toContain('host-cudf, not a GPU: this shows that the checks run');
    expect(html).not.toMatch(/<script|https?:|src=|@import/);
    expect(html).toContain('prefers-color-scheme: dark');
    expect(run.err).toMatch(/\[1\/9\] addon .*passed/);
    expect(run.out).toContain('on host-cudf, not a GPU');
  }, 600_000);

  test('one wrong bit in what comes back from the device makes it fail', () => {
    const run = verify('value', ['--only', 'plans', '--rows', '300'], {
      WARPFRAME_NATIVE_ADDON: planted('addon-value'),
      WARPFRAME_PLANT: 'value',
    });
    expect(run.code).toBe(1);
    expect(run.report.ok).toBe(false);
    expect(run.report.totals.failed).toBeGreaterThan(20);
    expect(failuresOf(run)).toContainEqual(
      expect.stringMatching(/row \d+, column id \(Int32\): got -?\d+, expected \d+/),
    );
    expect(run.html).toContain('What failed');
  }, 300_000);

  test('one wrong bit of a kernel makes it fail', () => {
    const run = verify('kernel', ['--only', 'kernels', '--rows', '100'], {
      WARPFRAME_NATIVE_ADDON: planted('addon-kernel'),
      WARPFRAME_PLANT: 'kernel',
    });
    expect(run.code).toBe(1);
    const [alone, tables] = groupsOf(run, 'kernels');
    expect(alone).toMatchObject({ name: 'through the addon alone', passed: 3 });
    expect(alone?.failed).toBeGreaterThan(20);
    expect(tables).toMatchObject({ name: 'over resident tables', failed: 0 });
  }, 300_000);

  test('a process that dies fails the check it was in, and the rest goes on', () => {
    const run = verify('crash', ['--only', 'random', '--rows', '300'], {
      WARPFRAME_NATIVE_ADDON: planted('addon-crash'),
      WARPFRAME_PLANT: 'crash:40',
    });
    expect(run.code).toBe(1);
    expect(failuresOf(run)).toEqual([expect.stringContaining('the process ended by SIGABRT')]);
    expect(run.report.totals.passed).toBeGreaterThan(50);
  }, 300_000);

  test('addon and kernels need no libcudf', () => {
    const run = verify('alone', ['--only', 'addon,kernels', '--rows', '100'], {
      WARPFRAME_NATIVE_ADDON: planted('addon-alone', false),
    });
    expect(failuresOf(run)).toEqual([]);
    expect(run.code).toBe(0);
    expect(groupsOf(run, 'addon')).toMatchObject([
      { name: 'addon', passed: 8 },
      { name: 'engine library', passed: 0 },
    ]);
    const [alone, tables] = groupsOf(run, 'kernels');
    expect(alone?.passed).toBeGreaterThan(40);
    expect(tables).toMatchObject({ passed: 0, failed: 0 });
    for (const reason of reasonsOf(run)) expect(reason).toContain('libwarpframe_cudf.so');
  }, 300_000);

  test('without a GPU nothing is verified, and it says why', () => {
    const run = verify('none', ['--only', 'addon,kernels,cases,drills,bench,sanitizer,suites', '--json'], {
      WARPFRAME_NATIVE_ADDON: addonFile,
    });
    expect(run.code).toBe(77);
    expect(JSON.parse(run.out)).toEqual(run.report);
    expect(run.report).toMatchObject({ ok: false, totals: { passed: 0, failed: 0 }, engine: { label: null } });
    expect(reasonsOf(run)).toContainEqual(expect.stringContaining('is built without CUDA'));
    expect(run.html).toContain('nothing ran');
  }, 300_000);

  test('compute-sanitizer is believed', () => {
    const under = (name: string, script: string): unknown => {
      const file = path.join(folder, name);
      fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      const child = [...tsx, path.join(import.meta.dirname, 'sanitizer-child.mts'), file];
      const env = { ...process.env, WARPFRAME_GPU_VARIANT: 'sim' };
      return JSON.parse(spawnSync(process.execPath, child, { encoding: 'utf8', env }).stdout);
    };
    // --tool T --error-exitcode N --target-processes all, then the command.
    expect(under('clean', 'shift 6; exec "$@"')).toEqual({ status: 'passed', note: '11 checks' });
    expect(under('found', 'shift 6; "$@"; echo "Invalid read of size 4" >&2; exit 86')).toEqual({
      status: 'failed',
      message: expect.stringMatching(/memcheck found something:\n.*Invalid read/s),
    });
    expect(under('broken', 'exit 1')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('ended with 1'),
    });
  }, 300_000);
});

test('the GPU wins from the size on at which it is never behind again', () => {
  const reading = (rows: number, cpuMs: number, gpuMs: number, copyMs: number): BenchReading => ({
    ...{ name: 'q', rows, cpuMs, gpuMs, uploadMs: copyMs, downloadMs: 0 },
    ...{ inputBytes: 0, resultBytes: 0 },
  });
  const readings = [reading(10, 1, 0.5, 9), reading(100, 1, 2, 9), reading(1000, 9, 3, 5), reading(10_000, 90, 9, 99)];
  expect(winsOf(readings)).toEqual([{ name: 'q', residentRows: 1000, withTransfersRows: null }]);
  expect(winsOf(readings.slice(0, 3))).toEqual([{ name: 'q', residentRows: 1000, withTransfersRows: 1000 }]);
});

test.each([
  [['--only', 'nonsense'], 1, /the section "nonsense". Sections: addon, kernels/],
  [['--rows', '0.5'], 1, /--rows takes whole numbers from 1. Got "0.5"/],
  [['--wrong'], 2, /Usage: warpframe verify-gpu/],
] as const)('%j is a mistake', (args, code, message) => {
  const command = [...tsx, path.join(root, 'ts/cli/run.ts'), 'verify-gpu', ...args];
  const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([code, expect.stringMatching(message)]);
});
