// Host columns cut, joined and reordered: the slow path, for what a file or another library lays out unlike us.
import { OutOfMemoryError, ShapeError } from '../errors.ts';
import { type LogicalType, physicalOf } from '../schema/types.ts';
import type { ArrowColumn, NumberArray } from './arrow.ts';

/** Strings as Arrow's own views, before they are made ours: 16 bytes each, and the buffers that long ones point to. */
export interface ViewColumn extends ArrowColumn {
  readonly views: Uint8Array;
  readonly buffers: readonly Uint8Array[];
}

export const isViewColumn = (c: ArrowColumn): c is ViewColumn => 'views' in c;

export const bitAt = (bits: Uint8Array, i: number): boolean => ((bits[i >> 3]! >> (i & 7)) & 1) === 1;
export const isPresent = (c: ArrowColumn, i: number): boolean => c.validity === null || bitAt(c.validity, i);

/** Bits [from, from + n) of a bitmap from bit 0 on; a view when they start on a byte. */
export function sliceBits(bits: Uint8Array, from: number, n: number): Uint8Array {
  const first = from >> 3;
  const bytes = (n + 7) >> 3;
  const shift = from & 7;
  if (shift === 0) return bits.subarray(first, first + bytes);
  const out = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) out[i] = (bits[first + i]! >> shift) | ((bits[first + i + 1] ?? 0) << (8 - shift));
  return out;
}

/** Most bytes that one buffer may grow to here: a small file can refer to the same items many times over. */
const MOST_BYTES = 2 ** 30;
function checkGrowth(bytes: number): void {
  if (bytes > MOST_BYTES)
    throw new OutOfMemoryError({ requestedBytes: bytes, usedBytes: 0, limitBytes: MOST_BYTES, device: 'host' });
}

/** Elements of the values buffer per row; decimals are two words. */
const perRow = (c: ArrowColumn): number => (c.type.dtype === 'Decimal' && !c.dictionary ? 2 : 1);

/**
 * Checks that offsets rise and stay inside what they point to, and that every code has a word.
 * @throws {ShapeError}
 */
export function checkColumn(c: ArrowColumn): void {
  const wrong = (what: string, row: number): ShapeError =>
    new ShapeError(`Expected ${what} for a ${c.type.dtype} column but row ${row} has others.`, { row });
  if (c.dictionary) {
    const codes = c.values as Int32Array;
    const words = c.dictionary.length;
    for (let i = 0; i < c.length; i++)
      if ((codes[i]! < 0 || codes[i]! >= words) && isPresent(c, i)) throw wrong(`codes below ${words}`, i);
    checkColumn(c.dictionary);
  } else if (c.offsets) {
    const limit = c.type.dtype === 'List' ? c.children![0]!.length : c.values!.length;
    let last = c.offsets[0]!;
    if (last < 0) throw wrong('offsets from 0 on', 0);
    for (let i = 1; i <= c.length; i++) {
      const next = c.offsets[i]!;
      if (next < last || next > limit) throw wrong(`rising offsets up to ${limit}`, i - 1);
      last = next;
    }
  }
  for (const child of c.children ?? []) checkColumn(child);
}

/** Rows [from, from + length) of a column. Buffers are shared, except bitmaps that do not start on a byte. */
export function sliceColumn(c: ArrowColumn, from: number, length: number): ArrowColumn {
  if (from === 0 && length === c.length) return c;
  const validity = c.validity === null ? null : sliceBits(c.validity, from, length);
  const base = { ...c, length, validity };
  if (isViewColumn(c)) return { ...base, views: c.views.subarray(from * 16, (from + length) * 16) } as ViewColumn;
  if (c.dictionary) return { ...base, values: c.values!.subarray(from, from + length) };
  switch (physicalOf(c.type)) {
    case 'null':
      return base;
    case 'bit':
      return { ...base, values: sliceBits(c.values as Uint8Array, from, length) };
    case 'view':
    case 'list':
      return { ...base, offsets: c.offsets!.subarray(from, from + length + 1) };
    case 'fixedList': {
      const size = c.type.dtype === 'FixedSizeList' ? c.type.length : 0;
      return { ...base, children: c.children!.map((child) => sliceColumn(child, from * size, length * size)) };
    }
    case 'struct':
      return { ...base, children: c.children!.map((child) => sliceColumn(child, from, length)) };
    default: {
      const n = perRow(c);
      return { ...base, values: c.values!.subarray(from * n, (from + length) * n) };
    }
  }
}

