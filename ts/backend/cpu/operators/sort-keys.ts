// Argsort over any number of keys. The kernels are explained in wasm/sort.ts: keys become parts, parts fill words, ties
// of one word are sorted by the next.
import type { Alloc } from '../columns/alloc.ts';
import { flatten } from '../columns/flatten.ts';
import type { ExecContext } from '../context.ts';
import { DEFAULT_TUNING } from '../tuning.ts';
import { type Crew, crewOf, soloCrew } from '../worker/crew.ts';
import { checkSortable, partsOf, type SortKey } from './sort-parts.ts';
import { SortRun } from './sort-run.ts';

/** Sorted rows, and which of them tie in every key. */
export interface SortedRows {
  /** u32 row numbers. */
  readonly rows: number;
  /** Runs of equal rows as u32 pairs [start, end) of positions in `rows`, ascending; runs of one are not listed. */
  readonly ties: number;
  readonly tieCount: number;
}

/** The threads that sort so many rows together. */
const crewFor = (ctx: ExecContext, length: number): Crew =>
  length < (ctx.tuning ?? DEFAULT_TUNING).pieceRows ? soloCrew(ctx.kernels) : crewOf(ctx);

/** The rows 0 … length − 1 in order of the keys, stable, as u32 row numbers in `ctx.arena`. */
export function argsort(ctx: ExecContext, keys: readonly SortKey[], length: number, crew?: Crew): number {
  const sorted = sortRows(ctx, keys, length, ctx.arena, crew);
  if (sorted.ties !== 0) ctx.arena.free(sorted.ties);
  return sorted.rows;
}

/** Same, with the ties; `rows` comes from `alloc`, `ties` from the arena. */
export function sortRows(
  ctx: ExecContext,
  keys: readonly SortKey[],
  length: number,
  alloc: Alloc,
  crew: Crew = crewFor(ctx, length),
): SortedRows {
  for (const k of keys) checkSortable(k.vector.type);
  const rows = alloc.alloc(length * 4);
  if (length < 2) {
    ctx.heap.refresh().u32[rows >>> 2] = 0;
    return { rows, ties: 0, tieCount: 0 };
  }
  const run = new SortRun(ctx, length, crew);
  // Dictionaries are resolved into scratch, so that many sorts of one query do not pile up.
  const flat = keys.map((k) => (k.vector.dict ? { ...k, vector: flatten(ctx, k.vector, ctx.scratch) } : k));
  run.sort(flat.flatMap(partsOf));
  run.rowsTo(rows);
  const { segments, count } = run.release();
  return { rows, ties: segments, tieCount: count };
}
