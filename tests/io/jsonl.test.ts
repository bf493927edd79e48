// JSON Lines, read and written, against JSON.parse and DuckDB.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inferJsonl } from '../../ts/backend/cpu/scan/jsonl/infer-jsonl.ts';
import { openJsonl } from '../../ts/backend/cpu/scan/jsonl/open-jsonl.ts';
import { openJsonlWriter } from '../../ts/backend/cpu/write/jsonl.ts';
import { type LogicalType, type Schema, typeText } from '../../ts/schema/types.ts';
import { uniform } from '../../ts/util/philox.ts';
import { duck, duckRows } from '../support/duck.ts';
import { batchOf, dictVectorOf, fileBytes, memoryBytes, testContext, valuesOf } from '../support/engine.ts';
import { field, memorySink, readAll, rowsOf, textBytes, writeAll } from '../support/text.ts';

const UTF8: LogicalType = { dtype: 'Utf8' };
const INT64: LogicalType = { dtype: 'Int64' };
const FLOAT64: LogicalType = { dtype: 'Float64' };
const list = (type: LogicalType): LogicalType => ({ dtype: 'List', inner: { type, nullable: true } });
const struct = (fields: Record<string, LogicalType>): LogicalType => ({
  dtype: 'Struct',
  fields: Object.entries(fields).map(([name, type]) => field(name, type)),
});

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-jsonl-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

function infer(text: string, options: Record<string, unknown> = {}): string {
  const ctx = testContext();
  return inferJsonl(ctx, textBytes(ctx, text), options)
    .map((f) => `${f.name}: ${typeText(f.type)}`)
    .join(', ')
    .replaceAll(/nullable\((\w+)\)/g, '$1');
}
function read(text: string, schema?: Schema, options: Record<string, unknown> = {}): unknown[][] {
  const ctx = testContext();
  const bytes = textBytes(ctx, text);
  return rowsOf(readAll(ctx, openJsonl, bytes, schema ?? inferJsonl(ctx, bytes, options), options));
}
const one = (type: LogicalType, ...values: string[]): unknown[] =>
  read(values.map((v) => `{"x":${v}}`).join('\n'), [field('x', type)]).map((r) => r[0]);

