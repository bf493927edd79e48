// warpframe_verify, the program that checks a GPU without Node, over the host's stand-in for libcudf (not a GPU).
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// @ts-ignore: a build script
import { buildNative, whyNoBuild } from '../../scripts/build-native.mjs';
import { verifyHtml } from '../../ts/report/write-verify.ts';
import { PLAN_CASES } from '../../ts/verify/cases/plan-cases.ts';
import type { VerifyReport } from '../../ts/verify/report.ts';
import { root } from './support.ts';

const why: string | undefined = whyNoBuild('sim');
if (why !== undefined) console.warn(`warpframe_verify is skipped: ${why}`);
const goldens = path.join(root, 'native/tests/verify/plans.jsonl');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-verify-native-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

interface Line {
  readonly name?: string;
  readonly expected?: readonly { readonly values: string | null }[];
}
const lines = fs
  .readFileSync(goldens, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Line);

test('the recorded plans are those of verify-gpu', () => {
  const names = lines.flatMap((l) => (l.name === undefined ? [] : [l.name]));
  const wanted = PLAN_CASES.map((c) => `${c.group}: ${c.name}`);
  // Results that are lists stay out.
  expect(wanted.filter((name) => !names.includes(name))).toEqual(['aggregates: a list a group']);
  expect(names.every((name) => wanted.includes(name))).toBe(true);
});

describe.skipIf(why !== undefined)('warpframe_verify on host-cudf, not a GPU', () => {
  let program = '';
  beforeAll(async () => {
    await buildNative({ variant: 'sim', quiet: true });
    program = path.join(root, 'out/native/sim-build/tests/warpframe_verify');
  }, 3_600_000);
  const run = (...args: string[]): { code: number | null; err: string; report: VerifyReport } => {
    const out = path.join(folder, 'report.json');
    fs.rmSync(out, { force: true });
    const { status, stderr } = spawnSync(program, ['--out', out, '--rounds', '3', ...args], { encoding: 'utf8' });
    return { code: status, err: stderr, report: JSON.parse(fs.readFileSync(out, 'utf8')) as VerifyReport };
  };
  const section = (report: VerifyReport, name: string) => report.groups.filter((g) => g.section === name);

  test('everything runs, and the report is one of verify-gpu', async () => {
    const { code, err, report } = run();
    expect(code, err).toBe(0);
    expect(report).toMatchObject({ format: 1, tool: 'warpframe_verify', ok: true, bench: [], wins: [] });
    expect(report.engine).toMatchObject({ label: 'host-cudf, not a GPU', host: true, reason: null });
    expect([...new Set(report.groups.map((g) => g.section))]).toEqual(['addon', 'kernels', 'plans', 'drills']);
    expect(report.totals.passed).toBeGreaterThan(80);
    const page = await verifyHtml(report);
    expect(page).toContain('by <b>warpframe_verify</b>');
    expect(page).toContain('host-cudf, not a GPU');
  }, 300_000);

  test('one other bit in a recorded result makes it fail', () => {
    const at = lines.findIndex((l) => l.name === 'sorts: several keys');
    const line = structuredClone(lines[at]!) as { expected: { values: string }[] };
    const bytes = Buffer.from(line.expected[0]!.values, 'base64');
    bytes[5]! ^= 4;
    line.expected[0]!.values = bytes.toString('base64');
    const planted = path.join(folder, 'planted.jsonl');
    fs.writeFileSync(planted, lines.map((l, i) => JSON.stringify(i === at ? line : l)).join('\n'));
    const { code, report } = run('--only', 'plans', '--plans', planted);
    expect(code).toBe(1);
    expect(report.ok).toBe(false);
    expect(report.groups.flatMap((g) => g.failures)).toEqual([
      {
        name: 'sorts: several keys',
        message: expect.stringMatching(/^row 1, column id \(Int32\): got \d+, expected \d+$/),
      },
    ]);
  }, 300_000);

  test('device and kernels need no libcudf; without it plans say why they did not run', () => {
    const none = path.join(folder, 'none.so');
    const alone = run('--only', 'addon,kernels', '--library', none);
    expect(alone.code, alone.err).toBe(0);
    expect(section(alone.report, 'kernels')[0]?.passed).toBeGreaterThan(10);
    const { code, report } = run('--only', 'plans,drills', '--library', none);
    expect(code).toBe(77);
    expect(report.engine.reason).toContain('none.so');
    expect(section(report, 'plans')[0]?.notRun).toMatchObject([
      { count: 1, reason: expect.stringContaining('none.so') },
    ]);
  }, 300_000);

  test('wrong arguments are told', () => {
    const told = (...args: string[]): unknown => {
      const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
      return [status, stderr.trim()];
    };
    expect(told('--only', 'speed')).toEqual([2, expect.stringContaining('the section "speed"')]);
    expect(told('--scale', 'x')).toEqual([2, expect.stringContaining('Got "x"')]);
    expect(told('--wrong', '1')).toEqual([2, 'There is no option --wrong.']);
  });
});
