import { describe, expect, test } from 'vitest';
import {
  Binary,
  Bool,
  Categorical,
  Date32,
  Datetime,
  Decimal,
  DecimalValue,
  Duration,
  FixedSizeList,
  Float32,
  Float64,
  fromAsyncIterable,
  fromColumns,
  fromRecords,
  Int8,
  Int64,
  List,
  nullable,
  Struct,
  Time,
  UInt64,
  Utf8,
} from '../../ts/index.ts';

const thrown = (run: () => unknown): { code: string; message: string } => {
  try {
    run();
  } catch (e) {
    return e as { code: string; message: string };
  }
  throw new Error('nothing was thrown');
};

describe('fromColumns', () => {
  test('dtypes follow from the values', () => {
    const df = fromColumns({
      a: [1, 2],
      b: [1n, null],
      c: ['x', undefined],
      d: [true, false],
      e: [new Date(5), null],
      f: Int32Array.of(1, 2),
      g: Float32Array.of(1, 2),
      h: BigUint64Array.of(1n, 2n),
      i: [new Uint8Array([1]), null],
      j: [[1, 2], []],
      k: [{ x: 1, y: 'a' }, { x: null }],
      l: [null, null],
      m: [DecimalValue.from('1.5'), DecimalValue.from('2')],
      n: Uint8Array.of(3, 4),
    });
    expect(String(df[Symbol.for('nodejs.util.inspect.custom') as never] === undefined)).toBe('false');
    expect(
      Object.fromEntries(Object.entries(df.schema).map(([k, v]) => [k, `${v.dtype}${v.nullable ? '?' : ''}`])),
    ).toEqual({
      a: 'Float64',
      b: 'Int64?',
      c: 'Utf8?',
      d: 'Bool',
      e: 'Datetime?',
      f: 'Int32',
      g: 'Float32',
      h: 'UInt64',
      i: 'Binary?',
      j: 'List',
      k: 'Struct',
      l: 'Null?',
      m: 'Decimal',
      n: 'UInt8',
    });
  });

  test('columns of mixed types or lengths are refused, with the row', () => {
    expect(thrown(() => fromColumns({ a: [1, 'x'] }))).toMatchObject({
      code: 'ERR_SCHEMA_MISMATCH',
      message: 'Column "a" holds Float64 values, but row 1 is Utf8. Convert one, or declare a schema.',
    });
    expect(thrown(() => fromColumns({ a: [1, 2], b: [1] }))).toMatchObject({ code: 'ERR_SHAPE' });
    expect(thrown(() => fromColumns({ a: [() => 1] }))).toMatchObject({ code: 'ERR_SCHEMA_MISMATCH' });
    expect(thrown(() => fromColumns({ a: 5 as never }))).toMatchObject({ code: 'ERR_PARAMETER' });
  });

  test('a declared schema is held', () => {
    const bad = (values: unknown[], type: any): string =>
      thrown(() => fromColumns({ a: values }, { schema: { a: type } })).message;
    expect(bad([1, null], Float64)).toBe(
      'Column "a" is declared Float64 but row 1 is null. Declare it nullable(Float64).',
    );
    expect(bad([1, 300], Int8)).toBe(
      'Expected an integer from -128 to 127 for row 1 of column "a" but received 300 of type number.',
    );
    expect(bad([1.5], Int8)).toMatch('an integer from -128 to 127');
    expect(bad([2 ** 60], Int64)).toMatch('Expected a bigint for row 0');
    expect(bad([-1], UInt64)).toMatch('Expected a bigint');
    expect(bad([2n ** 64n], UInt64)).toMatch('an integer from 0 to 18446744073709551615');
    expect(bad(['x'], Float64)).toMatch('Expected a number for row 0 of column "a" but received "x" of type string');
    expect(bad([1], Utf8)).toMatch('Expected a string');
    expect(bad([1], Bool)).toMatch('Expected true or false');
    expect(bad([new Date(Number.NaN)], Datetime)).toMatch('received an invalid Date');
    expect(bad(['25:00'], Time)).toMatch("a time 'HH:MM:SS.ffffff'");
    expect(bad(['1.234'], Decimal(5, 2))).toMatch('a value of Decimal(5, 2)');
    expect(bad(['12345.5'], Decimal(5, 2))).toMatch('a value of Decimal(5, 2)');
    expect(bad([[1, 2, 3]], FixedSizeList(Float64, 2))).toMatch('an array of 2 items');
    expect(bad([[1, null]], List(Float64))).toMatch('Column "a[]" is declared Float64 but row 1 is null');
    expect(thrown(() => fromColumns({ a: [1] } as never, { schema: { b: Float64 } })).code).toBe('ERR_SCHEMA_MISMATCH');
  });

  test('what is given is copied', async () => {
    const values = Float64Array.of(1, 2, 3);
    const df = fromColumns({ values });
    values[0] = 99;
    expect((await df.collect()).toRecords()).toEqual([{ values: 1 }, { values: 2 }, { values: 3 }]);
  });

  test('empty frames', async () => {
    expect(await fromColumns({}).count()).toBe(0);
    const df = fromColumns({ a: [], b: new Float64Array(0) });
    expect(await df.count()).toBe(0);
    expect((await df.collect()).toRecords()).toEqual([]);
    expect(await fromRecords([]).count()).toBe(0);
  });
});

