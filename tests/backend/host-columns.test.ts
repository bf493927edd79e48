// Columns between the host and the heap: values survive, buffers are of the promised kind, wrong buffers are refused.
import { describe, expect, test } from 'vitest';
import type { ArrowColumn } from '../../ts/backend/arrow.ts';
import { slice } from '../../ts/backend/cpu/columns/slice.ts';
import { downloadVector } from '../../ts/backend/cpu/host/download.ts';
import { uploadBatch, uploadColumn } from '../../ts/backend/cpu/host/upload.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import { dictVectorOf, testContext, valuesOf, vectorOf } from '../support/engine.ts';
import { hostValues } from '../support/host-columns.ts';

const long = (i: number) => `a string that is longer than a view, number ${i} – ünï`;
const inner = (type: LogicalType) => ({ type, nullable: true });
const TYPES: [LogicalType, (i: number) => unknown][] = [
  [{ dtype: 'Bool' }, (i) => i % 3 === 0],
  [{ dtype: 'Int8' }, (i) => (i % 200) - 100],
  [{ dtype: 'UInt8' }, (i) => i % 256],
  [{ dtype: 'Int16' }, (i) => (i % 60000) - 30000],
  [{ dtype: 'UInt16' }, (i) => i % 65536],
  [{ dtype: 'Int32' }, (i) => 5 - i],
  [{ dtype: 'UInt32' }, (i) => 4294967295 - i],
  [{ dtype: 'Int64' }, (i) => BigInt(i) * -(2n ** 40n)],
  [{ dtype: 'UInt64' }, (i) => 2n ** 64n - 1n - BigInt(i)],
  [{ dtype: 'Float32' }, (i) => i / 2],
  [{ dtype: 'Float64' }, (i) => i / 3],
  [{ dtype: 'Date32' }, (i) => 10000 - i],
  [{ dtype: 'Time' }, (i) => BigInt(i) * 1000n],
  [{ dtype: 'Datetime', unit: 'us', zone: 'Europe/Paris' }, (i) => -BigInt(i) * 77n],
  [{ dtype: 'Duration', unit: 'ns' }, (i) => BigInt(i) - 3n],
  [{ dtype: 'Decimal', precision: 18, scale: 4 }, (i) => BigInt(i - 500) * 10n ** 14n],
  [{ dtype: 'Decimal', precision: 38, scale: 2 }, (i) => -(10n ** 30n) - BigInt(i)],
  [{ dtype: 'Utf8' }, (i) => (i % 3 === 0 ? '' : i % 2 ? long(i) : 'x'.repeat(i % 13))],
  [{ dtype: 'Binary' }, (i) => new Uint8Array(i % 20).fill(i | 128)],
  [{ dtype: 'Null' }, () => null],
  [
    { dtype: 'List', inner: inner({ dtype: 'Utf8' }) },
    (i) => Array.from({ length: i % 4 }, (_, k) => (k === 2 ? null : long(i + k))),
  ],
  [
    { dtype: 'List', inner: inner({ dtype: 'List', inner: inner({ dtype: 'Int64' }) }) },
    (i) => Array.from({ length: i % 3 }, (_, k) => (k === 1 ? null : [BigInt(i), null, 7n])),
  ],
  [{ dtype: 'FixedSizeList', inner: inner({ dtype: 'Int32' }), length: 3 }, (i) => [i, null, i + 2]],
  [
    {
      dtype: 'Struct',
      fields: [
        { name: 'a', type: { dtype: 'Bool' }, nullable: true },
        { name: 'b', type: { dtype: 'Utf8' }, nullable: true },
        { name: 'b', type: { dtype: 'Decimal', precision: 5, scale: 1 }, nullable: true },
      ],
    },
    (i) => [i % 5 === 0 ? null : i % 2 === 0, `b${i}`, BigInt(i)],
  ],
];

