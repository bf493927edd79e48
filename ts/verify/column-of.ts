// Host columns from JavaScript values, in the forms that hostValues gives: bigints for 64-bit integers, ticks and unscaled
// decimals, days for Date32, null for null.
import type { ArrowColumn, NumberArray, RecordBatch } from '../backend/arrow.ts';
import { UnsupportedError } from '../errors.ts';
import { type LogicalType, physicalOf } from '../schema/types.ts';
import { type Columns, schemaOf } from './cases/nodes.ts';

const ARRAYS = {
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  i64: BigInt64Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

function bitsOf(values: readonly unknown[], isSet: (v: unknown) => boolean): Uint8Array {
  const bits = new Uint8Array((values.length + 7) >> 3);
  values.forEach((v, i) => {
    if (isSet(v)) bits[i >> 3]! |= 1 << (i & 7);
  });
  return bits;
}

const isNull = (v: unknown): boolean => v === null;

/** A column of flat values. */
export function columnOf(type: LogicalType, values: readonly unknown[]): ArrowColumn {
  const { length } = values;
  if (type.dtype === 'Null') return { type, length, validity: null };
  const validity = values.some(isNull) ? bitsOf(values, (v) => v !== null) : null;
  const base = { type, length, validity };
  if (type.dtype === 'Categorical') {
    const words = [...new Set(values.filter((v) => v !== null))];
    const code = new Map(words.map((w, i) => [w, i]));
    const codes = Int32Array.from(values, (v) => (v === null ? 0 : code.get(v)!));
    return { ...base, values: codes, dictionary: columnOf({ dtype: 'Utf8' }, words) };
  }
  // Decimals have two words on the host, whatever their precision.
  const physical = type.dtype === 'Decimal' ? 'i128' : physicalOf(type);
  switch (physical) {
    case 'bit':
      return { ...base, values: bitsOf(values, (v) => v === true) };
    case 'view': {
      const bytes = values.map((v) =>
        typeof v === 'string' ? Buffer.from(v) : ((v as Uint8Array) ?? Buffer.alloc(0)),
      );
      const offsets = new Int32Array(length + 1);
      bytes.forEach((b, i) => {
        offsets[i + 1] = offsets[i]! + b.length;
      });
      return { ...base, offsets, values: new Uint8Array(Buffer.concat(bytes)) };
    }
    case 'i128': {
      const words = new BigInt64Array(2 * length);
      values.forEach((v, i) => {
        if (v === null) return;
        words[2 * i] = BigInt.asIntN(64, v as bigint);
        words[2 * i + 1] = (v as bigint) >> 64n;
      });
      return { ...base, values: words };
    }
    default: {
      if (!(physical in ARRAYS)) throw new UnsupportedError(`Cases have no columns of ${type.dtype}.`);
      const array = ARRAYS[physical as keyof typeof ARRAYS];
      const wide = physical === 'i64' || physical === 'u64';
      const numbers = values.map((v) => (v === null ? (wide ? 0n : 0) : wide ? BigInt(v as bigint) : v));
      return { ...base, values: (array as unknown as { from(v: unknown[]): NumberArray }).from(numbers) };
    }
  }
}

/** A batch of named columns. */
export const batchOf = (columns: Columns): RecordBatch => {
  const made = Object.values(columns).map((c) => columnOf(c.type, c.values));
  return { schema: schemaOf(columns), length: made[0]?.length ?? 0, columns: made };
};
