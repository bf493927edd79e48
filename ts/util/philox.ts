// Philox 4×32-10: random numbers that are a pure function of (seed, position), so that samples, splits and shuffles are
// the same on every backend and at any thread count. Position i of stream `seed` is counter (i low, i high, 0, 0) under
// key (seed, 0).

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** The high 32 bits of a 32 × 32 product. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const mid = aHigh * bLow + (low >>> 16);
  const mid2 = aLow * bHigh + (mid & 0xffff);
  // mid may pass 2^32 by a little: divide instead of shifting.
  return (aHigh * bHigh + Math.floor(mid / 65536) + Math.floor(mid2 / 65536)) >>> 0;
}

/** Ten rounds over a 128-bit counter, in place. */
export function philox4x32(counter: Uint32Array, key0: number, key1: number): void {
  let [c0, c1, c2, c3] = counter as unknown as [number, number, number, number];
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(M0, c0);
    const low0 = Math.imul(M0, c0) >>> 0;
    const high1 = mulHigh(M1, c2);
    const low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  counter[0] = c0;
  counter[1] = c1;
  counter[2] = c2;
  counter[3] = c3;
}

/** The number of position `index` in stream `seed`: uniform in [0, 1), 53 random bits. */
export function uniform(seed: number, index: number): number {
  const counter = new Uint32Array([index >>> 0, Math.floor(index / 4294967296), 0, 0]);
  philox4x32(counter, seed, 0);
  return ((counter[0] as number) * 2097152 + ((counter[1] as number) >>> 11)) / 9007199254740992;
}

/** Fills `out` with the numbers of positions `start`, `start + 1`, …: the same values as `uniform`, without garbage. */
export function fillUniform(out: Float64Array, seed: number, start: number): void {
  const counter = new Uint32Array(4);
  for (let i = 0; i < out.length; i++) {
    const index = start + i;
    counter[0] = index >>> 0;
    counter[1] = Math.floor(index / 4294967296);
    counter[2] = 0;
    counter[3] = 0;
    philox4x32(counter, seed, 0);
    out[i] = ((counter[0] as number) * 2097152 + ((counter[1] as number) >>> 11)) / 9007199254740992;
  }
}

/** A seed for a call that names none. */
export const drawSeed = (): number => Math.floor(Math.random() * 4294967296);
