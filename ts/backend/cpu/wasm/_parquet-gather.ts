// Dictionary codes to values, and values to rows of which some are null.

/** `dict[codes[i]]` of n codes. Four or two at a time: a store for each value takes twice as long. */
export function gather<T>(dict: usize, codes: usize, n: i32, out: usize): void {
  let c = codes;
  let o = out;
  const end = codes + ((<usize>n) << 2);
  if (sizeof<T>() === 4) for (const whole = end - 12; c < whole; c += 16, o += 16) v128.store(o, four(dict, c));
  else if (sizeof<T>() === 8)
    for (const whole = end - 12; c < whole; c += 16, o += 32) {
      v128.store(o, two(dict, c));
      v128.store(o, two(dict, c + 8), 16);
    }
  else if (sizeof<T>() === 16)
    for (const whole = end - 12; c < whole; c += 16, o += 64) {
      v128.store(o, v128.load(dict + ((<usize>load<u32>(c)) << 4)));
      v128.store(o, v128.load(dict + ((<usize>load<u32>(c, 4)) << 4)), 16);
      v128.store(o, v128.load(dict + ((<usize>load<u32>(c, 8)) << 4)), 32);
      v128.store(o, v128.load(dict + ((<usize>load<u32>(c, 12)) << 4)), 48);
    }
  for (; c < end; c += 4, o += sizeof<T>()) {
    if (sizeof<T>() === 16) v128.store(o, v128.load(dict + ((<usize>load<u32>(c)) << 4)));
    else store<T>(o, load<T>(dict + <usize>load<u32>(c) * sizeof<T>()));
  }
}

function four(dict: usize, c: usize): v128 {
  let v = v128.load32_zero(dict + ((<usize>load<u32>(c)) << 2));
  v = v128.load_lane<u32>(dict + ((<usize>load<u32>(c, 4)) << 2), v, 1);
  v = v128.load_lane<u32>(dict + ((<usize>load<u32>(c, 8)) << 2), v, 2);
  return v128.load_lane<u32>(dict + ((<usize>load<u32>(c, 12)) << 2), v, 3);
}

function two(dict: usize, c: usize): v128 {
  const v = v128.load64_zero(dict + ((<usize>load<u32>(c)) << 3));
  return v128.load_lane<u64>(dict + ((<usize>load<u32>(c, 4)) << 3), v, 1);
}

/** How many of the bits [at, at + n) are set. */
export function onesOf(bits: usize, at: i32, n: i32): i32 {
  let ones = 0;
  for (let i = 0; i < n; i += 56) {
    const from = <u32>(at + i);
    const mask = ((<u64>1) << (<u64>min(56, n - i))) - 1;
    ones += <i32>popcnt((load<u64>(bits + (from >> 3)) >> <u64>(from & 7)) & mask);
  }
  return ones;
}

/**
 * Rows of which the bits [at, at + n) say whether they have a value: `dict[code]` of the next code, or zero. Behind the
 * last code stands one more that may be looked up.
 */
export function gatherNulls<T>(dict: usize, codes: usize, bits: usize, at: i32, n: i32, out: usize): void {
  let c = codes;
  let o = out;
  let i = 0;
  for (; i + 8 <= n; i += 8, o += 8 * sizeof<T>()) {
    const from = <u32>(at + i);
    const b = (<u32>load<u16>(bits + (from >> 3)) >> (from & 7)) & 255;
    if (b === 255) {
      gather<T>(dict, c, 8, o);
      c += 32;
    } else if (b === 0) {
      for (let k: usize = 0; k < 8 * sizeof<T>(); k += 16) v128.store(o + k, i64x2.splat(0));
    } else {
      // eight steps written out: twice as fast as a loop
      c = look<T>(dict, c, b, o);
      c = look<T>(dict, c, b >> 1, o + sizeof<T>());
      c = look<T>(dict, c, b >> 2, o + 2 * sizeof<T>());
      c = look<T>(dict, c, b >> 3, o + 3 * sizeof<T>());
      c = look<T>(dict, c, b >> 4, o + 4 * sizeof<T>());
      c = look<T>(dict, c, b >> 5, o + 5 * sizeof<T>());
      c = look<T>(dict, c, b >> 6, o + 6 * sizeof<T>());
      c = look<T>(dict, c, b >> 7, o + 7 * sizeof<T>());
    }
  }
  for (; i < n; i++, o += sizeof<T>()) {
    const from = <u32>(at + i);
    c = look<T>(dict, c, <u32>load<u8>(bits + (from >> 3)) >> (from & 7), o);
  }
}

