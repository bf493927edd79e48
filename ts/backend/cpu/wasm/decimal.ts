// Decimals of 128 bits, as two 64-bit words each, low first. Operands come with a stride in bytes: 16 or 8 (a column of
// i128 or of i64, sign-extended), 0 for one i128 for all rows. Functions that can fail return the first row that does,
// from `from` on, or −1. Validity is the caller's business: the value under a null is zero.
import { mulHigh } from './_number';

/** 10^0 to 10^38. */
const POWERS = memory.data<u64>(
  [
    1, 0, 10, 0, 100, 0, 1000, 0, 10000, 0, 100000, 0, 1000000, 0, 10000000, 0, 100000000, 0, 1000000000, 0,
    10000000000, 0, 100000000000, 0, 1000000000000, 0, 10000000000000, 0, 100000000000000, 0, 1000000000000000, 0,
    10000000000000000, 0, 100000000000000000, 0, 1000000000000000000, 0, 0x8ac7230489e80000, 0, 0x6bc75e2d63100000, 0x5,
    0x35c9adc5dea00000, 0x36, 0x19e0c9bab2400000, 0x21e, 0x2c7e14af6800000, 0x152d, 0x1bcecceda1000000, 0xd3c2,
    0x161401484a000000, 0x84595, 0xdcc80cd2e4000000, 0x52b7d2, 0x9fd0803ce8000000, 0x33b2e3c, 0x3e25026110000000,
    0x204fce5e, 0x6d7217caa0000000, 0x1431e0fae, 0x4674edea40000000, 0xc9f2c9cd0, 0xc0914b2680000000, 0x7e37be2022,
    0x85acef8100000000, 0x4ee2d6d415b, 0x38c15b0a00000000, 0x314dc6448d93, 0x378d8e6400000000, 0x1ed09bead87c0,
    0x2b878fe800000000, 0x13426172c74d82, 0xb34b9f1000000000, 0xc097ce7bc90715, 0xf436a000000000, 0x785ee10d5da46d9,
    0x98a224000000000, 0x4b3b4ca85a86c47a,
  ],
  16,
);

/** Low word of the value at p. */
function low(p: usize): u64 {
  return load<u64>(p);
}
/** High word: stored, or the sign of a 64-bit value. */
function high(p: usize, stride: usize): u64 {
  return stride === 8 ? <u64>(load<i64>(p) >> 63) : load<u64>(p, 8);
}
/** Whether the value is one of 64 bits. */
function isShort(lo: u64, hi: u64): boolean {
  return hi === <u64>(<i64>lo >> 63);
}
/** A 64-bit value with the bits of a negative one turned over: as many zeros in front as its magnitude has, or one more. */
function signless(x: u64): u64 {
  return x ^ <u64>(<i64>x >> 63);
}
/** Stores as i128 or as i64, which the caller knows to hold it. */
function put(out: usize, i: i32, wide: i32, lo: u64, hi: u64): void {
  if (wide) {
    const p = out + ((<usize>i) << 4);
    store<u64>(p, lo);
    store<u64>(p, hi, 8);
  } else store<u64>(out + ((<usize>i) << 3), lo);
}
/** Whether |value| is below 10^digits. */
function within(lo: u64, hi: u64, digits: i32): boolean {
  if (<i64>hi < 0) {
    lo = 0 - lo;
    hi = ~hi + (lo === 0 ? 1 : 0);
  }
  const p = POWERS + ((<usize>digits) << 4);
  const limit = load<u64>(p, 8);
  return hi < limit || (hi === limit && lo < load<u64>(p));
}

