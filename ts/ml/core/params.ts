// Estimator parameters: a table of specifications, checked when an estimator is made.
import { ParameterError } from '../../errors.ts';
import { suggest } from '../../util/suggest.ts';

/** What one parameter may be. */
export interface ParamSpec<T> {
  /** Used when the parameter is not given. */
  readonly default: T;
  /** What is allowed, as messages say it: `a number in (0, inf)`. */
  readonly expected: string;
  readonly allows: (value: unknown) => boolean;
}
export type ParamSpecs = { readonly [name: string]: ParamSpec<any> };
/** The parameters that a table describes. */
export type ParamsOf<S extends ParamSpecs> = { readonly [N in keyof S]: S[N] extends ParamSpec<infer T> ? T : never };

/** Bounds of a number: closed unless `above` or `below` is used. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
  /** Greater than. */
  readonly above?: number;
  /** Less than. */
  readonly below?: number;
}

function interval({ min, max, above, below }: Bounds): string {
  const low = above !== undefined ? `(${above}` : min !== undefined ? `[${min}` : '(-inf';
  const high = below !== undefined ? `${below})` : max !== undefined ? `${max}]` : 'inf)';
  return `${low}, ${high}`;
}

const within = (x: number, { min, max, above, below }: Bounds): boolean =>
  !(
    (min !== undefined && x < min) ||
    (max !== undefined && x > max) ||
    (above !== undefined && x <= above) ||
    (below !== undefined && x >= below)
  );

/** A finite number in an interval. */
export function number(value: number, bounds: Bounds = {}): ParamSpec<number> {
  return {
    default: value,
    expected: `a number in ${interval(bounds)}`,
    allows: (v) => typeof v === 'number' && Number.isFinite(v) && within(v, bounds),
  };
}

/** A whole number in an interval. */
export function integer(value: number, bounds: Bounds = {}): ParamSpec<number> {
  return {
    default: value,
    expected: `a whole number in ${interval(bounds)}`,
    allows: (v) => Number.isSafeInteger(v) && within(v as number, bounds),
  };
}

/** One of several words; the first is the default unless `value` is given. */
export function oneOf<const W extends string>(words: readonly W[], value: W = words[0] as W): ParamSpec<W> {
  return {
    default: value,
    expected: `one of ${words.map((w) => `'${w}'`).join(', ')}`,
    allows: (v) => words.includes(v as W),
  };
}

/** true or false. */
export const flag = (value: boolean): ParamSpec<boolean> => ({
  default: value,
  expected: 'true or false',
  allows: (v) => typeof v === 'boolean',
});

/** A parameter that may also be null, its default. */
export const optional = <T>(spec: ParamSpec<T>): ParamSpec<T | null> => either(null, exactly(null), spec);

/** Exactly this value. */
export const exactly = <const T extends string | number | boolean | null>(value: T): ParamSpec<T> => ({
  default: value,
  expected: value === null ? 'null' : typeof value === 'string' ? `'${value}'` : String(value),
  allows: (v) => v === value,
});

/** Any of several forms. */
export function either<T extends readonly unknown[]>(
  value: T[number],
  ...specs: { readonly [I in keyof T]: ParamSpec<T[I]> }
): ParamSpec<T[number]> {
  return {
    default: value,
    expected: specs.map((s) => s.expected).join(' or '),
    allows: (v) => specs.some((s) => s.allows(v)),
  };
}

/** A list of values that each match a spec. */
export function listOf<T>(spec: ParamSpec<T>, value: readonly T[] = [], bounds: Bounds = {}): ParamSpec<readonly T[]> {
  return {
    default: value,
    expected: `a list of ${spec.expected}`,
    allows: (v) => Array.isArray(v) && v.every(spec.allows) && within(v.length, bounds),
  };
}

/** Anything a predicate allows. */
export const custom = <T>(value: T, expected: string, allows: (v: unknown) => boolean): ParamSpec<T> => ({
  default: value,
  expected,
  allows,
});

/** The seed of what is random in a fit: null draws one, which the model reports. */
export const randomState = (): ParamSpec<number | null> =>
  custom(null as number | null, 'a whole number in [0, 4294967295] or null', (v) =>
    v === null ? true : Number.isSafeInteger(v) && within(v as number, { min: 0, max: 0xffffffff }),
  );

/** Weights per class: null, 'balanced' (inverse to their frequency), or a number for each class by its label as text. */
export type ClassWeight = null | 'balanced' | { readonly [label: string]: number };
export const classWeight = (): ParamSpec<ClassWeight> =>
  custom(
    null as ClassWeight,
    "null, 'balanced' or an object of positive numbers by class label",
    (v) =>
      v === null ||
      v === 'balanced' ||
      (typeof v === 'object' &&
        !Array.isArray(v) &&
        Object.values(v as object).every((w) => typeof w === 'number' && Number.isFinite(w) && w >= 0)),
  );

const shown = (v: unknown): string =>
  typeof v === 'string' ? `'${v}'` : typeof v === 'function' ? 'a function' : (JSON.stringify(v) ?? String(v));

/** All parameters of an estimator: the given ones checked, the others at their defaults. */
export function checkParams<S extends ParamSpecs>(
  estimator: string,
  specs: S,
  given: { readonly [name: string]: unknown },
): ParamsOf<S> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new ParameterError(`Expected an object of parameters for ${estimator} but received ${shown(given)}.`, {
      estimator,
    });
  const names = Object.keys(specs);
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(specs, name)) continue;
    const near = suggest(name, names);
    throw new ParameterError(
      `${estimator} has no parameter '${name}'.${near === null ? '' : ` Did you mean '${near}'?`} Parameters: ${names.join(', ')}.`,
      { estimator, parameter: name },
    );
  }
  const all = names.map((name) => {
    const spec = specs[name]!;
    const value = given[name] === undefined ? spec.default : given[name];
    if (!spec.allows(value)) {
      const got = typeof value === 'number' && !Number.isFinite(value) ? String(value) : shown(value);
      throw new ParameterError(`The '${name}' parameter of ${estimator} must be ${spec.expected}. Got ${got}.`, {
        estimator,
        parameter: name,
      });
    }
    return [name, value];
  });
  return Object.freeze(Object.fromEntries(all)) as ParamsOf<S>;
}
