// The expression language of job files: it builds what the methods of Expr build, and nothing else.
import { describe, expect, test } from 'vitest';
import { columnsOf, usesOtherRows } from '../../ts/expr/language/expression-use.ts';
import { parseDType, parseExpression } from '../../ts/expr/language/parse-expression.ts';
import { coalesce, col, Datetime, fromColumns, Int64, len, lit, when } from '../../ts/index.ts';

const c = (name: string): any => col(name);

describe('expressions mean what the methods mean', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['delay > 15', c('delay').gt(15)],
    ['date.dt.weekday()', c('date').dt.weekday()],
    ['a + b * 2 - 1', c('a').add(c('b').mul(2)).sub(1)],
    ['(a + b) * 2', c('a').add(c('b')).mul(2)],
    ['a - b - 1', c('a').sub(c('b')).sub(1)],
    ['a // 2 % 3', c('a').floorDiv(2).mod(3)],
    ['-a ** 2', c('a').pow(2).neg()],
    ['2 ** 3 * a', lit(8).mul(c('a'))],
    ['a >= 1 and b != 2 or not c', c('a').ge(1).and(c('b').ne(2)).or(c('c').not())],
    ['delay.isBetween(-60, 24 * 60)', c('delay').isBetween(-60, 1440)],
    ['a.isIn([1, 2, 3])', c('a').isIn([1, 2, 3])],
    ['name.str.contains(/^a.*b/i)', c('name').str.contains(/^a.*b/i)],
    ['name.str.replaceAll(\'x\', "y")', c('name').str.replaceAll('x', 'y')],
    ['a / b', c('a').div(c('b'))],
    ['`unit price` * 2', c('unit price').mul(2)],
    ["col('unit price') * 2", c('unit price').mul(2)],
    ['x.cast(Int64)', c('x').cast(Int64)],
    ["x.cast('Int64', { strict: false })", c('x').cast(Int64, { strict: false })],
    ["x.cast(Datetime('us'))", c('x').cast(Datetime('us'))],
    [
      "when(n > 3).then('big').when(n > 1).then('mid').otherwise('small')",
      when(c('n').gt(3)).then('big').when(c('n').gt(1)).then('mid').otherwise('small'),
    ],
    ['coalesce(a, b, 0)', coalesce(c('a'), c('b'), 0)],
    [
      'delay.mean().over(origin, { orderBy: date })',
      c('delay')
        .mean()
        .over(c('origin'), { orderBy: c('date') }),
    ],
    ['price.rollingMean({ windowRows: 7 })', c('price').rollingMean({ windowRows: 7 })],
    ['len()', len()],
    ['a == true', c('a').eq(true)],
    ['été + 1', c('été').add(1)],
  ];
  test.each(cases)('%s', (text, built) => {
    expect(parseExpression(text).toString()).toBe(String(built));
  });
  test('they run', async () => {
    const df = fromColumns({ delay: [1, 20, null], hour: Int32Array.of(3, 4, 5) });
    const table = await df
      .withColumns({ late: parseExpression('delay > 15') as never, half: parseExpression('hour / 2') as never })
      .collect();
    expect([...table.column('late' as never)]).toEqual([false, true, null]);
    expect([...table.column('half' as never)]).toEqual([1.5, 2, 2.5]);
  });
  test('an instant', () => {
    expect(parseExpression("date('2001-01-02')").toString()).toBe('lit(2001-01-02T00:00:00.000Z)');
    expect(parseExpression("date('2001-01-02T03:04')").toString()).toBe('lit(2001-01-02T03:04:00.000Z)');
  });
});

describe('what is no expression is an error with its place', () => {
  test.each([
    ['a.dt.wekday()', /"dt.wekday" is not a method. Did you mean "dt.weekday"\?, at character 6/],
    ['a.hour()', /"hour" is a method of .dt: write dt.hour\(\), at character 3/],
    ['a.dt.hour', /Write dt.hour\(\) with parentheses, at character 6/],
    ['weekdy(a)', /"weekdy" is not a function/],
    ['a == null', /Nothing compares with null: use isNull\(\)/],
    ['a < b < c', /Comparisons do not chain/],
    ['a && b', /Write "and" instead of "&&", at character 3/],
    ['a = 1', /Write "==" instead of "="/],
    ['!a', /Write "not" instead of "!"/],
    ['(a', /Expected "\)" but found the end, at character 3/],
    ["'abc", /has no end, at character 1/],
    ['a @ b', /The character "@" begins nothing, at character 3/],
    ['1 2', /Expected an operator or the end but found "2"/],
    ['1x', /Expected an operator after 1/],
    ["x.str.padStart(3, 'ab')", /padStart\(\): Expected one character for fill/],
    ['x.str.contains(/(?=a)/)', /at character/],
    ["date('31.1.2024')", /Expected a date such as/],
  ])('%s', (text, message) => {
    expect(() => parseExpression(text)).toThrowError(message);
    try {
      parseExpression(text);
    } catch (error) {
      expect((error as { code: string }).code).toBe('ERR_PARSE');
    }
  });
  test('hostile text ends in an error', () => {
    for (const text of [
      '('.repeat(9000),
      '-'.repeat(9000),
      'not '.repeat(2000),
      `${'a.abs().'.repeat(1200)}`,
      '['.repeat(9999),
      `f${'('.repeat(5000)}`,
      'x'.repeat(10_001),
      '2**'.repeat(3000),
    ])
      expect(() => parseExpression(text)).toThrowError();
  });
  test('names of JavaScript objects are nothing here', () => {
    for (const text of ['a.constructor()', 'a.__proto__()', 'a.toString()', 'constructor(1)', 'a.str.constructor("x")'])
      expect(() => parseExpression(text)).toThrowError(/is not a/);
    // As plain names they are columns.
    expect(columnsOf(parseExpression('constructor + __proto__'))).toEqual(new Set(['constructor', '__proto__']));
  });
});

test('dtypes by name', () => {
  expect(parseDType('Int64')).toBe(Int64);
  expect(String(JSON.stringify(parseDType("Datetime('us')")))).toBe(JSON.stringify(Datetime('us')));
  expect(() => parseDType('Int65')).toThrowError(/Did you mean "Int64"\?/);
  expect(() => parseDType('Decimal')).toThrowError(/Decimal\(precision, scale\)/);
});

test('which columns an expression reads, and whether other rows', () => {
  const reads = (text: string) => [[...columnsOf(parseExpression(text))].sort(), usesOtherRows(parseExpression(text))];
  expect(reads('a + `b c` > 3')).toEqual([['a', 'b c'], false]);
  expect(reads('when(a).then(b).otherwise(c)')).toEqual([['a', 'b', 'c'], false]);
  expect(reads('a.mean().over(b)')).toEqual([['a', 'b'], true]);
  expect(reads('a - a.mean()')).toEqual([['a'], true]);
  expect(reads('a.diff()')).toEqual([['a'], true]);
  expect(reads('a.shift(1)')).toEqual([['a'], true]);
  expect(reads('a.median()')).toEqual([['a'], true]);
});