describe('every dtype goes in and comes out', () => {
  const cases: [string, any, unknown[], unknown[]?][] = [
    ['Bool', Bool, [true, false, null]],
    ['Int8', Int8, [-128, 127, null]],
    ['Int64', Int64, [2n ** 63n - 1n, -(2n ** 63n), null]],
    ['Int64 from numbers', Int64, [5, null], [5n, null]],
    ['UInt64', UInt64, [2n ** 64n - 1n, 0n, null]],
    ['Float32', Float32, [1.5, Number.NaN, null]],
    ['Float64', Float64, [0.1, -0, Number.NaN, Number.POSITIVE_INFINITY, null]],
    ['Utf8', Utf8, ['', 'a', 'ünï – 日本 🎉', 'a string longer than a view', null]],
    ['Categorical', Categorical, ['red', 'green', 'red', null]],
    ['Binary', Binary, [new Uint8Array([0, 255]), new Uint8Array(0), null]],
    ['Date32', Date32, [new Date('2024-02-29'), new Date('1969-12-31'), null]],
    ['Date32 drops the clock', Date32, [new Date('2024-02-29T23:59:59Z')], [new Date('2024-02-29')]],
    ['Datetime ms', Datetime('ms'), [new Date(0), new Date(-1), new Date('9999-12-31T23:59:59.999Z'), null]],
    ['Datetime us', Datetime('us'), [new Date(0), new Date(-1), new Date('2255-01-01T00:00:00.001Z'), null]],
    [
      'Datetime ns',
      Datetime('ns', 'Europe/Oslo'),
      [new Date(0), new Date(-1), new Date('2024-05-05T01:02:03.004Z'), null],
    ],
    ['Datetime ticks', Datetime('ns'), [1_999_999n, -1n], [new Date(1), new Date(-1)]],
    ['Time', Time, ['00:00:00.000000', '23:59:59.999999', null]],
    ['Time, short', Time, ['12:30', '12:30:15.5'], ['12:30:00.000000', '12:30:15.500000']],
    ['Duration', Duration('us'), [1.5, -1, 86_400_000, null]],
    ['Decimal', Decimal(5, 2), [DecimalValue.from('123.45'), DecimalValue.from('-0.01', 2), null]],
    [
      'Decimal of 38 digits',
      Decimal(38, 2),
      [DecimalValue.from(`-${'9'.repeat(36)}.99`), DecimalValue.from(`${'9'.repeat(36)}.99`)],
    ],
    [
      'Decimal from numbers',
      Decimal(9, 2),
      [1.5, '2.25', 3n],
      ['1.50', '2.25', '3.00'].map((t) => DecimalValue.from(t)),
    ],
    ['List', List(nullable(Utf8)), [['a', null], [], null]],
    ['List of lists', List(List(Int64)), [[[1n], []], [], null]],
    ['FixedSizeList', FixedSizeList(Float64, 2), [[1, 2], null, [3, 4]]],
    ['Struct', Struct({ x: Float64, y: nullable(Utf8) }), [{ x: 1, y: 'a' }, { x: 2, y: null }, null]],
  ];
  test.each(cases)('%s', async (_name, type, values, out = values) => {
    using table = await fromColumns({ a: values }, { schema: { a: nullable(type) } }).collect();
    expect(table.toRecords().map((r) => r.a)).toEqual(out);
    expect([...table.column('a')]).toEqual(out);
    expect(table.column('a').toArray()).toEqual(out);
  });

  test('more strings than one chunk, ASCII and not', async () => {
    const ascii = Array.from({ length: 20_000 }, (_, i) => (i % 7 === 0 ? null : `row number ${i}`));
    const wide = Array.from({ length: 20_000 }, (_, i) =>
      i % 5 === 0 ? `🎉${i}` : i % 3 === 0 ? 'é'.repeat(i % 9) : `${i}`,
    );
    const few = Array.from({ length: 20_000 }, (_, i) => `city ${i % 11}`);
    const lone = ['\ud800', '\udc00', 'a\ud800', '\udc00b'];
    using table = await fromColumns({ ascii, wide, few }).collect();
    expect(table.column('ascii').toArray()).toEqual(ascii);
    expect(table.column('wide').toArray()).toEqual(wide);
    expect(table.column('few').toArray()).toEqual(few);
    using odd = await fromColumns({ lone }).collect();
    expect(odd.column('lone').toArray()).toEqual(['�', '�', 'a�', '�b']);
  });
});

