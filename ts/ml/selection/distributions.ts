// Where a random search draws parameter values from.
import { ParameterError } from '../../errors.ts';

/** Makes a value of a number drawn uniformly from [0, 1). */
export interface Distribution<T = unknown> {
  /** What it is, as messages and `inspect` say it: `uniform(0, 1)`. */
  readonly text: string;
  at(u: number): T;
  /** All values, where they are listed. */
  readonly values?: readonly T[];
}

function checkRange(name: string, low: number, high: number, least: number, whole = false): void {
  const fits = (v: number): boolean => Number.isFinite(v) && (!whole || Number.isSafeInteger(v));
  if (fits(low) && fits(high) && low >= least && (whole ? low <= high : low < high)) return;
  throw new ParameterError(
    `Expected ${whole ? 'whole numbers' : 'finite numbers'} low ${whole ? '≤' : '<'} high${least > 0 ? ', above 0,' : ''} for ${name} but received ${low} and ${high}.`,
    { parameter: name, low, high },
  );
}

/**
 * Draws numbers evenly from [low, high).
 *
 * @throws {ERR_PARAMETER} `low` that is not below `high`
 * @example
 * ```ts
 * console.log(uniform(0, 10).at(0.25));
 * // 2.5
 * ```
 */
export function uniform(low: number, high: number): Distribution<number> {
  checkRange('uniform', low, high, Number.NEGATIVE_INFINITY);
  return { text: `uniform(${low}, ${high})`, at: (u) => low + (high - low) * u };
}

/**
 * Draws numbers from [low, high) so that their logarithms are even: as many between 0.01 and 0.1 as between 0.1 and 1.
 *
 * @throws {ERR_PARAMETER} `low` that is not above 0 and below `high`
 * @example
 * ```ts
 * console.log(logUniform(0.01, 100).at(0.5).toFixed(6));
 * // 1.000000
 * ```
 */
export function logUniform(low: number, high: number): Distribution<number> {
  checkRange('logUniform', low, high, Number.MIN_VALUE);
  const [from, to] = [Math.log(low), Math.log(high)];
  // Rounding of exp and log must not leave the range.
  return {
    text: `logUniform(${low}, ${high})`,
    at: (u) => Math.min(Math.max(Math.exp(from + (to - from) * u), low), high),
  };
}

/**
 * Draws whole numbers from `low` to `high`, both included, each as often.
 *
 * @throws {ERR_PARAMETER} ends that are no whole numbers, or in the wrong order
 * @example
 * ```ts
 * console.log(integers(1, 6).at(0), integers(1, 6).at(0.999));
 * // 1 6
 * ```
 */
export function integers(low: number, high: number): Distribution<number> {
  checkRange('integers', low, high, Number.NEGATIVE_INFINITY, true);
  return { text: `integers(${low}, ${high})`, at: (u) => low + Math.floor((high - low + 1) * u) };
}

/**
 * Draws one of several values, each as often. A plain array means the same.
 *
 * @throws {ERR_PARAMETER} an empty list
 * @example
 * ```ts
 * console.log(choice(['gini', 'entropy']).at(0.7));
 * // entropy
 * ```
 */
export function choice<const T>(values: readonly T[]): Distribution<T> {
  if (!Array.isArray(values) || values.length === 0) {
    throw new ParameterError('Expected a list of at least one value for choice.', { parameter: 'choice' });
  }
  return { text: `choice(${JSON.stringify(values)})`, at: (u) => values[Math.floor(values.length * u)] as T, values };
}

/** Whether a value of a search space is a distribution; else it is a list. */
export const isDistribution = (value: unknown): value is Distribution =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<Distribution>).at === 'function' &&
  !Array.isArray(value);
