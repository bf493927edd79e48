// The Arrow integration JSON format, read into values: the truth beside the files of arrow-testing. Written against the
// format's description and apart from the reader under test.
import fs from 'node:fs';
import zlib from 'node:zlib';

interface JsonType {
  name: string;
  bitWidth?: number;
  isSigned?: boolean;
  unit?: string;
  precision?: number | string;
  scale?: number;
  listSize?: number;
}
interface JsonField {
  name: string;
  nullable: boolean;
  type: JsonType;
  children: JsonField[];
  dictionary?: { id: number };
}
interface JsonColumn {
  name: string;
  count: number;
  VALIDITY?: number[];
  DATA?: (number | string | boolean)[];
  OFFSET?: (number | string)[];
  SIZE?: (number | string)[];
  VIEWS?: { SIZE: number; INLINED?: string; PREFIX_HEX?: string; BUFFER_INDEX?: number; OFFSET?: number }[];
  VARIADIC_DATA_BUFFERS?: string[];
  children?: JsonColumn[];
}
interface JsonBatch {
  count: number;
  columns: JsonColumn[];
}
interface JsonFile {
  schema: { fields: JsonField[] };
  batches: JsonBatch[];
  dictionaries?: { id: number; data: JsonBatch }[];
}

export interface ExpectedColumn {
  readonly name: string;
  readonly nullable: boolean;
  /** A rough name of our dtype: parameters of the simple ones included. */
  readonly type: string;
  /** Of all batches, in the forms of `valuesOf`. */
  readonly values: unknown[];
}

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const UNIT: Record<string, string> = { SECOND: 'ms', MILLISECOND: 'ms', MICROSECOND: 'us', NANOSECOND: 'ns' };
const TO_NS: Record<string, bigint> = {
  SECOND: 1_000_000_000n,
  MILLISECOND: 1_000_000n,
  MICROSECOND: 1000n,
  NANOSECOND: 1n,
};

/** Reads a `.json.gz`. */
export function integrationJson(path: string): { columns: ExpectedColumn[]; batchRows: number[] } {
  const file = JSON.parse(zlib.gunzipSync(fs.readFileSync(path)).toString('utf8')) as JsonFile;
  const columns = file.schema.fields.map((field, i) => ({
    name: field.name,
    nullable: field.nullable,
    type: typeName(field),
    values: file.batches.flatMap((b) => valuesOfColumn(file, field, b.columns[i]!)),
  }));
  return { columns, batchRows: file.batches.map((b) => b.count) };
}

function typeName(field: JsonField): string {
  const t = field.type;
  if (field.dictionary && t.name === 'utf8') return 'Categorical';
  switch (t.name) {
    case 'int':
      return `${t.isSigned ? '' : 'U'}Int${t.bitWidth}`;
    case 'floatingpoint':
      return t.precision === 'DOUBLE' ? 'Float64' : 'Float32';
    case 'timestamp':
      return `Datetime ${UNIT[t.unit!]}`;
    case 'duration':
      return `Duration ${UNIT[t.unit!]}`;
    case 'date':
      return t.unit === 'DAY' ? 'Date32' : 'Datetime ms';
    case 'decimal':
      return `Decimal ${t.precision} ${t.scale}`;
    case 'runendencoded':
      return typeName(field.children[1]!);
    default:
      return (
        {
          null: 'Null',
          bool: 'Bool',
          utf8: 'Utf8',
          largeutf8: 'Utf8',
          utf8view: 'Utf8',
          binary: 'Binary',
          largebinary: 'Binary',
          binaryview: 'Binary',
          fixedsizebinary: 'Binary',
          time: 'Time',
          list: 'List',
          largelist: 'List',
          listview: 'List',
          largelistview: 'List',
          map: 'List',
          fixedsizelist: 'FixedSizeList',
          struct: 'Struct',
        }[t.name] ?? t.name
      );
  }
}

function valuesOfColumn(file: JsonFile, field: JsonField, column: JsonColumn): unknown[] {
  const present = (i: number): boolean => (column.VALIDITY ? column.VALIDITY[i] === 1 : true);
  const rows = (make: (i: number) => unknown): unknown[] =>
    Array.from({ length: column.count }, (_, i) => (present(i) ? make(i) : null));
  const data = column.DATA ?? [];
  if (field.dictionary) {
    const dictionary = file.dictionaries!.find((d) => d.id === field.dictionary!.id)!;
    const { dictionary: _, ...plain } = field;
    const words = valuesOfColumn(file, plain, dictionary.data.columns[0]!);
    return rows((i) => words[Number(data[i])]);
  }
  const big = (i: number): bigint => BigInt(data[i] as string | number);
  const t = field.type;
  switch (t.name) {
    case 'null':
      return new Array(column.count).fill(null);
    case 'bool':
      return rows((i) => Boolean(data[i]));
    case 'int':
      return t.bitWidth === 64 ? rows(big) : rows((i) => Number(data[i]));
    case 'floatingpoint':
      return rows((i) => (t.precision === 'SINGLE' ? Math.fround(Number(data[i])) : Number(data[i])));
    case 'utf8':
    case 'largeutf8':
      return rows((i) => data[i]);
    case 'binary':
    case 'largebinary':
    case 'fixedsizebinary':
      return rows((i) => hex(data[i] as string));
    case 'utf8view':
    case 'binaryview':
      return rows((i) => {
        const view = column.VIEWS![i]!;
        if (view.INLINED !== undefined) return t.name === 'utf8view' ? view.INLINED : hex(view.INLINED);
        const bytes = hex(column.VARIADIC_DATA_BUFFERS![view.BUFFER_INDEX!]!).slice(
          view.OFFSET!,
          view.OFFSET! + view.SIZE,
        );
        return t.name === 'utf8view' ? Buffer.from(bytes).toString('utf8') : bytes;
      });
    case 'decimal':
      return rows(big);
    case 'date':
      return t.unit === 'DAY' ? rows((i) => Number(data[i])) : rows(big);
    case 'time':
      return rows((i) => big(i) * TO_NS[t.unit!]!);
    case 'timestamp':
    case 'duration':
      return rows((i) => (t.unit === 'SECOND' ? big(i) * 1000n : big(i)));
    case 'list':
    case 'largelist':
    case 'map': {
      const items = valuesOfColumn(file, field.children[0]!, column.children![0]!);
      return rows((i) => items.slice(Number(column.OFFSET![i]), Number(column.OFFSET![i + 1])));
    }
    case 'listview':
    case 'largelistview': {
      const items = valuesOfColumn(file, field.children[0]!, column.children![0]!);
      return rows((i) => {
        const from = Number(column.OFFSET![i]);
        return items.slice(from, from + Number(column.SIZE![i]));
      });
    }
    case 'fixedsizelist': {
      const items = valuesOfColumn(file, field.children[0]!, column.children![0]!);
      return rows((i) => items.slice(i * t.listSize!, (i + 1) * t.listSize!));
    }
    case 'struct': {
      const fields = field.children.map((child, k) => valuesOfColumn(file, child, column.children![k]!));
      return rows((i) => fields.map((f) => f[i]));
    }
    case 'runendencoded': {
      const ends = valuesOfColumn(file, field.children[0]!, column.children![0]!).map(Number);
      const values = valuesOfColumn(file, field.children[1]!, column.children![1]!);
      let run = 0;
      return Array.from({ length: column.count }, (_, i) => {
        while (ends[run]! <= i) run++;
        return values[run];
      });
    }
    default:
      throw new Error(`no values for the type ${t.name}`);
  }
}
