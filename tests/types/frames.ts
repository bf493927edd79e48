// Compiled, never run: the schema that the type checker gives to every verb, and the lines it refuses.
import {
  Bool,
  coalesce,
  col,
  concat,
  type DataFrame,
  Datetime,
  type DecimalValue,
  type Expr,
  Float64,
  fromAsyncIterable,
  fromColumns,
  fromRecords,
  type Int8,
  Int32,
  Int64,
  List,
  len,
  lit,
  type NumberExpr,
  type Numeric,
  nullable,
  readCsv,
  readParquet,
  Struct,
  type Table,
  type UInt8,
  type UInt32,
  Utf8,
} from '../../ts/index.ts';
import type { Equal } from './expressions.ts';

function expect<T extends true>(..._: T[]): void {}
type SchemaIn<D> = D extends DataFrame<infer S> ? S : never;

const sales = await readParquet('sales.parquet', {
  schema: {
    id: Int64,
    city: nullable(Utf8),
    price: Float64,
    qty: Int32,
    at: Datetime,
    tags: List(Utf8),
    geo: Struct({ lat: Float64, lon: nullable(Float64) }),
    ok: nullable(Bool),
  },
});
const small = sales.select('id', 'city', 'price', 'qty');
type Small = { id: Int64; city: Utf8 | null; price: Float64; qty: Int32 };

// A whole chain, and its rows
const report = sales
  .withColumns({ total: (c) => c.price.mul(c.qty), year: (c) => c.at.dt.year() })
  .filter((c) => c.total.gt(10).and(c.city.isNotNull()))
  .groupBy('city', 'year')
  .agg({ revenue: (c) => c.total.sum(), n: len(), items: (c) => c.qty.sum(), best: (c) => c.price.max() })
  .sort({ by: 'revenue', descending: true }, 'city');
type Report = { city: Utf8 | null; year: Int32; revenue: Float64; n: UInt32; items: Int64; best: Float64 | null };
expect<Equal<typeof report, DataFrame<Report>>>();
const table = await report.collect();
expect<Equal<typeof table, Table<Report>>>();
const rows = table.toRecords();
type ReportRow = { city: string | null; year: number; revenue: number; n: number; items: bigint; best: number | null };
expect<Equal<(typeof rows)[number], ReportRow>>();
const numberRows = table.toRecords({ int64: 'number' });
expect<Equal<(typeof numberRows)[number]['items'], number>>();
const columns = table.toColumns();
expect<Equal<(typeof columns)['revenue'], Float64Array>>();
expect<Equal<(typeof columns)['items'], BigInt64Array>>();
expect<Equal<(typeof columns)['best'], (number | null)[]>>();
const years = table.column('year').toArray();
expect<Equal<typeof years, Int32Array>>();
const back = table.lazy();
expect<Equal<typeof back, DataFrame<Report>>>();

// Columns
expect<Equal<SchemaIn<typeof small>, Small>>();
const computed = sales.select('id', { more: (c) => c.price.add(1), chars: (c) => c.city.str.lenChars() });
expect<Equal<SchemaIn<typeof computed>, { id: Int64; more: Float64; chars: UInt32 | null }>>();
const only = sales.select({ sum: (c) => c.price.sum() });
expect<Equal<SchemaIn<typeof only>, { sum: Float64 }>>();
const replaced = small.withColumns({ price: (c) => c.qty, extra: (c) => c.city.isNull() });
expect<Equal<SchemaIn<typeof replaced>, { id: Int64; city: Utf8 | null; price: Int32; qty: Int32; extra: Bool }>>();
const dropped = small.drop('city', 'price');
expect<Equal<SchemaIn<typeof dropped>, { id: Int64; qty: Int32 }>>();
const renamed = small.rename({ id: 'key', qty: 'count' });
expect<Equal<SchemaIn<typeof renamed>, { key: Int64; city: Utf8 | null; price: Float64; count: Int32 }>>();
const swapped = small.rename({ id: 'qty', qty: 'id' });
expect<Equal<SchemaIn<typeof swapped>, { qty: Int64; city: Utf8 | null; price: Float64; id: Int32 }>>();
const indexed = small.select('id').withRowIndex();
expect<Equal<SchemaIn<typeof indexed>, { index: UInt32; id: Int64 }>>();
const numbered = small.select('id').withRowIndex('row', { offset: 1 });
expect<Equal<SchemaIn<typeof numbered>, { row: UInt32; id: Int64 }>>();

