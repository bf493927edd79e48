// Duration text: '1mo2d3h', with an optional sign before all.
import { ParameterError } from '../errors.ts';
import type { TimeUnit } from '../schema/types.ts';
import type { Options } from './nodes.ts';

/** A calendar duration: months, then days, then exact time. */
export interface CalendarStep {
  readonly months: number;
  readonly days: number;
  readonly nanoseconds: bigint;
}

const MONTHS: Record<string, number> = { mo: 1, q: 3, y: 12 };
const DAYS: Record<string, number> = { d: 1, w: 7 };
const NANOSECONDS: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
export const DAY_NANOSECONDS = 86_400_000_000_000n;
const TEXT = /^([+-]?)((?:\d+(?:ns|us|ms|mo|[smhdwqy]))+)$/;
const PART = /(\d+)(ns|us|ms|mo|[smhdwqy])/g;

function parts(text: string): { sign: number; parts: { count: number; unit: string }[] } {
  const match = TEXT.exec(text);
  if (match === null) {
    throw new ParameterError(
      `Expected a duration such as "1h30m" or "2mo" but received ${JSON.stringify(text)}. Units: ns us ms s m h d w mo q y.`,
      { value: text },
    );
  }
  return {
    sign: match[1] === '-' ? -1 : 1,
    parts: [...(match[2] as string).matchAll(PART)].map((p) => ({ count: Number(p[1]), unit: p[2] as string })),
  };
}

/** Reads a duration. */
export function parseDuration(text: string): CalendarStep {
  const { sign, parts: list } = parts(text);
  let months = 0;
  let days = 0;
  let nanoseconds = 0n;
  for (const { count, unit } of list) {
    months += count * (MONTHS[unit] ?? 0);
    days += count * (DAYS[unit] ?? 0);
    nanoseconds += BigInt(count) * (NANOSECONDS[unit] ?? 0n);
  }
  return { months: sign * months + 0, days: sign * days + 0, nanoseconds: BigInt(sign) * nanoseconds };
}

/** A duration as options of a call. */
export const stepOptions = (step: CalendarStep): Options => ({
  months: step.months,
  days: step.days,
  nanoseconds: String(step.nanoseconds),
});

/** The step of `truncate` and `round`: one positive count of one unit. */
export function everyOptions(text: string): Options {
  const { sign, parts: list } = parts(text);
  if (sign < 0 || list.length !== 1 || list[0]?.count === 0) {
    throw new ParameterError(
      `Expected one positive count of one unit such as "15m" or "1mo" but received ${JSON.stringify(text)}.`,
      { value: text },
    );
  }
  return { ...stepOptions(parseDuration(text)), weeks: list[0]?.unit === 'w' };
}

/** Ticks of a duration of fixed length (a day has 24 hours); throws for months and for parts finer than the unit. */
export function fixedTicks(text: string, unit: TimeUnit): bigint {
  const step = parseDuration(text);
  if (step.months !== 0) {
    throw new ParameterError(
      `The duration ${JSON.stringify(text)} has no fixed length. Use dt.offsetBy(${JSON.stringify(text)}).`,
      { value: text },
    );
  }
  const total = BigInt(step.days) * DAY_NANOSECONDS + step.nanoseconds;
  const tick = nanosecondsOf(unit);
  if (total % tick !== 0n) {
    throw new ParameterError(
      `The duration ${JSON.stringify(text)} is finer than the unit '${unit}'. Cast to a finer one.`,
      {
        value: text,
      },
    );
  }
  return total / tick;
}

/** The coarsest of ms, us and ns that holds a duration exactly, but not coarser than `atLeast`. */
export function unitFor(text: string, atLeast: TimeUnit): TimeUnit {
  const { nanoseconds } = parseDuration(text);
  const needed: TimeUnit = nanoseconds % 1_000_000n === 0n ? 'ms' : nanoseconds % 1_000n === 0n ? 'us' : 'ns';
  return finerUnit(needed, atLeast);
}

/** Nanoseconds of a tick. */
export const nanosecondsOf = (unit: TimeUnit): bigint => NANOSECONDS[unit] as bigint;

/** The finer of two units. */
export const finerUnit = (a: TimeUnit, b: TimeUnit): TimeUnit => (nanosecondsOf(a) < nanosecondsOf(b) ? a : b);