describe.each(TYPES)('%j', (type, at) => {
  for (const rows of [0, 1, 9, 1000, 70000].filter((n) => n < 5000 || ['Utf8', 'Int64', 'Bool'].includes(type.dtype)))
    for (const nulls of ['none', 'some', 'all'] as const)
      for (const copy of [true, false])
        test(`${rows} rows, ${nulls} null, copy ${copy}`, () => {
          const ctx = testContext();
          const values = Array.from({ length: rows }, (_, i) =>
            nulls === 'all' || (nulls === 'some' && i % 7 < 2) ? null : at(i),
          );
          const host = downloadVector(ctx, vectorOf(ctx, type, values), 'x', copy);
          expect(host.type).toEqual(type);
          expect(hostValues(host)).toEqual(values);
          const shared = host.values?.buffer instanceof SharedArrayBuffer;
          if (rows > 0 && host.values) expect(shared).toBe(!copy);
          const again = uploadColumn(ctx, 'x', host, ctx.arena);
          expect(valuesOf(ctx, again)).toEqual(values);
          // In place, as a file's buffers are.
          if (!copy) {
            const resident = uploadColumn(ctx, 'x', host, ctx.arena, { resident: true });
            expect(valuesOf(ctx, resident)).toEqual(values);
          }
        });
  test('slices', () => {
    const ctx = testContext();
    const values = Array.from({ length: 300 }, (_, i) => (i % 11 === 0 ? null : at(i)));
    const part = slice(vectorOf(ctx, type, values), 16, 200);
    for (const copy of [true, false]) {
      const host = downloadVector(ctx, part, 'x', copy);
      expect(hostValues(host)).toEqual(values.slice(16, 216));
      expect(valuesOf(ctx, uploadColumn(ctx, 'x', host, ctx.arena))).toEqual(values.slice(16, 216));
    }
  });
  test('temporaries are given back', () => {
    const ctx = testContext();
    const v = vectorOf(
      ctx,
      type,
      Array.from({ length: 1000 }, (_, i) => at(i)),
    );
    const before = ctx.arena.usedBytes;
    const host = downloadVector(ctx, v, 'x', true);
    expect(ctx.arena.usedBytes).toBe(before);
    const held: number[] = [];
    uploadColumn(ctx, 'x', host, {
      alloc(bytes) {
        held.push(ctx.arena.alloc(bytes));
        return held.at(-1)!;
      },
    });
    for (const address of held) ctx.arena.free(address);
    expect(ctx.arena.usedBytes).toBe(before);
  });
});

test('dictionaries go out and come in as codes', () => {
  const ctx = testContext();
  const words = ['aa', long(1), ''];
  const codes = Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? null : i % 3));
  const v = dictVectorOf(ctx, words, codes);
  const expected = codes.map((c) => (c === null ? null : words[c]!));
  for (const copy of [true, false]) {
    const host = downloadVector(ctx, v, 'x', copy);
    expect(host.dictionary?.length).toBe(3);
    expect(hostValues(host)).toEqual(expected);
    const again = uploadColumn(ctx, 'x', host, ctx.arena);
    expect(again.dict?.length).toBe(3);
    expect(valuesOf(ctx, again)).toEqual(expected);
  }
});

test('a few rows do not bring a large dictionary along', () => {
  const ctx = testContext();
  const words = Array.from({ length: 500 }, (_, i) => long(i));
  const v = dictVectorOf(ctx, words, [499, null, 3]);
  const expected = [words[499], null, words[3]];
  const text = downloadVector(ctx, v, 'x', true);
  expect(text.dictionary).toBeUndefined();
  expect(hostValues(text)).toEqual(expected);
  const category = downloadVector(ctx, { ...v, type: { dtype: 'Categorical' } }, 'x', true);
  expect(category.dictionary?.length).toBe(2);
  expect(hostValues(category)).toEqual(expected);
});

test('Categorical goes out as codes also when it is flat', () => {
  const ctx = testContext();
  const values = Array.from({ length: 50000 }, (_, i) => (i % 9 === 0 ? null : long(i % 3000)));
  const flat = { ...vectorOf(ctx, { dtype: 'Utf8' }, values), type: { dtype: 'Categorical' } as const };
  const host = downloadVector(ctx, flat, 'x', true);
  expect(host.type.dtype).toBe('Categorical');
  expect(host.dictionary?.type.dtype).toBe('Utf8');
  expect(host.dictionary?.length).toBe(3000);
  expect(hostValues(host)).toEqual(values);
});