// Rows
const rest = small
  .filter((c) => c.price.rank().le(3))
  .sort('city', { by: (c) => c.price.neg(), nullsFirst: true })
  .head(5)
  .tail(4)
  .slice(1, 2)
  .sample({ fraction: 0.5, randomState: 1 })
  .unique({ subset: ['id'], keep: 'first' })
  .topK(2, { by: 'price' })
  .bottomK(1, { by: 'price' });
expect<Equal<SchemaIn<typeof rest>, Small>>();
const present = small.dropNulls('city');
expect<Equal<SchemaIn<typeof present>, { id: Int64; city: Utf8; price: Float64; qty: Int32 }>>();
const allPresent = sales.select('city', 'ok').dropNulls();
expect<Equal<SchemaIn<typeof allPresent>, { city: Utf8; ok: Bool }>>();
const filled = small.fillNull({ city: 'none' });
expect<Equal<SchemaIn<typeof filled>, { id: Int64; city: Utf8; price: Float64; qty: Int32 }>>();

// Groups and summaries
const grouped = sales.groupBy('city', { year: (c) => c.at.dt.year() }).agg({ n: len() }, { maintainOrder: true });
expect<Equal<SchemaIn<typeof grouped>, { city: Utf8 | null; year: Int32; n: UInt32 }>>();
const counted = sales.valueCounts('city');
expect<Equal<SchemaIn<typeof counted>, { city: Utf8 | null; count: UInt32 }>>();
const described = sales.describe();
expect<
  Equal<
    SchemaIn<typeof described>,
    { statistic: Utf8; id: Float64 | null; price: Float64 | null; qty: Float64 | null; ok: Float64 | null }
  >
>();
const nulls = small.nullCount();
expect<Equal<SchemaIn<typeof nulls>, { id: UInt32; city: UInt32; price: UInt32; qty: UInt32 }>>();
const scored = sales.mapBatches(
  (batch) => {
    const prices: Float64Array = batch.column('price').toArray();
    return { score: prices };
  },
  { schema: { score: Float64 } },
);
expect<Equal<SchemaIn<typeof scored>, { score: Float64 }>>();

// Joins
declare const cities: DataFrame<{ city: Utf8; pop: Int32; price: Float64; code: Int8 }>;
const place = sales.select('id', 'city', 'price');
const inner = place.join(cities, { on: 'city' });
expect<
  Equal<
    SchemaIn<typeof inner>,
    { id: Int64; city: Utf8 | null; price: Float64; pop: Int32; price_right: Float64; code: Int8 }
  >
>();
const left = place.join(cities, { on: ['city'], how: 'left', suffix: '_c' });
expect<
  Equal<
    SchemaIn<typeof left>,
    { id: Int64; city: Utf8 | null; price: Float64; pop: Int32 | null; price_c: Float64 | null; code: Int8 | null }
  >
>();
const full = sales.select('id', 'qty').join(cities, { on: { qty: 'pop' }, how: 'full' });
expect<
  Equal<
    SchemaIn<typeof full>,
    { id: Int64 | null; qty: Int32; city: Utf8 | null; price: Float64 | null; code: Int8 | null }
  >
>();
const right = sales.select('id', 'city').join(cities, { on: 'city', how: 'right' });
expect<
  Equal<SchemaIn<typeof right>, { id: Int64 | null; city: Utf8 | null; pop: Int32; price: Float64; code: Int8 }>
>();
const anti = sales.select('id', 'city').join(cities, { on: 'city', how: 'anti' });
expect<Equal<SchemaIn<typeof anti>, { id: Int64; city: Utf8 | null }>>();
const cross = sales.select('id').join(cities.select('pop'), { how: 'cross' });
expect<Equal<SchemaIn<typeof cross>, { id: Int64; pop: Int32 }>>();

