// Numbers from text: 64-bit integers and correctly rounded floats (Eisel–Lemire over a table of 128-bit powers of ten,
// which scan/text/powers.ts makes). A reader stores its value at `out` and returns one of the codes below.

export const OK: i32 = 0;
/** The text is not of this type. */
export const BAD: i32 = 1;
/** The value does not fit the type. */
export const RANGE: i32 = 2;
/** The value is fine, but TypeScript must read it: more digits than decide the rounding, or no table yet. */
export const HARD: i32 = 3;

/** Powers in the table: 10^-342 to 10^308. */
const MIN_POWER: i32 = -342;
const MAX_POWER: i32 = 308;

/** Doubles that hold 10^0 to 10^22 exactly. */
const EXACT = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]);

/** Whether the eight bytes are all digits. */
export function isEightDigits(v: u64): bool {
  return ((v & 0xf0f0f0f0f0f0f0f0) | (((v + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4)) === 0x3333333333333333;
}

/** The number that eight digits spell; the first digit is the lowest byte. */
export function eightDigits(v: u64): u64 {
  return fromDigits(v - 0x3030303030303030);
}

/** High 64 bits of a product. */
export function mulHigh(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const p0 = a0 * b0;
  const p1 = a1 * b0;
  const p2 = a0 * b1;
  const carry = (p0 >> 32) + (p1 & 0xffffffff) + (p2 & 0xffffffff);
  return a1 * b1 + (p1 >> 32) + (p2 >> 32) + (carry >> 32);
}

/** The top n bytes of a word, for n from 0 to 8. */
export const TOP = memory.data<u64>([
  0, 0xff00000000000000, 0xffff000000000000, 0xffffff0000000000, 0xffffffff00000000, 0xffffffffff000000,
  0xffffffffffff0000, 0xffffffffffffff00, 0xffffffffffffffff,
]);

/** The n ≤ 8 bytes before `stop` less '0' each, with zeros before them: digits when `areDigits` says so. */
export function lastDigits(stop: usize, n: usize): u64 {
  return (load<u64>(stop - 8) ^ 0x3030303030303030) & load<u64>(TOP + (n << 3));
}
export function areDigits(v: u64): bool {
  return ((v | (v + 0x7676767676767676)) & 0x8080808080808080) === 0;
}
/** The number that eight bytes from 0 to 9 make. */
export function fromDigits(v: u64): u64 {
  v = v * 10 + (v >> 8);
  return ((v & 0x000000ff000000ff) * 0x000f424000000064 + ((v >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >> 32;
}

/** Reads digits `[p, stop)` as an unsigned number; nothing else may be there. */
export function readDigits(p: usize, stop: usize, out: usize): i32 {
  let length = stop - p;
  if (<i32>length <= 0) return BAD;
  if (length <= 8) {
    const v = lastDigits(stop, length);
    if (!areDigits(v)) return BAD;
    store<u64>(out, fromDigits(v));
    return OK;
  }
  while (length > 19 && load<u8>(p) === 48) {
    p++;
    length--;
  }
  if (length > 20) {
    while (p < stop) if (<u32>load<u8>(p++) - 48 > 9) return BAD;
    return RANGE;
  }
  // Groups of eight from the end.
  const low = lastDigits(stop, 8);
  const middle = lastDigits(stop - 8, min<usize>(length - 8, 8));
  const high = length > 16 ? lastDigits(stop - 16, length - 16) : 0;
  if (!areDigits(low) || !areDigits(middle) || !areDigits(high)) return BAD;
  const below: u64 = fromDigits(middle) * 100000000 + fromDigits(low);
  const above = fromDigits(high);
  // 2^64 is 1844 × 10^16 + 6744073709551616.
  if (above > 1844 || (above === 1844 && below > 6744073709551615)) return RANGE;
  store<u64>(out, above * 10000000000000000 + below);
  return OK;
}

/** Reads an integer within [-negative, positive] into the 64 bits at `out`. */
export function readInteger(p: usize, stop: usize, out: usize, negative: u64, positive: u64): i32 {
  const c = load<u8>(p);
  if (p >= stop) return BAD;
  if (c === 45) {
    const code = readDigits(p + 1, stop, out);
    if (code !== OK) return code;
    const magnitude = load<u64>(out);
    if (magnitude > negative) return RANGE;
    store<u64>(out, 0 - magnitude);
    return OK;
  }
  const code = readDigits(c === 43 ? p + 1 : p, stop, out);
  if (code !== OK) return code;
  return load<u64>(out) > positive ? RANGE : OK;
}

/** The bits of the double nearest to w × 10^q, without sign. */
export function nearestDouble(w: u64, q: i32, table: usize): u64 {
  if (w === 0 || q < MIN_POWER) return 0;
  if (q > MAX_POWER) return 0x7ff0000000000000;
  const leading = clz<u64>(w);
  w <<= leading;
  const entry = table + ((<usize>(q - MIN_POWER)) << 4);
  const t = load<u64>(entry);
  let high = mulHigh(w, t);
  let low = w * t;
  if ((high & 0x1ff) === 0x1ff) {
    const more = mulHigh(w, load<u64>(entry, 8));
    low += more;
    if (low < more) high++;
  }
  const upper = high >> 63;
  const shift = upper + 9;
  let mantissa = high >> shift;
  let power = ((217706 * q) >> 16) + 63 + <i32>upper - <i32>leading + 1023;
  if (power <= 0) {
    if (1 - power >= 64) return 0;
    mantissa >>= <u64>(1 - power);
    mantissa += mantissa & 1;
    return mantissa >> 1;
  }
  // Exactly between two doubles: round to even.
  if (low <= 1 && q >= -4 && q <= 23 && (mantissa & 3) === 1 && mantissa << shift === high) mantissa &= ~1;
  mantissa += mantissa & 1;
  mantissa >>= 1;
  if (mantissa >= (<u64>1) << 53) {
    mantissa = (<u64>1) << 52;
    power++;
  }
  if (power >= 0x7ff) return 0x7ff0000000000000;
  return (mantissa & 0xfffffffffffff) | ((<u64>power) << 52);
}

function lower(p: usize): u32 {
  return <u32>load<u8>(p) | 32;
}

/** `nan`, `inf`, `infinity` in any case, after the sign. */
function readSpecial(p: usize, stop: usize, out: usize, sign: u64): i32 {
  const length = stop - p;
  if (length === 3 && lower(p) === 110 && lower(p + 1) === 97 && lower(p + 2) === 110) {
    store<u64>(out, 0x7ff8000000000000);
    return OK;
  }
  if (length !== 3 && length !== 8) return BAD;
  if (lower(p) !== 105 || lower(p + 1) !== 110 || lower(p + 2) !== 102) return BAD;
  if (length === 8) {
    if (lower(p + 3) !== 105 || lower(p + 4) !== 110 || lower(p + 5) !== 105 || lower(p + 6) !== 116) return BAD;
    if (lower(p + 7) !== 121) return BAD;
  }
  store<u64>(out, 0x7ff0000000000000 | (sign << 63));
  return OK;
}

/** More than 19 digits: the first 19 significant ones, and the next number up, must round to the same double. */
function readLong(p: usize, stop: usize, point: u32, exponent: i32, out: usize, sign: u64, table: usize): i32 {
  let w: u64 = 0;
  let taken = 0;
  let dropped = 0;
  let inFraction = false;
  let fraction = 0;
  for (; p < stop; p++) {
    const c = <u32>load<u8>(p);
    if (c === point) {
      inFraction = true;
      continue;
    }
    if (c - 48 > 9) break;
    if (inFraction) fraction++;
    if (taken < 19) {
      w = w * 10 + <u64>(c - 48);
      if (w !== 0) taken++;
    } else dropped++;
  }
  const q = exponent - fraction + dropped;
  const bits = nearestDouble(w, q, table);
  if (dropped !== 0 && nearestDouble(w + 1, q, table) !== bits) return HARD;
  store<u64>(out, bits | (sign << 63));
  return OK;
}

/** 10^0 to 10^19. */
const TENS = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
  10000000000000000000,
]);

/** The last n of 16 bytes, for n from 0 to 16: 16 zeros, then 16 ones, to be loaded from byte n on. */
export const LAST = memory.data<u64>([0, 0, ~0, ~0], 16);

/** The number that the n ≤ 16 bytes before `stop` spell, as two numbers of eight digits: low half first; ~0 = they are not digits. */
function sixteenDigits(stop: usize, n: usize): u64 {
  const v = v128.and(i8x16.sub(v128.load(stop - 16), i8x16.splat(48)), v128.load(LAST + n));
  if (v128.any_true(i8x16.gt_u(v, i8x16.splat(9)))) return ~0;
  const tens = i16x8(10, 1, 10, 1, 10, 1, 10, 1);
  const pairs = i16x8.narrow_i32x4_s(
    i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(v), tens),
    i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(v), tens),
  );
  const fours = i32x4.dot_i16x8_s(pairs, i16x8(100, 1, 100, 1, 100, 1, 100, 1));
  const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(fours, fours), i16x8(10000, 1, 10000, 1, 10000, 1, 10000, 1));
  return i64x2.extract_lane(eights, 0);
}

