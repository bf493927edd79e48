// JavaScript values out of Arrow-like columns: one dispatch and one tight loop a column.

import type { ArrowColumn, NumberArray } from '../backend/arrow.ts';
import { UnsupportedError } from '../errors.ts';
import { DecimalValue } from '../schema/decimal.ts';
import type { TimeUnit } from '../schema/types.ts';
import { rowObjects } from './row-objects.ts';

const MS_PER_DAY = 86_400_000;
/** Strings decoded at a time: short enough that one kept string does not hold a large text alive. */
const STRINGS = 4096;

const isSet = (bits: Uint8Array, i: number): boolean => ((bits[i >> 3] as number) & (1 << (i & 7))) !== 0;

/**
 * All values of a column, nulls included. A typed array (the column's own buffer) where its numbers are the values and
 * there are no nulls; else a plain array.
 */
export function valuesOf(c: ArrowColumn): ArrayLike<unknown> {
  const { length: n, type } = c;
  switch (type.dtype) {
    case 'Null':
      return new Array<null>(n).fill(null);
    case 'Bool':
      return bools(c.values as Uint8Array, c.validity, n);
    case 'Date32':
      return mapped(c, (days: number) => new Date(days * MS_PER_DAY));
    case 'Datetime':
      return ticks(c, (high, low) => new Date(toMs(high, low, type.unit)));
    case 'Duration': {
      const perMs = TICKS_PER_MS[type.unit];
      return ticks(c, (high, low) => (high * 4294967296 + low) / perMs);
    }
    case 'Time':
      return ticks(c, (high, low) => timeText(high, low));
    case 'Decimal':
      return decimals(c, type.scale);
    case 'Utf8':
    case 'Categorical':
      return c.dictionary === undefined ? strings(c) : coded(c, c.dictionary);
    case 'Binary':
      return binaries(c);
    case 'List':
      return lists(c, c.offsets as Int32Array);
    case 'FixedSizeList':
      return fixedLists(c, type.length);
    case 'Struct':
      return structs(c);
    default: {
      const values = numbers(c);
      return c.validity === null ? values.subarray(0, n) : withNulls(values, c.validity, n);
    }
  }
}

/** All values as a plain array. */
export function arrayOf(c: ArrowColumn): unknown[] {
  const values = valuesOf(c);
  return Array.isArray(values) ? values : Array.from(values);
}

function numbers(c: ArrowColumn): NumberArray {
  if (c.values === undefined) throw new UnsupportedError(`A column of ${c.type.dtype} has no values here.`);
  return c.values;
}

function withNulls(values: ArrayLike<unknown>, validity: Uint8Array, n: number): unknown[] {
  const out = new Array<unknown>(n);
  for (let i = 0; i < n; i++) out[i] = isSet(validity, i) ? values[i] : null;
  return out;
}

function bools(bits: Uint8Array, validity: Uint8Array | null, n: number): (boolean | null)[] {
  const out = new Array<boolean | null>(n);
  for (let i = 0; i < n; i++) out[i] = isSet(bits, i);
  if (validity !== null) for (let i = 0; i < n; i++) if (!isSet(validity, i)) out[i] = null;
  return out;
}

function mapped<T>(c: ArrowColumn, make: (value: number) => T): (T | null)[] {
  const { validity, length: n } = c;
  const values = numbers(c) as Int32Array;
  const out = new Array<T | null>(n);
  for (let i = 0; i < n; i++) out[i] = validity === null || isSet(validity, i) ? make(values[i] as number) : null;
  return out;
}

/** 64-bit values as two halves: arithmetic on them is many times faster than on bigint. */
function ticks<T>(c: ArrowColumn, make: (high: number, low: number) => T): (T | null)[] {
  const { validity, length: n } = c;
  const words = numbers(c);
  const halves = new Int32Array(words.buffer, words.byteOffset, n * 2);
  const out = new Array<T | null>(n);
  for (let i = 0; i < n; i++) {
    out[i] =
      validity === null || isSet(validity, i)
        ? make(halves[2 * i + 1] as number, (halves[2 * i] as number) >>> 0)
        : null;
  }
  return out;
}

const TICKS_PER_MS: Record<TimeUnit, number> = { ms: 1, us: 1000, ns: 1_000_000 };

/** floor(ticks / ticks per ms), exactly: `high · 2^32 + low`, divided in parts that stay below 2^53. */
function toMs(high: number, low: number, unit: TimeUnit): number {
  if (unit === 'ms') return high * 4294967296 + low;
  // 2^32 = 4,294,967 · 1000 + 296 = 4294 · 1,000,000 + 967,296
  if (unit === 'us') return high * 4294967 + Math.floor((high * 296 + low) / 1000);
  return high * 4294 + Math.floor((high * 967296 + low) / 1_000_000);
}

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));

