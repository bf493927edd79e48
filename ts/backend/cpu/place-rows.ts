// Whether the rows of a pipeline go straight to where the sink wants them.
import type { ExecContext } from './context.ts';
import type { Pieces } from './pipeline.ts';
import type { Pipeline, Step } from './planner.ts';
import { DEFAULT_TUNING } from './tuning.ts';
import { MORSEL_ROWS } from './vector.ts';

/**
 * Asks the sink, where it is known how many rows the pieces have or have at most; less than a morsel is no matter. True:
 * nothing stands between source and sink, and rows are read into it, unless they `arePushed` in any case.
 */
export function placeRows(
  ctx: ExecContext,
  pipeline: Pipeline,
  pieces: readonly (Pieces | null)[],
  arePushed = false,
): boolean {
  const { inputs, steps, sink } = pipeline;
  if (!sink.place) return false;
  if (!arePushed && inputs.length === 1 && inputs[0]!.steps.length === 0 && steps.length === 0) {
    const rows = pieces[0]?.placed?.rows() ?? null;
    if (rows !== null) return isMuch(ctx, rows) && sink.place(ctx, rows, true);
    const most = pieces[0]?.placed?.mostClaimed?.(ctx) ?? null;
    if (most !== null && isMuch(ctx, [most]) && sink.placeClaimed?.(ctx, pieces[0]!.count, most)) return true;
  }
  const most = ctx.spill?.isOn ? null : mostRows(pipeline, pieces);
  if (most !== null && isMuch(ctx, most)) sink.place(ctx, most, false);
  return false;
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
