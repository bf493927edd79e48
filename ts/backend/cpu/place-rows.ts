// Whether the rows of a pipeline go straight to where the sink wants them.
import { timed } from './chain.ts';
import type { PlacedColumns } from './columns/placed-columns.ts';
import type { ExecContext } from './context.ts';
import type { Selector } from './evaluate.ts';
import type { Pieces, PlacedPieces, Source } from './pipeline.ts';
import type { Pipeline, Step } from './planner.ts';
import { DEFAULT_TUNING } from './tuning.ts';
import { type Batch, MORSEL_ROWS } from './vector.ts';

/**
 * Asks the sink, where it is known how many rows the pieces have or have at most; less than a morsel is no matter. True:
 * nothing but a filter stands between source and sink, and rows are read into it, unless they `arePushed` in any case.
 */
export function placeRows(
  ctx: ExecContext,
  pipeline: Pipeline,
  pieces: readonly (Pieces | null)[],
  arePushed = false,
): boolean {
  const { sink } = pipeline;
  if (!sink.place) return false;
  const placed = arePushed ? null : placedOf(pipeline, pieces);
  if (placed) {
    const rows = placed.rows();
    const coded = (): readonly boolean[] => placed.coded?.(ctx) ?? [];
    if (rows !== null) return isMuch(ctx, rows) && sink.place(ctx, rows, true, coded);
    const most = placed.mostClaimed?.(ctx) ?? null;
    if (most !== null && isMuch(ctx, [most]) && sink.placeClaimed?.(ctx, pieces[0]!.count, most)) return true;
  }
  const most = ctx.spill?.isOn ? null : mostRows(pipeline, pieces);
  if (most !== null && isMuch(ctx, most)) sink.place(ctx, most, false);
  return false;
}

/** Tells the last steps where their rows will lie, when it is known whether the sink has places for them. */
export function aimSteps({ inputs, steps, sink }: Pipeline): void {
  const { placesFor } = sink;
  if (!placesFor) return;
  for (const chain of steps.length > 0 ? [steps] : inputs.map((i) => i.steps)) chain.at(-1)?.operator.aim?.(placesFor);
}

/** How the rows of a pipeline can be read into a sink; null where something stands between it and the source. */
export function placedOf(pipeline: Pipeline, [pieces]: readonly (Pieces | null)[]): PlacedPieces | null {
  const { inputs, steps } = pipeline;
  if (inputs.length !== 1 || !pieces) return null;
  const { report, steps: own } = inputs[0]!;
  const all = [...own, ...steps];
  if (all.length === 0) return pieces.placed ?? null;
  const [filter, pick] = all;
  const selector = filter!.operator.selector;
  const picks = pick?.operator.picks;
  if (!pieces.isResident || !selector || all.length > 2 || (pick && !picks)) return null;
  const reports = [...all.map((s) => s.report), pipeline.report];
  return {
    rows: () => null,
    mostClaimed: (ctx) => (ctx.spill?.isOn ? null : pieces.rows),
    read(ctx, piece, into) {
      const before = filter!.report.ms;
      const { seen, kept } = timed(filter!.report, () => readKept(ctx, pieces.open(ctx, piece), selector, picks, into));
      // The caller's time of the source is that of the filter.
      report.ms -= filter!.report.ms - before;
      for (const r of reports) r.rows += kept;
      return seen;
    },
  };
}

/**
 * Rows of resident columns that a filter keeps. A piece knows how many when its predicate has been computed, claims their
 * places, and copies them there: a copy in between and moving pieces together afterwards would each take as long.
 */
function readKept(
  ctx: ExecContext,
  source: Source,
  selector: Selector,
  picks: readonly number[] | undefined,
  into: PlacedColumns,
): { seen: number; kept: number } {
  const found: { batch: Batch; sel: number; count: number }[] = [];
  let seen = 0;
  let kept = 0;
  ctx.control.checkAbort();
  for (let batch = source.next(ctx); batch; batch = source.next(ctx)) {
    const { sel, count } = selector.select(ctx, batch);
    if (count > 0) found.push({ batch, sel, count });
    seen += batch.length;
    kept += count;
  }
  into.claim(ctx, kept);
  let row = 0;
  for (const { batch, sel, count } of found) {
    const columns = picks ? picks.map((i) => batch.columns[i]!) : batch.columns;
    for (const [i, v] of columns.entries()) {
      if (count === batch.length) into.putColumn(ctx, i, row, v);
      else into.gatherColumn(ctx, i, row, v, sel, count);
    }
    row += count;
  }
  into.endClaimed(kept);
  source.close(ctx);
  return { seen, kept };
}

const isMuch = ({ tuning = DEFAULT_TUNING }: ExecContext, rows: readonly number[]): boolean =>
  rows.reduce((sum, n) => sum + n, 0) > Math.min(MORSEL_ROWS, tuning.pieceRows);

/** The most rows that reach the sink: of each piece, and after the last one. */
function mostRows({ inputs, steps }: Pipeline, pieces: readonly (Pieces | null)[]): number[] | null {
  const all: number[] = [];
  for (const [i, input] of inputs.entries()) {
    const rows = pieces[i]?.mostRows?.() ?? null;
    if (rows === null) return null;
    const through = [...input.steps, ...steps];
    for (const n of rows) {
      const most = mostThrough(through, n);
      if (most === null) return null;
      all.push(most);
    }
    // One thread runs their ends before the next input, several threads after all of them.
    if (mostAfter(input.steps) !== 0) return null;
  }
  const rest = mostAfter(steps);
  return rest === null ? null : [...all, rest];
}

function mostThrough(steps: readonly Step[], rows: number): number | null {
  let most: number | null = rows;
  for (const { operator } of steps) {
    if (most !== null) most = operator.mostRows?.(most) ?? null;
  }
  return most;
}

/** The most rows that still come of steps when all others have passed them. */
function mostAfter(steps: readonly Step[]): number | null {
  let sum = 0;
  for (const [i, { operator }] of steps.entries()) {
    if (!operator.finish) continue;
    const own = operator.mostAtEnd?.() ?? null;
    const most = own === null ? null : mostThrough(steps.slice(i + 1), own);
    if (most === null) return null;
    sum += most;
  }
  return sum;
}