/** What plainDouble leaves to roundDoubles: digits behind the point, plus 128 for a minus; or that nothing is left. */
export const ROUNDED: u32 = 64;

/**
 * Reads `[-]digits[.digits]` of up to 19 digits, 8 of them before the point: most numbers, without a loop over digits and
 * with few branches, whose outcomes random digits would make hard to foresee. The u64 at `out` gets the digits, the byte
 * at `rest` what roundDoubles needs to make the double. False is for anything else: readDouble decides.
 */
export function plainDouble(p: usize, stop: usize, out: usize, rest: usize, point: v128): bool {
  const sign: u32 = load<u8>(p) === 45 ? 1 : 0;
  p += <usize>sign;
  // The point, or the end.
  const points = <u32>i8x16.bitmask(i8x16.eq(v128.load(p), point)) | 0x10000;
  const dot = min(p + <usize>ctz(points), stop);
  const whole = dot - p;
  const n: usize = dot === stop ? 0 : stop - dot - 1;
  if (n <= 8) {
    // Both sides of the point at once.
    if (whole - 1 > 7 || (n === 0 && dot !== stop)) return false;
    const text = v128.load64_lane(stop - 8, v128.load64_zero(dot - 8), 1);
    const keep = v128.load64_lane(TOP + (n << 3), v128.load64_zero(TOP + (whole << 3)), 1);
    const digits = v128.and(i8x16.sub(text, i8x16.splat(48)), keep);
    if (v128.any_true(i8x16.gt_u(digits, i8x16.splat(9)))) return false;
    const pairs = i16x8.add(i16x8.mul(v128.and(digits, i16x8.splat(0xff)), i16x8.splat(10)), i16x8.shr_u(digits, 8));
    const fours = i32x4.dot_i16x8_s(pairs, i16x8(100, 1, 100, 1, 100, 1, 100, 1));
    const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(fours, fours), i16x8(10000, 1, 10000, 1, 10000, 1, 10000, 1));
    const both = i64x2.extract_lane(eights, 0);
    const w = (both & 0xffffffff) * load<u64>(TENS + (n << 3)) + (both >> 32);
    if (n + whole <= 15) {
      store<u64>(out, reinterpret<u64>(<f64>w / load<f64>(EXACT + (n << 3))) | ((<u64>sign) << 63));
      store<u8>(rest, ROUNDED);
    } else {
      store<u64>(out, w);
      store<u8>(rest, <u32>n | (sign << 7));
    }
    return true;
  }
  // The last 16 digits of the fraction at once; what is before them goes with the digits before the point.
  const tail = min<usize>(n, 16);
  const extra = n - tail;
  if (whole - 1 > 7 || n + whole > 19 || whole + extra > 8 || (n === 0 && dot !== stop)) return false;
  const v = load<u64>(dot + 1 + extra - 8);
  const keep = load<u64>(TOP + (extra << 3));
  const head = (((v & keep) | ((v << 8) & ~keep)) ^ 0x3030303030303030) & load<u64>(TOP + ((whole + extra) << 3));
  const last = sixteenDigits(stop, tail);
  if (!areDigits(head) || last === ~0) return false;
  const w = fromDigits(head) * load<u64>(TENS + (tail << 3)) + (last & 0xffffffff) * 100000000 + (last >> 32);
  if (n + whole <= 15) {
    store<u64>(out, reinterpret<u64>(<f64>w / load<f64>(EXACT + (n << 3))) | ((<u64>sign) << 63));
    store<u8>(rest, ROUNDED);
  } else {
    store<u64>(out, w);
    store<u8>(rest, <u32>n | (sign << 7));
  }
  return true;
}

