// Strings at their edges, against JavaScript's own on code points, and DuckDB for patterns.
import { describe, expect } from 'vitest';
import { type AnyExpr, Categorical, col, type DataFrame, fromColumns, lit, nullable, Utf8 } from '../../ts/index.ts';
import { isRefusal, onBackends } from '../support/backends.ts';
import { duckRows } from '../support/duck.ts';

const WORDS: readonly (string | null)[] = [
  '',
  ' ',
  'a',
  'b',
  'ab',
  'abc',
  null,
  'twelve bytes',
  'thirteen byte',
  'a much longer text than a view holds inline',
  '日本語',
  '日',
  '🙂',
  'a🙂b',
  '🙂🙂🙂🙂🙂',
  'naïve',
  'nai\u0308ve',
  'ÀÉÎ',
  'straße',
  'ŉ',
  'İstanbul',
  'ıI',
  'ΑΣ',
  'ǆ',
  'Ǆ',
  'ﬁ',
  '\ud83d\udc68\u200d\ud83d\udc69',
  '-',
  '+',
  '-7',
  '+42',
  '-é',
  '0',
  '007',
  '  both  ',
  '\t\n tabbed \r\n',
  '\u00a0nbsp\u00a0',
  '\u3000wide\u3000',
  '--x--',
  'aXbXc',
  'XX',
  'a,b,,c,',
  ',',
  'tab\tin',
  'a\u0000b',
  '\u0000',
  'x'.repeat(300),
  '日'.repeat(100),
  `${'🙂'.repeat(40)}!`,
  'a.b*c',
  '$1 costs $',
  '\\d',
  'line one\nline two',
  'ZZ top',
  'zz',
  'Ä',
  'ß',
];
/** Flat views and dictionaries take different ways, and so do rows behind a filter. */
const frames = {
  flat: fromColumns({ s: WORDS }, { schema: { s: nullable(Utf8) } }),
  categorical: fromColumns({ s: WORDS }, { schema: { s: nullable(Categorical) } }),
  repeated: fromColumns(
    { s: Array.from({ length: 70_000 }, (_, i) => WORDS[(i * 7) % WORDS.length] as string | null) },
    { schema: { s: nullable(Utf8) } },
  ),
};

let checks = 0;
/** Why libcudf could not run what was checked, by check. */
const refusals: string[] = [];
async function columnsOrRefusal(df: DataFrame): Promise<object | null> {
  try {
    return (await df.collect()).toColumns();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    refusals.push(error.message);
    return null;
  }
}
async function check(expr: (s: AnyExpr) => AnyExpr, oracle: (word: string) => unknown): Promise<void> {
  // The long one takes its time: every fifth check meets it.
  const { repeated, ...others } = frames;
  for (const df of checks++ % 5 === 0 ? [...Object.values(others), repeated] : Object.values(others)) {
    const columns = await columnsOrRefusal((df as DataFrame).select('s', { x: expr(col('s')) }));
    if (columns === null) return;
    const { s, x } = columns as { s: (string | null)[]; x: unknown[] };
    const wrong: unknown[] = [];
    for (let i = 0; i < s.length && wrong.length < 5; i++) {
      const word = s[i] as string | null;
      const expected = word === null ? null : oracle(word);
      if (x[i] !== expected && JSON.stringify(x[i]) !== JSON.stringify(expected))
        wrong.push({ word, ours: x[i], expected });
    }
    expect(wrong).toEqual([]);
  }
}
const chars = (text: string): string[] => [...text];

