// Parquet schemas as ours: every form of list and map, logical and converted types, and what cannot be right.
import { describe, expect, test } from 'vitest';
import { typeText } from '../../ts/schema/types.ts';
import type { ParquetFooter, SchemaElement } from '../../ts/source/parquet-footer.ts';
import { parquetSchema } from '../../ts/source/parquet-schema.ts';

type Part = Partial<SchemaElement> & { name: string };
const element = (p: Part): SchemaElement => ({
  type: null,
  typeLength: 0,
  repetition: 'required',
  childCount: 0,
  converted: null,
  scale: 0,
  precision: 0,
  logical: null,
  ...p,
});
function read(parts: readonly Part[], columns: number, keys: Record<string, string> = {}) {
  const footer: ParquetFooter = {
    version: 1,
    rows: 0,
    elements: [element({ name: 'root', childCount: columns }), ...parts.map(element)],
    rowGroups: [],
    createdBy: '',
    keyValues: new Map(Object.entries(keys)),
    columnOrders: [],
  };
  return parquetSchema(footer, 'x.parquet', 4);
}
/** The columns as a user writes them. */
const text = (parts: readonly Part[], columns = 1, keys = {}): string[] =>
  read(parts, columns, keys).schema.map(
    (f) => `${f.name}: ${f.nullable ? `nullable(${typeText(f.type)})` : typeText(f.type)}`,
  );

const LIST = { converted: 3 };
const MAP = { converted: 1 };
const int = (name: string, repetition: SchemaElement['repetition'] = 'required'): Part => ({
  name,
  type: 'INT32',
  repetition,
});

