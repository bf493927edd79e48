// Seeded random frames: DuckDB makes them from hash(i, seed) and writes Parquet, which we read.
import { join } from 'node:path';
import { Categorical, col, type DataFrame, Duration, fromColumns, nullable, readParquet } from '../../ts/index.ts';
import { fromLogical } from '../../ts/schema/dtypes.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import { duck } from '../support/duck.ts';
import type { Draw } from './draw.ts';
import { column, id, q, type Typed } from './typed.ts';

export interface RandomFrame {
  readonly name: string;
  readonly rows: number;
  readonly df: DataFrame;
  /** SQL relation with ticks for times and unscaled integers for decimals. */
  readonly columns: readonly Typed[];
  /** The statements that make the table, its view and its file. */
  readonly script: readonly string[];
  /** How df came to be. */
  readonly code: string;
}

const WORDS = [
  '',
  'a',
  'b',
  'ab',
  'abc',
  'aab',
  'Rome',
  'rome',
  'oslo',
  'Oslo ',
  ' x ',
  '  lead',
  'tail  ',
  'two words',
  'a-b-c',
  'a,b,,c',
  ',',
  '--x-',
  '007',
  '42',
  '-7',
  '+5',
  '-',
  '0',
  '3.14',
  'naïve',
  'ÀÉÎ',
  'straße',
  '日本語',
  '日',
  'мир',
  'ΑΒΓ',
  '🙂',
  'a🙂b',
  'e\u0301',
  'Zebra',
  'zz top',
  'tab\tin',
  'id=7',
  'id=1234 x',
  'exactly12byt',
  'thirteenbytes',
  'longer than twelve bytes, surely',
  'The quick brown fox jumps over the lazy dog',
  'a.b',
  'a%b_c',
  "it's",
  'x'.repeat(70),
  '日本語日本語日本語日本語',
  'AbCdEfGhIjKlMnOpQrStUvWxYz',
];
const wordList = `[${WORDS.map(q).join(', ')}]`;

interface Kind {
  readonly name: string;
  /** SQL of a value from the key K (UBIGINT). */
  readonly make: string;
  /** SQL of what stands for it in the view; absent: itself. */
  readonly carrier?: string;
  readonly type: LogicalType;
  /** Whether sums over it stay small. */
  readonly small?: boolean;
}

const int = (name: string, dtype: string, sql: string, range: bigint, low: bigint): Kind => ({
  name,
  make: `((K % ${range})::HUGEINT + (${low}))::${sql}`,
  type: { dtype } as LogicalType,
});
const decimal = (name: string, precision: number, scale: number, range: bigint): Kind => ({
  name,
  make: `((K % ${range})::HUGEINT - ${range / 2n})`,
  type: { dtype: 'Decimal', precision, scale },
});
const float = (name: string, dtype: 'Float32' | 'Float64', sql: string): Kind => ({
  name,
  make: `(CASE K % 24 WHEN 0 THEN 'NaN'::${sql} WHEN 1 THEN 'Infinity'::${sql} WHEN 2 THEN '-Infinity'::${sql} WHEN 3 THEN -0.0::${sql} WHEN 4 THEN 0.0::${sql}
    WHEN 5 THEN 0.5::${sql} WHEN 6 THEN -2.5::${sql} ELSE (((K // 24) % 2001)::BIGINT - 1000)::${sql} / 64 END)`,
  type: { dtype },
});
const word = (name: string, dtype: 'Utf8' | 'Categorical'): Kind => ({
  name,
  make: `(CASE WHEN K % 5 = 0 THEN 'w' || (K // 5 % 1000) ELSE ${wordList}[(K // 5 % ${WORDS.length})::INTEGER + 1] END)`,
  type: { dtype },
});
/** Ticks from 1949 to 2050, whole seconds in most rows. */
const TICKS = `(CASE WHEN K % 3 = 0 THEN ((K % 2500000000)::BIGINT * 1000000) ELSE (K % 3200000000000000)::BIGINT END - 650000000000000)`;