/** The rows `rows[0 … n)` of a column, -1 for a null, laid out plainly and without dictionaries. */
export function takeColumn(c: ArrowColumn, rows: Int32Array): ArrowColumn {
  const length = rows.length;
  if (isViewColumn(c)) return takeColumn(plainViews(c), rows);
  if (c.type.dtype === 'Null') return { type: c.type, length, validity: null };
  let validity: Uint8Array | null = new Uint8Array((length + 7) >> 3);
  let nulls = 0;
  for (let i = 0; i < length; i++) {
    if (rows[i]! >= 0 && isPresent(c, rows[i]!)) validity[i >> 3]! |= 1 << (i & 7);
    else nulls++;
  }
  if (nulls === 0) validity = null;
  if (c.dictionary) {
    const codes = c.values as Int32Array;
    const inner = rows.map((r) => (r >= 0 && isPresent(c, r) ? codes[r]! : -1));
    return { ...takeColumn(c.dictionary, inner), type: c.type };
  }
  const base = { type: c.type, length, validity };
  switch (physicalOf(c.type)) {
    case 'bit': {
      const values = new Uint8Array((length + 7) >> 3);
      const from = c.values as Uint8Array;
      for (let i = 0; i < length; i++) if (rows[i]! >= 0 && bitAt(from, rows[i]!)) values[i >> 3]! |= 1 << (i & 7);
      return { ...base, values };
    }
    case 'view': {
      const offsets = takeOffsets(c, rows);
      const values = new Uint8Array(offsets[length]!);
      const from = c.values as Uint8Array;
      for (let i = 0; i < length; i++) {
        const r = rows[i]!;
        if (offsets[i + 1]! > offsets[i]!) values.set(from.subarray(c.offsets![r]!, c.offsets![r + 1]!), offsets[i]!);
      }
      return { ...base, offsets, values };
    }
    case 'list': {
      const offsets = takeOffsets(c, rows);
      checkGrowth(offsets[length]! * 4);
      const items = new Int32Array(offsets[length]!);
      for (let i = 0; i < length; i++) {
        let item = rows[i]! < 0 ? 0 : c.offsets![rows[i]!]!;
        for (let k = offsets[i]!; k < offsets[i + 1]!; k++) items[k] = item++;
      }
      return { ...base, offsets, children: [takeColumn(c.children![0]!, items)] };
    }
    case 'fixedList': {
      const size = c.type.dtype === 'FixedSizeList' ? c.type.length : 0;
      checkGrowth(length * size * 4);
      const items = new Int32Array(length * size);
      for (let i = 0; i < items.length; i++) {
        const r = rows[(i / size) | 0]!;
        items[i] = r < 0 ? -1 : r * size + (i % size);
      }
      return { ...base, children: c.children!.map((child) => takeColumn(child, items)) };
    }
    case 'struct':
      return { ...base, children: c.children!.map((child) => takeColumn(child, rows)) };
    default: {
      const n = perRow(c);
      const from = c.values as Float64Array;
      const values = new (from.constructor as Float64ArrayConstructor)(length * n);
      for (let i = 0; i < length; i++)
        if (rows[i]! >= 0) for (let k = 0; k < n; k++) values[i * n + k] = from[rows[i]! * n + k]!;
      return { ...base, values };
    }
  }
}

/** Offsets of taken rows; nulls are empty. */
function takeOffsets(c: ArrowColumn, rows: Int32Array): Int32Array {
  const offsets = new Int32Array(rows.length + 1);
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    const r = rows[i]!;
    if (r >= 0 && isPresent(c, r)) at += c.offsets![r + 1]! - c.offsets![r]!;
    checkGrowth(at);
    offsets[i + 1] = at;
  }
  return offsets;
}

/** A column without a dictionary at any level. */
export function plainColumn(c: ArrowColumn): ArrowColumn {
  if (isViewColumn(c)) return plainViews(c);
  if (c.dictionary)
    return takeColumn(
      c,
      Int32Array.from({ length: c.length }, (_, i) => i),
    );
  if (!c.children) return c;
  return { ...c, children: c.children.map(plainColumn) };
}

/**
 * A column as host columns are: strings by offsets, dictionaries only of strings, at the top, and without nulls.
 * @throws {ShapeError} when its buffers do not belong together
 */
export function hostColumn(c: ArrowColumn): ArrowColumn {
  checkColumn(c);
  const { dictionary } = c;
  if (!dictionary || (c.type.dtype !== 'Utf8' && c.type.dtype !== 'Categorical')) return plainColumn(c);
  const words = plainColumn(dictionary);
  if (words.validity === null) return { ...c, dictionary: words };
  const validity = new Uint8Array((c.length + 7) >> 3);
  const codes = (c.values as Int32Array).slice();
  for (let i = 0; i < c.length; i++) {
    if (isPresent(c, i) && isPresent(words, codes[i]!)) validity[i >> 3]! |= 1 << (i & 7);
    else codes[i] = 0;
  }
  return { ...c, validity, values: codes, dictionary: { ...words, validity: null } };
}

