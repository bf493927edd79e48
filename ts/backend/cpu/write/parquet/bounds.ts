// Bounds of pages and column chunks: kept as values, written as Parquet's statistics want them.
import type { ExecContext } from '../../context.ts';
import type { BoundsKind } from './columns.ts';

/** A string's first bytes; `cut` when it has more. */
interface TextBound {
  readonly bytes: Uint8Array;
  readonly cut: boolean;
}
type BoundValue = number | bigint | TextBound;

/** Of the values that are there: nulls and NaN are not among them. Both null: there is none. */
export interface Bounds {
  readonly min: BoundValue | null;
  readonly max: BoundValue | null;
  /** Values that are NaN. */
  readonly nan: number;
}

export const NO_BOUNDS: Bounds = { min: null, max: null, nan: 0 };

/** A bound as bytes of the file; a string's may be shorter than the string, a greatest one then has a larger end. */
export interface EncodedBound {
  readonly bytes: Uint8Array;
  readonly exact: boolean;
}

/** Most bytes of a string's bound. */
const MOST_BYTES = 64;

/** Bounds of n stored values (of decimals in 16 bytes: before they are turned round; strings: views). */
export function boundsOf(ctx: ExecContext, kind: BoundsKind, src: number, n: number): Bounds {
  if (n === 0 || kind === 'none') return NO_BOUNDS;
  const kernels = ctx.kernels.get('parquet-write');
  const out = ctx.scratch.alloc(32);
  switch (kind) {
    case 'bits': {
      const ones = ctx.kernels.get('core').popcountBits(src, n);
      return { min: ones === n ? 1 : 0, max: ones > 0 ? 1 : 0, nan: 0 };
    }
    case 'i32':
    case 'u32': {
      if (kind === 'i32') kernels.boundsI32(src, n, out);
      else kernels.boundsU32(src, n, out);
      const words = ctx.heap.refresh().i64;
      return { min: Number(words[out >>> 3]), max: Number(words[(out >>> 3) + 1]), nan: 0 };
    }
    case 'i64':
    case 'u64': {
      if (kind === 'i64') kernels.boundsI64(src, n, out);
      else kernels.boundsU64(src, n, out);
      const { i64, u64 } = ctx.heap.refresh();
      const words = kind === 'i64' ? i64 : u64;
      return { min: words[out >>> 3]!, max: words[(out >>> 3) + 1]!, nan: 0 };
    }
    case 'i128': {
      kernels.boundsI128(src, n, out);
      const { u32, i64, u64 } = ctx.heap.refresh();
      const at = (row: number): bigint => {
        const word = (src + row * 16) >>> 3;
        return (i64[word + 1]! << 64n) | u64[word]!;
      };
      return { min: at(u32[out >>> 2]!), max: at(u32[(out >>> 2) + 1]!), nan: 0 };
    }
    case 'f32':
    case 'f64': {
      const nan = kind === 'f32' ? kernels.boundsF32(src, n, out) : kernels.boundsF64(src, n, out);
      const { f64 } = ctx.heap.refresh();
      if (nan === n) return { min: null, max: null, nan };
      return { min: f64[out >>> 3]!, max: f64[(out >>> 3) + 1]!, nan };
    }
    case 'text':
    case 'bytes': {
      kernels.boundsStrings(src, n, out);
      const { u32 } = ctx.heap.refresh();
      return { min: textAt(ctx, src, u32[out >>> 2]!), max: textAt(ctx, src, u32[(out >>> 2) + 1]!), nan: 0 };
    }
  }
}

function textAt(ctx: ExecContext, views: number, row: number): TextBound {
  const at = views + row * 16;
  const { u8, u32 } = ctx.heap;
  const length = u32[at >>> 2]!;
  const from = length <= 12 ? at + 4 : u32[(at + 12) >>> 2]!;
  return { bytes: u8.slice(from, from + Math.min(length, MOST_BYTES)), cut: length > MOST_BYTES };
}