/** `HH:MM:SS.ffffff` of nanoseconds since midnight. */
function timeText(high: number, low: number): string {
  const us = Math.floor((high * 4294967296 + low) / 1000);
  const seconds = Math.floor(us / 1_000_000);
  const fraction = String(us % 1_000_000).padStart(6, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${fraction}`;
}

function decimals(c: ArrowColumn, scale: number): (DecimalValue | null)[] {
  const { validity, length: n } = c;
  const words = numbers(c) as BigInt64Array;
  const out = new Array<DecimalValue | null>(n);
  for (let i = 0; i < n; i++) {
    if (validity !== null && !isSet(validity, i)) {
      out[i] = null;
      continue;
    }
    const low = words[2 * i] as bigint;
    const high = words[2 * i + 1] as bigint;
    const fits = high === (low < 0n ? -1n : 0n);
    out[i] = new DecimalValue(fits ? low : (high << 64n) | BigInt.asUintN(64, low), scale);
  }
  return out;
}

function coded(c: ArrowColumn, dictionary: ArrowColumn): unknown[] {
  const { validity, length: n } = c;
  const codes = numbers(c) as Int32Array;
  const texts = strings(dictionary);
  const out = new Array<unknown>(n);
  if (validity === null) for (let i = 0; i < n; i++) out[i] = texts[codes[i] as number];
  else for (let i = 0; i < n; i++) out[i] = isSet(validity, i) ? texts[codes[i] as number] : null;
  return out;
}

/** Many strings are decoded as one text and cut: a call into the decoder costs more than a short string. */
function strings(c: ArrowColumn): (string | null)[] {
  const { validity, length: n } = c;
  const offsets = c.offsets as Int32Array;
  const values = c.values as Uint8Array;
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const out = new Array<string | null>(n);
  for (let start = 0; start < n; start += STRINGS) {
    const end = Math.min(n, start + STRINGS);
    const from = offsets[start] as number;
    const to = offsets[end] as number;
    if (to - from > 1 << 22) {
      for (let i = start; i < end; i++) out[i] = bytes.toString('utf8', offsets[i], offsets[i + 1]);
      continue;
    }
    const text = bytes.toString('utf8', from, to);
    if (text.length === to - from) {
      for (let i = start; i < end; i++) {
        out[i] = text.substring((offsets[i] as number) - from, (offsets[i + 1] as number) - from);
      }
    } else cutText(text, bytes, offsets, start, end, out);
  }
  if (validity !== null) for (let i = 0; i < n; i++) if (!isSet(validity, i)) out[i] = null;
  return out;
}

/** Text with characters of several bytes: byte offsets become UTF-16 offsets by counting lead bytes. */
function cutText(
  text: string,
  bytes: Buffer,
  offsets: Int32Array,
  start: number,
  end: number,
  out: (string | null)[],
): void {
  let at = 0;
  let byte = offsets[start] as number;
  for (let i = start; i < end; i++) {
    const begin = at;
    const stop = offsets[i + 1] as number;
    for (; byte < stop; byte++) {
      const b = bytes[byte] as number;
      if ((b & 0xc0) !== 0x80) at += b >= 0xf0 ? 2 : 1;
    }
    out[i] = text.substring(begin, at);
  }
  // Invalid UTF-8 was replaced and the counts are off: decode each alone.
  if (at !== text.length) {
    for (let i = start; i < end; i++) out[i] = bytes.toString('utf8', offsets[i], offsets[i + 1]);
  }
}

function binaries(c: ArrowColumn): (Uint8Array | null)[] {
  const offsets = c.offsets as Int32Array;
  const bytes = c.values as Uint8Array;
  return Array.from({ length: c.length }, (_, i) =>
    c.validity !== null && !isSet(c.validity, i) ? null : new Uint8Array(bytes.subarray(offsets[i], offsets[i + 1])),
  );
}

function lists(c: ArrowColumn, offsets: Int32Array): (unknown[] | null)[] {
  const items = arrayOf((c.children as readonly ArrowColumn[])[0] as ArrowColumn);
  return Array.from({ length: c.length }, (_, i) =>
    c.validity !== null && !isSet(c.validity, i) ? null : items.slice(offsets[i], offsets[i + 1]),
  );
}

function fixedLists(c: ArrowColumn, size: number): (unknown[] | null)[] {
  const items = arrayOf((c.children as readonly ArrowColumn[])[0] as ArrowColumn);
  return Array.from({ length: c.length }, (_, i) =>
    c.validity !== null && !isSet(c.validity, i) ? null : items.slice(i * size, (i + 1) * size),
  );
}

function structs(c: ArrowColumn): unknown[] {
  if (c.type.dtype !== 'Struct') return [];
  const children = c.children as readonly ArrowColumn[];
  const rows = rowObjects(
    c.type.fields.map((f) => f.name),
    children.map(valuesOf),
    c.length,
  );
  return c.validity === null ? rows : withNulls(rows, c.validity, c.length);
}
