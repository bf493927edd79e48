// Decimal arithmetic. Up to 18 digits are 64-bit integers and fuse like them (numeric.ts, round.ts), with a check of
// the result's precision where the arguments' digits could pass it; longer ones go through the kernels below.
import type { CallNode, ExprNode } from '../../../expr/nodes.ts';
import { bytesFor, type LogicalType, physicalOf, typeText } from '../../../schema/types.ts';
import { nullVector } from '../columns/alloc.ts';
import type { ExecContext } from '../context.ts';
import type { Node } from '../emit/ir.ts';
import type { Lowering } from '../emit/lower.ts';
import { V } from '../emit/opcodes.ts';
import type { Vector } from '../vector.ts';
import { compareLanes } from './compare-lanes.ts';
import type { ElementwiseKernel } from './contracts.ts';
import { bothValid, firstFailure, type Operand, operandOf, overflowError, zeroUnderNulls } from './operands.ts';

/** Fails a fused result past its precision, unless `digits`, the most it can have, cannot be. */
export function checkPrecision(at: Lowering, node: Node, valid: Node | null, type: LogicalType, digits: number): void {
  if (type.dtype !== 'Decimal' || digits <= type.precision) return;
  const { b } = at;
  const limit = 10n ** BigInt(type.precision);
  const high = compareLanes(b, 'ge', node, b.constant('i64', limit), 'i64');
  const low = compareLanes(b, 'le', node, b.constant('i64', -limit), 'i64');
  at.check(b.toMask(b.simd('i64', V.or, high, low)), valid);
}

/** Digits that a decimal value can have, from where it comes from. */
export function digitsOf(e: ExprNode): number {
  if (e.type.dtype !== 'Decimal') return 38;
  const own = e.type.precision;
  if (e.node === 'cast' && e.expr.type.dtype === 'Decimal' && e.type.scale >= e.expr.type.scale) {
    return Math.min(own, digitsOf(e.expr) + e.type.scale - e.expr.type.scale);
  }
  return own;
}

const strideOfOne = 16;

/** Memory that a decimal kernel may scribble in. */
const spareOf = (ctx: ExecContext): number => ctx.scratch.alloc(2 * strideOfOne);

const isWide = (type: LogicalType): boolean => physicalOf(type) === 'i128';

/** One i128 for a literal of 64 bits: the kernels read literals 128 bits wide. */
function decimalOperand(ctx: ExecContext, e: ExprNode, v: Vector): Operand {
  if (e.node !== 'lit' || isWide(e.type)) return operandOf(ctx, e, v);
  return operandOf(ctx, { ...e, type: { dtype: 'Decimal', precision: 38, scale: 0 } }, v);
}

/** A call with a long result over its short arguments: the kernels extend them as they read. */
export function narrowed(call: CallNode): CallNode {
  if (!isWide(call.type)) return call;
  const args = call.args.map((e) => {
    if (e.node !== 'cast' || e.type.dtype !== 'Decimal') return e;
    const from = e.expr.type;
    return from.dtype === 'Decimal' && from.scale === e.type.scale && from.precision <= e.type.precision ? e.expr : e;
  });
  return args.some((e, i) => e !== call.args[i]) ? { ...call, args } : call;
}

/** add, sub and mul where a fused module cannot do them. */
export function decimalBinary(name: 'add' | 'sub' | 'mul'): ElementwiseKernel {
  return (ctx, call, args, length) => {
    const [a, b] = call.args.map((e, i) => decimalOperand(ctx, e, args[i]!)) as [Operand, Operand];
    if (a.isNull || b.isNull) return nullVector(ctx, call.type, length, ctx.scratch);
    const type = call.type;
    const digits = type.dtype === 'Decimal' ? type.precision : 38;
    const wide = isWide(type) ? 1 : 0;
    const data = ctx.scratch.alloc(bytesFor(physicalOf(type), length));
    const validity = bothValid(ctx, [a.validity, b.validity], length);
    ctx.heap.refresh();
    const kernel = ctx.kernels.get('decimal')[name];
    const row = firstFailure(ctx, validity, length, (from) =>
      kernel(a.address, a.stride, b.address, b.stride, length, from, data, wide, digits),
    );
    if (row >= 0) throw overflowError(call, type, row, typeText(type));
    return zeroUnderNulls(ctx, { type, length, data, validity });
  };
}