// concat
const stacked = concat([sales.select('id', 'city'), sales.select('id', 'city').dropNulls('city')]);
expect<Equal<SchemaIn<typeof stacked>, { id: Int64; city: Utf8 | null }>>();
const diagonal = concat([sales.select('id'), sales.select('id', 'qty')], { how: 'diagonal' });
expect<Equal<SchemaIn<typeof diagonal>, { id: Int64; qty: Int32 | null }>>();
const beside = concat([sales.select('id'), sales.select('qty')], { how: 'horizontal' });
expect<Equal<SchemaIn<typeof beside>, { id: Int64; qty: Int32 }>>();

// From JavaScript values: dtypes follow from the TypeScript types
const made = fromColumns({
  a: [1, 2],
  b: [1n, null],
  c: Int32Array.of(1),
  d: [new Date()],
  e: [['x']],
  f: [true, undefined],
  g: Uint8Array.of(1),
});
expect<
  Equal<
    SchemaIn<typeof made>,
    { a: Float64; b: Int64 | null; c: Int32; d: Datetime; e: List<Utf8>; f: Bool | null; g: UInt8 }
  >
>();
interface Sale {
  id: bigint;
  city: string | null;
  when?: Date;
  geo: { lat: number };
}
declare const saleRows: Sale[];
const fromRows = fromRecords(saleRows);
expect<
  Equal<
    SchemaIn<typeof fromRows>,
    { id: Int64; city: Utf8 | null; when: Datetime | null; geo: Struct<{ lat: Float64 }> }
  >
>();
const declared = fromRecords(saleRows, { schema: { id: Int64, city: nullable(Utf8) } });
expect<Equal<SchemaIn<typeof declared>, { id: Int64; city: Utf8 | null }>>();
declare const stream: AsyncIterable<Sale | Sale[]>;
const streamed = await fromAsyncIterable(stream, { schema: { id: Int64 } });
expect<Equal<SchemaIn<typeof streamed>, { id: Int64 }>>();
const copied = await fromAsyncIterable(small.batches());
expect<Equal<SchemaIn<typeof copied>, Small>>();

// Helpers: generic ones keep every other column
function addTotal<S extends { price: Float64; qty: Int32 }>(df: DataFrame<S>) {
  return df.withColumns({ total: (c) => c.price.mul(c.qty) });
}
const withTotal = addTotal(small);
expect<
  Equal<SchemaIn<typeof withTotal>, Small & { total: Float64 } extends infer T ? { [K in keyof T]: T[K] } : never>
>();
withTotal.filter((c) => c.total.gt(1).and(c.city.isNull()));
function bigOnes<S extends { price: Float64; qty: Int32; city: Utf8 | null }>(df: DataFrame<S>, min: number) {
  return df
    .withColumns({ total: (c) => c.price.mul(c.qty) })
    .filter((c) => c.total.gt(min))
    .withColumns({ up: (c) => c.city.str.toUpperCase(), each: (c) => c.total.div(c.qty) })
    .sort('total');
}
const big = bigOnes(small, 3);
expect<
  Equal<
    SchemaIn<typeof big>,
    { id: Int64; city: Utf8 | null; price: Float64; qty: Int32; total: Float64; up: Utf8 | null; each: Float64 }
  >
>();
function byCity<S extends { price: Float64; city: Utf8 | null }>(df: DataFrame<S>) {
  return df.groupBy('city').agg({ mean: (c) => c.price.mean(), n: len() });
}
const perCity = byCity(sales);
expect<Equal<SchemaIn<typeof perCity>, { city: Utf8 | null; mean: Float64 | null; n: UInt32 }>>();
sales.pipe(addTotal).pipe(bigOnes, 2).select('up', 'total');

// Other helpers take any frame with at least their columns; nullability is covariant
function revenue(df: DataFrame<{ price: Float64; qty: Int32 }>) {
  return df.select({ r: (c) => c.price.mul(c.qty).sum() });
}
const total = revenue(sales);
expect<Equal<SchemaIn<typeof total>, { r: Float64 }>>();
((df: DataFrame<{ price: Float64 | null }>) => df)(sales);
// @ts-expect-error a nullable column does not pass where null is refused
((df: DataFrame<{ city: Utf8 }>) => df)(sales);
// @ts-expect-error a missing column
((df: DataFrame<{ nope: Utf8 }>) => df)(sales);
// @ts-expect-error another dtype
((df: DataFrame<{ price: Utf8 }>) => df)(sales);
// @ts-expect-error the same of tables
((t: Table<{ price: Utf8 }>) => t)(await sales.collect());

