// Casts between fixed-width values, as part of fused modules. What does not fit fails the query (strict) or is null.
import { isTemporal, type LogicalType, type Physical, physicalOf, type TimeUnit } from '../../../schema/types.ts';
import { type Builder, carrierOf, type LaneAsm, type Node } from '../emit/ir.ts';
import { convertNode, isFusable, type LowerCast, type Value, value } from '../emit/lower.ts';
import { CONVERT, F64X2, I64X2, S, TRUNC_SAT, V } from '../emit/opcodes.ts';
import { compareLanes } from './compare-lanes.ts';
import { roundHalfAway, toMultiple } from './round.ts';

/** Ticks of a unit in a day. */
const DAY: Record<TimeUnit, bigint> = { ms: 86_400_000n, us: 86_400_000_000n, ns: 86_400_000_000_000n };
/** Nanoseconds of a tick. */
const NANOS: Record<TimeUnit, bigint> = { ms: 1_000_000n, us: 1000n, ns: 1n };

/** Least and greatest value of an integer layout. */
const RANGE: Partial<Record<Physical, readonly [bigint, bigint]>> = {
  i8: [-128n, 127n],
  i16: [-32768n, 32767n],
  i32: [-(2n ** 31n), 2n ** 31n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u8: [0n, 255n],
  u16: [0n, 65535n],
  u32: [0n, 2n ** 32n - 1n],
  u64: [0n, 2n ** 64n - 1n],
};

/** Lanes of the target and the mask of rows that do not fit, null if all do. */
interface Result {
  readonly node: Node;
  readonly bad: Node | null;
}
const fits = (node: Node): Result => ({ node, bad: null });
const eitherBad = (b: Builder, x: Node | null, y: Node | null): Node | null => (x && y ? b.or(x, y) : (x ?? y));

/** Whether a cast between two dtypes can be part of a module. */
export const isFusedCast = (from: LogicalType, to: LogicalType): boolean => isFusable(from) && isFusable(to);

export const lowerCast: LowerCast = (at, arg, cast) => {
  const { b } = at;
  const { node, bad } = castNode(b, arg, cast.type);
  if (bad === null) return value(b, cast.type, node, arg.valid);
  if (!cast.strict) return value(b, cast.type, node, b.andNot(arg.valid ?? b.constantMask(true), bad));
  at.check(bad, arg.valid);
  return value(b, cast.type, node, arg.valid);
};

function castNode(b: Builder, x: Value, to: LogicalType): Result {
  const from = x.type;
  const target = physicalOf(to);
  if (to.dtype === 'Bool') return fits(truth(b, x));
  if (from.dtype === 'Bool' && to.dtype !== 'Decimal') return fits(convertNode(b, x.node, 'bit', target));
  if (from.dtype === 'Decimal' || to.dtype === 'Decimal') return castDecimal(b, x, to);
  if (isTemporal(from) && isTemporal(to)) return castTemporal(b, x, to);
  return castNumber(b, x.node, x.physical, target);
}

/** Not zero; NaN is true. */
function truth(b: Builder, x: Value): Node {
  const kind = carrierOf(x.physical);
  if (kind === 'mask' || kind === null) return x.node;
  return b.toMask(compareLanes(b, 'ne', x.node, b.constant(kind, 0), x.physical, false, true));
}

/** Between integers and floats. */
function castNumber(b: Builder, node: Node, from: Physical, to: Physical): Result {
  if (from === to) return fits(node);
  const isFloatTarget = to === 'f32' || to === 'f64';
  if (from !== 'f32' && from !== 'f64') {
    const bad = isFloatTarget ? null : outside(b, node, from, to);
    return { node: convertNode(b, node, from, to), bad };
  }
  if (isFloatTarget) return fits(convertNode(b, node, from, to));
  return truncate(b, convertNode(b, node, from, 'f64'), to);
}

/** Integers of one layout that another does not hold. */
function outside(b: Builder, node: Node, from: Physical, to: Physical): Node | null {
  const [low, high] = RANGE[from]!;
  const [least, most] = RANGE[to]!;
  return outsideOf(b, node, from, least > low ? least : null, most < high ? most : null);
}
function outsideOf(b: Builder, node: Node, physical: Physical, least: bigint | null, most: bigint | null): Node | null {
  const kind = carrierOf(physical) as 'i32' | 'i64';
  const below = least === null ? null : b.toMask(compareLanes(b, 'lt', node, b.constant(kind, least), physical));
  const above = most === null ? null : b.toMask(compareLanes(b, 'gt', node, b.constant(kind, most), physical));
  return eitherBad(b, below, above);
}

/** Doubles to integers, towards zero; NaN and what is out of range does not fit. */
function truncate(b: Builder, x: Node, to: Physical): Result {
  const [least, most] = RANGE[to]!;
  const compare = (code: number, limit: number): Node => b.simd('i64', code, x, b.constant('f64', limit));
  // least − 1 is a double for all but i64, whose least value is one itself.
  const above = to === 'i64' ? compare(F64X2.ge, Number(least)) : compare(F64X2.gt, Number(least - 1n));
  const bad = b.not(b.toMask(b.simd('i64', V.and, above, compare(F64X2.lt, Number(most + 1n)))));
  if (to === 'i64' || to === 'u64') {
    const code = to === 'i64' ? TRUNC_SAT.i64FromF64S : TRUNC_SAT.i64FromF64U;
    const node = b.lanes(
      'i64',
      `trunc${to}`,
      ({ asm, arg }) => {
        arg(0);
        asm.truncSat(code);
      },
      x,
    );
    return { node, bad };
  }
  return { node: b.wrap(b.narrow('i32', x, to === 'u32' ? CONVERT.i32FromF64U : CONVERT.i32FromF64S), to), bad };
}

/** a × factor, where it stays within 64 bits. */
function times(b: Builder, a: Node, factor: bigint): Result {
  if (factor === 1n) return fits(a);
  const most = (2n ** 63n - 1n) / factor;
  const node = b.simd('i64', I64X2.mul, a, b.constant('i64', factor));
  return { node, bad: outsideOf(b, a, 'i64', -most, most) };
}

/** 64-bit lanes by a constant: floored, truncated or the floored remainder. */
function divide(b: Builder, a: Node, divisor: bigint, mode: 'floor' | 'truncate' | 'remainder'): Node {
  if (divisor === 1n) return mode === 'remainder' ? b.constant('i64', 0) : a;
  return b.lanes('i64', `${mode}${divisor}`, (at) => divideLane(at, divisor, mode), a);
}
function divideLane({ asm, arg, temp }: LaneAsm, divisor: bigint, mode: 'floor' | 'truncate' | 'remainder'): void {
  const rest = temp('i64', 0);
  arg(0);
  asm.i64(divisor);
  if (mode === 'truncate') {
    asm.op(S.i64DivS);
    return;
  }
  if (mode === 'remainder') {
    asm.op(S.i64RemS);
    asm.tee(rest);
    asm.i64(divisor);
    asm.i64(0n);
    asm.get(rest);
    asm.i64(0n);
    asm.op(S.i64LtS);
    asm.op(S.select);
    asm.op(S.i64Add);
    return;
  }
  asm.op(S.i64DivS);
  // One less where a negative value leaves a rest.
  arg(0);
  asm.i64(divisor);
  asm.op(S.i64RemS);
  asm.i64(0n);
  asm.op(S.i64LtS);
  asm.op(S.i64ExtendI32U);
  asm.op(S.i64Sub);
}

function castTemporal(b: Builder, x: Value, to: LogicalType): Result {
  const from = x.type;
  if (from.dtype === 'Date32' && to.dtype === 'Datetime') {
    return times(b, b.i64FromI32(x.node, true), DAY[to.unit]);
  }
  if (from.dtype === 'Datetime' && to.dtype === 'Date32') {
    const days = divide(b, x.node, DAY[from.unit], 'floor');
    return castNumber(b, days, 'i64', 'i32');
  }
  if (from.dtype === 'Datetime' && to.dtype === 'Time') {
    return fits(times(b, divide(b, x.node, DAY[from.unit], 'remainder'), NANOS[from.unit]).node);
  }
  if (from.dtype === 'Duration' && to.dtype === 'Time') {
    const nanos = times(b, x.node, NANOS[from.unit]);
    return { node: nanos.node, bad: outsideOf(b, x.node, 'i64', 0n, DAY[from.unit] - 1n) };
  }
  return rescale(b, x.node, nanosOf(from), nanosOf(to));
}

/** Nanoseconds of a tick of a Datetime, Duration or Time. */
const nanosOf = (t: LogicalType): bigint => ('unit' in t ? NANOS[t.unit] : 1n);

function rescale(b: Builder, a: Node, from: bigint, to: bigint): Result {
  return from >= to ? times(b, a, from / to) : fits(divide(b, a, to / from, 'floor'));
}

const power = (digits: number): bigint => 10n ** BigInt(digits);

/** Decimals of up to 18 digits: 64-bit integers at a scale. */
function castDecimal(b: Builder, x: Value, to: LogicalType): Result {
  const from = x.type;
  if (from.dtype === 'Decimal') {
    if (to.dtype === 'Decimal') return castScale(b, x.node, from, to);
    const target = physicalOf(to);
    if (target === 'f32' || target === 'f64') {
      const whole = convertNode(b, x.node, 'i64', 'f64');
      const node = b.simd('f64', F64X2.div, whole, b.constant('f64', Number(power(from.scale))));
      return fits(convertNode(b, node, 'f64', target));
    }
    return castNumber(b, divide(b, x.node, power(from.scale), 'truncate'), 'i64', target);
  }
  if (to.dtype !== 'Decimal') throw new Error('not a cast of decimals');
  const most = power(to.precision);
  if (x.physical === 'f32' || x.physical === 'f64') {
    const scaled = b.simd(
      'f64',
      F64X2.mul,
      convertNode(b, x.node, x.physical, 'f64'),
      b.constant('f64', Number(power(to.scale))),
    );
    const whole = roundHalfAway(b, scaled, 'f64');
    const small = b.simd('i64', F64X2.lt, b.simd('f64', F64X2.abs, whole), b.constant('f64', Number(most)));
    return { node: truncate(b, whole, 'i64').node, bad: b.not(b.toMask(small)) };
  }
  const limit = power(to.precision - to.scale) - 1n;
  if (x.physical === 'bit') {
    const ones = convertNode(b, x.node, 'bit', 'i64');
    const node = b.simd('i64', I64X2.mul, ones, b.constant('i64', power(to.scale)));
    return { node, bad: limit >= 1n ? null : x.node };
  }
  const [low, high] = RANGE[x.physical]!;
  const bad = outsideOf(b, x.node, x.physical, -limit > low ? -limit : null, limit < high ? limit : null);
  const wide = convertNode(b, x.node, x.physical, x.physical === 'u64' ? 'u64' : 'i64');
  return { node: b.simd('i64', I64X2.mul, wide, b.constant('i64', power(to.scale))), bad };
}

type DecimalType = Extract<LogicalType, { dtype: 'Decimal' }>;

/** To another scale: exactly upwards, half away from zero downwards. */
function castScale(b: Builder, a: Node, from: DecimalType, to: DecimalType): Result {
  const up = to.scale - from.scale;
  if (up >= 0) {
    const whole = to.precision - up;
    const most = whole <= 0 ? 0n : power(whole) - 1n;
    const node = b.simd('i64', I64X2.mul, a, b.constant('i64', power(up)));
    return { node, bad: whole >= from.precision ? null : outsideOf(b, a, 'i64', -most, most) };
  }
  const rounded = toMultiple(b, a, 'round', false, -up);
  // A value that rounds to no digit at all is zero.
  const node = -up > 18 ? b.constant('i64', 0) : divide(b, rounded, power(-up), 'truncate');
  if (to.precision > from.precision + up) return fits(node);
  const most = power(to.precision) - 1n;
  return { node, bad: outsideOf(b, node, 'i64', -most, most) };
}