/** floorDiv and mod of 128 bits; by zero gives null. */
export function decimalDivide(name: 'floorDiv' | 'mod'): ElementwiseKernel {
  return (ctx, call, args, length) => {
    const [a, b] = call.args.map((e, i) => decimalOperand(ctx, e, args[i]!)) as [Operand, Operand];
    const type = call.type;
    if (a.isNull || b.isNull) return nullVector(ctx, type, length, ctx.scratch);
    const core = ctx.kernels.get('core');
    const validity = ctx.scratch.alloc(bytesFor('bit', length));
    core.appendOnes(length, validity, 0);
    for (const v of [a.validity, b.validity]) if (v !== 0) core.andBits(validity, v, length, validity);
    const data = ctx.scratch.alloc(bytesFor('i128', length));
    const spare = spareOf(ctx);
    ctx.kernels
      .get('decimal')
      .divide(a.address, a.stride, b.address, b.stride, length, name === 'mod' ? 1 : 0, data, validity, spare);
    ctx.heap.refresh();
    return zeroUnderNulls(ctx, { type, length, data, validity });
  };
}

/** neg, abs and sign of 128 bits. */
export function decimalUnary(name: 'neg' | 'abs' | 'sign'): ElementwiseKernel {
  return (ctx, call, args, length) => {
    const a = decimalOperand(ctx, call.args[0]!, args[0]!);
    const type = call.type;
    if (a.isNull) return nullVector(ctx, type, length, ctx.scratch);
    const data = ctx.scratch.alloc(bytesFor('i128', length));
    const what = { neg: 0, abs: 1, sign: 2 }[name];
    if (name === 'sign' && type.dtype === 'Decimal' && type.scale === type.precision) {
      failUnlessZero(ctx, call, a, length);
    }
    ctx.kernels
      .get('decimal')
      .unary(a.address, a.stride, length, what, type.dtype === 'Decimal' ? type.scale : 0, data);
    return { type, length, data, validity: a.validity };
  };
}

/** A Decimal without whole digits holds no 1. */
function failUnlessZero(ctx: ExecContext, call: CallNode, a: Operand, length: number): void {
  const zero = ctx.scratch.alloc(strideOfOne);
  const bits = ctx.scratch.alloc(bytesFor('bit', length));
  const { u8 } = ctx.heap.refresh();
  u8.fill(0, zero, zero + strideOfOne);
  ctx.kernels.get('decimal').compare(a.address, a.stride, zero, 0, length, 5, bits);
  if (a.validity !== 0) ctx.kernels.get('core').andBits(bits, a.validity, length, bits);
  for (let row = 0; row < length; row++) {
    if ((u8[bits + (row >>> 3)]! >> (row & 7)) & 1) throw overflowError(call, call.type, row, typeText(call.type));
  }
}

export function decimalExtreme(name: 'clipMin' | 'clipMax'): ElementwiseKernel {
  return (ctx, call, args, length) => {
    const [a, b] = call.args.map((e, i) => decimalOperand(ctx, e, args[i]!)) as [Operand, Operand];
    const type = call.type;
    if (a.isNull || b.isNull) return nullVector(ctx, type, length, ctx.scratch);
    const data = ctx.scratch.alloc(bytesFor('i128', length));
    const up = name === 'clipMin' ? 1 : 0;
    ctx.kernels.get('decimal').extreme(a.address, a.stride, b.address, b.stride, length, up, data);
    const validity = bothValid(ctx, [a.validity, b.validity], length);
    return zeroUnderNulls(ctx, { type, length, data, validity });
  };
}

/** Rounding modes of the `rescale` kernel. */
export const ROUNDING = { truncate: 0, round: 1, floor: 2, ceil: 3 } as const;

/** round, floor and ceil of 128 bits: at the same scale. */
export function decimalRound(mode: 'round' | 'floor' | 'ceil'): ElementwiseKernel {
  return (ctx, call: CallNode, args, length) => {
    const type = call.type;
    if (type.dtype !== 'Decimal') throw new Error(`${mode} of ${typeText(type)} is fused`);
    const a = decimalOperand(ctx, call.args[0]!, args[0]!);
    if (a.isNull) return nullVector(ctx, type, length, ctx.scratch);
    const places = mode === 'round' ? type.scale - (call.options['decimals'] as number) : type.scale;
    if (places <= 0) return args[0]!;
    const data = ctx.scratch.alloc(bytesFor('i128', length));
    const spare = spareOf(ctx);
    ctx.heap.refresh();
    const { rescale } = ctx.kernels.get('decimal');
    const row = firstFailure(ctx, a.validity, length, (from) =>
      rescale(a.address, a.stride, length, from, data, 1, type.precision, 0, places, ROUNDING[mode], places, spare),
    );
    if (row >= 0) throw overflowError(call, type, row, typeText(type));
    return { type, length, data, validity: a.validity };
  };
}
