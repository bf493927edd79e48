// 20 million rows within 256 MB: nearly unique groups, a sort, a join of two such files; and what the process takes.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { duck, duckRows } from '../support/duck.ts';

const ROWS = 20_000_000;
const LIMIT = 256 << 20;
/** What a process takes beside the engine's memory: 130 to 180 MB were seen. Without a limit it takes 1.2 to 1.9 GB. */
const MOST_BESIDE = 300 << 20;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-spill-large-'));
const at = (name: string): string => path.join(folder, name);
const spilled = at('spilled');
const script = at('run.mts');
fs.mkdirSync(spilled);
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  const connection = await duck();
  await connection.run("SET memory_limit = '1500MB'");
  await connection.run('SET preserve_insertion_order = false');
  const ids = (seed: number): string => `(hash(i + ${seed}) % 19000000)::BIGINT AS id`;
  await connection.run(`COPY (SELECT ${ids(0)}, (hash(i + 3) % 1000003) / 8 AS v FROM range(${ROWS}) t(i))
    TO '${at('one.parquet')}' (FORMAT parquet)`);
  await connection.run(`COPY (SELECT ${ids(ROWS)}, (i % 7)::INTEGER AS w FROM range(${ROWS}) t(i))
    TO '${at('two.parquet')}' (FORMAT parquet)`);
  // The process runs one query, looks at the order of what comes out, and says what it took.
  fs.writeFileSync(
    script,
    `import { readFileSync } from 'node:fs';
    import { len, readParquet } from '${pathToFileURL(path.resolve('ts/index.ts')).href}';
    const [what, threads] = process.argv.slice(2);
    const one = await readParquet('${at('one.parquet')}');
    const two = await readParquet('${at('two.parquet')}');
    const options = { memoryLimitBytes: ${LIMIT}, threads: Number(threads), spillFolder: '${spilled}' };
    const before = process.memoryUsage.rss();
    const query = what === 'group'
      ? one.groupBy('id').agg({ n: len(), v: (c) => c.v.sum() })
      : what === 'sort' ? one.sort({ by: 'v', descending: true }, 'id') : one.join(two, { on: 'id' });
    await query.writeParquet('${at('out.parquet')}', options);
    const spilled = / spilled to disk/.test(query.explain());
    // Not resourceUsage().maxRSS: that starts with what the process had that started this one.
    const peak = process.platform === 'linux'
      ? Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
      : process.resourceUsage().maxRSS;
    const rssBytes = peak * 1024 - before;
    let inOrder = true;
    if (what === 'sort') {
      let last = { v: Infinity, id: 0n };
      for await (const batch of query.batches(options)) {
        const { v, id } = batch.toColumns();
        for (let i = 0; i < v.length; i++) {
          if (v[i] > last.v || (v[i] === last.v && id[i] < last.id)) inOrder = false;
          last = { v: v[i], id: id[i] };
        }
      }
    }
    console.log(JSON.stringify({ inOrder, spilled, rssBytes }));
    process.exit(0);`,
  );
}, 300_000);

function run(what: string, threads: number): { inOrder: boolean; spilled: boolean; rssBytes: number } {
  const tsx = pathToFileURL(path.resolve('node_modules/tsx/dist/esm/index.mjs')).href;
  const args = ['--import', tsx, script, what, String(threads)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (!stdout.startsWith('{')) throw new Error(`${stdout}\n${stderr}`);
  return JSON.parse(stdout);
}

describe('20 million rows within 256 MB', () => {
  test.each([
    ['group', 2, 'id', `SELECT id, count(*) AS n, sum(v) AS v FROM '${at('one.parquet')}' GROUP BY id`, 'n'],
    ['sort', 1, 'id', `SELECT id, 1 AS n, v FROM '${at('one.parquet')}'`, '1'],
    ['join', 2, 'id', `SELECT id, w AS n, v FROM '${at('one.parquet')}' JOIN '${at('two.parquet')}' USING (id)`, 'w'],
  ])(
    '%s with %i threads',
    async (what, threads, key, sql, n) => {
      const result = run(what, threads);
      expect(result).toMatchObject({ inOrder: true, spilled: true });
      expect(result.rssBytes).toBeLessThan(LIMIT + MOST_BESIDE);
      expect(fs.readdirSync(spilled)).toEqual([]);
      const sums = (from: string, count: string): string =>
        `SELECT count(*), sum(${count}), sum(v), bit_xor(hash(${key})), bit_xor(hash(${key} + v)) FROM ${from}`;
      const [ours] = await duckRows(sums(`'${at('out.parquet')}'`, n));
      expect(ours).toEqual((await duckRows(sums(`(${sql})`, 'n')))[0]);
    },
    900_000,
  );
});
