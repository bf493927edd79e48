// Processes and workers that end while the GPU's engine works, the engine twice in a process, work that is cancelled. Runs
// where TEST_BACKENDS names sim: host-cudf, not a GPU.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect } from 'vitest';
// @ts-ignore: a build script
import { buildNative } from '../../scripts/build-native.mjs';
import { onBackends, TEST_BACKENDS } from '../support/backends.ts';
import { root } from './support.ts';

async function run(...params: string[]): Promise<{ status: number | null; signal: string | null; output: string }> {
  const loader = path.join(root, 'node_modules/tsx/dist/loader.mjs');
  const child = path.join(import.meta.dirname, 'gpu-ends-child.mts');
  const addon = process.env['WARPFRAME_NATIVE_ADDON'] ?? (await buildNative({ variant: 'sim', quiet: true })).file;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--import', loader, child, ...params], {
    encoding: 'utf8',
    timeout: 200_000,
    env: { ...process.env, WARPFRAME_NATIVE_ADDON: addon },
  });
  return { status, signal, output: `${stdout}${stderr}`.trim() };
}

onBackends(
  (_, test) => {
    test.each(['work', 'workers', 'terminate', 'twice', 'cancel'])('%s', async (what: string) => {
      expect(await run(what)).toEqual({ status: 0, signal: null, output: 'done' });
    }, 300_000);

    test.each(['0', '3', '10', '40'])('the process exits %s ms into its work with its own code', async (ms: string) => {
      expect(await run('exit', ms)).toEqual({ status: 7, signal: null, output: '' });
    });

    test('an exception that nobody catches ends the process with its own code', async () => {
      expect(await run('throw')).toEqual({ status: 7, signal: null, output: '' });
    });
  },
  TEST_BACKENDS.filter((b) => b.name === 'sim'),
);
