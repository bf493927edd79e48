// Casts between whole vectors, for the layouts that fused modules do not take, and which casts there are.
import type { CastNode, ExprNode } from '../../../expr/nodes.ts';
import {
  bytesFor,
  isFloat,
  isInteger,
  isString,
  isTemporal,
  type LogicalType,
  physicalOf,
  sameType,
} from '../../../schema/types.ts';
import { nullVector } from '../columns/alloc.ts';
import { flatten } from '../columns/flatten.ts';
import type { ExecContext } from '../context.ts';
import { isFusable } from '../emit/lower.ts';
import type { Vector } from '../vector.ts';
import { isFusedCast } from './cast-lanes.ts';
import { fromText, toText, withNulls } from './cast-text.ts';
import { ROUNDING } from './decimal.ts';
import { castError } from './faults.ts';
import { isValidAt } from './operands.ts';

const FLOAT64: LogicalType = Object.freeze({ dtype: 'Float64' });
const INT64: LogicalType = Object.freeze({ dtype: 'Int64' });
const UINT64: LogicalType = Object.freeze({ dtype: 'UInt64' });

const isLong = (t: LogicalType): boolean => physicalOf(t) === 'i128';

/** How a cast is computed: in a fused module, by a kernel, in two steps, or not at all. */
export function castStep(
  from: LogicalType,
  to: LogicalType,
): 'fused' | 'kernel' | { readonly via: LogicalType } | null {
  if (from.dtype === 'Null' || sameType(from, to)) return isFusable(from) && isFusable(to) ? 'fused' : 'kernel';
  const bytes = (t: LogicalType): boolean => isString(t) || t.dtype === 'Binary';
  if (bytes(from) && bytes(to)) return 'kernel';
  const plain = (t: LogicalType): boolean =>
    t.dtype === 'Bool' || isInteger(t) || isFloat(t) || t.dtype === 'Decimal' || isTemporal(t);
  if (isString(from)) return plain(to) ? 'kernel' : null;
  if (isString(to)) return plain(from) ? 'kernel' : null;
  if (!plain(from) || !plain(to)) return null;
  if (isFusedCast(from, to)) return 'fused';
  // A decimal of 128 bits on one side: casts from and to it exist for doubles, 64-bit integers and decimals.
  if (isLong(from)) {
    if (to.dtype === 'Float32') return { via: FLOAT64 };
    if (isInteger(to) && to.dtype !== 'UInt64' && to.dtype !== 'Int64') return { via: INT64 };
    return isTemporal(to) ? null : 'kernel';
  }
  if (from.dtype === 'Float32') return { via: FLOAT64 };
  if (from.dtype === 'Bool' || (isInteger(from) && from.dtype !== 'UInt64' && from.dtype !== 'Int64'))
    return { via: INT64 };
  return isTemporal(from) ? null : 'kernel';
}

/** Computes a cast; `origin` is the cast as written, for errors. */
export function castVector(
  ctx: ExecContext,
  cast: CastNode,
  origin: ExprNode,
  v: Vector,
  length: number,
  state: Map<object, unknown>,
): Vector {
  const from = v.type;
  const to = cast.type;
  if (from.dtype === 'Null') return nullVector(ctx, to, length, ctx.scratch);
  const fail = (row: number): void => {
    if (cast.strict) throw castError(ctx, origin, row, v);
  };
  if (physicalOf(from) === 'view' && physicalOf(to) === 'view') {
    if (from.dtype === 'Binary' && to.dtype !== 'Binary') return checkText(ctx, flatten(ctx, v, ctx.scratch), to, fail);
    return v.dict ? { ...v, type: to, dict: { ...v.dict, type: to } } : { ...v, type: to };
  }
  if (isString(from)) return fromText(ctx, v, to, state, fail);
  const flat = flatten(ctx, v, ctx.scratch);
  if (isString(to)) return toText(ctx, flat, to, state);
  if (sameType(from, to)) return { ...v, type: to };
  return castLong(ctx, flat, to, fail);
}

/** Bytes that are UTF-8 as a string. */
function checkText(ctx: ExecContext, v: Vector, to: LogicalType, fail: (row: number) => void): Vector {
  const { checkViewsUtf8 } = ctx.kernels.get('strings');
  const bad: number[] = [];
  let { data } = v;
  for (;;) {
    const row = checkViewsUtf8(data, v.length, v.validity);
    if (row < 0) break;
    fail(row);
    bad.push(row);
    if (data === v.data) {
      data = ctx.scratch.alloc(v.length * 16);
      ctx.heap.refresh().u8.copyWithin(data, v.data, v.data + v.length * 16);
    }
    zeroAt(ctx, data, row, 16);
  }
  return withNulls(ctx, { ...v, type: to, data }, bad);
}

/** Casts with a decimal of 128 bits. */
function castLong(ctx: ExecContext, v: Vector, to: LogicalType, fail: (row: number) => void): Vector {
  const from = v.type;
  const { length } = v;
  const decimal = ctx.kernels.get('decimal');
  const physical = physicalOf(to);
  const data = ctx.scratch.alloc(bytesFor(physical, length));
  const spare = ctx.scratch.alloc(32);
  const result = { type: to, length, data, validity: v.validity };
  const bad: number[] = [];
  /** Runs a kernel that stops at failing rows to the end. */
  const each = (run: (start: number) => number): Vector => {
    for (let start = 0; start < length; ) {
      const row = run(start);
      if (row < 0) break;
      if (isValidAt(ctx, v.validity, row)) {
        fail(row);
        bad.push(row);
        zeroAt(ctx, data, row, physical === 'i128' ? 16 : 8);
      }
      start = row + 1;
    }
    return withNulls(ctx, result, bad);
  };
  ctx.heap.refresh();
  if (from.dtype === 'Decimal') {
    const stride = isLong(from) ? 16 : 8;
    if (to.dtype === 'Decimal') {
      const up = Math.max(0, to.scale - from.scale);
      const down = Math.max(0, from.scale - to.scale);
      const wide = isLong(to) ? 1 : 0;
      return each((start) =>
        decimal.rescale(v.data, stride, length, start, data, wide, to.precision, up, down, ROUNDING.round, 0, spare),
      );
    }
    if (to.dtype === 'Float64') {
      decimal.toF64(v.data, stride, length, data, 10 ** from.scale, spare);
      return result;
    }
    if (to.dtype === 'Bool') {
      const zero = ctx.scratch.alloc(16);
      ctx.heap.refresh().u8.fill(0, zero, zero + 16);
      decimal.compare(v.data, stride, zero, 0, length, 5, data);
      return result;
    }
    const unsigned = sameType(to, UINT64) ? 1 : 0;
    return each((start) => decimal.toInteger(v.data, stride, length, start, data, unsigned, from.scale, spare));
  }
  if (to.dtype !== 'Decimal') throw new Error('not a cast of long decimals');
  if (from.dtype === 'Float64') {
    return each((start) => decimal.fromF64(v.data, length, start, data, 1, to.precision, 10 ** to.scale));
  }
  let source = v.data;
  let stride = 8;
  if (from.dtype === 'UInt64') {
    source = ctx.scratch.alloc(bytesFor('i128', length));
    stride = 16;
    decimal.fromU64(v.data, length, source);
  }
  return each((start) =>
    decimal.rescale(source, stride, length, start, data, 1, to.precision, to.scale, 0, 0, 0, spare),
  );
}

function zeroAt(ctx: ExecContext, data: number, row: number, width: number): void {
  ctx.heap.refresh().u8.fill(0, data + row * width, data + (row + 1) * width);
}
