import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ColumnNotFoundError } from '../../ts/errors.ts';
import { coalesce, col, len, lit, when } from '../../ts/expr/builders.ts';
import { columnsFor } from '../../ts/expr/columns.ts';
import { exprText } from '../../ts/expr/text.ts';
import { Int8, Int64, Utf8 } from '../../ts/schema/dtypes.ts';
import { type AnyCallback, bind, schema } from './support.ts';

describe('bound expressions print as a user writes them', () => {
  // What is printed is what was written.
  it.each<[AnyCallback, string]>([
    [(c) => c.f64.mul(c.f64).gt(10), 'c.f64.mul(c.f64).gt(10)'],
    [(c) => c['odd name'].add(1), "c['odd name'].add(1)"],
    [(c) => c.text.eq("it's"), "c.text.eq('it\\'s')"],
    [
      (c) => when(c.ok).then(c.i8).when(c.maybe).then(0).otherwise(1),
      'when(c.ok).then(c.i8).when(c.maybe).then(0).otherwise(1)',
    ],
    [(c) => when(c.ok).then('x'), "when(c.ok).then('x')"],
    [(c) => coalesce(c.some, c.some, 0), 'coalesce(c.some, c.some, 0)'],
    [(c) => c.i8.cast(Int64, { strict: false }), 'c.i8.cast(Int64, { strict: false })'],
    [
      (c) => len().over([c.ok, c.text], { orderBy: c.ts, descending: true }),
      'len().over([c.ok, c.text], { orderBy: c.ts, descending: true })',
    ],
    [(c) => c.i8.isIn([1, 2, 3]), 'c.i8.isIn([1, 2, 3])'],
    [(c) => c.f64.round().round(2), 'c.f64.round().round(2)'],
    [(c) => c.f64.log().log(2), 'c.f64.log().log(2)'],
    [(c) => c.f64.var({ ddof: 0 }).over([]), 'c.f64.var({ ddof: 0 }).over([])'],
    [
      (c) => c.f64.quantile(0.9, { interpolation: 'lower' }).over(c.ok),
      "c.f64.quantile(0.9, { interpolation: 'lower' }).over(c.ok)",
    ],
    [(c) => c.i8.shift(2, { fill: 0 }).over(c.ok), 'c.i8.shift(2, { fill: 0 }).over(c.ok)'],
    [(c) => c.text.hash({ seed: 5 }), 'c.text.hash({ seed: 5n })'],
    [
      (c) => c.text.str.contains('a').or(c.text.str.contains(/a\/b/i)),
      "c.text.str.contains('a').or(c.text.str.contains(/a/b/i))",
    ],
    [(c) => c.text.str.replaceAll(/(a)/, '$1$$'), "c.text.str.replaceAll(/(a)/, '$1$$')"],
    [
      (c) => c.text.str.slice(1, 2).str.padStart(5, '0').str.zfill(7),
      "c.text.str.slice(1, 2).str.padStart(5, '0').str.zfill(7)",
    ],
    [(c) => c.text.str.trim().str.trimEnd('x'), "c.text.str.trim().str.trimEnd('x')"],
    [(c) => c.text.str.concat('-', c.note), "c.text.str.concat('-', c.note)"],
    [(c) => c.text.str.toDate('%F', { strict: false }), "c.text.str.toDate('%F', { strict: false })"],
    [
      (c) => c.ts.dt.truncate('1mo').dt.round('15m').dt.offsetBy('-1mo2d3h'),
      "c.ts.dt.truncate('1mo').dt.round('15m').dt.offsetBy('-1mo2d3h')",
    ],
    [(c) => c.ts.dt.epoch('s'), "c.ts.dt.epoch('s')"],
    [(c) => c.dur.dt.totalHours(), 'c.dur.dt.totalHours()'],
    [(c) => c.tags.list.get(-1).str.lenChars(), 'c.tags.list.get(-1).str.lenChars()'],
    [(c) => c.geo.struct.field('lon'), "c.geo.struct.field('lon')"],
    [(c) => c.ts.gt(new Date('2024-01-01T10:00:00.000Z')), "c.ts.gt(new Date('2024-01-01T10:00:00.000Z'))"],
    [(c) => c.day.gt(new Date('2024-01-01')), "c.day.gt(new Date('2024-01-01'))"],
    [(c) => c.time.gt('01:02:03.5'), "c.time.gt('01:02:03.5')"],
    [(c) => c.dur.gt('1h30m'), "c.dur.gt('1h30m')"],
    [(c) => c.dec.gt(1.5), 'c.dec.gt(1.50)'],
    [(c) => c.bytes.eq(Uint8Array.of(1, 2)), 'c.bytes.eq(Uint8Array.of(1, 2))'],
    [() => lit(5, Int8), 'lit(5, Int8)'],
    [() => lit('x'), "lit('x')"],
    [() => lit(null, Utf8), 'lit(null, Utf8)'],
  ])('%#', (item, expected) => {
    expect(exprText(bind(item))).toBe(expected);
  });

  it('prints unbound ones when inspected', () => {
    expect(inspect(col('x').add(1).diff().over([]))).toBe('c.x.add(1).diff().over([])');
    expect(String(col('x').alias('y'))).toBe("c.x.alias('y')");
  });
});

