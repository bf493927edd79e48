import type { DataFrame } from '../../frame/dataframe.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { refuseUnknown } from '../../util/known-options.ts';
import { runOptionsOf } from '../core/options.ts';
import { RUN_OPTIONS } from '../core/run-options.ts';
import { SharedRows } from '../core/shared-rows.ts';
import { checkColumn, rowsOfPart } from './parts.ts';

type AnyFrame = DataFrame<any>;

/** One fold: rows to train on, and the others to test with. */
export interface Fold<S = any> {
  /** Rows to fit on. */
  readonly train: DataFrame<S>;
  /** The rows left out, to score on. */
  readonly test: DataFrame<S>;
}

/** Options of a splitter's `split`. */
export interface SplitOptions<S = any> extends RunOptions {
  /** The column of classes, for splitters that keep their shares. */
  readonly y?: keyof S & string;
  /** The column of groups, for splitters that keep them together. */
  readonly groups?: keyof S & string;
  /**
   * Whether the frame's plan runs once, into memory that all folds share (default true). With false each use of a fold runs
   * the plan again and streams through it. Frames that are in memory are never copied.
   */
  readonly cache?: boolean;
}

/** What cuts a frame into folds. `crossValidate` and the searches take any object with these two. */
export interface Splitter {
  /** How many folds there are. */
  readonly nSplits: number;
  /** Cuts a frame; runs nothing before the first fold is asked for. */
  split<S>(frame: DataFrame<S>, options?: SplitOptions<S>): AsyncIterable<Fold<S>> & Partial<Disposable>;
}

/** How a splitter makes its folds of shared rows. */
export type MakeFolds = (shared: SharedRows, rows: AnyFrame, n: number) => Promise<Iterable<Fold>>;

/**
 * The folds of a frame. Iterate them as often as you like: they stay the same. The rows are computed at the first fold and
 * freed by `dispose`, or by the garbage collector when no fold is used any more.
 */
export class Folds<S = any> implements AsyncIterable<Fold<S>>, Disposable {
  readonly #shared: SharedRows;
  readonly #prepare: () => Promise<readonly Fold[]>;
  #folds: Promise<readonly Fold[]> | null = null;

  /** @internal Made by the splitters' `split`. */
  constructor(where: string, frame: AnyFrame, options: SplitOptions<any>, make: MakeFolds) {
    refuseUnknown(`${where}.split`, options, ['y', 'groups', 'cache', ...RUN_OPTIONS]);
    for (const option of ['y', 'groups'] as const)
      if (options[option] !== undefined)
        checkColumn(frame, options[option], `the '${option}' option of ${where}.split`);
    this.#shared = new SharedRows(`${where}.split`, runOptionsOf(options));
    this.#prepare = async () => {
      const { frame: rows, rows: n } = await this.#shared.share(frame, options.cache ?? true);
      return [...(await make(this.#shared, rows, n))];
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Fold<S>> {
    this.#folds ??= this.#prepare().catch((error) => {
      this.#folds = null;
      this.dispose();
      throw error;
    });
    yield* (await this.#folds) as readonly Fold<S>[];
  }

  /** Frees the rows that the folds share. Folds throw ERR_DISPOSED from then on. */
  dispose(): void {
    this.#shared[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** The folds whose tests are the parts, in order. */
export function foldsOfParts(rows: AnyFrame, parts: AnyFrame, nSplits: number): Fold[] {
  return Array.from({ length: nSplits }, (_, i) => ({
    train: rowsOfPart(rows, parts, (part) => part.ne(i)),
    test: rowsOfPart(rows, parts, (part) => part.eq(i)),
  }));
}