describe('inference', () => {
  it('finds each dtype, columns in the order they are first seen', () => {
    expect(infer('{"b":true,"i":1,"f":1.5,"s":"x","n":null}\n{"z":1e3,"i":-5}')).toBe(
      'b: Bool, i: Int64, f: Float64, s: Utf8, n: Utf8, z: Float64',
    );
  });
  it('keeps 64-bit integers, and widens with fractions', () => {
    expect(infer('{"a":9223372036854775807}')).toBe('a: Int64');
    expect(infer('{"a":9223372036854775808}')).toBe('a: UInt64');
    expect(infer('{"a":9223372036854775808}\n{"a":-1}')).toBe('a: Float64');
    expect(infer('{"a":1}\n{"a":1.5}')).toBe('a: Float64');
    expect(infer('{"a":1}\n{"a":1.0}')).toBe('a: Float64');
    expect(infer('{"a":123456789012345678901234567890}')).toBe('a: Float64');
    expect(infer('{"a":NaN}')).toBe('a: Float64');
  });
  it('merges nested values', () => {
    expect(infer('{"a":[1,2]}\n{"a":[null,2.5]}\n{"a":[]}')).toBe('a: List(Float64)');
    expect(infer('{"a":{"x":1}}\n{"a":{"y":[{"z":"q"}]}}')).toBe(
      'a: Struct({ x: Int64, y: nullable(List(nullable(Struct({ z: Utf8 })))) })',
    );
    expect(infer('{"a":[]}')).toBe('a: List(Utf8)');
    expect(infer('{"a":{}}')).toBe('a: Utf8');
  });
  it('keeps values of different kinds as text', () => {
    const text = '{"a":1}\n{"a":"x"}\n{"a":[1, 2]}\n{"a":{"b":null}}\n{"a":true}\n{"a":null}';
    expect(infer(text)).toBe('a: Utf8');
    expect(read(text)).toEqual([['1'], ['x'], ['[1, 2]'], ['{"b":null}'], ['true'], [null]]);
  });
  it('looks at inferRows lines, or at all when later ones shall widen', () => {
    const text = `${'{"a":1}\n'.repeat(12_000)}{"a":1.5}\n`;
    expect(infer(text)).toBe('a: Int64');
    expect(infer(text, { onTypeMismatch: 'widen' })).toBe('a: Float64');
    expect(infer(text, { inferRows: 20_000 })).toBe('a: Float64');
    expect(() => read(text)).toThrow(
      /test\.csv, line 12001, column 6, "a": "1\.5" is not an Int64\. Declare the column wider.*onTypeMismatch: 'widen'/,
    );
    expect(read(text, undefined, { onTypeMismatch: 'widen' }).at(-1)).toEqual([1.5]);
  });
  it('widens for every kind of late surprise as it would for an early one', () => {
    const base = { a: 1, n: null, l: [1], o: { x: 1 }, s: 'x', e: [], m: {} };
    const late = [
      { a: 1.5 },
      { n: 5 },
      { n: { p: [true] } },
      { l: [2.5, null] },
      { l: 'no list' },
      { o: { x: 2, y: 'new' } },
      { o: { x: 'q' } },
      { z: 7 },
      { 'new "key"': [{ k: 1 }] },
      { s: 5 },
      { a: '12' },
      { e: ['first'] },
      { m: { k: 1 } },
      { a: 2 ** 62 },
      { b: 1e300 },
      {},
    ];
    const lines = late.map((o) => JSON.stringify(o));
    for (let seed = 0; seed < 20; seed++) {
      const some = lines.filter((_, i) => uniform(seed, i) < 0.3);
      const many = `${JSON.stringify(base)}\n`.repeat(10_500);
      const text =
        many +
        some.map((l, i) => `${many.slice(0, (i % 3) * 1000 * (JSON.stringify(base).length + 1))}${l}\n`).join('');
      expect(infer(text, { onTypeMismatch: 'widen' })).toBe(infer(text, { inferRows: 1_000_000 }));
    }
  });
  it('finds what comes behind the lines that are looked at one by one', () => {
    const of = (...late: string[]): string => infer(`${'{"a":1}\n'.repeat(5000)}${late.map((l) => `${l}\n`).join('')}`);
    expect(of('{"a":1.5}')).toBe('a: Float64');
    expect(of('{"a":"12"}')).toBe('a: Utf8');
    expect(of('{"b":true}', '{"a":null}', '', '{"c":[1]}')).toBe('a: Int64, b: Bool, c: List(Int64)');
    expect(of('{"a":9223372036854775808}')).toBe('a: UInt64');
    expect(of('{"a":-1}', '{"a":9223372036854775808}')).toBe('a: Float64');
    const negative = `${'{"a":1}\n'.repeat(5000)}{"a":-1}\n{"a":9223372036854775808}\n`;
    expect(infer(negative, { onTypeMismatch: 'widen' })).toBe('a: Float64');
    const text = `${'{"a":1}\n'.repeat(9999)}{"a":2}\n`;
    expect(infer(`${text}{"a":1.5}\n`)).toBe('a: Int64');
    expect(infer(`${text.slice(0, -8)}{"a":1.5}\n`)).toBe('a: Float64');
    expect(infer(`${text}{"a":tru}\n`)).toBe('a: Int64');
    expect(() => infer(`${text.slice(0, -8)}{"a":tru}\n`)).toThrow(/line 10000, column 6: expected a value/);
  });
  it('refuses broken lines wherever they are, or leaves them out', () => {
    const text = `${'{"a":1}\n'.repeat(12_000)}{"a":tru}\n{"a":1.5}\n`;
    expect(() => infer(text, { onTypeMismatch: 'widen' })).toThrow(/line 12001, column 6: expected a value/);
    expect(infer(text, { onTypeMismatch: 'widen', malformed: 'skip' })).toBe('a: Float64');
  });
  it('takes a declared schema, and refuses a file without keys', () => {
    expect(infer('{"a":1}', { schema: [field('q', INT64)] })).toBe('q: Int64');
    expect(() => infer('{}\n{}')).toThrow(/has no columns/);
    expect(() => infer('')).toThrow(/has no columns/);
  });
});

