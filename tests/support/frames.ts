// Columns of every dtype, to send through formats and back.
import type { LogicalType, Schema } from '../../ts/schema/types.ts';

const long = (i: number) => `a string that is longer than a view, number ${i} – ünï`;
const inner = (type: LogicalType) => ({ type, nullable: true });

/** A dtype and a value for a row, in the forms of `vectorOf`. */
export const EVERY_TYPE: readonly [LogicalType, (i: number) => unknown][] = [
  [{ dtype: 'Bool' }, (i) => i % 3 === 0],
  [{ dtype: 'Int8' }, (i) => (i % 200) - 100],
  [{ dtype: 'UInt8' }, (i) => i % 256],
  [{ dtype: 'Int16' }, (i) => (i % 60000) - 30000],
  [{ dtype: 'UInt16' }, (i) => i % 65536],
  [{ dtype: 'Int32' }, (i) => 5 - i],
  [{ dtype: 'UInt32' }, (i) => 4294967295 - i],
  [{ dtype: 'Int64' }, (i) => BigInt(i) * -(2n ** 40n)],
  [{ dtype: 'UInt64' }, (i) => 2n ** 64n - 1n - BigInt(i)],
  [{ dtype: 'Float32' }, (i) => i / 2],
  [{ dtype: 'Float64' }, (i) => (i % 50 === 1 ? Number.NaN : i / 3)],
  [{ dtype: 'Date32' }, (i) => 10000 - i],
  [{ dtype: 'Time' }, (i) => BigInt(i) * 1000n],
  [{ dtype: 'Datetime', unit: 'ms', zone: null }, (i) => BigInt(i) * 86400000n],
  [{ dtype: 'Datetime', unit: 'us', zone: 'Europe/Paris' }, (i) => -BigInt(i) * 77n],
  [{ dtype: 'Datetime', unit: 'ns', zone: 'UTC' }, (i) => BigInt(i) * 1_000_000_007n],
  [{ dtype: 'Duration', unit: 'ms' }, (i) => BigInt(i) - 3n],
  [{ dtype: 'Duration', unit: 'ns' }, (i) => BigInt(i) * -7n],
  [{ dtype: 'Decimal', precision: 7, scale: 2 }, (i) => BigInt((i % 99999) - 500)],
  [{ dtype: 'Decimal', precision: 18, scale: 4 }, (i) => BigInt((i % 5000) - 500) * 10n ** 14n],
  [{ dtype: 'Decimal', precision: 38, scale: 2 }, (i) => -(10n ** 30n) - BigInt(i)],
  [{ dtype: 'Utf8' }, (i) => (i % 3 === 0 ? '' : i % 2 ? long(i) : 'x'.repeat(i % 13))],
  [{ dtype: 'Binary' }, (i) => new Uint8Array(i % 20).fill((i & 127) | 128)],
  [{ dtype: 'Categorical' }, (i) => (i % 2 ? long(i % 700) : `c${i % 5}`)],
  [{ dtype: 'Null' }, () => null],
  [
    { dtype: 'List', inner: inner({ dtype: 'Utf8' }) },
    (i) => Array.from({ length: i % 4 }, (_, k) => (k === 2 ? null : long(i + k))),
  ],
  [
    { dtype: 'List', inner: inner({ dtype: 'List', inner: inner({ dtype: 'Int64' }) }) },
    (i) => Array.from({ length: i % 3 }, (_, k) => (k === 1 ? null : [BigInt(i), null, 7n])),
  ],
  [{ dtype: 'FixedSizeList', inner: inner({ dtype: 'Int32' }), length: 3 }, (i) => [i, null, i + 2]],
  [
    {
      dtype: 'Struct',
      fields: [
        { name: 'a', type: { dtype: 'Bool' }, nullable: true },
        { name: 'b', type: { dtype: 'Utf8' }, nullable: true },
        { name: 'c', type: { dtype: 'Decimal', precision: 5, scale: 1 }, nullable: true },
        { name: 'd', type: { dtype: 'List', inner: inner({ dtype: 'Float64' }) }, nullable: true },
      ],
    },
    (i) => [i % 5 === 0 ? null : i % 2 === 0, `b${i}`, BigInt(i % 9999), [i / 4, null]],
  ],
];

/** Every seventh row and the one after it null. */
export const valueAt = (at: (i: number) => unknown, i: number, nulls = true): unknown =>
  nulls && i % 7 < 2 ? null : at(i);

/** Names `c0`, `c1`, … for the dtypes. */
export const everySchema = (types: readonly LogicalType[] = EVERY_TYPE.map(([t]) => t)): Schema =>
  types.map((type, i) => ({ name: `c${i}`, type, nullable: true }));
