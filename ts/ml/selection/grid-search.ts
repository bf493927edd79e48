import { ParameterError } from '../../errors.ts';
import type { Estimator } from '../core/estimator.ts';
import { ParameterSearch, type ParamsOfEstimator, type SearchOptions } from './search.ts';

/** Values to try for each parameter. */
export type ParameterGrid<P> = { readonly [N in keyof P]?: readonly P[N][] };

/** Options of `GridSearch`. */
export type GridSearchOptions = SearchOptions;

/**
 * Tries every combination of parameter values by cross-validation and keeps the best. Several grids are tried one after
 * another: for parameters that go together only with some values of others.
 *
 * @param estimator - whose parameters are searched; those not in the grid stay as they are
 * @param grid - values by parameter, or several such grids
 * @throws {ERR_PARAMETER} a parameter or value that the estimator refuses, an empty list, an unknown score or option
 * @example
 * ```ts
 * const x = Float64Array.from({ length: 60 }, (_, i) => i);
 * const df = fromColumns({ x, y: x.map((v) => 3 * v + 1) });
 * const search = new GridSearch(new LinearRegression(), { fitIntercept: [false, true] }, { cv: 3 });
 * using found = await search.fit(df, 'y');
 * console.log(found.bestParams, found.bestScore.toFixed(6));
 * // { fitIntercept: true } 1.000000
 * ```
 */
export class GridSearch<E extends Estimator = Estimator> extends ParameterSearch<E> {
  readonly #params: readonly object[];

  constructor(
    estimator: E,
    grid: ParameterGrid<ParamsOfEstimator<E>> | readonly ParameterGrid<ParamsOfEstimator<E>>[],
    options: GridSearchOptions = {},
  ) {
    super('GridSearch', estimator, options);
    const grids = (Array.isArray(grid) ? grid : [grid]) as readonly { readonly [name: string]: readonly unknown[] }[];
    this.#params = Object.freeze(grids.flatMap((g) => combinations('GridSearch', g)));
    // A wrong name or value is an error here and not after an hour.
    for (const params of this.#params) estimator.withParams(params as never);
  }

  /** How many combinations there are. */
  get size(): number {
    return this.#params.length;
  }

  protected candidates(randomState: number | null) {
    return { params: this.#params, randomState };
  }
}

/** All combinations of a grid; the last parameter's values change fastest. */
export function combinations(where: string, grid: { readonly [name: string]: readonly unknown[] }): object[] {
  if (typeof grid !== 'object' || grid === null || Object.keys(grid).length === 0) {
    throw new ParameterError(`The grid of ${where} must name at least one parameter: { alpha: [0.1, 1] }.`, {
      parameter: 'grid',
    });
  }
  let all: object[] = [{}];
  for (const [name, values] of Object.entries(grid)) {
    if (!Array.isArray(values) || values.length === 0) {
      throw new ParameterError(`The values of '${name}' in the grid of ${where} must be a list of at least one.`, {
        parameter: name,
      });
    }
    all = all.flatMap((params) => values.map((value) => ({ ...params, [name]: value })));
  }
  return all;
}
