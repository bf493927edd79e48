import { ParameterError } from '../../errors.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import { evenSizes, lightestFold, shuffled } from './allocate.ts';
import { Folds, foldsOfParts, type SplitOptions, type Splitter } from './folds.ts';
import { checkEnough, checkFoldParams, type KFoldParams, seedOf } from './k-fold.ts';
import { groupedParts, groupsOf } from './parts.ts';

const WHERE = 'GroupKFold';

/**
 * Cuts a frame into k folds so that all rows of a group, by column `groups`, are in one test. Rows keep their order. Without
 * `shuffle` the folds are scikit-learn's: the largest group goes first, always to the fold with the fewest rows, so that
 * folds are about equally large. With `shuffle` the groups are drawn, and folds have equally many groups.
 *
 * @throws {ERR_PARAMETER} a parameter outside its range, `split` without `groups`, or fewer groups than folds
 * @throws {ERR_MISSING_VALUES} null or NaN in the column of groups
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 4], store: ['north', 'south', 'north', 'east'] });
 * for await (const { test } of new GroupKFold({ nSplits: 2 }).split(df, { groups: 'store' })) {
 *   console.log((await test.collect()).toRecords());
 * }
 * // [ { x: 1, store: 'north' }, { x: 3, store: 'north' } ]
 * // [ { x: 2, store: 'south' }, { x: 4, store: 'east' } ]
 * ```
 */
export class GroupKFold implements Splitter {
  readonly #params: Required<KFoldParams>;

  constructor(params: KFoldParams = {}) {
    this.#params = checkFoldParams(WHERE, params);
  }

  get nSplits(): number {
    return this.#params.nSplits;
  }

  /** Cuts a frame by `options.groups`; runs nothing before the first fold is asked for. */
  split<S>(frame: DataFrame<S>, options: SplitOptions<S> = {}): Folds<S> {
    const { nSplits } = this.#params;
    const { groups } = options;
    if (groups === undefined) {
      throw new ParameterError(`${WHERE}.split needs the column of groups: split(frame, { groups: 'store' }).`, {
        parameter: 'groups',
      });
    }
    const seed = seedOf(this.#params);
    return new Folds<S>(WHERE, frame, options, async (shared, rows) => {
      const found = await groupsOf(shared, rows, groups, WHERE);
      checkEnough(WHERE, nSplits, found.sizes.length, `groups in column "${groups}"`);
      const folds = seed === null ? lightestFold(found.sizes, nSplits) : drawnFolds(found.sizes.length, nSplits, seed);
      return foldsOfParts(rows, await groupedParts(shared, rows, found, folds, nSplits), nSplits);
    });
  }
}

/** The fold of each group, equally many groups a fold. */
function drawnFolds(nGroups: number, nSplits: number, seed: number): number[] {
  const folds = new Array<number>(nGroups);
  let at = 0;
  const order = shuffled(nGroups, seed);
  for (const [fold, size] of evenSizes(nGroups, nSplits).entries())
    for (let i = 0; i < size; i++) folds[order[at++]!] = fold;
  return folds;
}
