// Arrow-like columns out of JavaScript values: one pass a column, in a loop of its dtype.
import type { ArrowColumn, NumberArray } from '../backend/arrow.ts';
import { DTypeError, SchemaMismatchError } from '../errors.ts';
import { DecimalValue, digitsOf } from '../schema/decimal.ts';
import { type Field, type IntegerName, type LogicalType, type TimeUnit, typeText } from '../schema/types.ts';
import { encodeStrings } from './encode-strings.ts';

const MS_PER_DAY = 86_400_000;

interface Target {
  readonly name: string;
  readonly type: LogicalType;
  readonly nullable: boolean;
}

/** The column of these values. `null` and `undefined` become null; a value of another type is an error with its row. */
export function columnOf(values: ArrayLike<unknown>, field: Field | Target): ArrowColumn {
  const column = build(values, field);
  if (column.validity !== null && !field.nullable) {
    const row = firstNull(column.validity);
    throw new SchemaMismatchError(
      `Column "${field.name}" is declared ${typeText(field.type)} but row ${row} is null. Declare it nullable(${typeText(field.type)}).`,
      { column: field.name, row },
    );
  }
  return column;
}

function firstNull(validity: Uint8Array): number {
  let row = 0;
  while (((validity[row >> 3] as number) & (1 << (row & 7))) !== 0) row++;
  return row;
}

/** A bitmap with a bit cleared where the value is null or undefined; null when there is none. */
function validityOf(values: ArrayLike<unknown>): Uint8Array | null {
  const n = values.length;
  let first = 0;
  while (first < n && values[first] != null) first++;
  if (first === n) return null;
  const bits = new Uint8Array((n + 7) >> 3).fill(0xff);
  for (let i = first; i < n; i++) if (values[i] == null) bits[i >> 3] = (bits[i >> 3] as number) & ~(1 << (i & 7));
  return bits;
}

function wrong(field: Target, row: number, value: unknown, want: string): DTypeError {
  const got = value instanceof Date ? 'an invalid Date' : `${show(value)} of type ${typeof value}`;
  return new DTypeError(`Expected ${want} for row ${row} of column "${field.name}" but received ${got}.`, {
    column: field.name,
    row,
    dtype: typeText(field.type),
  });
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'object' ? (value?.constructor?.name ?? 'an object') : String(value);
}

type Typed = { new (n: number): NumberArray; readonly BYTES_PER_ELEMENT: number };
const INTEGERS: Record<IntegerName, { array: Typed; min: bigint; max: bigint }> = {
  Int8: { array: Int8Array, min: -128n, max: 127n },
  Int16: { array: Int16Array, min: -32768n, max: 32767n },
  Int32: { array: Int32Array, min: -2147483648n, max: 2147483647n },
  Int64: { array: BigInt64Array, min: -(2n ** 63n), max: 2n ** 63n - 1n },
  UInt8: { array: Uint8Array, min: 0n, max: 255n },
  UInt16: { array: Uint16Array, min: 0n, max: 65535n },
  UInt32: { array: Uint32Array, min: 0n, max: 4294967295n },
  UInt64: { array: BigUint64Array, min: 0n, max: 2n ** 64n - 1n },
};

