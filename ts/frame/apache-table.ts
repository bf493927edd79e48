// Tables for apache-arrow, which is loaded at the first one: it is an optional peer.
import modules from 'node:module';
import path from 'node:path';
import type * as Apache from 'apache-arrow';
import type { ArrowColumn, RecordBatch } from '../backend/arrow.ts';
import { plainColumn } from '../backend/arrow-columns.ts';
import { HostWords } from '../backend/ipc/host-words.ts';
import { MissingDependencyError } from '../errors.ts';
import type { LogicalType, TimeUnit } from '../schema/types.ts';

type Arrow = typeof Apache;

let loaded: Arrow | undefined;

/** Where the peer is looked for: beside this package, then in the working directory. */
const PLACES: readonly string[] = [import.meta.url, path.join(process.cwd(), 'index.js')];

function apacheArrow(places: readonly string[]): Arrow {
  let cause: unknown;
  for (const place of places) {
    try {
      return modules.createRequire(place)('apache-arrow') as Arrow;
    } catch (error) {
      cause = error;
    }
  }
  throw new MissingDependencyError(
    'toArrow() makes a table of apache-arrow, which is not installed. Add it: npm install apache-arrow.',
    { packageName: 'apache-arrow' },
    { cause },
  );
}

/**
 * Makes an apache-arrow Table over the batch's buffers, without a copy. `places` is for tests.
 *
 * @throws {MissingDependencyError} apache-arrow is not installed
 * @ts-ignore apache-arrow is an optional peer */
export function toArrowTable(batch: RecordBatch, places?: readonly string[]): import('apache-arrow').Table {
  const arrow = places ? apacheArrow(places) : (loaded ??= apacheArrow(PLACES));
  const fields = batch.schema.map((f) => new arrow.Field(f.name, typeFor(arrow, f.type), f.nullable));
  const children = batch.columns.map((c, i) => dataFor(arrow, fields[i]!.type, c));
  const schema = new arrow.Schema(fields);
  const data = arrow.makeData({ type: new arrow.Struct(fields), length: batch.length, nullCount: 0, children });
  return new arrow.Table(schema, new arrow.RecordBatch(schema, data));
}

function typeFor(arrow: Arrow, type: LogicalType): Apache.DataType {
  switch (type.dtype) {
    case 'Null':
      return new arrow.Null();
    case 'Bool':
      return new arrow.Bool();
    case 'Int8':
      return new arrow.Int8();
    case 'Int16':
      return new arrow.Int16();
    case 'Int32':
      return new arrow.Int32();
    case 'Int64':
      return new arrow.Int64();
    case 'UInt8':
      return new arrow.Uint8();
    case 'UInt16':
      return new arrow.Uint16();
    case 'UInt32':
      return new arrow.Uint32();
    case 'UInt64':
      return new arrow.Uint64();
    case 'Float32':
      return new arrow.Float32();
    case 'Float64':
      return new arrow.Float64();
    case 'Utf8':
      return new arrow.Utf8();
    case 'Binary':
      return new arrow.Binary();
    case 'Categorical':
      return new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
    case 'Date32':
      return new arrow.DateDay();
    case 'Time':
      return new arrow.TimeNanosecond();
    case 'Datetime':
      return new arrow.Timestamp(unitFor(arrow, type.unit), type.zone);
    case 'Duration':
      return new arrow.Duration(unitFor(arrow, type.unit));
    case 'Decimal':
      return new arrow.Decimal(type.scale, type.precision, 128);
    case 'List':
      return new arrow.List(new arrow.Field('item', typeFor(arrow, type.inner.type), type.inner.nullable));
    case 'FixedSizeList': {
      const item = new arrow.Field('item', typeFor(arrow, type.inner.type), type.inner.nullable);
      return new arrow.FixedSizeList(type.length, item);
    }
    case 'Struct':
      return new arrow.Struct(type.fields.map((f) => new arrow.Field(f.name, typeFor(arrow, f.type), f.nullable)));
  }
}

const unitFor = (arrow: Arrow, unit: TimeUnit): Apache.TimeUnit =>
  ({ ms: arrow.TimeUnit.MILLISECOND, us: arrow.TimeUnit.MICROSECOND, ns: arrow.TimeUnit.NANOSECOND })[unit];

/** A column's buffers under the library's type. */
function dataFor(arrow: Arrow, type: Apache.DataType, given: ArrowColumn): Apache.Data {
  const { dtype } = given.type;
  // Only Categorical is a dictionary there: a column's type must not depend on how the engine happened to hold it.
  const c = given.dictionary && dtype !== 'Categorical' ? plainColumn(given) : given;
  const { length } = c;
  // The library types a props object per type; the shapes are checked by reading the tables back.
  const props: Record<string, unknown> = { type, length };
  if (c.validity) props['nullBitmap'] = c.validity;
  else props['nullCount'] = 0;
  const children = (type.children ?? []) as Apache.Field[];
  switch (dtype) {
    case 'Null':
      break;
    case 'Utf8':
    case 'Binary':
      props['valueOffsets'] = c.offsets ?? new Int32Array(length + 1);
      props['data'] = c.values ?? new Uint8Array(0);
      break;
    case 'Categorical': {
      const own = new HostWords();
      const coded = c.dictionary ? c : own.encode(c);
      props['data'] = coded.values;
      props['dictionary'] = new arrow.Vector([dataFor(arrow, new arrow.Utf8(), c.dictionary ?? own.column())]);
      break;
    }
    case 'Decimal': {
      const words = c.values as BigInt64Array;
      props['data'] = new Uint32Array(words.buffer, words.byteOffset, length * 4);
      break;
    }
    case 'List':
      props['valueOffsets'] = c.offsets ?? new Int32Array(length + 1);
      props['child'] = dataFor(arrow, children[0]!.type, c.children![0]!);
      break;
    case 'FixedSizeList':
      props['child'] = dataFor(arrow, children[0]!.type, c.children![0]!);
      break;
    case 'Struct':
      props['children'] = children.map((f, i) => dataFor(arrow, f.type, c.children![i]!));
      break;
    default:
      props['data'] = c.values;
  }
  return arrow.makeData(props as never);
}
