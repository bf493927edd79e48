// Formats of dates and times, C's strftime codes: compiled once, then used to write or to read.
import { ParameterError } from '../../../errors.ts';

/** A moment taken apart, in local time. */
export interface Fields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** 0 to 999,999,999. */
  nanosecond: number;
  /** Seconds ahead of UTC; null when not known. */
  offsetSeconds: number | null;
  /** Zone name for %Z. */
  zone: string | null;
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const DAY_MS = 86_400_000;

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));
const padded = (n: number, width: number): string => String(n).padStart(width, '0');
const yearText = (y: number): string => (y < 0 ? `-${padded(-y, 4)}` : padded(y, 4));
const utcDay = (f: Fields): number => {
  const d = new Date(0);
  d.setUTCFullYear(f.year, f.month - 1, f.day);
  return d.getTime();
};
const weekdayOf = (f: Fields): number => new Date(utcDay(f)).getUTCDay();
const ordinalOf = (f: Fields): number => Math.round((utcDay(f) - utcDay({ ...f, month: 1, day: 1 })) / DAY_MS) + 1;
function isoWeekOf(f: Fields): { year: number; week: number } {
  const thursday = new Date(utcDay(f) + (4 - (weekdayOf(f) || 7)) * DAY_MS);
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((thursday.getTime() - utcDay({ ...f, year, month: 1, day: 1 })) / DAY_MS / 7) + 1 };
}
const hour12 = (h: number): number => h % 12 || 12;
function offsetText(seconds: number | null, colon: boolean): string {
  if (seconds === null) return '';
  const minutes = Math.floor(Math.abs(seconds) / 60);
  return `${seconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${colon ? ':' : ''}${two(minutes % 60)}`;
}

type Reader = (text: string, at: number, into: Draft) => number;
interface Code {
  readonly write: (f: Fields) => string;
  /** Position behind what was read, or −1. Absent: the code only writes. */
  readonly read?: Reader;
}
/** What reading has found. */
interface Draft extends Fields {
  afternoon: boolean | null;
  ordinal: number | null;
}

