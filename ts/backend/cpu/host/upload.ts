// Host columns in Arrow's layout → vectors in the heap. Fixed-width buffers are one copy, or none where they lie in the
// heap already; strings become views; what lies under nulls becomes zero.
import { EvaluationError, ShapeError } from '../../../errors.ts';
import { bytesFor, physicalOf, typeText, widthOf } from '../../../schema/types.ts';
import type { ArrowColumn, RecordBatch } from '../../arrow.ts';
import { isViewColumn, type ViewColumn } from '../../arrow-columns.ts';
import { type Alloc, allocZeroed, nullVector } from '../columns/alloc.ts';
import { flatten } from '../columns/flatten.ts';
import { gather, gatherOrNull } from '../columns/gather.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';

/** Knobs of an upload. */
export interface UploadOptions {
  /**
   * Buffers of shared memory lie in the heap already, each in a place of its own, and stay there as long as the vectors:
   * they are used where they are, and what is under nulls is zeroed there.
   */
  readonly resident?: boolean;
  /** Dictionaries that batches share. Others are uploaded for each batch. */
  readonly dictionaries?: DictionaryCache;
  /** Decimals may have as many digits as their layout holds: files of old writers do not keep to the declared precision. */
  readonly storedDigits?: boolean;
}

/** Dictionaries by their host column: null until they are uploaded, into what `alloc` owns. */
export interface DictionaryCache {
  readonly alloc: Alloc;
  readonly vectors: Map<ArrowColumn, Vector | null>;
}

/** Where one column is being put. */
interface Upload {
  readonly ctx: ExecContext;
  readonly alloc: Alloc;
  readonly name: string;
  readonly options: UploadOptions;
  /** Blocks of `ctx.arena` that are given back at the end. */
  readonly temporary: number[];
}

/**
 * Copies a batch into the heap. `alloc` owns the result; temporaries are taken from `ctx.arena` and given back.
 *
 * @throws {ShapeError} a buffer too short for the column's length, offsets that run backwards, a code without a word
 * @throws {EvaluationError} text that is not UTF-8; a decimal that its dtype cannot hold
 */
export function uploadBatch(ctx: ExecContext, batch: RecordBatch, alloc: Alloc, options: UploadOptions = {}): Vector[] {
  if (batch.columns.length !== batch.schema.length)
    throw new ShapeError(
      `Expected ${batch.schema.length} columns for the batch but received ${batch.columns.length}. Give one column per field of its schema.`,
    );
  return batch.columns.map((column, i) => {
    const name = batch.schema[i]!.name;
    if (column.length !== batch.length)
      throw new ShapeError(
        `Expected ${batch.length} rows for column "${name}" but received ${column.length}. All columns of a batch have one length.`,
        { column: name },
      );
    return uploadColumn(ctx, name, column, alloc, options);
  });
}

/** One column; `name` is for messages. */
export function uploadColumn(
  ctx: ExecContext,
  name: string,
  column: ArrowColumn,
  alloc: Alloc,
  options: UploadOptions = {},
): Vector {
  const up: Upload = { ctx, alloc, name, options, temporary: [] };
  try {
    return put(up, column, 0);
  } finally {
    for (const address of up.temporary) ctx.arena.free(address);
  }
}

/** A part of a nested column; parts have no dictionaries. */
const putPlain = (up: Upload, column: ArrowColumn, mask: number): Vector =>
  flatten(up.ctx, put(up, column, mask), up.alloc);