export function add(
  a: usize,
  sa: usize,
  b: usize,
  sb: usize,
  n: i32,
  from: i32,
  out: usize,
  wide: i32,
  digits: i32,
): i32 {
  for (let i = from; i < n; i++) {
    const p = a + <usize>i * sa;
    const q = b + <usize>i * sb;
    const lo = low(p) + low(q);
    const hi = high(p, sa) + high(q, sb) + (lo < low(q) ? 1 : 0);
    put(out, i, wide, lo, hi);
    if (!within(lo, hi, digits)) return i;
  }
  return -1;
}
export function sub(
  a: usize,
  sa: usize,
  b: usize,
  sb: usize,
  n: i32,
  from: i32,
  out: usize,
  wide: i32,
  digits: i32,
): i32 {
  for (let i = from; i < n; i++) {
    const p = a + <usize>i * sa;
    const q = b + <usize>i * sb;
    const lo = low(p) - low(q);
    const hi = high(p, sa) - high(q, sb) - (low(p) < low(q) ? 1 : 0);
    put(out, i, wide, lo, hi);
    if (!within(lo, hi, digits)) return i;
  }
  return -1;
}
const MUL_BLOCK = 256;

/** High word of a value of 64 bits (A is i64) or 128 (v128); all that depends on the layout is known to the compiler. */
function highOf<A>(p: usize): u64 {
  return sizeof<A>() === 8 ? <u64>(load<i64>(p) >> 63) : load<u64>(p, 8);
}
/**
 * Long products of whole blocks from row i on, while all of a block's are below 2^62; returns the blocks done. A, B:
 * layouts of the operands, whose strides are the sizes or 0.
 */
function mulBlocksOf<A, B>(a: usize, sa: usize, b: usize, sb: usize, from: i32, n: i32, out: usize): i32 {
  let done = 0;
  for (let i = from; n - i >= MUL_BLOCK; i += MUL_BLOCK) {
    let xs: u64 = 0;
    let ys: u64 = 0;
    let long: u64 = 0;
    const startA = a + <usize>i * sa;
    const startB = b + <usize>i * sb;
    let p = startA;
    let q = startB;
    for (let k = 0; k < MUL_BLOCK; k++) {
      const x = low(p);
      const y = low(q);
      xs |= signless(x);
      ys |= signless(y);
      if (sizeof<A>() === 16) long |= highOf<A>(p) ^ <u64>(<i64>x >> 63);
      if (sizeof<B>() === 16) long |= highOf<B>(q) ^ <u64>(<i64>y >> 63);
      p += sa;
      q += sb;
    }
    if (long !== 0 || clz<u64>(xs) + clz<u64>(ys) < 66) return done;
    p = startA;
    q = startB;
    let to = out + ((<usize>i) << 4);
    for (let k = 0; k < MUL_BLOCK; k++) {
      const z = low(p) * low(q);
      store<u64>(to, z);
      store<i64>(to, <i64>z >> 63, 8);
      p += sa;
      q += sb;
      to += 16;
    }
    done++;
  }
  return done;
}
function mulBlocks(a: usize, sa: usize, b: usize, sb: usize, from: i32, n: i32, out: usize): i32 {
  if (sa === 8) {
    return sb === 8
      ? mulBlocksOf<i64, i64>(a, 8, b, 8, from, n, out)
      : mulBlocksOf<i64, v128>(a, 8, b, sb, from, n, out);
  }
  return sb === 8
    ? mulBlocksOf<v128, i64>(a, sa, b, 8, from, n, out)
    : mulBlocksOf<v128, v128>(a, sa, b, sb, from, n, out);
}

