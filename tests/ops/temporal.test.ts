import { describe, expect, test } from 'vitest';
import type { CallNode, ExprNode, Options } from '../../ts/expr/nodes.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import { testOnDevice } from '../support/device-cases.ts';
import { duckRows } from '../support/duck.ts';
import { testContext } from '../support/engine.ts';
import { evaluate } from '../support/nodes.ts';

const UTC_US: LogicalType = { dtype: 'Datetime', unit: 'us', zone: null };
const DATE: LogicalType = { dtype: 'Date32' };
const zoned = (zone: string, unit: 'ms' | 'us' | 'ns' = 'us'): LogicalType => ({ dtype: 'Datetime', unit, zone });

function run(fn: string, type: LogicalType, result: LogicalType, values: unknown[], options: Options = {}): unknown[] {
  const ctx = testContext();
  const col: ExprNode = { node: 'col', name: 'x', type, nullable: true };
  const call: CallNode = { node: 'call', fn, args: [col], options, type: result, nullable: true };
  return evaluate(ctx, call, { x: { type, values } });
}

/** Instants over four centuries, with nulls. */
function instants(count: number): (bigint | null)[] {
  let state = 7n;
  const from = BigInt(Date.UTC(1850, 0, 1)) * 1000n;
  const span = BigInt(Date.UTC(2250, 0, 1)) * 1000n - from;
  return Array.from({ length: count }, (_, i) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return i % 11 === 5 ? null : from + (state % span);
  });
}
const asSql = (v: bigint | null): string => (v === null ? 'NULL::TIMESTAMP' : `make_timestamp(${v}::BIGINT)`);
const duckColumn = async (sql: string): Promise<unknown[]> => (await duckRows(sql)).map((r) => r[0]);
const duckOver = (values: (bigint | null)[], sql: string): Promise<unknown[]> =>
  duckColumn(`SELECT ${sql} FROM (SELECT unnest([${values.map(asSql).join(',')}]) AS x)`);

const part = (dtype: 'Int8' | 'Int16' | 'Int32'): LogicalType => ({ dtype });
describe('parts', () => {
  const values = instants(500);
  const cases: [string, LogicalType, string][] = [
    ['year', part('Int32'), 'year(x)'],
    ['quarter', part('Int8'), 'quarter(x)'],
    ['month', part('Int8'), 'month(x)'],
    ['week', part('Int8'), 'week(x)'],
    ['day', part('Int8'), 'day(x)'],
    ['weekday', part('Int8'), 'isodow(x)'],
    ['ordinalDay', part('Int16'), 'dayofyear(x)'],
    ['hour', part('Int8'), 'hour(x)'],
    ['minute', part('Int8'), 'minute(x)'],
    ['second', part('Int8'), 'second(x)'],
    ['millisecond', part('Int32'), 'millisecond(x) % 1000'],
    ['microsecond', part('Int32'), 'microsecond(x) % 1000000'],
  ];
  test.each(cases)('%s', async (fn, type, sql) => {
    const oracle = (await duckOver(values, sql)).map((v) => (v === null ? null : Number(v)));
    expect(run(fn, UTC_US, type, values)).toEqual(oracle);
  });
  test('of dates', async () => {
    const days = Array.from({ length: 300 }, (_, i) => (i % 7 === 3 ? null : i * 977 - 100_000));
    const list = days.map((d) => (d === null ? 'NULL' : `DATE '1970-01-01' + ${d}`)).join(',');
    const oracle = await duckColumn(`SELECT week(x) FROM (SELECT unnest([${list}]::DATE[]) AS x)`);
    expect(run('week', DATE, part('Int8'), days)).toEqual(oracle.map((v) => (v === null ? null : Number(v))));
  });
  test('of other units', () => {
    expect(run('nanosecond', zoned('UTC', 'ns'), part('Int32'), [-1n])).toEqual([999_999_999]);
    expect(run('microsecond', zoned('UTC', 'ms'), part('Int32'), [1001n])).toEqual([1000]);
    expect(run('hour', { dtype: 'Time' }, part('Int8'), [3_600_000_000_000n * 23n])).toEqual([23]);
  });
});

