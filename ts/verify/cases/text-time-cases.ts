// Strings, regular expressions, dates and times: cases of functions over rows.
import type { ExprNode, Options } from '../../expr/nodes.ts';
import { type LogicalType, typeText } from '../../schema/types.ts';
import { zoneTable } from '../../util/zone-table.ts';
import { a, b, type ExpressionCase, named, next, of, TIME_TEXTS } from './expression-columns.ts';
import { type Columns, call, datetimeType, durationType, lit, T } from './nodes.ts';
import { edges, samples } from './samples.ts';

const TEXTS = [
  '',
  'a',
  'abc',
  'hello world',
  '  spaces\t',
  '\u00a0nbsp\u3000',
  'äöü ß ẞ',
  'ÄÖÜ',
  'ﬁ ŉ ǰ',
  'İıiI',
  'ᾳ ᾼ ᾀ',
  '𝄞 clef 𐐀𐐨',
  'ǅ ǆ Ǆ',
  'a,b,,c',
  ',',
  'aXbXc',
  'foo.bar',
  '-42',
  '+7',
  '42',
  'ΣΑΣ',
  'line\nbreak',
  'tab\tseparated',
  '日本語',
  'κόσμε',
  'xxabcxx',
  'aaa',
  'k K K',
  's ſ S',
  'the quick brown fox 123',
  '2024-05-06 and 2023-01-02',
  'key=value; other=thing',
  null,
];

export function* strings(): Generator<ExpressionCase> {
  const texts = of(T.Utf8, TEXTS);
  const s = a(T.Utf8);
  const pairs: Columns = {
    a: { type: T.Utf8, values: TEXTS },
    b: { type: T.Utf8, values: [...TEXTS.slice(3), null, '', 'a'] },
  };
  const text = (value: string | null): ExprNode => lit(value, T.Utf8);
  for (const fn of ['contains', 'startsWith', 'endsWith']) {
    for (const target of ['', 'a', 'b', 'ü', 'abc', ' ', null])
      yield named(`${fn} ${target}`, call(fn, [s, text(target)], T.Bool), texts);
    yield named(`${fn} column`, call(fn, [s, b(T.Utf8)], T.Bool), pairs);
    yield named(`${fn} in literal`, call(fn, [text('xxabcxx'), s], T.Bool), texts);
  }
  for (const fn of ['toUpperCase', 'toLowerCase']) {
    yield named(fn, call(fn, [s], T.Utf8), texts);
    yield named(`${fn} ASCII`, call(fn, [s], T.Utf8), of(T.Utf8, ['Hello', 'WORLD', null, 'x1-']));
  }
  for (const fn of ['lenChars', 'lenBytes']) yield named(fn, call(fn, [s], T.UInt32), texts);
  for (const fn of ['trim', 'trimStart', 'trimEnd'])
    for (const chars of [null, '', 'a', ' \t', 'äx', '-+'])
      yield named(`${fn} ${chars}`, call(fn, [s], T.Utf8, { chars }), texts);
  for (const offset of [0, 1, 3, 100, -1, -2, -5, -100])
    for (const length of [null, 0, 1, 3, 50])
      yield named(`slice ${offset} ${length}`, call('slice', [s], T.Utf8, { offset, length }), texts);
  for (const length of [0, 3, 8]) {
    for (const fn of ['padStart', 'padEnd'])
      for (const fill of [' ', '€']) yield named(`${fn} ${length}`, call(fn, [s], T.Utf8, { length, fill }), texts);
    yield named(`zfill ${length}`, call('zfill', [s], T.Utf8, { length }), texts);
  }
  yield named('concat', call('concat', [s, b(T.Utf8), text('!'), s], T.Utf8), pairs);
  yield named('concat null', call('concat', [s, text(null)], T.Utf8), texts);
  yield named('concat literals', call('concat', [text('a'), text('b')], T.Utf8), texts);
  for (const separator of [',', 'X', '', ' ', 'abc'])
    yield named(
      `split ${separator}`,
      call('split', [s], { dtype: 'List', inner: { type: T.Utf8, nullable: true } }, { separator }),
      texts,
    );
  const parts = call('split', [s], { dtype: 'List', inner: { type: T.Utf8, nullable: true } }, { separator: ',' });
  yield named('listLen', call('listLen', [parts], T.UInt32), texts);
  for (const index of [0, 1, -1, -2, 9])
    yield named(`listGet ${index}`, call('listGet', [parts], T.Utf8, { index }), texts);
  for (const [from, to] of [
    ['a', 'A'],
    ['ab', ''],
    ['ü', 'ue'],
    ['', '_'],
    ['', '$'],
  ] as const)
    for (const all of [true, false])
      yield named(
        `replaceText ${from} ${to} ${all}`,
        call('replaceText', [s], T.Utf8, { text: from, replacement: to, all }),
        texts,
        from === '' && to === '$' && all ? { refused: true } : {},
      );
}

