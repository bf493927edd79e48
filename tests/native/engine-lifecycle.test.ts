// A process or worker may end at any moment of an engine library's life: without a crash, with its own exit code.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { engineFile } from './engine-fixture.ts';
import { addonFile, skipReason } from './support.ts';

const CHILD = path.join(import.meta.dirname, 'engine-child.cjs');

function run(
  what: string,
  ...flags: string[]
): Promise<{ code: number | null; signal: string | null; output: string }> {
  const child = spawn(process.execPath, [...flags, CHILD, addonFile, engineFile, what], { timeout: 50_000 });
  let output = '';
  child.stdout.on('data', (d) => (output += d));
  child.stderr.on('data', (d) => (output += d));
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, output: output.trim() })),
  );
}

describe.skipIf(skipReason)('an engine library ends well', () => {
  test.each([
    'loaded',
    'opened',
    'undisposed',
    'disposed',
    'worker',
    'workers',
    'terminate-slow',
    'terminate-work',
    'terminate-queries',
    'twice',
    'stress',
  ])('%s', async (what) => {
    expect(await run(what)).toEqual({ code: 0, signal: null, output: 'done' });
  });

  test('pending work is waited for', async () => {
    expect(await run('pending')).toEqual({ code: 0, signal: null, output: 'done\nworked' });
  });

  test.each([
    'exit-slow',
    'exit-work',
    'exit-upload',
    'exit-buffers',
    'throw-slow',
  ])('%s: the exit code is kept', async (what) => {
    expect(await run(what)).toMatchObject({ code: 7, signal: null });
  });

  test.each(['leak', 'leak-worker'])('%s: nothing is kept', async (what) => {
    expect(await run(what, '--expose-gc')).toEqual({ code: 0, signal: null, output: 'done' });
  });
});