const KINDS: readonly Kind[] = [
  { name: 'p', make: '(K % 2 = 0)', type: { dtype: 'Bool' } },
  { name: 'p2', make: '(K % 3 = 0)', type: { dtype: 'Bool' } },
  int('i8', 'Int8', 'TINYINT', 256n, -128n),
  int('i16', 'Int16', 'SMALLINT', 65536n, -32768n),
  int('i32', 'Int32', 'INTEGER', 4294967296n, -2147483648n),
  int('j32', 'Int32', 'INTEGER', 41n, -20n),
  int('i64', 'Int64', 'BIGINT', 2n ** 46n, -(2n ** 45n)),
  int('u8', 'UInt8', 'UTINYINT', 256n, 0n),
  int('u16', 'UInt16', 'USMALLINT', 65536n, 0n),
  int('u32', 'UInt32', 'UINTEGER', 4294967296n, 0n),
  int('u64', 'UInt64', 'UBIGINT', 2n ** 46n, 0n),
  { ...int('x64', 'Int64', 'BIGINT', 2n ** 64n - 1n, -(2n ** 63n)), small: false },
  { name: 'xu64', make: 'K', type: { dtype: 'UInt64' }, small: false },
  float('f32', 'Float32', 'FLOAT'),
  float('f64', 'Float64', 'DOUBLE'),
  { name: 'g', make: '(((K % 8001)::BIGINT - 4000)::DOUBLE / 4)', type: { dtype: 'Float64' } },
  { name: 'h', make: '(((K % 801)::BIGINT - 400)::FLOAT / 4)', type: { dtype: 'Float32' } },
  word('s', 'Utf8'),
  word('t', 'Utf8'),
  word('cat', 'Categorical'),
  {
    name: 'bin',
    make: `unhex(substr(md5((K % 50)::VARCHAR), 1, (K % 33)::INTEGER // 2 * 2))`,
    type: { dtype: 'Binary' },
  },
  { name: 'd', make: `(DATE '1970-01-01' + ((K % 40000)::INTEGER - 12000))`, type: { dtype: 'Date32' } },
  {
    name: 'tm',
    make: `(TIME '00:00:00' + to_microseconds((K % 86400000000)::BIGINT))`,
    carrier: `(epoch_us(C) * 1000)`,
    type: { dtype: 'Time' },
  },
  {
    name: 'ms',
    make: `make_timestamp(${TICKS} // 1000 * 1000)::TIMESTAMP_MS`,
    carrier: 'epoch_ms(C)',
    type: { dtype: 'Datetime', unit: 'ms', zone: null },
  },
  {
    name: 'us',
    make: `make_timestamp(${TICKS})`,
    carrier: 'epoch_us(C)',
    type: { dtype: 'Datetime', unit: 'us', zone: null },
  },
  {
    name: 'ns',
    make: `make_timestamp_ns(${TICKS} * 1000 + (K % 1000)::BIGINT)`,
    carrier: 'epoch_ns(C)',
    type: { dtype: 'Datetime', unit: 'ns', zone: null },
  },
  {
    name: 'tz',
    make: `make_timestamp(${TICKS})`,
    carrier: 'epoch_us(C)',
    type: { dtype: 'Datetime', unit: 'us', zone: 'Europe/Rome' },
  },
  { name: 'dur', make: `((K % 400000000000)::BIGINT - 200000000000)`, type: { dtype: 'Duration', unit: 'us' } },
  { name: 'dms', make: `((K % 400000000)::BIGINT - 200000000)`, type: { dtype: 'Duration', unit: 'ms' } },
  decimal('d9', 9, 2, 2000000n),
  decimal('d18', 18, 4, 2n ** 40n),
  decimal('d28', 28, 6, 2n ** 62n),
  {
    name: 'ls',
    make: `list_transform(range((K % 4)::BIGINT), lambda x: ${wordList}[((K // 7 + x) % ${WORDS.length})::INTEGER + 1])`,
    type: { dtype: 'List', inner: { type: { dtype: 'Utf8' }, nullable: true } },
  },
  {
    name: 'st',
    make: `{'x': (K % 9)::INTEGER, 'y': CASE WHEN K % 5 = 0 THEN NULL ELSE 'y' || (K % 7) END}`,
    type: { dtype: 'Struct', fields: [] },
  },
];

const LARGE = [65535, 65536, 65537];
const SMALL = [0, 1, 2, 7, 7, 64, 64, 300, 300, 300];
/** Columns that fromColumns can be given as JavaScript values without loss. */
const THROUGH_JS = new Set([
  'Bool',
  'Int8',
  'Int16',
  'Int32',
  'Int64',
  'UInt8',
  'UInt16',
  'UInt32',
  'UInt64',
  'Float32',
  'Float64',
  'Utf8',
  'Binary',
  'Date32',
  'Decimal',
]);

