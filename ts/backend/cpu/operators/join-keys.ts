// Join keys as the kernels compare them: one 64-bit word, or cells of 16 bytes. Floats are made canonical, so that NaN
// equals NaN and −0 equals 0.
import { UnsupportedError } from '../../../errors.ts';
import type { JoinNode } from '../../../plan/nodes.ts';
import { bytesFor, type Physical, physicalOf, type Schema, typeText, widthOf } from '../../../schema/types.ts';
import { type Alloc, allocZeroed } from '../columns/alloc.ts';
import { flatten } from '../columns/flatten.ts';
import type { ExecContext } from '../context.ts';
import { NUMBER_KINDS } from '../kernel-kinds.ts';
import type { Vector } from '../vector.ts';

/** Where a key column lies in the encoded key. */
interface KeyField {
  readonly physical: Physical;
  /** Byte offset of its word or cell. */
  readonly offset: number;
  readonly bits: number;
  readonly shift: number;
}

/** How the keys of a join are encoded, the same on both sides. */
export interface KeyLayout {
  readonly fields: readonly KeyField[];
  /** 0: the key is one word; else the number of 16-byte cells. */
  readonly cells: number;
  /** Bit c set: cell c is a view. */
  readonly views: number;
  /** Nulls are part of the key, in the first word; otherwise a null matches nothing. */
  readonly nullsEqual: boolean;
  /** Address of the least and greatest value of each field: the key is their places in those ranges; 0: none. */
  readonly ranges: number;
}

/** The encoded keys of some rows. */
export interface EncodedKeys {
  readonly address: number;
  /** Bitmap of the rows that can match; 0 = all. */
  readonly valid: number;
  readonly length: number;
}

const fieldOf = (schema: Schema, name: string) => schema.find((f) => f.name === name)!;

/** Chooses the encoding for the key columns of a join. */
export function keyLayout(node: JoinNode): KeyLayout {
  const physicals = node.leftOn.map((name) => {
    const { type } = fieldOf(node.left.schema, name);
    const physical = physicalOf(type);
    if (NUMBER_KINDS[physical] === undefined && physical !== 'i128' && physical !== 'view' && physical !== 'null')
      throw new UnsupportedError(`Joining on column "${name}" of type ${typeText(type)} is not supported.`, {
        backend: 'cpu',
        column: name,
      });
    return physical;
  });
  const nullable =
    node.leftOn.some((n) => fieldOf(node.left.schema, n).nullable) ||
    node.rightOn.some((n) => fieldOf(node.right.schema, n).nullable);
  const nullsEqual = node.nullsEqual && nullable;
  const bitsOf = (p: Physical): number => (p === 'bit' || p === 'null' ? 8 : widthOf(p) * 8);
  const total = physicals.reduce((sum, p) => sum + bitsOf(p), nullsEqual ? physicals.length : 0);
  if (total <= 64) {
    let shift = nullsEqual ? physicals.length : 0;
    const fields = physicals.map((physical) => {
      const bits = physicals.length === 1 && !nullsEqual ? 64 : bitsOf(physical);
      const field = { physical, offset: 0, bits, shift };
      shift += bits;
      return field;
    });
    return { fields, cells: 0, views: 0, nullsEqual, ranges: 0 };
  }
  return cellLayout(physicals, nullsEqual, bitsOf);
}

/** Words first, as many values in each as fit, then a cell for every 16-byte value. */
function cellLayout(physicals: readonly Physical[], nullsEqual: boolean, bitsOf: (p: Physical) => number): KeyLayout {
  const wide = (p: Physical): boolean => widthOf(p) === 16;
  let word = 0;
  let shift = nullsEqual ? physicals.length : 0;
  const placed = physicals.map((physical): KeyField | null => {
    if (wide(physical)) return null;
    const bits = bitsOf(physical);
    if (shift + bits > 64) {
      word++;
      shift = 0;
    }
    const field = { physical, offset: word * 8, bits, shift };
    shift += bits;
    return field;
  });
  let cells = word === 0 && shift === 0 ? 0 : (word >> 1) + 1;
  let views = 0;
  const fields = placed.map((field, i) => {
    if (field) return field;
    const physical = physicals[i]!;
    if (physical === 'view') views |= 1 << cells;
    return { physical, offset: 16 * cells++, bits: 128, shift: 0 };
  });
  if (cells > 31 || physicals.length > 31)
    throw new UnsupportedError(`A join on ${physicals.length} keys is not supported. The most is 31.`, {
      backend: 'cpu',
    });
  return { fields, cells, views, nullsEqual, ranges: 0 };
}

/** Kinds of floats, whose words are no range. */
const FIRST_FLOAT = 9;