export function mul(
  a: usize,
  sa: usize,
  b: usize,
  sb: usize,
  n: i32,
  from: i32,
  out: usize,
  wide: i32,
  digits: i32,
): i32 {
  let block = from;
  for (let i = from; i < n; i++) {
    // Blocks of short values first; what the others hold is looked at row by row.
    if (i === block && wide !== 0 && digits >= 19) {
      i += mulBlocks(a, sa, b, sb, i, n, out) * MUL_BLOCK;
      if (i >= n) break;
      block = i + MUL_BLOCK;
    }
    const p = a + <usize>i * sa;
    const q = b + <usize>i * sb;
    let x = low(p);
    let y = low(q);
    let xh = high(p, sa);
    let yh = high(q, sb);
    if (isShort(x, xh) && isShort(y, yh) && clz<u64>(signless(x)) + clz<u64>(signless(y)) >= 66) {
      // Below 2^62, most often: one multiplication.
      const z = x * y;
      const zh = <u64>(<i64>z >> 63);
      put(out, i, wide, z, zh);
      if (digits < 19 && !within(z, zh, digits)) return i;
      continue;
    }
    const negative = <i64>(xh ^ yh) < 0;
    if (<i64>xh < 0) {
      x = 0 - x;
      xh = ~xh + (x === 0 ? 1 : 0);
    }
    if (<i64>yh < 0) {
      y = 0 - y;
      yh = ~yh + (y === 0 ? 1 : 0);
    }
    let lo = x * y;
    let hi = mulHigh(x, y);
    let fits = true;
    if (xh !== 0 || yh !== 0) {
      // At most one high word may be there, and its product must stay within 64 bits.
      const c = xh !== 0 ? xh * y : yh * x;
      fits = (xh === 0 || yh === 0) && (xh !== 0 ? mulHigh(xh, y) : mulHigh(yh, x)) === 0;
      hi += c;
      if (hi < c || <i64>hi < 0) fits = false;
    }
    fits = fits && <i64>hi >= 0 && within(lo, hi, digits);
    if (negative) {
      lo = 0 - lo;
      hi = ~hi + (lo === 0 ? 1 : 0);
    }
    put(out, i, wide, lo, hi);
    if (!fits) return i;
  }
  return -1;
}

/** Quotient of a magnitude by a divisor below 2^32, in place at out (two words). Returns the remainder. */
function divideSmall(at: usize, d: u64): u64 {
  const hi = load<u64>(at, 8);
  const lo = load<u64>(at);
  if (hi === 0) {
    store<u64>(at, lo / d);
    return lo % d;
  }
  let q = hi / d;
  store<u64>(at, q, 8);
  let part = ((hi % d) << 32) | (lo >> 32);
  q = part / d;
  part = ((part % d) << 32) | (lo & 0xffffffff);
  store<u64>(at, (q << 32) + part / d);
  return part % d;
}
/** Divides the magnitude at `at` by 10^k; a non-zero result of `lost` says that something was cut off. */
function dividePower(at: usize, k: i32): boolean {
  let lost = false;
  while (k > 0) {
    const step = min(k, 9);
    if (divideSmall(at, load<u64>(POWERS + ((<usize>step) << 4))) !== 0) lost = true;
    k -= step;
  }
  return lost;
}
/** Multiplies the magnitude at `at` by 10^k. False when it leaves 127 bits. */
function timesPower(at: usize, k: i32): boolean {
  const p = POWERS + ((<usize>k) << 4);
  const y = load<u64>(p);
  const yh = load<u64>(p, 8);
  const x = load<u64>(at);
  const xh = load<u64>(at, 8);
  if (x === 0 && xh === 0) return true;
  let hi = mulHigh(x, y);
  store<u64>(at, x * y);
  if (xh !== 0 && yh !== 0) return false;
  if (xh !== 0 || yh !== 0) {
    const c = xh !== 0 ? xh * y : yh * x;
    if ((xh !== 0 ? mulHigh(xh, y) : mulHigh(yh, x)) !== 0) return false;
    hi += c;
    if (hi < c) return false;
  }
  store<u64>(at, hi, 8);
  return <i64>hi >= 0;
}
/** Stores the magnitude of a value at `at`. Returns whether it was negative. */
function magnitude(p: usize, stride: usize, at: usize): boolean {
  const lo = low(p);
  const hi = high(p, stride);
  const negative = <i64>hi < 0;
  const l = negative ? 0 - lo : lo;
  store<u64>(at, l);
  store<u64>(at, negative ? ~hi + (l === 0 ? 1 : 0) : hi, 8);
  return negative;
}
/** Adds one to the magnitude at `at`. */
function increment(at: usize): void {
  const lo = load<u64>(at) + 1;
  store<u64>(at, lo);
  if (lo === 0) store<u64>(at, load<u64>(at, 8) + 1, 8);
}
function isZero(at: usize): boolean {
  return (load<u64>(at) | load<u64>(at, 8)) === 0;
}

