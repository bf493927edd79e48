import { ParameterError } from '../../errors.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import { checkParams, integer, optional } from '../core/params.ts';
import { Folds, type SplitOptions, type Splitter } from './folds.ts';
import { checkEnough } from './k-fold.ts';

const WHERE = 'TimeSeriesSplit';
const SPECS = {
  nSplits: integer(5, { min: 2 }),
  maxTrainSize: optional(integer(1, { min: 1 })),
  testSize: optional(integer(1, { min: 1 })),
  gap: integer(0, { min: 0 }),
};

/** Parameters of `TimeSeriesSplit`. */
export interface TimeSeriesSplitParams {
  /** Number of folds, from 2 (default 5). */
  readonly nSplits?: number;
  /** Most rows of a training; the latest ones stay (default null: all before the test). */
  readonly maxTrainSize?: number | null;
  /** Rows of each test (default null: nSamples / (nSplits + 1), rounded down). */
  readonly testSize?: number | null;
  /** Rows left out between training and test (default 0). */
  readonly gap?: number;
}

/**
 * Cuts a frame whose rows are in order of time into folds that train on the past and test on what comes next: each test
 * follows the one before, and the training grows. Sort the frame first. The folds are scikit-learn's.
 *
 * @throws {ERR_PARAMETER} a parameter outside its range, or too few rows for the folds
 * @example
 * ```ts
 * const df = fromColumns({ day: [1, 2, 3, 4, 5, 6] }).sort('day');
 * for await (const { train, test } of new TimeSeriesSplit({ nSplits: 2 }).split(df)) {
 *   console.log((await train.collect()).column('day').toArray(), (await test.collect()).column('day').toArray());
 * }
 * // Float64Array(2) [ 1, 2 ] Float64Array(2) [ 3, 4 ]
 * // Float64Array(4) [ 1, 2, 3, 4 ] Float64Array(2) [ 5, 6 ]
 * ```
 */
export class TimeSeriesSplit implements Splitter {
  readonly #params: Required<TimeSeriesSplitParams>;

  constructor(params: TimeSeriesSplitParams = {}) {
    this.#params = checkParams(WHERE, SPECS, params as { readonly [name: string]: unknown });
  }

  get nSplits(): number {
    return this.#params.nSplits;
  }

  /** Cuts a frame; runs nothing before the first fold is asked for. */
  split<S>(frame: DataFrame<S>, options: SplitOptions<S> = {}): Folds<S> {
    const { nSplits, maxTrainSize, gap } = this.#params;
    return new Folds<S>(WHERE, frame, options, async (_, rows, n) => {
      checkEnough(WHERE, nSplits + 1, n, 'rows');
      const testSize = this.#params.testSize ?? Math.floor(n / (nSplits + 1));
      if (n - gap - testSize * nSplits <= 0) {
        throw new ParameterError(
          `${WHERE} finds no rows to train on: of ${n}, ${nSplits} tests of ${testSize} and a gap of ${gap} leave none. Lower nSplits, testSize or gap.`,
          { parameter: 'nSplits', n },
        );
      }
      return Array.from({ length: nSplits }, (_unused, i) => {
        const start = n - (nSplits - i) * testSize;
        const end = start - gap;
        const from = maxTrainSize === null ? 0 : Math.max(0, end - maxTrainSize);
        return { train: rows.slice(from, end - from), test: rows.slice(start, testSize) };
      });
    });
  }
}
