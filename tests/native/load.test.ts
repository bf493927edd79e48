// Which addon and library are taken, what is said of the others, and that nothing is loaded before it is asked for.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findXgboostLibrary, platformPackage } from '../../ts/native/load.ts';
import { openXgboost, xgboostStatus } from '../../ts/native/xgboost.ts';
import { addonFile, libraryFile, root, skipReason } from './support.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-load-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Runs a program over the sources in a process of its own, so that what is loaded is its own. */
function program(text: string, env: Record<string, string> = {}): any {
  const file = path.join(folder, `p${Math.random()}.mts`);
  const native = path.join(root, 'ts/native/xgboost.ts');
  fs.writeFileSync(file, `import { openXgboost, xgboostStatus } from ${JSON.stringify(native)};\n${text}`);
  const tsx = path.join(root, 'node_modules/tsx/dist/loader.mjs');
  return JSON.parse(
    execFileSync(process.execPath, ['--import', tsx, file], { encoding: 'utf8', env: { ...process.env, ...env } }),
  );
}
const failure = (path: string) => `
try { await openXgboost(${path}); console.log('{}'); } catch (e) {
  console.log(JSON.stringify({ code: e.code, message: e.message, rejected: e.detail.rejected }));
}`;

test('importing loads nothing native', () => {
  expect(
    program(
      `console.log(JSON.stringify(Object.keys(process.report.getReport().sharedObjects.filter((o) => /warpframe\\.node|xgboost/.test(o)))))`,
    ),
  ).toEqual([]);
});

test('a library that is not there is an error, whatever else is installed', async () => {
  expect(findXgboostLibrary('/nowhere/libxgboost.so')).toEqual({
    found: undefined,
    rejected: [{ candidate: 'the given path', reason: '/nowhere/libxgboost.so does not exist', absent: false }],
  });
  await expect(openXgboost({ library: '/nowhere/libxgboost.so' })).rejects.toMatchObject({
    code: 'ERR_MISSING_DEPENDENCY',
    message: expect.stringMatching(/libxgboost is not available here\. Tried .*does not exist.* Install @warpframe\//),
  });
  expect((await xgboostStatus({ library: '/nowhere/libxgboost.so' })).available).toBe(false);
});

test('an addon that the environment names and that is none', () => {
  const file = path.join(folder, 'text.node');
  fs.writeFileSync(file, 'no addon');
  const { code, rejected } = program(failure(''), { WARPFRAME_NATIVE_ADDON: file });
  expect(code).toBe('ERR_MISSING_DEPENDENCY');
  expect(rejected).toEqual([
    { candidate: 'WARPFRAME_NATIVE_ADDON', reason: expect.stringContaining('text.node'), absent: false },
  ]);
});

test('the platform package is named for this platform', () => {
  expect(platformPackage()).toBe(`@warpframe/${process.platform}-${process.arch}-cpu`);
});

describe.skipIf(skipReason)('with the addon', () => {
  test('the status says what is used', async () => {
    const env = { WARPFRAME_NATIVE_ADDON: addonFile, WARPFRAME_XGBOOST_LIBRARY: libraryFile };
    expect(program('console.log(JSON.stringify(await xgboostStatus()))', env)).toEqual({
      available: true,
      version: '3.4.1',
      library: libraryFile,
      addon: addonFile,
      rejected: [],
    });
    expect(program('console.log(JSON.stringify(await xgboostStatus()))')).toMatchObject({ available: true });
  });

  test.each([
    ['a text', () => 'not a library', /file too short|invalid ELF/],
    ['another library', () => fs.readFileSync(addonFile), /it has no XG/],
  ])('a library that is %s', (_, bytes, reason) => {
    const file = path.join(folder, `lib${Math.random()}.so`);
    fs.writeFileSync(file, bytes());
    const { code, rejected } = program(failure(''), { WARPFRAME_XGBOOST_LIBRARY: file });
    expect(code).toBe('ERR_MISSING_DEPENDENCY');
    expect(rejected).toEqual([
      { candidate: 'WARPFRAME_XGBOOST_LIBRARY', reason: expect.stringMatching(reason), absent: false },
    ]);
  });

  test('a second library in one process is refused', () => {
    const copy = path.join(folder, 'copy');
    fs.cpSync(path.join(libraryFile, '../../..'), copy, { recursive: true });
    const other = path.join(copy, 'xgboost/lib/libxgboost.so');
    const { message } = program(`await openXgboost();${failure(JSON.stringify({ library: other }))}`, {
      WARPFRAME_XGBOOST_LIBRARY: libraryFile,
    });
    expect(message).toMatch(/A process opens one libxgboost/);
  });

  test('OpenMP is told not to spin, unless the user says otherwise', () => {
    const text = `await openXgboost(); console.log(JSON.stringify(process.env.OMP_WAIT_POLICY ?? null));`;
    expect(program(text)).toBe('passive');
    expect(program(text, { OMP_WAIT_POLICY: 'active' })).toBe('active');
  });
});