/** How a value between two is rounded. */
const TRUNCATE: i32 = 0;
const HALF_AWAY: i32 = 1;
const FLOOR: i32 = 2;
const CEIL: i32 = 3;

/** Divides the magnitude by 10^k, rounding by mode. */
function divideRounded(at: usize, k: i32, mode: i32, negative: bool): void {
  if (k <= 0) return;
  if (mode === HALF_AWAY) {
    // All digits but the last are cut off; that one decides.
    dividePower(at, k - 1);
    const digit = divideSmall(at, 10);
    if (digit >= 5) increment(at);
    return;
  }
  const lost = dividePower(at, k);
  if (lost && ((mode === FLOOR && negative) || (mode === CEIL && !negative))) increment(at);
}

/**
 * Values at another scale: × 10^up, or ÷ 10^down by mode and × 10^back. Fails past 10^digits, or past 64 bits unless
 * `wide`. Uses 16 bytes at `spare`.
 */
export function rescale(
  a: usize,
  sa: usize,
  n: i32,
  from: i32,
  out: usize,
  wide: i32,
  digits: i32,
  up: i32,
  down: i32,
  mode: i32,
  back: i32,
  spare: usize,
): i32 {
  const factor = up > 0 && up <= 18 ? load<u64>(POWERS + ((<usize>up) << 4)) : 1;
  // Upwards by a 64-bit power: a product below 2^63 has no digits to lose.
  const leading: i32 = down === 0 && wide && digits >= 19 && up <= 18 ? <i32>clz<u64>(factor) : -128;
  for (let i = from; i < n; i++) {
    const x = low(a + <usize>i * sa);
    if (isShort(x, high(a + <usize>i * sa, sa)) && <i32>clz<u64>(signless(x)) + leading >= 65) {
      const z = x * factor;
      put(out, i, 1, z, <u64>(<i64>z >> 63));
      continue;
    }
    const negative = magnitude(a + <usize>i * sa, sa, spare);
    let fits = true;
    if (up > 0) fits = timesPower(spare, up);
    if (down > 0) {
      divideRounded(spare, min(down, 39), mode, negative);
      if (back > 0) fits = back > 38 ? isZero(spare) : timesPower(spare, back);
    }
    let lo = load<u64>(spare);
    let hi = load<u64>(spare, 8);
    fits = fits && within(lo, hi, digits);
    if (negative) {
      lo = 0 - lo;
      hi = ~hi + (lo === 0 ? 1 : 0);
    }
    if (!wide && hi !== <u64>(<i64>lo >> 63)) fits = false;
    put(out, i, wide, fits ? lo : 0, fits ? hi : 0);
    if (!fits) return i;
  }
  return -1;
}
/** Unsigned 64-bit integers as i128. */
export function fromU64(a: usize, n: i32, out: usize): void {
  for (let i = 0; i < n; i++) put(out, i, 1, load<u64>(a + ((<usize>i) << 3)), 0);
}

