// What kernels of vectors share: arguments as addresses with a stride, validity of the result, failing rows.
import { EvaluationError } from '../../../errors.ts';
import type { ExprNode } from '../../../expr/nodes.ts';
import { exprText } from '../../../expr/text.ts';
import { bytesFor, type LogicalType, physicalOf, widthOf } from '../../../schema/types.ts';
import { constantVector } from '../columns/constant.ts';
import { flatten } from '../columns/flatten.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';

/** Values at `address`, `stride` bytes apart: 0 for one value for all rows. */
export interface Operand {
  readonly address: number;
  readonly stride: number;
  readonly validity: number;
  /** A literal null: every row is null. */
  readonly isNull: boolean;
}

/** An argument of a kernel whose row says `literals: 'all'`: a literal is one value. */
export function operandOf(ctx: ExecContext, e: ExprNode, v: Vector): Operand {
  const width = widthOf(physicalOf(e.type));
  if (e.node === 'lit') {
    const one = constantVector(ctx, e.type, e.value, 1, ctx.scratch);
    return { address: one.data, stride: 0, validity: 0, isNull: e.value === null };
  }
  const flat = flatten(ctx, v, ctx.scratch);
  return { address: flat.data, stride: width, validity: flat.validity, isNull: false };
}

/** Bitmap of rows where all are valid; 0 when none has nulls. */
export function bothValid(ctx: ExecContext, validities: readonly number[], length: number): number {
  const some = validities.filter((v) => v !== 0);
  if (some.length < 2) return some[0] ?? 0;
  const core = ctx.kernels.get('core');
  const out = ctx.scratch.alloc(bytesFor('bit', length));
  core.andBits(some[0]!, some[1]!, length, out);
  for (const v of some.slice(2)) core.andBits(out, v, length, out);
  return out;
}

export const isValidAt = (ctx: ExecContext, validity: number, row: number): boolean =>
  validity === 0 || ((ctx.heap.u8[validity + (row >>> 3)]! >> (row & 7)) & 1) === 1;

/** Zeroes what a kernel left under nulls. */
export function zeroUnderNulls(ctx: ExecContext, v: Vector): Vector {
  if (v.validity === 0) return v;
  const core = ctx.kernels.get('core');
  const width = widthOf(physicalOf(v.type));
  if (width === 0) core.andBits(v.data, v.validity, v.length, v.data);
  else core.zeroNulls(v.data, v.validity, v.length, width);
  return v;
}

/**
 * Runs a kernel that stops at a failing row. A row that is null does not count: it goes on behind it. Otherwise the
 * row is returned; −1 when none fails.
 */
export function firstFailure(
  ctx: ExecContext,
  validity: number,
  length: number,
  run: (from: number) => number,
): number {
  for (let from = 0; from < length; ) {
    const row = run(from);
    if (row < 0) return -1;
    if (isValidAt(ctx, validity, row)) return row;
    from = row + 1;
  }
  return -1;
}

/** The error of a result that does not fit its dtype. */
export function overflowError(e: ExprNode, type: LogicalType, row: number, typeName: string): EvaluationError {
  const expression = exprText(e);
  const fix =
    type.dtype === 'Decimal'
      ? 'Cast an operand to a Decimal of higher precision, or to Float64'
      : 'Cast an operand first';
  return new EvaluationError(
    'ERR_OVERFLOW',
    `The result of ${expression} in row ${row} does not fit ${typeName}. ${fix}.`,
    { expression, row },
  );
}
