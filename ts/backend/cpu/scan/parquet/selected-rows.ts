// Rows of a unit that pass filters: what filters look at is read first, the other columns only where rows are left.
import { gather } from '../../columns/gather.ts';
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';
import type { RowFilter, RowFilters } from '../scanner.ts';

/** Rows that a hint has seen before it is judged, and the share of them that it may keep at most to stay. */
const TRIAL_ROWS = 65536;
const MOST_KEPT = 0.75;

/** Some of the next rows of a unit: `sel` 0 stands for all of them. */
export interface Selected {
  readonly sel: number;
  readonly count: number;
}

/** Reads the columns of the next n rows that pass all filters; null when none does. `read` is called once for a column. */
export function readSelected(
  ctx: ExecContext,
  filters: RowFilters,
  columnCount: number,
  n: number,
  read: (column: number, rows: Selected) => Vector,
  skip: (column: number) => void,
): { columns: readonly Vector[]; count: number } | null {
  const columns = new Array<Vector | undefined>(columnCount);
  let rows: Selected = { sel: 0, count: n };
  for (const at of inOrder(filters)) {
    const filter = filters.filters[at]!;
    for (const c of filter.columns) columns[c] ??= read(c, rows);
    const found = filter.select(
      ctx,
      filter.columns.map((c) => columns[c]!),
      rows.count,
    );
    if (found === null) continue;
    filters.seen[at]! += rows.count;
    filters.kept[at]! += found.count;
    if (found.count === rows.count) continue;
    if (found.count === 0) {
      for (let c = 0; c < columnCount; c++) if (!columns[c]) skip(c);
      return null;
    }
    columns.forEach((v, c) => {
      if (v) columns[c] = gather(ctx, v, found.sel, found.count, ctx.scratch);
    });
    rows = { sel: composed(ctx, rows.sel, found), count: found.count };
  }
  for (let c = 0; c < columnCount; c++) columns[c] ??= read(c, rows);
  return { columns: columns as Vector[], count: rows.count };
}

/** Row numbers of the unit for row numbers among those selected before. */
function composed(ctx: ExecContext, before: number, { sel, count }: Selected): number {
  if (before === 0) return sel;
  const out = ctx.scratch.alloc(count * 4 + 16);
  ctx.kernels.get('core').gather4(before, sel, count, out);
  return out;
}

/** The filters that are worth their while, what drops most first. */
function inOrder({ filters, seen, kept }: RowFilters): number[] {
  const share = (i: number): number => (seen[i]! === 0 ? 0.5 : kept[i]! / seen[i]!);
  const isWorth = (f: RowFilter, i: number): boolean => !f.isHint || seen[i]! < TRIAL_ROWS || share(i) <= MOST_KEPT;
  return filters.flatMap((f, i) => (isWorth(f, i) ? [i] : [])).sort((a, b) => share(a) - share(b) || a - b);
}
