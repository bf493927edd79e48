// Layouts at the Arrow boundary that are not the heap's: 128-bit decimals, codes, bitmaps of parents.

/** 128-bit words → i64. Returns the first present row that does not fit, or -1; nulls become 0. */
export function narrowDecimals(src: usize, n: i32, validity: usize, dst: usize): i32 {
  for (let i: usize = 0; i < <usize>n; i++) {
    const low = load<i64>(src + (i << 4));
    if (validity !== 0 && ((<u32>load<u8>(validity + (i >> 3)) >> <u32>(i & 7)) & 1) === 0) {
      store<i64>(dst + (i << 3), 0);
      continue;
    }
    if (load<i64>(src + (i << 4), 8) !== low >> 63) return <i32>i;
    store<i64>(dst + (i << 3), low);
  }
  return -1;
}

/** i64 → 128-bit words, low first. */
export function widenDecimals(src: usize, n: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = load<i64>(src + (i << 3));
    store<i64>(dst + (i << 4), v);
    store<i64>(dst + (i << 4), v >> 63, 8);
  }
}

/** First present row whose code is not below `limit`, or -1; codes under nulls become 0. */
export function checkCodes(codes: usize, n: i32, validity: usize, limit: u32): i32 {
  for (let i: usize = 0; i < <usize>n; i++) {
    if (validity !== 0 && ((<u32>load<u8>(validity + (i >> 3)) >> <u32>(i & 7)) & 1) === 0)
      store<u32>(codes + (i << 2), 0);
    else if (load<u32>(codes + (i << 2)) >= limit) return <i32>i;
  }
  return -1;
}

/** Every bit `times` times over: the validity of fixed-size lists spread over their items. */
export function repeatBits(src: usize, n: i32, times: i32, dst: usize): void {
  let at = 0;
  let acc: u32 = 0;
  for (let i = 0; i < n; i++) {
    const bit = (<u32>load<u8>(src + (i >> 3)) >> (i & 7)) & 1;
    for (let k = 0; k < times; k++) {
      acc |= bit << (at & 7);
      at++;
      if ((at & 7) === 0) {
        store<u8>(dst + (at >> 3) - 1, acc);
        acc = 0;
      }
    }
  }
  if (at & 7) store<u8>(dst + (at >> 3), acc);
}

/** Row numbers 0 … n - 1 with 0xFFFFFFFF under nulls. Returns how many list items nulls hide. */
export function presentRows(validity: usize, n: i32, offsets: usize, sel: usize): i32 {
  let hidden: u32 = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const here = ((<u32>load<u8>(validity + (i >> 3)) >> <u32>(i & 7)) & 1) !== 0;
    if (!here) hidden += load<u32>(offsets + (i << 2), 4) - load<u32>(offsets + (i << 2));
    store<u32>(sel + (i << 2), here ? <u32>i : 0xffffffff);
  }
  return <i32>hidden;
}
