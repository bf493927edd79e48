import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { groupsOf, patternOf, templateOf } from '../../ts/expr/regex.ts';

const FLAGS: Record<string, number> = { i: RE2JS.CASE_INSENSITIVE, m: RE2JS.MULTILINE, s: RE2JS.DOTALL };

/** All matches by RE2: their text and groups. */
function matchesOf(regex: RegExp, text: string): (string | null)[][] {
  const { pattern, flags } = patternOf(regex);
  const matcher = RE2JS.compile(
    pattern,
    [...flags].reduce((bits, f) => bits | (FLAGS[f] as number), 0),
  ).matcher(text);
  const found: (string | null)[][] = [];
  while (matcher.find()) {
    found.push(Array.from({ length: matcher.groupCount() + 1 }, (_, g) => matcher.group(g) ?? null));
  }
  return found;
}

const PATTERNS = [
  /a+b?/,
  /(\w+)-(\d+)/,
  /(?<year>\d{4})-(?<month>\d\d)/,
  /(?:x|y)(z)?/,
  /\u00e9|\u{1f600}/u,
  /\x41\cJ/,
  /[\w.-]+@[^\s@]+/,
  /[a\]b]/,
  /[[a]/,
  /[^\d]/,
  /[/]\//,
  /\//,
  /\s+/,
  /\S+/,
  /[\s,]+/,
  /^b/m,
  /a.c/s,
  /ROME/i,
  /[\b]/,
  /\bcat\b/,
  /a{2,3}?/,
  /(a)|(b)/,
  ...['[^]', '[]'].map((source) => new RegExp(source)),
  /\0/,
  /\$\.\^/,
  /-/,
  /(?:)/,
  /\t|\n|\v|\f/,
];
const TEXTS = [
  'aab ab b',
  'ab-12 cd-3',
  '2024-05 and 1999-12',
  'xz y xzyz',
  'é 😀 e',
  'A\nB',
  'me@site.org, you@x',
  'a]b[',
  '1a2b',
  'a//b',
  ' \u00a0\u2003x\u3000y\ufeff',
  'abc\nb\na\nc',
  'Rome ROME rome',
  'a\bc',
  'cat concat cat',
  'aaaaaa',
  '',
  'x\0y',
  '$.^',
  'a-b',
  '\t\n\v\f',
];

describe('patterns', () => {
  it.each(PATTERNS.map((p) => [String(p), p] as const))('%s matches as in JavaScript', (_name, pattern) => {
    for (const text of TEXTS) {
      const expected = [
        ...text.matchAll(new RegExp(pattern.source, `${pattern.flags.replace('u', '')}gu`.replace('uu', 'u'))),
      ];
      // Without u, JavaScript counts UTF-16 units and reads some escapes loosely; RE2 always counts code points.
      expect([text, matchesOf(pattern, text)]).toEqual([text, expected.map((m) => [...m].map((g) => g ?? null))]);
    }
  });

  it.each([
    [/a(?=b)/, 'look-ahead'],
    [/a(?!b)/, 'look-ahead'],
    [/(?<=a)b/, 'look-behind'],
    [/(?<!a)b/, 'look-behind'],
    [/(a)\1/, 'a back-reference'],
    [/(?<n>a)\k<n>/, 'a back-reference'],
  ])('%s is refused', (pattern, what) => {
    expect(() => patternOf(pattern)).toThrow(new RegExp(`uses ${what}, which RE2 syntax does not have`));
  });

  it('keeps the flags that RE2 has', () => {
    expect(patternOf(/a/dgimsu).flags).toBe('ims');
    expect(() => patternOf(/a/y)).toThrow(/flag y of \/a\/y is not supported/);
    expect(() => patternOf(RegExp('a', ['v'].join('')))).toThrow(/flag v/);
  });

  it('counts groups', () => {
    expect(groupsOf(/(a)(?:b)(?<n>c)\(/)).toEqual({ count: 2, names: new Map([['n', 2]]) });
    expect(groupsOf(/[(]/).count).toBe(0);
  });
});

describe('replacement text', () => {
  const joined = (text: string, pattern: RegExp, replacement: string) =>
    text.replace(new RegExp(pattern.source, `${pattern.flags}g`), (...args) => {
      const groups = args.slice(0, groupsOf(pattern).count + 1) as (string | undefined)[];
      return (templateOf(replacement, pattern) as (string | number)[])
        .map((part) => (typeof part === 'string' ? part : (groups[part] ?? '')))
        .join('');
    });
  it.each([
    [/(\w)-(\w)/, '$2-$1'],
    [/(\w)-(\w)/, '[$&]'],
    [/(\w)-(\w)/, '$$1'],
    [/(\w)-(\w)/, '$3'],
    [/(\w)-(\w)/, '$12'],
    [/(\w)-(\w)/, '$01'],
    [/(?<l>\w)-(?<r>\w)/, '$<r>$<l>'],
    [/(\w)-(\w)/, '$<r>'],
    [/(\w)-(\w)/, 'x$'],
    [/(x)?-/, '<$1>'],
  ])('%s with %s is as in JavaScript', (pattern, replacement) => {
    const text = 'a-b c-d -';
    expect(joined(text, pattern, replacement)).toBe(text.replace(new RegExp(pattern.source, 'g'), replacement));
  });
  it('refuses a group that is not there', () => {
    expect(() => templateOf('$<x>', /(?<n>a)/)).toThrow(/has no group named "x"/);
  });
});
