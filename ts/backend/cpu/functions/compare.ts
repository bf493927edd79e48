// Comparisons. Fixed-width values fuse; strings, bytes and long decimals have kernels that write bitmaps.
import type { CallNode, LitNode } from '../../../expr/nodes.ts';
import { bytesFor, physicalOf } from '../../../schema/types.ts';
import { nullVector } from '../columns/alloc.ts';
import type { ExecContext } from '../context.ts';
import type { Builder, Node } from '../emit/ir.ts';
import { type EmitRow, isFusable, type Lowering, type Value, value } from '../emit/lower.ts';
import type { Vector } from '../vector.ts';
import { type Comparison, compareLanes } from './compare-lanes.ts';
import type { CpuFunction, ElementwiseKernel } from './contracts.ts';
import { isInKernel, lookupKernel } from './is-in.ts';
import { bothValid, type Operand, operandOf, zeroUnderNulls } from './operands.ts';

const LESS = 1;
const EQUAL = 2;
const GREATER = 4;
const WANTED: Record<Comparison, number> = {
  eq: EQUAL,
  ne: LESS | GREATER,
  lt: LESS,
  le: LESS | EQUAL,
  gt: GREATER,
  ge: GREATER | EQUAL,
};

/** The mask of `x op y`, not yet limited to valid rows. */
function compareMask(at: Lowering, op: Comparison, x: Value, y: Value, call: CallNode): Node {
  const { b } = at;
  if (x.physical === 'bit') return compareMasks(b, op, x.node, y.node);
  const [ex, ey] = call.args;
  return b.toMask(compareLanes(b, op, x.node, y.node, x.physical, at.isNumber(ex!), at.isNumber(ey!)));
}

/** false < true. */
function compareMasks(b: Builder, op: Comparison, x: Node, y: Node): Node {
  switch (op) {
    case 'eq':
      return b.not(b.xor(x, y));
    case 'ne':
      return b.xor(x, y);
    case 'lt':
      return b.andNot(y, x);
    case 'le':
      return b.or(y, b.not(x));
    case 'gt':
      return b.andNot(x, y);
    case 'ge':
      return b.or(x, b.not(y));
  }
}

const compare = (op: Comparison): EmitRow => ({
  lower(at, args, call) {
    const { b } = at;
    const [x, y] = args as [Value, Value];
    return value(b, call.type, compareMask(at, op, x, y, call), b.both(x.valid, y.valid));
  },
});

const eqMissing: EmitRow = {
  lower(at, args, call) {
    const { b } = at;
    const [x, y] = args as [Value, Value];
    const equal = compareMask(at, 'eq', x, y, call);
    const both = b.both(x.valid, y.valid);
    if (both === null) return value(b, call.type, equal, null);
    const ones = b.constantMask(true);
    const neither = b.not(b.or(x.valid ?? ones, y.valid ?? ones));
    return value(b, call.type, b.or(b.and(equal, both), neither), null);
  },
};

/** Bits of `a op b`, validity left aside. */
function compareOperands(ctx: ExecContext, op: Comparison, call: CallNode, a: Operand, b: Operand, n: number): number {
  const bits = ctx.scratch.alloc(bytesFor('bit', n));
  if (physicalOf(call.args[0]!.type) === 'view') {
    ctx.kernels.get('values').compareViews(a.address, a.stride, b.address, b.stride, n, WANTED[op], bits);
  } else ctx.kernels.get('decimal').compare(a.address, a.stride, b.address, b.stride, n, WANTED[op], bits);
  ctx.heap.refresh();
  return bits;
}

const compareVectors =
  (op: Comparison): ElementwiseKernel =>
  (ctx, call, args, length) => {
    const [a, b] = call.args.map((e, i) => operandOf(ctx, e, args[i]!)) as [Operand, Operand];
    if (a.isNull || b.isNull) return nullVector(ctx, call.type, length, ctx.scratch);
    const data = compareOperands(ctx, op, call, a, b, length);
    const validity = bothValid(ctx, [a.validity, b.validity], length);
    return zeroUnderNulls(ctx, { type: call.type, length, data, validity });
  };

const eqMissingVectors: ElementwiseKernel = (ctx, call, args, length): Vector => {
  const core = ctx.kernels.get('core');
  const [a, b] = call.args.map((e, i) => operandOf(ctx, e, args[i]!)) as [Operand, Operand];
  const done = (data: number): Vector => ({ type: call.type, length, data, validity: 0 });
  const bitmap = (): number => ctx.scratch.alloc(bytesFor('bit', length));
  const absent = (o: Operand): number => {
    const bits = bitmap();
    if (o.isNull) core.appendOnes(length, bits, 0);
    else if (o.validity === 0) ctx.heap.refresh().u8.fill(0, bits, bits + bytesFor('bit', length));
    else core.notBits(o.validity, length, bits);
    return bits;
  };
  const neither = bitmap();
  core.andBits(absent(a), absent(b), length, neither);
  if (a.isNull || b.isNull) return done(neither);
  const equal = compareOperands(ctx, 'eq', call, a, b, length);
  const both = bothValid(ctx, [a.validity, b.validity], length);
  if (both !== 0) core.andBits(equal, both, length, equal);
  core.orBits(equal, neither, length, equal);
  return done(equal);
};

/** Lists up to this length are compared one by one inside the module; longer ones are looked up in a hash table. */
const FUSED_ITEMS = 8;

const isIn: EmitRow = {
  accepts: (call) => {
    const list = call.args[1] as LitNode;
    return isFusable(call.args[0]!.type) && (list.value as readonly unknown[]).length <= FUSED_ITEMS;
  },
  lower(at, [x], call) {
    const { b } = at;
    const list = call.args[1] as LitNode;
    const { node, physical, valid } = x!;
    let found = b.constantMask(false);
    for (const item of at.items(list)) {
      const equal =
        physical === 'bit' ? b.not(b.xor(node, item)) : b.toMask(compareLanes(b, 'eq', node, item, physical));
      found = b.or(found, equal);
    }
    return value(b, call.type, found, valid);
  },
};

const row = (op: Comparison): CpuFunction => ({ emit: compare(op), kernel: compareVectors(op), literals: 'all' });

export const compareFunctions: Readonly<Record<string, CpuFunction>> = {
  eq: row('eq'),
  ne: row('ne'),
  lt: row('lt'),
  le: row('le'),
  gt: row('gt'),
  ge: row('ge'),
  eqMissing: { emit: eqMissing, kernel: eqMissingVectors, literals: 'all', perRow: true },
  isIn: { emit: isIn, kernel: isInKernel, literals: true },
  lookup: { kernel: lookupKernel, literals: true },
};
