// Dates, times and durations.
import type { LogicalType } from '../../ts/schema/types.ts';
import type { Excluded, Gen, Operation } from './operations.ts';
import {
  call,
  floorDivide,
  handMade,
  isMoment,
  perSecond,
  q,
  type Typed,
  ticksOf,
  timestamp,
  unitOf,
} from './typed.ts';

const isDatetime = (t: LogicalType): boolean => t.dtype === 'Datetime';
const isClock = (t: LogicalType): boolean => t.dtype === 'Datetime' || t.dtype === 'Time';
const wallClock = (t: LogicalType): boolean => t.dtype === 'Datetime' && t.zone === null;

const part = (fn: Operation['fn'], sql: (ts: string) => string): Operation => ({
  fn,
  draw(g) {
    const a = g.value(isMoment);
    return a === null ? null : call(g.scope, a, `dt.${fn}`, [], sql(timestamp(a)));
  },
});
/** Ticks since local midnight. */
function sinceMidnight(a: Typed): { ticks: string; second: bigint } {
  if (a.type.dtype === 'Time') return { ticks: `(${a.sql})::HUGEINT`, second: 1000000000n };
  const unit = unitOf(a.type);
  const day = 86400n * perSecond(unit);
  const zoned = a.type.dtype === 'Datetime' && a.type.zone !== null && a.type.zone !== 'UTC';
  const local = zoned ? `epoch_us(${timestamp(a)})` : `(${a.sql})::HUGEINT`;
  return { ticks: `((${local} % ${day} + ${day}) % ${day})`, second: perSecond(unit) };
}
const clock = (fn: 'hour' | 'minute' | 'second' | 'millisecond' | 'microsecond' | 'nanosecond'): Operation => ({
  fn,
  draw(g) {
    const a = g.value((t) => isClock(t) && !(t.dtype === 'Datetime' && t.zone !== null && t.unit !== 'us'));
    if (a === null) return null;
    const { ticks, second } = sinceMidnight(a);
    const per = { millisecond: 1000n, microsecond: 1000000n, nanosecond: 1000000000n };
    const sql =
      fn === 'hour'
        ? `${ticks} // ${3600n * second}`
        : fn === 'minute'
          ? `${ticks} // ${60n * second} % 60`
          : fn === 'second'
            ? `${ticks} // ${second} % 60`
            : `(${ticks} % ${second}) * ${per[fn]} // ${second}`;
    return call(g.scope, a, `dt.${fn}`, [], `(${sql})::INTEGER`);
  },
});

const STEPS = { ms: 1000n, s: 1000000n, m: 60000000n, h: 3600000000n } as const;
interface Step {
  readonly text: string;
  /** The bucket of a TIMESTAMP expression, and the one after a bucket. */
  floor(ts: string): string;
  next(ts: string): string;
}
function stepOf(g: Gen, date: boolean): Step {
  const { draw } = g.scope;
  const unit = draw.pick(
    date ? (['d', 'w', 'mo', 'q', 'y'] as const) : (['ms', 's', 'm', 'h', 'd', 'w', 'mo', 'q', 'y'] as const),
  );
  const count = draw.pick([1, 1, 2, 3, 5, 15]);
  const text = `${count}${unit}`;
  const interval = (n: string) => `INTERVAL (${n})`;
  if (unit in STEPS) {
    const us = STEPS[unit as keyof typeof STEPS] * BigInt(count);
    return {
      text,
      floor: (ts) => `make_timestamp((${floorDivide(`epoch_us(${ts})`, us)} * ${us})::BIGINT)`,
      next: (ts) => `(${ts} + to_microseconds(${us}))`,
    };
  }
  if (unit === 'd' || unit === 'w') {
    const days = unit === 'd' ? count : count * 7;
    const origin = unit === 'd' ? 0 : 4;
    return {
      text,
      floor: (ts) =>
        `(TIMESTAMP '1970-01-01' + to_days((${floorDivide(`epoch_us(${ts}) - ${BigInt(origin) * 86400000000n}`, BigInt(days) * 86400000000n)} * ${days} + ${origin})::INTEGER))`,
      next: (ts) => `(${ts} + to_days(${days}))`,
    };
  }
  const months = count * ({ mo: 1, q: 3, y: 12 } as const)[unit as 'mo' | 'q' | 'y'];
  void interval;
  return {
    text,
    floor: (ts) =>
      `(TIMESTAMP '1970-01-01' + to_months((${floorDivide(`(year(${ts}) - 1970) * 12 + month(${ts}) - 1`, BigInt(months))} * ${months})::INTEGER))`,
    next: (ts) => `(${ts} + to_months(${months}))`,
  };
}
/** A local TIMESTAMP back in the dtype of `a`. */
const back = (a: Typed, ts: string): string =>
  a.type.dtype === 'Date32' ? `(${ts})::DATE` : ticksOf(ts, unitOf(a.type));
const bucketed = (t: LogicalType): boolean => t.dtype === 'Date32' || wallClock(t);

