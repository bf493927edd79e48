// Compiled, never run: the dtypes, nullability and kinds that the type checker gives to expressions.
import { coalesce, col, corr, cov, len, lit, when } from '../../ts/expr/builders.ts';
import type { AnyExpr, Cols, Expr, ExprLike } from '../../ts/expr/expr.ts';
import type { NumberExpr } from '../../ts/expr/number.ts';
import type { ArithTable, MixedSign64, Numeric } from '../../ts/expr/result-types.ts';
import type { DecimalValue } from '../../ts/schema/decimal.ts';
import type { Row, SchemaOf } from '../../ts/schema/dtypes.ts';
import {
  Binary,
  Bool,
  Categorical,
  Date32,
  Datetime,
  Decimal,
  Duration,
  FixedSizeList,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  nullable,
  Struct,
  Time,
  UInt8,
  UInt16,
  type UInt32,
  UInt64,
  Utf8,
} from '../../ts/schema/dtypes.ts';

export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expect<T extends true>(..._: T[]): void {}

// Schemas and rows
const spec = {
  id: Int64,
  city: nullable(Utf8),
  cat: Categorical,
  price: Float64,
  ratio: Float32,
  qty: Int32,
  small: Int8,
  u8: UInt8,
  u64: UInt64,
  some: nullable(Int16),
  amount: Decimal(12, 2),
  ok: nullable(Bool),
  sure: Bool,
  ts: Datetime,
  tsNs: Datetime('ns', 'UTC'),
  day: Date32,
  time: Time,
  dur: Duration,
  raw: Binary,
  tags: List(nullable(Utf8)),
  pair: FixedSizeList(Float64, 2),
  geo: Struct({ lat: Float64, lon: nullable(Float64) }),
};
type S = SchemaOf<typeof spec>;
expect<
  Equal<
    Pick<S, 'id' | 'city' | 'ts' | 'tsNs' | 'dur' | 'tags' | 'geo'>,
    {
      id: Int64;
      city: Utf8 | null;
      ts: Datetime;
      tsNs: Datetime;
      dur: Duration;
      tags: List<Utf8 | null>;
      geo: Struct<{ lat: Float64; lon: Float64 | null }>;
    }
  >
>();
expect<
  Equal<
    Row<S>,
    {
      id: bigint;
      city: string | null;
      cat: string;
      price: number;
      ratio: number;
      qty: number;
      small: number;
      u8: number;
      u64: bigint;
      some: number | null;
      amount: DecimalValue;
      ok: boolean | null;
      sure: boolean;
      ts: Date;
      tsNs: Date;
      day: Date;
      time: string;
      dur: number;
      raw: Uint8Array;
      tags: (string | null)[];
      pair: number[];
      geo: { lat: number; lon: number | null };
    }
  >
>();
expect<Equal<SchemaOf<any>, any>>();

declare const c: Cols<S>;
/** Dtype and kind of an expression. */
type Of<E> = E extends ExprLike<infer T, infer K> ? [T, K] : 'no expression';
// The outer conditional waits until T and K are known; Equal alone would be answered too early.
type Check<A, T, K> = keyof T extends PropertyKey ? (Equal<A, [T, K]> extends true ? [] : [A]) : never;
/** `is(expression).of<dtype, kind>()` compiles only if that is what the checker gives. */
function is<E>(_expression: E): { of<T, K>(..._: Check<Of<E>, T, K>): void } {
  return { of: () => {} };
}

// @ts-expect-error the helper itself: a wrong dtype is seen
is(c.qty).of<Int64, 'row'>();
// @ts-expect-error and a wrong kind
is(c.qty).of<Int32, 'agg'>();