describe('values', () => {
  it('reads integers exactly', () => {
    const texts = ['0', '-1', '9007199254740993', '9223372036854775807', '-9223372036854775808', '"42"', 'null'];
    expect(one(INT64, ...texts)).toEqual([0n, -1n, 9007199254740993n, 2n ** 63n - 1n, -(2n ** 63n), 42n, null]);
    expect(one({ dtype: 'UInt8' }, '255', '0')).toEqual([255, 0]);
    expect(() => one({ dtype: 'UInt8' }, '256')).toThrow(/"256" is out of the range of UInt8/);
    expect(() => one(INT64, '1.0')).toThrow(/"1\.0" is not an Int64/);
    expect(() => one(INT64, 'true')).toThrow(/"true" is not an Int64/);
    expect(() => one(INT64, '[1]')).toThrow(/"\[1\]" is not an Int64/);
  });
  it('reads floats as JSON.parse does', () => {
    const texts = [
      '0',
      '-0',
      '0.1',
      '1e300',
      '-1.5E-7',
      '123456789.123456789123456789',
      '1e400',
      '5e-324',
      '9007199254740993',
      '"1.5"',
    ];
    texts.push(
      '2.22507385850720113605740979670913197593481954635164564e-308',
      '9007199254740992.9999999999999999999999',
    );
    expect(one(FLOAT64, ...texts)).toEqual(texts.map((t) => Number(t.replaceAll('"', ''))));
    expect(one(FLOAT64, 'NaN', 'Infinity', '-Infinity', '"NaN"', '"-Infinity"', '"inf"')).toEqual([
      Number.NaN,
      Infinity,
      -Infinity,
      Number.NaN,
      -Infinity,
      Infinity,
    ]);
    expect(one({ dtype: 'Float32' }, '0.1', '1.0000000596046447753906250000000000000001')).toEqual([
      Math.fround(0.1),
      1.0000001192092896,
    ]);
  });
  it('reads several hard numbers in one row', () => {
    const hard = [
      '9007199254740992.9999999999999999999999',
      '1.00000000000000011102230246251565404',
      '9007199254740993.00000000000000000000001',
    ];
    const many = Array.from({ length: 300 }, (_, i) => hard[i % 3] as string);
    const [row] = read(`{"a":[${many.join(',')}],"b":${hard[1]}}`, [field('a', list(FLOAT64)), field('b', FLOAT64)]);
    expect(row).toEqual([many.map(Number), Number(hard[1])]);
    const decimal: LogicalType = { dtype: 'Decimal', precision: 20, scale: 2 };
    expect(one(decimal, '1.5', '1e3', '"25e-2"', '-0.10')).toEqual([150n, 100000n, 25n, -10n]);
    expect(() => one(decimal, '1.005')).toThrow(/more fraction digits than Decimal\(20, 2\)/);
  });
  it('unescapes strings', () => {
    const strings = [
      '',
      'a',
      'q"\\/\b\f\n\r\t',
      'é',
      '😀 and more text',
      'x'.repeat(100),
      '\u0001\u001f',
      '\ud83d\ude00'.repeat(20),
    ];
    const plain = strings.map((s) => JSON.stringify(s));
    const escaped = strings.map(
      (s) =>
        `"${[...s].map((c) => [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')).join('')}"`,
    );
    expect(one(UTF8, ...plain, ...escaped)).toEqual([...strings, ...strings]);
    expect(one(UTF8, '"\\ud800"', '"\\udc00x"', '"\\ud83d\\u0041"', '"\\/"')).toEqual([
      '\ufffd',
      '\ufffdx',
      '\ufffdA',
      '/',
    ]);
  });
  it('finds keys with escapes, in any order, the last of repeated ones', () => {
    const schema = [field('a', INT64), field('b"é', UTF8), field('long key name', list(INT64))];
    expect(
      read(
        '{"b\\"\\u00e9":"x","long key name":[1],"a":1}\n{"a":1,"a":2,"long key name":[5],"long key name":[6,7]}\n{"c":[{"d":"}"}],"a":3}',
        schema,
      ),
    ).toEqual([
      [1n, 'x', [1n]],
      [2n, null, [6n, 7n]],
      [3n, null, null],
    ]);
  });
  it('reads dates, times, booleans, decimals and bytes', () => {
    expect(one({ dtype: 'Date32' }, '"2024-02-29"')).toEqual([19782]);
    expect(one({ dtype: 'Datetime', unit: 'us', zone: 'UTC' }, '"1970-01-01T00:00:01.5Z"')).toEqual([1500000n]);
    expect(one({ dtype: 'Time' }, '"00:00:01"')).toEqual([1000000000n]);
    expect(one({ dtype: 'Duration', unit: 'ms' }, '-5')).toEqual([-5n]);
    expect(one({ dtype: 'Bool' }, 'true', 'false')).toEqual([true, false]);
    expect(one({ dtype: 'Binary' }, '"AAEC"', 'null', '""')).toEqual([
      new Uint8Array([0, 1, 2]),
      null,
      new Uint8Array(),
    ]);
    expect(one({ dtype: 'Decimal', precision: 38, scale: 0 }, '12345678901234567890123456789012345678')).toEqual([
      12345678901234567890123456789012345678n,
    ]);
    expect(one({ dtype: 'Null' }, 'null')).toEqual([null]);
    expect(() => one({ dtype: 'Date32' }, '20240229')).toThrow(/is not a Date32/);
    expect(() => one({ dtype: 'Bool' }, '1')).toThrow(/is not a Bool/);
    expect(() => one({ dtype: 'Bool' }, '"true"')).toThrow(/is not a Bool/);
    expect(() => one({ dtype: 'Binary' }, '"!!"')).toThrow(/is not base64/);
    expect(() => one({ dtype: 'Null' }, '1')).toThrow(/is not a Null/);
  });
  it('reads nested values, with nulls at each level', () => {
    const type = struct({ tags: list(UTF8), pos: struct({ x: FLOAT64, y: list(list(INT64)) }) });
    const texts = [
      '{"tags":["a",null,"bb"],"pos":{"x":1.5,"y":[[1],[],null,[2,null]]}}',
      'null',
      '{}',
      '{"pos":null,"tags":[]}',
      '{"pos":{}}',
    ];
    expect(one(type, ...texts)).toEqual([
      [
        ['a', null, 'bb'],
        [1.5, [[1n], [], null, [2n, null]]],
      ],
      // What a null struct holds are nulls; valuesOf shows the struct itself as null.
      null,
      [null, null],
      [[], null],
      [null, [null, null]],
    ]);
    const fixed: LogicalType = { dtype: 'FixedSizeList', inner: { type: INT64, nullable: true }, length: 2 };
    expect(one(fixed, '[1,2]', 'null', '[3,null]')).toEqual([[1n, 2n], null, [3n, null]]);
    expect(() => one(fixed, '[1]')).toThrow(/"\[1\]" has not 2 items, as in FixedSizeList/);
  });
  it('names the place below the column', () => {
    expect(() => one(struct({ a: list(struct({ b: INT64 })) }), '{"a":[{"b":1},{"b":"q"}]}')).toThrow(
      /line 1, column 25, "x\.a\[\]\.b": "q" is not an Int64/,
    );
  });
  it('reads lists that outgrow their buffers', () => {
    const rows = Array.from({ length: 300 }, (_, i) =>
      Array.from({ length: (i * 37) % 500 }, (_, k) => ({ v: k, s: `text ${k} é` })),
    );
    const text = rows.map((r) => JSON.stringify({ x: r })).join('\n');
    const type = list(struct({ v: { dtype: 'Int32' }, s: UTF8 }));
    expect(read(text, [field('x', type)]).map((r) => r[0])).toEqual(rows.map((r) => r.map((o) => [o.v, o.s])));
  });
});

