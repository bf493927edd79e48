// Dtypes of JavaScript values, decidable from their TypeScript types.
import { SchemaMismatchError } from '../errors.ts';
import { DecimalValue } from '../schema/decimal.ts';
import { type Field, type LogicalType, type Schema, sameType, typeText } from '../schema/types.ts';

const TYPED: readonly [new (n: number) => ArrayLike<unknown>, LogicalType['dtype']][] = [
  [Float64Array, 'Float64'],
  [Float32Array, 'Float32'],
  [Int8Array, 'Int8'],
  [Int16Array, 'Int16'],
  [Int32Array, 'Int32'],
  [BigInt64Array, 'Int64'],
  [Uint8Array, 'UInt8'],
  [Uint8ClampedArray, 'UInt8'],
  [Uint16Array, 'UInt16'],
  [Uint32Array, 'UInt32'],
  [BigUint64Array, 'UInt64'],
];
const plain = (dtype: string): LogicalType => Object.freeze({ dtype }) as LogicalType;
const FLOAT64 = plain('Float64');
const INT64 = plain('Int64');
const BOOL = plain('Bool');
const UTF8 = plain('Utf8');
const BINARY = plain('Binary');
const NULL = plain('Null');
const DATETIME: LogicalType = Object.freeze({ dtype: 'Datetime', unit: 'ms', zone: null });

/** The field of a column of JavaScript values: nullable when a value is null or undefined. */
export function inferField(name: string, values: ArrayLike<unknown>): Field {
  if (ArrayBuffer.isView(values)) {
    const typed = TYPED.find(([array]) => values instanceof array);
    if (typed !== undefined) return Object.freeze({ name, type: plain(typed[1]), nullable: false });
  }
  let nullable = false;
  let type: LogicalType = NULL;
  // Most columns hold one primitive type: compare `typeof` and leave the rest to the slow path.
  let expected = '';
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    const kind = typeof v;
    if (kind === expected) continue;
    if (v == null) {
      nullable = true;
      continue;
    }
    type = merged(type, typeOfValue(v, name, i), name, i);
    if (kind !== 'object') expected = kind;
  }
  return Object.freeze({ name, type, nullable: nullable || type === NULL });
}

function typeOfValue(v: unknown, name: string, row: number): LogicalType {
  switch (typeof v) {
    case 'number':
      return FLOAT64;
    case 'bigint':
      return INT64;
    case 'string':
      return UTF8;
    case 'boolean':
      return BOOL;
    case 'object':
      break;
    default:
      throw new SchemaMismatchError(
        `Expected a value that a column can hold for row ${row} of column "${name}" but received a ${typeof v}.`,
        { column: name, row },
      );
  }
  if (v instanceof Date) return DATETIME;
  if (v instanceof Uint8Array) return BINARY;
  if (v instanceof DecimalValue) return Object.freeze({ dtype: 'Decimal', precision: 38, scale: v.scale });
  if (Array.isArray(v) || ArrayBuffer.isView(v)) {
    const item = inferField(`${name}[]`, v as ArrayLike<unknown>);
    return Object.freeze({ dtype: 'List', inner: Object.freeze({ type: item.type, nullable: item.nullable }) });
  }
  const fields = Object.entries(v as object).map(([key, value]) => inferField(`${name}.${key}`, [value]));
  return Object.freeze({
    dtype: 'Struct',
    fields: Object.freeze(fields.map((f) => Object.freeze({ ...f, name: f.name.slice(name.length + 1) }))),
  });
}

/** The dtype that holds both, within one column. */
function merged(a: LogicalType, b: LogicalType, name: string, row: number): LogicalType {
  if (a === b || b.dtype === 'Null') return a;
  if (a.dtype === 'Null') return b;
  if (a.dtype === 'List' && b.dtype === 'List') {
    const type = merged(a.inner.type, b.inner.type, `${name}[]`, row);
    const nullable = a.inner.nullable || b.inner.nullable;
    return Object.freeze({ dtype: 'List', inner: Object.freeze({ type, nullable }) });
  }
  if (a.dtype === 'Struct' && b.dtype === 'Struct') return mergedStructs(a.fields, b.fields, name, row);
  if (a.dtype === 'Decimal' && b.dtype === 'Decimal') {
    return Object.freeze({ dtype: 'Decimal', precision: 38, scale: Math.max(a.scale, b.scale) });
  }
  if (sameType(a, b)) return a;
  throw new SchemaMismatchError(
    `Column "${name}" holds ${typeText(a)} values, but row ${row} is ${typeText(b)}. Convert one, or declare a schema.`,
    { column: name, row },
  );
}

function mergedStructs(a: Schema, b: Schema, name: string, row: number): LogicalType {
  const names = new Set([...a, ...b].map((f) => f.name));
  const fields = [...names].map((key): Field => {
    const [x, y] = [a.find((f) => f.name === key), b.find((f) => f.name === key)];
    const known = (x ?? y) as Field;
    if (x === undefined || y === undefined) return Object.freeze({ ...known, nullable: true });
    const type = merged(x.type, y.type, `${name}.${key}`, row);
    return Object.freeze({ name: key, type, nullable: x.nullable || y.nullable });
  });
  return Object.freeze({ dtype: 'Struct', fields: Object.freeze(fields) });
}
