// Windows: rows arranged by partition, and what is computed along them. `starts` holds count + 1 u32 row numbers:
// partition p is rows [starts[p], starts[p + 1]). A result row that is not there is NO_ROW in index outputs.

import { isValid } from './_keys';
import { numberCode } from './_order';

const NO_ROW: u32 = 0xffffffff;

function at32(base: usize, i: u32): usize {
  return base + ((<usize>i) << 2);
}
function at64(base: usize, i: u32): usize {
  return base + ((<usize>i) << 3);
}
function has(validity: usize, i: u32): bool {
  return validity === 0 || isValid(validity, <i32>i);
}
// Arranging.

/** Counts the rows of each group into `starts` (groups + 1, zeroed). Returns 1 if the groups are already in order. */
export function countGroups(gids: usize, n: i32, groups: i32, starts: usize): i32 {
  let previous: u32 = 0;
  let ordered = 1;
  for (let i = 0; i < n; i++) {
    const g = load<u32>(at32(gids, i));
    if (g < previous) ordered = 0;
    previous = g;
    const p = at32(starts, g + 1);
    store<u32>(p, load<u32>(p) + 1);
  }
  for (let g = 0; g < groups; g++) {
    const p = at32(starts, g + 1);
    store<u32>(p, load<u32>(p) + load<u32>(p - 4));
  }
  return ordered;
}
/** Row numbers by group, in order within one. `next` is a copy of the starts, and is used up. */
export function arrangeRows(gids: usize, n: i32, next: usize, rows: usize): void {
  for (let i = 0; i < n; i++) {
    const p = at32(next, load<u32>(at32(gids, i)));
    const to = load<u32>(p);
    store<u32>(p, to + 1);
    store<u32>(at32(rows, to), i);
  }
}
/** Whether row i stands at i throughout. */
export function inOrder(rows: usize, n: i32): i32 {
  for (let i = 0; i < n; i++) if (load<u32>(at32(rows, i)) !== <u32>i) return 0;
  return 1;
}
/** positions[rows[i]] = i. */
export function invertRows(rows: usize, n: i32, positions: usize): void {
  for (let i = 0; i < n; i++) store<u32>(at32(positions, load<u32>(at32(rows, i))), i);
}
/** The partition of each row. */
export function partitionOf(starts: usize, count: i32, out: usize): void {
  for (let p = 0; p < count; p++) {
    const end = load<u32>(at32(starts, p + 1));
    for (let i = load<u32>(at32(starts, p)); i < end; i++) store<u32>(at32(out, i), p);
  }
}

// Rows that stand for other rows.

export function shiftRows(starts: usize, count: i32, by: i32, missing: i32, out: usize): void {
  for (let p = 0; p < count; p++) {
    const from = <i64>load<u32>(at32(starts, p));
    const end = <i64>load<u32>(at32(starts, p + 1));
    for (let i = from; i < end; i++) {
      const source = i - <i64>by;
      store<u32>(at32(out, <u32>i), source >= from && source < end ? <u32>source : <u32>missing);
    }
  }
}
/** As shiftRows, with row i of a second column, `behind` rows further on, where there is none. */
export function shiftRowsOrElse(starts: usize, count: i32, by: i32, behind: i32, out: usize): void {
  for (let p = 0; p < count; p++) {
    const from = <i64>load<u32>(at32(starts, p));
    const end = <i64>load<u32>(at32(starts, p + 1));
    for (let i = from; i < end; i++) {
      const source = i - <i64>by;
      store<u32>(at32(out, <u32>i), source >= from && source < end ? <u32>source : <u32>i + <u32>behind);
    }
  }
}
/** The nearest row with a value at or before each row (behind: at or after), at most `limit` away; 0 = any. */
export function fillRows(validity: usize, starts: usize, count: i32, limit: u32, behind: i32, out: usize): void {
  const reach = limit === 0 ? NO_ROW : limit;
  for (let p = 0; p < count; p++) {
    const from = load<u32>(at32(starts, p));
    const end = load<u32>(at32(starts, p + 1));
    let last = NO_ROW;
    for (let k = from; k < end; k++) {
      const i = behind !== 0 ? end - 1 - (k - from) : k;
      if (has(validity, i)) last = i;
      const away = behind !== 0 ? last - i : i - last;
      store<u32>(at32(out, i), last !== NO_ROW && away <= reach ? last : NO_ROW);
    }
  }
}