/** Uploads one level. `mask` is the parent's bitmap (0: none): what its nulls hide is null here too. */
function put(up: Upload, column: ArrowColumn, mask: number): Vector {
  const { type, length } = column;
  const core = up.ctx.kernels.get('core');
  if (type.dtype === 'Null') return { type, length, data: 0, validity: 0 };
  let validity = column.validity === null ? 0 : copyIn(up, column.validity, bytesFor('bit', length), 'validity');
  if (mask !== 0) validity = validity === 0 ? mask : bothBits(up, validity, mask, length);
  if (validity !== 0 && core.popcountBits(validity, length) === length) validity = 0;
  if (column.dictionary) return putCodes(up, column, column.dictionary, validity);
  const physical = physicalOf(type);
  switch (physical) {
    case 'bit': {
      const data = copyIn(up, bytesOf(up, column), bytesFor('bit', length), 'values');
      return { type, length, data: validity === 0 ? data : bothBits(up, data, validity, length), validity };
    }
    case 'view':
      return putStrings(up, column, validity);
    case 'list':
      return putList(up, column, validity);
    case 'fixedList': {
      const child = childOf(up, column, 0);
      const size = type.dtype === 'FixedSizeList' ? type.length : 0;
      if (child.length < length * size) throw tooShort(up, 'items', length * size, child.length);
      let below = 0;
      if (validity !== 0 && size > 0) {
        below = up.alloc.alloc(bytesFor('bit', length * size));
        up.ctx.kernels.get('arrow').repeatBits(validity, length, size, below);
      }
      return { type, length, data: 0, validity, children: [putPlain(up, headOf(child, length * size), below)] };
    }
    case 'struct': {
      const fields = type.dtype === 'Struct' ? type.fields : [];
      const children = fields.map((_, i) => {
        const child = childOf(up, column, i);
        if (child.length < length) throw tooShort(up, 'rows of a field', length, child.length);
        return putPlain(up, headOf(child, length), validity);
      });
      return { type, length, data: 0, validity, children };
    }
    default: {
      if (type.dtype === 'Decimal') return putDecimals(up, column, validity);
      const data = copyIn(up, bytesOf(up, column), bytesFor(physical, length), 'values');
      if (validity !== 0) core.zeroNulls(data, validity, length, widthOf(physical));
      return { type, length, data, validity };
    }
  }
}

/** A new bitmap a & b: the kernel writes past the end, which in place would reach the buffer behind. */
function bothBits(up: Upload, a: number, b: number, length: number): number {
  const both = up.alloc.alloc(bytesFor('bit', length));
  up.ctx.kernels.get('core').andBits(a, b, length, both);
  return both;
}

function putDecimals(up: Upload, column: ArrowColumn, validity: number): Vector {
  const { type, length } = column;
  const bytes = bytesOf(up, column);
  const precision = type.dtype === 'Decimal' && !up.options.storedDigits ? type.precision : 0;
  const arrow = up.ctx.kernels.get('arrow');
  if (physicalOf(type) === 'i128') {
    const data = copyIn(up, bytes, length * 16, 'values');
    const wide = precision === 0 ? -1 : arrow.checkDecimals(data, length, validity, precision);
    if (wide >= 0) throw wideDecimal(up, column, wide);
    if (validity !== 0) up.ctx.kernels.get('core').zeroNulls(data, validity, length, 16);
    return { type, length, data, validity };
  }
  const wide = copyIn(up, bytes, length * 16, 'values', temporary(up));
  const data = up.alloc.alloc(length * 8);
  const bad = arrow.narrowDecimals(wide, length, validity, precision, data);
  if (bad >= 0) throw wideDecimal(up, column, bad);
  return { type, length, data, validity };
}

function putStrings(up: Upload, column: ArrowColumn, validity: number): Vector {
  const { type, length } = column;
  const strings = up.ctx.kernels.get('strings');
  if (length === 0) return { type, length, data: up.alloc.alloc(0), validity };
  if (isViewColumn(column)) return putViews(up, column, validity);
  const bytes = bytesOf(up, column);
  const offsets = copyIn(up, wordsOf(up, column), (length + 1) * 4, 'offsets', temporary(up));
  checkOffsets(up, offsets, length, bytes.length);
  const words = up.ctx.heap.refresh().u32;
  const first = words[offsets >>> 2]!;
  const last = words[(offsets >>> 2) + length]!;
  // Only the bytes that strings use are copied; `base` is where byte 0 would be.
  const base = (copyIn(up, bytes.subarray(first, last), last - first, 'values') - first) >>> 0;
  if (type.dtype !== 'Binary') {
    const bad = strings.checkUtf8(offsets, length, base, validity);
    if (bad >= 0) throw notUtf8(up, bad);
  }
  const data = up.alloc.alloc(length * 16);
  strings.viewsFromOffsets(offsets, length, base, validity, data);
  return { type, length, data, validity };
}

