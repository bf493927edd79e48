// When a time zone changes its offset, found with Intl: the one source of zones there is without a database of ours.

/** Offsets of a zone: from `fromSeconds[k]` (UTC) on it is `offsetSeconds[k]` ahead of UTC. The first entry is −Infinity. */
export interface ZoneTable {
  readonly zone: string;
  /** Instants outside [min, max] need a wider table. */
  readonly minSeconds: number;
  readonly maxSeconds: number;
  readonly fromSeconds: readonly number[];
  readonly offsetSeconds: readonly number[];
}

const DAY = 86_400;
// Shortest known spell between two changes: three weeks and a half (Ramadan in Morocco).
const SAMPLE_SECONDS = 14 * DAY;
const FIRST = Date.UTC(1900, 0, 1) / 1000;
const LAST = Date.UTC(2100, 0, 1) / 1000;
const CENTURY = 36_525 * DAY;

const tables = new Map<string, ZoneTable>();

/** The table of a zone that covers these instants (UTC seconds); kept for the process. */
export function zoneTable(zone: string, minSeconds = FIRST, maxSeconds = LAST): ZoneTable {
  const known = tables.get(zone);
  if (known && known.minSeconds <= minSeconds && known.maxSeconds >= maxSeconds) return known;
  // Past centuries before 1900 had one mean time each; later ones follow the last rule. Whole centuries, so that a
  // growing range does not mean a new table every time.
  const from = Math.min(
    known?.minSeconds ?? FIRST,
    minSeconds < FIRST ? FIRST - Math.ceil((FIRST - minSeconds) / CENTURY) * CENTURY : FIRST,
  );
  const to = Math.max(
    known?.maxSeconds ?? LAST,
    maxSeconds > LAST ? LAST + Math.ceil((maxSeconds - LAST) / CENTURY) * CENTURY : LAST,
  );
  const table = isUtc(zone)
    ? { zone, minSeconds: -Infinity, maxSeconds: Infinity, fromSeconds: [-Infinity], offsetSeconds: [0] }
    : sample(zone, from, to);
  tables.set(zone, table);
  return table;
}

export const isUtc = (zone: string): boolean => zone === 'UTC' || zone === 'Etc/UTC' || zone === 'Z' || zone === 'GMT';

function sample(zone: string, from: number, to: number): ZoneTable {
  const offset = offsetReader(zone);
  const fromSeconds = [-Infinity];
  const offsetSeconds = [offset(from)];
  let at = from;
  let current = offsetSeconds[0]!;
  while (at < to) {
    const next = Math.min(at + SAMPLE_SECONDS, to);
    const after = offset(next);
    if (after !== current) {
      let lo = at;
      let hi = next;
      while (hi - lo > 1) {
        const mid = Math.floor((lo + hi) / 2);
        if (offset(mid) === current) lo = mid;
        else hi = mid;
      }
      // Two changes within one sample step: go on from the first.
      current = offset(hi);
      fromSeconds.push(hi);
      offsetSeconds.push(current);
      at = hi;
    } else at = next;
  }
  return { zone, minSeconds: from, maxSeconds: to, fromSeconds, offsetSeconds };
}

/** Offset at a UTC second, read off the wall clock that Intl shows. */
function offsetReader(zone: string): (seconds: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (seconds) => {
    const part: Record<string, string> = {};
    for (const p of format.formatToParts(seconds * 1000)) part[p.type] = p.value;
    const year = part['era'] === 'BC' || part['era'] === 'B' ? 1 - Number(part['year']) : Number(part['year']);
    const wall = new Date(0);
    wall.setUTCFullYear(year, Number(part['month']) - 1, Number(part['day']));
    wall.setUTCHours(Number(part['hour']), Number(part['minute']), Number(part['second']));
    return Math.round(wall.getTime() / 1000) - seconds;
  };
}
