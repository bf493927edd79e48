// Group tables over one column. A ladder: dense table while the keys are integers of a small range, else a hash table
// of 8-byte slots; strings by their 16-byte views; dictionaries once per entry (code-map.ts).
import { bytesFor, type LogicalType, type Physical, widthOf } from '../../../schema/types.ts';
import { flatten } from '../columns/flatten.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';
import { CodeMaps } from './code-map.ts';
import { TableMemory } from './table-memory.ts';

/** Maps the values of one column to numbers in order of first appearance. */
export interface ColumnTable {
  readonly count: number;
  /** Writes the group of each row to u32 `out`; without `insert`, unknown keys get 0xFFFFFFFF. */
  assign(ctx: ExecContext, key: Vector, length: number, out: number, insert: boolean): void;
  /** Says how many groups will come, roughly, so that the table grows in fewer steps. */
  expect?(groups: number): void;
  /** One value per group, in the arena; null's group is null. */
  keys(ctx: ExecContext): Vector;
  /** Gives back what only looking up needs: `keys` and `free` are still to come. */
  close?(ctx: ExecContext): void;
  /** Gives the memory back, except for keys that were handed out. */
  free(ctx: ExecContext): void;
}

/** A table that also takes dictionary-encoded vectors. */
export class CodedTable implements ColumnTable {
  readonly #table: ColumnTable;
  readonly #codes = new CodeMaps();

  constructor(table: ColumnTable) {
    this.#table = table;
  }
  get count(): number {
    return this.#table.count;
  }
  assign(ctx: ExecContext, key: Vector, length: number, out: number, insert: boolean): void {
    if (key.dict) this.#codes.assign(ctx, this.#table, key, length, out, insert);
    else this.#table.assign(ctx, key, length, out, insert);
  }
  expect(groups: number): void {
    this.#table.expect?.(groups);
  }
  close(ctx: ExecContext): void {
    this.#codes.free(ctx);
    this.#table.close?.(ctx);
  }
  keys(ctx: ExecContext): Vector {
    return this.#table.keys(ctx);
  }
  free(ctx: ExecContext): void {
    this.#codes.free(ctx);
    this.#table.free(ctx);
  }
}

/** Most slots of a dense table: 4 bytes each. */
const MAX_DENSE = 1 << 22;
const MIN_DENSE = 1 << 16;

type DenseName = 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64' | 'u64';
const DENSE = new Set<Physical>(['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64']);

/** Fixed-width values of 1 to 16 bytes. */
export class FixedTable implements ColumnTable {
  readonly #type: LogicalType;
  readonly #physical: Physical;
  readonly #memory: TableMemory;
  #isDense: boolean;
  #rowsSeen = 0;
  /** The keys a dense table covers. */
  #min = 0n;
  #max = -1n;

  constructor(type: LogicalType, physical: Physical) {
    this.#type = type;
    this.#physical = physical;
    this.#memory = new TableMemory(widthOf(physical));
    this.#isDense = DENSE.has(physical);
  }

  get count(): number {
    return this.#memory.count;
  }

