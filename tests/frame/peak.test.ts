// What a process has resident while it makes a large result: the result once, and not its pieces beside it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { duck } from '../support/duck.ts';

const ROWS = 6_000_000;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-peak-'));
const at = (name: string): string => path.join(folder, name);
const script = at('run.mts');
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Of the result's bytes; with pieces and result side by side it was 2, of groups 3. */
const MOST_OF_RESULT = { group: 2.7, others: 1.35 };
/** Threads, files and what is being decoded. */
const MOST_BESIDE = 110e6;

beforeAll(async () => {
  const connection = await duck();
  await connection.run(`COPY (SELECT i::INTEGER AS i, (hash(i) % 1000)::INTEGER AS k, (hash(i) % 1000003) / 8 AS v,
      'a' || (hash(i) % 5000000) AS s, 'b' || (hash(i) % 900) AS t FROM range(${ROWS}) t(i)) TO '${at('one.parquet')}'`);
  await connection.run(`COPY (SELECT i::INTEGER AS k, i / 3 AS w FROM range(950) t(i)) TO '${at('two.parquet')}'`);
  fs.writeFileSync(
    script,
    `import { readFileSync } from 'node:fs';
    import { readParquet } from '${pathToFileURL(path.resolve('ts/index.ts')).href}';
    const one = await readParquet('${at('one.parquet')}');
    const two = await readParquet('${at('two.parquet')}');
    await two.filter((c) => c.k.gt(3)).collect();
    const before = process.memoryUsage.rss();
    const table = await {
      inner: () => one.join(two, { on: 'k' }),
      left: () => one.join(two, { on: 'k', how: 'left' }),
      filter: () => one.filter((c) => c.k.lt(900)),
      // The table of the groups takes as much as the result while there is one.
      group: () => one.groupBy('i', 't', 's').agg({ v: (c) => c.v.sum() }),
      project: () => one.withColumns({ w: (c) => c.v.mul(2) }),
    }[process.argv[2]]().collect({ threads: Number(process.argv[3]) });
    const peak = Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
    console.log(JSON.stringify({ peakBytes: peak - before, resultBytes: table.sizeBytes, rows: table.height }));
    process.exit(0);`,
  );
});

// Only Linux tells what was resident at most.
test.runIf(process.platform === 'linux').each([
  ['inner', 2],
  ['left', 2],
  ['filter', 2],
  ['filter', 1],
  ['project', 2],
  ['group', 1],
])('a large %s result with %i threads is held once', (what, threads) => {
  const tsx = pathToFileURL(path.resolve('node_modules/tsx/dist/esm/index.mjs')).href;
  const args = ['--import', tsx, script, what, String(threads)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (!stdout.startsWith('{')) throw new Error(`${stdout}\n${stderr}`);
  const { peakBytes, resultBytes, rows } = JSON.parse(stdout);
  expect(rows).toBeGreaterThan(0.89 * ROWS);
  // Nothing of the room that was made for rows that did not come stays with the result.
  expect(resultBytes).toBeLessThan(rows * 60);
  const most = what === 'group' ? MOST_OF_RESULT.group : MOST_OF_RESULT.others;
  expect(peakBytes).toBeLessThan(most * resultBytes + MOST_BESIDE);
});
