// Where memory is short, or a column of libcudf holds few rows, a plan gives the CPU engine's rows or a typed error, and
// never some of the rows. Over the host's stand-in for libcudf: not a GPU.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect } from 'vitest';
import { onBackends, TEST_BACKENDS } from '../support/backends.ts';
import { root } from './support.ts';

type Outcomes = Readonly<Record<string, string>>;
function outcomes(args: readonly string[], env: Record<string, string>): Outcomes {
  const loader = path.join(root, 'node_modules/tsx/dist/loader.mjs');
  const child = path.join(import.meta.dirname, 'gpu-limit-child.mts');
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', loader, child, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Outcomes;
}
const ROWS = '10000';
/** Of more rows than a column holds, read part by part. */
const ROW_BY_ROW = [
  'some rows of a file',
  'groups of some rows of a file',
  'groups of a file',
  'figures of a file',
  'many groups of a file',
  'first of some rows of a file',
  'groups of the first of some rows of a file',
  'rows of a file that meet few',
  'groups of rows of a file that meet some',
];

onBackends(
  (_, test) => {
    test('a column of 10,000 rows at most', () => {
      const got = outcomes([], { HOSTCUDF_MAX_ROWS: ROWS });
      for (const [name, what] of Object.entries(got))
        expect([name, what]).toEqual([name, expect.stringMatching(/^(equal|ERR_UNSUPPORTED)$/)]);
      const large = ['rows of the host', 'rows below one another', 'rows that meet many', 'all pairs', 'a file'];
      const many = ['a group a row of a file', 'one more than fits of a file'];
      for (const name of [...large, ...many]) expect([name, got[name]]).toEqual([name, 'ERR_UNSUPPORTED']);
      for (const name of ['few rows', 'groups', 'all but a few pairs', 'lists', ...ROW_BY_ROW])
        expect([name, got[name]]).toEqual([name, 'equal']);
      // The rows of a stream are one below the other nowhere.
      for (const name of ['a file', 'one more than fits of a file'])
        expect([name, got[`${name}, streamed`]]).toEqual([name, 'equal']);
    });

    test('a stream of a file has more rows than a column', () => {
      const got = outcomes(['1000000'], { HOSTCUDF_MAX_ROWS: ROWS });
      expect(got['a file in 1000000']).toBe('ERR_UNSUPPORTED');
      expect(got['a file in 1000000, streamed']).toBe('equal');
      expect(got['chosen columns of a file in 1000000, streamed']).toBe('equal');
      expect(got['some rows of a file in 1000000, streamed']).toBe('equal');
      // What is left of the rows fits in columns: the file is read part by part.
      expect(got['some rows of a file in 1000000']).toBe('equal');
      expect(got['groups of some rows of a file in 1000000']).toBe('equal');
      expect(got['chosen columns of a file in 1000000']).toBe('ERR_UNSUPPORTED');
    });

    test('little memory', () => {
      const got = outcomes(['100000', '1000000', '3000000'], {});
      for (const [name, what] of Object.entries(got))
        expect([name, what]).toEqual([name, expect.stringMatching(/^(equal|ERR_OUT_OF_MEMORY)$/)]);
      // A stream holds a part of the file.
      expect(got['a file in 1000000']).toBe('ERR_OUT_OF_MEMORY');
      expect(got['a file in 1000000, streamed']).toBe('equal');
      for (const name of ROW_BY_ROW) {
        const much = name === 'many groups of a file';
        if (!much) expect([name, got[`${name} in 1000000`]]).toEqual([name, 'equal']);
        expect([name, got[`${name} in 3000000`]]).toEqual([name, 'equal']);
      }
      expect(got['rows of the host in 3000000']).toBe('equal');
    });
  },
  TEST_BACKENDS.filter((b) => b.name === 'sim'),
);
