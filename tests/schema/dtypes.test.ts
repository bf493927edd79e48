import { describe, expect, it } from 'vitest';
import { DTypeError } from '../../ts/errors.ts';
import {
  Binary,
  Bool,
  Categorical,
  checkZone,
  Date32,
  Datetime,
  Decimal,
  type DType,
  Duration,
  FixedSizeList,
  Float64,
  fromLogical,
  Int32,
  isDType,
  List,
  Null,
  nullable,
  Struct,
  schemaFromSpec,
  specFromSchema,
  Time,
  toLogical,
  Utf8,
} from '../../ts/schema/dtypes.ts';
import { typeText } from '../../ts/schema/types.ts';

const EVERY: [DType, string][] = [
  [Bool, 'Bool'],
  [Int32, 'Int32'],
  [Float64, 'Float64'],
  [Utf8, 'Utf8'],
  [Binary, 'Binary'],
  [Categorical, 'Categorical'],
  [Date32, 'Date32'],
  [Time, 'Time'],
  [Null, 'Null'],
  [Datetime, "Datetime('us')"],
  [Datetime('ms'), "Datetime('ms')"],
  [Datetime('ns', 'Europe/Rome'), "Datetime('ns', 'Europe/Rome')"],
  [Duration, "Duration('us')"],
  [Duration('ns'), "Duration('ns')"],
  [Decimal(12, 2), 'Decimal(12, 2)'],
  [List(Int32), 'List(Int32)'],
  [List(nullable(List(Utf8))), 'List(nullable(List(Utf8)))'],
  [FixedSizeList(nullable(Float64), 3), 'FixedSizeList(nullable(Float64), 3)'],
  [Struct({ a: Int32, 'b c': nullable(Datetime) }), "Struct({ a: Int32, 'b c': nullable(Datetime('us')) })"],
];

describe('dtypes', () => {
  it.each(EVERY)('%# become the dtypes of the plan and come back', (dtype, text) => {
    const logical = toLogical(dtype);
    expect(typeText(logical)).toBe(text);
    expect(toLogical(fromLogical(logical))).toEqual(logical);
    expect(isDType(dtype)).toBe(true);
    expect(Object.isFrozen(dtype) && Object.isFrozen(logical)).toBe(true);
    expect(JSON.parse(JSON.stringify(logical))).toEqual(logical);
  });

  it('make schemas', () => {
    const spec = { id: Int32, city: nullable(Utf8), at: Datetime };
    const schema = schemaFromSpec(spec);
    expect(schema).toEqual([
      { name: 'id', type: { dtype: 'Int32' }, nullable: false },
      { name: 'city', type: { dtype: 'Utf8' }, nullable: true },
      { name: 'at', type: { dtype: 'Datetime', unit: 'us', zone: null }, nullable: false },
    ]);
    expect(schemaFromSpec(specFromSchema(schema))).toEqual(schema);
  });

  it.each<[unknown, RegExp]>([
    ['Int32', /Expected a dtype for column "x" but received Int32 of type string/],
    [Decimal, /received the function Decimal/],
    [undefined, /received undefined of type undefined/],
    [null, /received null/],
    [{ dtype: 'Int128' }, /received an object with keys dtype/],
  ])('%# is no dtype', (value, message) => {
    expect(() => schemaFromSpec({ x: value as DType })).toThrow(DTypeError);
    expect(() => schemaFromSpec({ x: value as DType })).toThrow(message);
  });

  it.each<[() => unknown, RegExp]>([
    [() => Decimal(39, 2), /precision of Decimal must be an integer from 1 to 38\. Got 39/],
    [() => Decimal(5, 6), /scale of Decimal must be an integer from 0 to its precision 5\. Got 6/],
    [() => FixedSizeList(Int32, -1), /length of FixedSizeList/],
    [() => Datetime('s' as 'ms'), /Expected 'ms', 'us' or 'ns' for the unit of Datetime but received "s"/],
    [() => Datetime('us', 'Rome'), /Unknown time zone "Rome"\. Use an IANA name/],
    [() => Duration('h' as 'ms'), /unit of Duration/],
  ])('%# is out of range', (make, message) => {
    expect(make).toThrow(message);
  });

  it('know time zones', () => {
    expect(checkZone('America/Los_Angeles')).toBe('America/Los_Angeles');
    expect(checkZone(null)).toBe(null);
  });
});
