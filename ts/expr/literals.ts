// JavaScript values → typed literal nodes.
import { DTypeError, ParameterError } from '../errors.ts';
import { DecimalValue, digitsOf, rescale } from '../schema/decimal.ts';
import { bitsOf, isUnsigned, type LogicalType, typeText } from '../schema/types.ts';
import { fixedTicks, nanosecondsOf } from './durations.ts';
import type { LiteralValue, LitNode } from './nodes.ts';
import { decimal } from './promote.ts';
import { BOOL, FLOAT64, INT64, UTF8 } from './row-rules.ts';

export const litNode = (value: LiteralValue, type: LogicalType): LitNode =>
  Object.freeze({ node: 'lit', type, nullable: value === null, value });

const NULL: LogicalType = Object.freeze({ dtype: 'Null' });
const BINARY: LogicalType = Object.freeze({ dtype: 'Binary' });
const DATETIME_MS: LogicalType = Object.freeze({ dtype: 'Datetime', unit: 'ms', zone: null });

/** The dtype of a value that stands alone. */
export function naturalType(value: unknown): LogicalType {
  switch (typeof value) {
    case 'number':
      return FLOAT64;
    case 'bigint':
      return INT64;
    case 'string':
      return UTF8;
    case 'boolean':
      return BOOL;
    default:
      if (value === null) return NULL;
      if (value instanceof Date) return DATETIME_MS;
      if (value instanceof Uint8Array) return BINARY;
      if (value instanceof DecimalValue) {
        return decimal(Math.max(digitsOf(value.unscaled), value.scale), value.scale);
      }
      throw new ParameterError(
        `Expected a number, bigint, string, boolean, Date, Uint8Array or DecimalValue as a literal but received ${valueText(value)}.`,
      );
  }
}

/** A literal in the dtype of its own value. */
export const naturalLiteral = (value: unknown): LitNode => typedLiteral(value, naturalType(value), 'a literal');

/**
 * A literal in a given dtype. `beside` says what it stands beside, for the message: `c.qty`.
 *
 * Throws DTypeError if the value is not exactly one of that dtype.
 */
export function typedLiteral(value: unknown, type: LogicalType, beside: string): LitNode {
  if (value === null) return litNode(null, type);
  const read = READERS[type.dtype];
  const result = read === undefined ? { expected: 'an expression' } : read(value, type);
  if (typeof result === 'object' && result !== null && 'expected' in result) {
    throw new DTypeError(
      `Expected ${result.expected} for ${beside} (${typeText(type)}) but received ${valueText(value)} of type ${jsType(value)}.${advice(value, type)}`,
      { expected: typeText(type), value: valueText(value) },
    );
  }
  return litNode(result, type);
}

type ReadResult = Exclude<LiteralValue, readonly LiteralValue[]> | { expected: string };
type Reader = (value: unknown, type: LogicalType) => ReadResult;

function advice(value: unknown, type: LogicalType): string {
  if (typeof value !== 'number' && typeof value !== 'bigint') return '';
  const own = typeof value === 'bigint' ? `${value}n` : String(value);
  return /^(U?Int|Decimal)/.test(type.dtype)
    ? ` Write lit(${own}) for a ${typeof value === 'bigint' ? 'Int64' : 'Float64'} literal, or cast the column.`
    : '';
}

const readInteger: Reader = (value, type) => {
  const bits = BigInt(bitsOf(type));
  const min = isUnsigned(type) ? 0n : -(2n ** (bits - 1n));
  const max = isUnsigned(type) ? 2n ** bits - 1n : 2n ** (bits - 1n) - 1n;
  const expected = { expected: `an integer from ${min} to ${max}` };
  if (typeof value === 'number' && !Number.isInteger(value)) return expected;
  if (typeof value !== 'number' && typeof value !== 'bigint') return expected;
  // An integer number past 2^53 stands for many values: only a bigint is exact.
  if (typeof value === 'number' && bits === 64n && !Number.isSafeInteger(value)) {
    return { expected: 'a bigint or a safe integer' };
  }
  const exact = BigInt(value);
  if (exact < min || exact > max) return expected;
  return bits === 64n ? exact : Number(exact);
};