/** Makes doubles of what plainDouble has left. Apart from the reading of digits, the two overlap better in the processor. */
export function roundDoubles(out: usize, rest: usize, n: usize, table: usize): void {
  for (let i: usize = 0; i < n; i++, out += 8) {
    const r = <u32>load<u8>(rest + i);
    if (r === ROUNDED) continue;
    store<u64>(out, nearestDouble(load<u64>(out), -(<i32>(r & 63)), table) | ((<u64>(r >> 7)) << 63));
  }
}

/**
 * Reads a decimal number, `inf` or `nan` as a double. `point` is the decimal separator; `table` 0 = not made yet. The
 * byte at `stop` must not be a digit.
 */
export function readDouble(p: usize, stop: usize, out: usize, point: u32, table: usize): i32 {
  if (p >= stop) return BAD;
  const first = <u32>load<u8>(p);
  const sign: u64 = first === 45 ? 1 : 0;
  // No branch: signs come at random.
  p += (first === 45 ? 1 : 0) | (first === 43 ? 1 : 0);
  const begin = p;
  let w: u64 = 0;
  let d = <u32>load<u8>(p) - 48;
  while (d <= 9) {
    w = w * 10 + <u64>d;
    d = <u32>load<u8>(++p) - 48;
  }
  let digits = <i32>(p - begin);
  let q = 0;
  if (p < stop && d + 48 === point) {
    const fraction = ++p;
    let v = load<u64>(p);
    while (isEightDigits(v)) {
      w = w * 100000000 + eightDigits(v);
      p += 8;
      v = load<u64>(p);
    }
    d = <u32>(v & 255) - 48;
    while (d <= 9) {
      w = w * 10 + <u64>d;
      d = <u32>load<u8>(++p) - 48;
    }
    q = -(<i32>(p - fraction));
    digits -= q;
  }
  if (digits === 0) return p === begin ? readSpecial(p, stop, out, sign) : BAD;
  let exponent = 0;
  const end = p;
  if (p !== stop) {
    if (p > stop || lower(p) !== 101) return BAD;
    p++;
    let down = false;
    if (p < stop && (load<u8>(p) === 45 || load<u8>(p) === 43)) {
      down = load<u8>(p) === 45;
      p++;
    }
    if (p >= stop) return BAD;
    for (; p < stop; p++) {
      const d = <u32>load<u8>(p) - 48;
      if (d > 9) return BAD;
      if (exponent < 100000) exponent = exponent * 10 + d;
    }
    if (down) exponent = -exponent;
    q += exponent;
  }
  if (digits <= 19) {
    // Without a table yet. With one, the general way costs no more than guessing which way a value goes.
    if (table === 0) {
      if (w >= (<u64>1) << 53 || q < -22 || q > 22) return HARD;
      const t = load<f64>(EXACT + ((<usize>(q < 0 ? -q : q)) << 3));
      const v = q < 0 ? <f64>w / t : <f64>w * t;
      store<u64>(out, reinterpret<u64>(v) | (sign << 63));
      return OK;
    }
    store<u64>(out, nearestDouble(w, q, table) | (sign << 63));
    return OK;
  }
  if (table === 0) return HARD;
  return readLong(begin, end, point, exponent, out, sign, table);
}