function cumulative<T>(
  data: usize,
  step: u32,
  validity: usize,
  starts: usize,
  count: i32,
  flip: u64,
  out: usize,
): void {
  for (let p = 0; p < count; p++) {
    const end = load<u32>(at32(starts, p + 1));
    let best: u32 = NO_ROW;
    let code: u64 = 0;
    for (let i = load<u32>(at32(starts, p)); i < end; i++) {
      if (!has(validity, i)) {
        store<u32>(at32(out, i), NO_ROW);
        continue;
      }
      const c = numberCode<T>(data, <usize>i, step) ^ flip;
      if (best === NO_ROW || c < code) {
        best = i;
        code = c;
      }
      store<u32>(at32(out, i), best);
    }
  }
}
/** The row of the least value so far (greatest with `most`), the first of equal ones. Kinds as in sort.ts. */
export function cumulativeRows(
  kind: i32,
  data: usize,
  validity: usize,
  starts: usize,
  count: i32,
  most: i32,
  out: usize,
): void {
  const flip: u64 = most !== 0 ? 0xffffffffffffffff : 0;
  switch (kind) {
    case 0:
      cumulative<bool>(data, 0, validity, starts, count, flip, out);
      break;
    case 1:
      cumulative<i8>(data, 1, validity, starts, count, flip, out);
      break;
    case 2:
      cumulative<u8>(data, 1, validity, starts, count, flip, out);
      break;
    case 3:
      cumulative<i16>(data, 2, validity, starts, count, flip, out);
      break;
    case 4:
      cumulative<u16>(data, 2, validity, starts, count, flip, out);
      break;
    case 5:
      cumulative<i32>(data, 4, validity, starts, count, flip, out);
      break;
    case 6:
      cumulative<u32>(data, 4, validity, starts, count, flip, out);
      break;
    case 7:
      cumulative<i64>(data, 8, validity, starts, count, flip, out);
      break;
    case 8:
      cumulative<u64>(data, 8, validity, starts, count, flip, out);
      break;
    case 9:
      cumulative<f32>(data, 4, validity, starts, count, flip, out);
      break;
    default:
      cumulative<f64>(data, 8, validity, starts, count, flip, out);
  }
}

/**
 * `queue` is a ring of the rows that may still become the least, from best to latest: { u64 code, u32 row, u32 } each,
 * `room` of them, a power of two above the longest window.
 */
function rolling<T>(
  data: usize,
  step: u32,
  validity: usize,
  starts: usize,
  count: i32,
  flip: u64,
  back: i64,
  ahead: i64,
  least: i64,
  queue: usize,
  room: u32,
  out: usize,
): void {
  const mask = room - 1;
  for (let p = 0; p < count; p++) {
    const from = <i64>load<u32>(at32(starts, p));
    const end = <i64>load<u32>(at32(starts, p + 1));
    let head: u32 = 0;
    let tail: u32 = 0;
    let next = from;
    let seen: i64 = 0;
    for (let i = from; i < end; i++) {
      const last = min<i64>(i + ahead, end - 1);
      for (; next <= last; next++) {
        if (!has(validity, <u32>next)) continue;
        seen++;
        const c = numberCode<T>(data, <usize>next, step) ^ flip;
        while (tail !== head && load<u64>(queue + ((<usize>((tail - 1) & mask)) << 4)) > c) tail--;
        const q = queue + ((<usize>(tail & mask)) << 4);
        store<u64>(q, c);
        store<u32>(q, <u32>next, 8);
        tail++;
      }
      const first = i - back;
      if (first - 1 >= from && has(validity, <u32>(first - 1))) seen--;
      while (head !== tail && <i64>load<u32>(queue + ((<usize>(head & mask)) << 4), 8) < first) head++;
      const there = head !== tail && seen >= least;
      store<u32>(at32(out, <u32>i), there ? load<u32>(queue + ((<usize>(head & mask)) << 4), 8) : NO_ROW);
    }
  }
}
/** The row of the least value (greatest with `most`) within each row's window. */
export function rollingRows(
  kind: i32,
  data: usize,
  validity: usize,
  starts: usize,
  count: i32,
  most: i32,
  back: i32,
  ahead: i32,
  least: i32,
  queue: usize,
  room: u32,
  out: usize,
): void {
  const flip: u64 = most !== 0 ? 0xffffffffffffffff : 0;
  switch (kind) {
    case 1:
      rolling<i8>(data, 1, validity, starts, count, flip, back, ahead, least, queue, room, out);
      break;
    case 2:
      rolling<u8>(data, 1, validity, starts, count, flip, back, ahead, least, queue, room, out);
      break;
    case 3:
      rolling<i16>(data, 2, validity, starts, count, flip, back, ahead, least, queue, room, out);
      break;
    case 4:
      rolling<u16>(data, 2, validity, starts, count, flip, back, ahead, least, queue, room, out);
      break;
    case 5:
      rolling<i32>(data, 4, validity, starts, count, flip, back, ahead, least, queue, room, out);
      break;
    case 6:
      rolling<u32>(data, 4, validity, starts, count, flip, back, ahead, least, queue, room, out);
      break;
    case 7:
      rolling<i64>(data, 8, validity, starts, count, flip, back, ahead, least, queue, room, out);
      break;
    case 8:
      rolling<u64>(data, 8, validity, starts, count, flip, back, ahead, least, queue, room, out);
      break;
    case 9:
      rolling<f32>(data, 4, validity, starts, count, flip, back, ahead, least, queue, room, out);
      break;
    default:
      rolling<f64>(data, 8, validity, starts, count, flip, back, ahead, least, queue, room, out);
  }
}

