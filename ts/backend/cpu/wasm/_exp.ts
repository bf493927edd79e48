// e^x of two doubles at once, within 2 ulp: Cody and Waite's reduction to |r| ≤ ln 2 / 2, then Taylor's series. Source:
// J.-M. Muller, Elementary Functions, 3rd edition, chapters 5 and 11.

const LOG2E: f64 = 1.4426950408889634;
/** ln 2 in two parts; products of the first with whole numbers below 2^11 are exact. */
const LN2_HIGH: f64 = 6.9314718036912381649e-1;
const LN2_LOW: f64 = 1.90821492927058770002e-10;
/** 1.5 · 2^52: added to a small double, its low bits are that double as a whole number. */
const MAGIC: f64 = 6755399441055744.0;

/** e^x; 0 below −708, and x above 709 counts as 709. */
export function exp2x(given: v128): v128 {
  const x = f64x2.min(f64x2.max(given, f64x2.splat(-708)), f64x2.splat(709));
  const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(LOG2E)), f64x2.splat(MAGIC));
  const k = f64x2.sub(shifted, f64x2.splat(MAGIC));
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN2_HIGH))), f64x2.mul(k, f64x2.splat(LN2_LOW)));
  let s = f64x2.splat(1.0 / 6227020800.0);
  s = f64x2.add(f64x2.mul(s, r), f64x2.splat(1.0 / 479001600.0));
  s = f64x2.add(f64x2.mul(s, r), f64x2.splat(1.0 / 39916800.0));
  s = f64x2.add(f64x2.mul(s, r), f64x2.splat(1.0 / 3628800.0));
  s = f64x2.add(f64x2.mul(s, r), f64x2.splat(1.0 / 362880.0));
  s = f64x2.add(f64x2.mul(s, r), f64x2.splat(1.0 / 40320.0));
  s = f64x2.add(f64x2.mul(s, r), f64x2.splat(1.0 / 5040.0));
  s = f64x2.add(f64x2.mul(s, r), f64x2.splat(1.0 / 720.0));
  s = f64x2.add(f64x2.mul(s, r), f64x2.splat(1.0 / 120.0));
  s = f64x2.add(f64x2.mul(s, r), f64x2.splat(1.0 / 24.0));
  s = f64x2.add(f64x2.mul(s, r), f64x2.splat(1.0 / 6.0));
  s = f64x2.add(f64x2.mul(s, r), f64x2.splat(0.5));
  s = f64x2.add(f64x2.mul(s, r), f64x2.splat(1.0));
  s = f64x2.add(f64x2.mul(s, r), f64x2.splat(1.0));
  const scaled = i64x2.add(s, i64x2.shl(shifted, 52));
  return v128.and(scaled, f64x2.ge(given, f64x2.splat(-708)));
}