function build(values: ArrayLike<unknown>, field: Target): ArrowColumn {
  const { type } = field;
  const length = values.length;
  const validity = ArrayBuffer.isView(values) ? null : validityOf(values);
  switch (type.dtype) {
    case 'Null': {
      for (let i = 0; i < length; i++) if (values[i] != null) throw wrong(field, i, values[i], 'null');
      return { type, length, validity: null };
    }
    case 'Bool':
      return { type, length, validity, values: bools(values, field) };
    case 'Float32':
    case 'Float64':
      return { type, length, validity, values: floats(values, field, type.dtype === 'Float32') };
    case 'Int64':
    case 'UInt64':
      return { type, length, validity, values: bigs(values, field, INTEGERS[type.dtype]) };
    case 'Int8':
    case 'Int16':
    case 'Int32':
    case 'UInt8':
    case 'UInt16':
    case 'UInt32':
      return { type, length, validity, values: integers(values, field, INTEGERS[type.dtype]) };
    case 'Date32':
      return { type, length, validity, values: days(values, field) };
    case 'Datetime':
      return { type, length, validity, values: instants(values, field, type.unit) };
    case 'Duration':
      return { type, length, validity, values: durations(values, field, type.unit) };
    case 'Time':
      return { type, length, validity, values: times(values, field) };
    case 'Decimal':
      return { type, length, validity, values: decimals(values, field, type.precision, type.scale) };
    case 'Utf8':
    case 'Categorical': {
      for (let i = 0; i < length; i++) {
        const v = values[i];
        if (typeof v !== 'string' && v != null) throw wrong(field, i, v, 'a string');
      }
      return {
        type,
        length,
        validity,
        ...encodeStrings(values as ArrayLike<string | null | undefined>, type.dtype === 'Categorical'),
      };
    }
    case 'Binary':
      return { type, length, validity, ...binaries(values, field) };
    case 'List':
    case 'FixedSizeList':
      return { type, length, validity, ...lists(values, field) };
    case 'Struct':
      return { type, length, validity, children: structs(values, field, validity) };
  }
}

function bools(values: ArrayLike<unknown>, field: Target): Uint8Array {
  const bits = new Uint8Array((values.length + 7) >> 3);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v === true) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
    else if (v !== false && v != null) throw wrong(field, i, v, 'true or false');
  }
  return bits;
}

function floats(values: ArrayLike<unknown>, field: Target, single: boolean): NumberArray {
  const n = values.length;
  if (values instanceof Float64Array && !single) return values.slice();
  const out = single ? new Float32Array(n) : new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const v = values[i];
    if (typeof v === 'number') out[i] = v;
    else if (v != null) throw wrong(field, i, v, 'a number');
  }
  return out;
}

function integers(values: ArrayLike<unknown>, field: Target, row: (typeof INTEGERS)['Int8']): NumberArray {
  const out = new row.array(values.length) as Int32Array;
  if (values.constructor === row.array) {
    out.set(values as Int32Array);
    return out;
  }
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v == null) continue;
    if (typeof v !== 'number') throw wrong(field, i, v, 'an integer');
    out[i] = v;
    // What does not come back as it went in has a fraction or is out of range.
    if (out[i] !== v) throw wrong(field, i, v, `an integer from ${row.min} to ${row.max}`);
  }
  return out;
}

function bigs(values: ArrayLike<unknown>, field: Target, row: (typeof INTEGERS)['Int64']): NumberArray {
  const out = new row.array(values.length) as BigInt64Array;
  if (values.constructor === row.array) {
    out.set(values as BigInt64Array);
    return out;
  }
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v == null) continue;
    if (typeof v === 'bigint') {
      out[i] = v;
      if (out[i] !== v) throw wrong(field, i, v, `an integer from ${row.min} to ${row.max}`);
    } else if (typeof v === 'number' && Number.isSafeInteger(v) && (v >= 0 || row.min < 0n)) out[i] = BigInt(v);
    else throw wrong(field, i, v, 'a bigint');
  }
  return out;
}

function msOf(v: unknown, field: Target, row: number): number {
  const ms = v instanceof Date ? v.getTime() : Number.NaN;
  if (Number.isNaN(ms)) throw wrong(field, row, v, 'a valid Date');
  return ms;
}

function days(values: ArrayLike<unknown>, field: Target): Int32Array {
  const out = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v != null) out[i] = Math.floor(msOf(v, field, i) / MS_PER_DAY);
  }
  return out;
}

const PER_MS: Record<TimeUnit, bigint> = { ms: 1n, us: 1000n, ns: 1_000_000n };

function instants(values: ArrayLike<unknown>, field: Target, unit: TimeUnit): BigInt64Array {
  const out = new BigInt64Array(values.length);
  const halves = new Int32Array(out.buffer);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v == null) continue;
    if (typeof v === 'bigint') {
      out[i] = v;
      continue;
    }
    const ms = msOf(v, field, i);
    if (unit === 'ms') {
      halves[2 * i] = ms;
      halves[2 * i + 1] = Math.floor(ms / 4294967296);
    } else out[i] = BigInt(ms) * PER_MS[unit];
  }
  return out;
}

