import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commonType, promote } from '../../ts/expr/promote.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import { typeText } from '../../ts/schema/types.ts';
import { shown, typeOf } from './support.ts';

const NAMES = [
  'Int8',
  'Int16',
  'Int32',
  'Int64',
  'UInt8',
  'UInt16',
  'UInt32',
  'UInt64',
  'Float32',
  'Float64',
  'Decimal',
];
// Written by hand from the table of the semantics: rows and columns in the order of NAMES; - is refused.
const TABLE = `
  i8  i16 i32 i64 i16 i32 i64 -   f32 f64 dec
  i16 i16 i32 i64 i16 i32 i64 -   f32 f64 dec
  i32 i32 i32 i64 i32 i32 i64 -   f64 f64 dec
  i64 i64 i64 i64 i64 i64 i64 -   f64 f64 dec
  i16 i16 i32 i64 u8  u16 u32 u64 f32 f64 dec
  i32 i32 i32 i64 u16 u16 u32 u64 f32 f64 dec
  i64 i64 i64 i64 u32 u32 u32 u64 f64 f64 dec
  -   -   -   -   u64 u64 u64 u64 f64 f64 dec
  f32 f32 f64 f64 f32 f32 f64 f64 f32 f64 f64
  f64 f64 f64 f64 f64 f64 f64 f64 f64 f64 f64
  dec dec dec dec dec dec dec dec f64 f64 dec`;
const SHORT: Record<string, string> = {
  i8: 'Int8',
  i16: 'Int16',
  i32: 'Int32',
  i64: 'Int64',
  u8: 'UInt8',
  u16: 'UInt16',
  u32: 'UInt32',
  u64: 'UInt64',
  f32: 'Float32',
  f64: 'Float64',
  dec: 'Decimal',
};
const COLUMN = Object.fromEntries(Object.entries(SHORT).map(([column, name]) => [name, column]));
const cells = TABLE.trim()
  .split('\n')
  .flatMap((line, i) =>
    line
      .trim()
      .split(/\s+/)
      .map((cell, j) => ({ a: NAMES[i] as string, b: NAMES[j] as string, cell })),
  );
const plain = (name: string): LogicalType =>
  (name === 'Decimal' ? { dtype: 'Decimal', precision: 10, scale: 2 } : { dtype: name }) as LogicalType;

describe('promotion', () => {
  it('has 121 cells', () => {
    expect(cells.length).toBe(121);
  });

  it.each(cells)('$a with $b → $cell', ({ a, b, cell }) => {
    const type = promote(plain(a), plain(b));
    expect(type?.dtype ?? '-').toBe(cell === '-' ? '-' : SHORT[cell]);
    const sum = (c: any) => c[COLUMN[a] as string].add(c[COLUMN[b] as string]);
    if (cell === '-') expect(() => typeOf(sum)).toThrow(/UInt64 with a signed integer.*cast one side/i);
    else expect(typeOf(sum).split('(')[0]).toBe(SHORT[cell]);
  });

  it('is the table of the types', () => {
    const source = readFileSync(new URL('../../ts/expr/result-types.ts', import.meta.url), 'utf8');
    const rows = [...source.matchAll(/^ {2}(\w+): \{ (Int8: .*) \};$/gm)];
    expect(rows.length).toBe(11);
    for (const [, a, row] of rows) {
      for (const pair of (row as string).split('; ')) {
        const [b, result] = pair.split(': ') as [string, string];
        const expected = result === 'MixedSign64' ? undefined : result;
        expect([a, b, promote(plain(a as string), plain(b))?.dtype]).toEqual([a, b, expected]);
      }
    }
  });

  it('gives Decimals the digits that hold both sides', () => {
    const of = (a: LogicalType, b: LogicalType) => typeText(promote(a, b) as LogicalType);
    expect(of(plain('Decimal'), { dtype: 'Decimal', precision: 18, scale: 4 })).toBe('Decimal(18, 4)');
    expect(of({ dtype: 'Decimal', precision: 18, scale: 0 }, { dtype: 'Decimal', precision: 4, scale: 4 })).toBe(
      'Decimal(22, 4)',
    );
    expect(of(plain('Decimal'), { dtype: 'Int8' })).toBe('Decimal(10, 2)');
    expect(of(plain('Decimal'), { dtype: 'Int64' })).toBe('Decimal(21, 2)');
    expect(of({ dtype: 'Decimal', precision: 38, scale: 10 }, { dtype: 'UInt64' })).toBe('Decimal(38, 10)');
  });

  it('finds common dtypes of comparisons and branches', () => {
    const of = (a: LogicalType, b: LogicalType) => {
      const type = commonType(a, b);
      return type === null ? null : typeText(type);
    };
    expect(of({ dtype: 'Utf8' }, { dtype: 'Categorical' })).toBe('Utf8');
    expect(of({ dtype: 'Categorical' }, { dtype: 'Categorical' })).toBe('Categorical');
    expect(of({ dtype: 'Null' }, { dtype: 'Bool' })).toBe('Bool');
    expect(of({ dtype: 'Bool' }, { dtype: 'Int8' })).toBe(null);
    expect(of({ dtype: 'Utf8' }, { dtype: 'Int8' })).toBe(null);
    expect(of({ dtype: 'Date32' }, { dtype: 'Datetime', unit: 'ms', zone: null })).toBe("Datetime('ms')");
    expect(of({ dtype: 'Date32' }, { dtype: 'Datetime', unit: 'ms', zone: 'UTC' })).toBe(null);
    expect(of({ dtype: 'Datetime', unit: 'ms', zone: null }, { dtype: 'Datetime', unit: 'ns', zone: null })).toBe(
      "Datetime('ns')",
    );
    expect(of({ dtype: 'Datetime', unit: 'ms', zone: 'UTC' }, { dtype: 'Datetime', unit: 'ms', zone: null })).toBe(
      null,
    );
    expect(
      of({ dtype: 'Datetime', unit: 'ms', zone: 'UTC' }, { dtype: 'Datetime', unit: 'us', zone: 'Asia/Tokyo' }),
    ).toBe("Datetime('us', 'UTC')");
    expect(of({ dtype: 'Duration', unit: 'ms' }, { dtype: 'Duration', unit: 'us' })).toBe("Duration('us')");
    expect(of({ dtype: 'Time' }, { dtype: 'Date32' })).toBe(null);
  });
});

