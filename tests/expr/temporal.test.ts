import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../ts/expr/durations.ts';
import { type AnyCallback, bind, shown } from './support.ts';

describe('temporal arithmetic', () => {
  it.each<[string, AnyCallback, string]>([
    [
      'Datetime − Datetime, the finer unit',
      (c) => c.tsMs.sub(c.ts),
      "c.tsMs.cast(Datetime('us')).sub(c.ts) :: Duration('us')",
    ],
    [
      'two zones',
      (c) => c.rome.sub(c.tokyo),
      "c.rome.cast(Datetime('us', 'Europe/Rome')).sub(c.tokyo.cast(Datetime('us', 'Europe/Rome'))) :: Duration('us')",
    ],
    ['Datetime + Duration', (c) => c.ts.add(c.dur), "c.ts.add(c.dur.cast(Duration('us'))) :: Datetime('us')"],
    ['a finer Duration', (c) => c.tsMs.sub(c.durNs), "c.tsMs.cast(Datetime('ns')).sub(c.durNs) :: Datetime('ns')"],
    ['Duration + Datetime', (c) => c.dur.add(c.tsMs), "c.tsMs.add(c.dur) :: Datetime('ms')"],
    ['text', (c) => c.ts.add('1d2h'), "c.ts.add('26h') :: Datetime('us')"],
    ['finer text', (c) => c.tsMs.add('5us'), "c.tsMs.cast(Datetime('us')).add('5us') :: Datetime('us')"],
    ['negative text', (c) => c.ts.add('-90m'), "c.ts.add('-1h30m') :: Datetime('us')"],
    ['a Date', (c) => c.ts.sub(new Date('2024-01-01')), "c.ts.sub(new Date('2024-01-01')) :: Duration('us')"],
    [
      'Date32 − Date32',
      (c) => c.day.sub(c.day),
      "c.day.cast(Datetime('ms')).sub(c.day.cast(Datetime('ms'))) :: Duration('ms')",
    ],
    ['Datetime − Date32', (c) => c.ts.sub(c.day), "c.ts.sub(c.day.cast(Datetime('us'))) :: Duration('us')"],
    ['Date32 + Duration', (c) => c.day.add(c.dur), "c.day.cast(Datetime('ms')).add(c.dur).cast(Date32) :: Date32"],
    [
      'Time + Duration wraps',
      (c) => c.time.add('2h'),
      'c.time.cast(Int64).add(7200000000000n).mod(86400000000000n).cast(Time) :: Time',
    ],
    [
      'Time − Time',
      (c) => c.time.sub(c.time),
      "c.time.cast(Int64).sub(c.time.cast(Int64)).cast(Duration('ns')) :: Duration('ns')",
    ],
    ['Duration + Duration', (c) => c.dur.add(c.durNs), "c.dur.cast(Duration('ns')).add(c.durNs) :: Duration('ns')"],
    ['Duration + text', (c) => c.dur.add('1s'), "c.dur.add('1s') :: Duration('ms')"],
    [
      'Duration × integer',
      (c) => c.dur.mul(c.i8),
      "c.dur.cast(Int64).mul(c.i8.cast(Int64)).cast(Duration('ms')) :: Duration('ms')",
    ],
    ['diff', (c) => c.ts.diff(), "c.ts.sub(c.ts.shift(1).over([])) :: Duration('us')?"],
    [
      'diff of days',
      (c) => c.day.diff(2),
      "c.day.cast(Datetime('ms')).sub(c.day.shift(2).over([]).cast(Datetime('ms'))) :: Duration('ms')?",
    ],
    [
      'mean',
      (c) => c.ts.mean(),
      "c.ts.cast(Int64).cast(Float64).mean().over([]).round().cast(Int64).cast(Datetime('us')) :: Datetime('us')?",
    ],
    ['sum of durations', (c) => c.dur.sum(), "c.dur.sum().over([]) :: Duration('ms')"],
  ])('%s', (_name, item, expected) => {
    expect(shown(item)).toBe(expected);
  });

  it.each<[string, AnyCallback, RegExp]>([
    [
      'a wall clock with an instant',
      (c) => c.ts.sub(c.rome),
      /sub\(\) has a wall clock with an instant: c\.ts .* Use dt\.replaceTimeZone\(\)/,
    ],
    ['Date32 with an instant', (c) => c.rome.sub(c.day), /cannot take|has a wall clock/],
    ['Datetime + Datetime', (c) => c.ts.add(c.ts), /add\(\) cannot take/],
    ['Datetime + number', (c) => c.ts.add(5), /Expected a duration such as '1d2h'/],
    ['Duration − Datetime', (c) => c.dur.sub(c.ts), /sub\(\) cannot take/],
    ['Time with Datetime', (c) => c.time.sub(c.ts), /sub\(\) cannot take/],
    ['Duration × float', (c) => c.dur.mul(c.f64), /mul\(\) cannot take/],
    ['Duration × fraction', (c) => c.dur.mul(1.5), /Expected an integer/],
    ['Datetime × integer', (c) => c.ts.mul(2), /Expected a valid Date|Expected a number/],
    ['months as text', (c) => c.ts.add('1mo'), /has no fixed length. Use dt\.offsetBy\("1mo"\)/],
    ['hours on Date32', (c) => c.day.dt.offsetBy('1h'), /offsetBy\(\) on Date32 takes days, weeks, months and years/],
    ['truncate to hours on Date32', (c) => c.day.dt.truncate('1h'), /truncate\(\) on Date32/],
    ['truncate to two units', (c) => c.ts.dt.truncate('1h30m'), /one positive count of one unit/],
    ['truncate to nothing', (c) => c.ts.dt.truncate('0h'), /one positive count of one unit/],
  ])('refuses %s', (_name, item, message) => {
    expect(() => bind(item)).toThrow(message);
  });
});

