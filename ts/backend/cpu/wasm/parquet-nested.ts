// Nested Parquet columns: lists and structs from repetition and definition levels, one byte each. `rep` 0 means that
// there are none. What cannot be right is answered with -1.

/** Levels ≥ `least` among n. */
export function countLevels(levels: usize, n: i32, least: i32): i32 {
  let count = 0;
  let i = 0;
  const bar = i8x16.splat(<i8>least);
  for (; i + 16 <= n; i += 16) count += <i32>popcnt(i8x16.bitmask(i8x16.ge_u(v128.load(levels + i), bar)));
  for (; i < n; i++) count += <i32>load<u8>(levels + i) >= least ? 1 : 0;
  return count;
}

/** Where record `want` + 1 starts among n entries: the entries of the first `want` records; -1 when they go on. */
export function recordsEnd(rep: usize, n: i32, want: i32, found: usize): i32 {
  let records = 0;
  for (let i = 0; i < n; i++) {
    if (load<u8>(rep + i) === 0) {
      if (records === want) {
        store<i32>(found, records);
        return i;
      }
      records++;
    }
  }
  store<i32>(found, records);
  return -1;
}

/**
 * Validity of a node's slots as bits. Returns how many slots there are; how many hold a value goes to `valid`.
 */
export function slotBits(
  rep: usize,
  def: usize,
  n: i32,
  nodeRep: i32,
  slotDef: i32,
  nodeDef: i32,
  bits: usize,
  valid: usize,
): i32 {
  let slots = 0;
  let ones = 0;
  let acc: u32 = 0;
  let start = 0;
  if (rep === 0 && slotDef === 0) {
    // every entry is a slot
    const bar = i8x16.splat(<i8>nodeDef);
    for (; start + 16 <= n; start += 16) {
      const mask = i8x16.bitmask(i8x16.ge_u(v128.load(def + start), bar));
      store<u16>(bits + (start >> 3), mask);
      ones += <i32>popcnt(mask);
    }
    slots = start;
  }
  for (let i = start; i < n; i++) {
    const d = <i32>load<u8>(def + i);
    if (d < slotDef) continue;
    if (rep !== 0 && <i32>load<u8>(rep + i) > nodeRep) continue;
    const one: u32 = d >= nodeDef ? 1 : 0;
    ones += <i32>one;
    acc |= one << (slots & 7);
    slots++;
    if ((slots & 7) === 0) {
      store<u8>(bits + (slots >> 3) - 1, acc);
      acc = 0;
    }
  }
  if (slots & 7) store<u8>(bits + (slots >> 3), acc);
  store<i32>(valid, ones);
  return slots;
}

/** Offsets of a list node's slots (one more than slots) into its items. Returns how many slots there are, or -1. */
export function listOffsets(
  rep: usize,
  def: usize,
  n: i32,
  nodeRep: i32,
  slotDef: i32,
  itemDef: i32,
  offsets: usize,
): i32 {
  let slots = 0;
  let items = 0;
  for (let i = 0; i < n; i++) {
    const d = <i32>load<u8>(def + i);
    if (d < slotDef) continue;
    const r = <i32>load<u8>(rep + i);
    if (r > nodeRep + 1) continue;
    if (r <= nodeRep) {
      store<i32>(offsets + ((<usize>slots) << 2), items);
      slots++;
    } else if (slots === 0) return -1;
    if (d >= itemDef) items++;
    else if (r > nodeRep) return -1;
  }
  store<i32>(offsets + ((<usize>slots) << 2), items);
  return slots;
}

/** Item rows of lists that all have `size` items; 0xFFFFFFFF under null lists. Returns the rows, or -1. */
export function fixedItems(offsets: usize, validity: usize, n: i32, size: i32, rows: usize): i32 {
  let out = rows;
  for (let i = 0; i < n; i++) {
    const from = load<u32>(offsets + ((<usize>i) << 2));
    const items = load<i32>(offsets + ((<usize>i) << 2), 4) - <i32>from;
    const one = validity === 0 || (<u32>load<u8>(validity + (i >> 3)) >> (i & 7)) & 1;
    if (one && items !== size) return -1;
    for (let k = 0; k < size; k++, out += 4) store<u32>(out, one ? from + <u32>k : 0xffffffff);
  }
  return n * size;
}
