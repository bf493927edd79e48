// Chains of nodes over a Parquet file, groups of them, their first rows and their joins, read a few row groups at a time: the
// rows of the CPU engine and of DuckDB. Over the host's stand-in for libcudf: not a GPU.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect } from 'vitest';
import { onBackends, TEST_BACKENDS } from '../support/backends.ts';
import { root } from './support.ts';

interface Report {
  readonly outcomes: Readonly<Record<string, string>>;
  readonly notes: Readonly<Record<string, readonly string[]>>;
}
function report(env: Record<string, string>): Report {
  const loader = path.join(root, 'node_modules/tsx/dist/loader.mjs');
  const child = path.join(import.meta.dirname, 'gpu-parts-child.mts');
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', loader, child], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 1 << 26,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Report;
}
function expectEqual({ outcomes }: Report): void {
  const others = Object.entries(outcomes).filter(([, what]) => what !== 'equal');
  expect(Object.fromEntries(others)).toEqual({});
  expect(Object.keys(outcomes).length).toBeGreaterThan(80);
}

onBackends(
  (_, test) => {
    test('a row group at a time', () => {
      const got = report({ HOSTCUDF_PART_ROWS: '1' });
      expectEqual(got);
      const { notes } = got;
      expect(notes['one key']).toEqual(['SCAN 3000: 30 parts', 'AGGREGATE 14']);
      expect(notes['no keys, some rows']).toEqual(['SCAN 2420: 30 parts', 'FILTER 757', 'AGGREGATE 1']);
      // Of functions that need all rows the input is put together, if there is more of it than the scan.
      expect(notes['aggregates of which one looks at all rows']).toEqual(['SCAN 3000', 'AGGREGATE 14']);
      // No more is read than what is wanted.
      expect(notes['first rows']).toEqual(['SCAN 400: 4 of 30 parts', 'FILTER 83', 'HEAD 77']);
      expect(notes['groups of first rows']![0]).toBe('SCAN 1500: 15 of 30 parts');
      expect(notes['last rows']![0]).toBe('SCAN 2420: 30 parts');
      // Rows of a file that others are joined with, and groups of all rows: once.
      expect(notes['a join with groups of the same file']).toEqual([
        'SCAN 3000: 30 parts',
        'AGGREGATE 14',
        'FILTER 7',
        'SCAN 2420: 30 parts',
        'FILTER 757',
        'JOIN 317',
      ]);
    }, 600_000);

    test.each(['2', '3'])('some row groups at a time, seed %s of what libcudf leaves open', (seed) => {
      const got = report({ HOSTCUDF_PART_ROWS: '700', HOSTCUDF_SEED: seed });
      expectEqual(got);
      expect(got.notes['one key']![0]).toBe('SCAN 3000: 5 parts');
    }, 600_000);
  },
  TEST_BACKENDS.filter((b) => b.name === 'sim'),
);
