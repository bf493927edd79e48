// Dtypes: each name is a value (in a declared schema, in a cast) and a type (in the S of a frame).
import { DTypeError, ParameterError } from '../errors.ts';
import type { DecimalValue } from './decimal.ts';
import type { Field, ItemType, LogicalType, Schema, TimeUnit } from './types.ts';

declare const js: unique symbol;

/** A column type: its name and, for the type checker only, the JavaScript value its rows hold. */
export interface DType<out Name extends string = string, out Value = unknown> {
  readonly dtype: Name;
  /** Never present at run time. */
  readonly [js]: Value;
}

/** True or false. Rows: `boolean`. */
export interface Bool extends DType<'Bool', boolean> {}
/** Integers from −128 to 127. Rows: `number`. */
export interface Int8 extends DType<'Int8', number> {}
/** Integers from −32,768 to 32,767. Rows: `number`. */
export interface Int16 extends DType<'Int16', number> {}
/** Integers from −2^31 to 2^31 − 1. Rows: `number`. */
export interface Int32 extends DType<'Int32', number> {}
/** Integers from −2^63 to 2^63 − 1. Rows: `bigint`, always. */
export interface Int64 extends DType<'Int64', bigint> {}
/** Integers from 0 to 255. Rows: `number`. */
export interface UInt8 extends DType<'UInt8', number> {}
/** Integers from 0 to 65,535. Rows: `number`. */
export interface UInt16 extends DType<'UInt16', number> {}
/** Integers from 0 to 2^32 − 1. Rows: `number`. */
export interface UInt32 extends DType<'UInt32', number> {}
/** Integers from 0 to 2^64 − 1. Rows: `bigint`, always. */
export interface UInt64 extends DType<'UInt64', bigint> {}
/** IEEE 754 single precision. Rows: `number`. NaN is a value, not a null. */
export interface Float32 extends DType<'Float32', number> {}
/** IEEE 754 double precision. Rows: `number`. NaN is a value, not a null. */
export interface Float64 extends DType<'Float64', number> {}
/** UTF-8 text. Rows: `string`. */
export interface Utf8 extends DType<'Utf8', string> {}
/** Bytes. Rows: `Uint8Array`. */
export interface Binary extends DType<'Binary', Uint8Array> {}
/** Text with few different values, stored as codes. Rows: `string`. */
export interface Categorical extends DType<'Categorical', string> {}
/**
 * Calendar days. Rows: `Date` at midnight UTC.
 *
 * Not called `Date`, which would shadow the global of that name where it is imported.
 */
export interface Date32 extends DType<'Date32', Date> {}
/** A time of day, in nanoseconds. Rows: `'HH:MM:SS.ffffff'`. */
export interface Time extends DType<'Time', string> {}
/** An instant, or a wall clock without a zone; ticks of a unit. Rows: `Date`, cut to milliseconds. */
export interface Datetime extends DType<'Datetime', Date> {}
/** A length of time; ticks of a unit. Rows: milliseconds as `number`. */
export interface Duration extends DType<'Duration', number> {}
/** Exact decimal numbers of up to 38 digits. Rows: `DecimalValue`. */
export interface Decimal extends DType<'Decimal', DecimalValue> {}
/** A column of nothing but nulls. */
export interface Null extends DType<'Null', null> {}
/** Lists of any length. Rows: arrays. */
export interface List<out T> extends DType<'List', Value<T>[]> {
  readonly inner: T;
}
/** Lists of one length. Rows: arrays. */
export interface FixedSizeList<out T> extends DType<'FixedSizeList', Value<T>[]> {
  readonly inner: T;
}
/** Named fields. Rows: objects. */
export interface Struct<out F> extends DType<'Struct', Row<F>> {
  readonly fields: F;
}

/** The JavaScript value that a column of dtype T has in a row. */
export type Value<T> = T extends { readonly [js]: infer V } ? V : T;
/** One row of a frame with schema S. */
export type Row<S> = { [K in keyof S]: Value<S[K]> };

/** A dtype that may be null, in a declared schema. */
export interface Nullable<out D> {
  readonly nullable: D;
}
/** A declared schema: column names with dtypes or `nullable(dtype)`. */
export type SchemaSpec = { readonly [column: string]: DType | Nullable<DType> };
/** The S of a declared schema: `{ city: nullable(Utf8) }` gives `{ city: Utf8 | null }`. */
export type SchemaOf<Spec> = 0 extends 1 & Spec ? any : { -readonly [K in keyof Spec]: Inner<Spec[K]> };
/** The column type of a declared dtype. The callable values Datetime and Duration count as their plain dtype. */
export type Inner<I> = I extends Nullable<infer D> ? Plain<D> | null : Plain<I>;
/** The dtype of a value of dtype: `typeof Datetime` gives `Datetime`. */
export type Plain<D> = D extends Datetime ? Datetime : D extends Duration ? Duration : D;