/** Arrow's own views: their data buffers are taken whole, and each view is pointed at its place in the heap. */
function putViews(up: Upload, column: ViewColumn, validity: number): Vector {
  const { type, length } = column;
  const strings = up.ctx.kernels.get('strings');
  const addresses = column.buffers.map((b) => copyIn(up, b, b.length, 'data'));
  const data = copyIn(up, column.views, length * 16, 'views');
  const table = temporary(up).alloc(column.buffers.length * 8);
  const { u32 } = up.ctx.heap.refresh();
  column.buffers.forEach((b, i) => {
    u32[(table >>> 2) + i * 2] = addresses[i]!;
    u32[(table >>> 2) + i * 2 + 1] = b.length;
  });
  const bad = strings.adoptViews(data, length, validity, table, column.buffers.length, data);
  if (bad >= 0)
    throw new ShapeError(
      `Expected views into the ${column.buffers.length} data buffers of column "${up.name}" but row ${bad} points outside them.`,
      { column: up.name, row: bad },
    );
  if (type.dtype !== 'Binary') {
    const broken = strings.checkViewsUtf8(data, length, validity);
    if (broken >= 0) throw notUtf8(up, broken);
  }
  return { type, length, data, validity };
}

function putList(up: Upload, column: ArrowColumn, validity: number): Vector {
  const { type, length } = column;
  const { ctx } = up;
  const child = childOf(up, column, 0);
  if (length === 0)
    return {
      type,
      length,
      data: allocZeroed(ctx, 4, up.alloc),
      validity,
      children: [putPlain(up, headOf(child, 0), 0)],
    };
  const data = copyIn(up, wordsOf(up, column), (length + 1) * 4, 'offsets');
  checkOffsets(up, data, length, child.length);
  const items = putPlain(up, child, 0);
  if (validity !== 0) {
    const sel = temporary(up).alloc(length * 4);
    const core = ctx.kernels.get('core');
    const hidden = ctx.kernels.get('arrow').presentRows(validity, length, data, sel);
    // Items under a null list: a null must be an empty list, so the others are moved together.
    if (hidden > 0) {
      const packed = up.alloc.alloc((length + 1) * 4);
      const total = core.gatherLists(data, sel, length, packed, 0);
      const rows = temporary(up).alloc(total * 4);
      core.gatherLists(data, sel, length, packed, rows);
      return { type, length, data: packed, validity, children: [gather(ctx, items, rows, total, up.alloc)] };
    }
  }
  return { type, length, data, validity, children: [items] };
}

/** Codes and their dictionary. Nulls of the dictionary become nulls of the rows; nested values are laid out plainly. */
function putCodes(up: Upload, column: ArrowColumn, dictionary: ArrowColumn, given: number): Vector {
  const { type, length } = column;
  const { ctx } = up;
  const core = ctx.kernels.get('core');
  let validity = given;
  const data = copyIn(up, bytesOf(up, column), length * 4, 'codes');
  const bad = ctx.kernels.get('arrow').checkCodes(data, length, validity, dictionary.length);
  if (bad >= 0)
    throw new ShapeError(
      `Expected codes below ${dictionary.length} for column "${up.name}" but received ${ctx.heap.refresh().i32[(data >>> 2) + bad]} in row ${bad}. Codes are positions in the column's dictionary.`,
      { column: up.name, row: bad },
    );
  // An all-null column may come with an empty dictionary; a vector's has at least one slot.
  if (dictionary.length === 0) return nullVector(ctx, type, length, up.alloc);
  const dict = putDictionary(up, dictionary);
  if (dict.validity !== 0 || dict.type.dtype === 'Null') {
    const present = up.alloc.alloc(bytesFor('bit', length));
    if (dict.validity === 0) ctx.heap.refresh().u8.fill(0, present, present + bytesFor('bit', length));
    else core.gatherBits(dict.validity, data, length, present);
    const both = validity === 0 ? present : bothBits(up, present, validity, length);
    validity = core.popcountBits(both, length) === length ? 0 : both;
    if (validity !== 0) core.zeroNulls(data, validity, length, 4);
  }
  if (dict.children || dict.type.dtype === 'Null') {
    const sel = temporary(up).alloc(length * 4);
    ctx.heap.refresh().u8.copyWithin(sel, data, data + length * 4);
    if (validity === 0) return gather(ctx, dict, sel, length, up.alloc);
    hideNulls(ctx, validity, length, sel);
    return gatherOrNull(ctx, dict, sel, length, up.alloc);
  }
  return { type, length, data, validity, dict: { ...dict, type, validity: 0 } };
}