export function* regexes(): Generator<ExpressionCase> {
  const texts = of(T.Utf8, TEXTS);
  const s = a(T.Utf8);
  const patterns: [string, string][] = [
    ['a', ''],
    ['^a', ''],
    ['c$', ''],
    ['[a-c]+', ''],
    ['[^a-z]', ''],
    ['a|b', ''],
    ['(a|b)c', ''],
    ['\\d{2,4}', ''],
    ['\\w+@', ''],
    ['\\s', ''],
    ['A', 'i'],
    ['K', 'i'],
    ['S', 'i'],
    ['[ä-ü]', 'i'],
    ['ß', 'i'],
    ['a.c', ''],
    ['a.*c', 's'],
    ['e.b', ''],
    ['e.b', 's'],
    ['^b', 'm'],
    ['e$', 'm'],
    ['x*', ''],
    ['(?:ab)?c', ''],
    ['a{0}b', ''],
    ['日.語', ''],
    ['𝄞', ''],
    ['\\.', ''],
    ['[\\]\\-\\^]', ''],
    ['a+?b', ''],
    ['\\x{e4}', ''],
    ['(?i:A)B', ''],
  ];
  for (const [pattern, flags] of patterns)
    yield named(`matches /${pattern}/${flags}`, call('matches', [s], T.Bool, { pattern, flags }), texts);
  for (const pattern of ['\\bfoo', '\\p{L}', 'a||b', '(a*)*', '(?P<x>a)', 'a{1000}'])
    yield named(`matches /${pattern}/`, call('matches', [s], T.Bool, { pattern, flags: '' }), texts, { refused: true });
  const extracts: [string, number][] = [
    ['(\\d+)-(\\d+)', 1],
    ['(\\d+)-(\\d+)', 2],
    ['(\\d+)-(\\d+)', 0],
    ['([a-z]+)=([a-z]+)', 2],
    ['a(b)?', 1],
    ['(a)(b)?(c)', 2],
    ['[A-Z]', 0],
    ['x', 3],
    ['(k|v)', 1],
    ['^(.*)$', 1],
    ['(.*?),', 1],
  ];
  for (const [pattern, group] of extracts)
    yield named(`extract /${pattern}/ ${group}`, call('extract', [s], T.Utf8, { pattern, flags: '', group }), texts);
  const replaces: [string, unknown[]][] = [
    ['a', ['b']],
    ['[aeiou]', ['<', 0, '>']],
    ['(\\d+)-(\\d+)', [2, '/', 1]],
    ['\\s+', []],
    ['ü', ['$1\\']],
  ];
  for (const [pattern, template] of replaces)
    for (const all of [true, false])
      yield named(
        `replaceRegex /${pattern}/ ${all}`,
        call('replaceRegex', [s], T.Utf8, { pattern, flags: '', template, all } as unknown as Options),
        texts,
      );
  yield named(
    'replaceRegex empty',
    call('replaceRegex', [s], T.Utf8, { pattern: 'x*', flags: '', template: ['-'], all: true }),
    texts,
    { refused: true },
  );
}

const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'];
/** The tables that a plan brings for the zones it names. */
const zoneTables = (...zones: string[]): Options => ({
  zoneTables: Object.fromEntries(
    zones.map((zone) => {
      const { fromSeconds, offsetSeconds, minSeconds, maxSeconds } = zoneTable(zone);
      return [
        zone,
        { fromSeconds: fromSeconds.map((n) => (n === -Infinity ? null : n)), offsetSeconds, minSeconds, maxSeconds },
      ];
    }),
  ),
});

/** UTC seconds around the changes of a zone in 2019 and 2020, and some between them. */
function aroundChanges(zone: string): number[] {
  const begin = Date.UTC(2019, 0, 1) / 1000;
  const end = Date.UTC(2021, 0, 1) / 1000;
  const changes = zoneTable(zone).fromSeconds.filter((from) => from > begin && from < end);
  const near = changes.flatMap((from) => Array.from({ length: 33 }, (_, i) => from + (i - 16) * 900));
  return [...near, ...Array.from({ length: 150 }, (_, i) => begin + i * 421_000)];
}