onBackends((backend, test) => {
  describe('lengths and parts', () => {
    test('lenChars, lenBytes', async () => {
      await check(
        (s) => s.str.lenChars(),
        (w) => chars(w).length,
      );
      await check(
        (s) => s.str.lenBytes(),
        (w) => Buffer.byteLength(w),
      );
    });
    const offsets = [0, 1, 2, 5, 13, 400, -1, -2, -5, -13, -400];
    test.each(offsets)('slice from %i', async (offset) => {
      await check(
        (s) => s.str.slice(offset),
        (w) => chars(w).slice(offset).join(''),
      );
      for (const length of [0, 1, 2, 12, 13, 1000]) {
        await check(
          (s) => s.str.slice(offset, length),
          (w) => {
            const start = offset < 0 ? chars(w).length + offset : offset;
            return chars(w)
              .slice(Math.max(start, 0), Math.max(start + length, 0))
              .join('');
          },
        );
      }
    });
  });

  describe('trim', () => {
    test('white space', async () => {
      await check(
        (s) => s.str.trim(),
        (w) => w.trim(),
      );
      await check(
        (s) => s.str.trimStart(),
        (w) => w.trimStart(),
      );
      await check(
        (s) => s.str.trimEnd(),
        (w) => w.trimEnd(),
      );
    });
    test.each(['-', 'ab', '日🙂', 'x', '', ' \t\n\r', '\u0308', 'a\u0000b'])('the set %j', async (set) => {
      const inSet = new Set(chars(set));
      const cut = (w: string, start: boolean, end: boolean): string => {
        const c = chars(w);
        while (start && c.length > 0 && inSet.has(c[0] as string)) c.shift();
        while (end && c.length > 0 && inSet.has(c.at(-1) as string)) c.pop();
        return c.join('');
      };
      await check(
        (s) => s.str.trim(set),
        (w) => cut(w, true, true),
      );
      await check(
        (s) => s.str.trimStart(set),
        (w) => cut(w, true, false),
      );
      await check(
        (s) => s.str.trimEnd(set),
        (w) => cut(w, false, true),
      );
    });
  });

  describe('padding', () => {
    test.each([0, 1, 3, 12, 13, 40])('to %i characters', async (length) => {
      for (const fill of [' ', '.', '日', '🙂']) {
        const missing = (w: string): string => fill.repeat(Math.max(0, length - chars(w).length));
        await check(
          (s) => s.str.padStart(length, fill),
          (w) => missing(w) + w,
        );
        await check(
          (s) => s.str.padEnd(length, fill),
          (w) => w + missing(w),
        );
      }
      await check(
        (s) => s.str.zfill(length),
        (w) => {
          const sign = /^[+-]/.test(w) ? (w[0] as string) : '';
          return sign + '0'.repeat(Math.max(0, length - chars(w).length)) + w.slice(sign.length);
        },
      );
    });
  });

  describe('search', () => {
    test.each([
      '',
      'a',
      'ab',
      'b',
      '日',
      '🙂',
      'view holds',
      'twelve bytes',
      'x'.repeat(14),
      '\u0000',
      'é',
      '.',
    ])('%j', async (piece) => {
      await check(
        (s) => s.str.contains(piece),
        (w) => w.includes(piece),
      );
      await check(
        (s) => s.str.startsWith(piece),
        (w) => w.startsWith(piece),
      );
      await check(
        (s) => s.str.endsWith(piece),
        (w) => w.endsWith(piece),
      );
    });
    test('a piece per row', async () => {
      await check(
        (s) => s.str.contains(s.str.slice(1)),
        () => true,
      );
      await check(
        (s) => s.str.endsWith(s.str.slice(-2)),
        () => true,
      );
      await check(
        (s) => (lit('twelve bytes of text') as unknown as AnyExpr).str.startsWith(s),
        (w) => 'twelve bytes of text'.startsWith(w),
      );
    });
  });

  describe('case', () => {
    /** Unicode's simple mapping: one code point becomes one. */
    const simple = (map: (c: string) => string) => (w: string) =>
      chars(w)
        .map((c) => (chars(map(c)).length === 1 ? map(c) : c === 'İ' ? 'i' : c))
        .join('');
    test('upper and lower', async () => {
      await check(
        (s) => s.str.toUpperCase(),
        simple((c) => c.toUpperCase()),
      );
      await check(
        (s) => s.str.toLowerCase(),
        simple((c) => c.toLowerCase()),
      );
    });
  });

  describe('replace', () => {
    const pieces: [string, string][] = [
      ['a', 'A'],
      ['X', ''],
      ['ab', 'a much longer replacement text'],
      ['日', '🙂'],
      ['🙂', '$&'],
      ['', '-'],
      ['--', '$1'],
      [' ', '__'],
    ];
    test.each(pieces)('the text %j by %j', async (text, by) => {
      await check(
        (s) => s.str.replace(text, by),
        (w) => w.replace(text, () => by),
      );
      await check(
        (s) => s.str.replaceAll(text, by),
        (w) => (text === '' ? [by, ...chars(w).flatMap((c) => [c, by])].join('') : w.replaceAll(text, () => by)),
      );
    });
    const patterns: [RegExp, string][] = [
      [/[aeiou]/, '<$&>'],
      [/(\w)(\w)/, '$2$1'],
      [/(?<first>\w)(?<second>\w)/, '$<second>$<first>'],
      [/(a)|(b)/, '[$1|$2]'],
      [/X/, '$$'],
      [/x*/, '-'],
      [/^/, '>'],
      [/$/, '<'],
      [/\s+/, ' '],
      [/[^x]/, '.'],
      [/(.)(.)(.)/s, '$3$2$1'],
      [/B/i, '$0'],
      [/日|🙂/u, '*'],
      [/(\d)(\d)?/, '$2,$1$3'],
      [/^l.*$/m, 'line'],
    ];
    test.each(patterns)('%s by %j', async (pattern, by) => {
      const flags = pattern.flags.replace('u', '');
      const ours = new RegExp(pattern.source, flags);
      const theirs = new RegExp(pattern.source, `${flags}u`);
      await check(
        (s) => s.str.replace(ours, by),
        (w) => w.replace(theirs, by),
      );
      await check(
        (s) => s.str.replaceAll(ours, by),
        (w) => w.replace(new RegExp(theirs, `${theirs.flags}g`), by),
      );
      await check(
        (s) => s.str.contains(ours),
        (w) => theirs.test(w),
      );
      await check(
        (s) => s.str.extract(ours, 0),
        (w) => theirs.exec(w)?.[0] ?? null,
      );
    });
    test('groups that take no part are null', async () => {
      await check(
        (s) => s.str.extract(/(a)|(b)/, 2),
        (w) => /(a)|(b)/.exec(w)?.[2] ?? null,
      );
    });
    test('like DuckDB', async () => {
      const words = WORDS.filter((w): w is string => w !== null && !w.includes('\u0000'));
      const sql = words.map((w) => `('${w.replaceAll("'", "''")}')`).join(',');
      for (const pattern of [/a+?b/, /[\w]+/, /\bX\b/, /\d{2,}/, /[^a-z]+/]) {
        const source = pattern.source;
        const replaced = { x: col('s').str.replaceAll(pattern, '_') } as never;
        const ours = (await columnsOrRefusal(fromColumns({ s: words }).select(replaced) as never)) as { x: string[] };
        if (ours === null) continue;
        const theirs = await duckRows(`SELECT regexp_replace(s, '${source}', '_', 'g') FROM (VALUES ${sql}) t(s)`);
        expect([...ours.x]).toEqual(theirs.map((r) => r[0]));
      }
    });
  });

  describe('split and concat', () => {
    test.each([',', 'X', '', '日', '🙂', 'ab', ' ', 'not there', ', '])('by %j', async (separator) => {
      await check(
        (s) => s.str.split(separator),
        (w) => (separator === '' ? chars(w) : w.split(separator)),
      );
      await check(
        (s) => s.str.split(separator).list.len(),
        (w) => (separator === '' ? chars(w) : w.split(separator)).length,
      );
      await check(
        (s) => s.str.split(separator).list.get(-1),
        (w) => (separator === '' ? chars(w) : w.split(separator)).at(-1) ?? null,
      );
    });
    test('concat', async () => {
      await check(
        (s) => s.str.concat('-', s, ''),
        (w) => `${w}-${w}`,
      );
      await check(
        (s) => s.str.concat(lit(null, Utf8) as never),
        () => null,
      );
      await check(
        (s) => s.str.concat(' and a tail longer than any inline view').str.slice(-5),
        (w) => chars(`${w} view`).slice(-5).join(''),
      );
    });
  });

  describe('reading dates', () => {
    test('digits may follow a year at once', async () => {
      const df = fromColumns({ s: ['20240229', '19991231', null] });
      const { d, t } = (
        await df
          .select({
            d: col('s').str.toDate('%Y%m%d'),
            t: col('s').str.concat('T235959').str.toDatetime('%Y%m%dT%H%M%S'),
          } as never)
          .collect()
      ).toColumns() as { d: Date[]; t: Date[] };
      expect(d).toEqual([new Date('2024-02-29'), new Date('1999-12-31'), null]);
      expect(t).toEqual([new Date('2024-02-29T23:59:59Z'), new Date('1999-12-31T23:59:59Z'), null]);
    });
    test.each([
      '%Y-%m-%d',
      '%d.%m.%Y',
      '%m/%d/%y',
      '%d %b %Y',
      '%B %d, %Y',
      '%Y%m%d',
      '%Y-%j',
      '%A, %-d %B %Y',
      '%e/%m/%Y',
      '%F',
    ])('%s there and back', async (format) => {
      const days = Array.from({ length: 500 }, (_, i) => new Date(Date.UTC(1970, 0, 1 + i * 37)));
      const { d } = (
        await fromColumns({ t: days })
          .select({ d: col('t').dt.format(format).str.toDate(format.replaceAll('%-', '%')) } as never)
          .collect()
      ).toColumns() as { d: Date[] };
      expect(d).toEqual(days);
    });
    test.each([
      '%Y-%m-%d %H:%M:%S%.f',
      '%FT%T.%3f',
      '%d/%m/%Y %I:%M:%S.%f %p',
      '%Y%m%d%H%M%S%3f',
      '%c.%f'.replace('%c', '%a %b %e %T %Y'),
    ])('%s there and back', async (format) => {
      const times = Array.from({ length: 500 }, (_, i) => new Date(Date.UTC(1970, 0, 1) + i * 86_413_337_041));
      const { d } = (
        await fromColumns({ t: times })
          .select({ d: col('t').dt.format(format).str.toDatetime(format, { unit: 'ms' }) } as never)
          .collect()
      ).toColumns() as { d: Date[] };
      expect(d).toEqual(times);
    });
    test.each([
      '2024-02-30',
      '2024-13-01',
      '',
      'x',
      '2024-02-29 25:00',
      '2024-02-29x',
      '24-02-29',
      '2024-2-29',
    ])('%j is no date', async (text) => {
      const { x } = (
        await fromColumns({ s: [text] })
          .select({ x: col('s').str.toDatetime(null, { strict: false }) } as never)
          .collect()
      ).toColumns() as { x: unknown[] };
      expect([...x]).toEqual([null]);
    });
  });

  if (backend.name !== 'cpu')
    test('few checks are refused', () => {
      console.log(`${refusals.length} of ${checks} refused on ${backend.label}:\n${[...new Set(refusals)].join('\n')}`);
      expect(refusals.length).toBeLessThan(checks / 10);
    });
});