/** Strings by offsets instead of views. */
export function plainViews(c: ViewColumn): ArrowColumn {
  const { length, validity, type } = c;
  const view = new DataView(c.views.buffer, c.views.byteOffset, c.views.byteLength);
  const offsets = new Int32Array(length + 1);
  let at = 0;
  for (let i = 0; i < length; i++) {
    if (isPresent(c, i)) {
      const n = view.getInt32(i * 16, true);
      const start = view.getInt32(i * 16 + 12, true);
      const bytes = c.buffers[view.getInt32(i * 16 + 8, true)];
      if (n < 0 || (n > 12 && (bytes === undefined || start < 0 || start + n > bytes.length)))
        throw new ShapeError(`Expected views into the data of a ${type.dtype} column but row ${i} points outside it.`, {
          row: i,
        });
      at += n;
    }
    checkGrowth(at);
    offsets[i + 1] = at;
  }
  const values = new Uint8Array(at);
  for (let i = 0; i < length; i++) {
    const n = offsets[i + 1]! - offsets[i]!;
    if (n === 0) continue;
    const from = n <= 12 ? c.views : c.buffers[view.getInt32(i * 16 + 8, true)]!;
    const start = n <= 12 ? i * 16 + 4 : view.getInt32(i * 16 + 12, true);
    values.set(from.subarray(start, start + n), offsets[i]!);
  }
  return { type, length, validity, offsets, values };
}

/** A column of no rows. */
export function emptyColumn(type: LogicalType): ArrowColumn {
  const base = { type, length: 0, validity: null };
  switch (type.dtype) {
    case 'Null':
      return base;
    case 'Utf8':
    case 'Binary':
      return { ...base, offsets: new Int32Array(1), values: new Uint8Array(0) };
    case 'Categorical':
      return { ...base, values: new Int32Array(0), dictionary: emptyColumn({ dtype: 'Utf8' }) };
    case 'List':
      return { ...base, offsets: new Int32Array(1), children: [emptyColumn(type.inner.type)] };
    case 'FixedSizeList':
      return { ...base, children: [emptyColumn(type.inner.type)] };
    case 'Struct':
      return { ...base, children: type.fields.map((f) => emptyColumn(f.type)) };
    default:
      return { ...base, values: new ARRAYS[type.dtype](0) };
  }
}

const ARRAYS = {
  Bool: Uint8Array,
  Int8: Int8Array,
  Int16: Int16Array,
  Int32: Int32Array,
  Int64: BigInt64Array,
  UInt8: Uint8Array,
  UInt16: Uint16Array,
  UInt32: Uint32Array,
  UInt64: BigUint64Array,
  Float32: Float32Array,
  Float64: Float64Array,
  Date32: Int32Array,
  Time: BigInt64Array,
  Datetime: BigInt64Array,
  Duration: BigInt64Array,
  Decimal: BigInt64Array,
};

/** Columns of one dtype, one after another, laid out plainly. */
export function concatColumns(parts: readonly ArrowColumn[]): ArrowColumn {
  if (parts.length === 1) return parts[0]!;
  for (const p of parts) checkColumn(p);
  const plain = parts.map(plainColumn);
  const { type } = plain[0]!;
  const length = plain.reduce((n, p) => n + p.length, 0);
  const base = { type, length, validity: concatBits(plain, (p) => p.validity, length) };
  const children = () => plain[0]!.children!.map((_, k) => concatColumns(plain.map((p) => p.children![k]!)));
  switch (physicalOf(type)) {
    case 'null':
      return { type, length, validity: null };
    case 'bit':
      return { ...base, values: concatBits(plain, (p) => p.values as Uint8Array, length)! };
    case 'view':
    case 'list': {
      const offsets = new Int32Array(length + 1);
      let row = 0;
      let at = 0;
      const used = plain.map((p) => {
        const first = p.offsets![0]!;
        const n = p.offsets![p.length]! - first;
        for (let i = 1; i <= p.length; i++) offsets[++row] = p.offsets![i]! - first + at;
        at += n;
        return [first, n] as const;
      });
      if (physicalOf(type) === 'view') {
        const values = new Uint8Array(at);
        let to = 0;
        plain.forEach((p, i) => {
          const [first, n] = used[i]!;
          values.set((p.values as Uint8Array).subarray(first, first + n), to);
          to += n;
        });
        return { ...base, offsets, values };
      }
      const items = plain.map((p, i) => sliceColumn(p.children![0]!, ...used[i]!));
      return { ...base, offsets, children: [concatColumns(items)] };
    }
    case 'fixedList':
    case 'struct':
      return { ...base, children: children() };
    default: {
      const n = perRow(plain[0]!);
      const values = new (plain[0]!.values!.constructor as Float64ArrayConstructor)(length * n);
      let to = 0;
      for (const p of plain) {
        values.set((p.values as Float64Array).subarray(0, p.length * n), to);
        to += p.length * n;
      }
      return { ...base, values: values as NumberArray };
    }
  }
}

/** Bitmaps one after another; null when every part has none. */
function concatBits(
  parts: readonly ArrowColumn[],
  bitsOf: (c: ArrowColumn) => Uint8Array | null,
  length: number,
): Uint8Array | null {
  if (parts.every((p) => bitsOf(p) === null)) return null;
  const out = new Uint8Array((length + 7) >> 3);
  let at = 0;
  for (const p of parts) {
    const bits = bitsOf(p);
    for (let i = 0; i < p.length; i++, at++) if (bits === null || bitAt(bits, i)) out[at >> 3]! |= 1 << (at & 7);
  }
  return out;
}