const FORMATS = [
  '%Y-%m-%d',
  '%F %T',
  '%d.%m.%y',
  '%e %b %Y',
  '%A, %B %d',
  '%j %Y',
  '%I:%M %p',
  '%H%M%S',
  '%-d/%-m/%Y',
  '%T%.f',
  '%T%.3f',
  '%3f %6f %9f %f',
  '%G-W%V-%u %w',
  '%s',
  '%z %:z %Z',
  '%q %%',
  'plain',
  '%a',
];
const READS: [string, string[]][] = [
  ['%Y-%m-%d', ['2024-01-31', '2024-1-3', '2024-02-30', '12345-01-01', '-0044-03-15', '+5-01-01', '2024-01-31 ', 'x']],
  ['%d.%m.%y', ['31.12.68', '1.1.69', '31.12.1999', '1.1.5']],
  ['%Y%m%d', ['20240131', '2024131', '202411', '2024011', '20241301']],
  ['%d %b %Y', ['3 Jan 2024', '03 january 2024', '3 SEP 2024', '3 Foo 2024']],
  ['%A %e %B %Y', ['Monday  3 May 2024', 'Tue 13 December 1999']],
  ['%Y-%m-%d %H:%M:%S%.f', ['2024-01-31 10:20:30.5', '2024-01-31 10:20:30', '2024-01-31 24:00:00']],
  ['%F %I:%M %p', ['2024-01-31 12:05 AM', '2024-01-31 12:05 pm', '2024-01-31 13:05 PM', '2024-01-31 0:05 AM']],
  ['%Y %j', ['2024 366', '2023 366', '2023 001', '2023 000']],
  ['%FT%T%z', ['2024-01-31T10:20:30+0200', '2024-01-31T10:20:30Z', '2024-01-31T10:20:30-05:30', '2024-01-31T10:20:30']],
];

