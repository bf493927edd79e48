// The data sets of tests/fixtures/ml, what scikit-learn made of them, and comparing with a tolerance.
import fs from 'node:fs';
import path from 'node:path';
import type { DataFrame } from '../../ts/frame/dataframe.ts';
import { readParquet } from '../../ts/frame/read.ts';
import { Float64 } from '../../ts/schema/dtypes.ts';

const FOLDER = path.resolve(import.meta.dirname, '../fixtures/ml');

/** A data set of the fixtures as a frame; its columns are the features, `target` and, for classes, `target_name`. */
export const goldenFrame = (name: string): Promise<DataFrame<any>> => readParquet(path.join(FOLDER, `${name}.parquet`));

export const goldenPath = (name: string): string => path.join(FOLDER, `${name}.parquet`);

const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** The goldens of a family: tests/fixtures/ml/README.md says what each holds. */
export const golden = (family: string): any =>
  JSON.parse(fs.readFileSync(path.join(FOLDER, `${family}.json`), 'utf8'), (_, value) =>
    typeof value === 'string' && value in SPECIAL ? SPECIAL[value] : value,
  );

/** The names of a data set's features, in order. */
export const goldenFeatures = (name: string): string[] => golden('data')[name].features;

/** A data set with the weights that the weighted goldens used: (7 i mod 10 + 1) / 4 for row i, as `sample_weight`. */
export const weightedFrame = async (name: string): Promise<DataFrame<any>> =>
  (await goldenFrame(name))
    .withRowIndex('row')
    .withColumns({ sample_weight: (c: any) => c.row.mul(7).mod(10).add(1).cast(Float64).div(4) } as never)
    .drop('row');

/** The rows that neighbours and forests were trained on (i mod 4 ≠ 3), and those they were asked about. */
export async function goldenSplit(name: string): Promise<{ train: DataFrame<any>; test: DataFrame<any> }> {
  const frame = (await goldenFrame(name)).withRowIndex('row');
  return {
    train: frame.filter((c: any) => c.row.mod(4).ne(3)).drop('row'),
    test: frame.filter((c: any) => c.row.mod(4).eq(3)).drop('row'),
  };
}

/** The rows of a data set with these numbers, in that order. */
export async function goldenRows(name: string, rows: readonly number[]): Promise<Record<string, any>[]> {
  const table = await (await goldenFrame(name)).collect();
  try {
    const records = table.toRecords();
    return rows.map((row) => records[row]!);
  } finally {
    table.dispose();
  }
}

export interface Tolerance {
  readonly rtol?: number;
  readonly atol?: number;
}
type Numbers = number | null | undefined | ArrayLike<Numbers> | { readonly length: number };

/** Flat numbers of nested arrays; null counts as NaN. */
function flat(value: Numbers, into: number[]): number[] {
  if (value === null || value === undefined) into.push(Number.NaN);
  else if (typeof value === 'object') for (const v of Array.from(value as ArrayLike<Numbers>)) flat(v, into);
  else into.push(Number(value));
  return into;
}

/**
 * Fails unless |actual − expected| ≤ atol + rtol · |expected| for every number; NaN equals NaN. Nested arrays are
 * compared row-major, so a flat matrix can be given for a golden of rows.
 */
export function assertClose(actual: Numbers, expected: Numbers, tolerance: Tolerance = {}, what = 'value'): void {
  const { rtol = 1e-6, atol = 0 } = tolerance;
  const a = flat(actual, []);
  const e = flat(expected, []);
  if (a.length !== e.length) throw new Error(`${what}: ${a.length} numbers instead of ${e.length}`);
  let worst = 0;
  let at = -1;
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], e[i]) || a[i] === e[i]) continue;
    const excess = Math.abs(a[i]! - e[i]!) / (atol + rtol * Math.abs(e[i]!));
    // A NaN on one side only is not close.
    if (!(excess <= 1) && !(excess <= worst)) {
      worst = Number.isNaN(excess) ? Number.POSITIVE_INFINITY : excess;
      at = i;
    }
  }
  if (at >= 0)
    throw new Error(
      `${what}: number ${at} of ${a.length} is ${a[at]} instead of ${e[at]} (${worst.toPrecision(3)} × the tolerance)`,
    );
}
