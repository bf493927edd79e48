// The vocabulary of registry rows: argument families, return types, null rules and option checks.
import {
  isFloat,
  isInteger,
  isNumeric,
  isString,
  isTemporal,
  isUnsigned,
  type LogicalType,
  type TimeUnit,
} from '../schema/types.ts';
import type { ExprNode, Options, OptionValue } from './nodes.ts';

/** What an argument may be, and the dtype binding casts it to. */
export interface ArgFamily {
  /** For messages: "a number". */
  readonly text: string;
  accepts(type: LogicalType): boolean;
  /** The dtype the function sees; absent: the argument's own. */
  coerce?(type: LogicalType): LogicalType;
}

export const FLOAT64: LogicalType = Object.freeze({ dtype: 'Float64' });
export const INT64: LogicalType = Object.freeze({ dtype: 'Int64' });
export const INT32: LogicalType = Object.freeze({ dtype: 'Int32' });
export const INT16: LogicalType = Object.freeze({ dtype: 'Int16' });
export const INT8: LogicalType = Object.freeze({ dtype: 'Int8' });
export const UINT32: LogicalType = Object.freeze({ dtype: 'UInt32' });
export const UINT64: LogicalType = Object.freeze({ dtype: 'UInt64' });
export const BOOL: LogicalType = Object.freeze({ dtype: 'Bool' });
export const UTF8: LogicalType = Object.freeze({ dtype: 'Utf8' });
export const DATE32: LogicalType = Object.freeze({ dtype: 'Date32' });
export const TIME: LogicalType = Object.freeze({ dtype: 'Time' });

/** A dtype that orders: everything but nested ones, Binary and Null. */
export const isOrdered = (t: LogicalType): boolean =>
  t.dtype === 'Bool' || isNumeric(t) || isString(t) || isTemporal(t) || t.dtype === 'Binary';

/** The 64-bit dtype sums run in. Bool counts in UInt32. */
export function widened(t: LogicalType): LogicalType {
  if (t.dtype === 'Bool') return UINT32;
  if (isFloat(t)) return FLOAT64;
  if (isInteger(t)) return isUnsigned(t) ? UINT64 : INT64;
  if (t.dtype === 'Decimal') return Object.freeze({ dtype: 'Decimal', precision: 38, scale: t.scale });
  return t;
}

const oneDigitMore = (t: LogicalType): LogicalType =>
  t.dtype === 'Decimal'
    ? Object.freeze({ dtype: 'Decimal', precision: Math.min(38, t.precision + 1), scale: t.scale })
    : t;

/** Every argument family a row may name. */
export const FAMILIES = {
  any: { text: 'any value', accepts: () => true },
  hashable: { text: 'a value that is not nested', accepts: (t) => isOrdered(t) || t.dtype === 'Null' },
  ordered: { text: 'a value that orders', accepts: isOrdered },
  number: { text: 'a number', accepts: isNumeric },
  signable: { text: 'a number or a Duration', accepts: (t) => isNumeric(t) || t.dtype === 'Duration' },
  addable: { text: 'a number, a date, a time or a duration', accepts: (t) => isNumeric(t) || isTemporal(t) },
  roundable: { text: 'a number', accepts: isNumeric, coerce: oneDigitMore },
  signed: {
    text: 'a number',
    accepts: isNumeric,
    coerce: (t) =>
      t.dtype === 'Decimal' && t.precision === t.scale
        ? Object.freeze({ dtype: 'Decimal', precision: Math.min(38, t.precision + 1), scale: t.scale })
        : t,
  },
  float: { text: 'a number', accepts: isNumeric, coerce: (t) => (isFloat(t) ? t : FLOAT64) },
  float64: { text: 'a number', accepts: isNumeric, coerce: () => FLOAT64 },
  meanable: { text: 'a number or a Bool', accepts: (t) => isNumeric(t) || t.dtype === 'Bool', coerce: () => FLOAT64 },
  summable: {
    text: 'a number, a Bool or a Duration',
    accepts: (t) => isNumeric(t) || t.dtype === 'Bool' || t.dtype === 'Duration',
  },
  running: {
    text: 'a number or a Duration',
    accepts: (t) => isNumeric(t) || t.dtype === 'Duration',
    coerce: widened,
  },
  multipliable: { text: 'an integer or a float', accepts: (t) => isInteger(t) || isFloat(t), coerce: widened },
  bool: { text: 'a Bool', accepts: (t) => t.dtype === 'Bool' },
  utf8: { text: 'a string', accepts: isString, coerce: () => UTF8 },
  calendar: { text: 'a Date32 or a Datetime', accepts: (t) => t.dtype === 'Date32' || t.dtype === 'Datetime' },
  clock: { text: 'a Datetime or a Time', accepts: (t) => t.dtype === 'Datetime' || t.dtype === 'Time' },
  moment: {
    text: 'a Date32, a Datetime or a Time',
    accepts: (t) => t.dtype === 'Date32' || t.dtype === 'Datetime' || t.dtype === 'Time',
  },
  datetime: { text: 'a Datetime', accepts: (t) => t.dtype === 'Datetime' },
  duration: { text: 'a Duration', accepts: (t) => t.dtype === 'Duration' },
  list: { text: 'a list', accepts: (t) => t.dtype === 'List' || t.dtype === 'FixedSizeList' },
  struct: { text: 'a struct', accepts: (t) => t.dtype === 'Struct' },
} satisfies Record<string, ArgFamily>;

