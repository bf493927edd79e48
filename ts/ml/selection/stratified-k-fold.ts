import { ParameterError } from '../../errors.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import { cutsOf, dealt } from './allocate.ts';
import { Folds, foldsOfParts, type SplitOptions, type Splitter } from './folds.ts';
import { checkFoldParams, type KFoldParams, seedOf } from './k-fold.ts';
import { checkClasses, strataOf, stratifiedParts } from './parts.ts';

const WHERE = 'StratifiedKFold';

/**
 * Cuts a frame into k folds that each have their share of every class of column `y`, within one row. Rows keep their order.
 * Null is a class of its own, and so is NaN. Without `shuffle` the folds are scikit-learn's: each class's rows go to the
 * folds in row order. A class with fewer rows than folds is in some tests only: a warning, `WARPFRAME_RARE_CLASS`.
 *
 * @throws {ERR_PARAMETER} a parameter outside its range, `split` without `y`, a `y` of numbers with fractions, or fewer
 * rows in every class than folds
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 4, 5, 6], label: ['a', 'a', 'a', 'a', 'b', 'b'] });
 * for await (const { test } of new StratifiedKFold({ nSplits: 2 }).split(df, { y: 'label' })) {
 *   console.log((await test.collect()).toRecords());
 * }
 * // [ { x: 1, label: 'a' }, { x: 2, label: 'a' }, { x: 5, label: 'b' } ]
 * // [ { x: 3, label: 'a' }, { x: 4, label: 'a' }, { x: 6, label: 'b' } ]
 * ```
 */
export class StratifiedKFold implements Splitter {
  readonly #params: Required<KFoldParams>;

  constructor(params: KFoldParams = {}) {
    this.#params = checkFoldParams(WHERE, params);
  }

  get nSplits(): number {
    return this.#params.nSplits;
  }

  /** Cuts a frame by the classes of `options.y`; runs nothing before the first fold is asked for. */
  split<S>(frame: DataFrame<S>, options: SplitOptions<S> = {}): Folds<S> {
    const { nSplits } = this.#params;
    const { y } = options;
    if (y === undefined) {
      throw new ParameterError(`${WHERE}.split needs the column of classes: split(frame, { y: 'label' }).`, {
        parameter: 'y',
      });
    }
    const seed = seedOf(this.#params);
    return new Folds<S>(WHERE, frame, options, async (shared, rows) => {
      const strata = await strataOf(shared, rows, y);
      await checkClasses(shared, strata, WHERE);
      checkCounts(strata.counts, nSplits, y);
      const cuts = dealt(strata.counts, nSplits).map(cutsOf);
      return foldsOfParts(rows, await stratifiedParts(shared, rows, strata, cuts, nSplits, seed), nSplits);
    });
  }
}

function checkCounts(counts: readonly number[], nSplits: number, column: string): void {
  const most = Math.max(0, ...counts);
  if (most < nSplits) {
    throw new ParameterError(
      `The 'nSplits' parameter of ${WHERE} is ${nSplits}, but no class of column "${column}" has more than ${most} rows.`,
      { parameter: 'nSplits', column },
    );
  }
  const least = Math.min(...counts);
  if (least < nSplits) {
    process.emitWarning(
      `A class of column "${column}" has ${least} row${least === 1 ? '' : 's'}, fewer than the ${nSplits} folds of ${WHERE}: some tests will lack it.`,
      { code: 'WARPFRAME_RARE_CLASS' },
    );
  }
}
