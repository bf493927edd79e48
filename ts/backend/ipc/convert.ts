// Values that Arrow stores in another width than we do. 64-bit results are written as two 32-bit words, low first: that
// is many times faster than a bigint for each.

/** Half floats → floats. */
export function halfToFloat(from: Uint16Array, to: Float32Array): void {
  for (let i = 0; i < from.length; i++) {
    const h = from[i]!;
    const sign = h & 0x8000 ? -1 : 1;
    const exponent = (h >> 10) & 31;
    const fraction = h & 1023;
    if (exponent === 0) to[i] = sign * fraction * 2 ** -24;
    else if (exponent === 31) to[i] = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    else to[i] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
}

/** 64-bit offsets (as words) → 32-bit ones; false when one does not fit. */
export function narrowOffsets(words: Int32Array, to: Int32Array): boolean {
  let high = 0;
  for (let i = 0; i < to.length; i++) {
    to[i] = words[2 * i]!;
    high |= words[2 * i + 1]! | (words[2 * i]! & 0x80000000);
  }
  return high === 0;
}

/** Decimals of `width` words → four words. */
export function widenDecimals(from: Int32Array, width: number, to: Int32Array): void {
  for (let i = 0; i * width < from.length; i++) {
    const low = from[i * width]!;
    const high = width === 1 ? low >> 31 : from[i * width + 1]!;
    to[i * 4] = low;
    to[i * 4 + 1] = high;
    to[i * 4 + 2] = to[i * 4 + 3] = high >> 31;
  }
}

/** 32-bit times × a power of ten → 64-bit ones. The products are exact: 31 bits times 5^9 or less, times a power of 2. */
export function widenTimes(from: Int32Array, factor: number, to: Int32Array): void {
  for (let i = 0; i < from.length; i++) {
    const ticks = from[i]! * factor;
    const high = Math.floor(ticks / 4294967296);
    to[2 * i] = ticks - high * 4294967296;
    to[2 * i + 1] = high;
  }
}

const MOST = 2n ** 63n - 1n;

/** 64-bit ticks × factor. Returns the first present row whose product does not fit, or -1; rows under nulls are 0. */
export function scaleTicks(
  from: BigInt64Array,
  validity: Uint8Array | null,
  factor: number,
  to: BigInt64Array,
): number {
  const words = new Int32Array(from.buffer, from.byteOffset, from.length * 2);
  const out = new Int32Array(to.buffer, to.byteOffset, to.length * 2);
  const exact = Number.MAX_SAFE_INTEGER / factor;
  for (let i = 0; i < from.length; i++) {
    if (validity !== null && !((validity[i >> 3]! >> (i & 7)) & 1)) {
      out[2 * i] = out[2 * i + 1] = 0;
      continue;
    }
    const value = words[2 * i + 1]! * 4294967296 + (words[2 * i]! >>> 0);
    if (value <= exact && value >= -exact) {
      const ticks = value * factor;
      const high = Math.floor(ticks / 4294967296);
      out[2 * i] = ticks - high * 4294967296;
      out[2 * i + 1] = high;
      continue;
    }
    const ticks = from[i]! * BigInt(factor);
    if (ticks > MOST || ticks < -MOST - 1n) return i;
    to[i] = ticks;
  }
  return -1;
}

type CodeArray = ArrayLike<number | bigint>;

/** Dictionary codes of any width → 32-bit ones. What does not fit becomes -1, which is no code. */
export function widenCodes(from: CodeArray, to: Int32Array): void {
  if (from instanceof BigInt64Array || from instanceof BigUint64Array) {
    const words = new Int32Array(from.buffer, from.byteOffset, from.length * 2);
    for (let i = 0; i < to.length; i++) to[i] = words[2 * i + 1] === 0 ? words[2 * i]! : -1;
    return;
  }
  for (let i = 0; i < to.length; i++) to[i] = from[i] as number;
}
