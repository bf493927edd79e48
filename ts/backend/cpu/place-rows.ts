// Whether the rows of a source go straight to where the sink wants them.
import type { ExecContext } from './context.ts';
import type { Pieces } from './pipeline.ts';
import type { Pipeline } from './planner.ts';
import { MORSEL_ROWS } from './vector.ts';

/** Asks the sink, where nothing stands between it and a source that knows its rows; less than a morsel is no matter. */
export function placeRows(ctx: ExecContext, pipeline: Pipeline, pieces: readonly (Pieces | null)[]): boolean {
  const [input] = pipeline.inputs;
  const places = pieces[0]?.placed;
  if (!places || pipeline.inputs.length > 1 || input!.steps.length > 0 || pipeline.steps.length > 0) return false;
  if (!pipeline.sink.place) return false;
  const rows = places.rows();
  if (rows === null || rows.reduce((sum, n) => sum + n, 0) <= MORSEL_ROWS) return false;
  return pipeline.sink.place(ctx, rows);
}