describe('zones', () => {
  test.each([
    'America/New_York',
    'Europe/London',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
    'Pacific/Apia',
  ])('the wall clock of %s', (zone) => {
    // Every day at noon and midnight UTC around changes, against Intl itself.
    const values = Array.from({ length: 2000 }, (_, i) => BigInt(Date.UTC(2008, 0, 1) + i * 43_200_000) * 1000n);
    const clock = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', hour: 'numeric' });
    const oracle = values.map((v) => Number(clock.format(new Date(Number(v / 1000n)))));
    expect(run('hour', zoned(zone), part('Int8'), values)).toEqual(oracle);
  });
  test('local time to UTC and back, with gaps and repeats', () => {
    const at = (text: string) => BigInt(Date.parse(`${text}Z`)) * 1000n;
    const to = zoned('America/New_York');
    const options = (ambiguous: string, nonExistent: string): Options => ({
      zone: 'America/New_York',
      ambiguous,
      nonExistent,
    });
    const twice = at('2024-11-03T01:30:00');
    const never = at('2024-03-10T02:30:00');
    expect(run('replaceTimeZone', UTC_US, to, [at('2024-07-01T12:00:00')], options('raise', 'raise'))).toEqual([
      at('2024-07-01T16:00:00'),
    ]);
    expect(run('replaceTimeZone', UTC_US, to, [twice], options('earliest', 'raise'))).toEqual([
      at('2024-11-03T05:30:00'),
    ]);
    expect(run('replaceTimeZone', UTC_US, to, [twice], options('latest', 'raise'))).toEqual([
      at('2024-11-03T06:30:00'),
    ]);
    expect(run('replaceTimeZone', UTC_US, to, [twice, never, 0n, null], options('null', 'null'))).toEqual([
      null,
      null,
      at('1970-01-01T05:00:00'),
      null,
    ]);
    expect(() => run('replaceTimeZone', UTC_US, to, [0n, twice], options('raise', 'raise'))).toThrow(
      /2024-11-03 01:30:00 happens twice in America\/New_York \(row 1 of .*ambiguous: 'earliest'/,
    );
    expect(() => run('replaceTimeZone', UTC_US, to, [never], options('raise', 'raise'))).toThrow(
      /2024-03-10 02:30:00 does not exist in America\/New_York/,
    );
    expect(
      run('replaceTimeZone', to, UTC_US, [at('2024-07-01T16:00:00')], {
        zone: null,
        ambiguous: 'raise',
        nonExistent: 'raise',
      }),
    ).toEqual([at('2024-07-01T12:00:00')]);
  });
});

const step = (months: number, days: number, nanoseconds: bigint, weeks = false): Options => ({
  months,
  days,
  nanoseconds: String(nanoseconds),
  weeks,
});
describe('steps', () => {
  const values = instants(400);
  const us = (rows: unknown[]) => rows.map((v) => (v === null ? null : BigInt(v as string)));
  test.each([
    ['month', step(1, 0, 0n)],
    ['quarter', step(3, 0, 0n)],
    ['year', step(12, 0, 0n)],
    ['week', step(0, 7, 0n, true)],
    ['day', step(0, 1, 0n)],
    ['hour', step(0, 0, 3_600_000_000_000n)],
    ['second', step(0, 0, 1_000_000_000n)],
  ] as const)('truncate to the %s', async (unit, options) => {
    const oracle = us(await duckOver(values, `epoch_us(date_trunc('${unit}', x)::TIMESTAMP)`));
    expect(run('truncate', UTC_US, UTC_US, values, options)).toEqual(oracle);
  });
  test('truncate and round in a zone', () => {
    const at = (text: string) => BigInt(Date.parse(text)) * 1000n;
    const ny = zoned('America/New_York');
    expect(run('truncate', ny, ny, [at('2024-07-01T03:00:00Z')], step(0, 1, 0n))).toEqual([at('2024-06-30T04:00:00Z')]);
    // 01:30 EST, the second time that night, stays in the second hour.
    expect(run('truncate', ny, ny, [at('2024-11-03T06:30:00Z')], step(0, 0, 3_600_000_000_000n))).toEqual([
      at('2024-11-03T06:00:00Z'),
    ]);
    expect(
      run('dtRound', UTC_US, UTC_US, [at('2024-01-16T12:00:00Z'), at('2024-01-16T11:59:59Z')], step(1, 0, 0n)),
    ).toEqual([at('2024-02-01T00:00:00Z'), at('2024-01-01T00:00:00Z')]);
  });
  test('offsets clip the day of the month', async () => {
    const oracle = us(await duckOver(values, 'epoch_us((x + INTERVAL 1 MONTH)::TIMESTAMP)'));
    expect(run('offsetBy', UTC_US, UTC_US, values, step(1, 0, 0n))).toEqual(oracle);
    const at = (text: string) => Date.parse(text) / 86_400_000;
    expect(run('offsetBy', DATE, DATE, [at('2024-01-31'), at('2023-01-31'), null], step(1, 0, 0n))).toEqual([
      at('2024-02-29'),
      at('2023-02-28'),
      null,
    ]);
    expect(run('offsetBy', DATE, DATE, [at('2024-02-29')], step(-12, 0, 0n))).toEqual([at('2023-02-28')]);
    const ny = zoned('America/New_York');
    const noon = BigInt(Date.parse('2024-03-09T17:00:00Z')) * 1000n;
    // A calendar day over the change of clocks has 23 hours; 24 hours are 24 hours.
    expect(run('offsetBy', ny, ny, [noon], step(0, 1, 0n))).toEqual([noon + 23n * 3_600_000_000n]);
    expect(run('offsetBy', ny, ny, [noon], step(0, 0, 86_400_000_000_000n))).toEqual([noon + 24n * 3_600_000_000n]);
  });
});

describe('text', () => {
  test.each([
    '%Y-%m-%d %H:%M:%S',
    '%d/%m/%y %I:%M %p',
    '%a, %d %b %Y',
    '%A %B %-d',
    '%j',
    '%Y-W%V-%u',
  ])('format %s', async (format) => {
    const values = instants(60).map((v) => (v === null || v < 0n ? null : v));
    const oracle = await duckOver(values, `strftime(x, '${format}')`);
    expect(run('format', UTC_US, { dtype: 'Utf8' }, values, { format })).toEqual(oracle);
  });
  test('format in a zone', () => {
    const at = BigInt(Date.parse('2024-07-01T12:00:00Z')) * 1000n;
    expect(run('format', zoned('Asia/Kolkata'), { dtype: 'Utf8' }, [at], { format: '%F %T%:z' })).toEqual([
      '2024-07-01 17:30:00+05:30',
    ]);
    expect(() => run('format', UTC_US, { dtype: 'Utf8' }, [at], { format: '%Q' })).toThrow(/unknown code "%Q"/);
  });
  test('parse ISO and formats, null and errors', () => {
    const options = (format: string | null, strict: boolean): Options => ({ format, unit: 'us', zone: null, strict });
    const us = (text: string) => BigInt(Date.parse(text)) * 1000n;
    const utf8: LogicalType = { dtype: 'Utf8' };
    const parse = (values: unknown[], format: string | null, strict = false) =>
      run('toDatetime', utf8, UTC_US, values, options(format, strict));
    expect(
      parse(['2024-02-29', '2024-02-30', '2024-01-01T10:20:30.123456', '2024-01-01 10:20:30+02:00', null, 'x'], null),
    ).toEqual([
      us('2024-02-29T00:00:00Z'),
      null,
      us('2024-01-01T10:20:30.123Z') + 456n,
      us('2024-01-01T08:20:30Z'),
      null,
      null,
    ]);
    expect(parse(['29.02.2024 11:05 PM'], '%d.%m.%Y %I:%M %p')).toEqual([us('2024-02-29T23:05:00Z')]);
    expect(parse(['March 5, 99'], '%B %d, %y')).toEqual([us('1999-03-05T00:00:00Z')]);
    expect(() => parse(['2024-01-01', 'soon'], null, true)).toThrow(
      /Expected Datetime\('us'\) in ISO 8601 .* but found "soon"/,
    );
    expect(run('toDate', utf8, DATE, ['1969-12-31'], { format: null, strict: true })).toEqual([-1]);
    expect(run('toTime', utf8, { dtype: 'Time' }, ['23:59:59.5'], { format: null, strict: true })).toEqual([
      86_399_500_000_000n,
    ]);
  });
});

testOnDevice();
