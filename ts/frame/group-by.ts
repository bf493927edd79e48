import type { PlanNode } from '../plan/nodes.ts';
import * as sugar from '../plan/sugar.ts';
import { refuseUnknown } from '../util/known-options.ts';
import type { DataFrame } from './dataframe.ts';
import type { Items, With } from './frame-types.ts';

/** Options of `agg`. */
export interface AggOptions {
  /** Whether groups come in the order of their first row (default false). */
  readonly maintainOrder?: boolean;
}

/**
 * Groups waiting for aggregates.
 *
 * @ts-ignore TS2636
 */
export class GroupBy<out S, out G> {
  readonly #plan: PlanNode;
  readonly #keys: readonly unknown[];
  readonly #frame: (plan: PlanNode) => DataFrame<any>;

  /** @internal Made by `groupBy`. */
  constructor(plan: PlanNode, keys: readonly unknown[], frame: (plan: PlanNode) => DataFrame<any>) {
    this.#plan = plan;
    this.#keys = keys;
    this.#frame = frame;
  }

  /**
   * Gives one row per group: the keys, then the named aggregates, each any expression over aggregates.
   *
   * @throws {ERR_DTYPE} an aggregate of a dtype it does not take
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Rome', 'Oslo', 'Rome'], price: [10, 20, 30] });
   * await df
   *   .groupBy('city')
   *   .agg({ mean: (c) => c.price.mean(), spread: (c) => c.price.max().sub(c.price.min()) })
   *   .sort('city')
   *   .show();
   * // ┌──────┬─────────┬─────────┐
   * // │ city │    mean │  spread │
   * // │ Utf8 │ Float64 │ Float64 │
   * // ├──────┼─────────┼─────────┤
   * // │ Oslo │      20 │       0 │
   * // │ Rome │      20 │      20 │
   * // └──────┴─────────┴─────────┘
   * // 2 rows × 3 columns
   * ```
   */
  agg<E>(aggregates: Items<S, E, 'agg'>, options: AggOptions = {}): DataFrame<With<G, E>> {
    refuseUnknown('agg()', options, ['maintainOrder']);
    return this.#frame(sugar.groupBy(this.#plan, this.#keys, aggregates, options.maintainOrder ?? false));
  }
}
