// Seeded random columns of every sortable dtype, with nulls, NaN, both zeros, duplicates and strings of all lengths.
import type { LogicalType } from '../../ts/schema/types.ts';

/** A small seeded generator (mulberry32). */
export function randomSource(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const SORTABLE: readonly LogicalType[] = [
  { dtype: 'Bool' },
  { dtype: 'Int8' },
  { dtype: 'Int16' },
  { dtype: 'Int32' },
  { dtype: 'Int64' },
  { dtype: 'UInt8' },
  { dtype: 'UInt16' },
  { dtype: 'UInt32' },
  { dtype: 'UInt64' },
  { dtype: 'Float32' },
  { dtype: 'Float64' },
  { dtype: 'Utf8' },
  { dtype: 'Binary' },
  { dtype: 'Date32' },
  { dtype: 'Time' },
  { dtype: 'Datetime', unit: 'us', zone: null },
  { dtype: 'Duration', unit: 'ms' },
  { dtype: 'Decimal', precision: 12, scale: 2 },
  { dtype: 'Decimal', precision: 38, scale: 4 },
];

const SPECIAL = [Number.NaN, 0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, -1.5];

/** One random value of a dtype; `distinct` about how many there are. */
export function randomValue(type: LogicalType, random: () => number, distinct: number): unknown {
  const k = Math.floor(random() * distinct);
  switch (type.dtype) {
    case 'Bool':
      return random() < 0.5;
    case 'Int8':
      return (k % 256) - 128;
    case 'UInt8':
      return k % 256;
    case 'Int16':
      return (k % 65536) - 32768;
    case 'UInt16':
      return k % 65536;
    case 'Int32':
    case 'Date32':
      return k % 7 === 0 ? (k % 2 ? 2147483647 : -2147483648) : k * 3 - distinct;
    case 'UInt32':
      return k % 7 === 0 ? 4294967295 - k : k;
    case 'Int64':
    case 'Time':
    case 'Datetime':
    case 'Duration':
      return k % 9 === 0 ? (k % 2 ? 2n ** 63n - 1n : -(2n ** 63n)) : BigInt(k * 1000 - Math.floor(distinct));
    case 'UInt64':
      return k % 9 === 0 ? 2n ** 64n - 1n - BigInt(k) : BigInt(k);
    case 'Float32':
      return k % 10 === 0 ? Math.fround(SPECIAL[k % 7]!) : Math.fround((k - distinct / 2) / 7);
    case 'Float64':
      return k % 10 === 0 ? SPECIAL[k % 7]! : (k - distinct / 2) / 7;
    case 'Decimal':
      return type.precision <= 18 ? BigInt(k - 50) : BigInt(k - 50) * 10n ** BigInt(k % 35);
    case 'Binary':
      return new Uint8Array(Buffer.from(textOf(k), 'latin1'));
    default:
      return textOf(k);
  }
}

/** Strings of length 0 to 60 with common prefixes, zero characters and characters of several bytes. */
function textOf(k: number): string {
  const stem = [
    '',
    'a',
    'ab\u0000',
    'Straße ',
    'customer#00000',
    '日本語テキスト',
    'the same long beginning of a text ',
  ][k % 7]!;
  const tail =
    k % 3 === 0 ? String(k) : k % 3 === 1 ? '\u0000'.repeat(k % 5) : String.fromCharCode(97 + (k % 26)).repeat(k % 27);
  return stem + tail;
}

export function randomColumn(
  type: LogicalType,
  length: number,
  random: () => number,
  { distinct = 1000, nulls = 0.1 }: { distinct?: number; nulls?: number } = {},
): unknown[] {
  return Array.from({ length }, () => (random() < nulls ? null : randomValue(type, random, distinct)));
}

/** Order of two values that are not null: NaN above all, zeros alike, strings by bytes. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'string' || a instanceof Uint8Array)
    return Math.sign(Buffer.compare(Buffer.from(a as string), Buffer.from(b as string)));
  const x = a as number;
  const y = b as number;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  return x < y ? -1 : x > y ? 1 : 0;
}
