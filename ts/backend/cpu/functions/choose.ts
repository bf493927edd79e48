// Rows taken from several vectors by masks: `when` and `coalesce` of layouts that do not fuse.
import { bytesFor, type LogicalType, physicalOf, widthOf } from '../../../schema/types.ts';
import { flatten } from '../columns/flatten.ts';
import { gather } from '../columns/gather.ts';
import { RowStore } from '../columns/row-store.ts';
import type { ExecContext } from '../context.ts';
import type { Arena, Scratch } from '../memory/arena.ts';
import type { Vector } from '../vector.ts';

/** Row i of the first branch whose mask has bit i, else of the last one. One branch more than masks; addresses of bitmaps. */
export function chooseVectors(
  ctx: ExecContext,
  type: LogicalType,
  masks: readonly number[],
  branches: readonly Vector[],
  length: number,
): Vector {
  if (branches.length === 1) return { ...branches[0]!, type };
  const physical = physicalOf(type);
  if (physical === 'view' && branches.every((v) => v.dict !== undefined || isAllNull(v))) {
    const entries = branches.reduce((sum, v) => sum + (v.dict?.length ?? 0), 0);
    if (entries <= length) return chooseCodes(ctx, type, masks, branches, length);
  }
  if (physical === 'view' || physical === 'i128') return chooseWide(ctx, type, masks, branches, length);
  return chooseByGather(ctx, type, masks, branches, length);
}

/** A vector of a nulls-only literal: no dictionary and nothing to read. */
const isAllNull = (v: Vector): boolean => v.type.dtype === 'Null';

/** Validity of the choice so far: the branch's where its mask is set. */
function chooseValidity(ctx: ExecContext, mask: number, a: number, b: number, length: number): number {
  if (a === 0 && b === 0) return 0;
  const out = ctx.scratch.alloc(bytesFor('bit', length));
  ctx.kernels.get('values').selectBitmaps(mask, a, b, length, out);
  return out;
}

/** The dictionaries one after another, and codes into them. */
function chooseCodes(
  ctx: ExecContext,
  type: LogicalType,
  masks: readonly number[],
  branches: readonly Vector[],
  length: number,
): Vector {
  const starts: number[] = [];
  const dictionaries: Vector[] = [];
  let entries = 0;
  for (const v of branches) {
    const known = v.dict === undefined ? -1 : dictionaries.indexOf(v.dict);
    if (v.dict === undefined) starts.push(0);
    else if (known >= 0) starts.push(dictionaries.slice(0, known).reduce((sum, d) => sum + d.length, 0));
    else {
      starts.push(entries);
      dictionaries.push(v.dict);
      entries += v.dict.length;
    }
  }
  const words = ctx.scratch.alloc(Math.max(1, entries) * 16);
  const u8 = ctx.heap.refresh().u8;
  if (entries === 0) u8.fill(0, words, words + 16);
  let at = words;
  for (const d of dictionaries) {
    u8.copyWithin(at, d.data, d.data + d.length * 16);
    at += d.length * 16;
  }
  const values = ctx.kernels.get('values');
  const codesOf = (v: Vector): number => (v.dict ? v.data : 0);
  const validityOf = (v: Vector): number => (isAllNull(v) ? nothing(ctx, length) : v.validity);
  const last = branches.length - 1;
  let codes = codesOf(branches[last]!);
  let plus = starts[last]!;
  let validity = validityOf(branches[last]!);
  for (let k = last - 1; k >= 0; k--) {
    const out = ctx.scratch.alloc(length * 4);
    values.selectCodes(masks[k]!, codesOf(branches[k]!), starts[k]!, codes, plus, length, out);
    validity = chooseValidity(ctx, masks[k]!, validityOf(branches[k]!), validity, length);
    codes = out;
    plus = 0;
  }
  ctx.heap.refresh();
  // A null row of a branch whose dictionary is not the first has its start as code, not 0.
  if (validity !== 0) ctx.kernels.get('core').zeroNulls(codes, validity, length, 4);
  const dict = { type, length: Math.max(1, entries), data: words, validity: 0 };
  return { type, length, data: codes, validity, dict };
}

/** A bitmap of zeroes. */
function nothing(ctx: ExecContext, length: number): number {
  const bits = ctx.scratch.alloc(bytesFor('bit', length));
  ctx.heap.refresh().u8.fill(0, bits, bits + bytesFor('bit', length));
  return bits;
}

/** 16-byte values. */
function chooseWide(
  ctx: ExecContext,
  type: LogicalType,
  masks: readonly number[],
  branches: readonly Vector[],
  length: number,
): Vector {
  const flat = branches.map((v) => asType(ctx, flatten(ctx, v, ctx.scratch), type, length));
  const values = ctx.kernels.get('values');
  let { data, validity } = flat[flat.length - 1]!;
  for (let k = flat.length - 2; k >= 0; k--) {
    const out = ctx.scratch.alloc(length * 16);
    values.select16(masks[k]!, flat[k]!.data, data, length, out);
    validity = chooseValidity(ctx, masks[k]!, flat[k]!.validity, validity, length);
    data = out;
  }
  return { type, length, data, validity };
}

/** A Null column as nulls of a 16-byte dtype. */
function asType(ctx: ExecContext, v: Vector, type: LogicalType, length: number): Vector {
  if (!isAllNull(v)) return v;
  const bytes = length * widthOf(physicalOf(type));
  const data = ctx.scratch.alloc(bytes);
  ctx.heap.refresh().u8.fill(0, data, data + bytes);
  return { type, length, data, validity: nothing(ctx, length) };
}

/** Any layout: the branches one below the other, and the chosen rows of that. */
function chooseByGather(
  ctx: ExecContext,
  type: LogicalType,
  masks: readonly number[],
  branches: readonly Vector[],
  length: number,
): Vector {
  // The store keeps its columns in an arena; here they live as long as the morsel.
  const morsel: ExecContext = { ...ctx, arena: scratchArena(ctx) };
  const store = new RowStore([{ name: '', type, nullable: true }]);
  for (const v of branches) store.append(morsel, { length, columns: [v], ordinal: 0 });
  const all = store.finish(morsel)[0]!;
  const addresses = ctx.scratch.alloc(masks.length * 4);
  const rows = ctx.scratch.alloc(length * 4);
  ctx.heap.refresh().u32.set(masks, addresses >>> 2);
  ctx.kernels.get('values').firstMask(addresses, masks.length, length, rows);
  return gather(ctx, all, rows, length, ctx.scratch);
}

/** Scratch memory where an arena is asked for: nothing is given back before the morsel ends. */
export function scratchArena(ctx: ExecContext): Arena {
  const scratch: Scratch = ctx.scratch;
  const like: Pick<Arena, 'alloc' | 'free' | 'grow'> = {
    alloc: (bytes) => scratch.alloc(bytes),
    free: () => {},
    grow: (heap, address, keepBytes, bytes) => {
      const next = scratch.alloc(bytes);
      heap.refresh().u8.copyWithin(next, address, address + keepBytes);
      return next;
    },
  };
  // Only these three are used by those who build vectors.
  return like as unknown as Arena;
}
