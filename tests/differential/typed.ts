// One expression in three forms: ours, its source text, and SQL. In SQL, ticks stand for what DuckDB has no dtype or
// other rules for: Datetime, Duration and Time are BIGINT ticks, a Decimal is its unscaled HUGEINT.
import { type AnyExpr, type Cols, col, type DataFrame, DecimalValue } from '../../ts/index.ts';
import type { LogicalType, TimeUnit } from '../../ts/schema/types.ts';
import type { Draw } from './draw.ts';

export interface Typed {
  readonly expr: AnyExpr;
  readonly code: string;
  readonly sql: string;
  readonly type: LogicalType;
  /** A column, not something computed: its values are in the ranges that frames.ts gives. */
  readonly plain: boolean;
  /** Not a float whose last bits depend on how it was computed. */
  readonly exact: boolean;
}

/** What a verb needs computed in SQL before the expression: `name` → expression over the relation. */
export type Prepared = Map<string, string>;

/** Where expressions are drawn: a frame and its columns. */
export interface Scope {
  readonly draw: Draw;
  readonly frame: DataFrame;
  readonly columns: readonly Typed[];
  /** Whether the rows have an order, in the hidden column __o. */
  readonly ordered: boolean;
  /** For windows and aggregates over partitions: their keys. */
  readonly partition: readonly Typed[];
  /** SQL of the order of rows in windows: `__o`, or a key before it. */
  readonly rowOrder?: string;
  readonly prepared: Prepared;
}

export const q = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const id = (name: string): string => `"${name}"`;

export const column = (name: string, type: LogicalType, plain = true, exact = true): Typed => ({
  expr: col(name),
  code: `col(${JSON.stringify(name)})`,
  sql: id(name),
  type,
  plain,
  exact,
});

type Path = { [name: string]: Path } & ((...args: unknown[]) => AnyExpr);

const isTyped = (a: unknown): a is Typed => typeof a === 'object' && a !== null && 'sql' in a && 'expr' in a;
function codeOf(a: unknown): string {
  if (isTyped(a)) return a.code;
  if (typeof a === 'bigint') return `${a}n`;
  if (a instanceof RegExp || typeof a === 'function') return String(a);
  if (a instanceof Date) return `new Date('${a.toISOString()}')`;
  if (a instanceof DecimalValue) return `lit('${a}', Decimal(…))`;
  if (Array.isArray(a)) return `[${a.map(codeOf).join(', ')}]`;
  if (typeof a === 'number') return Object.is(a, -0) ? '-0' : String(a);
  if (typeof a === 'object' && a !== null) {
    return `{ ${Object.entries(a)
      .map(([k, v]) => `${k}: ${codeOf(v)}`)
      .join(', ')} }`;
  }
  return JSON.stringify(a) ?? 'undefined';
}
const exprsOf = (a: unknown): unknown => {
  if (isTyped(a)) return a.expr;
  if (Array.isArray(a)) return a.map(exprsOf);
  if (typeof a === 'object' && a !== null && Object.getPrototypeOf(a) === Object.prototype) {
    return Object.fromEntries(Object.entries(a).map(([k, v]) => [k, exprsOf(v)]));
  }
  return a;
};

/** The dtype of an expression over a frame; throws what binding throws. */
export function typeOf(frame: DataFrame, expr: AnyExpr, aggregate = false): LogicalType {
  const items = { x: expr } as never;
  const key = { k: () => col(frame.columns[0] as string) } as never;
  const result = aggregate ? frame.groupBy(key).agg(items) : frame.select(items);
  return result.schema['x'] as LogicalType;
}

/** Methods that give the same bits everywhere for the same bits. */
const EXACT = new Set(
  'add sub mul div neg abs fillNull coalesce clip shift min max first last mode cumMin cumMax forwardFill backwardFill fillNan'.split(
    ' ',
  ),
);
const isExact = (path: string, type: LogicalType, operands: readonly unknown[]): boolean =>
  !isFloat(type) || (EXACT.has(path) && operands.every((o) => !isTyped(o) || (o.exact && !isDecimal(o.type))));

