// Arrow's types: how a file stores a column, and the dtype we read it as.
import { UnsupportedError } from '../errors.ts';
import type { Field, LogicalType, Schema, TimeUnit } from '../schema/types.ts';
import { uniqueNames } from '../schema/unique-names.ts';

export type ArrowTimeUnit = 's' | TimeUnit;

/** How the values of a field lie in a file. */
export type ArrowStorage =
  | { readonly kind: 'null' | 'bool' | 'struct' | 'map' | 'runEnds' }
  | { readonly kind: 'int'; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly kind: 'float'; readonly bits: 16 | 32 | 64 }
  | { readonly kind: 'decimal'; readonly bits: 32 | 64 | 128; readonly precision: number; readonly scale: number }
  /** `large`: 64-bit offsets. */
  | { readonly kind: 'utf8' | 'binary' | 'list' | 'listView'; readonly large: boolean }
  | { readonly kind: 'utf8View' | 'binaryView' }
  | { readonly kind: 'fixedBinary'; readonly width: number }
  | { readonly kind: 'fixedList'; readonly size: number }
  | { readonly kind: 'date'; readonly unit: 'day' | 'ms' }
  | { readonly kind: 'time'; readonly bits: 32 | 64; readonly unit: ArrowTimeUnit }
  | { readonly kind: 'timestamp'; readonly unit: ArrowTimeUnit; readonly zone: string | null }
  | { readonly kind: 'duration'; readonly unit: ArrowTimeUnit };

/** The index of a dictionary-encoded field. */
export interface ArrowDictionary {
  readonly id: number;
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
}

/** A field of a file. */
export interface ArrowField {
  readonly name: string;
  readonly nullable: boolean;
  /** Of the values, also where they are dictionary-encoded. */
  readonly storage: ArrowStorage;
  readonly children: readonly ArrowField[];
  readonly dictionary: ArrowDictionary | null;
}

/** Seconds become milliseconds: there is no coarser tick. */
const tick = (unit: ArrowTimeUnit): TimeUnit => (unit === 's' ? 'ms' : unit);

/**
 * The dtype of a field:
 *
 * - half floats are Float32, fixed-size binary is Binary, views and large offsets are what they are without;
 * - times of day are nanoseconds, timestamps and durations in seconds become milliseconds, and a date in milliseconds is
 *   Datetime('ms'): its values need not be whole days;
 * - a dictionary of strings is Categorical, one of anything else that dtype; run-end encoding is seen through;
 * - a map is List(Struct({ key, value })), a list view is List; extension types are their storage.
 */
export function typeOf(field: ArrowField): LogicalType {
  const storage = field.storage;
  if (field.dictionary && (storage.kind === 'utf8' || storage.kind === 'utf8View')) return { dtype: 'Categorical' };
  switch (storage.kind) {
    case 'null':
      return { dtype: 'Null' };
    case 'bool':
      return { dtype: 'Bool' };
    case 'int':
      return { dtype: `${storage.signed ? 'Int' : 'UInt'}${storage.bits}` };
    case 'float':
      return { dtype: storage.bits === 64 ? 'Float64' : 'Float32' };
    case 'decimal':
      return { dtype: 'Decimal', precision: storage.precision, scale: storage.scale };
    case 'utf8':
    case 'utf8View':
      return { dtype: 'Utf8' };
    case 'binary':
    case 'binaryView':
    case 'fixedBinary':
      return { dtype: 'Binary' };
    case 'date':
      return storage.unit === 'day' ? { dtype: 'Date32' } : { dtype: 'Datetime', unit: 'ms', zone: null };
    case 'time':
      return { dtype: 'Time' };
    case 'timestamp':
      return { dtype: 'Datetime', unit: tick(storage.unit), zone: storage.zone };
    case 'duration':
      return { dtype: 'Duration', unit: tick(storage.unit) };
    case 'list':
    case 'listView':
      return { dtype: 'List', inner: itemOf(field.children[0]!) };
    case 'fixedList':
      return { dtype: 'FixedSizeList', inner: itemOf(field.children[0]!), length: storage.size };
    case 'struct':
      return { dtype: 'Struct', fields: field.children.map(fieldOf) };
    case 'map': {
      const [key, value] = field.children[0]!.children;
      const fields = [
        { ...fieldOf(key!), name: 'key' },
        { ...fieldOf(value!), name: 'value' },
      ];
      return { dtype: 'List', inner: { type: { dtype: 'Struct', fields }, nullable: false } };
    }
    case 'runEnds':
      return typeOf(field.children[1]!);
  }
}