export type FamilyName = keyof typeof FAMILIES;

/** The dtype of a call, from its coerced arguments and its checked options. */
export type ReturnRule = (args: readonly LogicalType[], options: Options) => LogicalType;
/** Whether a call may be null. */
export type NullableRule = (args: readonly ExprNode[], options: Options) => boolean;

/** The dtype of an argument. */
export const same =
  (index = 0): ReturnRule =>
  (args) =>
    args[index] as LogicalType;
/** One dtype, whatever the arguments. */
export const always =
  (type: LogicalType): ReturnRule =>
  () =>
    type;
export const bool = always(BOOL);
export const text = always(UTF8);
export const uint32 = always(UINT32);
export const float64 = always(FLOAT64);
/** ×: a Decimal's scale is the sum of the scales. */
export const productOf: ReturnRule = (args) => {
  const [a, b] = args as [LogicalType, LogicalType];
  return a.dtype === 'Decimal' && b.dtype === 'Decimal'
    ? Object.freeze({ dtype: 'Decimal', precision: a.precision, scale: a.scale + b.scale })
    : a;
};
/** −: the difference of two moments is a Duration. */
export const differenceOf: ReturnRule = (args) => {
  const [a, b] = args as [LogicalType, LogicalType];
  return a.dtype === 'Datetime' && b.dtype === 'Datetime' ? Object.freeze({ dtype: 'Duration', unit: a.unit }) : a;
};
/** floorDiv: a whole number. */
export const wholeOf: ReturnRule = (args) => {
  const a = args[0] as LogicalType;
  return a.dtype === 'Decimal' ? Object.freeze({ dtype: 'Decimal', precision: a.precision, scale: 0 }) : a;
};
export const widenedSum: ReturnRule = (args) => widened(args[0] as LogicalType);
export const listOf: ReturnRule = (args) =>
  Object.freeze({ dtype: 'List', inner: Object.freeze({ type: args[0] as LogicalType, nullable: true }) });
export const listOfUtf8: ReturnRule = () => listOf([UTF8], {});
export const itemOf: ReturnRule = (args) => {
  const list = args[0] as LogicalType;
  return list.dtype === 'List' || list.dtype === 'FixedSizeList' ? list.inner.type : list;
};
export const fieldNamed: ReturnRule = (args, options) => {
  const struct = args[0] as LogicalType;
  const field = struct.dtype === 'Struct' ? struct.fields.find((f) => f.name === options['name']) : undefined;
  return field?.type ?? struct;
};
/** A struct of the names of the options; with a `model` nothing in it is null. */
export const structOfFloat64: ReturnRule = (_args, options) =>
  Object.freeze({
    dtype: 'Struct',
    fields: Object.freeze(
      (options['names'] as readonly string[]).map((name) =>
        Object.freeze({ name, type: FLOAT64, nullable: options['model'] === null }),
      ),
    ),
  });
/** `Datetime(unit, zone)` of the options. */
export const datetimeOf: ReturnRule = (_args, options) =>
  Object.freeze({ dtype: 'Datetime', unit: options['unit'] as TimeUnit, zone: options['zone'] as string | null });
/** The argument with the zone of the options. */
export const rezoned: ReturnRule = (args, options) =>
  Object.freeze({ ...(args[0] as LogicalType), zone: options['zone'] as string | null }) as LogicalType;

/** A field of a struct is null where the struct is, or where the field may be. */
export const fieldNullable: NullableRule = (args, options) => {
  const struct = args[0]?.type;
  const field = struct?.dtype === 'Struct' ? struct.fields.find((f) => f.name === options['name']) : undefined;
  return (args[0]?.nullable ?? true) || (field?.nullable ?? true);
};

export const neverNull: NullableRule = () => false;
export const maybeNull: NullableRule = () => true;
export const nullableLike: NullableRule = (args) => args.some((a) => a.nullable);

/** Prints the named options as arguments of the method; absent and null ones at the end are left out. */
export const positional =
  (...names: readonly string[]) =>
  (options: Options) => {
    const args = names.map((n) => options[n]);
    while (args.length > 0 && (args.at(-1) === null || args.at(-1) === undefined)) args.pop();
    return { args: args.map((a) => optionText(a ?? null)) };
  };

/** An option's value as a user writes it. */
export function optionText(value: OptionValue): string {
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(optionText).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return objectText(value as Options);
  return String(value);
}

/** An object of options as a user writes it. */
export const objectText = (options: Options): string =>
  `{ ${Object.entries(options)
    .map(([key, value]) => `${key}: ${optionText(value)}`)
    .join(', ')} }`;