const FORMATS: readonly (readonly [string, string])[] = [
  ['%Y-%m-%d', '%Y-%m-%d'],
  ['%d.%m.%Y', '%d.%m.%Y'],
  ['%a %A %b %B', '%a %A %b %B'],
  ['%j', '%j'],
  ['%y%m%d', '%y%m%d'],
  ['%-d/%-m', '%-d/%-m'],
  ['100%% %Y', '100%% %Y'],
  ['%u %w %V %G', '%u %w %V %G'],
];
const CLOCK_FORMATS: readonly (readonly [string, string])[] = [
  ['%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M:%S'],
  ['%I:%M %p', '%I:%M %p'],
  ['%H:%M:%S.%6f', '%H:%M:%S.%f'],
  ['%H:%M:%S.%3f', '%H:%M:%S.%g'],
  ['%T', '%H:%M:%S'],
  ['%FT%R', '%Y-%m-%dT%H:%M'],
];

export const TIME_OPERATIONS: readonly (Operation | Excluded)[] = [
  part('year', (ts) => `year(${ts})`),
  part('quarter', (ts) => `quarter(${ts})`),
  part('month', (ts) => `month(${ts})`),
  part('week', (ts) => `week(${ts})`),
  part('day', (ts) => `day(${ts})`),
  part('weekday', (ts) => `isodow(${ts})`),
  part('ordinalDay', (ts) => `dayofyear(${ts})`),
  ...(['hour', 'minute', 'second', 'millisecond', 'microsecond', 'nanosecond'] as const).map(clock),
  {
    fn: 'epoch',
    draw(g) {
      const a = g.value((t) => isMoment(t));
      if (a === null) return null;
      const unit = g.scope.draw.pick(['s', 'ms', 'us', 'ns'] as const);
      const to = unit === 's' ? 1n : perSecond(unit);
      const [ticks, per] =
        a.type.dtype === 'Date32' ? [`epoch_us((${a.sql})::TIMESTAMP)`, 1000000n] : [a.sql, perSecond(unitOf(a.type))];
      return call(
        g.scope,
        a,
        'dt.epoch',
        [unit],
        to >= per ? `((${ticks})::HUGEINT * ${to / per})::BIGINT` : `(${floorDivide(ticks, per / to)})::BIGINT`,
      );
    },
  },
  {
    fn: 'date',
    draw(g) {
      const a = g.value(isDatetime);
      return a === null ? null : call(g.scope, a, 'dt.date', [], `(${timestamp(a)})::DATE`);
    },
  },
  {
    fn: 'time',
    draw(g) {
      const a = g.value((t) => t.dtype === 'Datetime' && (t.zone === null || t.unit === 'us'));
      if (a === null) return null;
      const { ticks, second } = sinceMidnight(a);
      return call(g.scope, a, 'dt.time', [], `(${ticks} * ${1000000000n / second})::BIGINT`);
    },
  },
  {
    fn: 'truncate',
    draw(g) {
      const a = g.value(bucketed);
      if (a === null) return null;
      const step = stepOf(g, a.type.dtype === 'Date32');
      return call(g.scope, a, 'dt.truncate', [step.text], back(a, step.floor(timestamp(a))));
    },
  },
  {
    fn: 'dtRound',
    draw(g) {
      const a = g.value((t) => t.dtype === 'Date32' || (wallClock(t) && unitOf(t) !== 'ns'));
      if (a === null) return null;
      const step = stepOf(g, a.type.dtype === 'Date32');
      const ts = timestamp(a);
      const low = step.floor(ts);
      const high = step.next(low);
      const up = `(epoch_us(${ts}) - epoch_us(${low})) * 2 >= epoch_us(${high}) - epoch_us(${low})`;
      return call(g.scope, a, 'dt.round', [step.text], back(a, `CASE WHEN ${up} THEN ${high} ELSE ${low} END`));
    },
  },
  {
    fn: 'offsetBy',
    draw(g) {
      const a = g.value((t) => t.dtype === 'Date32' || (wallClock(t) && unitOf(t) !== 'ns'));
      if (a === null) return null;
      const { draw } = g.scope;
      const [months, days, hours] = [draw.int(0, 30), draw.int(0, 40), a.type.dtype === 'Date32' ? 0 : draw.int(0, 50)];
      const sign = draw.chance(0.4) ? -1 : 1;
      const by = `${sign < 0 ? '-' : ''}${months}mo${days}d${hours === 0 ? '' : `${hours}h`}`;
      const sql = `${timestamp(a)} + to_months(${sign * months}) + to_days(${sign * days}) + to_hours(${sign * hours})`;
      return call(g.scope, a, 'dt.offsetBy', [by], back(a, sql));
    },
  },
  {
    fn: 'replaceTimeZone',
    draw(g) {
      const a = g.value(isDatetime);
      if (a === null) return null;
      if (a.type.dtype === 'Datetime' && a.type.zone !== null) {
        return a.type.unit === 'us'
          ? call(g.scope, a, 'dt.replaceTimeZone', [null], ticksOf(timestamp(a), 'us'))
          : null;
      }
      // Away from the wall clocks that come twice or never, which tests/ops name one by one.
      const noon = g.value((t) => t.dtype === 'Date32');
      const zone = g.scope.draw.pick(['Europe/Rome', 'America/New_York', 'Asia/Kolkata', 'UTC']);
      if (noon === null) return call(g.scope, a, 'dt.replaceTimeZone', ['UTC'], a.sql);
      const at = call(
        g.scope,
        handMade(
          g.scope,
          noon.expr.dt.epoch('us'),
          `${noon.code}.dt.epoch('us')`,
          `epoch_us((${noon.sql})::TIMESTAMP)`,
        ),
        'add',
        [43200000000n],
        `(epoch_us((${noon.sql})::TIMESTAMP) + 43200000000)`,
      );
      const wall = handMade(g.scope, at.expr.cast(Datetime('us')), `${at.code}.cast(Datetime('us'))`, at.sql);
      return call(
        g.scope,
        wall,
        'dt.replaceTimeZone',
        [zone],
        `epoch_us(timezone('${zone}', make_timestamp(${wall.sql})))`,
      );
    },
  },
  {
    fn: 'hour',
    draw(g) {
      const a = g.value((t) => t.dtype === 'Datetime');
      const zone = g.scope.draw.pick(['Europe/Rome', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe']);
      if (a === null) return null;
      const there = call(g.scope, a, 'dt.convertTimeZone', [zone], a.sql);
      const what = g.scope.draw.pick(['hour', 'day', 'minute', 'month'] as const);
      return call(g.scope, there, `dt.${what}`, [], `${what}(${timestamp(there)})`);
    },
  },
  {
    fn: 'format',
    draw(g) {
      const a = g.value((t) => t.dtype === 'Date32' || t.dtype === 'Datetime');
      if (a === null) return null;
      const [ours, theirs] = g.scope.draw.pick(a.type.dtype === 'Date32' ? FORMATS : [...FORMATS, ...CLOCK_FORMATS]);
      return call(g.scope, a, 'dt.format', [ours], `strftime(${timestamp(a)}, ${q(theirs)})`);
    },
  },
  {
    fn: 'total',
    draw(g) {
      const a = g.value((t) => t.dtype === 'Duration');
      if (a === null) return null;
      const [name, per] = g.scope.draw.pick([
        ['totalDays', 86400n],
        ['totalHours', 3600n],
        ['totalMinutes', 60n],
        ['totalSeconds', 1n],
      ] as const);
      const ticks = per * perSecond(unitOf(a.type));
      return call(g.scope, a, `dt.${name}`, [], `((${a.sql}) // ${ticks})`);
    },
  },
  {
    fn: 'total',
    draw(g) {
      const a = g.value((t) => t.dtype === 'Duration');
      if (a === null) return null;
      const [name, per] = g.scope.draw.pick([
        ['totalMilliseconds', 1000n],
        ['totalMicroseconds', 1000000n],
        ['totalNanoseconds', 1000000000n],
      ] as const);
      const ticks = perSecond(unitOf(a.type));
      return call(
        g.scope,
        a,
        `dt.${name}`,
        [],
        per >= ticks ? `((${a.sql}) * ${per / ticks})` : `((${a.sql}) // ${ticks / per})`,
      );
    },
  },
  {
    fn: 'toDate',
    draw(g) {
      const a = g.value((t) => t.dtype === 'Date32');
      if (a === null) return null;
      const f = g.scope.draw.pick(['%Y-%m-%d', '%d.%m.%Y', '%d %b %Y', '%B %d, %Y', null]);
      const written = call(g.scope, a, 'dt.format', [f ?? '%Y-%m-%d'], `strftime(${a.sql}, ${q(f ?? '%Y-%m-%d')})`);
      return call(g.scope, written, 'str.toDate', f === null ? [] : [f], a.sql);
    },
  },
  {
    fn: 'toDatetime',
    draw(g) {
      const a = g.value(wallClock);
      if (a === null) return null;
      const f = g.scope.draw.pick(['%Y-%m-%d %H:%M:%S', '%d/%m/%Y %I:%M:%S %p', '%Y%m%dT%H%M%S']);
      const theirs = `strftime(${timestamp(a)}, ${q(f)})`;
      const written = call(g.scope, a, 'dt.format', [f], theirs);
      return call(g.scope, written, 'str.toDatetime', [f], `epoch_us(strptime(${theirs}, ${q(f)}))`);
    },
  },
  {
    fn: 'toTime',
    draw(g) {
      const a = g.value((t) => t.dtype === 'Time');
      if (a === null) return null;
      const written = call(g.scope, a, 'dt.format', ['%H:%M:%S.%9f'], `NULL::VARCHAR`);
      return call(g.scope, written, 'str.toTime', g.scope.draw.chance(0.5) ? [] : ['%H:%M:%S.%f'], a.sql);
    },
  },
];

import { Datetime } from '../../ts/index.ts';