/** Bounds of both. */
export function mergeBounds(a: Bounds, b: Bounds): Bounds {
  const nan = a.nan + b.nan;
  if (a.min === null || a.max === null) return { min: b.min, max: b.max, nan };
  if (b.min === null || b.max === null) return { min: a.min, max: a.max, nan };
  return {
    min: compareBounds(a.min, b.min) <= 0 ? a.min : b.min,
    max: compareBounds(a.max, b.max) >= 0 ? a.max : b.max,
    nan,
  };
}

export function compareBounds(a: BoundValue, b: BoundValue): number {
  if (typeof a === 'object' && typeof b === 'object')
    return Buffer.compare(a.bytes, b.bytes) || Number(a.cut) - Number(b.cut);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The least value as bytes. */
export function encodeMin(kind: BoundsKind, width: number, value: BoundValue): EncodedBound {
  if (typeof value !== 'object') return { bytes: plainBound(kind, width, value === 0 ? -0 : value), exact: true };
  if (!value.cut) return { bytes: value.bytes, exact: true };
  const bytes = kind === 'text' ? wholeCharacters(value.bytes) : value.bytes;
  return { bytes, exact: false };
}

/** The greatest value as bytes; null when it was cut and nothing short is greater. */
export function encodeMax(kind: BoundsKind, width: number, value: BoundValue): EncodedBound | null {
  if (typeof value !== 'object') return { bytes: plainBound(kind, width, value === 0 ? 0 : value), exact: true };
  if (!value.cut) return { bytes: value.bytes, exact: true };
  const bytes = kind === 'text' ? nextText(wholeCharacters(value.bytes)) : nextBytes(value.bytes);
  return bytes && { bytes, exact: false };
}

function plainBound(kind: BoundsKind, width: number, value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(Math.max(1, width));
  const view = new DataView(bytes.buffer);
  switch (kind) {
    case 'bits':
      bytes[0] = Number(value);
      break;
    case 'i32':
    case 'u32':
      view.setInt32(0, Number(value), true);
      break;
    case 'f32':
      view.setFloat32(0, Number(value), true);
      break;
    case 'f64':
      view.setFloat64(0, Number(value), true);
      break;
    case 'i64':
    case 'u64':
      view.setBigInt64(0, BigInt(value), true);
      break;
    default: {
      let rest = BigInt(value);
      for (let i = width - 1; i >= 0; i--) {
        bytes[i] = Number(rest & 255n);
        rest >>= 8n;
      }
    }
  }
  return bytes;
}

const startsCharacter = (byte: number): boolean => (byte & 0xc0) !== 0x80;

/** Without the beginning of a character that was cut. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  let from = bytes.length - 1;
  while (from > 0 && !startsCharacter(bytes[from]!)) from--;
  const lead = bytes[from] ?? 0;
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return from + length <= bytes.length ? bytes : bytes.subarray(0, from);
}

/** The least byte string greater than all that begin with `bytes`; null when there is none. */
function nextBytes(bytes: Uint8Array): Uint8Array | null {
  for (let i = bytes.length - 1; i >= 0; i--) {
    if (bytes[i] === 255) continue;
    const next = bytes.slice(0, i + 1);
    next[i]!++;
    return next;
  }
  return null;
}

const encoder = new TextEncoder();
const LAST_CODE_POINT = 0x10ffff;

/** Some text greater than all that begin with these whole characters; null when there is none. */
function nextText(bytes: Uint8Array): Uint8Array | null {
  const characters = [...Buffer.from(bytes).toString('utf8')];
  for (let i = characters.length - 1; i >= 0; i--) {
    const code = characters[i]!.codePointAt(0)!;
    if (code === LAST_CODE_POINT) continue;
    // surrogates are not characters
    const next = code === 0xd7ff ? 0xe000 : code + 1;
    return encoder.encode(characters.slice(0, i).join('') + String.fromCodePoint(next));
  }
  return null;
}
