import { STEP_ROWS, type Steps } from './steps.ts';

/** How often each pair of codes occurs: what comparisons of two groupings are made of. Only pairs that occur are here. */
export interface PairCounts {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly count: Float64Array;
}

/** Cells counted in a table; more possible pairs than that are counted in a map. */
const TABLE_CELLS = 1 << 22;

/**
 * Counts pairs of codes.
 *
 * @param a - codes, shape (nSamples), 0 to nLeft − 1
 * @param b - codes, shape (nSamples), 0 to nRight − 1
 * @param weight - rows that an entry stands for, or null for ones
 */
export function* pairCounts(
  a: Int32Array,
  b: Int32Array,
  nLeft: number,
  nRight: number,
  weight: Float64Array | null = null,
): Steps<PairCounts> {
  const cells = nLeft * nRight;
  if (cells <= TABLE_CELLS) {
    const table = new Float64Array(cells);
    for (let start = 0; start < a.length; start += STEP_ROWS) {
      const end = Math.min(a.length, start + STEP_ROWS);
      for (let i = start; i < end; i++) {
        const cell = (a[i] as number) * nRight + (b[i] as number);
        table[cell]! += weight === null ? 1 : (weight[i] as number);
      }
      yield;
    }
    const found: number[] = [];
    for (let c = 0; c < cells; c++) if (table[c] !== 0) found.push(c);
    return pairsOf(found, nRight, (_, cell) => table[cell] as number);
  }
  const map = new Map<number, number>();
  for (let start = 0; start < a.length; start += STEP_ROWS >> 2) {
    const end = Math.min(a.length, start + (STEP_ROWS >> 2));
    for (let i = start; i < end; i++) {
      const cell = (a[i] as number) * nRight + (b[i] as number);
      map.set(cell, (map.get(cell) ?? 0) + (weight === null ? 1 : (weight[i] as number)));
    }
    yield;
  }
  const counts = [...map.values()];
  return pairsOf([...map.keys()], nRight, (i) => counts[i] as number);
}

function pairsOf(cells: readonly number[], nRight: number, count: (i: number, cell: number) => number): PairCounts {
  const left = new Int32Array(cells.length);
  const right = new Int32Array(cells.length);
  const counts = new Float64Array(cells.length);
  cells.forEach((cell, i) => {
    left[i] = Math.floor(cell / nRight);
    right[i] = cell % nRight;
    counts[i] = count(i, cell);
  });
  return { left, right, count: counts };
}

/** The sums of the pairs on one side: how often each code occurs. */
export function marginOf(codes: Int32Array, count: Float64Array, nCodes: number): Float64Array {
  const out = new Float64Array(nCodes);
  for (let i = 0; i < codes.length; i++) out[codes[i] as number]! += count[i] as number;
  return out.filter((n) => n > 0);
}