  assign(ctx: ExecContext, key: Vector, length: number, out: number, insert: boolean): void {
    const memory = this.#memory;
    if (memory.state === 0) {
      memory.init(ctx);
      if (!this.#isDense) memory.growHash(ctx);
    }
    const hash = ctx.kernels.get('hash');
    this.#rowsSeen += length;
    for (let row = 0; ; ) {
      const assign = this.#isDense ? hash[`dense_${this.#physical as DenseName}`] : hash[hashKernel(this.#physical)];
      row = assign(memory.state, key.data, key.validity, row, length, out, insert ? 1 : 0);
      memory.sync(ctx);
      if (row >= length) return;
      if (!memory.isFull) this.#cover(ctx, key, row, length);
      else if (memory.grow(ctx)) this.#rehash(ctx);
    }
  }

  /** Widens the dense table to the keys of rows [from, length), or leaves it for a hash table. */
  #cover(ctx: ExecContext, key: Vector, from: number, length: number): void {
    const hash = ctx.kernels.get('hash');
    const name = this.#physical as DenseName;
    const range = ctx.scratch.alloc(16);
    hash[`range_${name}`](key.data, key.validity, from, length, range);
    const words = name === 'u64' ? ctx.heap.refresh().u64 : ctx.heap.refresh().i64;
    let min = words[range >>> 3]!;
    let max = words[(range >>> 3) + 1]!;
    const allowed = BigInt(Math.max(MIN_DENSE, Math.min(MAX_DENSE, 16 * this.#rowsSeen), 8 * this.#memory.count));
    const old = this.#max - this.#min + 1n;
    if (old > 0n) {
      const lower = min < this.#min;
      const higher = max > this.#max;
      min = least(min, this.#min);
      max = greatest(max, this.#max);
      // Room for twice the old range where it grows: ascending keys must not rebuild the table every morsel.
      if (max - min + 1n + old <= allowed) {
        const [lowest, highest] = boundsOf(name);
        if (lower && !higher) min = greatest(lowest, least(min, this.#min - old));
        else if (higher && !lower) max = least(highest, greatest(max, this.#max + old));
      }
    }
    if (max - min + 1n > allowed) {
      this.#isDense = false;
      this.#memory.growHash(ctx);
      this.#rehash(ctx);
      return;
    }
    this.#min = min;
    this.#max = max;
    this.#memory.setDense(ctx, min, Number(max - min + 1n));
    hash[`refill_${name}`](this.#memory.state);
  }

  expect(groups: number): void {
    this.#memory.expected = groups;
  }

  close(ctx: ExecContext): void {
    this.#memory.freeSlots(ctx);
  }

  #rehash(ctx: ExecContext): void {
    const hash = ctx.kernels.get('hash');
    hash[`rehash${this.#memory.keyBytes as 4 | 8 | 16}`](this.#memory.state);
  }

  keys(ctx: ExecContext): Vector {
    return keysVector(ctx, this.#type, this.#memory);
  }

  free(ctx: ExecContext): void {
    this.#memory.free(ctx);
    this.#rowsSeen = 0;
    this.#isDense = DENSE.has(this.#physical);
    this.#min = 0n;
    this.#max = -1n;
  }
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const greatest = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** Least and greatest value of an integer layout. */
function boundsOf(name: DenseName): [bigint, bigint] {
  const bits = BigInt(name.slice(1));
  return name.startsWith('u') ? [0n, (1n << bits) - 1n] : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
}

function hashKernel(physical: Physical): 'assign_u32' | 'assign_f32' | 'assign_u64' | 'assign_f64' | 'assign_i128' {
  switch (physical) {
    case 'f32':
      return 'assign_f32';
    case 'f64':
      return 'assign_f64';
    case 'i128':
      return 'assign_i128';
    default:
      return widthOf(physical) === 8 ? 'assign_u64' : 'assign_u32';
  }
}

/** The keys of a table as a vector over the table's own memory. */
function keysVector(ctx: ExecContext, type: LogicalType, memory: TableMemory): Vector {
  const length = memory.count;
  const nullId = memory.nullId(ctx);
  memory.init(ctx);
  const data = memory.lendKeys();
  let validity = 0;
  if (nullId >= 0) {
    const bytes = bytesFor('bit', length);
    validity = ctx.arena.alloc(bytes);
    const { u8 } = ctx.heap.refresh();
    u8.fill(255, validity, validity + bytes);
    u8[validity + (nullId >>> 3)]! &= ~(1 << (nullId & 7));
  }
  return { type, length, data, validity };
}

/** Strings and Binary, by their views; the bytes of long ones are the table's own copies. */
export class ViewTable implements ColumnTable {
  readonly #type: LogicalType;
  readonly #memory = new TableMemory(16);

  constructor(type: LogicalType) {
    this.#type = type;
  }

  get count(): number {
    return this.#memory.count;
  }

  assign(ctx: ExecContext, key: Vector, length: number, out: number, insert: boolean): void {
    const memory = this.#memory;
    if (memory.state === 0) {
      memory.init(ctx);
      memory.growHash(ctx);
    }
    const hash = ctx.kernels.get('hash');
    for (let row = 0; ; ) {
      row = hash.assign_view(memory.state, key.data, key.validity, row, length, out, insert ? 1 : 0);
      memory.sync(ctx);
      if (row >= length) return;
      if (memory.isFull) {
        if (memory.grow(ctx)) hash.rehashViews(memory.state);
      } else memory.growStrings(ctx, ctx.heap.refresh().u32[(key.data >>> 2) + 4 * row]!);
    }
  }

  expect(groups: number): void {
    this.#memory.expected = groups;
  }

  close(ctx: ExecContext): void {
    this.#memory.freeSlots(ctx);
  }

  keys(ctx: ExecContext): Vector {
    return keysVector(ctx, this.#type, this.#memory);
  }

  free(ctx: ExecContext): void {
    this.#memory.free(ctx);
  }
}

/** Bits, as bytes in a dense table. */
export class BoolTable implements ColumnTable {
  readonly #type: LogicalType;
  readonly #bytes = new FixedTable({ dtype: 'UInt8' }, 'u8');

  constructor(type: LogicalType) {
    this.#type = type;
  }

  get count(): number {
    return this.#bytes.count;
  }

  assign(ctx: ExecContext, key: Vector, length: number, out: number, insert: boolean): void {
    const v = key.dict ? flatten(ctx, key, ctx.scratch) : key;
    const data = ctx.scratch.alloc(length);
    ctx.kernels.get('hash').bitsToBytes(v.data, length, data);
    this.#bytes.assign(ctx, { ...v, type: { dtype: 'UInt8' }, data }, length, out, insert);
  }

  keys(ctx: ExecContext): Vector {
    const bytes = this.#bytes.keys(ctx);
    const data = ctx.arena.alloc(bytesFor('bit', bytes.length));
    ctx.kernels.get('hash').bytesToBits(bytes.data, bytes.length, data);
    return { ...bytes, type: this.#type, data };
  }

  free(ctx: ExecContext): void {
    this.#bytes.free(ctx);
  }
}

/** A column of nothing but nulls. */
export class NullTable implements ColumnTable {
  readonly #type: LogicalType;
  count = 0;

  constructor(type: LogicalType) {
    this.#type = type;
  }

  assign(ctx: ExecContext, _key: Vector, length: number, out: number, insert: boolean): void {
    if (insert && length > 0) this.count = 1;
    const hash = ctx.kernels.get('hash');
    if (this.count === 1) hash.fillZero(out, length * 4);
    else hash.fillOnes(out, length * 4);
  }

  keys(): Vector {
    return { type: this.#type, length: this.count, data: 0, validity: 0 };
  }

  free(): void {
    this.count = 0;
  }
}