function putDictionary(up: Upload, dictionary: ArrowColumn): Vector {
  const cache = up.options.dictionaries;
  let vector = cache?.vectors.get(dictionary);
  if (!cache || vector === undefined) return put(up, dictionary, 0);
  if (vector === null) {
    vector = put({ ...up, alloc: cache.alloc }, dictionary, 0);
    cache.vectors.set(dictionary, vector);
  }
  return vector;
}

/** Replaces the codes under nulls by "no row". */
function hideNulls(ctx: ExecContext, validity: number, length: number, sel: number): void {
  const { u8, u32 } = ctx.heap.refresh();
  for (let i = 0; i < length; i++) if (!((u8[validity + (i >> 3)]! >> (i & 7)) & 1)) u32[(sel >>> 2) + i] = 0xffffffff;
}

/** Copies `needed` bytes of a host buffer into the heap, or finds them there. */
function copyIn(up: Upload, from: Uint8Array, needed: number, what: string, alloc: Alloc = up.alloc): number {
  if (from.length < needed) throw tooShort(up, `bytes of ${what}`, needed, from.length);
  // Kernels want addresses of whole words; 16-byte loads go past the end, which in the heap is always memory.
  if (up.options.resident && from.buffer instanceof SharedArrayBuffer && (from.byteOffset & 7) === 0)
    return from.byteOffset;
  const to = alloc.alloc(needed);
  up.ctx.heap.refresh().u8.set(from.subarray(0, needed), to);
  return to;
}

const temporary = (up: Upload): Alloc => ({
  alloc(bytes) {
    const address = up.ctx.arena.alloc(bytes);
    up.temporary.push(address);
    return address;
  },
});

function bytesOf(up: Upload, column: ArrowColumn): Uint8Array {
  const v = column.values;
  if (v === undefined) {
    if (column.length === 0) return new Uint8Array(0);
    throw tooShort(up, 'values', column.length, 0);
  }
  return new Uint8Array(v.buffer, v.byteOffset, v.byteLength);
}

function wordsOf(up: Upload, column: ArrowColumn): Uint8Array {
  const o = column.offsets;
  if (o === undefined) throw tooShort(up, 'offsets', column.length + 1, 0);
  return new Uint8Array(o.buffer, o.byteOffset, o.byteLength);
}

function childOf(up: Upload, column: ArrowColumn, index: number): ArrowColumn {
  const child = column.children?.[index];
  if (child === undefined) throw tooShort(up, 'children', index + 1, column.children?.length ?? 0);
  return child;
}

const headOf = (column: ArrowColumn, length: number): ArrowColumn =>
  column.length === length ? column : { ...column, length };

function checkOffsets(up: Upload, offsets: number, length: number, limit: number): void {
  const bad = up.ctx.kernels.get('strings').checkOffsets(offsets, length, limit);
  if (bad < 0) return;
  const at = (offsets >>> 2) + bad;
  const words = up.ctx.heap.refresh().i32;
  throw new ShapeError(
    `Expected rising offsets up to ${limit} for column "${up.name}" but received ${words[at]} and ${words[at + 1]} in row ${bad}. The buffers do not belong together.`,
    { column: up.name, row: bad },
  );
}

const tooShort = (up: Upload, what: string, needed: number, got: number): ShapeError =>
  new ShapeError(
    `Expected at least ${needed} ${what} for column "${up.name}" but received ${got}. The buffers do not belong to its length.`,
    { column: up.name },
  );

const notUtf8 = (up: Upload, row: number): EvaluationError =>
  new EvaluationError(
    'ERR_EVALUATION',
    `Expected UTF-8 text for column "${up.name}" but received other bytes in row ${row}. Declare the column as Binary, or mend the text.`,
    { column: up.name, row },
  );

function wideDecimal(up: Upload, column: ArrowColumn, row: number): EvaluationError {
  const words = column.values as BigInt64Array;
  const value = (words[row * 2 + 1]! << 64n) | BigInt.asUintN(64, words[row * 2]!);
  return new EvaluationError(
    'ERR_OVERFLOW',
    `Expected values of ${typeText(column.type)} for column "${up.name}" but received the unscaled value ${value} in row ${row}. Declare a larger precision.`,
    { column: up.name, row },
  );
}
