// Arithmetic on numbers and ticks. Integers wrap in the result's layout.
import type { CallNode } from '../../../expr/nodes.ts';
import { type Physical, physicalOf } from '../../../schema/types.ts';
import { I64 } from '../emit/asm.ts';
import { type Builder, carrierOf, type LaneAsm, type LaneKind, type MathCall, type Node } from '../emit/ir.ts';
import { convert, convertNode, type EmitRow, isFusable, type Value, value } from '../emit/lower.ts';
import { CONVERT, F32X4, F64X2, I32X4, I64X2, S, V } from '../emit/opcodes.ts';
import { compareLanes } from './compare-lanes.ts';
import type { CpuFunction } from './contracts.ts';
import {
  checkPrecision,
  decimalBinary,
  decimalDivide,
  decimalExtreme,
  decimalUnary,
  digitsOf,
  narrowed,
} from './decimal.ts';

const CODES = { i32: I32X4, i64: I64X2, f32: F32X4, f64: F64X2 } as const;
const F64_PAIR: Pick<MathCall, 'params' | 'result'> = { params: ['f64', 'f64'], result: 'f64' };

const laneKindOf = (physical: Physical): LaneKind => carrierOf(physical) as LaneKind;
const isFloatKind = (kind: LaneKind): kind is 'f32' | 'f64' => kind === 'f32' || kind === 'f64';
const isUnsigned = (physical: Physical): boolean => physical.startsWith('u');
const fusable = (call: CallNode): boolean => isFusable(call.type) && call.args.every((a) => isFusable(a.type));

/** add, sub, mul: one instruction a vector. Decimal results are checked unless the arguments' digits cannot reach past. */
function arithmetic(name: 'add' | 'sub' | 'mul', digits: (call: CallNode) => number): EmitRow {
  return {
    accepts: (call) => fusable(call) && (call.type.dtype !== 'Decimal' || digits(call) <= 19),
    lower(at, args, call) {
      const { b } = at;
      const [x, y] = args as [Value, Value];
      const physical = physicalOf(call.type);
      const kind = laneKindOf(physical);
      const node = b.simd(kind, CODES[kind][name], convert(b, x, physical), convert(b, y, physical));
      const valid = b.both(x.valid, y.valid);
      checkPrecision(at, node, valid, call.type, digits(call));
      return value(b, call.type, b.wrap(node, physical), valid);
    },
  };
}
const sumDigits = (call: CallNode): number => 1 + Math.max(...call.args.map(digitsOf));
/** 19 would not be safe: 10^19 is past 64 bits. */
const productDigits = (call: CallNode): number => {
  const n = call.args.reduce((sum, a) => sum + digitsOf(a), 0);
  return n <= 18 ? n : 38;
};

const neg: EmitRow = {
  lower({ b }, [x], call) {
    const kind = laneKindOf(x!.physical);
    return value(b, call.type, b.wrap(b.simd(kind, CODES[kind].neg, x!.node), x!.physical), x!.valid);
  },
};

const abs: EmitRow = {
  lower({ b }, [x], call) {
    if (isUnsigned(x!.physical)) return x!;
    const kind = laneKindOf(x!.physical);
    return value(b, call.type, b.wrap(b.simd(kind, CODES[kind].abs, x!.node), x!.physical), x!.valid);
  },
};