describe('lines', () => {
  const schema = [field('a', INT64)];
  it('may be blank, end in CRLF, have blanks around, and lack a last end', () => {
    const text = '\ufeff{"a":1}\r\n\n   \n \t{ "a" : 2 } \t\r\n{"a":3}';
    for (const blockBytes of [1, 5, 1000]) expect(read(text, schema, { blockBytes })).toEqual([[1n], [2n], [3n]]);
    expect(read('', schema)).toEqual([]);
    expect(read('\n\n', schema)).toEqual([]);
  });
  const BAD: [string, RegExp][] = [
    ['{"a":1} x', /line 2, column 9: expected the end of the line but found "x"/],
    ['{"a":1}{"a":2}', /column 8: expected the end of the line/],
    ['[1]', /column 1: expected an object but found "\[1\]".*one object a line, not an array/],
    ['5', /column 1: expected an object/],
    ['{"a":1', /column 7: expected ',' or '}' after a value but found the end of the line/],
    ['{"a" 1}', /column 6: expected ':' after the key/],
    ['{a:1}', /column 2: expected a key in double quotes but found "a:1}"/],
    ['{"a":1,}', /column 8: expected a key in double quotes/],
    ['{"a":}', /column 6: expected a value/],
    ['{"a":tru}', /column 6: expected a value but found "tru}"/],
    ['{"a":nul}', /column 6: expected a value/],
    ['{"a":01}', /column 6: expected a number as JSON writes it/],
    ['{"a":1.}', /column 6: expected a number/],
    ['{"a":.5}', /column 6: expected a (value|number)/],
    ['{"a":+1}', /column 6: expected a (value|number)/],
    ['{"a":1e}', /column 6: expected a number/],
    ['{"a":0x10}', /column 6: expected a number/],
    ['{"b":"x}', /column 9: expected the end of the string/],
    ['{"b":"\\x"}', /expected a character after the backslash/],
    ['{"b":"\\u12g4"}', /expected a character after the backslash/],
    ['{"b":"tab\there"}', /expected the end of the string/],
    ['{"c":[1,2}', /column 10: expected ',' or '\]' after a value/],
    ['{"c":[1,]}', /column 9: expected a value/],
    ['{"c":{"d":1]}', /column 12: expected ',' or '}' after a value/],
    ["{'a':1}", /column 2: expected a key/],
    ['{"é😀":1 "a"}', /column 9: expected ',' or '}'/],
  ];
  it.each(BAD)('refuses %s', (bad, message) => {
    const text = `{"a":1}\n${bad}\n{"a":3}\n`;
    const wide = [field('a', INT64), field('b', UTF8)];
    expect(() => read(text, wide)).toThrow(message);
    expect(() => read(text, wide)).toThrow(/test\.csv, line 2, column/);
    expect(read(text, wide, { malformed: 'skip' })).toEqual([
      [1n, null],
      [3n, null],
    ]);
    expect(read(text, wide, { malformed: 'null', blockBytes: 7 })).toEqual([
      [1n, null],
      [null, null],
      [3n, null],
    ]);
    expect(() => infer(text)).toThrow(/test\.csv, line 2, column \d+: expected/);
    expect(infer(text, { malformed: 'skip' })).toBe('a: Int64');
  });
  it('leaves nothing of a broken line behind', () => {
    const type = [field('s', UTF8), field('l', list(UTF8))];
    const good = '{"s":"a \\"quoted\\" longer text","l":["x","y\\n"]}';
    const text = [good, '{"l":["1","2","\\u0041bc long enough to matter"],"s":"x" oops', good].join('\n');
    const row = ['a "quoted" longer text', ['x', 'y\n']];
    expect(read(text, type, { malformed: 'skip' })).toEqual([row, row]);
    expect(read(text, type, { malformed: 'null' })).toEqual([row, [null, null], row]);
  });
  it('stops at a limit', () => {
    const ctx = testContext();
    const text = Array.from({ length: 5000 }, (_, i) => `{"a":${i}}`).join('\n');
    for (const limit of [0, 1, 4999, 6000]) {
      const got = readAll(ctx, openJsonl, textBytes(ctx, text), schema, {}, { limit });
      expect(got.columns.a).toHaveLength(Math.min(limit, 5000));
    }
  });
  it('are counted when no column is wanted', () => {
    const ctx = testContext();
    expect(
      readAll(ctx, openJsonl, textBytes(ctx, '{"a":1}\n\n{"b":2}\n'), schema, {}, { columns: [] }).batches,
    ).toEqual([2]);
  });
  it('refuses bytes that are not UTF-8, or replaces them', () => {
    const ctx = testContext();
    const bytes = memoryBytes(
      ctx.heap,
      Buffer.concat([Buffer.from('{"a":1}\n{"s":"x'), Buffer.from([0xc3]), Buffer.from('"}\n')]),
      'test.csv',
    );
    const text = [field('s', UTF8)];
    expect(() => readAll(ctx, openJsonl, bytes, text)).toThrow(/test\.csv, line 2, column 8: .* is not valid UTF-8/);
    expect(readAll(ctx, openJsonl, bytes, text, { encoding: 'utf8-lossy' }).columns).toEqual({ s: [null, 'x\ufffd'] });
  });
  it('refuses nulls in columns declared without', () => {
    const strict: Schema = [{ name: 'a', type: INT64, nullable: false }];
    expect(() => read('{"a":1}\n{"b":2}', strict)).toThrow(
      /row 2: "a" is null or missing, and the declared Int64 holds no nulls/,
    );
    const inner: Schema = [field('l', { dtype: 'List', inner: { type: INT64, nullable: false } })];
    expect(() => read('{"l":[1,null]}', inner)).toThrow(/"l\[\]" is null or missing/);
    expect(read('{"l":null}\n{"l":[2]}', inner)).toEqual([[null], [[2n]]]);
  });
  it('refuses options it does not know', () => {
    expect(() => read('', schema, { malformd: 'skip' })).toThrow(/Did you mean 'malformed'/);
    expect(() => read('', schema, { malformed: 'ignore' })).toThrow(/must be 'error' or 'skip' or 'null'/);
  });
  it('reads gzip', () => {
    const ctx = testContext();
    const packed = zlib.gzipSync('{"a":1}\n{"a":2}\n');
    expect(readAll(ctx, openJsonl, memoryBytes(ctx.heap, packed), schema).columns).toEqual({ a: [1n, 2n] });
  });
});