/** The value of the code at c where the lowest bit is set, otherwise zero. Returns where the next code is. */
function look<T>(dict: usize, c: usize, bits: u32, o: usize): usize {
  const one = <usize>(bits & 1);
  put<T>(o, dict + <usize>load<u32>(c) * sizeof<T>(), one);
  return c + (one << 2);
}

/** k packed values become n, zero under nulls, in place from the end. */
export function expand<T>(values: usize, validity: usize, n: i32, k: i32): void {
  let src = values + <usize>k * sizeof<T>();
  let i = n;
  // up to a whole byte
  while (i & 7) {
    i--;
    const one = <usize>((<u32>load<u8>(validity + (i >> 3)) >> (i & 7)) & 1);
    src -= one * sizeof<T>();
    put<T>(values + <usize>i * sizeof<T>(), src, one);
  }
  while (i > 0) {
    i -= 8;
    const b = <u32>load<u8>(validity + (i >> 3));
    const d = values + <usize>i * sizeof<T>();
    if (b === 255) {
      src -= 8 * sizeof<T>();
      // everything below is in place already
      if (src === d) return;
      moveUp<T>(d, src);
    } else if (b === 0) {
      if (sizeof<T>() === 1) store<u64>(d, 0);
      else for (let at: usize = 0; at < 8 * sizeof<T>(); at += 16) v128.store(d + at, i64x2.splat(0));
    } else {
      // eight steps written out: twice as fast as a loop
      src = step<T>(d + 7 * sizeof<T>(), src, b >> 7);
      src = step<T>(d + 6 * sizeof<T>(), src, b >> 6);
      src = step<T>(d + 5 * sizeof<T>(), src, b >> 5);
      src = step<T>(d + 4 * sizeof<T>(), src, b >> 4);
      src = step<T>(d + 3 * sizeof<T>(), src, b >> 3);
      src = step<T>(d + 2 * sizeof<T>(), src, b >> 2);
      src = step<T>(d + sizeof<T>(), src, b >> 1);
      src = step<T>(d, src, b);
    }
  }
}

/** Eight values to a higher place: from the last on, so that none is overwritten before it was read. */
function moveUp<T>(d: usize, src: usize): void {
  if (sizeof<T>() === 1) store<u64>(d, load<u64>(src));
  else for (let at: isize = 8 * sizeof<T>() - 16; at >= 0; at -= 16) v128.store(d + at, v128.load(src + at));
}

function step<T>(d: usize, src: usize, bits: u32): usize {
  const one = <usize>(bits & 1);
  const from = src - one * sizeof<T>();
  put<T>(d, from, one);
  return from;
}

/** The value at src, or zero: without a branch, which random nulls would make costly. */
function put<T>(d: usize, src: usize, one: usize): void {
  if (sizeof<T>() === 16) v128.store(d, v128.and(v128.load(src), i64x2.splat(-(<i64>one))));
  else if (sizeof<T>() === 8) store<u64>(d, load<u64>(src) & -(<i64>one));
  else if (sizeof<T>() === 4) store<u32>(d, load<u32>(src) & -(<i32>one));
  else if (sizeof<T>() === 2) store<u16>(d, <u32>load<u16>(src) & -(<i32>one));
  else store<u8>(d, <u32>load<u8>(src) & -(<i32>one));
}