/** A method call: `path` is `add` or `str.slice`. The SQL is given the dtype of the result. */
export function call(
  scope: Scope,
  self: Typed,
  path: string,
  args: readonly unknown[],
  sql: string | ((type: LogicalType) => string),
): Typed {
  const parts = path.split('.');
  let target = self.expr as unknown as Path;
  for (const part of parts.slice(0, -1)) target = target[part] as Path;
  const expr = (target[parts.at(-1) as string] as Path)(...args.map(exprsOf));
  return made(scope, expr, `${self.code}.${path}(${args.map(codeOf).join(', ')})`, sql, (t) =>
    isExact(path, t, [self, ...args]),
  );
}

/** A free builder's call. */
export function built(
  scope: Scope,
  name: string,
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
  sql: string | ((type: LogicalType) => string),
): Typed {
  const expr = (fn as (...a: unknown[]) => AnyExpr)(...args.map(exprsOf));
  return made(scope, expr, `${name}(${args.map(codeOf).join(', ')})`, sql, (t) => isExact(name, t, args));
}

function made(
  scope: Scope,
  expr: AnyExpr,
  code: string,
  sql: string | ((type: LogicalType) => string),
  exact: (type: LogicalType) => boolean,
): Typed {
  let type: LogicalType;
  try {
    type = typeOf(scope.frame, expr, scope.partition === GROUP);
  } catch (cause) {
    throw new Error(`Cannot bind ${code}: ${(cause as Error).message}`, { cause });
  }
  return { expr, code, sql: typeof sql === 'string' ? sql : sql(type), type, plain: false, exact: exact(type) };
}

/** The partition of expressions inside agg(). */
export const GROUP: readonly Typed[] = [];

/** An expression written out by hand. */
export const handMade = (scope: Scope, expr: AnyExpr, code: string, sql: string): Typed =>
  made(scope, expr, code, sql, (t) => !isFloat(t));

// --- SQL of dtypes

const SQL_TYPES: { [dtype: string]: string } = {
  Bool: 'BOOLEAN',
  Int8: 'TINYINT',
  Int16: 'SMALLINT',
  Int32: 'INTEGER',
  Int64: 'BIGINT',
  UInt8: 'UTINYINT',
  UInt16: 'USMALLINT',
  UInt32: 'UINTEGER',
  UInt64: 'UBIGINT',
  Float32: 'FLOAT',
  Float64: 'DOUBLE',
  Utf8: 'VARCHAR',
  Categorical: 'VARCHAR',
  Binary: 'BLOB',
  Date32: 'DATE',
  Time: 'BIGINT',
  Datetime: 'BIGINT',
  Duration: 'BIGINT',
  Decimal: 'HUGEINT',
  Null: 'INTEGER',
};
export function sqlType(t: LogicalType): string {
  if (t.dtype === 'List') return `${sqlType(t.inner.type)}[]`;
  return SQL_TYPES[t.dtype] ?? 'VARCHAR';
}

const BITS: { [dtype: string]: number } = {
  Int8: 8,
  Int16: 16,
  Int32: 32,
  Int64: 64,
  UInt8: 8,
  UInt16: 16,
  UInt32: 32,
  UInt64: 64,
};
export const isInt = (t: LogicalType): boolean => t.dtype in BITS;
export const isUnsignedInt = (t: LogicalType): boolean => t.dtype.startsWith('UInt');
export const isFloat = (t: LogicalType): boolean => t.dtype === 'Float32' || t.dtype === 'Float64';
export const isDecimal = (t: LogicalType): t is Extract<LogicalType, { dtype: 'Decimal' }> => t.dtype === 'Decimal';
export const isNumber = (t: LogicalType): boolean => isInt(t) || isFloat(t) || isDecimal(t);
export const isText = (t: LogicalType): boolean => t.dtype === 'Utf8' || t.dtype === 'Categorical';
export const isBool = (t: LogicalType): boolean => t.dtype === 'Bool';
export const isMoment = (t: LogicalType): boolean => t.dtype === 'Datetime' || t.dtype === 'Date32';
export const isNested = (t: LogicalType): boolean =>
  t.dtype === 'List' || t.dtype === 'Struct' || t.dtype === 'FixedSizeList';