export function* times(): Generator<ExpressionCase> {
  const days = Array.from({ length: 120 }, (_, i) => (i % 13 === 5 ? null : Math.floor((next() - 0.5) * 2_000_000)));
  const columns: [LogicalType, Columns][] = [[T.Date32, of(T.Date32, [...days, ...edges(T.Date32)])]];
  for (const unit of ['ms', 'us', 'ns'] as const) {
    const per = { ms: 1000n, us: 1_000_000n, ns: 1_000_000_000n }[unit];
    const instants = Array.from({ length: 150 }, (_, i) =>
      i % 11 === 5 ? null : BigInt(Math.floor((next() - 0.4) * 8e9)) * per + BigInt(Math.floor(next() * Number(per))),
    );
    columns.push(
      [datetimeType(unit), of(datetimeType(unit), instants)],
      [datetimeType(unit, 'UTC'), of(datetimeType(unit, 'UTC'), instants)],
    );
    for (const zone of ZONES) {
      const t = datetimeType(unit, zone);
      columns.push([
        t,
        of(
          t,
          aroundChanges(zone).map((seconds) => BigInt(seconds) * per),
        ),
      ]);
    }
  }
  const parts: [string, LogicalType][] = [
    ['year', T.Int32],
    ['quarter', T.Int8],
    ['month', T.Int8],
    ['week', T.Int8],
    ['day', T.Int8],
    ['weekday', T.Int8],
    ['ordinalDay', T.Int16],
  ];
  const clocks: [string, LogicalType][] = [
    ['hour', T.Int8],
    ['minute', T.Int8],
    ['second', T.Int8],
    ['millisecond', T.Int32],
    ['microsecond', T.Int32],
    ['nanosecond', T.Int32],
  ];
  const step = (months: number, days_: number, nanoseconds: string, weeks = false) => ({
    months,
    days: days_,
    nanoseconds,
    weeks,
  });
  for (const [t, data] of columns) {
    const zone = 'zone' in t ? t.zone : null;
    const tables = zone !== null && zone !== 'UTC' ? zoneTables(zone) : {};
    // JavaScript's dates, by which the CPU engine formats, end within what 32 bits of days hold, as does its calendar of months.
    const near = t.dtype === 'Date32' ? of(t, days) : data;
    const run = (fn: string, result: LogicalType, options: Options = {}): ExpressionCase =>
      named(
        `${fn} ${typeText(t)} ${JSON.stringify(options)}`,
        call(fn, [a(t)], result, { ...options, ...tables }),
        data,
      );
    for (const [fn, result] of parts) yield fn === 'week' ? { ...run(fn, result), columns: near } : run(fn, result);
    if (t.dtype !== 'Date32') for (const [fn, result] of clocks) yield run(fn, result);
    for (const unit of ['s', 'ms', 'us', 'ns']) yield run('epoch', T.Int64, { unit });
    for (const s of [
      step(1, 0, '0'),
      step(3, 0, '0'),
      step(12, 0, '0'),
      step(0, 1, '0'),
      step(0, 5, '0'),
      step(0, 7, '0', true),
      step(0, 14, '0', true),
      ...(t.dtype === 'Date32' ? [] : [step(0, 0, '3600000000000'), step(0, 0, '900000000000')]),
    ])
      for (const fn of ['truncate', 'dtRound']) yield { ...run(fn, t, s), columns: near };
    for (const [months, d, ns] of [
      [1, 0, '0'],
      [-13, 2, '0'],
      [0, 40, '0'],
      [zone === null || zone === 'UTC' ? 4800 * 2 + 1 : 25, 0, '0'],
      [0, 0, t.dtype === 'Date32' ? '0' : '-90000000000'],
    ] as const)
      yield run('offsetBy', t, { months, days: d, nanoseconds: ns });
    if (t.dtype === 'Datetime') {
      yield run('date', T.Date32);
      yield run('time', T.Time);
    }
    for (const format of FORMATS) yield { ...run('format', T.Utf8, { format }), columns: near };
  }
  const clock = of(T.Time, samples(T.Time, 60, next));
  for (const [fn, result] of clocks) yield named(`${fn} Time`, call(fn, [a(T.Time)], result), clock);
  for (const format of ['%H:%M', '%T%.f', '%I %p'])
    yield named(`format Time ${format}`, call('format', [a(T.Time)], T.Utf8, { format }), clock);
  for (const unit of ['d', 'h', 'm', 's', 'ms', 'us', 'ns'])
    for (const t of [durationType('ms'), durationType('us'), durationType('ns')])
      yield named(
        `total ${unit} ${typeText(t)}`,
        call('total', [a(t)], T.Int64, { unit }),
        of(
          t,
          samples(t, 60, next).map((v) => (typeof v === 'bigint' ? v % 10n ** 12n : v)),
        ),
      );
  // Wall clocks around changes.
  const wall = Array.from({ length: 3000 }, (_, i) => BigInt(Date.UTC(2020, 0, 1) + i * 10_800_000 + 1_800_000));
  for (const zone of ZONES)
    for (const ambiguous of ['earliest', 'latest', 'null', 'raise'])
      for (const nonExistent of ['null', 'raise'])
        yield named(
          `replaceTimeZone ${zone} ${ambiguous} ${nonExistent}`,
          call('replaceTimeZone', [a(datetimeType('ms'))], datetimeType('ms', zone), {
            zone,
            ambiguous,
            nonExistent,
            ...zoneTables(zone),
          }),
          of(datetimeType('ms'), wall),
        );
  for (const t of [datetimeType('us'), datetimeType('ms', 'UTC'), datetimeType('ns', 'Europe/Berlin')]) {
    const zone = (t as { zone: string | null }).zone;
    const tables = zone !== null && zone !== 'UTC' ? zoneTables(zone) : {};
    const base = { unit: (t as { unit: string }).unit, zone, ...tables };
    // The table of a zone ends where the plan's does.
    const near = (text: string | null): boolean =>
      !('zoneTables' in tables) || !/^(?:[+-]|0|1677|22|99|12345)/.test(text ?? '');
    yield named(
      `toDatetime ${typeText(t)}`,
      call('toDatetime', [a(T.Utf8)], t, { format: null, strict: false, ...base }),
      of(T.Utf8, [...TIME_TEXTS, '2024-03-31T02:30:00', '2024-10-27T02:30:00', null].filter(near)),
    );
    for (const [format, texts] of READS)
      yield named(
        `toDatetime ${format} ${typeText(t)}`,
        call('toDatetime', [a(T.Utf8)], t, { format, strict: false, ...base }),
        of(T.Utf8, [...texts, null].filter(near)),
      );
    yield named(
      `strict toDatetime ${typeText(t)}`,
      call('toDatetime', [a(T.Utf8)], t, { format: null, strict: true, ...base }),
      of(T.Utf8, [null, '2024-01-31T10:20:30Z', 'bad']),
    );
  }
  for (const [format, texts] of READS)
    yield named(
      `toDate ${format}`,
      call('toDate', [a(T.Utf8)], T.Date32, { format, strict: false }),
      of(T.Utf8, [...texts, null]),
    );
  yield named(
    'toDate',
    call('toDate', [a(T.Utf8)], T.Date32, { format: null, strict: false }),
    of(T.Utf8, [...TIME_TEXTS, null]),
  );
  yield named(
    'toTime',
    call('toTime', [a(T.Utf8)], T.Time, { format: null, strict: false }),
    of(T.Utf8, [...TIME_TEXTS, null]),
  );
  yield named(
    'toTime %H:%M',
    call('toTime', [a(T.Utf8)], T.Time, { format: '%H:%M', strict: false }),
    of(T.Utf8, ['1:2', '23:59', '24:00', null]),
  );
}
