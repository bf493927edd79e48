// Units of time.
import type { TimeUnit } from './types.ts';

export const TICKS_PER_SECOND: Readonly<Record<TimeUnit, number>> = { ms: 1e3, us: 1e6, ns: 1e9 };
export const SECONDS_PER_DAY = 86_400;
/** Nanoseconds of each named unit. */
export const NANOSECONDS = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9, d: 86_400e9 } as const;
