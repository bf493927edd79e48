// What aggregates share: arrays with one entry per group, layouts as the kernels number them, and results.
import { bytesFor, type LogicalType, type Physical } from '../../../../schema/types.ts';
import { allocZeroed } from '../../columns/alloc.ts';
import { flatten } from '../../columns/flatten.ts';
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';

const START_GROUPS = 64;

/** Fills entries [from, to) of an array; absent: with zeroes. */
export type FillEntries = (ctx: ExecContext, address: number, from: number, to: number) => void;

/** Arrays of more bytes than this grow by half: all that is new is filled, and the old one is there meanwhile. */
const LARGE_BYTES = 16 << 20;

/** An array in the arena with one entry of `width` bytes per group, which grows by doubling, or by half. */
export class GroupArray {
  address = 0;
  #capacity = 0;
  readonly #width: number;
  readonly #fill: FillEntries | undefined;

  constructor(width: number, fill?: FillEntries) {
    this.#width = width;
    this.#fill = fill;
  }

  /** Makes room for `groups` entries; new ones are filled. */
  ensure(ctx: ExecContext, groups: number): void {
    const old = this.#capacity;
    if (groups <= old) return;
    const width = this.#width;
    const growth = old * width < LARGE_BYTES ? 2 : 1.5;
    const capacity = Math.max(START_GROUPS, groups, Math.ceil((old * growth) / 8) * 8);
    this.address =
      old === 0
        ? ctx.arena.alloc(capacity * width)
        : ctx.arena.grow(ctx.heap, this.address, old * width, capacity * width);
    this.#capacity = capacity;
    if (this.#fill) this.#fill(ctx, this.address, old, capacity);
    else ctx.kernels.get('hash').fillZero(this.address + old * width, (capacity - old) * width);
  }

  /** Stands for an array of another thread, to be read only. */
  lookAt(address: number): void {
    this.address = address;
  }

  /** Leaves the memory to a result. */
  give(): number {
    this.#capacity = 0;
    return this.address;
  }

  free(ctx: ExecContext): void {
    if (this.#capacity > 0) ctx.arena.free(this.address);
    this.#capacity = 0;
  }
}

/** Entries that name no row. */
export const NO_ROW = 0xffffffff;
export const fillNoRow: FillEntries = (ctx, address, from, to) => {
  ctx.kernels.get('hash').fillOnes(address + from * 4, (to - from) * 4);
};

const KINDS: Partial<Record<Physical, number>> = {
  i8: 0,
  bit: 1,
  u8: 1,
  i16: 2,
  u16: 3,
  i32: 4,
  u32: 5,
  i64: 6,
  u64: 7,
  f32: 8,
  f64: 9,
  i128: 10,
};
/** The number that kernels know a fixed-width layout by (wasm/_sums.ts); Bool values are given to them as bytes. */
export const kindOf = (physical: Physical): number => KINDS[physical]!;

/** A flat vector whose Bool values are bytes: what the kernels of fixed-width layouts take. */
export function plain(ctx: ExecContext, v: Vector): Vector {
  const flat = flatten(ctx, v, ctx.scratch);
  if (v.type.dtype !== 'Bool') return flat;
  const data = ctx.scratch.alloc(v.length);
  ctx.kernels.get('hash').bitsToBytes(flat.data, v.length, data);
  return { ...flat, data };
}

/** The bitmap of groups whose byte in `seen` has a bit of `mask`; 0 when all have. */
export function seenValidity(ctx: ExecContext, seen: number, groups: number, mask = 255): number {
  const validity = ctx.arena.alloc(bytesFor('bit', groups));
  if (ctx.kernels.get('agg').seenBits(seen, mask, groups, validity) > 0) return validity;
  ctx.arena.free(validity);
  return 0;
}

/** The same from row numbers: NO_ROW is null. */
export function rowValidity(ctx: ExecContext, rows: number, groups: number): number {
  const validity = ctx.arena.alloc(bytesFor('bit', groups));
  if (ctx.kernels.get('agg').rowBits(rows, groups, validity) > 0) return validity;
  ctx.arena.free(validity);
  return 0;
}

/** A vector of results; Bool ones come as bytes and become bits, values under nulls become zero. */
export function resultOf(ctx: ExecContext, type: LogicalType, groups: number, data: number, validity: number): Vector {
  if (type.dtype !== 'Bool') return { type, length: groups, data, validity };
  const bits = ctx.arena.alloc(bytesFor('bit', groups));
  ctx.kernels.get('hash').bytesToBits(data, groups, bits);
  ctx.arena.free(data);
  return { type, length: groups, data: bits, validity };
}

/** Float64 results computed by a kernel that also says which groups have one. */
export function floatResult(ctx: ExecContext, groups: number, compute: (data: number, seen: number) => void): Vector {
  const data = ctx.arena.alloc(groups * 8);
  const seen = allocZeroed(ctx, groups, ctx.arena);
  compute(data, seen);
  const validity = seenValidity(ctx, seen, groups);
  ctx.arena.free(seen);
  return { type: { dtype: 'Float64' }, length: groups, data, validity };
}
