// Random plans over random frames, ours against DuckDB's.
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { Tuning } from '../../ts/backend/cpu/tuning.ts';
import { DataFrame } from '../../ts/index.ts';
import { isRefusal, onBackends, onCpu } from '../support/backends.ts';
import { duck } from '../support/duck.ts';
import { tuneEngine } from '../support/tuning.ts';
import { type Cell, difference, ourRows, projection, show, theirCell } from './compare.ts';
import { Coverage } from './coverage.ts';
import { drawFrom } from './draw.ts';
import { makeFrame, type RandomFrame } from './frames.ts';
import type { State } from './plans.ts';
import { randomPlan } from './random-plan.ts';
import { ALL_ROWS } from './registry.ts';
import { TOPICS } from './topics.ts';

const PLANS = Number(process.env['WARPFRAME_DIFFERENTIAL_PLANS'] ?? (onCpu ? 2000 : 300));
const SEED = Number(process.env['WARPFRAME_SEED'] ?? 1);
/** Threads of every plan, and `all` for plans that all spill; else as below. */
const THREADS = process.env['WARPFRAME_DIFFERENTIAL_THREADS'];
const SPILL = process.env['WARPFRAME_DIFFERENTIAL_SPILL'] === 'all';
/** A file that takes the reports of all plans that differ, and which took long. */
const LOG = process.env['WARPFRAME_DIFFERENTIAL_LOG'];
const SLOW_SECONDS = 3;
const FRAMES = 40;
const LARGE_FRAMES = 4;
/** Plans a test: a failure names its own seed, so blocks are only for the clock. */
const BLOCK = 200;
const BLOCK_MS = 600_000;

/** Every other plan runs on two threads, in pieces so small that frames of this size have many. */
const SMALL_PIECES = { minRows: 1, pieceRows: 64, pieceBytes: 4096 };
/** Every third plan spills: by turns all that it can, and after some rows; of many rows only when they are that many. */
const SPILL_BYTES = [1, 40_000];
const MANY_ROWS_BYTES = 1 << 20;
const tuningOf = (index: number, hasManyRows: boolean): Tuning =>
  SPILL || index % 3 === 2
    ? { ...SMALL_PIECES, spillBytes: hasManyRows ? MANY_ROWS_BYTES : SPILL_BYTES[(index >> 2) % 2]! }
    : SMALL_PIECES;

/** What a report adds, so that its plan runs again in the same way. */
const SETTING = `${THREADS === undefined ? '' : ` WARPFRAME_DIFFERENTIAL_THREADS=${THREADS}`}${SPILL ? ' WARPFRAME_DIFFERENTIAL_SPILL=all' : ''}`;

const folder = mkdtempSync(join(tmpdir(), 'warpframe-differential-'));
const frames: RandomFrame[] = [];
const coverage = new Coverage();
/** Plans that libcudf cannot run, by what it says. */
const refused = new Map<string, number>();

