// Dates and times. Ticks are i64; `wide` 0 means i32 days (Date32). Sizes that need more than 32 bits arrive as f64,
// exactly. A zone table is `count` entries of { i64 from this UTC second on, i64 offset in seconds }, the first one
// from minus infinity.
import { daysFromCivil } from './_temporal';

/** Rounds towards minus infinity; d > 0. */
function floorDiv(a: i64, d: i64): i64 {
  const q = a / d;
  return q * d > a ? q - 1 : q;
}
function valueAt(src: usize, wide: i32, i: usize): i64 {
  return wide !== 0 ? load<i64>(src + (i << 3)) : <i64>load<i32>(src + (i << 2));
}
function storeAt(dst: usize, wide: i32, i: usize, v: i64): void {
  if (wide !== 0) store<i64>(dst + (i << 3), v);
  else store<i32>(dst + (i << 2), <i32>v);
}
/** Days of a value. */
function daysAt(src: usize, wide: i32, i: usize, ticksPerDay: i64): i64 {
  const v = valueAt(src, wide, i);
  return wide !== 0 ? floorDiv(v, ticksPerDay) : v;
}

// Year, month and day of a day number, packed: year << 16 | month << 8 | day.
function civil(days: i64): i64 {
  const z = days + 719468;
  const era = floorDiv(z, 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const mp = (5 * dayOfYear + 2) / 153;
  const day = dayOfYear - (153 * mp + 2) / 5 + 1;
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return (year << 16) | (month << 8) | day;
}
function lastDay(year: i32, month: i32): i32 {
  if (month === 2) return (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return 30 + ((month + (month >> 3)) & 1);
}
/** ISO week number: weeks start on Monday, week 1 holds the year's first Thursday. */
function isoWeek(days: i64): i32 {
  const thursday = floorDiv(days + 3, 7) * 7;
  const year = <i32>(civil(thursday) >> 16);
  return <i32>((thursday - <i64>daysFromCivil(year, 1, 1)) / 7) + 1;
}

/** Parts of dates. part: 0 year (i32), 1 quarter, 2 month, 3 week, 4 day, 5 weekday (i8 each), 6 ordinal day (i16). */
export function calendarPart(src: usize, wide: i32, n: i32, ticksPerDay: f64, part: i32, dst: usize): void {
  const perDay = <i64>ticksPerDay;
  let seen: i64 = i64.MIN_VALUE;
  let value = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const days = daysAt(src, wide, i, perDay);
    // Neighbours usually share their day.
    if (days !== seen) {
      seen = days;
      if (part === 5) value = <i32>(days + 3 - floorDiv(days + 3, 7) * 7) + 1;
      else if (part === 3) value = isoWeek(days);
      else {
        const c = civil(days);
        const year = <i32>(c >> 16);
        const month = <i32>(c >> 8) & 255;
        if (part === 0) value = year;
        else if (part === 1) value = (month + 2) / 3;
        else if (part === 2) value = month;
        else if (part === 4) value = <i32>c & 255;
        else value = <i32>(days - <i64>daysFromCivil(year, 1, 1)) + 1;
      }
    }
    if (part === 0) store<i32>(dst + (i << 2), value);
    else if (part === 6) store<i16>(dst + (i << 1), <i16>value);
    else store<i8>(dst + i, <i8>value);
  }
}

/** (ticks mod period) / unit: hour, minute, second as i8, fractions of a second as i32 (`width` bytes). */
export function clockPart(src: usize, n: i32, period: f64, unit: f64, times: f64, width: i32, dst: usize): void {
  const p = <i64>period;
  const u = <i64>unit;
  const t = <i64>times;
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = load<i64>(src + (i << 3));
    const part = ((v - floorDiv(v, p) * p) / u) * t;
    if (width === 1) store<i8>(dst + i, <i8>part);
    else store<i32>(dst + (i << 2), <i32>part);
  }
}

