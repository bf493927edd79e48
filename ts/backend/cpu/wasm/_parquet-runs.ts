// Runs as Parquet's RLE / bit-packed hybrid: for levels and dictionary codes.

export function putVarint(out: usize, value: u32): usize {
  let v = value;
  while (v > 127) {
    store<u8>(out++, (v & 127) | 128);
    v >>= 7;
  }
  store<u8>(out, v);
  return out + 1;
}

/** Whether eight values are the same. */
function sameEight<T>(p: usize): bool {
  if (sizeof<T>() === 1) return load<u64>(p) === <u64>load<u8>(p) * 0x0101010101010101;
  const first = v128.load32_splat(p);
  return i32x4.all_true(v128.and(i32x4.eq(v128.load(p), first), i32x4.eq(v128.load(p, 16), first)));
}

/** Packs n values of `width` bits, filled up with zeroes to groups of eight. */
function packBits<T>(src: usize, n: u32, width: u32, out: usize): usize {
  const groups = (n + 7) >> 3;
  const end = out + <usize>groups * <usize>width;
  let acc: u64 = 0;
  let bits: u32 = 0;
  let d = out;
  for (let i: u32 = 0; i < n; i++) {
    acc |= (<u64>load<T>(src + ((<usize>i) << alignof<T>()))) << (<u64>bits);
    bits += width;
    if (bits >= 32) {
      store<u32>(d, <u32>acc);
      d += 4;
      acc >>= 32;
      bits -= 32;
    }
  }
  // the rest, and zeroes to the end of the group
  while (d < end) {
    store<u8>(d++, <u8>acc);
    acc >>= 8;
  }
  return end;
}

function putLiterals<T>(src: usize, n: u32, width: u32, out: usize): usize {
  if (n === 0) return out;
  return packBits<T>(src, n, width, putVarint(out, (((n + 7) >> 3) << 1) | 1));
}

export function putRun(value: u32, n: u32, width: u32, out: usize): usize {
  const p = putVarint(out, n << 1);
  store<u32>(p, value);
  return p + <usize>((width + 7) >> 3);
}

/** Equal values become a run where that is shorter than packing them; literals come in whole groups of eight. */
export function putRuns<T>(src: usize, n: u32, width: u32, out: usize): usize {
  const step = (<usize>1) << alignof<T>();
  // what a run costs, and the header of the literals behind it
  const least = max<u32>(8, ((((width + 7) >> 3) + 4) * 8) / width);
  let p = out;
  let literals: u32 = 0;
  let i: u32 = 0;
  while (i + 8 <= n) {
    const at = src + <usize>i * step;
    if (!sameEight<T>(at)) {
      i += 8;
      continue;
    }
    const value = load<T>(at);
    let end = i + 8;
    while (end + 8 <= n && load<T>(src + <usize>end * step) === value && sameEight<T>(src + <usize>end * step))
      end += 8;
    while (end < n && load<T>(src + <usize>end * step) === value) end++;
    const run = end - i;
    if (run < least) {
      i += run & ~7;
      continue;
    }
    p = putLiterals<T>(src + <usize>literals * step, i - literals, width, p);
    p = putRun(<u32>value, run, width, p);
    i = end;
    literals = end;
  }
  return putLiterals<T>(src + <usize>literals * step, n - literals, width, p);
}