const sign: EmitRow = {
  lower(at, [x], call) {
    const { b } = at;
    const { node, physical, valid } = x!;
    const kind = laneKindOf(physical);
    const zero = b.constant(kind, 0);
    const one = call.type.dtype === 'Decimal' ? 10n ** BigInt(call.type.scale) : 1;
    const above = compareLanes(b, isUnsigned(physical) ? 'ne' : 'gt', node, zero, physical, false, true);
    let result: Node;
    if (isFloatKind(kind)) {
      // NaN counts as above zero in comparisons, so it is put back last; −0 becomes 0.
      const below = b.simd(kind === 'f32' ? 'i32' : 'i64', CODES[kind].lt, node, zero);
      const isNumber = b.simd(kind === 'f32' ? 'i32' : 'i64', CODES[kind].eq, node, node);
      const plain = b.select(below, b.constant(kind, -1), b.simd(kind, V.and, above, b.constant(kind, 1)));
      result = b.select(isNumber, plain, node);
    } else {
      const positive = b.simd(kind, V.and, above, b.constant(kind, one));
      if (isUnsigned(physical)) result = positive;
      else {
        const below = compareLanes(b, 'lt', node, zero, physical);
        result = b.select(below, b.constant(kind, -one), positive);
      }
    }
    if (call.type.dtype === 'Decimal') checkPrecision(at, result, valid, call.type, call.type.scale + 1);
    return value(b, call.type, result, valid);
  },
};

/** Pushes the divisor of one lane, or 1 where it is 0. */
function pushDivisor({ asm, arg, temp }: LaneAsm): number {
  const y = temp('i64', 1);
  arg(1);
  asm.tee(y);
  asm.i64(1n);
  asm.get(y);
  asm.op(S.i64Eqz);
  asm.op(S.i32Eqz);
  asm.op(S.select);
  asm.set(y);
  return y;
}

/** Floored quotient of 64-bit lanes; MIN / −1 wraps and is computed as a negation, because the instruction traps. */
function floorDiv64(at: LaneAsm): void {
  const { asm, arg, temp } = at;
  const x = temp('i64', 0);
  const q = temp('i64', 2);
  arg(0);
  asm.set(x);
  const y = pushDivisor(at);
  asm.get(y);
  asm.i64(-1n);
  asm.op(S.i64Eq);
  asm.byte(S.if);
  asm.byte(I64);
  asm.i64(0n);
  asm.get(x);
  asm.op(S.i64Sub);
  asm.byte(S.else);
  asm.get(x);
  asm.get(y);
  asm.op(S.i64DivS);
  asm.tee(q);
  // One less when the signs differ and there is a remainder.
  asm.get(x);
  asm.get(q);
  asm.get(y);
  asm.op(S.i64Mul);
  asm.op(S.i64Ne);
  asm.get(x);
  asm.get(y);
  asm.op(S.i64Xor);
  asm.i64(0n);
  asm.op(S.i64LtS);
  asm.op(S.i32And);
  asm.op(S.i64ExtendI32U);
  asm.op(S.i64Sub);
  asm.op(S.end);
}
function floorMod64(at: LaneAsm): void {
  const { asm, arg, temp } = at;
  const r = temp('i64', 2);
  const y = pushDivisor(at);
  arg(0);
  asm.get(y);
  asm.op(S.i64RemS);
  asm.tee(r);
  // The divisor's sign: add it once when the remainder has the other one.
  asm.get(y);
  asm.i64(0n);
  asm.get(r);
  asm.op(S.i64Eqz);
  asm.op(S.i32Eqz);
  asm.get(r);
  asm.get(y);
  asm.op(S.i64Xor);
  asm.i64(0n);
  asm.op(S.i64LtS);
  asm.op(S.i32And);
  asm.op(S.select);
  asm.op(S.i64Add);
}
function divideUnsigned(op: number): (at: LaneAsm) => void {
  return (at) => {
    const y = pushDivisor(at);
    at.arg(0);
    at.asm.get(y);
    at.asm.op(op);
  };
}

/** Floored quotient of lanes up to 32 bits: exact in doubles. */
function floorDiv32(b: Builder, x: Value, y: Value): Node {
  const signed = !isUnsigned(x.physical);
  const quotient = b.simd(
    'f64',
    F64X2.floor,
    b.simd('f64', F64X2.div, b.f64FromI32(x.node, signed), b.f64FromI32(y.node, signed)),
  );
  const packed = b.narrow('i32', quotient, signed ? CONVERT.i32FromF64S : CONVERT.i32FromF64U);
  if (x.physical !== 'i32') return b.wrap(packed, x.physical);
  // −2³¹ / −1 wraps; the packing saturates.
  const min = b.constant('i32', -(2 ** 31));
  const overflow = b.simd(
    'i32',
    V.and,
    b.simd('i32', I32X4.eq, x.node, min),
    b.simd('i32', I32X4.eq, y.node, b.constant('i32', -1)),
  );
  return b.select(overflow, min, packed);
}