const digits =
  (min: number, max: number, set: (d: Draft, n: number) => void): Reader =>
  (text, at, into) => {
    let end = at;
    while (end < at + max && end < text.length && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
    if (end - at < min) return -1;
    set(into, Number(text.slice(at, end)));
    return end;
  };
const names =
  (list: readonly string[], set: (d: Draft, index: number) => void): Reader =>
  (text, at, into) => {
    const rest = text.slice(at, at + 12).toLowerCase();
    // The long name first: it starts with the short one.
    for (const length of [Number.POSITIVE_INFINITY, 3])
      for (const [i, name] of list.entries()) {
        const wanted = name.slice(0, length).toLowerCase();
        if (rest.startsWith(wanted)) {
          set(into, i);
          return at + wanted.length;
        }
      }
    return -1;
  };
const yearOf =
  (max: number): Reader =>
  (text, at, into) => {
    const negative = text[at] === '-';
    const start = negative || text[at] === '+' ? at + 1 : at;
    return digits(start === at ? 4 : 1, max, (d, n) => {
      d.year = negative ? -n : n;
    })(text, start, into);
  };
/** A year that digits may follow at once: `%Y%m%d`. */
const YEAR_OF_FOUR = yearOf(4);
const fraction: Reader = (text, at, into) => {
  let end = at;
  while (end < text.length && end - at < 9 && /\d/.test(text[end]!)) end++;
  if (end === at) return -1;
  into.nanosecond = Number(text.slice(at, end).padEnd(9, '0'));
  return end;
};
const dotFraction: Reader = (text, at, into) => (text[at] === '.' ? fraction(text, at + 1, into) : at);
const offset: Reader = (text, at, into) => {
  if (text[at] === 'Z' || text[at] === 'z') {
    into.offsetSeconds = 0;
    return at + 1;
  }
  const m = /^([+-])(\d\d):?(\d\d)?/.exec(text.slice(at, at + 6));
  if (!m) return -1;
  const seconds = Number(m[2]) * 3600 + Number(m[3] ?? 0) * 60;
  into.offsetSeconds = m[1] === '-' ? -seconds : seconds;
  return at + m[0].length;
};

const YEAR: Code = { write: (f) => yearText(f.year), read: yearOf(6) };
const CODES: Readonly<Record<string, Code>> = {
  Y: YEAR,
  y: {
    write: (f) => two(((f.year % 100) + 100) % 100),
    read: digits(2, 2, (d, n) => {
      d.year = n < 69 ? 2000 + n : 1900 + n;
    }),
  },
  m: {
    write: (f) => two(f.month),
    read: digits(1, 2, (d, n) => {
      d.month = n;
    }),
  },
  d: {
    write: (f) => two(f.day),
    read: digits(1, 2, (d, n) => {
      d.day = n;
    }),
  },
  e: {
    write: (f) => String(f.day).padStart(2, ' '),
    read: (text, at, into) =>
      digits(1, 2, (d, n) => {
        d.day = n;
      })(text, text[at] === ' ' ? at + 1 : at, into),
  },
  H: {
    write: (f) => two(f.hour),
    read: digits(1, 2, (d, n) => {
      d.hour = n;
    }),
  },
  k: {
    write: (f) => String(f.hour).padStart(2, ' '),
    read: (text, at, into) =>
      digits(1, 2, (d, n) => {
        d.hour = n;
      })(text, text[at] === ' ' ? at + 1 : at, into),
  },
  I: {
    write: (f) => two(hour12(f.hour)),
    read: digits(1, 2, (d, n) => {
      d.hour = n > 12 || n === 0 ? 99 : n;
      d.afternoon ??= false;
    }),
  },
  M: {
    write: (f) => two(f.minute),
    read: digits(1, 2, (d, n) => {
      d.minute = n;
    }),
  },
  S: {
    write: (f) => two(f.second),
    read: digits(1, 2, (d, n) => {
      d.second = n;
    }),
  },
  p: {
    write: (f) => (f.hour < 12 ? 'AM' : 'PM'),
    read: names(['AM', 'PM'], (d, i) => {
      d.afternoon = i === 1;
    }),
  },
  f: { write: (f) => padded(f.nanosecond, 9), read: fraction },
  '3f': { write: (f) => padded(Math.floor(f.nanosecond / 1e6), 3), read: fraction },
  '6f': { write: (f) => padded(Math.floor(f.nanosecond / 1e3), 6), read: fraction },
  '9f': { write: (f) => padded(f.nanosecond, 9), read: fraction },
  '.f': { write: (f) => shortFraction(f.nanosecond), read: dotFraction },
  '.3f': { write: (f) => `.${padded(Math.floor(f.nanosecond / 1e6), 3)}`, read: dotFraction },
  '.6f': { write: (f) => `.${padded(Math.floor(f.nanosecond / 1e3), 6)}`, read: dotFraction },
  '.9f': { write: (f) => `.${padded(f.nanosecond, 9)}`, read: dotFraction },
  b: {
    write: (f) => MONTHS[f.month - 1]!.slice(0, 3),
    read: names(MONTHS, (d, i) => {
      d.month = i + 1;
    }),
  },
  h: {
    write: (f) => MONTHS[f.month - 1]!.slice(0, 3),
    read: names(MONTHS, (d, i) => {
      d.month = i + 1;
    }),
  },
  B: {
    write: (f) => MONTHS[f.month - 1]!,
    read: names(MONTHS, (d, i) => {
      d.month = i + 1;
    }),
  },
  a: { write: (f) => DAYS[weekdayOf(f)]!.slice(0, 3), read: names(DAYS, () => {}) },
  A: { write: (f) => DAYS[weekdayOf(f)]!, read: names(DAYS, () => {}) },
  u: { write: (f) => String(weekdayOf(f) || 7) },
  w: { write: (f) => String(weekdayOf(f)) },
  j: {
    write: (f) => padded(ordinalOf(f), 3),
    read: digits(3, 3, (d, n) => {
      d.ordinal = n;
    }),
  },
  q: { write: (f) => String(Math.ceil(f.month / 3)) },
  G: { write: (f) => yearText(isoWeekOf(f).year) },
  V: { write: (f) => two(isoWeekOf(f).week) },
  z: { write: (f) => offsetText(f.offsetSeconds, false), read: offset },
  ':z': { write: (f) => offsetText(f.offsetSeconds, true), read: offset },
  Z: { write: (f) => f.zone ?? '' },
  s: {
    write: (f) =>
      String(Math.floor(utcDay(f) / 1000) + f.hour * 3600 + f.minute * 60 + f.second - (f.offsetSeconds ?? 0)),
  },
};
const SHORT: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  r: '%I:%M:%S %p',
  c: '%a %b %e %H:%M:%S %Y',
  n: '\n',
  t: '\t',
  '%': '%%',
};

const shortFraction = (ns: number): string =>
  ns === 0
    ? ''
    : ns % 1e6 === 0
      ? `.${padded(ns / 1e6, 3)}`
      : ns % 1e3 === 0
        ? `.${padded(ns / 1e3, 6)}`
        : `.${padded(ns, 9)}`;

/** A compiled format. */
export interface TimeFormat {
  write(fields: Fields): string;
  /** The fields a text gives, or null when it does not follow the format or names no real moment. */
  read(text: string): Fields | null;
}

const EMPTY: Draft = {
  year: 1970,
  month: 1,
  day: 1,
  hour: 0,
  minute: 0,
  second: 0,
  nanosecond: 0,
  offsetSeconds: null,
  zone: null,
  afternoon: null,
  ordinal: null,
};

