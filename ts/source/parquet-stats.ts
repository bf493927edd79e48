// Parquet's statistics as bounds that can be trusted: what is missing, of another order, truncated or not a number
// makes a bound wider or unknown, never wrong.
import type { LogicalType } from '../schema/types.ts';
import { isUnsigned } from '../schema/types.ts';
import type { ColumnIndex, RawStatistics } from './parquet-footer.ts';
import type { ParquetLeaf } from './parquet-schema.ts';
import type { Bound, ColumnBounds } from './prune.ts';

const isFloat = (t: LogicalType): boolean => t.dtype === 'Float32' || t.dtype === 'Float64';

/** Types whose values every writer has always compared as signed numbers. */
function isSignedNumber(leaf: ParquetLeaf): boolean {
  const { physical } = leaf;
  if (physical === 'INT32' || physical === 'INT64') return !isUnsigned(leaf.type);
  return physical === 'FLOAT' || physical === 'DOUBLE' || physical === 'BOOLEAN';
}

/** Bounds of a column chunk. `order` is the footer's column order of the leaf. */
export function chunkBounds(leaf: ParquetLeaf, s: RawStatistics | null, order: number, rows: number): ColumnBounds {
  if (s === null) return boundsOf(leaf, null, null, null, null, rows);
  const isOrdered = order === 1 || order === 2 || isSignedNumber(leaf);
  const useOld = s.min === null && s.max === null && isSignedNumber(leaf);
  const min = useOld ? s.oldMin : isOrdered ? s.min : null;
  const max = useOld ? s.oldMax : isOrdered ? s.max : null;
  return boundsOf(leaf, min, max, s.nullCount, s.nanCount, rows);
}

/** Bounds of one page of a column chunk. */
export function pageBounds(
  leaf: ParquetLeaf,
  index: ColumnIndex,
  page: number,
  order: number,
  rows: number,
): ColumnBounds {
  if (index.nullPages[page]) return { min: null, max: null, nulls: true, values: false, nan: false };
  const isOrdered = order === 1 || order === 2 || isSignedNumber(leaf);
  const nulls = index.nullCounts?.[page] ?? null;
  const nans = index.nanCounts?.[page] ?? null;
  const min = isOrdered ? (index.mins[page] ?? null) : null;
  const max = isOrdered ? (index.maxes[page] ?? null) : null;
  return boundsOf(leaf, min, max, nulls, nans, rows);
}

function boundsOf(
  leaf: ParquetLeaf,
  rawMin: Uint8Array | null,
  rawMax: Uint8Array | null,
  nullCount: number | null,
  nanCount: number | null,
  rows: number,
): ColumnBounds {
  const known = nullCount !== null && nullCount >= 0 && nullCount <= rows;
  const nulls = leaf.nullable && !(known && nullCount === 0);
  const values = !(known && nullCount === rows);
  const nan = isFloat(leaf.type) && nanCount !== 0;
  let min = rawMin === null ? null : boundValue(leaf, rawMin);
  let max = rawMax === null ? null : boundValue(leaf, rawMax);
  // a bound that is not a number has spoilt the other one too; so has one that is above it
  const spoilt = Number.isNaN(min) || Number.isNaN(max) || (min !== null && max !== null && isAbove(min, max));
  if (spoilt) min = max = null;
  return { min, max, nulls, values, nan };
}

function isAbove(a: Bound, b: Bound): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) > 0;
  return a > b;
}

/** A PLAIN value in the unit of the leaf's dtype; null when it has none or no order. */
function boundValue(leaf: ParquetLeaf, raw: Uint8Array): Bound | null {
  if (!leaf.ordered) return null;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  switch (leaf.physical) {
    case 'BOOLEAN':
      return raw.length === 1 ? BigInt(raw[0]! & 1) : null;
    case 'INT32': {
      if (raw.length !== 4) return null;
      const v = isUnsigned(leaf.type) ? view.getUint32(0, true) : view.getInt32(0, true);
      return BigInt(v) * BigInt(leaf.factor);
    }
    case 'INT64': {
      if (raw.length !== 8) return null;
      const v = isUnsigned(leaf.type) ? view.getBigUint64(0, true) : view.getBigInt64(0, true);
      return v * BigInt(leaf.factor);
    }
    case 'FLOAT':
      return raw.length === 4 ? view.getFloat32(0, true) : null;
    case 'DOUBLE':
      return raw.length === 8 ? view.getFloat64(0, true) : null;
    case 'INT96':
      return null;
    default:
      if (leaf.conversion === 'half') return raw.length === 2 ? halfValue(view.getUint16(0, true)) : null;
      if (leaf.conversion === 'be') return raw.length > 0 && raw.length <= 64 ? bigEndian(raw) : null;
      return raw;
  }
}

function bigEndian(raw: Uint8Array): bigint {
  let v = raw[0]! > 127 ? -1n : 0n;
  for (const b of raw) v = (v << 8n) | BigInt(b);
  return v;
}

function halfValue(h: number): number {
  const sign = h & 0x8000 ? -1 : 1;
  const exponent = (h >> 10) & 31;
  const fraction = h & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