describe('columns', () => {
  it('are looked up with a suggestion', () => {
    const read = () => bind((c: any) => c.tezt.eq('x'));
    expect(read).toThrow(ColumnNotFoundError);
    expect(read).toThrow(/Column "tezt" not found in withColumns\(x\)\. Did you mean "text"\? Columns: i8, i16/);
    expect(() => bind(col('nope_at_all'))).toThrow(/Column "nope_at_all" not found in withColumns\(x\)\. Columns: /);
  });
  it('list and destructure like an object', () => {
    const c = columnsFor(schema);
    expect(Object.keys(c)).toEqual(schema.map((f) => f.name));
    expect('i8' in c && !('zzz' in c)).toBe(true);
    const { i8, ...rest } = c;
    expect(String(i8)).toBe('c.i8');
    expect(Object.keys(rest).length).toBe(schema.length - 1);
    expect(() => JSON.stringify(c)).not.toThrow();
  });
  it('resolve, so that an async callback is refused readably', async () => {
    await expect(Promise.resolve(columnsFor(schema))).resolves.toBeDefined();
    expect(() => bind(async (c: any) => c.i8)).toThrow(
      /Expected an expression from the function but received an object/,
    );
  });
});

describe('errors', () => {
  it('say what, where, got and fix', () => {
    expect(() => bind((c: any) => c.f64.add(c.i32.mul(1.5)))).toThrow(
      /^Expected an integer from -2147483648 to 2147483647 for c\.i32 \(Int32\) but received 1\.5 of type number\. Write lit\(1\.5\) .* \(In withColumns\(x\): c\.i32\.mul\(1\.5\)\.\)$/,
    );
  });
  it('carry the place in their detail', () => {
    try {
      bind((c: any) => c.f64.add(c.i32.mul(1.5)));
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        code: 'ERR_DTYPE',
        detail: { expression: 'c.i32.mul(1.5)', where: 'withColumns(x)', expected: 'Int32', value: '1.5' },
      });
    }
  });
  it.each<[unknown, RegExp]>([
    [5, /Expected an expression, or a function of the columns, but received 5\. Write lit/],
    [() => 5, /Expected an expression from the function but received 5/],
    [undefined, /but received undefined/],
    [(c: any) => c.i8.alias('z').add(1), /alias\('z'\) names a whole expression and must come last/],
    [(c: any) => when(c.ok), /A when\(\) needs its then\(\)/],
  ])('%#', (item, message) => {
    expect(() => bind(item)).toThrow(message);
  });
  it('leaves other errors alone', () => {
    const mine = new TypeError('mine');
    expect(() =>
      bind(() => {
        throw mine;
      }),
    ).toThrow(mine);
  });
});
