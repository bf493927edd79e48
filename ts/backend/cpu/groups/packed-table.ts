// Group tables over several columns with many values: each row's keys are packed into one key of 8, 16 or more bytes.
// Strings, lists and the like are first numbered by a table of their own.
import { bytesFor, type LogicalType, type Physical, physicalOf, widthOf } from '../../../schema/types.ts';
import { flatten } from '../columns/flatten.ts';
import { gather } from '../columns/gather.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';
import type { ColumnTable } from './column-table.ts';
import { createColumnTable } from './create-table.ts';
import { RowTable } from './row-table.ts';

interface PackedColumn {
  readonly type: LogicalType;
  readonly physical: Physical;
  /** Numbers the values, where they are not packed themselves; it numbers null too. */
  readonly table?: ColumnTable;
  readonly width: 1 | 2 | 4 | 8 | 16;
  /** Byte of the key where the value lies. */
  readonly at: number;
  /** Where its null bit lies, relative to `at`, and the bit; not for numbered columns. */
  readonly nullAt: number;
  readonly nullMask: number;
}

const isPacked = (physical: Physical): boolean =>
  physical === 'bit' || (widthOf(physical) > 0 && !LAYERED.has(physical));
const LAYERED = new Set<Physical>(['view', 'list', 'fixedList', 'struct']);

/** The place of every column in the key: wide ones first, so that all are aligned, then the null bits. */
function layOut(types: readonly LogicalType[]): { columns: PackedColumn[]; words: number } {
  const drafts = types.map((type) => {
    const physical = physicalOf(type);
    const packed = isPacked(physical);
    const width = (physical === 'bit' ? 1 : packed ? widthOf(physical) : 4) as PackedColumn['width'];
    return { type, physical, packed, width, at: 0 };
  });
  let bytes = 0;
  for (const d of [...drafts].sort((a, b) => b.width - a.width)) {
    d.at = bytes;
    bytes += d.width;
  }
  let bit = bytes * 8;
  const columns = drafts.map((d): PackedColumn => {
    const base = { type: d.type, physical: d.physical, width: d.width, at: d.at };
    if (!d.packed) return { ...base, table: createColumnTable(d.type), nullAt: 0, nullMask: 0 };
    const nullBit = bit++;
    return { ...base, nullAt: (nullBit >>> 3) - d.at, nullMask: 1 << (nullBit & 7) };
  });
  return { columns, words: Math.ceil(bit / 64) };
}

/** Rows packed at a time. */
const BLOCK_ROWS = 2048;

/** A column's values or numbers as the bytes that are packed, one value after another. */
function bytesOf(
  ctx: ExecContext,
  c: PackedColumn,
  key: Vector,
  length: number,
  insert: boolean,
): { data: number; validity: number } {
  if (c.table) {
    const ids = ctx.scratch.alloc(length * 4);
    c.table.assign(ctx, key, length, ids, insert);
    return { data: ids, validity: 0 };
  }
  const { data, validity } = flatten(ctx, key, ctx.scratch);
  if (c.physical !== 'bit') return { data, validity };
  const bytes = ctx.scratch.alloc(length);
  ctx.kernels.get('hash').bitsToBytes(data, length, bytes);
  return { data: bytes, validity };
}

export class PackedTable {
  readonly #columns: readonly PackedColumn[];
  readonly #words: number;
  readonly #rows: ColumnTable;

  constructor(types: readonly LogicalType[]) {
    const { columns, words } = layOut(types);
    this.#columns = columns;
    this.#words = words;
    this.#rows =
      words === 1
        ? createColumnTable({ dtype: 'UInt64' })
        : words === 2
          ? createColumnTable({ dtype: 'Decimal', precision: 38, scale: 0 })
          : new RowTable(words);
  }

  get count(): number {
    return this.#rows.count;
  }

  assign(ctx: ExecContext, keys: readonly Vector[], length: number, out: number, insert: boolean): void {
    const hash = ctx.kernels.get('hash');
    const stride = this.#words * 8;
    const columns = this.#columns.map((c, i) => ({ c, ...bytesOf(ctx, c, keys[i]!, length, insert) }));
    // Block by block, so that packed keys stay in the fast cache.
    const packed = ctx.scratch.alloc(Math.min(BLOCK_ROWS, length) * stride);
    for (let from = 0; from < length; from += BLOCK_ROWS) {
      const n = Math.min(BLOCK_ROWS, length - from);
      hash.fillZero(packed, n * stride);
      for (const { c, data, validity } of columns) {
        const pack = c.physical === 'f32' ? hash.packF4 : c.physical === 'f64' ? hash.packF8 : hash[`pack${c.width}`];
        const bits = validity === 0 ? 0 : validity + from / 8;
        pack(data + from * c.width, bits, n, packed + c.at, stride, c.nullAt, c.nullMask);
      }
      this.#rows.assign(ctx, rowVector(packed, n), n, out + from * 4, insert);
    }
  }

  expect(groups: number): void {
    this.#rows.expect?.(groups);
  }

  /** The keys of a table that is not needed any more. */
  takeKeys(ctx: ExecContext): Vector[] {
    this.#rows.close?.(ctx);
    for (const c of this.#columns) c.table?.close?.(ctx);
    const keys = this.keys(ctx);
    ctx.arena.free(this.#rows.keys(ctx).data);
    return keys;
  }

  keys(ctx: ExecContext): Vector[] {
    const hash = ctx.kernels.get('hash');
    const stride = this.#words * 8;
    const { data: packed, length } = this.#rows.keys(ctx);
    return this.#columns.map((c): Vector => {
      const { type, width } = c;
      const from = packed + c.at;
      const data = ctx.arena.alloc(length * width);
      hash[`unpack${width}`](from, stride, length, data);
      if (c.table) {
        const values = gather(ctx, c.table.keys(ctx), data, length, ctx.arena);
        ctx.arena.free(data);
        return values;
      }
      const bitmap = bytesFor('bit', length);
      let validity = ctx.arena.alloc(bitmap);
      if (hash.unpackNulls(from + c.nullAt, stride, c.nullMask, length, validity) === 0) {
        ctx.arena.free(validity);
        validity = 0;
      }
      if (c.physical !== 'bit') return { type, length, data, validity };
      const bits = ctx.arena.alloc(bitmap);
      hash.bytesToBits(data, length, bits);
      ctx.arena.free(data);
      return { type, length, data: bits, validity };
    });
  }

  free(ctx: ExecContext): void {
    for (const c of this.#columns) c.table?.free(ctx);
    this.#rows.free(ctx);
  }
}

/** Packed keys as a vector, whatever their width: tables look at its address only. */
const rowVector = (data: number, length: number): Vector => ({ type: { dtype: 'UInt64' }, length, data, validity: 0 });
