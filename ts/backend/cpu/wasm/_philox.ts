// Philox 4×32-10, as ts/util/philox.ts has it: four random words out of a counter of four words and a key.

const M0: u64 = 0xd2511f53;
const M1: u64 = 0xcd9e8d57;
const W0: u32 = 0x9e3779b9;
const W1: u32 = 0xbb67ae85;

/** Writes the four words (u32) of a counter to `out`. */
export function philox(a: u32, b: u32, c: u32, d: u32, key: u32, out: usize): void {
  let c0 = a;
  let c1 = b;
  let c2 = c;
  let c3 = d;
  let k0 = key;
  let k1: u32 = 0;
  for (let round = 0; round < 10; round++) {
    const p0 = M0 * <u64>c0;
    const p1 = M1 * <u64>c2;
    c0 = <u32>(p1 >> 32) ^ c1 ^ k0;
    c1 = <u32>p1;
    c2 = <u32>(p0 >> 32) ^ c3 ^ k1;
    c3 = <u32>p0;
    k0 += W0;
    k1 += W1;
  }
  store<u32>(out, c0);
  store<u32>(out, c1, 4);
  store<u32>(out, c2, 8);
  store<u32>(out, c3, 12);
}

/** A word as a whole number below `n`. */
export function below(word: u32, n: u32): u32 {
  return <u32>((<u64>word * <u64>n) >> 32);
}