beforeAll(async () => {
  await tuneEngine(SMALL_PIECES);
  const draw = drawFrom(SEED);
  for (let i = 0; i < FRAMES; i++) frames.push(await makeFrame(draw, `v${i}`, folder, i < LARGE_FRAMES));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const indented = (rows: Cell[][]): string =>
  rows
    .slice(0, 5)
    .map((r) => `    ${r.map(show).join(' | ')}`)
    .join('\n');

async function run(index: number): Promise<void> {
  const draw = drawFrom((SEED * 1_000_003 + index) >>> 0);
  let s: State;
  try {
    s = randomPlan(draw, frames, LARGE_FRAMES);
  } catch (cause) {
    throw new Error(`WARPFRAME_SEED=${SEED}, plan ${index}: cannot build. ${(cause as Error).message}`, { cause });
  }
  const types = s.columns.map((c) => c.type);
  const names = s.df.columns;
  const sql = `WITH ${[...s.steps, 'done AS (SELECT 1)'].join(',\n')}\nSELECT ${names.map((n, i) => projection(n, types[i] as never)).join(', ')} FROM ${s.relation}${s.ordered ? ' ORDER BY __o' : ''}`;
  const used = frames.filter((f) => new RegExp(`\\b${f.name}\\b`).test(sql));
  const report = (what: string, ours: Cell[][], theirs: Cell[][]): Error =>
    new Error(
      [
        `WARPFRAME_SEED=${SEED}, plan ${index} (WARPFRAME_ONLY=${index}${SETTING}): ${what}`,
        ...used.flatMap((f) => [...f.script.map((x) => `${x};`), `const ${f.name} = ${f.code};`]),
        s.code,
        s.df.explain(),
        sql,
        `  ours (${names.join(' | ')}):`,
        indented(ours),
        '  DuckDB:',
        indented(theirs),
      ].join('\n'),
    );
  let theirs: Cell[][];
  try {
    const reader = await (await duck()).runAndReadAll(sql);
    theirs = reader.getRows().map((row) => row.map((v, i) => theirCell(v, types[i] as never)));
  } catch (cause) {
    throw report(`DuckDB refused: ${(cause as Error).message}`, [], []);
  }
  let ours: Cell[][];
  try {
    await tuneEngine(
      tuningOf(
        index,
        used.some((f) => frames.indexOf(f) < LARGE_FRAMES),
      ),
    );
    const table = await s.df.collect({ threads: THREADS === undefined ? 1 + (index % 2) : Number(THREADS) });
    ours = ourRows(table);
    table.dispose();
  } catch (cause) {
    if (isRefusal(cause)) {
      refused.set(cause.message, (refused.get(cause.message) ?? 0) + 1);
      return;
    }
    throw report(`our engine threw: ${(cause as Error).stack}`, [], theirs);
  }
  const different = difference(ours, theirs, types, s.ordered, names);
  if (different !== null) throw report(different, ours, theirs);
  coverage.add(DataFrame.planOf(s.df));
}

const only = process.env['WARPFRAME_ONLY'];
/** What is drawn depends on the plans drawn before: one by itself is the same plan only behind them. */
function drawPlansBefore(index: number): void {
  for (let i = 0; i < index; i++) {
    try {
      randomPlan(drawFrom((SEED * 1_000_003 + i) >>> 0), frames, LARGE_FRAMES);
    } catch {
      // Its own report says why.
    }
  }
}
describe('random plans against DuckDB', () =>
  onBackends((backend, test) => {
    const blocks = only === undefined ? Math.ceil(PLANS / BLOCK) : 1;
    test.each(Array.from({ length: blocks }, (_, i) => i))(
      'block %i',
      async (block) => {
        const began = performance.now();
        const failures: string[] = [];
        const from = only === undefined ? block * BLOCK : Number(only);
        const to = only === undefined ? Math.min(PLANS, from + BLOCK) : from + 1;
        if (only !== undefined) drawPlansBefore(from);
        for (let i = from; i < to; i++) {
          const started = performance.now();
          // A block that is stopped from outside would go on beside the next one, on the same engine with other settings.
          if (started - began > BLOCK_MS * 0.9) {
            failures.push(`plan ${i} of seed ${SEED}: not run, the block's time is over`);
            break;
          }
          try {
            await run(i);
          } catch (error) {
            failures.push((error as Error).message);
          }
          const seconds = (performance.now() - started) / 1000;
          if (LOG !== undefined && seconds > SLOW_SECONDS)
            appendFileSync(LOG, `plan ${i} of seed ${SEED} took ${seconds.toFixed(1)} s\n`);
        }
        if (LOG !== undefined) for (const f of failures) appendFileSync(LOG, `${f}\n\n`);
        if (failures.length > 0)
          expect.fail(`${failures.length} of ${to - from} plans differ.\n\n${failures.slice(0, 3).join('\n\n')}`);
      },
      BLOCK_MS,
    );

    if (backend.name !== 'cpu') {
      test('most plans can run', () => {
        const sum = [...refused.values()].reduce((a, b) => a + b, 0);
        const lines = [...refused].map(([reason, n]) => `  ${n} × ${reason.slice(0, 300)}`);
        console.log(`${sum} of ${PLANS} plans were refused on ${backend.label}:\n${lines.join('\n')}`);
        expect(sum).toBeLessThan(PLANS / 2);
      });
      return;
    }
    // Fewer plans may miss a function by bad luck.
    if (only === undefined && PLANS >= 2000)
      test('every function of the registry is drawn, or left out for a reason in semantics.md', () => {
        const excluded = ALL_ROWS.flatMap((r) => ('excluded' in r ? [r] : []));
        for (const e of excluded) expect(TOPICS).toContain(e.excluded.topic);
        console.log(coverage.report());
        expect(coverage.missing(excluded.map((e) => e.fn))).toEqual([]);
      });
  }));