// Arithmetic
is(c.qty.add(1)).of<Int32, 'row'>();
is(c.id.mul(2n)).of<Int64, 'row'>();
is(c.id.add(c.qty)).of<Int64, 'row'>();
is(c.qty.sub(c.some)).of<Int32 | null, 'row'>();
is(c.qty.div(2)).of<Float64, 'row'>();
is(c.qty.floorDiv(2)).of<Int32 | null, 'row'>();
is(c.small.mod(c.u8)).of<Int16 | null, 'row'>();
is(c.qty.mul(lit(1.5))).of<Float64, 'row'>();
is(c.ratio.add(c.small)).of<Float32, 'row'>();
is(c.ratio.add(c.qty)).of<Float64, 'row'>();
is(c.u64.add(c.qty)).of<MixedSign64, 'row'>();
is(c.amount.mul(c.qty)).of<Decimal, 'row'>();
is(c.amount.mul(c.price)).of<Float64, 'row'>();
is(c.some.pow(2)).of<Float64 | null, 'row'>();
is(c.some.neg()).of<Int16 | null, 'row'>();
is(c.ratio.sqrt()).of<Float32, 'row'>();
is(c.qty.log(2)).of<Float64, 'row'>();
is(c.some.round()).of<Int16 | null, 'row'>();
is(c.price.clip(0, null)).of<Float64, 'row'>();
expect<Equal<ArithTable['UInt32']['Int8'], Int64>>();
expect<Equal<ArithTable['Float32']['UInt16'], Float32>>();

// Comparison, logic, null
is(c.city.eq('x')).of<Bool | null, 'row'>();
is(c.qty.gt(c.price)).of<Bool, 'row'>();
is(c.qty.gt(c.some)).of<Bool | null, 'row'>();
is(c.cat.eq(c.city)).of<Bool | null, 'row'>();
is(c.city.isIn(['a'])).of<Bool | null, 'row'>();
is(c.qty.isBetween(1, c.some)).of<Bool | null, 'row'>();
is(c.city.isNull()).of<Bool, 'row'>();
is(c.city.eqMissing(null)).of<Bool, 'row'>();
is(c.ok.and(c.sure)).of<Bool | null, 'row'>();
is(c.sure.not()).of<Bool, 'row'>();
is(c.city.fillNull('')).of<Utf8, 'row'>();
is(c.city.fillNull(c.city)).of<Utf8 | null, 'row'>();
is(c.price.isNan()).of<Bool, 'row'>();
is(coalesce(c.city, 'x')).of<Utf8, 'row'>();
is(coalesce(c.city, c.city)).of<Utf8 | null, 'row'>();
is(c.city.hash()).of<UInt64, 'row'>();

// Casts and literals
is(c.qty.cast(Int64)).of<Int64, 'row'>();
is(c.city.cast(Int64)).of<Int64 | null, 'row'>();
is(c.qty.cast(Int8, { strict: false })).of<Int8 | null, 'row'>();
is(c.qty.cast(Datetime)).of<Datetime, 'row'>();
is(c.qty.cast(Datetime('ms'))).of<Datetime, 'row'>();
is(lit(5)).of<Float64, never>();
is(lit(5n)).of<Int64, never>();
is(lit('x')).of<Utf8, never>();
is(lit(new Date())).of<Datetime, never>();
is(lit(5, Int32)).of<Int32, never>();
is(lit('1h', Duration)).of<Duration, never>();
is(lit(null, Utf8)).of<Utf8 | null, never>();
is(lit(1).sub(lit(2))).of<Float64, never>();

// Branches
is(when(c.qty.gt(1)).then(c.qty).otherwise(0)).of<Int32, 'row'>();
is(when(c.qty.gt(1)).then('a').otherwise(null)).of<Utf8 | null, 'row'>();
is(when(c.qty.gt(1)).then(1).otherwise(0)).of<Float64, 'row'>();
is(when(c.ok).then(c.small).when(c.sure).then(c.u8).otherwise(c.qty)).of<Int32, 'row'>();
is(when(c.ok).then(c.city)).of<Utf8 | null, 'row'>();
is(when(c.qty.sum().gt(1)).then(1).otherwise(0)).of<Float64, 'agg'>();