// The phantom property and the parameters are not in the run-time object: one place says so.
function dtype<T extends DType>(name: T['dtype'], params: object = {}): T {
  return Object.freeze({ dtype: name, ...params }) as unknown as T;
}

export const Bool: Bool = dtype('Bool');
export const Int8: Int8 = dtype('Int8');
export const Int16: Int16 = dtype('Int16');
export const Int32: Int32 = dtype('Int32');
export const Int64: Int64 = dtype('Int64');
export const UInt8: UInt8 = dtype('UInt8');
export const UInt16: UInt16 = dtype('UInt16');
export const UInt32: UInt32 = dtype('UInt32');
export const UInt64: UInt64 = dtype('UInt64');
export const Float32: Float32 = dtype('Float32');
export const Float64: Float64 = dtype('Float64');
export const Utf8: Utf8 = dtype('Utf8');
export const Binary: Binary = dtype('Binary');
export const Categorical: Categorical = dtype('Categorical');
export const Date32: Date32 = dtype('Date32');
export const Time: Time = dtype('Time');
export const Null: Null = dtype('Null');

function callable<T extends DType, A extends unknown[]>(
  name: string,
  params: object,
  make: (...args: A) => object,
): T & ((...args: A) => T) {
  const f = (...args: A) => dtype(name, make(...args));
  return Object.freeze(Object.assign(f, { dtype: name, ...params })) as unknown as T & ((...args: A) => T);
}

const UNITS: readonly unknown[] = ['ms', 'us', 'ns'];

function checkUnit(unit: TimeUnit, of: string): TimeUnit {
  if (UNITS.includes(unit)) return unit;
  throw new ParameterError(`Expected 'ms', 'us' or 'ns' for the unit of ${of} but received ${JSON.stringify(unit)}.`, {
    unit,
  });
}

const knownZones = new Set<string>();

/** Returns an IANA zone name, or null. Throws if `Intl` does not know it. */
export function checkZone(zone: string | null): string | null {
  if (zone === null || knownZones.has(zone)) return zone;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    throw new ParameterError(`Unknown time zone ${JSON.stringify(zone)}. Use an IANA name such as "Europe/Rome".`, {
      zone,
    });
  }
  knownZones.add(zone);
  return zone;
}

/**
 * An instant or a wall clock. `Datetime` alone is `Datetime('us')`.
 *
 * Unit and zone live in the schema of the frame, not in the TypeScript type.
 *
 * @param unit - length of a tick: `'ms'`, `'us'` (default) or `'ns'`.
 * @param zone - IANA name, or null (default) for a wall clock.
 * @throws {ERR_PARAMETER} for an unknown unit or zone.
 */
export const Datetime: Datetime & ((unit?: TimeUnit, zone?: string | null) => Datetime) = callable(
  'Datetime',
  { unit: 'us', zone: null },
  (unit: TimeUnit = 'us', zone: string | null = null) => ({ unit: checkUnit(unit, 'Datetime'), zone: checkZone(zone) }),
);

/**
 * A length of time. `Duration` alone is `Duration('us')`.
 *
 * @param unit - length of a tick: `'ms'`, `'us'` (default) or `'ns'`.
 * @throws {ERR_PARAMETER} for an unknown unit.
 */
export const Duration: Duration & ((unit?: TimeUnit) => Duration) = callable(
  'Duration',
  { unit: 'us' },
  (unit: TimeUnit = 'us') => ({ unit: checkUnit(unit, 'Duration') }),
);

/**
 * Exact decimal numbers.
 *
 * @param precision - digits in all, 1 to 38.
 * @param scale - digits after the point, 0 to `precision`.
 * @throws {ERR_PARAMETER} if they are not.
 */
export function Decimal(precision: number, scale: number): Decimal {
  if (!Number.isInteger(precision) || precision < 1 || precision > 38) {
    throw new ParameterError(`The precision of Decimal must be an integer from 1 to 38. Got ${precision}.`, {
      precision,
    });
  }
  if (!Number.isInteger(scale) || scale < 0 || scale > precision) {
    throw new ParameterError(
      `The scale of Decimal must be an integer from 0 to its precision ${precision}. Got ${scale}.`,
      {
        precision,
        scale,
      },
    );
  }
  return dtype('Decimal', { precision, scale });
}

/** Lists of any length: `List(Int32)`, `List(nullable(Utf8))`. */
export function List<const I extends DType | Nullable<DType>>(inner: I): List<Inner<I>> {
  return dtype('List', { inner });
}

/**
 * Lists of one length.
 *
 * @throws {ERR_PARAMETER} if `length` is not an integer of at least 0.
 */
