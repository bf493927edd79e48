// The dtypes as the plan and the engines see them: plain JSON, one shape per dtype. The typed faces are in dtypes.ts.

export type TimeUnit = 'ms' | 'us' | 'ns';

/** One named, typed column. */
export interface Field {
  readonly name: string;
  readonly type: LogicalType;
  readonly nullable: boolean;
}

/** The columns of a frame, in order. */
export type Schema = readonly Field[];

export type IntegerName = 'Int8' | 'Int16' | 'Int32' | 'Int64' | 'UInt8' | 'UInt16' | 'UInt32' | 'UInt64';

/** A dtype with its parameters. `Time` is nanoseconds since midnight; `Datetime` is UTC ticks. */
export type LogicalType =
  | { readonly dtype: 'Bool' | IntegerName | 'Float32' | 'Float64' | 'Utf8' | 'Binary' | 'Categorical' }
  | { readonly dtype: 'Date32' | 'Time' | 'Null' }
  | { readonly dtype: 'Datetime'; readonly unit: TimeUnit; readonly zone: string | null }
  | { readonly dtype: 'Duration'; readonly unit: TimeUnit }
  | { readonly dtype: 'Decimal'; readonly precision: number; readonly scale: number }
  | { readonly dtype: 'List'; readonly inner: ItemType }
  | { readonly dtype: 'FixedSizeList'; readonly inner: ItemType; readonly length: number }
  | { readonly dtype: 'Struct'; readonly fields: readonly Field[] };

/** The elements of a list. */
export interface ItemType {
  readonly type: LogicalType;
  readonly nullable: boolean;
}

export type DTypeName = LogicalType['dtype'];

/**
 * How values lie in memory. `bit` is a bitmap; `view` is 16 bytes a string (vector.ts); decimals up to 18 digits are
 * `i64`, longer ones `i128`.
 */
export type Physical =
  | 'bit'
  | 'i8'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'f32'
  | 'f64'
  | 'i128'
  | 'view'
  | 'list'
  | 'fixedList'
  | 'struct'
  | 'null';

const PHYSICAL: Record<DTypeName, Physical> = {
  Bool: 'bit',
  Int8: 'i8',
  Int16: 'i16',
  Int32: 'i32',
  Int64: 'i64',
  UInt8: 'u8',
  UInt16: 'u16',
  UInt32: 'u32',
  UInt64: 'u64',
  Float32: 'f32',
  Float64: 'f64',
  Utf8: 'view',
  Binary: 'view',
  Categorical: 'view',
  Date32: 'i32',
  Time: 'i64',
  Datetime: 'i64',
  Duration: 'i64',
  Decimal: 'i64',
  List: 'list',
  FixedSizeList: 'fixedList',
  Struct: 'struct',
  Null: 'null',
};

/** The physical layout of a dtype. */
export function physicalOf(type: LogicalType): Physical {
  if (type.dtype === 'Decimal') return type.precision <= 18 ? 'i64' : 'i128';
  return PHYSICAL[type.dtype];
}

const WIDTH: Record<Physical, number> = {
  bit: 0,
  i8: 1,
  i16: 2,
  i32: 4,
  i64: 8,
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  f32: 4,
  f64: 8,
  i128: 16,
  view: 16,
  list: 4,
  fixedList: 0,
  struct: 0,
  null: 0,
};

/** Bytes per row of the values buffer; 0 for bitmaps and for layouts without one. */
export const widthOf = (physical: Physical): number => WIDTH[physical];

/** Bytes that hold `rows` values of this layout (offsets of a list count one more). */
export function bytesFor(physical: Physical, rows: number): number {
  if (physical === 'bit') return (rows + 7) >> 3;
  if (physical === 'list') return (rows + 1) * 4;
  return rows * WIDTH[physical];
}

const SIGNED = new Set<DTypeName>(['Int8', 'Int16', 'Int32', 'Int64']);
const UNSIGNED = new Set<DTypeName>(['UInt8', 'UInt16', 'UInt32', 'UInt64']);

export const isSigned = (t: LogicalType): boolean => SIGNED.has(t.dtype);
export const isUnsigned = (t: LogicalType): boolean => UNSIGNED.has(t.dtype);
export const isInteger = (t: LogicalType): boolean => SIGNED.has(t.dtype) || UNSIGNED.has(t.dtype);
export const isFloat = (t: LogicalType): boolean => t.dtype === 'Float32' || t.dtype === 'Float64';
export const isNumeric = (t: LogicalType): boolean => isInteger(t) || isFloat(t) || t.dtype === 'Decimal';
export const isTemporal = (t: LogicalType): boolean =>
  t.dtype === 'Date32' || t.dtype === 'Datetime' || t.dtype === 'Time' || t.dtype === 'Duration';
export const isString = (t: LogicalType): boolean => t.dtype === 'Utf8' || t.dtype === 'Categorical';
export const isNested = (t: LogicalType): boolean =>
  t.dtype === 'List' || t.dtype === 'FixedSizeList' || t.dtype === 'Struct';

/** Bits of an integer or float dtype. */
export function bitsOf(t: LogicalType): number {
  return Number(/\d+$/.exec(t.dtype)?.[0] ?? 0);
}

/** Whether two dtypes are the same, parameters included; nullability of nested parts is not compared. */
export function sameType(a: LogicalType, b: LogicalType): boolean {
  if (a.dtype !== b.dtype) return false;
  switch (a.dtype) {
    case 'Datetime': {
      const o = b as typeof a;
      return a.unit === o.unit && a.zone === o.zone;
    }
    case 'Duration':
      return a.unit === (b as typeof a).unit;
    case 'Decimal': {
      const o = b as typeof a;
      return a.precision === o.precision && a.scale === o.scale;
    }
    case 'List':
      return sameType(a.inner.type, (b as typeof a).inner.type);
    case 'FixedSizeList': {
      const o = b as typeof a;
      return a.length === o.length && sameType(a.inner.type, o.inner.type);
    }
    case 'Struct': {
      const o = b as typeof a;
      return (
        a.fields.length === o.fields.length &&
        a.fields.every((f, i) => f.name === o.fields[i]?.name && sameType(f.type, o.fields[i].type))
      );
    }
    default:
      return true;
  }
}

/** A dtype as a user writes it: `Int64`, `Datetime('us', 'UTC')`, `List(nullable(Utf8))`. */
export function typeText(t: LogicalType): string {
  switch (t.dtype) {
    case 'Datetime':
      return t.zone === null ? `Datetime('${t.unit}')` : `Datetime('${t.unit}', '${t.zone}')`;
    case 'Duration':
      return `Duration('${t.unit}')`;
    case 'Decimal':
      return `Decimal(${t.precision}, ${t.scale})`;
    case 'List':
      return `List(${itemText(t.inner)})`;
    case 'FixedSizeList':
      return `FixedSizeList(${itemText(t.inner)}, ${t.length})`;
    case 'Struct':
      return `Struct({ ${t.fields.map((f) => `${nameText(f.name)}: ${itemText(f)}`).join(', ')} })`;
    default:
      return t.dtype;
  }
}

const itemText = (i: ItemType): string => (i.nullable ? `nullable(${typeText(i.type)})` : typeText(i.type));

/** A property name as a user writes it. */
export const nameText = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