describe('casts that binding inserts', () => {
  it.each([
    ['mul', (c: any) => c.f64.mul(c.i32), 'c.f64.mul(c.i32.cast(Float64)) :: Float64'],
    ['gt', (c: any) => c.i8.gt(c.u32), 'c.i8.cast(Int64).gt(c.u32.cast(Int64)) :: Bool'],
    ['eq of strings', (c: any) => c.cat.eq(c.text), 'c.cat.cast(Utf8).eq(c.text) :: Bool'],
    ['eq of dates', (c: any) => c.day.lt(c.ts), "c.day.cast(Datetime('us')).lt(c.ts) :: Bool"],
    [
      'eq of zones',
      (c: any) => c.rome.eq(c.tokyo),
      "c.rome.cast(Datetime('us', 'Europe/Rome')).eq(c.tokyo.cast(Datetime('us', 'Europe/Rome'))) :: Bool",
    ],
    ['div', (c: any) => c.i32.div(c.dec), 'c.i32.cast(Float64).div(c.dec.cast(Float64)) :: Float64'],
    ['sqrt of Int32', (c: any) => c.i32.sqrt(), 'c.i32.cast(Float64).sqrt() :: Float64'],
    ['sqrt of Float32', (c: any) => c.f32.sqrt(), 'c.f32.sqrt() :: Float32'],
    ['mean', (c: any) => c.ok.mean(), 'c.ok.cast(Float64).mean().over([]) :: Float64?'],
    ['cumSum', (c: any) => c.i8.cumSum(), 'c.i8.cast(Int64).cumSum().over([]) :: Int64'],
    ['str on Categorical', (c: any) => c.cat.str.lenChars(), 'c.cat.cast(Utf8).str.lenChars() :: UInt32'],
    ['folded literals', (c: any) => c.i64.add(c.i32.add(1)), 'c.i64.add(c.i32.add(1).cast(Int64)) :: Int64'],
  ])('%s', (_name, item, expected) => {
    expect(shown(item)).toBe(expected);
  });
});

describe('Decimal arithmetic', () => {
  it.each([
    ['add', (c: any) => c.dec.add(c.dec4), 'Decimal(19, 4)'],
    ['sub of an integer', (c: any) => c.dec.sub(c.i32), 'Decimal(13, 2)'],
    ['mul', (c: any) => c.dec.mul(c.dec4), 'Decimal(28, 6)'],
    ['mul by an integer', (c: any) => c.dec.mul(c.i8), 'Decimal(13, 2)'],
    ['mul by a literal', (c: any) => c.dec.mul(0.1), 'Decimal(20, 4)'],
    ['div', (c: any) => c.dec.div(3), 'Float64'],
    ['floorDiv', (c: any) => c.dec.floorDiv(c.dec4), 'Decimal(18, 0)?'],
    ['mod', (c: any) => c.dec.mod(c.dec4), 'Decimal(18, 4)?'],
    ['with a float', (c: any) => c.dec.add(c.f64), 'Float64'],
    ['with lit()', (c: any) => c.dec4.mul(c.dec4).mul(c.dec), 'Decimal(38, 10)'],
    ['sum', (c: any) => c.dec.sum(), 'Decimal(38, 2)'],
    ['round', (c: any) => c.dec.round(1), 'Decimal(11, 2)'],
  ])('%s', (_name, item, expected) => {
    expect(typeOf(item)).toBe(expected);
  });

  it('gives both sides the precision of the result', () => {
    expect(shown((c) => c.dec.mul(c.i8))).toBe(
      'c.dec.cast(Decimal(13, 2)).mul(c.i8.cast(Decimal(13, 0))) :: Decimal(13, 2)',
    );
    expect(shown((c) => c.dec.add(1.5))).toBe('c.dec.cast(Decimal(11, 2)).add(1.50) :: Decimal(11, 2)');
  });

  it('refuses scales past 38', () => {
    const deep = (c: any) => c.dec4.mul(c.dec4).mul(c.dec4).mul(c.dec4).mul(c.dec4);
    expect(() => typeOf((c) => deep(c).mul(deep(c)))).toThrow(/Decimal of scale 40, but the largest is 38/);
  });
});
