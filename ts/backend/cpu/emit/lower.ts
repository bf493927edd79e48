// Expressions → the small language of ir.ts. Function rows say how one call is lowered; casts have a table of their own.
import type { CallNode, CastNode, ExprNode, LitNode } from '../../../expr/nodes.ts';
import { type LogicalType, type Physical, physicalOf } from '../../../schema/types.ts';
import { type Builder, carrierOf, type LaneKind, type Node } from './ir.ts';
import { CONVERT, S, V } from './opcodes.ts';

/** A lowered expression: its lanes or mask and its validity (null: never null). A mask is zero under null. */
export interface Value {
  readonly type: LogicalType;
  readonly physical: Physical;
  readonly node: Node;
  readonly valid: Node | null;
}

/** What a row's `lower` is given beside its arguments. */
export interface Lowering {
  readonly b: Builder;
  /** Fails the query at rows of `mask`; `valid` limits it to rows that count. */
  check(mask: Node, valid: Node | null): void;
  /** The lowered elements of a list literal. */
  items(list: LitNode): Node[];
  /** Whether an argument is a float literal that is known not to be NaN. */
  isNumber(e: ExprNode): boolean;
}

/** How one function becomes part of a module. */
export interface EmitRow {
  /** Whether this call can be lowered; absent: whenever all layouts are fixed-width up to 64 bits, or Bool. */
  accepts?(call: CallNode): boolean;
  /** Only the validity of the arguments is read, so that they may have any layout. */
  readonly validityOnly?: true;
  lower(at: Lowering, args: readonly Value[], call: CallNode): Value;
}

/** Whether values of a dtype can be inside a module. */
export const isFusable = (type: LogicalType): boolean => carrierOf(physicalOf(type)) !== null;

/** A value of a dtype; masks are made zero under null. */
export function value(b: Builder, type: LogicalType, node: Node, valid: Node | null): Value {
  const clean = node.kind === 'mask' && valid !== null ? b.and(node, valid) : node;
  return { type, physical: physicalOf(type), node: clean, valid };
}

/** Lanes of a value as another numeric layout. Only for conversions that cannot fail. */
export function convertNode(b: Builder, node: Node, from: Physical, to: Physical): Node {
  if (from === to) return node;
  const source = carrierOf(from);
  const target = carrierOf(to) as LaneKind;
  const signed = !from.startsWith('u');
  if (source === 'mask') {
    const ones = b.fromMask(node, target);
    const one = b.constant(target, 1);
    return b.simd(target, V.and, ones, one);
  }
  switch (`${source} ${target}`) {
    case 'i32 i32':
    case 'i64 i64':
      return b.wrap(node, to);
    case 'i32 i64':
      return b.i64FromI32(node, signed);
    case 'i64 i32':
      return b.wrap(b.i32FromI64(node), to);
    case 'i32 f64':
      return b.f64FromI32(node, signed);
    case 'i32 f32':
      return b.simd('f32', signed ? CONVERT.f32FromI32S : CONVERT.f32FromI32U, node);
    case 'f32 f64':
      return b.f64FromF32(node);
    case 'f64 f32':
      return b.f32FromF64(node);
    case 'i64 f64':
      return b.lanes(
        'f64',
        `f64<${signed}`,
        (at) => {
          at.arg(0);
          at.asm.op(signed ? S.f64FromI64S : S.f64FromI64U);
        },
        node,
      );
    case 'i64 f32':
      return b.lanes(
        'f32',
        `f32<${signed}`,
        (at) => {
          at.arg(0);
          at.asm.op(signed ? S.f32FromI64S : S.f32FromI64U);
        },
        node,
      );
    default:
      throw new Error(`no conversion from ${from} to ${to}`);
  }
}

/** An argument as another dtype's layout. */
export const convert = (b: Builder, v: Value, to: Physical): Node => convertNode(b, v.node, v.physical, to);

export type LowerCast = (at: Lowering, arg: Value, cast: CastNode) => Value;
