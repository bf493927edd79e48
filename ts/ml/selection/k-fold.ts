import { ParameterError } from '../../errors.ts';
import { col } from '../../expr/builders.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import { drawSeed } from '../../util/philox.ts';
import { checkParams, flag, integer, randomState as seedParam } from '../core/params.ts';
import { cutsOf, evenSizes } from './allocate.ts';
import { Folds, foldsOfParts, type SplitOptions, type Splitter } from './folds.ts';
import { drawnParts } from './parts.ts';

/** Parameters of the splitters that may shuffle. */
export interface KFoldParams {
  /** Number of folds, from 2 (default 5). */
  readonly nSplits?: number;
  /** Whether rows are drawn to folds at random (default false: folds are runs of neighbouring rows). */
  readonly shuffle?: boolean;
  /** With `shuffle`: the same folds every time, on every backend (uint32). Absent: drawn at each `split`. */
  readonly randomState?: number | null;
}

/** The checked parameters of such a splitter. */
export function checkFoldParams(where: string, params: KFoldParams): Required<KFoldParams> {
  const specs = { nSplits: integer(5, { min: 2 }), shuffle: flag(false), randomState: seedParam() };
  const checked = checkParams(where, specs, params as { readonly [name: string]: unknown });
  if (checked.randomState !== null && !checked.shuffle) {
    throw new ParameterError(
      `The 'randomState' parameter of ${where} has no effect without shuffle: true. Leave it out, or shuffle.`,
      { parameter: 'randomState' },
    );
  }
  return checked;
}

/** The seed of one `split`. */
export const seedOf = ({ shuffle, randomState }: Required<KFoldParams>): number | null =>
  shuffle ? (randomState ?? drawSeed()) : null;

/** Throws when there are fewer things than folds. */
export function checkEnough(where: string, nSplits: number, n: number, what: string): void {
  if (nSplits <= n) return;
  throw new ParameterError(`The 'nSplits' parameter of ${where} is ${nSplits}, but there are ${n} ${what} only.`, {
    parameter: 'nSplits',
    n,
  });
}

/**
 * Cuts a frame into k folds of equal size: each is the test once, and the others together the training. The first folds
 * have one row more where the rows do not divide evenly. Rows keep their order. Without `shuffle` the folds are
 * scikit-learn's; with it they are drawn by Philox 4×32-10 and row number.
 *
 * @throws {ERR_PARAMETER} a parameter outside its range, `randomState` without `shuffle`; fewer rows than folds
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 4, 5, 6] });
 * for await (const { train, test } of new KFold({ nSplits: 3 }).split(df)) {
 *   console.log(await train.count(), (await test.collect()).column('x').toArray());
 * }
 * // 4 Float64Array(2) [ 1, 2 ]
 * // 4 Float64Array(2) [ 3, 4 ]
 * // 4 Float64Array(2) [ 5, 6 ]
 * ```
 */
export class KFold implements Splitter {
  readonly #params: Required<KFoldParams>;

  constructor(params: KFoldParams = {}) {
    this.#params = checkFoldParams('KFold', params);
  }

  get nSplits(): number {
    return this.#params.nSplits;
  }

  /** Cuts a frame; runs nothing before the first fold is asked for. */
  split<S>(frame: DataFrame<S>, options: SplitOptions<S> = {}): Folds<S> {
    const { nSplits } = this.#params;
    const seed = seedOf(this.#params);
    return new Folds<S>('KFold', frame, options, async (shared, rows, n) => {
      checkEnough('KFold', nSplits, n, 'rows');
      const sizes = evenSizes(n, nSplits);
      if (seed !== null) return foldsOfParts(rows, await drawnParts(shared, rows, n, cutsOf(sizes), seed), nSplits);
      const starts = [0, ...cutsOf(sizes)];
      return sizes.map((size, i) => ({
        train: withoutRows(rows, starts[i]!, starts[i]! + size),
        test: rows.slice(starts[i]!, size),
      }));
    });
  }
}

/** The rows but those from `from` to `to` (exclusive). */
export function withoutRows(rows: DataFrame<any>, from: number, to: number): DataFrame<any> {
  let name = 'row';
  while (rows.columns.includes(name)) name += '_';
  const row = col(name) as any;
  return rows
    .withRowIndex(name)
    .filter(row.lt(from).or(row.ge(to)))
    .drop(name);
}