const readFloat: Reader = (value, type) => {
  if (typeof value === 'number') return type.dtype === 'Float32' ? Math.fround(value) : value;
  if (typeof value === 'bigint' && BigInt(Number(value)) === value) return Number(value);
  return { expected: 'a number' };
};

const readText: Reader = (value) => (typeof value === 'string' ? value : { expected: 'a string' });

const TIME_TEXT = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?$/;

const READERS: Partial<Record<LogicalType['dtype'], Reader>> = {
  Bool: (value) => (typeof value === 'boolean' ? value : { expected: 'a boolean' }),
  Int8: readInteger,
  Int16: readInteger,
  Int32: readInteger,
  Int64: readInteger,
  UInt8: readInteger,
  UInt16: readInteger,
  UInt32: readInteger,
  UInt64: readInteger,
  Float32: readFloat,
  Float64: readFloat,
  Utf8: readText,
  Categorical: readText,
  Binary: (value) => (value instanceof Uint8Array ? value.slice() : { expected: 'a Uint8Array' }),
  Decimal: (value, type) => {
    if (type.dtype !== 'Decimal') return null;
    const expected = {
      expected: `a decimal number with at most ${type.scale} digits after the point and ${type.precision - type.scale} before it`,
    };
    if (
      typeof value === 'number'
        ? !Number.isFinite(value)
        : typeof value !== 'bigint' && !(value instanceof DecimalValue)
    ) {
      return expected;
    }
    const exact = exactDecimal(value as number | bigint | DecimalValue);
    const unscaled = exact === null ? null : rescale(exact.unscaled, exact.scale, type.scale);
    return unscaled === null || digitsOf(unscaled) > type.precision ? expected : unscaled;
  },
  Date32: (value) => {
    if (!(value instanceof Date) || Number.isNaN(value.getTime())) return { expected: 'a valid Date' };
    const days = value.getTime() / 86_400_000;
    return Number.isInteger(days) ? days : { expected: 'a Date at midnight UTC' };
  },
  Datetime: (value, type) => {
    if (!(value instanceof Date) || Number.isNaN(value.getTime())) return { expected: 'a valid Date' };
    if (type.dtype !== 'Datetime') return null;
    return fitsInt64((BigInt(value.getTime()) * 1_000_000n) / nanosecondsOf(type.unit), 'a Date that Datetime holds');
  },
  Time: (value) => {
    const match = typeof value === 'string' ? TIME_TEXT.exec(value) : null;
    if (match === null) return { expected: "a time such as '12:30:00'" };
    const seconds = Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0);
    return BigInt(seconds) * 1_000_000_000n + BigInt((match[4] ?? '').padEnd(9, '0'));
  },
  Duration: (value, type) => {
    if (type.dtype !== 'Duration') return null;
    if (typeof value === 'string') return fitsInt64(fixedTicks(value, type.unit), 'a shorter duration');
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      return { expected: "milliseconds or a duration such as '1h30m'" };
    }
    const exact = exactDecimal(value);
    const nanoseconds = exact === null ? null : rescale(exact.unscaled, exact.scale, 6);
    if (nanoseconds === null || nanoseconds % nanosecondsOf(type.unit) !== 0n) {
      return { expected: `milliseconds that are whole ticks of '${type.unit}'` };
    }
    return fitsInt64(nanoseconds / nanosecondsOf(type.unit), 'a shorter duration');
  },
};

const fitsInt64 = (ticks: bigint, expected: string): ReadResult =>
  BigInt.asIntN(64, ticks) === ticks ? ticks : { expected };

function exactDecimal(value: number | bigint | DecimalValue): DecimalValue | null {
  try {
    return DecimalValue.from(value);
  } catch {
    return null;
  }
}

/** A value as a message shows it. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof DecimalValue) return value.toString();
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}

function jsType(value: unknown): string {
  if (typeof value !== 'object') return typeof value;
  return value?.constructor?.name ?? 'object';
}