/** Whether the double at `out`, read from text, lies exactly between two floats, where rounding twice can err. */
export function isBetweenFloats(bits: u64): bool {
  const magnitude = bits & 0x7fffffffffffffff;
  // Below the smallest normal float the lost bits vary: let TypeScript decide.
  if (magnitude < 0x3810000000000000) return magnitude !== 0;
  return (bits & 0x1fffffff) === 0x10000000;
}

/** Reads plain decimal digits into the 128 bits at `out`, scaled by 10^scale; trailing zeros may go beyond the scale. */
export function readDecimal(p: usize, stop: usize, out: usize, point: u32, precision: i32, scale: i32): i32 {
  if (p >= stop) return BAD;
  const c = load<u8>(p);
  const negative = c === 45;
  if (negative || c === 43) p++;
  let low: u64 = 0;
  let high: u64 = 0;
  let digits = 0;
  let seen = 0;
  let fraction = -1;
  for (; p < stop; p++) {
    const c = <u32>load<u8>(p);
    if (c === point) {
      if (fraction >= 0) return BAD;
      fraction = 0;
      continue;
    }
    const d = c - 48;
    if (d > 9) return (c | 32) === 101 ? HARD : BAD;
    seen++;
    if (fraction >= scale) {
      if (d !== 0) return HARD;
      continue;
    }
    if (fraction >= 0) fraction++;
    if (digits !== 0 || d !== 0) digits++;
    if (digits > precision) return RANGE;
    const carry = mulHigh(low, 10);
    low *= 10;
    high = high * 10 + carry;
    low += <u64>d;
    if (low < <u64>d) high++;
  }
  if (seen === 0) return BAD;
  for (let i = max(fraction, 0); i < scale; i++) {
    if (digits !== 0) digits++;
    const carry = mulHigh(low, 10);
    low *= 10;
    high = high * 10 + carry;
  }
  if (digits > precision) return RANGE;
  if (negative) {
    low = ~low + 1;
    high = ~high + (low === 0 ? 1 : 0);
  }
  store<u64>(out, low);
  store<u64>(out, high, 8);
  return OK;
}
