// A process or worker may end at any moment of an engine library's life: without a crash, with its own exit code.
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { engineFile } from './engine-fixture.ts';
import { runChild } from './run-child.ts';
import { skipReason } from './support.ts';

const CHILD = path.join(import.meta.dirname, 'engine-child.cjs');

const run = (what: string, ...flags: string[]) => runChild(CHILD, engineFile, what, flags);

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