function durations(values: ArrayLike<unknown>, field: Target, unit: TimeUnit): BigInt64Array {
  const out = new BigInt64Array(values.length);
  const perMs = Number(PER_MS[unit]);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v == null) continue;
    if (typeof v === 'bigint') out[i] = v;
    else if (typeof v === 'number' && Number.isFinite(v)) out[i] = BigInt(Math.round(v * perMs));
    else throw wrong(field, i, v, 'milliseconds');
  }
  return out;
}

const TIME = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?$/;

function times(values: ArrayLike<unknown>, field: Target): BigInt64Array {
  const out = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v == null) continue;
    const m = typeof v === 'string' ? TIME.exec(v) : null;
    const [hours, minutes, seconds] = [Number(m?.[1]), Number(m?.[2]), Number(m?.[3] ?? 0)];
    if (m === null || hours > 23 || minutes > 59 || seconds > 59) throw wrong(field, i, v, "a time 'HH:MM:SS.ffffff'");
    out[i] = BigInt(hours * 3600 + minutes * 60 + seconds) * 1_000_000_000n + BigInt((m[4] ?? '').padEnd(9, '0'));
  }
  return out;
}

function decimals(values: ArrayLike<unknown>, field: Target, precision: number, scale: number): BigInt64Array {
  const out = new BigInt64Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v == null) continue;
    let exact: bigint | null = null;
    if (v instanceof DecimalValue || typeof v === 'number' || typeof v === 'bigint' || typeof v === 'string') {
      try {
        exact = DecimalValue.from(v, scale).unscaled;
      } catch {
        exact = null;
      }
    }
    if (exact === null || digitsOf(exact) > precision) throw wrong(field, i, v, `a value of ${typeText(field.type)}`);
    out[2 * i] = exact;
    out[2 * i + 1] = exact >> 64n;
  }
  return out;
}

function binaries(values: ArrayLike<unknown>, field: Target): { offsets: Int32Array; values: Uint8Array } {
  const offsets = new Int32Array(values.length + 1);
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v instanceof Uint8Array) total += v.length;
    else if (v != null) throw wrong(field, i, v, 'a Uint8Array');
    offsets[i + 1] = total;
  }
  const bytes = new Uint8Array(total);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v instanceof Uint8Array) bytes.set(v, offsets[i]);
  }
  return { offsets, values: bytes };
}

function lists(values: ArrayLike<unknown>, field: Target): { offsets?: Int32Array; children: ArrowColumn[] } {
  const { type } = field;
  if (type.dtype !== 'List' && type.dtype !== 'FixedSizeList') return { children: [] };
  const size = type.dtype === 'FixedSizeList' ? type.length : null;
  const items: unknown[] = [];
  const offsets = new Int32Array(values.length + 1);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (Array.isArray(v) || (ArrayBuffer.isView(v) && !(v instanceof DataView))) {
      const list = v as ArrayLike<unknown>;
      if (size !== null && list.length !== size) throw wrong(field, i, v, `an array of ${size} items`);
      for (let k = 0; k < list.length; k++) items.push(list[k]);
    } else if (v != null) throw wrong(field, i, v, 'an array');
    else if (size !== null) for (let k = 0; k < size; k++) items.push(null);
    offsets[i + 1] = items.length;
  }
  // Items under a null fixed-size list are null whatever the declaration says.
  const nullable = type.inner.nullable || size !== null;
  const child = columnOf(items, { name: `${field.name}[]`, type: type.inner.type, nullable });
  return size === null ? { offsets, children: [child] } : { children: [child] };
}

function structs(values: ArrayLike<unknown>, field: Target, validity: Uint8Array | null): ArrowColumn[] {
  if (field.type.dtype !== 'Struct') return [];
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v != null && typeof v !== 'object') throw wrong(field, i, v, 'an object');
  }
  return field.type.fields.map((f) =>
    columnOf(
      Array.from(values, (v) => (v as Record<string, unknown> | null | undefined)?.[f.name]),
      { name: `${field.name}.${f.name}`, type: f.type, nullable: f.nullable || validity !== null },
    ),
  );
}