// Random nested values, from a random dtype.
function randomType(u: () => number, depth: number): LogicalType {
  const leaves: LogicalType[] = [
    { dtype: 'Bool' },
    { dtype: 'Int32' },
    INT64,
    { dtype: 'UInt64' },
    FLOAT64,
    { dtype: 'Float32' },
    UTF8,
    { dtype: 'Date32' },
    { dtype: 'Datetime', unit: 'us', zone: null },
    { dtype: 'Datetime', unit: 'ns', zone: 'UTC' },
    { dtype: 'Time' },
    { dtype: 'Decimal', precision: 30, scale: 5 },
    { dtype: 'Decimal', precision: 9, scale: 2 },
    { dtype: 'Int8' },
    { dtype: 'UInt16' },
    { dtype: 'Binary' },
    { dtype: 'Duration', unit: 'ms' },
  ];
  const kind = depth > 2 ? 0 : Math.floor(u() * 6);
  if (kind === 1) return list(randomType(u, depth + 1));
  if (kind === 2) {
    const n = 1 + Math.floor(u() * 4);
    return struct(Object.fromEntries(Array.from({ length: n }, (_, i) => [`f${i}`, randomType(u, depth + 1)])));
  }
  if (kind === 3)
    return {
      dtype: 'FixedSizeList',
      inner: { type: randomType(u, depth + 1), nullable: true },
      length: 1 + Math.floor(u() * 3),
    };
  return leaves[Math.floor(u() * leaves.length)] as LogicalType;
}
function randomValue(u: () => number, t: LogicalType, nulls: number): unknown {
  if (u() < nulls) return null;
  const int = (n: number): number => Math.floor(u() * n);
  switch (t.dtype) {
    case 'Bool':
      return u() < 0.5;
    case 'Int8':
      return int(256) - 128;
    case 'UInt16':
      return int(65536);
    case 'Int32':
      return int(2 ** 32) - 2 ** 31;
    case 'Int64':
      return BigInt.asIntN(64, BigInt(int(2 ** 53)) * BigInt(int(2 ** 20)));
    case 'UInt64':
      return BigInt.asUintN(64, BigInt(int(2 ** 53)) * BigInt(int(2 ** 20)));
    case 'Float64':
      return (u() - 0.5) * 10 ** (int(40) - 20);
    case 'Float32':
      return Math.fround((u() - 0.5) * 10 ** (int(40) - 20));
    case 'Utf8':
      return Array.from(
        { length: int(6) * int(4) },
        () => ['a', '"', '\\', '\n', 'é', '😀', '\u0003', 'text '][int(8)],
      ).join('');
    case 'Date32':
      return int(3_652_059) - 719_162;
    case 'Datetime':
      return BigInt(int(4e9) - 2e9) * (t.unit === 'ns' ? 1000000000n : 1000000n) + BigInt(int(1e6));
    case 'Time':
      return BigInt(int(86400)) * 1000000000n + BigInt(int(1e9));
    case 'Decimal':
      return BigInt(int(2 ** 29)) - BigInt(2 ** 28);
    case 'Duration':
      return BigInt(int(2 ** 40)) - BigInt(2 ** 39);
    case 'Binary':
      return new Uint8Array(Array.from({ length: int(20) }, () => int(256)));
    case 'List':
      return Array.from({ length: int(5) }, () => randomValue(u, t.inner.type, nulls));
    case 'FixedSizeList':
      return Array.from({ length: t.length }, () => randomValue(u, t.inner.type, nulls));
    case 'Struct':
      return t.fields.map((f) => randomValue(u, f.type, nulls));
    default:
      return null;
  }
}
function randomTable(seed: number): { schema: Schema; columns: unknown[][] } {
  let i = 0;
  const u = (): number => uniform(seed, i++);
  const schema = Array.from({ length: 1 + Math.floor(u() * 4) }, (_, k) => field(`c${k}`, randomType(u, 0)));
  const rows = [0, 1, 9, 64, 700][Math.floor(u() * 5)] as number;
  const nulls = [0, 0.2][Math.floor(u() * 2)] as number;
  return { schema, columns: schema.map((f) => Array.from({ length: rows }, () => randomValue(u, f.type, nulls))) };
}