/** Compiles a format; unknown codes are a ParameterError that names them. */
export function compileFormat(format: string): TimeFormat {
  const parts: (string | Code)[] = [];
  let text = format;
  for (let guard = 0; guard < 4; guard++) text = text.replace(/%([FTRDxXrcnt])/g, (_, c: string) => SHORT[c] ?? '');
  for (let i = 0; i < text.length; ) {
    if (text[i] !== '%') {
      parts.push(text[i++]!);
      continue;
    }
    const m = /^%(%|\.?[369]?f|:?z|-?[a-zA-Z])/.exec(text.slice(i));
    const name = m?.[1] ?? '';
    if (name === '%') parts.push('%');
    else {
      const plain = name.startsWith('-') ? name.slice(1) : name;
      const code = CODES[plain];
      if (!m || !code)
        throw new ParameterError(
          `The format "${format}" has the unknown code "${m?.[0] ?? text.slice(i, i + 2)}". Known codes: ${[...Object.keys(CODES), ...Object.keys(SHORT)].map((c) => `%${c}`).join(' ')}.`,
          { format },
        );
      parts.push(name.startsWith('-') ? { ...code, write: (f) => code.write(f).replace(/^[0 ]+(?=\d)/, '') } : code);
    }
    i += m![0].length;
  }
  return {
    write: (fields) => parts.map((p) => (typeof p === 'string' ? p : p.write(fields))).join(''),
    read: (input) => readParts(parts, input),
  };
}

function readParts(parts: readonly (string | Code)[], input: string): Fields | null {
  const draft: Draft = { ...EMPTY };
  let at = 0;
  for (const [i, p] of parts.entries()) {
    if (typeof p === 'string') {
      if (input[at] !== p) return null;
      at++;
    } else {
      if (!p.read) return null;
      const read = p.read === YEAR.read && typeof parts[i + 1] === 'object' ? YEAR_OF_FOUR : p.read;
      at = read(input, at, draft);
      if (at < 0) return null;
    }
  }
  if (at !== input.length) return null;
  if (draft.afternoon !== null) draft.hour = draft.hour === 99 ? 99 : (draft.hour % 12) + (draft.afternoon ? 12 : 0);
  if (draft.ordinal !== null) {
    const d = new Date(utcDay({ ...draft, month: 1, day: 1 }) + (draft.ordinal - 1) * DAY_MS);
    if (draft.ordinal < 1 || d.getUTCFullYear() !== draft.year) return null;
    draft.month = d.getUTCMonth() + 1;
    draft.day = d.getUTCDate();
  }
  return isReal(draft) ? draft : null;
}

/** Whether the fields name a moment that exists on the calendar and the clock. */
export function isReal(f: Fields): boolean {
  if (f.month < 1 || f.month > 12 || f.day < 1 || f.hour > 23 || f.minute > 59 || f.second > 59) return false;
  return f.day <= new Date(utcDay({ ...f, month: f.month + 1, day: 0 })).getUTCDate();
}

/** Days since 1970-01-01 of the fields' date. */
export const dayNumber = (f: Fields): number => Math.round(utcDay(f) / DAY_MS);
/** Nanoseconds since midnight. */
export const clockNanoseconds = (f: Fields): bigint =>
  BigInt(f.hour * 3600 + f.minute * 60 + f.second) * 1_000_000_000n + BigInt(f.nanosecond);

const ISO =
  /^([+-]?\d{4,6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|z|[+-]\d\d(?::?\d\d)?)?)?$/;
const ISO_TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?$/;

/** ISO 8601: a date, or a date and a time with an optional offset. */
export const isoDatetime: TimeFormat = {
  write: () => '',
  read(text) {
    const m = ISO.exec(text);
    if (!m) return null;
    const draft: Draft = {
      ...EMPTY,
      year: Number(m[1]),
      month: Number(m[2]),
      day: Number(m[3]),
      hour: Number(m[4] ?? 0),
      minute: Number(m[5] ?? 0),
      second: Number(m[6] ?? 0),
      nanosecond: Number((m[7] ?? '').padEnd(9, '0')),
    };
    if (m[8] !== undefined && offset(m[8], 0, draft) < 0) return null;
    return isReal(draft) ? draft : null;
  },
};
/** ISO 8601 time of day. */
export const isoTime: TimeFormat = {
  write: () => '',
  read(text) {
    const m = ISO_TIME.exec(text);
    if (!m) return null;
    const draft = {
      ...EMPTY,
      hour: Number(m[1]),
      minute: Number(m[2]),
      second: Number(m[3] ?? 0),
      nanosecond: Number((m[4] ?? '').padEnd(9, '0')),
    };
    return isReal(draft) ? draft : null;
  },
};