function division(name: 'floorDiv' | 'mod'): EmitRow {
  return {
    lower({ b }, args, call) {
      const [x, y] = args as [Value, Value];
      const { physical } = x;
      const kind = laneKindOf(physical);
      const valid = b.both(x.valid, y.valid);
      if (isFloatKind(kind)) {
        const fn: MathCall = { name, ...F64_PAIR };
        const node = b.lanes(
          'f64',
          name,
          ({ arg, call: run }) => {
            arg(0);
            arg(1);
            run(fn);
          },
          convert(b, x, 'f64'),
          convert(b, y, 'f64'),
        );
        return value(b, call.type, convertNode(b, node, 'f64', physical), valid);
      }
      const zero = b.toMask(compareLanes(b, 'eq', y.node, b.constant(kind, 0), physical));
      const present = b.andNot(valid ?? b.constantMask(true), zero);
      let node: Node;
      if (kind === 'i32') {
        node = floorDiv32(b, x, y);
        if (name === 'mod') {
          node = b.wrap(b.simd('i32', I32X4.sub, x.node, b.simd('i32', I32X4.mul, node, y.node)), physical);
        }
      } else if (physical === 'u64') {
        node = b.lanes('i64', `${name}U`, divideUnsigned(name === 'mod' ? S.i64RemU : S.i64DivU), x.node, y.node);
      } else {
        node = b.lanes('i64', name, name === 'mod' ? floorMod64 : floorDiv64, x.node, y.node);
      }
      return value(b, call.type, node, present);
    },
  };
}

/** At least (max) or at most (min) the second argument; NaN in the first stays. */
function extreme(name: 'clipMin' | 'clipMax'): EmitRow {
  return {
    lower({ b }, args, call) {
      const [x, y] = args as [Value, Value];
      const { physical } = x;
      const kind = laneKindOf(physical);
      const up = name === 'clipMin';
      const valid = b.both(x.valid, y.valid);
      let node: Node;
      if (isFloatKind(kind)) node = b.simd(kind, up ? CODES[kind].pmax : CODES[kind].pmin, x.node, y.node);
      else if (kind === 'i32') {
        const unsigned = physical === 'u32';
        const code = up ? (unsigned ? I32X4.maxU : I32X4.maxS) : unsigned ? I32X4.minU : I32X4.minS;
        node = b.simd('i32', code, x.node, y.node);
      } else node = b.select(compareLanes(b, up ? 'lt' : 'gt', x.node, y.node, physical), y.node, x.node);
      return value(b, call.type, node, valid);
    },
  };
}

export const numericFunctions: Readonly<Record<string, CpuFunction>> = {
  add: { emit: arithmetic('add', sumDigits), kernel: decimalBinary('add'), literals: 'all', narrowed },
  sub: { emit: arithmetic('sub', sumDigits), kernel: decimalBinary('sub'), literals: 'all', narrowed },
  mul: { emit: arithmetic('mul', productDigits), kernel: decimalBinary('mul'), literals: 'all', narrowed },
  floorDiv: { emit: division('floorDiv'), kernel: decimalDivide('floorDiv'), literals: 'all' },
  mod: { emit: division('mod'), kernel: decimalDivide('mod'), literals: 'all' },
  neg: { emit: neg, kernel: decimalUnary('neg'), literals: true },
  abs: { emit: abs, kernel: decimalUnary('abs'), literals: true },
  sign: { emit: sign, kernel: decimalUnary('sign'), literals: true },
  clipMin: { emit: extreme('clipMin'), kernel: decimalExtreme('clipMin'), literals: 'all' },
  clipMax: { emit: extreme('clipMax'), kernel: decimalExtreme('clipMax'), literals: 'all' },
};