const fieldOf = (field: ArrowField): Field => ({ name: field.name, type: typeOf(field), nullable: isNullable(field) });
const itemOf = (field: ArrowField) => ({ type: typeOf(field), nullable: isNullable(field) });
/** The nulls of a run-end encoded field are in its values. */
const isNullable = (field: ArrowField): boolean =>
  field.nullable || field.storage.kind === 'null' || (field.storage.kind === 'runEnds' && field.children[1]!.nullable);

/** The frame's columns; a name that comes again gets a number. Fields of structs keep their names. */
export function schemaOf(fields: readonly ArrowField[]): Schema {
  const names = uniqueNames(fields.map((f) => f.name));
  return fields.map((f, i) => ({ ...fieldOf(f), name: names[i]! }));
}

/** The fields that hold our dtypes in a file: what a writer declares. Dictionary ids are given in order. */
export function fieldsOf(schema: Schema): ArrowField[] {
  let dictionaries = 0;
  const make = (name: string, type: LogicalType, nullable: boolean): ArrowField => {
    const plain = (storage: ArrowStorage, children: readonly ArrowField[] = []): ArrowField => ({
      name,
      nullable,
      storage,
      children,
      dictionary: null,
    });
    switch (type.dtype) {
      case 'Null':
        return { ...plain({ kind: 'null' }), nullable: true };
      case 'Bool':
        return plain({ kind: 'bool' });
      case 'Float32':
        return plain({ kind: 'float', bits: 32 });
      case 'Float64':
        return plain({ kind: 'float', bits: 64 });
      case 'Utf8':
        return plain({ kind: 'utf8', large: false });
      case 'Binary':
        return plain({ kind: 'binary', large: false });
      case 'Categorical':
        return {
          ...plain({ kind: 'utf8', large: false }),
          dictionary: { id: dictionaries++, bits: 32, signed: true },
        };
      case 'Date32':
        return plain({ kind: 'date', unit: 'day' });
      case 'Time':
        return plain({ kind: 'time', bits: 64, unit: 'ns' });
      case 'Datetime':
        return plain({ kind: 'timestamp', unit: type.unit, zone: type.zone });
      case 'Duration':
        return plain({ kind: 'duration', unit: type.unit });
      case 'Decimal':
        return plain({ kind: 'decimal', bits: 128, precision: type.precision, scale: type.scale });
      case 'List':
        return plain({ kind: 'list', large: false }, [make('item', type.inner.type, type.inner.nullable)]);
      case 'FixedSizeList':
        return plain({ kind: 'fixedList', size: type.length }, [make('item', type.inner.type, type.inner.nullable)]);
      case 'Struct':
        return plain(
          { kind: 'struct' },
          type.fields.map((f) => make(f.name, f.type, f.nullable)),
        );
      default: {
        const [, unsigned, bits] = /^(U?)Int(\d+)$/.exec(type.dtype)!;
        return plain({ kind: 'int', bits: Number(bits) as 8, signed: unsigned === '' });
      }
    }
  };
  return schema.map((f) => make(f.name, f.type, f.nullable));
}

/** An Arrow type that no dtype holds. */
export const unsupportedType = (type: string, field: string, path: string): UnsupportedError =>
  new UnsupportedError(
    `Column "${field}" of ${path} has the Arrow type ${type}, which is not supported. Convert it before writing the file.`,
    { type, column: field, path },
  );