test('nulls inside a dictionary, dictionaries of numbers and of lists', () => {
  const ctx = testContext();
  const codes = (n: number, validity: Uint8Array | null = null) => ({
    length: 8,
    validity,
    values: Int32Array.from({ length: 8 }, (_, i) => i % n),
  });
  const word = vectorOf(ctx, { dtype: 'Utf8' }, ['a', null, 'ccc']);
  const text: ArrowColumn = {
    type: { dtype: 'Utf8' },
    ...codes(3, new Uint8Array([0b11111110])),
    dictionary: downloadVector(ctx, word, 'x', true),
  };
  expect(valuesOf(ctx, uploadColumn(ctx, 'x', text, ctx.arena))).toEqual([
    null,
    null,
    'ccc',
    'a',
    null,
    'ccc',
    'a',
    null,
  ]);
  const number = vectorOf(ctx, { dtype: 'Int64' }, [5n, 6n]);
  const numbers = { type: number.type, ...codes(2), dictionary: downloadVector(ctx, number, 'x', true) };
  expect(valuesOf(ctx, uploadColumn(ctx, 'x', numbers, ctx.arena))).toEqual([5n, 6n, 5n, 6n, 5n, 6n, 5n, 6n]);
  const type = { dtype: 'List', inner: inner({ dtype: 'Utf8' }) } as const;
  const lists = vectorOf(ctx, type, [['x'], null, [], ['y', null]]);
  const listed = { type, ...codes(4, new Uint8Array([0x7f])), dictionary: downloadVector(ctx, lists, 'x', true) };
  expect(valuesOf(ctx, uploadColumn(ctx, 'x', listed, ctx.arena))).toEqual([
    ['x'],
    null,
    [],
    ['y', null],
    ['x'],
    null,
    [],
    null,
  ]);
  const none = { type: word.type, ...codes(1, new Uint8Array(1)), dictionary: { ...text.dictionary!, length: 0 } };
  expect(valuesOf(ctx, uploadColumn(ctx, 'x', none, ctx.arena))).toEqual(new Array(8).fill(null));
});

test('what lies under nulls becomes zero: values, items of null lists, fields of null structs', () => {
  const ctx = testContext();
  const number: ArrowColumn = {
    type: { dtype: 'Int32' },
    length: 3,
    validity: new Uint8Array([0b101]),
    values: Int32Array.of(1, 99, 3),
  };
  const v = uploadColumn(ctx, 'x', number, ctx.arena);
  expect([...ctx.heap.refresh().i32.subarray(v.data / 4, v.data / 4 + 3)]).toEqual([1, 0, 3]);
  const list: ArrowColumn = {
    type: { dtype: 'List', inner: inner({ dtype: 'Int32' }) },
    length: 3,
    validity: new Uint8Array([0b101]),
    offsets: Int32Array.of(0, 1, 2, 3),
    children: [{ ...number, validity: null }],
  };
  const l = uploadColumn(ctx, 'x', list, ctx.arena);
  expect(valuesOf(ctx, l)).toEqual([[1], null, [3]]);
  expect([...ctx.heap.refresh().i32.subarray(l.data / 4, l.data / 4 + 4)]).toEqual([0, 1, 1, 2]);
  const struct: ArrowColumn = {
    type: { dtype: 'Struct', fields: [{ name: 'a', type: { dtype: 'Int32' }, nullable: false }] },
    length: 3,
    validity: new Uint8Array([0b110]),
    children: [{ ...number, validity: null }],
  };
  const s = uploadColumn(ctx, 'x', struct, ctx.arena);
  expect(valuesOf(ctx, s)).toEqual([null, [99], [3]]);
  expect(valuesOf(ctx, s.children![0]!)).toEqual([null, 99, 3]);
});