// Helpers over expressions
const percent = <T extends Numeric | null, K>(part: NumberExpr<T, K>, whole: NumberExpr<T, K>) =>
  part.div(whole).mul(100);
const shares = sales.withColumns({ share: (c) => percent(c.price, c.price) });
expect<Equal<SchemaIn<typeof shares>['share'], Float64>>();
const clean = (e: Expr<Utf8 | null>): Expr<Utf8> => e.str.trim().fillNull('');
const cleaned = sales.withColumns({ city: (c) => clean(c.city) });
expect<Equal<SchemaIn<typeof cleaned>['city'], Utf8>>();
function zscore<N extends string, S extends Record<N, Float64>>(df: DataFrame<S>, name: N) {
  return df.withColumns({
    z: (c) => {
      const x = c[name] as unknown as Expr<Float64>;
      return x.sub(x.mean()).div(x.std());
    },
  });
}
const standard = zscore(sales, 'price');
expect<Equal<SchemaIn<typeof standard>['z'], Float64 | null>>();
// @ts-expect-error city is not Float64
zscore(sales, 'city');

// Untyped frames: everything compiles and stays untyped
const any = await readCsv('x.csv');
expect<Equal<typeof any, DataFrame<any>>>();
any
  .withColumns({ a: (c) => c['x'].add(1).str.anything().foo })
  .filter((c) => c['a'].gt(2))
  .rename({ a: 'b' })
  .drop('q')
  .join(sales, { on: 'id', how: 'left' })
  .sort('zz', { by: 'k', descending: true })
  .groupBy('a', 'b')
  .agg({ n: len(), m: (c) => c['x'].mean() })
  .filter((c) => c['n'].gt(1));
(await any.collect()).toRecords()[0]?.whatever.foo;
sales.join(any, { on: 'id' });
any.select('a', { k: (c) => c['a'] }, col('b').alias('z')).filter((c) => c['a'].gt(1));
any.dropNulls('a').fillNull({ a: 1 }).valueCounts('a').describe().nullCount().withRowIndex().topK(3, { by: 'a' });
addTotal(any);
revenue(any);
const useAny: DataFrame = sales;
const asTyped: DataFrame<{ id: Int64 }> = any;

// Refused on their line
// @ts-expect-error
sales.select('pricee');
// @ts-expect-error
sales.filter((c) => c.pricee.gt(1));
// @ts-expect-error
sales.filter((c) => c.price);
// @ts-expect-error
sales.filter((c) => c.price.mean().gt(5));
// @ts-expect-error
sales.groupBy('city').agg({ x: (c) => c.price });
// @ts-expect-error
sales.groupBy('city').agg({ x: (c) => c.price.rank() });
// @ts-expect-error
sales.groupBy('nope');
// @ts-expect-error
sales.join(cities, { on: 'id' });
// @ts-expect-error
sales.join(cities, { on: ['city', 'nope'] });
// @ts-expect-error
sales.join(cities, {});
// @ts-expect-error
sales.join(cities, { on: 'city', hwo: 'left' });
// @ts-expect-error
sales.rename({ price: 'qty' });
// @ts-expect-error
sales.rename({ pricee: 'x' });
// @ts-expect-error
sales.withRowIndex('id');
// @ts-expect-error
sales.sort('nope');
// @ts-expect-error
sales.sort({ by: 'nope' });
// @ts-expect-error
sales.drop('nope');
// @ts-expect-error
sales.unique({ subset: ['nope'] });
// @ts-expect-error
sales.fillNull({ city: 5 });
// @ts-expect-error
sales.withColumns({ x: 5 });
// @ts-expect-error
sales.topK(3, { by: 'nope' });
// @ts-expect-error
sales.valueCounts('nope');
// @ts-expect-error
sales.sample({});
// @ts-expect-error
sales.mapBatches(() => ({ score: ['x'] }), { schema: { score: Float64 } });
// @ts-expect-error
concat([sales.select('id'), cities]).filter((c) => c.pop.gt(1));
// @ts-expect-error
(await sales.collect()).column('nope');
// @ts-expect-error a bigint and a number do not mix
(await sales.collect()).toRecords().map((r) => r.id + 1);

void [coalesce, lit, useAny, asTyped];

export type { DecimalValue };