// Aggregates
is(c.qty.sum()).of<Int64, 'agg'>();
is(c.u8.sum()).of<UInt64, 'agg'>();
is(c.ratio.sum()).of<Float64, 'agg'>();
is(c.sure.sum()).of<UInt32, 'agg'>();
is(c.sure.any()).of<Bool, 'agg'>();
is(c.dur.sum()).of<Duration, 'agg'>();
is(c.qty.mean()).of<Float64 | null, 'agg'>();
is(c.ts.mean()).of<Datetime | null, 'agg'>();
is(c.city.max()).of<Utf8 | null, 'agg'>();
is(c.raw.count()).of<UInt32, 'agg'>();
is(c.qty.first()).of<Int32 | null, 'agg'>();
is(c.qty.implode()).of<List<Int32>, 'agg'>();
is(c.qty.argMax()).of<UInt32 | null, 'agg'>();
is(c.qty.quantile(0.5, { interpolation: 'lower' })).of<Float64 | null, 'agg'>();
is(len()).of<UInt32, 'agg'>();
is(corr(c.qty, c.some)).of<Float64 | null, 'agg'>();
is(cov(c.qty, c.price, { ddof: 0 })).of<Float64 | null, 'agg'>();
is(c.qty.sum().div(len())).of<Float64, 'agg'>();
is(c.price.sub(c.price.mean())).of<Float64 | null, 'row' | 'agg'>();

// Windows
is(c.price.mean().over(c.city)).of<Float64 | null, 'window'>();
is(c.qty.cumSum()).of<Int64, 'row' | 'window'>();
is(c.some.cumSum()).of<Int64 | null, 'row' | 'window'>();
is(c.qty.shift()).of<Int32 | null, 'row' | 'window'>();
is(c.qty.shift(1, { fill: 0 })).of<Int32, 'row' | 'window'>();
is(c.u8.diff()).of<Int16 | null, 'row' | 'window'>();
is(c.ts.diff()).of<Duration | null, 'row' | 'window'>();
is(c.qty.rank()).of<UInt32, 'row' | 'window'>();
is(c.some.rank({ method: 'average', descending: true })).of<Float64 | null, 'row' | 'window'>();
is(c.qty.rollingMean({ windowRows: 3 })).of<Float64 | null, 'row' | 'window'>();
is(c.small.rollingSum({ windowRows: 3 })).of<Int64 | null, 'row' | 'window'>();
is(c.qty.diff().mean()).of<Float64 | null, 'window' | 'agg'>();
is(c.price.ewmMean({ span: 3 })).of<Float64, 'row' | 'window'>();
is(len().over([c.city, c.ok], { orderBy: c.ts, descending: true })).of<UInt32, 'window'>();

// Strings, lists, structs
is(c.city.str.lenChars()).of<UInt32 | null, 'row'>();
is(c.cat.str.toUpperCase()).of<Utf8, 'row'>();
is(c.cat.str.contains(/x/)).of<Bool, 'row'>();
is(c.cat.str.startsWith(c.city)).of<Bool | null, 'row'>();
is(c.cat.str.extract(/(x)/)).of<Utf8 | null, 'row'>();
is(c.cat.str.concat('-', c.city)).of<Utf8 | null, 'row'>();
is(c.city.str.split(',')).of<List<Utf8> | null, 'row'>();
is(c.cat.str.split(',').list.get(0)).of<Utf8 | null, 'row'>();
is(c.cat.str.toDatetime()).of<Datetime, 'row'>();
is(c.cat.str.toDate('%F', { strict: false })).of<Date32 | null, 'row'>();
is(c.tags.list.len()).of<UInt32, 'row'>();
is(c.pair.list.get(0)).of<Float64 | null, 'row'>();
is(c.geo.struct.field('lat')).of<Float64, 'row'>();
is(c.geo.struct.field('lon')).of<Float64 | null, 'row'>();