/** Numbers of distinct values in their order, from the rows sorted by value and the runs of equal ones. */
export function denseCodes(rows: usize, n: i32, ties: usize, tieCount: i32, out: usize): void {
  let t = 0;
  let code: u32 = 0;
  let i: u32 = 0;
  while (i < <u32>n) {
    let to = i + 1;
    if (t < tieCount && load<u32>(at64(ties, t)) === i) to = load<u32>(at64(ties, t++), 4);
    for (; i < to; i++) store<u32>(at32(out, load<u32>(at32(rows, i))), code);
    code++;
  }
}

// Counting.

export function countRows(validity: usize, starts: usize, count: i32, out: usize): void {
  for (let p = 0; p < count; p++) {
    const end = load<u32>(at32(starts, p + 1));
    let seen: u32 = 0;
    for (let i = load<u32>(at32(starts, p)); i < end; i++) {
      if (has(validity, i)) seen++;
      store<u32>(at32(out, i), seen);
    }
  }
}
export function numberRows(starts: usize, count: i32, offset: u32, out: usize): void {
  for (let p = 0; p < count; p++) {
    const from = load<u32>(at32(starts, p));
    const end = load<u32>(at32(starts, p + 1));
    for (let i = from; i < end; i++) store<u32>(at32(out, i), i - from + offset);
  }
}
/**
 * Ranks of rows sorted by partition and value. Methods: 0 min, 1 max, 2 dense, 3 ordinal (u32), 4 average (f64). Nulls
 * stand last in their partition and get 0.
 */
export function rankRows(
  rows: usize,
  ties: usize,
  tieCount: i32,
  starts: usize,
  count: i32,
  validity: usize,
  method: i32,
  out: usize,
): void {
  let t = 0;
  for (let p = 0; p < count; p++) {
    const from = load<u32>(at32(starts, p));
    const end = load<u32>(at32(starts, p + 1));
    let dense: u32 = 0;
    let i = from;
    while (i < end) {
      let to = i + 1;
      if (t < tieCount && load<u32>(at64(ties, t)) === i) to = load<u32>(at64(ties, t++), 4);
      dense++;
      const low = i - from + 1;
      const high = to - from;
      for (; i < to; i++) {
        const row = load<u32>(at32(rows, i));
        const there = has(validity, row);
        if (method === 4) store<f64>(at64(out, row), there ? (<f64>low + <f64>high) / 2 : 0);
        else {
          const rank = method === 0 ? low : method === 1 ? high : method === 2 ? dense : i - from + 1;
          store<u32>(at32(out, row), there ? rank : 0);
        }
      }
    }
  }
}

/** Philox 4×32-10: position `offset` + i of stream `seed`, as in util/philox.ts. */
export function randomRows(starts: usize, count: i32, seed: u32, offset: u32, out: usize): void {
  for (let p = 0; p < count; p++) {
    const from = load<u32>(at32(starts, p));
    const end = load<u32>(at32(starts, p + 1));
    for (let i = from; i < end; i++) {
      let c0 = i - from + offset;
      let c1: u32 = 0;
      let c2: u32 = 0;
      let c3: u32 = 0;
      let k0 = seed;
      let k1: u32 = 0;
      for (let round = 0; round < 10; round++) {
        const a = <u64>c0 * 0xd2511f53;
        const b = <u64>c2 * 0xcd9e8d57;
        c0 = <u32>(b >> 32) ^ c1 ^ k0;
        c1 = <u32>b;
        c2 = <u32>(a >> 32) ^ c3 ^ k1;
        c3 = <u32>a;
        k0 += 0x9e3779b9;
        k1 += 0xbb67ae85;
      }
      store<f64>(at64(out, i), (<f64>c0 * 2097152 + <f64>(c1 >> 11)) / 9007199254740992);
    }
  }
}