/** Doubles × 10^scale, half away from zero. Fails on NaN and past 10^digits. */
export function fromF64(a: usize, n: i32, from: i32, out: usize, wide: i32, digits: i32, factor: f64): i32 {
  for (let i = from; i < n; i++) {
    const x = load<f64>(a + ((<usize>i) << 3)) * factor;
    const whole = trunc(x);
    const y = abs(x - whole) >= 0.5 ? abs(whole) + 1.0 : abs(whole);
    let lo: u64 = 0;
    let hi: u64 = 0;
    let fits = y < 1.7014118346046923e38;
    if (fits) {
      if (y < 18446744073709551616.0) lo = <u64>y;
      else {
        const bits = reinterpret<u64>(y);
        const mantissa = (bits & 0xfffffffffffff) | 0x10000000000000;
        const shift = (bits >> 52) - 1075;
        lo = shift < 64 ? mantissa << shift : 0;
        hi = shift < 64 ? mantissa >> (64 - shift) : mantissa << (shift - 64);
      }
      fits = within(lo, hi, digits);
      if (x < 0.0) {
        lo = 0 - lo;
        hi = ~hi + (lo === 0 ? 1 : 0);
      }
    }
    put(out, i, wide, fits ? lo : 0, fits ? hi : 0);
    if (!fits) return i;
  }
  return -1;
}
/** The doubles nearest to the integers, divided by a power of ten. */
export function toF64(a: usize, sa: usize, n: i32, out: usize, factor: f64, spare: usize): void {
  for (let i = 0; i < n; i++) {
    const negative = magnitude(a + <usize>i * sa, sa, spare);
    const lo = load<u64>(spare);
    const hi = load<u64>(spare, 8);
    let x: f64;
    if (hi === 0) x = <f64>lo;
    else {
      // 64 leading bits, the last of them set when anything follows: one rounding, not two.
      const shift = clz<u64>(hi);
      let top = shift === 0 ? hi : (hi << shift) | (lo >> (64 - shift));
      if (lo << shift !== 0) top |= 1;
      x = <f64>top * reinterpret<f64>((1023 + 64 - shift) << 52);
    }
    x /= factor;
    store<f64>(out + ((<usize>i) << 3), negative ? -x : x);
  }
}

/** −1, 0 or 1. */
function order(p: usize, sa: usize, q: usize, sb: usize): i32 {
  const xh = <i64>high(p, sa);
  const yh = <i64>high(q, sb);
  if (xh !== yh) return xh < yh ? -1 : 1;
  return low(p) < low(q) ? -1 : low(p) > low(q) ? 1 : 0;
}
/** Bits where the order of a and b (−1, 0, 1) is in `wanted`: 1 = less, 2 = equal, 4 = greater. */
export function compare(a: usize, sa: usize, b: usize, sb: usize, n: i32, wanted: i32, out: usize): void {
  let bits: u32 = 0;
  for (let i = 0; i < n; i++) {
    const o = order(a + <usize>i * sa, sa, b + <usize>i * sb, sb);
    bits |= ((wanted >> (o + 1)) & 1) << (i & 7);
    if ((i & 7) === 7) {
      store<u8>(out + (i >> 3), bits);
      bits = 0;
    }
  }
  if (n & 7) store<u8>(out + (n >> 3), bits);
}
/** The greater (up) or smaller of each pair. */
export function extreme(a: usize, sa: usize, b: usize, sb: usize, n: i32, up: i32, out: usize): void {
  for (let i = 0; i < n; i++) {
    const p = a + <usize>i * sa;
    const q = b + <usize>i * sb;
    const o = order(p, sa, q, sb);
    if (up ? o >= 0 : o <= 0) put(out, i, 1, low(p), high(p, sa));
    else put(out, i, 1, low(q), high(q, sb));
  }
}
/** 0: negative, 1: absolute, 2: ±10^scale or 0. */
export function unary(a: usize, sa: usize, n: i32, what: i32, scale: i32, out: usize): void {
  for (let i = 0; i < n; i++) {
    const p = a + <usize>i * sa;
    let lo = low(p);
    let hi = high(p, sa);
    let flip = <i64>hi < 0;
    if (what === 0) flip = true;
    else if (what === 2 && (lo | hi) !== 0) {
      lo = load<u64>(POWERS + ((<usize>scale) << 4));
      hi = load<u64>(POWERS + ((<usize>scale) << 4), 8);
    }
    if (flip) {
      lo = 0 - lo;
      hi = ~hi + (lo === 0 ? 1 : 0);
    }
    put(out, i, 1, lo, hi);
  }
}