/** Ticks → days (i32). */
export function daysOf(src: usize, n: i32, ticksPerDay: f64, dst: usize): void {
  const p = <i64>ticksPerDay;
  for (let i: usize = 0; i < <usize>n; i++) store<i32>(dst + (i << 2), <i32>floorDiv(load<i64>(src + (i << 3)), p));
}
/** Ticks → nanoseconds since midnight. */
export function timesOf(src: usize, n: i32, ticksPerDay: f64, nanosPerTick: f64, dst: usize): void {
  const p = <i64>ticksPerDay;
  const k = <i64>nanosPerTick;
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = load<i64>(src + (i << 3));
    store<i64>(dst + (i << 3), (v - floorDiv(v, p) * p) * k);
  }
}

/** dst = src * mul / div, floored (or towards zero). First row that does not fit 64 bits from row `from` on, or -1. */
export function rescale(
  src: usize,
  wide: i32,
  from: i32,
  n: i32,
  mul: f64,
  div: f64,
  towardsZero: i32,
  dst: usize,
): i32 {
  const m = <i64>mul;
  const d = <i64>div;
  const most = i64.MAX_VALUE / m;
  for (let i = from; i < n; i++) {
    const v = valueAt(src, wide, <usize>i);
    if (v > most || v < -most) return i;
    const x = v * m;
    store<i64>(dst + ((<usize>i) << 3), towardsZero !== 0 ? x / d : floorDiv(x, d));
  }
  return -1;
}

/** Smallest and largest of n i64, at `out`. */
export function minMaxI64(src: usize, n: i32, out: usize): void {
  let lo = i64.MAX_VALUE;
  let hi = i64.MIN_VALUE;
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = load<i64>(src + (i << 3));
    lo = min(lo, v);
    hi = max(hi, v);
  }
  store<i64>(out, lo);
  store<i64>(out, hi, 8);
}

/** Last entry whose start is not after `seconds`. */
function zoneEntry(table: usize, count: i32, seconds: i64): i32 {
  let lo = 0;
  let hi = count - 1;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if (load<i64>(table + ((<usize>mid) << 4)) <= seconds) lo = mid;
    else hi = mid - 1;
  }
  return lo;
}
function startOf(table: usize, k: i32): i64 {
  return load<i64>(table + ((<usize>k) << 4));
}
function offsetOf(table: usize, k: i32): i64 {
  return load<i64>(table + ((<usize>k) << 4), 8);
}

/** UTC ticks → local ticks. */
export function toLocal(src: usize, n: i32, ticksPerSecond: f64, table: usize, count: i32, dst: usize): void {
  const per = <i64>ticksPerSecond;
  let k = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = load<i64>(src + (i << 3));
    const s = floorDiv(v, per);
    if (s < startOf(table, k) || (k + 1 < count && s >= startOf(table, k + 1))) k = zoneEntry(table, count, s);
    store<i64>(dst + (i << 3), v + offsetOf(table, k) * per);
  }
}

/**
 * Local ticks → UTC ticks. A local time that happens twice: `ambiguous` 0 fail, 1 earliest, 2 latest, 3 null, 4 the one
 * with the offset that `origin` (UTC ticks) has, else the earliest. One that never happens: `gap` 0 fail, 3 null. Null
 * clears the bit in `valid`. Returns the first failing row from `from` on, or -1.
 */