describe('duration text', () => {
  it.each<[string, number, number, bigint]>([
    ['1mo2d3h', 1, 2, 10_800_000_000_000n],
    ['-1y', -12, 0, 0n],
    ['2q1w', 6, 7, 0n],
    ['1m', 0, 0, 60_000_000_000n],
    ['1ms1us1ns', 0, 0, 1_001_001n],
    ['+5s', 0, 0, 5_000_000_000n],
  ])('%s', (text, months, days, nanoseconds) => {
    expect(parseDuration(text)).toEqual({ months, days, nanoseconds });
  });
  it.each(['', '1', 'h', '1 h', '1.5h', '1h-2m', '--1h', '1x'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(/Expected a duration such as "1h30m"/);
  });
});

describe('steps become options', () => {
  const optionsOf = (item: AnyCallback) => (bind(item) as { options?: unknown }).options;
  it('truncate', () => {
    expect(optionsOf((c) => c.ts.dt.truncate('2w'))).toEqual({ months: 0, days: 14, nanoseconds: '0', weeks: true });
    expect(optionsOf((c) => c.ts.dt.truncate('3mo'))).toEqual({ months: 3, days: 0, nanoseconds: '0', weeks: false });
    expect(optionsOf((c) => c.ts.dt.round('15m'))).toEqual({
      months: 0,
      days: 0,
      nanoseconds: '900000000000',
      weeks: false,
    });
  });
  it('offsetBy', () => {
    expect(optionsOf((c) => c.ts.dt.offsetBy('-1mo2d3h'))).toEqual({
      months: -1,
      days: -2,
      nanoseconds: '-10800000000000',
    });
  });
  it('toDatetime', () => {
    expect(optionsOf((c) => c.text.str.toDatetime('%F %T%z'))).toEqual({
      format: '%F %T%z',
      unit: 'us',
      zone: 'UTC',
      strict: true,
    });
    expect(
      optionsOf((c) => c.text.str.toDatetime(null, { unit: 'ns', timeZone: 'Europe/Rome', strict: false })),
    ).toEqual({
      format: null,
      unit: 'ns',
      zone: 'Europe/Rome',
      strict: false,
    });
  });
});
