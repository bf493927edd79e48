// A process or worker may end at any moment of the addon's life: without a crash, with its own exit code.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { addonFile, libraryFile, skipReason } from './support.ts';

const CHILD = path.join(import.meta.dirname, 'lifecycle-child.cjs');

function run(
  what: string,
  ...flags: string[]
): Promise<{ code: number | null; signal: string | null; output: string }> {
  const child = spawn(process.execPath, [...flags, CHILD, addonFile, libraryFile, what], { timeout: 50_000 });
  let output = '';
  child.stdout.on('data', (d) => (output += d));
  child.stderr.on('data', (d) => (output += d));
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, output: output.trim() })),
  );
}

describe.skipIf(skipReason)('the addon ends well', () => {
  test.each([
    'loaded',
    'opened',
    'undisposed',
    'disposed',
    'worker',
    'workers',
    'terminate-long',
    'twice',
  ])('%s', async (what) => {
    expect(await run(what)).toEqual({ code: 0, signal: null, output: 'done' });
  });

  test('pending work is waited for', async () => {
    expect(await run('pending')).toEqual({ code: 0, signal: null, output: 'done\nstepped' });
  });

  test.each(['exit-long', 'throw-long'])('%s: the exit code is kept', async (what) => {
    expect(await run(what)).toMatchObject({ code: 7, signal: null });
  });

  test('no memory is kept', async () => {
    const { code, output } = await run('leak', '--expose-gc');
    expect(output).toMatch(/grown by .*\ndone/);
    expect(code).toBe(0);
  });
});