describe('fromRecords', () => {
  test('columns in the order first met; what a row lacks is null', async () => {
    const df = fromRecords<{ a: number; b?: string; c?: boolean }>([
      { a: 1, b: 'x' },
      { a: 2, c: true },
    ]);
    expect(df.columns).toEqual(['a', 'b', 'c']);
    expect((await df.collect()).toRecords()).toEqual([
      { a: 1, b: 'x', c: null },
      { a: 2, b: null, c: true },
    ]);
  });

  test('a declared schema picks and orders the columns', async () => {
    const df = fromRecords([{ a: 1, b: 2, c: 3 }], { schema: { c: Int8, a: Float64 } });
    expect((await df.collect()).toRecords()).toEqual([{ c: 3, a: 1 }]);
  });

  test('names that are special to JavaScript', async () => {
    const rows = [JSON.parse('{"__proto__": 1, "constructor": 2, "a b": 3, "": 4}')];
    const [row] = (await fromRecords(rows).collect()).toRecords() as [Record<string, unknown>];
    expect(Object.entries(row)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
      ['a b', 3],
      ['', 4],
    ]);
  });

  test('a row that is no object', () => {
    expect(thrown(() => fromRecords([{ a: 1 }, null as never])).message).toBe(
      'Expected row objects but row 1 is null.',
    );
  });

  test('a hundred thousand rows', async () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => ({
      id: i,
      name: `n${i}`,
      city: ['Oslo', 'Rome'][i % 2],
      maybe: i % 3 === 0 ? null : i,
      at: new Date(i * 1000),
      ok: i % 2 === 0,
    }));
    using table = await fromRecords(rows).collect();
    expect(table.toRecords()).toEqual(rows);
  });
});

describe('fromAsyncIterable', () => {
  test('rows, arrays of rows, declared', async () => {
    async function* rows() {
      yield { a: 1, b: 'x' };
      yield [
        { a: 2, b: null },
        { a: null, b: 'z' },
      ];
    }
    const df = await fromAsyncIterable(rows(), { schema: { b: nullable(Utf8), a: nullable(Float64) } });
    expect((await df.collect()).toRecords()).toEqual([
      { b: 'x', a: 1 },
      { b: null, a: 2 },
      { b: 'z', a: null },
    ]);
  });

  test('many batches, inferred from the first', async () => {
    async function* rows() {
      for (let i = 0; i < 200_000; i++) yield { i, t: i === 150_000 ? null : `t${i % 100}` };
    }
    const df = await fromAsyncIterable(rows());
    expect(await df.count()).toBe(200_000);
    expect((await df.nullCount().collect()).toRecords()).toEqual([{ i: 0, t: 1 }]);
    expect((await df.slice(150_000, 1).collect()).toRecords()).toEqual([{ i: 150_000, t: null }]);
  });

  test('batches of another frame, nothing, and a producer that fails', async () => {
    const source = fromColumns({ a: [1, 2, 3] });
    const copy = await fromAsyncIterable(source.batches());
    expect((await copy.collect()).toRecords()).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
    async function* nothing(): AsyncGenerator<object> {}
    expect(await (await fromAsyncIterable(nothing(), { schema: { a: Float64 } })).count()).toBe(0);
    async function* fails(): AsyncGenerator<object> {
      yield { a: 1 };
      throw new Error('no more');
    }
    await expect(fromAsyncIterable(fails())).rejects.toThrow('no more');
    async function* changes(): AsyncGenerator<object> {
      for (let i = 0; i < 70_000; i++) yield { a: i };
      yield { a: 'text' };
    }
    await expect(fromAsyncIterable(changes())).rejects.toThrow(/Expected a number for row \d+ of column "a"/);
  });
});