// Dates and times
is(c.ts.dt.year()).of<Int32, 'row'>();
is(c.day.dt.month()).of<Int8, 'row'>();
is(c.time.dt.hour()).of<Int8, 'row'>();
is(c.ts.dt.epoch('us')).of<Int64, 'row'>();
is(c.ts.dt.truncate('1h')).of<Datetime, 'row'>();
is(c.ts.dt.date()).of<Date32, 'row'>();
is(c.ts.dt.format('%F')).of<Utf8, 'row'>();
is(c.ts.sub(c.day)).of<Duration, 'row'>();
is(c.ts.sub(new Date())).of<Duration, 'row'>();
is(c.ts.sub('1d')).of<Datetime, 'row'>();
is(c.day.add('1d')).of<Date32, 'row'>();
is(c.day.add(c.dur)).of<Date32, 'row'>();
is(c.ts.sub(c.ts).dt.totalDays()).of<Int64, 'row'>();
is(c.dur.mul(2).abs()).of<Duration, 'row'>();
is(c.ts.gt(new Date())).of<Bool, 'row'>();

// The escape hatch
expect<Equal<ReturnType<typeof col>, AnyExpr>>();
is(c.qty.add(col('x')).isNull()).of<Bool, any>();
col('x').add(1).str.trim().dt.totalDays().list.get(0).over([]).alias('y');
declare const any: any;
expect<Equal<Expr<any>, any>>();
coalesce(any.a, 'x').str.trim();
coalesce(c.city, any.a);
when(any.a).then(1).otherwise(any.b).add(1);
c.qty.add(any.a).sum();
lit(1).mul(any);

// Helpers over expressions
const clean = (e: Expr<Utf8 | null>): Expr<Utf8> => e.str.trim().fillNull('');
is(clean(c.city)).of<Utf8, 'row'>();
is(clean(c.city.str.toUpperCase())).of<Utf8, 'row'>();
const percent = <T extends Numeric | null, K>(part: NumberExpr<T, K>, whole: NumberExpr<T, K>) =>
  part.div(whole).mul(100);
is(percent(c.price, c.price)).of<Float64, 'row'>();
function wide(e: Expr<Float64 | null>): void {
  e.add(1);
}
wide(c.price);

// What the checker refuses
// @ts-expect-error no such column
c.pricee;
// @ts-expect-error a number has no string functions
c.price.str;
// @ts-expect-error a string has no arithmetic
c.city.add(1);
// @ts-expect-error a string does not compare with a number
c.city.eq(1);
// @ts-expect-error a number does not compare with a string
c.qty.eq('1');
// @ts-expect-error null is not compared: isNull
c.city.eq(null);
// @ts-expect-error a list of another dtype
c.qty.isIn(['1']);
// @ts-expect-error Bool is no number
c.qty.add(c.ok);
// @ts-expect-error a day has no hour
c.day.dt.hour();
// @ts-expect-error a time has no year
c.time.dt.year();
// @ts-expect-error an instant has no total
c.ts.dt.totalDays();
// @ts-expect-error dates do not multiply
c.ts.mul(2);
// @ts-expect-error no such field
c.geo.struct.field('lng');
// @ts-expect-error the branches differ
const differ: ExprLike = when(c.ok).then('a').otherwise(1);
// @ts-expect-error a condition is a Bool
when(c.qty);
// @ts-expect-error over takes expressions
c.qty.sum().over('city');
// @ts-expect-error windowRows is required
c.qty.rollingMean({});
// @ts-expect-error no such option
c.qty.rank({ methd: 'min' });
// @ts-expect-error fill of another dtype
c.qty.shift(1, { fill: 'x' });
// @ts-expect-error a literal of another dtype
lit('x', Int32);
const row: ExprLike<any, 'row'> = c.qty;
// @ts-expect-error an aggregate is no row value
const notRow: ExprLike<any, 'row' | 'window'> = c.qty.sum();
// @ts-expect-error a row value is no aggregate
const notAgg: ExprLike<any, 'agg'> = c.qty;
// @ts-expect-error nor is a window
const notAggEither: ExprLike<any, 'agg'> = c.qty.sum().over(c.city);
export const used = [differ, row, notRow, notAgg, notAggEither, UInt16];
