// Keys: null bits, hashes, canonical floats, and strings behind views.

export function isValid(validity: usize, i: i32): bool {
  return ((<u32>load<u8>(validity + (i >> 3)) >> (i & 7)) & 1) !== 0;
}

export function hash32(k: u32): u32 {
  k = (k ^ (k >> 16)) * 0x85ebca6b;
  return (k ^ (k >> 13)) * 0x9e3779b1;
}
/** The upper bits choose the slot, the lower 32 are the tag. */
export function hash64(k: u64): u64 {
  k *= 0x9e3779b97f4a7c15;
  return (k ^ (k >> 32)) * 0xd6e8feb86659fd93;
}
export function hash128(a: u64, b: u64): u64 {
  const k = a * 0x9e3779b97f4a7c15 + b * 0xc2b2ae3d27d4eb4f;
  return (k ^ (k >> 32)) * 0xd6e8feb86659fd93;
}

/** A 4-byte key as its bits; −0 as 0 and every NaN as one. */
export function key32<T extends number>(src: usize, i: i32): u32 {
  const p = src + ((<usize>i) << 2);
  if (isFloat<T>()) {
    const x = load<f32>(p);
    if (ne<f32>(x, x)) return 0x7fc00000;
    return x === 0 ? 0 : reinterpret<u32>(x);
  }
  return load<u32>(p);
}
export function key64<T extends number>(src: usize, i: i32): u64 {
  const p = src + ((<usize>i) << 3);
  if (isFloat<T>()) {
    const x = load<f64>(p);
    if (ne<f64>(x, x)) return 0x7ff8000000000000;
    return x === 0 ? 0 : reinterpret<u64>(x);
  }
  return load<u64>(p);
}

/** The hash of a string from its view: all bytes of a long one. */
export function hashView(p: usize): u64 {
  const len = load<u32>(p);
  if (len <= 12) return hash128(load<u64>(p), load<u64>(p, 8));
  const bytes = <usize>load<u32>(p, 12);
  const last = <usize>len - 8;
  let h: u64 = <u64>len * 0x9e3779b97f4a7c15;
  for (let j: usize = 0; j < last; j += 8) {
    h = (h ^ load<u64>(bytes + j)) * 0xd6e8feb86659fd93;
    h ^= h >> 32;
  }
  return hash64(h ^ load<u64>(bytes + last));
}
/** Whether two views with equal first eight bytes (length and four bytes) are equal. */
export function equalViews(p: usize, q: usize): bool {
  const len = load<u32>(p);
  if (len <= 12) return load<u64>(p, 8) === load<u64>(q, 8);
  if (load<u32>(p, 8) !== load<u32>(q, 8)) return false;
  const a = <usize>load<u32>(p, 12);
  const b = <usize>load<u32>(q, 12);
  if (a === b) return true;
  const last = <usize>len - 8;
  for (let j: usize = 8; j < last; j += 8) {
    if (load<u64>(a + j) !== load<u64>(b + j)) return false;
  }
  return load<u64>(a + last) === load<u64>(b + last);
}