/** Floored quotient (what = 0) or remainder (1) of the unscaled values. Clears the bits of rows divided by zero. */
export function divide(
  a: usize,
  sa: usize,
  b: usize,
  sb: usize,
  n: i32,
  what: i32,
  out: usize,
  validity: usize,
  spare: usize,
): void {
  for (let i = 0; i < n; i++) {
    const negativeA = magnitude(a + <usize>i * sa, sa, spare);
    const negativeB = magnitude(b + <usize>i * sb, sb, spare + 16);
    const dl = load<u64>(spare, 16);
    const dh = load<u64>(spare, 24);
    if ((dl | dh) === 0) {
      const at = validity + (i >> 3);
      store<u8>(at, <u32>load<u8>(at) & ~(1 << (i & 7)));
      put(out, i, 1, 0, 0);
      continue;
    }
    let rl = load<u64>(spare);
    let rh = load<u64>(spare, 8);
    let ql: u64 = 0;
    let qh: u64 = 0;
    if (rh === 0 && dh === 0) {
      ql = rl / dl;
      rl = rl % dl;
    } else if (rh > dh || (rh === dh && rl >= dl)) {
      // Shift and subtract, from where the leading bits meet.
      let shift = <i32>((dh === 0 ? clz(dl) + 64 : clz(dh)) - (rh === 0 ? clz(rl) + 64 : clz(rh)));
      let sl: u64 = shift >= 64 ? 0 : dl << shift;
      let sh: u64 = shift >= 64 ? dl << (shift - 64) : shift === 0 ? dh : (dh << shift) | (dl >> (64 - shift));
      for (; shift >= 0; shift--) {
        qh = (qh << 1) | (ql >> 63);
        ql <<= 1;
        if (rh > sh || (rh === sh && rl >= sl)) {
          const borrow: u64 = rl < sl ? 1 : 0;
          rl -= sl;
          rh = rh - sh - borrow;
          ql |= 1;
        }
        sl = (sl >> 1) | (sh << 63);
        sh >>= 1;
      }
    }
    const rest = (rl | rh) !== 0;
    let lo: u64;
    let hi: u64;
    let negative: boolean;
    if (what === 0) {
      // Floored: one further from zero when the signs differ.
      negative = negativeA !== negativeB;
      lo = ql;
      hi = qh;
      if (negative && rest) {
        lo++;
        if (lo === 0) hi++;
      }
    } else {
      negative = negativeB;
      lo = rl;
      hi = rh;
      if (rest && negativeA !== negativeB) {
        const borrow: u64 = dl < rl ? 1 : 0;
        lo = dl - rl;
        hi = dh - rh - borrow;
      }
    }
    if (negative) {
      lo = 0 - lo;
      hi = ~hi + (lo === 0 ? 1 : 0);
    }
    put(out, i, 1, lo, hi);
  }
}

/** Whole parts as 64-bit integers, towards zero: ÷ 10^down. Fails outside Int64, or UInt64 when `unsigned`. */
export function toInteger(
  a: usize,
  sa: usize,
  n: i32,
  from: i32,
  out: usize,
  unsigned: i32,
  down: i32,
  spare: usize,
): i32 {
  for (let i = from; i < n; i++) {
    const negative = magnitude(a + <usize>i * sa, sa, spare);
    divideRounded(spare, down, TRUNCATE, negative);
    const lo = load<u64>(spare);
    let fits = load<u64>(spare, 8) === 0;
    if (unsigned) fits = fits && (!negative || lo === 0);
    else fits = fits && lo <= (negative ? (<u64>1) << 63 : ((<u64>1) << 63) - 1);
    put(out, i, 0, fits ? (negative ? 0 - lo : lo) : 0, 0);
    if (!fits) return i;
  }
  return -1;
}
