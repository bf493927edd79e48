// round, floor and ceil: of floats by vector instructions, of integers and 64-bit decimals lane by lane.
import type { CallNode } from '../../../expr/nodes.ts';
import { physicalOf } from '../../../schema/types.ts';
import { type Builder, carrierOf, type LaneAsm, type Node } from '../emit/ir.ts';
import { convert, convertNode, type EmitRow, type Lowering, type Value, value } from '../emit/lower.ts';
import { F32X4, F64X2, S, V } from '../emit/opcodes.ts';
import type { CpuFunction } from './contracts.ts';
import { checkPrecision, decimalRound, digitsOf } from './decimal.ts';

type FloatKind = 'f32' | 'f64';
const CODES = { f32: F32X4, f64: F64X2 } as const;

/** Half away from zero. Adding a half and truncating would be wrong just below a half. */
export function roundHalfAway(b: Builder, x: Node, kind: FloatKind): Node {
  const c = CODES[kind];
  const whole = b.simd(kind, c.trunc, x);
  const rest = b.simd(kind, c.abs, b.simd(kind, c.sub, x, whole));
  const up = b.simd(kind, V.and, b.simd(kind, c.ge, rest, b.constant(kind, 0.5)), b.constant(kind, 1));
  const sign = b.simd(kind, V.and, x, b.constant(kind, -0));
  return b.simd(kind, c.add, whole, b.simd(kind, V.or, up, sign));
}

/** Which multiple of 10^places a 64-bit lane goes to. */
type Mode = 'round' | 'floor' | 'ceil';

/** 64-bit lanes to a multiple of 10^places; what would be past 64 bits is 0 or wraps. */
export function toMultiple(b: Builder, x: Node, mode: Mode, unsigned: boolean, places: number): Node {
  if (places <= 0) return x;
  if (places > (unsigned ? 19 : 18)) return b.constant('i64', 0);
  const step = 10n ** BigInt(places);
  return b.lanes('i64', `${mode}${unsigned}${places}`, (at) => multipleOfLane(at, mode, unsigned, step), x);
}

/** v − rest, and a step more or less where the mode and the rest say so. */
function multipleOfLane({ asm, arg, temp }: LaneAsm, mode: Mode, unsigned: boolean, step: bigint): void {
  const v = temp('i64', 0);
  const rest = temp('i64', 1);
  const stepWhere = (limit: bigint, compare: number, by: number): void => {
    asm.get(rest);
    asm.i64(limit);
    asm.op(compare);
    asm.op(S.i64ExtendI32U);
    asm.i64(step);
    asm.op(S.i64Mul);
    asm.op(by);
  };
  arg(0);
  asm.tee(v);
  asm.get(v);
  asm.i64(step);
  asm.op(unsigned ? S.i64RemU : S.i64RemS);
  asm.tee(rest);
  asm.op(S.i64Sub);
  if (mode === 'floor') stepWhere(0n, S.i64LtS, S.i64Sub);
  else if (mode === 'ceil') stepWhere(0n, S.i64GtS, S.i64Add);
  else if (unsigned) stepWhere(step / 2n, S.i64GeU, S.i64Add);
  else {
    stepWhere(step / 2n, S.i64GeS, S.i64Add);
    stepWhere(-step / 2n, S.i64LeS, S.i64Sub);
  }
}

/** A decimal of 64 bits at its own scale. Binding gives it a digit to spare; without one the result is checked. */
function roundDecimal(at: Lowering, x: Value, call: CallNode, mode: Mode, places: number): Value {
  const node = toMultiple(at.b, x.node, mode, false, places);
  if (places > 0) checkPrecision(at, node, x.valid, call.type, 1 + digitsOf(call.args[0]!));
  return value(at.b, call.type, node, x.valid);
}

const round: EmitRow = {
  lower(at, [x], call) {
    const { b } = at;
    const { node, physical, valid } = x!;
    const decimals = call.options['decimals'] as number;
    if (call.type.dtype === 'Decimal') return roundDecimal(at, x!, call, 'round', call.type.scale - decimals);
    const kind = carrierOf(physical);
    if (kind !== 'f32' && kind !== 'f64') {
      if (decimals >= 0) return x!;
      const unsigned = physical.startsWith('u');
      const wide = convert(b, x!, unsigned ? 'u64' : 'i64');
      return value(
        b,
        call.type,
        convertNode(b, toMultiple(b, wide, 'round', unsigned, -decimals), 'i64', physical),
        valid,
      );
    }
    if (decimals === 0) return value(b, call.type, roundHalfAway(b, node, kind), valid);
    // Scaled in doubles also for Float32; a number whose scaled value is not finite has no such decimals.
    const wide = convert(b, x!, 'f64');
    if (decimals < -308) return value(b, call.type, b.simd(kind, CODES[kind].mul, node, b.constant(kind, 0)), valid);
    const power = b.constant('f64', 10 ** Math.min(Math.abs(decimals), 308));
    const [there, back] = decimals > 0 ? [F64X2.mul, F64X2.div] : [F64X2.div, F64X2.mul];
    const rounded = b.simd('f64', back, roundHalfAway(b, b.simd('f64', there, wide, power), 'f64'), power);
    const size = b.simd('f64', F64X2.abs, rounded);
    const finite = b.simd('i64', F64X2.lt, size, b.constant('f64', Number.POSITIVE_INFINITY));
    return value(b, call.type, convertNode(b, b.select(finite, rounded, wide), 'f64', physical), valid);
  },
};

const whole = (mode: 'floor' | 'ceil'): EmitRow => ({
  lower(at, [x], call) {
    const { b } = at;
    const { node, valid } = x!;
    if (call.type.dtype === 'Decimal') return roundDecimal(at, x!, call, mode, call.type.scale);
    const kind = carrierOf(physicalOf(call.type));
    if (kind !== 'f32' && kind !== 'f64') return x!;
    return value(b, call.type, b.simd(kind, CODES[kind][mode], node), valid);
  },
});

export const roundFunctions: Readonly<Record<string, CpuFunction>> = {
  round: { emit: round, kernel: decimalRound('round') },
  floor: { emit: whole('floor'), kernel: decimalRound('floor') },
  ceil: { emit: whole('ceil'), kernel: decimalRound('ceil') },
};
