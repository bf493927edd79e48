import { ParameterError } from '../../errors.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { drawSeed } from '../../util/philox.ts';
import { runOptionsOf } from '../core/options.ts';
import { checkParams, custom, flag, randomState as seedParam } from '../core/params.ts';
import { RUN_OPTIONS } from '../core/run-options.ts';
import { SharedRows } from '../core/shared-rows.ts';
import { proportional, shuffled } from './allocate.ts';
import {
  checkColumn,
  checkPresent,
  drawnParts,
  groupedParts,
  groupsOf,
  orderedParts,
  rowsOfPart,
  strataOf,
  stratifiedParts,
} from './parts.ts';
import { checkSizes, splitSizes } from './sizes.ts';

const WHERE = 'trainTestSplit';

/** Sizes and columns are checked against the frame. */
const anything = custom<unknown>(undefined, 'anything', () => true);
const SPECS = {
  testSize: anything,
  trainSize: anything,
  shuffle: flag(true),
  stratify: anything,
  groups: anything,
  timeColumn: anything,
  randomState: seedParam(),
  cache: flag(true),
};

/** Options of `trainTestSplit`. */
export interface TrainTestSplitOptions<S = any> extends RunOptions {
  /** The test's part: below 1 a fraction of the rows (rounded up), from 1 a count (default: what `trainSize` leaves, else 0.25). */
  readonly testSize?: number;
  /** The training's part: a fraction (rounded down) or a count (default: what `testSize` leaves). */
  readonly trainSize?: number;
  /** Whether rows are drawn at random (default true); else the first rows are the training and the next ones the test. */
  readonly shuffle?: boolean;
  /** A column of classes: both parts get their share of each class. Null and NaN are classes of their own. */
  readonly stratify?: keyof S & string;
  /** A column of groups: no group has rows in both parts. Sizes then count groups, not rows. */
  readonly groups?: keyof S & string;
  /** A column that orders the rows: the latest are the test, those right before them the training. Ties go by row order. */
  readonly timeColumn?: keyof S & string;
  /** Given: the same rows every time, on every backend (uint32). Absent: drawn, and reported in the result. */
  readonly randomState?: number | null;
  /**
   * Whether the frame's plan runs once, into memory that both parts share (default true). With false each use of a part
   * runs the plan again and streams through it: for files larger than memory. Frames that are in memory are never copied.
   */
  readonly cache?: boolean;
}

/** What `trainTestSplit` gives. */
export interface TrainTestSplit<S = any> extends Disposable {
  /** Rows to fit on. */
  readonly train: DataFrame<S>;
  /** The rows left out, to score on. */
  readonly test: DataFrame<S>;
  /** The seed that drew the rows; null where nothing was drawn. */
  readonly randomState: number | null;
}

/**
 * Splits a frame into rows to train on and rows to test with.
 *
 * Both parts are lazy frames with all columns, and their rows keep the frame's order. They share one table in memory, made
 * by one run of the frame's plan (see `cache`); `dispose` the result, or declare it with `using`, to free it at once;
 * otherwise the garbage collector does when neither part is used any more. While it is made, a split takes about 15 bytes a
 * row beside that table, by time about 50; afterwards one.
 *
 * Which rows are drawn depends on the seed and on row numbers only (Philox 4×32-10; the rows with the smallest numbers are
 * the test), not on the backend or the number of threads. Sizes and the shares of classes are those of scikit-learn's
 * `train_test_split`; with `groups` those of `GroupShuffleSplit`. The rows themselves differ, as the random numbers do.
 *
 * @throws {ERR_PARAMETER} sizes that leave a part empty; a class of one row, or more classes than rows in a part; options
 * that contradict each other
 * @throws {ERR_MISSING_VALUES} null or NaN in `groups` or `timeColumn`
 * @throws {ERR_UNSUPPORTED} `cache: false` for a plan whose rows come in no certain order
 * @throws {ERR_COLUMN_NOT_FOUND} a name that is not a column
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 4, 5, 6, 7, 8], label: ['a', 'a', 'b', 'b', 'a', 'a', 'b', 'b'] });
 * using split = await trainTestSplit(df, { testSize: 0.5, stratify: 'label', randomState: 1 });
 * console.log(await split.train.valueCounts('label').count(), await split.test.count());
 * // 2 4
 * ```
 */
export async function trainTestSplit<S>(
  frame: DataFrame<S>,
  options: TrainTestSplitOptions<S> = {},
): Promise<TrainTestSplit<S>> {
  const plan = checkOptions(frame, options);
  const shared = new SharedRows(WHERE, runOptionsOf(options));
  try {
    const { frame: all, rows } = await shared.share(frame, plan.cache);
    const seed = plan.draws ? (plan.randomState ?? drawSeed()) : null;
    const parts = await partsOf(shared, all, rows, options, seed);
    return {
      train: parts.train as DataFrame<S>,
      test: parts.test as DataFrame<S>,
      randomState: seed,
      [Symbol.dispose]: () => shared[Symbol.dispose](),
    };
  } catch (error) {
    shared[Symbol.dispose]();
    throw error;
  }
}