describe('writing', () => {
  it('writes every dtype as documented', () => {
    const ctx = testContext();
    const columns: [string, LogicalType, unknown][] = [
      ['b', { dtype: 'Bool' }, true],
      ['i', INT64, 9223372036854775807n],
      ['u', { dtype: 'UInt64' }, 18446744073709551615n],
      ['f', FLOAT64, 1.5],
      ['w', FLOAT64, 3],
      ['s', UTF8, 'q"\\\n\r\t\b\f\u0001é😀'],
      ['d', { dtype: 'Date32' }, 19782],
      ['t', { dtype: 'Datetime', unit: 'ms', zone: 'UTC' }, 1500n],
      ['n', { dtype: 'Datetime', unit: 'us', zone: null }, 0n],
      ['c', { dtype: 'Time' }, 1n],
      ['du', { dtype: 'Duration', unit: 'us' }, -7n],
      ['x', { dtype: 'Decimal', precision: 38, scale: 2 }, 123456789012345678901n],
      ['y', { dtype: 'Binary' }, new Uint8Array([1, 2])],
      ['z', { dtype: 'Null' }, null],
      ['l', list(INT64), [1n, null]],
      ['o "k"', struct({ a: INT64, b: list(UTF8) }), [null, []]],
      ['e', UTF8, null],
    ];
    const schema = columns.map(([name, type]) => field(name, type));
    const values = columns.map((c) => [c[2]]);
    expect(writeAll(ctx, openJsonlWriter, schema, values).text()).toBe(
      '{"b":true,"i":9223372036854775807,"u":18446744073709551615,"f":1.5,"w":3.0,"s":"q\\"\\\\\\n\\r\\t\\b\\f\\u0001é😀",' +
        '"d":"2024-02-29","t":"1970-01-01T00:00:01.500Z","n":"1970-01-01T00:00:00","c":"00:00:00.000000001","du":-7,' +
        '"x":1234567890123456789.01,"y":"AQI=","z":null,"l":[1,null],"o \\"k\\"":{"a":null,"b":[]},"e":null}\n',
    );
    expect(writeAll(ctx, openJsonlWriter, schema.slice(13), values.slice(13), { omitNulls: true }).text()).toBe(
      '{"l":[1,null],"o \\"k\\"":{"b":[]}}\n',
    );
  });
  it('writes NaN and Infinity as asked', () => {
    const schema = [field('f', FLOAT64), field('g', list({ dtype: 'Float32' }))];
    const columns = [
      [Number.NaN, 1],
      [[Infinity], [-Infinity]],
    ];
    const write = (options: Record<string, unknown>): string =>
      writeAll(testContext(), openJsonlWriter, schema, columns, options).text();
    expect(write({})).toBe('{"f":null,"g":[null]}\n{"f":1.0,"g":[null]}\n');
    const text = write({ nonFinite: 'string' });
    expect(text).toBe('{"f":"NaN","g":["Infinity"]}\n{"f":1.0,"g":["-Infinity"]}\n');
    expect(read(text, schema)).toEqual([
      [Number.NaN, [Infinity]],
      [1, [-Infinity]],
    ]);
    expect(() => write({ nonFinite: 'error' })).toThrow(/Row 0 holds a NaN or Infinity/);
    expect(() => write({ nan: 'error' })).toThrow(/'nan' is not known to writeJsonl/);
  });
  it('writes strings of any length, dictionaries, and gzip', () => {
    const long = ['x'.repeat(3 << 20), '"'.repeat(1 << 20), '\u0001'.repeat(300_000)];
    const ctx = testContext();
    const text = writeAll(ctx, openJsonlWriter, [field('s', UTF8)], [long]).text();
    expect(text).toBe(long.map((s) => `${JSON.stringify({ s })}\n`).join(''));
    const packed = writeAll(ctx, openJsonlWriter, [field('s', UTF8)], [long], { compression: 'gzip' }).bytes();
    expect(zlib.gunzipSync(packed).toString()).toBe(text);
    const sink = memorySink(ctx);
    const writer = openJsonlWriter(ctx, sink, [field('s', UTF8)], {});
    writer.write(ctx, batchOf([dictVectorOf(ctx, ['a longer word', 'b'], [1, 0, null])]));
    writer.finish(ctx);
    expect(sink.text()).toBe('{"s":"b"}\n{"s":"a longer word"}\n{"s":null}\n');
  });
  it('reads back 250 random tables of any nesting, at any block size', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 250; seed++) {
      const { schema, columns } = randomTable(seed);
      const ctx = testContext();
      const text = writeAll(ctx, openJsonlWriter, schema, columns).text();
      for (const line of text.split('\n')) if (line !== '') JSON.parse(line);
      const got = readAll(ctx, openJsonl, textBytes(ctx, text), schema, { blockBytes: [10, 3000, 1 << 22][seed % 3] });
      const expected = (columns[0] ?? []).map((_, r) => columns.map((c) => c[r]));
      expect({ seed, rows: rowsOf(got) }).toEqual({ seed, rows: expected });
      for (const f of schema) seen.add(f.type.dtype);
    }
    expect(seen.size).toBeGreaterThan(12);
  });
});

