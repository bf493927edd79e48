// Nothing of a thousand queries is left: not on the device, not in page-locked memory.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect } from 'vitest';
import { onBackends, TEST_BACKENDS } from '../support/backends.ts';
import { root } from './support.ts';

onBackends(
  (_, test) => {
    test('a thousand queries leave nothing', () => {
      const loader = path.join(root, 'node_modules/tsx/dist/loader.mjs');
      const child = path.join(import.meta.dirname, 'gpu-leak-child.mts');
      const run = spawnSync(process.execPath, ['--expose-gc', '--import', loader, child], { encoding: 'utf8' });
      expect(run.stderr).toBe('');
      expect(JSON.parse(run.stdout)).toEqual({ used: 0, external: 0, spilled: 0 });
    }, 600_000);
  },
  TEST_BACKENDS.filter((b) => b.name !== 'cpu'),
);