describe('wrong buffers', () => {
  const ctx = testContext();
  const upload = (c: Partial<ArrowColumn> & { type: LogicalType }) => () =>
    uploadColumn(ctx, 'x', { length: 3, validity: null, ...c } as ArrowColumn, ctx.arena);
  const utf8 = { dtype: 'Utf8' } as const;
  const abc = new TextEncoder().encode('abcdef');
  test.each<[string, () => unknown, string, RegExp]>([
    [
      'short values',
      upload({ type: { dtype: 'Int32' }, values: new Int32Array(2) }),
      'ERR_SHAPE',
      /12 bytes of values/,
    ],
    ['no values', upload({ type: { dtype: 'Int32' } }), 'ERR_SHAPE', /values for column "x"/],
    [
      'short validity',
      upload({ type: { dtype: 'Int32' }, values: new Int32Array(3), validity: new Uint8Array(0) }),
      'ERR_SHAPE',
      /validity/,
    ],
    ['no offsets', upload({ type: utf8, values: abc }), 'ERR_SHAPE', /offsets/],
    [
      'falling offsets',
      upload({ type: utf8, values: abc, offsets: Int32Array.of(0, 4, 2, 6) }),
      'ERR_SHAPE',
      /4 and 2 in row 1/,
    ],
    [
      'offsets past the end',
      upload({ type: utf8, values: abc, offsets: Int32Array.of(0, 4, 5, 7) }),
      'ERR_SHAPE',
      /row 2/,
    ],
    [
      'negative offsets',
      upload({ type: utf8, values: abc, offsets: Int32Array.of(-1, 4, 5, 6) }),
      'ERR_SHAPE',
      /row 0/,
    ],
    [
      'broken text',
      upload({ type: utf8, values: Uint8Array.of(65, 0xc3, 66, 67), offsets: Int32Array.of(0, 1, 2, 4) }),
      'ERR_EVALUATION',
      /UTF-8 text for column "x".* row 1/,
    ],
    [
      'text cut inside a character',
      upload({ type: utf8, values: new TextEncoder().encode('aüb'), offsets: Int32Array.of(0, 2, 3, 4) }),
      'ERR_EVALUATION',
      /row 0/,
    ],
    [
      'codes past the dictionary',
      upload({
        type: utf8,
        values: Int32Array.of(0, 1, 2),
        dictionary: { type: utf8, length: 2, validity: null, values: abc, offsets: Int32Array.of(0, 1, 2) },
      }),
      'ERR_SHAPE',
      /codes below 2 .* received 2 in row 2/,
    ],
    [
      'a decimal that does not fit',
      upload({ type: { dtype: 'Decimal', precision: 10, scale: 0 }, values: BigInt64Array.of(0n, 0n, 0n, 0n, 5n, 1n) }),
      'ERR_OVERFLOW',
      /18446744073709551621 in row 2/,
    ],
    [
      'no items',
      upload({ type: { dtype: 'List', inner: inner(utf8) }, offsets: new Int32Array(4) }),
      'ERR_SHAPE',
      /children/,
    ],
  ])('%s', (_, act, code, message) => {
    expect(act).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
  test('broken bytes under a null are not looked at', () => {
    const v = upload({
      type: utf8,
      validity: new Uint8Array([0b101]),
      values: Uint8Array.of(65, 0xc3, 66, 67),
      offsets: Int32Array.of(0, 1, 2, 4),
    })() as never;
    expect(valuesOf(ctx, v)).toEqual(['A', null, 'BC']);
  });
  test('columns of a batch have its length', () => {
    const column = { type: { dtype: 'Int8' }, length: 2, validity: null, values: new Int8Array(2) } as const;
    const schema = [{ name: 'a', type: column.type, nullable: false }];
    expect(() => uploadBatch(ctx, { schema, length: 3, columns: [column] }, ctx.arena)).toThrow(
      /3 rows for column "a"/,
    );
  });
});

test('UTF-8 is what the platform says it is', () => {
  const ctx = testContext();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let s = 5;
  const random = (n: number): number => (s = (Math.imul(s, 1664525) + 1013904223) >>> 0) % n;
  const edges = [
    '\u0000',
    '\u007f',
    '\u0080',
    '\u07ff',
    '\u0800',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '\u{10ffff}',
  ];
  const cases: Uint8Array[] = edges.map((e) => new TextEncoder().encode(e));
  for (const bad of [
    'c080',
    'c1bf',
    'e08080',
    'e09fbf',
    'eda080',
    'edbfbf',
    'f0808080',
    'f08fbfbf',
    'f4908080',
    'f5808080',
    'ff',
    '80',
    'c3',
    'e282',
    'f09f98',
  ])
    cases.push(new Uint8Array(Buffer.from(bad, 'hex')));
  for (let i = 0; i < 3000; i++) {
    const text = Array.from({ length: random(12) }, () => edges[random(edges.length)]).join('x'.repeat(random(9)));
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > 0 && random(2) === 0) bytes[random(bytes.length)] = 128 + random(128);
    cases.push(bytes);
  }
  for (const bytes of cases) {
    let valid = true;
    try {
      decoder.decode(bytes);
    } catch {
      valid = false;
    }
    const offsets = Int32Array.of(0, bytes.length);
    const column = { type: { dtype: 'Utf8' }, length: 1, validity: null, offsets, values: bytes } as const;
    const views = new Uint8Array(16);
    new DataView(views.buffer).setInt32(0, bytes.length, true);
    if (bytes.length <= 12) views.set(bytes, 4);
    const view = { ...column, views, buffers: [bytes] };
    for (const c of [column, view]) {
      const mark = ctx.scratch.mark();
      const act = () => uploadColumn(ctx, 'x', c, ctx.scratch);
      if (valid) act();
      else expect(act, Buffer.from(bytes).toString('hex')).toThrow(/UTF-8/);
      ctx.scratch.rewind(mark);
    }
  }
});