export const isFlat = (t: LogicalType): boolean => !isNested(t) && t.dtype !== 'Null';
export const is64 = (t: LogicalType): boolean => BITS[t.dtype] === 64;

/** Cuts a HUGEINT to the bits of an integer dtype. */
export function wrapped(sql: string, t: LogicalType): string {
  const bits = BITS[t.dtype] as number;
  if (isUnsignedInt(t)) return `((${sql}) & ${2n ** BigInt(bits) - 1n})::${sqlType(t)}`;
  const half = 2n ** BigInt(bits - 1);
  return `((((${sql}) + ${half}) & ${2n ** BigInt(bits) - 1n}) - ${half})::${sqlType(t)}`;
}

const PER_SECOND: Record<TimeUnit, bigint> = { ms: 1000n, us: 1000000n, ns: 1000000000n };
export const perSecond = (unit: TimeUnit): bigint => PER_SECOND[unit];
export const unitOf = (t: LogicalType): TimeUnit => (t.dtype === 'Datetime' || t.dtype === 'Duration' ? t.unit : 'ns');

/** Floored division of integers. */
export const floorDivide = (a: string, b: string | bigint): string =>
  `((${a})::HUGEINT // (${b}) - (CASE WHEN ((${a})::HUGEINT % (${b})) <> 0 AND (((${a})::HUGEINT < 0) <> ((${b}) < 0)) THEN 1 ELSE 0 END))`;

/** The TIMESTAMP (microseconds, floored) of a Datetime's ticks, in the wall clock of its zone; or of a DATE. */
export function timestamp(v: Typed): string {
  const t = v.type;
  if (t.dtype === 'Date32') return `(${v.sql})::TIMESTAMP`;
  if (t.dtype !== 'Datetime') throw new Error(`no timestamp of ${t.dtype}`);
  const us = t.unit === 'ms' ? `(${v.sql}) * 1000` : t.unit === 'us' ? v.sql : `(${floorDivide(v.sql, 1000n)})::BIGINT`;
  const utc = `make_timestamp(${us})`;
  return t.zone === null || t.zone === 'UTC' ? utc : `timezone('${t.zone}', timezone('UTC', ${utc}))`;
}

/** Ticks of a TIMESTAMP in UTC; nanoseconds below a microsecond are lost. */
export function ticksOf(sql: string, unit: TimeUnit): string {
  if (unit === 'us') return `epoch_us(${sql})`;
  if (unit === 'ns') return `(epoch_us(${sql}) * 1000)`;
  return `(${floorDivide(`epoch_us(${sql})`, 1000n)})::BIGINT`;
}

/** A number as DOUBLE. */
export function double(v: Typed): string {
  if (isDecimal(v.type))
    return v.type.scale === 0 ? `(${v.sql})::DOUBLE` : `((${v.sql})::DOUBLE / 1e${v.type.scale}::DOUBLE)`;
  return `(${v.sql})::DOUBLE`;
}

/** A key to sort or divide rows by: DuckDB gives a float that is one back from the key, where -0 has become 0. */
export const keySql = (v: Typed): string => (isFloat(v.type) ? `(${v.sql} + 0)` : v.sql);

/** A value in another dtype that holds it. */
export function widen(v: Typed, to: LogicalType): string {
  if (isDecimal(to)) {
    const from = isDecimal(v.type) ? v.type.scale : 0;
    const step = to.scale - from;
    return step === 0 ? `(${v.sql})::HUGEINT` : `((${v.sql})::HUGEINT * ${10n ** BigInt(step)})`;
  }
  if (isDecimal(v.type)) return `(${double(v)})::${sqlType(to)}`;
  if (to.dtype === 'Datetime' || to.dtype === 'Duration') {
    if (v.type.dtype === 'Date32')
      return `(epoch_us((${v.sql})::TIMESTAMP)::HUGEINT * ${perSecond(to.unit)} // 1000000)::BIGINT`;
    const factor = perSecond(to.unit) / perSecond(unitOf(v.type));
    return factor === 1n ? v.sql : `((${v.sql}) * ${factor})`;
  }
  return v.type.dtype === to.dtype ? v.sql : `(${v.sql})::${sqlType(to)}`;
}

export type { Cols };