export function FixedSizeList<const I extends DType | Nullable<DType>>(
  inner: I,
  length: number,
): FixedSizeList<Inner<I>> {
  if (!Number.isInteger(length) || length < 0) {
    throw new ParameterError(`The length of FixedSizeList must be an integer of at least 0. Got ${length}.`, {
      length,
    });
  }
  return dtype('FixedSizeList', { inner, length });
}

/** Named fields: `Struct({ lat: Float64, lon: nullable(Float64) })`. */
export function Struct<const F extends SchemaSpec>(fields: F): Struct<SchemaOf<F>> {
  return dtype('Struct', { fields });
}

/** Lets a declared column be null. */
export function nullable<D extends DType>(type: D): Nullable<D> {
  return Object.freeze({ nullable: type });
}

/** What a dtype value holds at run time. */
interface RuntimeDType {
  readonly dtype: LogicalType['dtype'];
  readonly unit: TimeUnit;
  readonly zone: string | null;
  readonly precision: number;
  readonly scale: number;
  readonly length: number;
  readonly inner: DType | Nullable<DType>;
  readonly fields: SchemaSpec;
}

const PLAIN = new Set<string>(
  [Bool, Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64, Float32, Float64, Utf8, Binary, Categorical]
    .map((t): string => t.dtype)
    .concat('Date32', 'Time', 'Null'),
);

/** Whether a value is a dtype. */
export function isDType(value: unknown): value is DType {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  const name = (value as { dtype?: unknown }).dtype;
  return typeof name === 'string' && (PLAIN.has(name) || PARAMETRIC.has(name));
}
const PARAMETRIC = new Set(['Datetime', 'Duration', 'Decimal', 'List', 'FixedSizeList', 'Struct']);

/** A dtype value as the plan sees it. */
export function toLogical(type: DType): LogicalType {
  if (!isDType(type)) {
    throw new DTypeError(`Expected a dtype such as Int64 or Utf8 but received ${describe(type)}.`);
  }
  const t = type as unknown as RuntimeDType;
  switch (t.dtype) {
    case 'Datetime':
      return Object.freeze({ dtype: t.dtype, unit: t.unit, zone: t.zone });
    case 'Duration':
      return Object.freeze({ dtype: t.dtype, unit: t.unit });
    case 'Decimal':
      return Object.freeze({ dtype: t.dtype, precision: t.precision, scale: t.scale });
    case 'List':
      return Object.freeze({ dtype: t.dtype, inner: itemFromSpec(t.inner) });
    case 'FixedSizeList':
      return Object.freeze({ dtype: t.dtype, inner: itemFromSpec(t.inner), length: t.length });
    case 'Struct':
      return Object.freeze({ dtype: t.dtype, fields: schemaFromSpec(t.fields) });
    default:
      return Object.freeze({ dtype: t.dtype });
  }
}

/** A declared schema as the plan sees it. */
export function schemaFromSpec(spec: SchemaSpec): Schema {
  return Object.freeze(
    Object.entries(spec).map(([name, item]): Field => {
      try {
        return Object.freeze({ name, ...itemFromSpec(item) });
      } catch (error) {
        if (!(error instanceof DTypeError)) throw error;
        throw new DTypeError(`Expected a dtype for column "${name}" but received ${describe(item)}.`, { column: name });
      }
    }),
  );
}

function itemFromSpec(item: DType | Nullable<DType>): ItemType {
  return item !== null && typeof item === 'object' && 'nullable' in item
    ? Object.freeze({ type: toLogical(item.nullable), nullable: true })
    : Object.freeze({ type: toLogical(item), nullable: false });
}

/** The dtype value of a plan's dtype: what a user would write. */
export function fromLogical(type: LogicalType): DType {
  switch (type.dtype) {
    case 'Datetime':
      return Datetime(type.unit, type.zone);
    case 'Duration':
      return Duration(type.unit);
    case 'Decimal':
      return Decimal(type.precision, type.scale);
    case 'List':
      return List(itemToSpec(type.inner));
    case 'FixedSizeList':
      return FixedSizeList(itemToSpec(type.inner), type.length);
    case 'Struct':
      return Struct(specFromSchema(type.fields));
    default:
      return dtype(type.dtype);
  }
}

/** The declaration of a plan's schema. */
export function specFromSchema(schema: Schema): SchemaSpec {
  return Object.freeze(Object.fromEntries(schema.map((field) => [field.name, itemToSpec(field)])));
}

function itemToSpec(item: ItemType): DType | Nullable<DType> {
  const type = fromLogical(item.type);
  return item.nullable ? nullable(type) : type;
}

function describe(value: unknown): string {
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`;
  if (typeof value === 'object' && value !== null)
    return `an object with keys ${Object.keys(value).join(', ') || 'none'}`;
  return `${String(value)} of type ${typeof value}`;
}
