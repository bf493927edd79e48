// Dictionaries of values of 4, 8 or 16 bytes.

function slotOf<T>(p: usize, bits: i32): u32 {
  if (sizeof<T>() === 4) return (load<u32>(p) * 0x9e3779b1) >> (32 - bits);
  if (sizeof<T>() === 8) return <u32>((load<u64>(p) * 0x9e3779b97f4a7c15) >> <u64>(64 - bits));
  const low = load<u64>(p) * 0x9e3779b97f4a7c15;
  return <u32>(((low ^ (low >> 29) ^ load<u64>(p, 8)) * 0xff51afd7ed558ccd) >> <u64>(64 - bits));
}

function sameValue<T>(a: usize, b: usize): bool {
  if (sizeof<T>() === 16) return load<u64>(a) === load<u64>(b) && load<u64>(a, 8) === load<u64>(b, 8);
  return load<T>(a) === load<T>(b);
}

/**
 * Codes of n values in a growing dictionary, by their bytes. `table` has 2^bits u32 slots (code + 1, 0 = free), `values`
 * room for `room` values and `count` of them; the new count goes to `countAt`. Stops where a new value has no room:
 * returns how many have a code.
 */
export function encode<T>(
  src: usize,
  n: i32,
  table: usize,
  bits: i32,
  values: usize,
  count: u32,
  room: u32,
  codes: usize,
  countAt: usize,
): i32 {
  const width = (<usize>1) << alignof<T>();
  const mask = ((<u32>1) << bits) - 1;
  let used = count;
  let code: u32 = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const p = src + i * width;
    if (i === 0 || !sameValue<T>(p, p - width)) {
      let slot = slotOf<T>(p, bits);
      for (;;) {
        code = load<u32>(table + ((<usize>slot) << 2));
        if (code === 0 || sameValue<T>(values + <usize>(code - 1) * width, p)) break;
        slot = (slot + 1) & mask;
      }
      if (code === 0) {
        if (used >= room) {
          store<u32>(countAt, used);
          return <i32>i;
        }
        memory.copy(values + <usize>used * width, p, width);
        code = ++used;
        store<u32>(table + ((<usize>slot) << 2), code);
      }
    }
    store<u32>(codes + (i << 2), code - 1);
  }
  store<u32>(countAt, used);
  return n;
}

/** Enters `count` values into an empty (zeroed) table of 2^bits slots. */
export function rehash<T>(values: usize, count: u32, table: usize, bits: i32): void {
  const width = (<usize>1) << alignof<T>();
  const mask = ((<u32>1) << bits) - 1;
  for (let i: u32 = 0; i < count; i++) {
    let slot = slotOf<T>(values + <usize>i * width, bits);
    while (load<u32>(table + ((<usize>slot) << 2)) !== 0) slot = (slot + 1) & mask;
    store<u32>(table + ((<usize>slot) << 2), i + 1);
  }
}