export function fromLocal(
  src: usize,
  from: i32,
  n: i32,
  ticksPerSecond: f64,
  table: usize,
  count: i32,
  ambiguous: i32,
  gap: i32,
  origin: usize,
  dst: usize,
  valid: usize,
): i32 {
  const per = <i64>ticksPerSecond;
  for (let i = from; i < n; i++) {
    const at = (<usize>i) << 3;
    const v = load<i64>(src + at);
    const local = floorDiv(v, per);
    // Offsets are less than a day and a half, so the true entry lies between these two.
    const first = zoneEntry(table, count, local - 129600);
    const last = zoneEntry(table, count, local + 129600);
    let found = 0;
    let earliest: i64 = 0;
    let latest: i64 = 0;
    let preferred: i64 = 0;
    let hasPreferred = false;
    let wanted: i64 = i64.MIN_VALUE;
    if (ambiguous === 4) wanted = offsetOf(table, zoneEntry(table, count, floorDiv(load<i64>(origin + at), per)));
    for (let k = first; k <= last; k++) {
      const utc = local - offsetOf(table, k);
      if (utc < startOf(table, k) || (k + 1 < count && utc >= startOf(table, k + 1))) continue;
      if (found === 0) earliest = offsetOf(table, k);
      latest = offsetOf(table, k);
      if (latest === wanted) {
        preferred = latest;
        hasPreferred = true;
      }
      found++;
    }
    if (found === 0 || (found > 1 && (ambiguous === 0 || ambiguous === 3))) {
      if ((found === 0 ? gap : ambiguous) !== 3) return i;
      store<i64>(dst + at, 0);
      const p = valid + (<usize>i >> 3);
      store<u8>(p, <u32>load<u8>(p) & ~((<u32>1) << (i & 7)));
      continue;
    }
    const offset = hasPreferred ? preferred : ambiguous === 2 ? latest : earliest;
    store<i64>(dst + at, v - offset * per);
  }
  return -1;
}

/** Adds months to a day number, the day of the month clipped. */
function addMonths(days: i64, months: i64): i64 {
  const c = civil(days);
  const total = (c >> 16) * 12 + ((c >> 8) & 255) - 1 + months;
  const year = <i32>floorDiv(total, 12);
  const month = <i32>(total - <i64>year * 12) + 1;
  const day = min(<i32>c & 255, lastDay(year, month));
  return <i64>daysFromCivil(year, month, day);
}
/** First day of the bucket of `every` months, counted from January 1970. */
function monthBucket(days: i64, every: i64): i64 {
  const c = civil(days);
  const total = ((c >> 16) - 1970) * 12 + ((c >> 8) & 255) - 1;
  const start = floorDiv(total, every) * every;
  const year = <i32>floorDiv(start, 12) + 1970;
  return <i64>daysFromCivil(year, <i32>(start - (<i64>year - 1970) * 12) + 1, 1);
}

/**
 * Starts of buckets. kind: 0 months, 1 days, 2 weeks (`every` in days), 3 ticks. `round`: the nearer of both ends of the
 * bucket, the later one half-way.
 */
export function truncate(
  src: usize,
  wide: i32,
  n: i32,
  ticksPerDay: f64,
  kind: i32,
  every: f64,
  round: i32,
  dst: usize,
): void {
  const perDay = wide !== 0 ? <i64>ticksPerDay : 1;
  const step = <i64>every;
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = valueAt(src, wide, i);
    let lower: i64 = 0;
    let upper: i64 = 0;
    if (kind === 3) {
      lower = floorDiv(v, step) * step;
      upper = lower + step;
    } else {
      const days = floorDiv(v, perDay);
      if (kind === 0) {
        lower = monthBucket(days, step);
        upper = round !== 0 ? addMonths(lower, step) : 0;
      } else {
        const base: i64 = kind === 2 ? 4 : 0;
        lower = floorDiv(days - base, step) * step + base;
        upper = lower + step;
      }
      lower *= perDay;
      upper *= perDay;
    }
    storeAt(dst, wide, i, round !== 0 && v - lower >= upper - v ? upper : lower);
  }
}

/** Adds calendar months and days, then ticks. */
export function offsetBy(
  src: usize,
  wide: i32,
  n: i32,
  ticksPerDay: f64,
  months: f64,
  days: f64,
  ticks: f64,
  dst: usize,
): void {
  const perDay = wide !== 0 ? <i64>ticksPerDay : 1;
  const byMonths = <i64>months;
  const byDays = <i64>days;
  const byTicks = <i64>ticks;
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = valueAt(src, wide, i);
    const day = floorDiv(v, perDay);
    const clock = v - day * perDay;
    const moved = (byMonths === 0 ? day : addMonths(day, byMonths)) + byDays;
    storeAt(dst, wide, i, moved * perDay + clock + byTicks);
  }
}
