// A process or worker may end at any moment of the addon's life: without a crash, with its own exit code.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runChild } from './run-child.ts';
import { libraryFile, root, skipReason } from './support.ts';

const CHILD = path.join(import.meta.dirname, 'lifecycle-child.cjs');

const run = (what: string, ...flags: string[]) => runChild(CHILD, libraryFile, what, flags);

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
    'stress',
  ])('%s', async (what) => {
    expect(await run(what)).toEqual({ code: 0, signal: null, output: 'done' });
  });

  test('pending work is waited for', async () => {
    expect(await run('pending')).toEqual({ code: 0, signal: null, output: 'done\nstepped' });
  });

  test.each(['exit-long', 'throw-long'])('%s: the exit code is kept', async (what) => {
    expect(await run(what)).toMatchObject({ code: 7, signal: null });
  });

  test('boosters that nobody disposed are freed when they are collected', async () => {
    const program = `
      import { openXgboost } from ${JSON.stringify(path.join(root, 'ts/native/xgboost.ts'))};
      const engine = await openXgboost({ library: ${JSON.stringify(libraryFile)} });
      const values = new Float64Array(new SharedArrayBuffer(8 * 50_000)).map((_, i) => Math.sin(i));
      const data = { columns: Array.from({ length: 10 }, () => ({ values })), label: Float32Array.from(values) };
      const round = async () => {
        for (let i = 0; i < 10; i++) await engine.train({ params: { tree_method: 'exact' }, train: data });
        for (let i = 0; i < 5; i++) { gc(); await new Promise((r) => setTimeout(r, 20)); }
        return process.memoryUsage().rss;
      };
      for (let i = 0; i < 2; i++) await round();
      const before = await round();
      for (let i = 0; i < 4; i++) await round();
      console.log(((await round()) - before) / 2 ** 20);`;
    const file = path.join(root, 'out/native', `forgotten-${process.pid}.mts`);
    fs.writeFileSync(file, program);
    try {
      const tsx = path.join(root, 'node_modules/tsx/dist/loader.mjs');
      const out = execFileSync(process.execPath, ['--expose-gc', '--import', tsx, file], { encoding: 'utf8' });
      // Fifty of them hold 200 MB.
      expect(Number(out)).toBeLessThan(60);
    } finally {
      fs.rmSync(file);
    }
  });

  test('no memory is kept', async () => {
    const { code, output } = await run('leak', '--expose-gc');
    expect(output).toMatch(/grown by .*\ndone/);
    expect(code).toBe(0);
  });
});
