// Rows drawn at random, without sorting them. A row's part follows from its place among the random numbers of its class;
// as those are uniform, the number at a given place is known to within a narrow window beforehand. So rows are counted on
// both sides of the windows, and only the few inside are looked at one by one.
import { col, len, lit, random } from '../../expr/builders.ts';
import { fromColumns } from '../../frame/create.ts';
import { concat, type DataFrame } from '../../frame/dataframe.ts';
import { Float64, UInt8 } from '../../schema/dtypes.ts';
import type { SharedRows } from '../core/shared-rows.ts';

type AnyFrame = DataFrame<any>;

/** Fewer rows are sorted in the time this takes to start. */
const MIN_ROWS = 100_000;
/** Half a window in standard deviations of the number at a place: one in two million windows misses it. */
const DEVIATIONS = 5;

/** Rows with their numbers, and from which number on each part but the first begins, `[class][cut]`. */
export interface DrawLimits {
  /** Columns `draw`, and with several classes `class`: the position in `limits`. */
  readonly drawn: AnyFrame;
  readonly limits: readonly (readonly number[])[];
}

interface Window {
  readonly low: number;
  readonly high: number;
}

/**
 * Finds the numbers that cut each class's rows at the places `cuts[class]`, or null where sorting is the better way: few
 * rows, many small classes, a miss. `keys` are the classes in order and `column` holds them; null for one class.
 */
export async function findLimits(
  shared: SharedRows,
  rows: AnyFrame,
  strata: { readonly column: string; readonly keys: AnyFrame } | null,
  counts: readonly number[],
  cuts: readonly (readonly number[])[],
  seed: number,
): Promise<DrawLimits | null> {
  const n = counts.reduce((sum, c) => sum + c, 0);
  const nCuts = cuts[0]?.length ?? 0;
  if (n < MIN_ROWS || nCuts === 0 || 2 * nCuts > 255) return null;
  const windows = counts.map((count, k) => cuts[k]!.map((cut) => windowOf(count, cut)));
  if (!windows.every(areApart)) return null;
  const inside = windows.reduce((sum, of, k) => sum + of.reduce((s, w) => s + (w.high - w.low) * counts[k]!, 0), 0);
  if (inside > n / 10) return null;

  const drawn = await shared.keep(zoned(rows, strata, windows, seed));
  const classColumns = strata === null ? [] : ['class'];
  const found = await placesIn(shared, drawn, classColumns, counts.length, nCuts);
  const limits = cuts.map((of, k) => of.map((cut, j) => limitOf(cut, counts[k]!, windows[k]![j]!, found, k, j)));
  if (limits.some((of) => of.includes(null))) {
    shared.drop(drawn);
    return null;
  }
  return { drawn: drawn.select(...(['draw', ...classColumns] as never[])), limits: limits as number[][] };
}

/** Where the number at place `cut` of `count` uniform ones is: they are spread like a beta distribution. */
function windowOf(count: number, cut: number): Window {
  if (cut <= 0) return { low: 0, high: 0 };
  if (cut >= count) return { low: 2, high: 2 };
  const p = cut / count;
  const half = DEVIATIONS * Math.sqrt((p * (1 - p)) / count) + 2 / count;
  return { low: Math.max(0, p - half), high: Math.min(1, p + half) };
}

const areApart = (windows: readonly Window[]): boolean =>
  windows.every((w, j) => j === 0 || windows[j - 1]!.high <= w.low);

/** Every row's class, number and zone: zones count the ends of windows below the number, so odd ones are windows. */
function zoned(
  rows: AnyFrame,
  strata: { readonly column: string; readonly keys: AnyFrame } | null,
  windows: readonly (readonly Window[])[],
  seed: number,
): AnyFrame {
  const nCuts = windows[0]!.length;
  const draw = col('draw') as any;
  const zone = (end: (cut: number, side: 'low' | 'high') => unknown): any =>
    Array.from({ length: nCuts }, (_, j) => [draw.ge(end(j, 'low')), draw.ge(end(j, 'high'))])
      .flat()
      .map((over) => over.cast(UInt8))
      .reduce((a, b) => a.add(b));
  if (strata === null) {
    const of = windows[0]!;
    return rows
      .select({ draw: random(seed) } as never)
      .select('draw' as never, { zone: zone((j, side) => lit(of[j]![side], Float64)) } as never);
  }
  const ends = Object.fromEntries(
    Array.from({ length: nCuts }, (_, j) => [
      [`low${j}`, Float64Array.from(windows, (of) => of[j]!.low)],
      [`high${j}`, Float64Array.from(windows, (of) => of[j]!.high)],
    ]).flat(),
  );
  const classes = fromColumns({ class: Uint32Array.from(windows, (_, k) => k), ...ends } as never);
  const table = concat([strata.keys, classes] as never, { how: 'horizontal' }) as AnyFrame;
  return (rows.select({ key: col(strata.column), draw: random(seed) } as never) as AnyFrame)
    .join(table, { on: 'key', nullsEqual: true, maintainOrder: true } as never)
    .select('class' as never, 'draw' as never, { zone: zone((j, side) => col(`${side}${j}`)) } as never);
}

interface Places {
  /** Rows of class k in zone z, at k · nZones + z. */
  readonly rowsOf: Float64Array;
  readonly nZones: number;
  /** The numbers inside windows, ascending, at the same places. */
  readonly inside: ReadonlyMap<number, Float64Array>;
}

async function placesIn(
  shared: SharedRows,
  drawn: AnyFrame,
  classColumns: readonly string[],
  nClasses: number,
  nCuts: number,
): Promise<Places> {
  const nZones = 2 * nCuts + 1;
  const rowsOf = new Float64Array(nClasses * nZones);
  const keys = [...classColumns, 'zone'];
  using counted = await drawn
    .groupBy(...(keys as never[]))
    .agg({ rows: len() } as never)
    .collect(shared.run);
  const { zone: zones, class: classes, rows: counts } = counted.toColumns() as Record<string, ArrayLike<number>>;
  for (let i = 0; i < counts!.length; i++) rowsOf[(classes?.[i] ?? 0) * nZones + zones![i]!] = counts![i]!;
  using few = await drawn.filter((col('zone') as any).mod(2).eq(1)).collect(shared.run);
  const { zone, class: of, draw } = few.toColumns() as Record<string, ArrayLike<number>>;
  const inside = new Map<number, Float64Array>();
  const filled = new Map<number, number>();
  for (let i = 0; i < draw!.length; i++) {
    const at = (of?.[i] ?? 0) * nZones + zone![i]!;
    const list = inside.get(at) ?? new Float64Array(rowsOf[at]!);
    inside.set(at, list);
    const next = filled.get(at) ?? 0;
    list[next] = draw![i]!;
    filled.set(at, next + 1);
  }
  for (const list of inside.values()) list.sort();
  return { rowsOf, nZones, inside };
}

/** The number from which on rows are beyond place `cut`; null when the window missed it, or two equal numbers meet there. */
function limitOf(cut: number, count: number, window: Window, places: Places, k: number, j: number): number | null {
  if (cut <= 0 || cut >= count) return window.low;
  const { rowsOf, nZones, inside } = places;
  const odd = 2 * j + 1;
  let before = 0;
  for (let z = 0; z < odd; z++) before += rowsOf[k * nZones + z]!;
  const list = inside.get(k * nZones + odd) ?? new Float64Array(0);
  const at = cut - before;
  if (at < 0 || at > list.length) return null;
  const limit = at === list.length ? window.high : list[at]!;
  return at > 0 && list[at - 1] === limit ? null : limit;
}
