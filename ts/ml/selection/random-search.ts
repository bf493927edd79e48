import { ParameterError } from '../../errors.ts';
import { drawSeed, uniform as uniformAt } from '../../util/philox.ts';
import type { Estimator } from '../core/estimator.ts';
import { checkParams, integer, randomState as seedParam } from '../core/params.ts';
import { shuffled } from './allocate.ts';
import { type Distribution, isDistribution } from './distributions.ts';
import { combinations } from './grid-search.ts';
import { ParameterSearch, type ParamsOfEstimator, type SearchOptions } from './search.ts';

const WHERE = 'RandomSearch';
/** Grids beyond this are drawn from with repetition: repeats are rare then, and the grid would take memory. */
const LISTED = 100_000;

/** Where each parameter's values come from: a distribution, or a list to choose from. */
export type ParameterSpace<P> = {
  readonly [N in keyof P]?: Distribution<P[N] & {}> | Distribution<P[N]> | readonly P[N][];
};

/** Options of `RandomSearch`. */
export interface RandomSearchOptions extends SearchOptions {
  /** How many candidates to draw (default 10). */
  readonly nIter?: number;
}

/**
 * Tries parameter values drawn at random by cross-validation and keeps the best. Where every parameter has a list, no
 * combination is tried twice, and a grid smaller than `nIter` is tried whole.
 *
 * The draws depend on `randomState` alone (Philox 4×32-10): candidate i is the same whatever `nIter` is, unless all
 * parameters have lists.
 *
 * @param estimator - whose parameters are searched; those not in the space stay as they are
 * @param space - by parameter `uniform`, `logUniform`, `integers`, `choice`, or a list
 * @throws {ERR_PARAMETER} a parameter or value that the estimator refuses, an unknown score or option
 * @example
 * ```ts
 * const x = Float64Array.from({ length: 60 }, (_, i) => i);
 * const df = fromColumns({ x, y: x.map((v) => 3 * v + 1) });
 * const search = new RandomSearch(new LinearRegression(), { fitIntercept: choice([true, false]) }, { cv: 3, nIter: 4, randomState: 1 });
 * using found = await search.fit(df, 'y');
 * console.log(found.bestParams, await found.results.count());
 * // { fitIntercept: true } 2
 * ```
 */
export class RandomSearch<E extends Estimator = Estimator> extends ParameterSearch<E> {
  readonly #space: readonly (readonly [string, Distribution | readonly unknown[]])[];
  readonly #nIter: number;

  constructor(estimator: E, space: ParameterSpace<ParamsOfEstimator<E>>, options: RandomSearchOptions = {}) {
    super(WHERE, estimator, options, ['nIter']);
    const { nIter, randomState } = options;
    const specs = { nIter: integer(10, { min: 1 }), randomState: seedParam() };
    this.#nIter = checkParams(WHERE, specs, { nIter, randomState }).nIter;
    const given = Object.entries(space as { readonly [name: string]: Distribution | readonly unknown[] });
    this.#space = given.map(([name, values]) => [name, isDistribution(values) ? (values.values ?? values) : values]);
    if (this.#space.length === 0) {
      throw new ParameterError(
        `The space of ${WHERE} must name at least one parameter: { alpha: logUniform(0.01, 10) }.`,
        {
          parameter: 'space',
        },
      );
    }
    for (const [name, values] of this.#space) {
      if (isDistribution(values)) {
        // Both ends and the middle: a wrong name or range is an error here and not after an hour.
        for (const u of [0, 0.5, 1 - 2 ** -53]) estimator.withParams({ [name]: values.at(u) } as never);
      } else if (Array.isArray(values) && values.length > 0) {
        for (const value of values) estimator.withParams({ [name]: value } as never);
      } else {
        throw new ParameterError(
          `The values of '${name}' in the space of ${WHERE} must be a distribution or a list of at least one.`,
          { parameter: name },
        );
      }
    }
  }

  protected candidates(given: number | null) {
    const randomState = given ?? drawSeed();
    const grid = this.#grid();
    if (grid) {
      const order = shuffled(grid.length, randomState);
      return { params: order.slice(0, this.#nIter).map((i) => grid[i]!), randomState };
    }
    const params = Array.from({ length: this.#nIter }, (_, i) =>
      Object.fromEntries(
        this.#space.map(([name, values], j) => {
          const u = uniformAt(randomState, i * this.#space.length + j);
          return [name, isDistribution(values) ? values.at(u) : values[Math.floor(values.length * u)]];
        }),
      ),
    );
    return { params, randomState };
  }

  /** All combinations, where there are lists only and not too many. */
  #grid(): object[] | null {
    let size = 1;
    for (const [, values] of this.#space) {
      if (isDistribution(values)) return null;
      size *= values.length;
    }
    return size > LISTED ? null : combinations(WHERE, Object.fromEntries(this.#space) as never);
  }
}