export async function makeFrame(draw: Draw, name: string, folder: string, large: boolean): Promise<RandomFrame> {
  const rows = large ? draw.pick(LARGE) : draw.pick(SMALL);
  const seed = draw.int(1, 1e9);
  const kinds = draw.some(KINDS, large ? 9 : 20);
  const parts: string[] = [];
  const views: string[] = [];
  const add = (name: string, make: string, key: string, nulls: number, salt: number, carrier: string): void => {
    const value = make.replaceAll(/\bK\b/g, `(${key})`);
    const empty = nulls === 0 ? '' : `CASE WHEN hash(i, ${seed}, ${salt}, 'n') % 100 < ${nulls} THEN NULL ELSE `;
    parts.push(`${empty}${value}${empty === '' ? '' : ' END'} AS ${id(name)}`);
    views.push(`${carrier.replaceAll(/\bC\b/g, id(name))} AS ${id(name)}`);
  };
  add('r', 'i::INTEGER', '0', 0, 0, 'C');
  add('k', '(K % 5)::INTEGER', `hash(i, ${seed}, 'k')`, draw.pick([0, 10]), 1, 'C');
  add(
    'w',
    `['x', 'y', 'long word of a key', 'ω', ''][(K % 5)::INTEGER + 1]`,
    `hash(i, ${seed}, 'w')`,
    draw.pick([0, 10]),
    2,
    'C',
  );
  for (const [n, kind] of kinds.entries()) {
    const salt = n + 10;
    const key = draw.pick([
      `hash(i, ${seed}, ${salt})`,
      `hash(i, ${seed}, ${salt})`,
      `hash(hash(i, ${seed}, ${salt}) % 4, ${seed})`,
      `hash(${seed}, ${salt})`,
      `(i * ${draw.pick([1, 7, 1001])})::UBIGINT`,
    ]);
    let { make } = kind;
    let carrier = kind.carrier ?? 'C';
    if (kind.type.dtype === 'Decimal') {
      // Numbers in a row would all be about the lowest: as doubles, nearly nothing would be left of how they differ.
      if (key.startsWith('(i *')) make = make.replaceAll(/\bK\b/g, '(K * 4294967291)');
      const { precision, scale } = kind.type;
      const one = 10 ** scale;
      const fraction = `lpad((abs(${make}) % ${one})::VARCHAR, ${scale}, '0')`;
      make = `CAST(CASE WHEN ${make} < 0 THEN '-' ELSE '' END || abs(${make}) // ${one} || '.' || ${fraction} AS DECIMAL(${precision},${scale}))`;
      carrier = `CAST(replace(C::VARCHAR, '.', '') AS HUGEINT)`;
    }
    add(kind.name, make, key, draw.pick([0, 10, 10, 10, 100]), salt, carrier);
  }
  const path = join(folder, `${name}.parquet`);
  const groups = draw.pick([2048, 20000, 122880]);
  const compression = draw.pick(['snappy', 'zstd', 'uncompressed']);
  const script = [
    `CREATE TABLE ${name}_t AS SELECT ${parts.join(',\n  ')} FROM range(${rows}) t(i)`,
    `COPY (FROM ${name}_t ORDER BY r) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE ${groups}, COMPRESSION ${compression})`,
    // From the file: in its dictionaries DuckDB takes -0 and 0 for one value.
    `CREATE TABLE ${name} AS SELECT ${views.join(', ')}, r::BIGINT AS __o FROM '${path}'`,
  ];
  const db = await duck();
  for (const sql of script) await db.run(sql);
  let df: DataFrame = await readParquet(path);
  let code = `await readParquet('${path}')`;
  const casts: { [name: string]: unknown } = {};
  for (const { name, type } of kinds) {
    if (type.dtype === 'Duration') casts[name] = col(name).cast(Duration(type.unit));
    if (type.dtype === 'Categorical') casts[name] = col(name).cast(Categorical);
    if (type.dtype === 'Datetime' && type.zone !== null) casts[name] = col(name).dt.convertTimeZone(type.zone);
  }
  if (Object.keys(casts).length > 0) {
    df = df.withColumns(casts as never);
    code += `\n  .withColumns({ dur: col('dur').cast(Duration('us')), dms: col('dms').cast(Duration('ms')), cat: col('cat').cast(Categorical), tz: col('tz').dt.convertTimeZone('Europe/Rome') }) // those it has`;
  }
  const way = draw.int(0, 3);
  if (way === 1 && rows < 1000) {
    const names = df.columns.filter((n) => THROUGH_JS.has(df.schema[n]?.dtype ?? ''));
    const table = await df.select(...(names as never[])).collect();
    const values = table.toColumns() as { [name: string]: ArrayLike<unknown> };
    const spec = Object.fromEntries(names.map((n) => [n, specOf(df.schema[n] as never)]));
    df = fromColumns(values as never, { schema: spec as never });
    code += `\n  // then through table.toColumns() and fromColumns(…, { schema })`;
  } else if (way >= 2) {
    df = await df.cache();
    code += '\n  .cache()';
  }
  const columns = df.columns.map((n) => {
    const kind = kinds.find((k) => k.name === n);
    const { nullable: _, ...type } = df.schema[n] as LogicalType & { nullable: boolean };
    return column(n, type as LogicalType, kind?.small !== false);
  });
  return { name, rows, df, columns, script, code };
}

/** A dtype of the public API from its logical type: what a schema takes is the same plain object, perhaps nullable. */
function specOf(t: LogicalType & { nullable: boolean }): unknown {
  const { nullable: maybe, ...type } = t;
  return maybe ? nullable(fromLogical(type)) : fromLogical(type);
}