/** Several integer keys in one word, by the ranges that their values have on the kept side; otherwise the layout itself. */
export function rangedLayout(
  ctx: ExecContext,
  layout: KeyLayout,
  columns: readonly Vector[],
  length: number,
): KeyLayout {
  const { fields, nullsEqual } = layout;
  const kinds = fields.map((f) => NUMBER_KINDS[f.physical]);
  if (nullsEqual || fields.length < 2 || length === 0) return layout;
  if (kinds.some((kind) => kind === undefined || kind >= FIRST_FLOAT)) return layout;
  const kernels = ctx.kernels.get('join');
  const ranges = ctx.arena.alloc(fields.length * 16);
  const mark = ctx.scratch.mark();
  const words = ctx.scratch.alloc(length * 8);
  let bits = 0;
  const placed = fields.map((field, i): KeyField => {
    const v = columns[i]!;
    const flat = v.dict ? flatten(ctx, v, ctx.scratch) : v;
    kernels.packWords(kinds[i]!, flat.data, length, words, 8, 64, -1);
    const at = ranges + 16 * i;
    const some = kernels.wordRange(words, flat.validity, length, at);
    const i64 = ctx.heap.refresh().i64;
    const span = some === 0 ? 0n : BigInt.asUintN(64, i64[(at >>> 3) + 1]! - i64[at >>> 3]!);
    if (some === 0) i64[(at >>> 3) + 1] = i64[at >>> 3]!;
    const width = span.toString(2).length;
    const shift = bits;
    bits += width;
    return { ...field, offset: 0, bits: width, shift };
  });
  ctx.scratch.rewind(mark);
  return bits < 64 ? { fields: placed, cells: 0, views: 0, nullsEqual, ranges } : layout;
}

/** Encodes the key columns of some rows, into `alloc` or sharing a column's buffer. */
export function encodeKeys(
  ctx: ExecContext,
  layout: KeyLayout,
  columns: readonly Vector[],
  length: number,
  alloc: Alloc,
): EncodedKeys {
  const flat = columns.map((v) => (v.dict ? flatten(ctx, v, alloc) : v));
  if (layout.ranges !== 0) return encodeRanged(ctx, layout, flat, length, alloc);
  const valid = layout.nullsEqual ? 0 : combinedValidity(ctx, flat, length, alloc);
  const shared = sharedKey(layout, flat);
  if (shared !== 0) return { address: shared, valid, length };
  const kernels = ctx.kernels.get('join');
  const step = layout.cells === 0 ? 8 : layout.cells * 16;
  // A single value is written, several are put together in zeroed words.
  const single = layout.cells === 0 && flat.length === 1 && !layout.nullsEqual;
  const address = single ? alloc.alloc(length * step) : allocZeroed(ctx, length * step, alloc);
  layout.fields.forEach((f, i) => {
    const v = flat[i]!;
    if (f.physical === 'null') return;
    if (f.bits === 128) kernels.packCells(v.data, length, address + f.offset, step);
    else
      kernels.packWords(
        NUMBER_KINDS[f.physical]!,
        v.data,
        length,
        address + f.offset,
        step,
        f.bits,
        single ? -1 : f.shift,
      );
    if (layout.nullsEqual && v.validity !== 0) kernels.packWords(0, v.validity, length, address, step, 1, i);
  });
  if (layout.nullsEqual) {
    // A column without a bitmap has a value everywhere.
    const ones = ctx.arena.alloc(bytesFor('bit', length));
    ctx.kernels.get('core').appendOnes(length, ones, 0);
    flat.forEach((v, i) => {
      if (v.validity === 0 && v.type.dtype !== 'Null') kernels.packWords(0, ones, length, address, step, 1, i);
    });
    ctx.arena.free(ones);
  }
  return { address, valid, length };
}

/** Places in the ranges of the kept side. A value outside of them matches nothing. */
function encodeRanged(
  ctx: ExecContext,
  layout: KeyLayout,
  flat: readonly Vector[],
  length: number,
  alloc: Alloc,
): EncodedKeys {
  const kernels = ctx.kernels.get('join');
  const core = ctx.kernels.get('core');
  const address = allocZeroed(ctx, length * 8, alloc);
  const valid = alloc.alloc(bytesFor('bit', length));
  core.appendOnes(length, valid, 0);
  for (const { validity } of flat) if (validity !== 0) core.andBits(valid, validity, length, valid);
  layout.fields.forEach((f, i) => {
    kernels.packRanged(
      NUMBER_KINDS[f.physical]!,
      flat[i]!.data,
      length,
      address,
      layout.ranges + 16 * i,
      f.shift,
      valid,
    );
  });
  return { address, valid, length };
}

/** The buffer of a single key column that is its own encoding, or 0. */
function sharedKey(layout: KeyLayout, flat: readonly Vector[]): number {
  if (flat.length !== 1 || layout.nullsEqual) return 0;
  const physical = layout.fields[0]!.physical;
  return physical === 'i64' || physical === 'u64' || physical === 'view' || physical === 'i128' ? flat[0]!.data : 0;
}

function combinedValidity(ctx: ExecContext, flat: readonly Vector[], length: number, alloc: Alloc): number {
  if (flat.some((v) => v.type.dtype === 'Null')) return allocZeroed(ctx, bytesFor('bit', length), alloc);
  const bitmaps = flat.flatMap((v) => (v.validity === 0 ? [] : [v.validity]));
  if (bitmaps.length < 2) return bitmaps[0] ?? 0;
  const out = alloc.alloc(bytesFor('bit', length));
  const core = ctx.kernels.get('core');
  core.andBits(bitmaps[0]!, bitmaps[1]!, length, out);
  for (const b of bitmaps.slice(2)) core.andBits(out, b, length, out);
  return out;
}