describe('DuckDB', () => {
  it('reads what we write', async () => {
    const file = path.join(folder, 'ours.jsonl');
    const sql: Partial<Record<LogicalType['dtype'], string>> = {
      Bool: 'BOOLEAN',
      Int32: 'INTEGER',
      Int64: 'BIGINT',
      UInt64: 'UBIGINT',
      Float64: 'DOUBLE',
      Float32: 'FLOAT',
      Utf8: 'VARCHAR',
      Int8: 'TINYINT',
      UInt16: 'USMALLINT',
      Date32: 'DATE',
    };
    let compared = 0;
    for (let seed = 500; seed < 700; seed++) {
      const { schema, columns } = randomTable(seed);
      const keep = schema.map((f, i) => [f, i] as const).filter(([f]) => sql[f.type.dtype] !== undefined);
      if (keep.length === 0 || (columns[0]?.length ?? 0) === 0) continue;
      const ctx = testContext();
      fs.writeFileSync(file, writeAll(ctx, openJsonlWriter, schema, columns).bytes());
      const types = keep.map(([f]) => `'${f.name}': '${sql[f.type.dtype]}'`).join(', ');
      const select = keep
        .map(([f]) => (f.type.dtype === 'Date32' ? `(${f.name} - DATE '1970-01-01')::INT` : f.name))
        .join(', ');
      const rows = await duckRows(
        `select ${select} from read_json('${file}', format = 'newline_delimited', columns = {${types}})`,
      );
      expect({ seed, rows }).toEqual({
        seed,
        rows: (columns[0] ?? []).map((_, r) => keep.map(([, i]) => columns[i]?.[r])),
      });
      compared += rows.length;
    }
    expect(compared).toBeGreaterThan(5000);
  });

  it('writes what we read, nested values included', async () => {
    const file = path.join(folder, 'duck.jsonl');
    await (await duck()).run(
      `copy (select i as id, i * 0.37 as x, case when i % 7 = 0 then null else 'name "' || i || '" é' || chr(10) end as s, i % 3 = 0 as b,
        9223372036854775807 - i as big, {'k': i % 5, 'tags': [i::varchar, null, 'tag ' || i]} as o, [[i], [], [i, null]] as l,
        date '2020-01-01' + (i % 1000)::int as d from range(40000) r(i)) to '${file}' (format json)`,
    );
    const ctx = testContext();
    const bytes = fileBytes(ctx.heap, file);
    const schema = inferJsonl(ctx, bytes, {});
    expect(schema.map((f) => `${f.name}: ${typeText(f.type).replaceAll(/nullable\((\w+)\)/g, '$1')}`)).toEqual([
      'id: Int64',
      'x: Float64',
      's: Utf8',
      'b: Bool',
      'big: Int64',
      'o: Struct({ k: Int64, tags: nullable(List(Utf8)) })',
      'l: List(nullable(List(Int64)))',
      'd: Utf8',
    ]);
    const file1 = openJsonl(ctx, {
      bytes,
      columns: schema,
      fileSchema: schema,
      options: {},
      predicate: null,
      limit: null,
    });
    const reader = file1.openUnit(ctx, 0);
    let at = 0;
    for (let batch = reader.next(ctx); batch !== null; batch = reader.next(ctx)) {
      const values = batch.columns.map((v) => valuesOf(ctx, v));
      for (let i = 0; i < batch.length; i += 13) {
        const k = at + i;
        const row = values.map((v) => v[i]);
        const x = BigInt(k);
        const day = new Date(Date.UTC(2020, 0, 1 + (k % 1000))).toISOString().slice(0, 10);
        const expected = [
          x,
          Number((k * 0.37).toFixed(2)),
          k % 7 === 0 ? null : `name "${k}" é\n`,
          k % 3 === 0,
          2n ** 63n - 1n - x,
          [x % 5n, [String(k), null, `tag ${k}`]],
          [[x], [], [x, null]],
          day,
        ];
        if (JSON.stringify(row, big) !== JSON.stringify(expected, big)) expect(row).toEqual(expected);
      }
      at += batch.length;
      ctx.scratch.reset();
    }
    expect(at).toBe(40_000);
    bytes.close();
  });
});
const big = (_key: string, v: unknown): unknown => (typeof v === 'bigint' ? `${v}n` : v);
