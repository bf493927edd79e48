// Scalar functions of doubles, called from fused modules once a lane.

export function exp(x: f64): f64 {
  return NativeMath.exp(x);
}
export function log(x: f64): f64 {
  return NativeMath.log(x);
}
export function log2(x: f64): f64 {
  return NativeMath.log2(x);
}
export function log10(x: f64): f64 {
  return NativeMath.log10(x);
}
export function log1p(x: f64): f64 {
  return NativeMath.log1p(x);
}
/**
 * For these NativeMath looks at what lies in memory before its table of the digits of π, and may turn by half a circle.
 * Below them and above it is right.
 */
function isMisread(x: f64): bool {
  return abs(x) >= 1647099.0 && abs(x) < 4194304.0;
}
/** 2^20 quarters of a circle, whole turns, in parts: a multiple of the first leaves `isMisread` numbers exact. */
const TURNS_1: f64 = 1048576.0 * reinterpret<f64>(0x3ff921fb54400000);
const TURNS_2: f64 = 1048576.0 * reinterpret<f64>(0x3dd0b4611a600000);
const TURNS_3: f64 = 1048576.0 * reinterpret<f64>(0x3ba3198a2e037073);

/** |x| without whole turns, and what the first number has lost. */
function turned(x: f64): f64 {
  const times = abs(x) < 3000000.0 ? 1.0 : 2.0;
  return abs(x) - times * TURNS_1 - times * TURNS_2;
}
function lostBy(x: f64, y: f64): f64 {
  const times = abs(x) < 3000000.0 ? 1.0 : 2.0;
  return abs(x) - times * TURNS_1 - y - times * TURNS_2 - times * TURNS_3;
}
export function sin(x: f64): f64 {
  if (!isMisread(x)) return NativeMath.sin(x);
  const y = turned(x);
  const value = NativeMath.sin(y) + NativeMath.cos(y) * lostBy(x, y);
  return x < 0.0 ? -value : value;
}
export function cos(x: f64): f64 {
  if (!isMisread(x)) return NativeMath.cos(x);
  const y = turned(x);
  return NativeMath.cos(y) - NativeMath.sin(y) * lostBy(x, y);
}
export function tan(x: f64): f64 {
  return isMisread(x) ? sin(x) / cos(x) : NativeMath.tan(x);
}
export function asin(x: f64): f64 {
  return NativeMath.asin(x);
}
export function acos(x: f64): f64 {
  return NativeMath.acos(x);
}
export function atan(x: f64): f64 {
  return NativeMath.atan(x);
}
/** IEEE 754 pow: 1 to any power and anything to the power 0 are 1, NaN included. */
export function pow(x: f64, y: f64): f64 {
  if (x === 1.0) return 1.0;
  return NativeMath.pow(x, y);
}

/** Remainder with the sign of the divisor; NaN by zero. */
export function mod(x: f64, y: f64): f64 {
  const r = remainder(x, y);
  if (r !== 0.0) return r < 0.0 !== y < 0.0 ? r + y : r;
  return copysign<f64>(0.0, y);
}
/** Floored quotient that goes with `mod`; x / 0 is ±Infinity or NaN. */
export function floorDiv(x: f64, y: f64): f64 {
  const plain = x / y;
  // Not finite: x − x is NaN.
  if (y === 0.0 || plain - plain !== 0.0 || x - x !== 0.0) return floor(plain);
  const r = remainder(x, y);
  let q = (x - r) / y;
  if (r !== 0.0 && r < 0.0 !== y < 0.0) q -= 1.0;
  if (q === 0.0) return copysign<f64>(0.0, plain);
  const whole = floor(q);
  return q - whole > 0.5 ? whole + 1.0 : whole;
}
/** Exact remainder of the truncated quotient. */
function remainder(x: f64, y: f64): f64 {
  const ax = abs(x);
  const ay = abs(y);
  if (ax < ay) return x;
  const q = ax / ay;
  // Both are whole numbers below 2^53, so the product and the difference are exact.
  if (q < 9007199254740992.0 && ax < 9007199254740992.0 && floor(ax) === ax && floor(ay) === ay) {
    const r = ax - floor(q) * ay;
    if (r >= 0.0 && r < ay) return copysign<f64>(r, x);
  }
  return NativeMath.mod(x, y);
}