/** A regular expression as a user writes it. */
export const regexText = (options: Options): string => `/${options['pattern']}/${options['flags']}`;

/** The parts of a replacement as a user writes them. */
export const templateText = (template: OptionValue): string =>
  optionText(
    (template as readonly (string | number)[])
      .map((p) => (typeof p === 'string' ? p.replaceAll('$', '$$$$') : p === 0 ? '$&' : `$${p}`))
      .join(''),
  );

/** The format and options of a parser as a user writes them. */
export function parseArgs(options: Options): { args: readonly string[] } {
  const format = options['format'] ?? null;
  if (options['strict'] === false) return { args: [optionText(format), '{ strict: false }'] };
  return { args: format === null ? [] : [optionText(format)] };
}

/** A calendar step as a user writes it. */
export function stepText(options: Options): string {
  const months = Number(options['months']);
  const days = Number(options['days']);
  let rest = BigInt(String(options['nanoseconds']));
  const negative = months < 0 || days < 0 || rest < 0n;
  let out = `${months === 0 ? '' : `${Math.abs(months)}mo`}${days === 0 ? '' : `${Math.abs(days)}d`}`;
  if (rest < 0n) rest = -rest;
  for (const [unit, size] of UNIT_SIZES) {
    if (rest >= size) out += `${rest / size}${unit}`;
    rest %= size;
  }
  return `'${negative ? '-' : ''}${out === '' ? '0s' : out}'`;
}
const UNIT_SIZES: readonly (readonly [string, bigint])[] = [
  ['h', 3_600_000_000_000n],
  ['m', 60_000_000_000n],
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['us', 1_000n],
  ['ns', 1n],
];

/** Checks one option: the value to store, or a sentence part that says what was expected. */
export type OptionRule = (value: OptionValue | undefined) => { value: OptionValue } | { expected: string };

const accept = (value: OptionValue): { value: OptionValue } => ({ value });

/** An integer within [min, max]; `fallback` when absent. */
export const integer =
  (min: number, max: number, fallback?: number): OptionRule =>
  (value = fallback as OptionValue) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? accept(value)
      : { expected: `an integer from ${min} to ${max}` };
/** An integer or null. */
export const integerOrNull = (min: number, max: number): OptionRule => orNull(integer(min, max));
/** A number that `test` passes. */
export const number =
  (expected: string, test: (value: number) => boolean): OptionRule =>
  (value) =>
    typeof value === 'number' && test(value) ? accept(value) : { expected };
/** The rule, or null when absent. */
export const orNull =
  (rule: OptionRule): OptionRule =>
  (value) =>
    value === undefined || value === null ? accept(null) : rule(value);
export const string: OptionRule = (value) => (typeof value === 'string' ? accept(value) : { expected: 'a string' });
export const stringOrNull: OptionRule = orNull(string);
/** One of the given strings; the first when absent. */
export const oneOf =
  (...values: readonly string[]): OptionRule =>
  (value = values[0] as string) =>
    typeof value === 'string' && values.includes(value)
      ? accept(value)
      : { expected: `one of ${values.map((v) => `'${v}'`).join(', ')}` };
export const flag =
  (fallback: boolean): OptionRule =>
  (value = fallback) =>
    typeof value === 'boolean' ? accept(value) : { expected: 'true or false' };
/** Without the default. */
export const required =
  (rule: OptionRule): OptionRule =>
  (value) =>
    rule(value === undefined ? null : value);
/** Made by binding, never by a user. */
export const internal: OptionRule = (value) => (value === undefined ? { expected: 'a value' } : accept(value));

export type FunctionKind = 'elementwise' | 'agg' | 'window';

/**
 * How the arguments of a call are brought together before each meets its family: each on its own, or to one dtype that
 * holds all of them. Free literals take that dtype.
 */
export type Unify = 'none' | 'common';

/** One function. Shared code asks the row and never tests a function's name. */
export interface RegistryRow {
  readonly kind: FunctionKind;
  /** The family of each argument; with `variadic` the last one repeats, with `optional` that many may be absent. */
  readonly args: readonly FamilyName[];
  readonly variadic?: boolean;
  readonly optional?: number;
  readonly unify?: Unify;
  readonly returns: ReturnRule;
  readonly nulls: 'propagate' | 'skip' | 'never' | 'custom';
  /** Whether the result may be null, where `nulls` does not say it: 'skip' means yes, 'never' no. */
  readonly nullable?: NullableRule;
  readonly options?: { readonly [name: string]: OptionRule };
  /** Where the method stands: `.str` and so on; 'free' is a function without a column. */
  readonly face?: 'str' | 'dt' | 'list' | 'struct' | 'free';
  /** The method's name and its arguments that come from options, when they are not the row's name and one object. */
  readonly print?: (
    options: Options,
    /** The operands, printed. */
    operands: readonly string[],
  ) => {
    readonly method?: string;
    readonly args: readonly string[];
    /** Operands that `args` does not hold; default all. The first stands before the dot. */
    readonly operands?: number;
  };
  /** The Spark function of the same meaning, or null. */
  readonly spark: string | null;
}
