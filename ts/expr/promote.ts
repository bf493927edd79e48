// Dtype rules: promotion, decimals, and which casts there are.
import {
  bitsOf,
  isFloat,
  isInteger,
  isNumeric,
  isSigned,
  isString,
  isTemporal,
  isUnsigned,
  type LogicalType,
  sameType,
} from '../schema/types.ts';
import { finerUnit } from './durations.ts';
import { FLOAT64, UTF8 } from './row-rules.ts';

/** Decimal digits that hold every value of an integer dtype. */
const DIGITS: Record<string, number> = {
  Int8: 3,
  UInt8: 3,
  Int16: 5,
  UInt16: 5,
  Int32: 10,
  UInt32: 10,
  Int64: 19,
  UInt64: 20,
};

type DecimalType = Extract<LogicalType, { dtype: 'Decimal' }>;

export const decimal = (precision: number, scale: number): DecimalType =>
  Object.freeze({ dtype: 'Decimal', precision: Math.min(38, Math.max(precision, scale, 1)), scale });

/** An integer dtype as the Decimal that holds it; a Decimal is itself. */
export const asDecimal = (t: LogicalType): DecimalType =>
  t.dtype === 'Decimal' ? t : decimal(DIGITS[t.dtype] as number, 0);

/** The Decimal with the larger scale and the larger whole part of two. */
export function commonDecimal(a: DecimalType, b: DecimalType, extraDigits = 0): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  return decimal(Math.max(a.precision - a.scale, b.precision - b.scale) + scale + extraDigits, scale);
}

/** UInt64 with a signed integer: no integer dtype holds both. */
export const isMixedSign = (a: LogicalType, b: LogicalType): boolean =>
  (a.dtype === 'UInt64' && isSigned(b)) || (b.dtype === 'UInt64' && isSigned(a));

/** The smallest numeric dtype that holds both; null for UInt64 with a signed integer. */
export function promote(a: LogicalType, b: LogicalType): LogicalType | null {
  if (sameType(a, b)) return a;
  if (isFloat(a) || isFloat(b)) {
    const [float, other] = isFloat(a) ? [a, b] : [b, a];
    const fits = isFloat(other) ? bitsOf(other) <= 32 : isInteger(other) && bitsOf(other) <= 16;
    return float.dtype === 'Float32' && fits ? float : FLOAT64;
  }
  if (a.dtype === 'Decimal' || b.dtype === 'Decimal') return commonDecimal(asDecimal(a), asDecimal(b));
  if (isSigned(a) === isSigned(b)) return bitsOf(a) >= bitsOf(b) ? a : b;
  if (isMixedSign(a, b)) return null;
  const [signed, unsigned] = isSigned(a) ? [a, b] : [b, a];
  const bits = Math.max(bitsOf(signed), bitsOf(unsigned) * 2);
  return Object.freeze({ dtype: `Int${bits}` as 'Int16' | 'Int32' | 'Int64' });
}

/** The dtype in which two values compare or may stand in one column; null if there is none. */
export function commonType(a: LogicalType, b: LogicalType): LogicalType | null {
  if (sameType(a, b)) return a;
  if (a.dtype === 'Null') return b;
  if (b.dtype === 'Null') return a;
  if (isNumeric(a) && isNumeric(b)) return promote(a, b);
  if (isString(a) && isString(b)) return UTF8;
  if (isTemporal(a) && isTemporal(b)) return commonTemporal(a, b);
  return null;
}

function commonTemporal(a: LogicalType, b: LogicalType): LogicalType | null {
  if (a.dtype === 'Duration' && b.dtype === 'Duration') {
    return Object.freeze({ dtype: 'Duration', unit: finerUnit(a.unit, b.unit) });
  }
  if (a.dtype === 'Datetime' && b.dtype === 'Datetime') {
    // A wall clock and an instant do not compare; two instants do, whatever the zones they are shown in.
    if ((a.zone === null) !== (b.zone === null)) return null;
    return Object.freeze({ dtype: 'Datetime', unit: finerUnit(a.unit, b.unit), zone: a.zone });
  }
  const [date, other] = a.dtype === 'Date32' ? [a, b] : [b, a];
  return date.dtype === 'Date32' && other.dtype === 'Datetime' && other.zone === null ? other : null;
}

/**
 * Whether a cast exists.
 *
 * Bool, numbers and strings convert into each other; strings and temporal dtypes too (ISO 8601). Integers and temporal
 * dtypes share their ticks (days for Date32). Date32 ↔ Datetime at midnight UTC; Datetime → Date32, Time floor in UTC
 * ticks; a change of zone keeps the ticks; a change of unit scales them (floored). Utf8 ↔ Categorical ↔ Binary share
 * bytes (Binary → Utf8 checks them). Null casts to anything.
 */
export function canCast(from: LogicalType, to: LogicalType): boolean {
  if (sameType(from, to) || from.dtype === 'Null') return true;
  if (isPlain(from) && isPlain(to)) return true;
  if (isString(from)) return isTemporal(to) || to.dtype === 'Binary';
  if (isTemporal(from)) {
    if (isString(to) || isInteger(to)) return true;
    if (from.dtype === to.dtype) return true;
    if (from.dtype === 'Date32') return to.dtype === 'Datetime';
    if (from.dtype === 'Datetime') return to.dtype === 'Date32' || to.dtype === 'Time';
    return (from.dtype === 'Time' && to.dtype === 'Duration') || (from.dtype === 'Duration' && to.dtype === 'Time');
  }
  if (isTemporal(to)) return isInteger(from);
  return from.dtype === 'Binary' && isString(to);
}

const isPlain = (t: LogicalType): boolean => t.dtype === 'Bool' || isNumeric(t) || isString(t);

/** The signed dtype of a difference: unsigned integers go to the next wider one. */
export function signedFor(t: LogicalType): LogicalType {
  if (!isUnsigned(t)) return t;
  return Object.freeze({ dtype: `Int${Math.min(64, bitsOf(t) * 2)}` as 'Int16' | 'Int32' | 'Int64' });
}
