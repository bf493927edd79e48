// Sorting of u64 entries: most significant digits first, small ranges by insertion.

/** Ranges up to this many entries are sorted by insertion. */
const SMALL = 24;

/** Sorts n entries in place. */
function insertion(a: usize, n: i32): void {
  const end = a + ((<usize>n) << 3);
  for (let p = a + 8; p < end; p += 8) {
    const x = load<u64>(p);
    let q = p;
    while (q > a && load<u64>(q - 8) > x) {
      store<u64>(q, load<u64>(q - 8));
      q -= 8;
    }
    store<u64>(q, x);
  }
}
/** Sorts n entries on the way from `a` to `to`. */
function insertInto(a: usize, to: usize, n: i32): void {
  const end = to + ((<usize>n) << 3);
  for (let p = to; p < end; p += 8, a += 8) {
    const x = load<u64>(a);
    let q = p;
    while (q > to && load<u64>(q - 8) > x) {
      store<u64>(q, load<u64>(q - 8));
      q -= 8;
    }
    store<u64>(q, x);
  }
}

/** Or of all bits in which entries differ from the first. */
function differingBits(a: usize, end: usize): u64 {
  const first = i64x2.splat(load<i64>(a));
  let d = i64x2.splat(0);
  let p = a;
  for (; p + 16 <= end; p += 16) d = v128.or(d, v128.xor(v128.load(p), first));
  let bits = <u64>(i64x2.extract_lane(d, 0) | i64x2.extract_lane(d, 1));
  if (p < end) bits |= load<u64>(p) ^ load<u64>(a);
  return bits;
}

/** Sorts entries that rise or fall throughout; the result stays in `a`. False if they do neither. */
export function sortRuns(a: usize, other: usize, n: i32): bool {
  const end = a + ((<usize>n) << 3);
  let p = a + 8;
  while (p < end && load<u64>(p) > load<u64>(p - 8)) p += 8;
  if (p >= end) return true;
  if (p !== a + 8) return false;
  // Falling all the way: no two keys are equal, for rows of equal keys rise.
  while (p < end && load<u64>(p) < load<u64>(p - 8)) p += 8;
  if (p < end) return false;
  let q = other;
  for (p = end - 8; p >= a; p -= 8, q += 8) store<u64>(q, load<u64>(p));
  memory.copy(a, other, (<usize>n) << 3);
  return true;
}

/**
 * Sorts n entries by the bits from `rowBits` up, most significant digits first, so that buckets soon fit into cache.
 * The result lies in `other` if `move`, else in `a`. `counts` holds the counters of all levels.
 */
export function sortRange(a: usize, other: usize, n: i32, rowBits: i32, counts: usize, move: bool): void {
  if (n <= SMALL) {
    insertion(a, n);
    if (move) memory.copy(other, a, (<usize>n) << 3);
    return;
  }
  const end = a + ((<usize>n) << 3);
  const differ = differingBits(a, end);
  // Equal keys with rising row numbers are sorted.
  if (differ >> <u64>rowBits === 0) {
    if (move) memory.copy(other, a, (<usize>n) << 3);
    return;
  }
  const top = <i32>(64 - clz<u64>(differ));
  // About eight entries a bucket; over many buckets the writes of a large range would miss the translation cache.
  const most = n > 1 << 18 ? 11 : 13;
  const digit = min<i32>(min<i32>(most, max<i32>(4, 29 - clz<i32>(n))), top - rowBits);
  const shift = <u64>(top - digit);
  const mask = ((<u64>1) << (<u64>digit)) - 1;
  const countsEnd = counts + ((<usize>4) << digit);
  memory.fill(counts, 0, countsEnd - counts);
  for (let p = a; p < end; p += 8) {
    const c = counts + ((<usize>((load<u64>(p) >> shift) & mask)) << 2);
    store<u32>(c, load<u32>(c) + 1);
  }
  let sum: u32 = 0;
  for (let c = counts; c < countsEnd; c += 4) {
    const t = load<u32>(c);
    store<u32>(c, sum);
    sum += t;
  }
  for (let p = a; p < end; p += 8) {
    const x = load<u64>(p);
    const c = counts + ((<usize>((x >> shift) & mask)) << 2);
    const to = load<u32>(c);
    store<u32>(c, to + 1);
    store<u64>(other + ((<usize>to) << 3), x);
  }
  if (shift === <u64>rowBits) {
    if (!move) memory.copy(a, other, (<usize>n) << 3);
    return;
  }
  // Every counter now holds the end of its bucket.
  let from: u32 = 0;
  for (let c = counts; c < countsEnd; c += 4) {
    const to = load<u32>(c);
    const size = <i32>(to - from);
    if (size !== 0) {
      const at = (<usize>from) << 3;
      if (size > SMALL) sortRange(other + at, a + at, size, rowBits, countsEnd, !move);
      else if (move) insertion(other + at, size);
      else insertInto(other + at, a + at, size);
    }
    from = to;
  }
}
