// Random plans on the CPU engine and on backend cuda over the host's stand-in for libcudf: the same rows.
// Not a GPU. Runs where TEST_BACKENDS names sim.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test as skipped } from 'vitest';
import { type Cell, difference, ourRows, show } from '../differential/compare.ts';
import { drawFrom } from '../differential/draw.ts';
import { makeFrame, type RandomFrame } from '../differential/frames.ts';
import type { State } from '../differential/plans.ts';
import { randomPlan } from '../differential/random-plan.ts';
import { onBackends, TEST_BACKENDS } from '../support/backends.ts';

const PLANS = Number(process.env['WARPFRAME_DIFFERENTIAL_PLANS'] ?? 100);
const SEED = Number(process.env['WARPFRAME_SEED'] ?? 1);
const only = process.env['WARPFRAME_ONLY'];
const FRAMES = 12;
const LARGE_FRAMES = 1;

const folder = mkdtempSync(path.join(tmpdir(), 'warpframe-random-plans-'));
const frames: RandomFrame[] = [];
beforeAll(async () => {
  if (TEST_BACKENDS.every((b) => b.name === 'cpu')) return;
  const draw = drawFrom(SEED);
  for (let i = 0; i < FRAMES; i++) frames.push(await makeFrame(draw, `v${i}`, folder, i < LARGE_FRAMES));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const first = (rows: readonly Cell[][]): string =>
  rows
    .slice(0, 8)
    .map((r) => `    ${r.map(show).join(' | ')}`)
    .join('\n');

const drawn = (index: number): State => randomPlan(drawFrom((SEED * 1_000_003 + index) >>> 0), frames, LARGE_FRAMES);

/** What differs in one plan, or null; 'refused' where libcudf cannot run it. */
async function run(index: number): Promise<string | null> {
  const s = drawn(index);
  const rowsOn = async (engine: 'cpu' | 'cuda'): Promise<Cell[][] | { error: Error & { code?: string } }> => {
    try {
      const table = await s.df.collect({ engine });
      const rows = ourRows(table);
      table.dispose();
      return rows;
    } catch (error) {
      return { error: error as Error };
    }
  };
  const expected = await rowsOn('cpu');
  const got = await rowsOn('cuda');
  if ('error' in got && got.error.message.startsWith('No engine can run this plan')) return 'refused';
  const types = s.columns.map((c) => c.type);
  const what =
    'error' in expected || 'error' in got
      ? 'error' in expected && 'error' in got && expected.error.code === got.error.code
        ? null
        : `cpu: ${'error' in expected ? expected.error.message : 'rows'}; cuda: ${'error' in got ? got.error.message : 'rows'}`
      : difference(got, expected, types, s.ordered, s.df.columns);
  if (what === null) return null;
  const rows = (r: typeof expected): string => ('error' in r ? `    ${String(r.error)}` : first(r));
  return [
    `plan ${index} (WARPFRAME_ONLY=${index}): ${what}`,
    s.code,
    s.df.explain(),
    `  ${s.df.columns.join(' | ')}`,
    `  cuda over host-cudf:`,
    rows(got),
    `  cpu:`,
    rows(expected),
  ].join('\n');
}

onBackends((backend, test) => {
  if (backend.name === 'cpu') {
    skipped.skip('needs TEST_BACKENDS=sim', () => undefined);
    return;
  }
  test('random plans give the rows of the CPU engine', async () => {
    const indices = only === undefined ? Array.from({ length: PLANS }, (_, i) => i) : [Number(only)];
    // What is drawn depends on the plans drawn before.
    for (let i = 0; only !== undefined && i < Number(only); i++) drawn(i);
    const failures: string[] = [];
    let refused = 0;
    for (const i of indices) {
      const what = await run(i);
      if (what === 'refused') refused++;
      else if (what !== null) failures.push(what);
    }
    console.log(`${indices.length} plans, ${refused} refused, ${failures.length} differ`);
    if (failures.length > 0) expect.fail(`${failures.length} differ.\n\n${failures.slice(0, 10).join('\n\n')}`);
    expect(refused).toBeLessThan(indices.length / 2 + 1);
  }, 3_600_000);
});