describe('parquet schema', () => {
  test.each<[string, Part[], string]>([
    [
      'three levels',
      [
        { name: 'l', repetition: 'optional', childCount: 1, ...LIST },
        { name: 'list', repetition: 'repeated', childCount: 1 },
        int('element', 'optional'),
      ],
      'l: nullable(List(nullable(Int32)))',
    ],
    [
      'three levels with other names',
      [
        { name: 'l', childCount: 1, ...LIST },
        { name: 'bag', repetition: 'repeated', childCount: 1 },
        int('array_element'),
      ],
      'l: List(Int32)',
    ],
    ['two levels, primitive', [{ name: 'l', childCount: 1, ...LIST }, int('element', 'repeated')], 'l: List(Int32)'],
    [
      'two levels, group of two',
      [
        { name: 'l', childCount: 1, ...LIST },
        { name: 'element', repetition: 'repeated', childCount: 2 },
        int('a'),
        int('b', 'optional'),
      ],
      'l: List(Struct({ a: Int32, b: nullable(Int32) }))',
    ],
    [
      'two levels, named array',
      [{ name: 'l', childCount: 1, ...LIST }, { name: 'array', repetition: 'repeated', childCount: 1 }, int('a')],
      'l: List(Struct({ a: Int32 }))',
    ],
    [
      'two levels, named _tuple',
      [{ name: 'l', childCount: 1, ...LIST }, { name: 'l_tuple', repetition: 'repeated', childCount: 1 }, int('a')],
      'l: List(Struct({ a: Int32 }))',
    ],
    [
      'two levels of lists',
      [
        { name: 'l', childCount: 1, ...LIST },
        { name: 'array', repetition: 'repeated', childCount: 1, ...LIST },
        int('array', 'repeated'),
      ],
      'l: List(List(Int32))',
    ],
    ['repeated without annotation', [int('l', 'repeated')], 'l: List(Int32)'],
    [
      'repeated group without annotation',
      [{ name: 'l', repetition: 'repeated', childCount: 1 }, int('a', 'optional')],
      'l: List(Struct({ a: nullable(Int32) }))',
    ],
    [
      'map',
      [
        { name: 'm', repetition: 'optional', childCount: 1, ...MAP },
        { name: 'key_value', repetition: 'repeated', childCount: 2 },
        { name: 'k', type: 'BYTE_ARRAY', converted: 0 },
        int('v', 'optional'),
      ],
      'm: nullable(List(Struct({ key: Utf8, value: nullable(Int32) })))',
    ],
    [
      'map without values',
      [{ name: 'm', childCount: 1, ...MAP }, { name: 'key_value', repetition: 'repeated', childCount: 1 }, int('key')],
      'm: List(Int32)',
    ],
    [
      'struct',
      [{ name: 's', repetition: 'optional', childCount: 2 }, int('a'), int('a', 'optional')],
      's: nullable(Struct({ a: Int32, a: nullable(Int32) }))',
    ],
  ])('%s', (_, parts, expected) => {
    expect(text(parts)).toEqual([expected]);
  });

  test.each<[Partial<SchemaElement>, string]>([
    [{ type: 'BOOLEAN' }, 'Bool'],
    [{ type: 'INT32', converted: 15 }, 'Int8'],
    [{ type: 'INT32', logical: { kind: 'INTEGER', bits: 16, signed: false } }, 'UInt16'],
    [{ type: 'INT32', converted: 13 }, 'UInt32'],
    [{ type: 'INT64', converted: 14 }, 'UInt64'],
    [{ type: 'INT64', logical: { kind: 'TIMESTAMP', utc: true, unit: 'ns' } }, "Datetime('ns', 'UTC')"],
    [{ type: 'INT64', logical: { kind: 'TIMESTAMP', utc: false, unit: 'ms' } }, "Datetime('ms')"],
    [{ type: 'INT64', converted: 10 }, "Datetime('us', 'UTC')"],
    [{ type: 'INT32', converted: 7 }, 'Time'],
    [{ type: 'INT64', logical: { kind: 'TIME', utc: false, unit: 'ns' } }, 'Time'],
    [{ type: 'INT32', converted: 6 }, 'Date32'],
    [{ type: 'INT32', converted: 5, precision: 9, scale: 2 }, 'Decimal(9, 2)'],
    [{ type: 'BYTE_ARRAY', logical: { kind: 'DECIMAL', precision: 38, scale: 38 } }, 'Decimal(38, 38)'],
    [{ type: 'FLOAT' }, 'Float32'],
    [{ type: 'FIXED_LEN_BYTE_ARRAY', typeLength: 2, logical: { kind: 'FLOAT16' } }, 'Float32'],
    [{ type: 'FIXED_LEN_BYTE_ARRAY', typeLength: 16, logical: { kind: 'UUID' } }, 'Binary'],
    [{ type: 'FIXED_LEN_BYTE_ARRAY', typeLength: 12, converted: 21 }, 'Binary'],
    [{ type: 'BYTE_ARRAY' }, 'Binary'],
    [{ type: 'BYTE_ARRAY', converted: 4 }, 'Utf8'],
    [{ type: 'BYTE_ARRAY', logical: { kind: 'JSON' } }, 'Utf8'],
    [{ type: 'BYTE_ARRAY', logical: { kind: 'UNDEFINED' } }, 'Binary'],
    [{ type: 'INT32', logical: { kind: 'UNDEFINED' } }, 'Int32'],
    [{ type: 'INT96' }, "Datetime('ns')"],
  ])('%j is %s', (part, expected) => {
    expect(text([{ name: 'x', ...part }])).toEqual([`x: ${expected}`]);
  });

  test('columns that only hold nulls are nullable', () => {
    expect(text([{ name: 'x', type: 'INT32', logical: { kind: 'UNKNOWN' } }])).toEqual(['x: nullable(Null)']);
  });
  test('INT96 of Spark is in microseconds', () => {
    expect(text([{ name: 'x', type: 'INT96' }], 1, { 'org.apache.spark.version': '3.4.3' })).toEqual([
      "x: Datetime('us')",
    ]);
  });
  test('a column name that comes again gets a number', () => {
    expect(text([int('x'), int('x', 'optional'), int('x')], 3)).toEqual([
      'x: Int32',
      'x_1: nullable(Int32)',
      'x_2: Int32',
    ]);
  });
  test('an Arrow schema that is broken or of other columns changes nothing', () => {
    for (const bad of ['', '!!', 'AAAA', Buffer.alloc(200, 0xff).toString('base64')])
      expect(text([{ name: 'x', type: 'INT64' }], 1, { 'ARROW:schema': bad })).toEqual(['x: Int64']);
  });

  const nested = (depth: number, repetition: SchemaElement['repetition']): Part[] => [
    ...Array.from({ length: depth }, (_, i): Part => ({ name: `g${i}`, repetition, childCount: 1 })),
    int('x'),
  ];
  test.each<[string, Part[], number, string, RegExp]>([
    ['more columns than there are', [int('a')], 2, 'ERR_CORRUPT_FILE', /fewer columns than it says/],
    ['columns too many', [int('a'), int('b')], 1, 'ERR_CORRUPT_FILE', /belong to no group/],
    ['a group of a billion', [{ name: 'g', childCount: 1e9 }], 1, 'ERR_CORRUPT_FILE', /fewer columns/],
    ['ten thousand groups in each other', nested(10_000, 'required'), 1, 'ERR_CORRUPT_FILE', /nested too deeply/],
    ['a hundred optional groups', nested(100, 'optional'), 1, 'ERR_CORRUPT_FILE', /nested too deeply/],
    ['a hundred repeated groups', nested(100, 'repeated'), 1, 'ERR_CORRUPT_FILE', /nested too deeply/],
    ['values of no bytes', [{ name: 'x', type: 'FIXED_LEN_BYTE_ARRAY' }], 1, 'ERR_CORRUPT_FILE', /values of 0 bytes/],
    [
      'a scale above the precision',
      [{ name: 'x', type: 'INT32', converted: 5, precision: 3, scale: 4 }],
      1,
      'ERR_CORRUPT_FILE',
      /Decimal\(3, 4\)/,
    ],
    [
      'decimal256',
      [{ name: 'x', type: 'FIXED_LEN_BYTE_ARRAY', typeLength: 32, converted: 5, precision: 50, scale: 4 }],
      1,
      'ERR_UNSUPPORTED',
      /decimal256/,
    ],
    ['a group without columns', [{ name: 'g' }], 1, 'ERR_UNSUPPORTED', /group without columns/],
  ])('%s', (_, parts, columns, code, message) => {
    expect(() => read(parts, columns)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
