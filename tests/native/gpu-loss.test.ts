// A GPU that is lost (an illegal address, a launch that failed) while a process uses it: typed errors from then on, and
// everything else goes on. Runs where TEST_BACKENDS names sim: host-cudf, not a GPU.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect } from 'vitest';
import { onBackends, TEST_BACKENDS } from '../support/backends.ts';
import { root } from './support.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-gpu-loss-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** What the child saw. */
function lost(number: number, moment: string, calls = 0): Record<string, any> {
  const loader = path.join(root, 'node_modules/tsx/dist/loader.mjs');
  const child = path.join(import.meta.dirname, 'gpu-loss-child.mts');
  const fault = path.join(folder, `${moment}-${number}-${calls}`);
  const run = spawnSync(
    process.execPath,
    ['--no-warnings', '--import', loader, child, String(number), moment, String(calls)],
    {
      encoding: 'utf8',
      env: { ...process.env, HOSTCUDF_FAULT: fault },
    },
  );
  expect({ status: run.status, signal: run.signal, stderr: run.stderr }).toEqual({
    status: 0,
    signal: null,
    stderr: '',
  });
  return JSON.parse(run.stdout);
}

const SUMS = [
  { k: 0, total: 500 },
  { k: 1, total: 500 },
];
const LOST = expect.stringMatching(/^GPU 0 was lost: .*Start the process again to use it\.$/);

onBackends(
  (_, test) => {
    test.each([
      [700, 'run', 'cudaErrorIllegalAddress', 0],
      [719, 'run', 'cudaErrorLaunchFailure', 3],
      [700, 'run', 'cudaErrorIllegalAddress', 7],
      [702, 'run', 'cudaErrorLaunchTimeout', 15],
      [700, 'upload', 'cudaErrorIllegalAddress', 0],
      [700, 'upload', 'cudaErrorIllegalAddress', 2],
      [700, 'download', 'cudaErrorIllegalAddress', 0],
      [719, 'download', 'cudaErrorLaunchFailure', 2],
      [214, 'stream', 'cudaErrorECCUncorrectable', 1],
    ] as const)('error %i in the middle of %s (%s after %i calls)', (number, moment, name, calls) => {
      const said = lost(number, moment, calls);
      expect(said['first']).toEqual(SUMS);
      // What is all but done may end well; then the next one is told.
      if (said['failing']?.code !== undefined || calls === 0) {
        expect(said['failing']).toEqual({ code: 'ERR_DEVICE', message: LOST });
        expect(said['failing'].message).toContain(name);
      }
      for (const what of ['again', 'its rows, on cpu', 'its tables'])
        expect(said[what]).toEqual({ code: 'ERR_DEVICE', message: LOST });
      expect(said['again'].message).toContain(name);
      expect(said['again, else cpu']).toEqual(SUMS);
      expect(said['on cpu']).toEqual(SUMS);
      expect(said['warnings']).toEqual([expect.stringMatching(/runs on the CPU\. GPU 0 was lost/)]);
      // What was read before stays.
      expect(said['its values']).toBe(5000);
      expect(said['told']).toMatch(/^GPU 0 was lost/);
    });

    test('an error that the context survives is told, and the device goes on', () => {
      const said = lost(1, 'run');
      expect(said['failing']).toEqual({
        code: 'ERR_DEVICE',
        message: expect.stringMatching(/^GPU 0 failed: .*cudaErrorInvalidValue/),
      });
      expect(said['again']).toEqual(SUMS);
      expect(said['its tables']).toBe(500);
      expect(said['warnings']).toEqual([]);
    });

    test('a device that fails at once is not there', () => {
      const said = lost(700, 'start');
      expect(said['first']).toMatchObject({
        code: 'ERR_UNSUPPORTED',
        message: expect.stringMatching(/cudaErrorIllegalAddress/),
      });
      expect(said['again, else cpu']).toEqual(SUMS);
      expect(said['on cpu']).toEqual(SUMS);
    });
  },
  TEST_BACKENDS.filter((b) => b.name === 'sim'),
);