interface Plan {
  readonly cache: boolean;
  readonly draws: boolean;
  readonly randomState: number | null;
}

function checkOptions(frame: DataFrame<any>, options: TrainTestSplitOptions): Plan {
  const own = Object.fromEntries(Object.entries(options).filter(([name]) => !RUN_OPTIONS.includes(name)));
  const { shuffle, cache, randomState } = checkParams(WHERE, SPECS, own);
  checkSizes(WHERE, options);
  const { stratify, groups, timeColumn } = options;
  const by = Object.entries({ stratify, groups, timeColumn }).filter(([, name]) => name !== undefined);
  for (const [option, name] of by) checkColumn(frame, name, `the '${option}' option of ${WHERE}`);
  if (by.length > 1) {
    throw new ParameterError(
      `The options ${by.map(([option]) => `'${option}'`).join(' and ')} of ${WHERE} exclude each other: give one of them.`,
      { parameter: by[0]![0] },
    );
  }
  if (!shuffle && (stratify !== undefined || groups !== undefined)) {
    throw new ParameterError(
      `The '${by[0]![0]}' option of ${WHERE} draws rows at random: it excludes shuffle: false.`,
      {
        parameter: 'shuffle',
      },
    );
  }
  if (timeColumn !== undefined && options.shuffle === true) {
    throw new ParameterError(`The 'timeColumn' option of ${WHERE} excludes shuffle: true.`, { parameter: 'shuffle' });
  }
  return { cache, draws: shuffle && timeColumn === undefined, randomState };
}

async function partsOf(
  shared: SharedRows,
  all: DataFrame<any>,
  rows: number,
  options: TrainTestSplitOptions,
  seed: number | null,
): Promise<{ train: DataFrame<any>; test: DataFrame<any> }> {
  const { stratify, groups, timeColumn } = options;
  const take = (parts: DataFrame<any>, train: number, test: number) => ({
    train: rowsOfPart(all, parts, (part) => part.eq(train)),
    test: rowsOfPart(all, parts, (part) => part.eq(test)),
  });
  if (groups !== undefined) {
    const found = await groupsOf(shared, all, groups, WHERE);
    const { nTrain, nTest } = splitSizes(WHERE, found.sizes.length, options, 'groups');
    const part = new Array<number>(found.sizes.length);
    shuffled(part.length, seed!).forEach((g, i) => {
      part[g] = i < nTest ? 0 : i < nTest + nTrain ? 1 : 2;
    });
    return take(await groupedParts(shared, all, found, part, 3), 1, 0);
  }
  const { nTrain, nTest } = splitSizes(WHERE, rows, options);
  if (timeColumn !== undefined) {
    await checkPresent(shared, all, timeColumn, `the 'timeColumn' of ${WHERE}`, 'it has no place in time');
    const unused = rows - nTrain - nTest;
    return take(await orderedParts(shared, all, timeColumn, [unused, unused + nTrain]), 1, 2);
  }
  if (seed === null) return { train: all.slice(0, nTrain), test: all.slice(nTrain, nTest) };
  if (stratify === undefined) return take(await drawnParts(shared, all, rows, [nTest, nTest + nTrain], seed), 1, 0);
  const strata = await strataOf(shared, all, stratify);
  const cuts = stratifiedCuts(strata.counts, nTrain, nTest, stratify, seed);
  return take(await stratifiedParts(shared, all, strata, cuts, 3, seed), 1, 0);
}

/** Per class: where the test's places end, and where the training's do. */
function stratifiedCuts(
  counts: readonly number[],
  nTrain: number,
  nTest: number,
  column: string,
  seed: number,
): number[][] {
  const least = Math.min(...counts);
  if (least < 2) {
    throw new ParameterError(
      `A class of column "${column}", the 'stratify' option of ${WHERE}, has one row only; each needs at least two, one for each part. Filter it out, or merge rare classes.`,
      { parameter: 'stratify', column },
    );
  }
  for (const [name, n] of [['training', nTrain] as const, ['test', nTest] as const]) {
    if (n >= counts.length) continue;
    throw new ParameterError(
      `The ${name} part of ${WHERE} has ${n} rows, which is fewer than the ${counts.length} classes of column "${column}". Make it larger.`,
      { parameter: 'stratify', column },
    );
  }
  const train = proportional(counts, nTrain, seed);
  const left = counts.map((n, k) => n - train[k]!);
  const test = proportional(left, nTest, seed);
  return counts.map((_, k) => [test[k]!, test[k]! + train[k]!]);
}
