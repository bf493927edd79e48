// The frame: a plan whose columns are S. Every verb is one line that builds a plan node; nothing runs until a terminal.

import type { AliasedExpr } from '../expr/expr.ts';
import { type MemoryEstimate, memoryPlan } from '../optimize/memory-plan.ts';
import type { PlanNode } from '../plan/nodes.ts';
import * as sugar from '../plan/sugar.ts';
import { optimizedPlan, type RunOptions } from '../runner/runner.ts';
import type { Bool, SchemaOf, SchemaSpec, UInt32 } from '../schema/dtypes.ts';
import { schemaText } from '../schema/schema.ts';
import type { LogicalType } from '../schema/types.ts';
import { refuseUnknown } from '../util/known-options.ts';
import { explainFrame } from './explain-frame.ts';
import type {
  Columns,
  Computed,
  Concatenated,
  Counted,
  Described,
  Filled,
  Fills,
  HasSchema,
  Item,
  Items,
  Joined,
  JoinHow,
  JoinKeys,
  NewName,
  NewNames,
  NotNull,
  NullCounts,
  Renamed,
  SameColumns,
  SchemasOf,
  Selected,
  SortKey,
  schema,
  With,
  Without,
} from './frame-types.ts';
import { GroupBy } from './group-by.ts';
import type { ArrowWriteOptions, CsvWriteOptions, JsonlWriteOptions, ParquetWriteOptions } from './io-options.ts';
import type { Table } from './table.ts';
import * as terminal from './terminals.ts';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Options of `join`. */
export interface JoinOptions<On, H, X> {
  /** Key columns: a name both frames have, several, or `{ left: 'right' }`. Absent for a cross join. */
  readonly on: On;
  /** Which rows to keep (default `inner`). */
  readonly how?: H;
  /** Put behind the right frame's names that the left frame has too (default `_right`). */
  readonly suffix?: X;
  /** Whether null keys match each other (default false). */
  readonly nullsEqual?: boolean;
  /** Whether the rows keep the left frame's order (default false). */
  readonly maintainOrder?: boolean;
}

/** Options of `unique`. */
export interface UniqueOptions<S> {
  /** Columns that must differ (default all). */
  readonly subset?: readonly (keyof S & string)[];
  /** Which of several equal rows stays; `none` drops them all (default `any`). */
  readonly keep?: 'any' | 'first' | 'last' | 'none';
  /** Whether rows keep their order (default false). */
  readonly maintainOrder?: boolean;
}

/** Options of `sample`. */
export type SampleOptions = ({ readonly n: number } | { readonly fraction: number }) & {
  /** Given: the same rows every time, on every backend (uint32). Absent: drawn once, when the frame is made. */
  readonly randomState?: number;
};

/** Options of `explain`. */
export interface ExplainOptions {
  /** The plan that runs (default true), or the plan as written. */
  readonly optimized?: boolean;
  /** Print the rows and bytes that each step is guessed to hold (default false). */
  readonly memory?: boolean;
}

// `out S` is asserted, not proved: the checker cannot relate `With<S, E>` for two unknown S. tests/types hold what it
// must mean, and the directive is in a doc comment so that it survives into the .d.ts.
/**
 * A lazy table: a plan whose columns are S. Verbs build the plan and return a new frame; `collect`, `show`, `count`,
 * `batches`, `cache` and the `write` family run it.
 * @ts-ignore TS2636 */
export class DataFrame<out S = any> {
  /** For the type checker only: compared here, in one covariant place. */
  declare readonly [schema]: HasSchema<S>[typeof schema];
  readonly #plan: PlanNode;

  /** @internal Frames come from `read*`, `from*` and verbs. */
  constructor(plan: PlanNode) {
    this.#plan = plan;
  }

  /** @internal The plan of a frame. */
  static planOf(frame: DataFrame<any>): PlanNode {
    return frame.#plan;
  }

  /**
   * Lists the column names, in order.
   *
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Oslo', 'Rome'], price: [10, 20] });
   * console.log(df.columns);
   * // [ 'city', 'price' ]
   * ```
   */
  get columns(): string[] {
    return this.#plan.schema.map((f) => f.name);
  }

  /**
   * Gives each column's dtype and whether it may hold null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Oslo', null] });
   * console.log(df.schema);
   * // { city: { dtype: 'Utf8', nullable: true } }
   * ```
   */
  get schema(): { readonly [column: string]: LogicalType & { readonly nullable: boolean } } {
    return Object.fromEntries(this.#plan.schema.map((f) => [f.name, { ...f.type, nullable: f.nullable }]));
  }

  /**
   * Prints the plan as a tree: what would run (optimised) or what was written. After a run of this frame, rows and
   * milliseconds stand beside the nodes.
   *
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Oslo', 'Rome'], price: [10, 20] });
   * console.log(df.filter((c) => c.price.gt(15)).select('city').explain({ optimized: false }));
   * // PROJECT city
   * //   FILTER c.price.gt(15)
   * //     TABLE 2 rows: city, price
   * ```
   */
  explain(options: ExplainOptions = {}): string {
    return explainFrame(this.#plan, options.optimized ?? true, options.memory ?? false);
  }

  /**
   * Guesses how many bytes each step of the plan holds, from the schema, the number of rows and rules of thumb (a filter
   * keeps a share, strings are short). Nothing runs. `explain({ memory: true })` prints it.
   *
   * @returns bytes read, of the result and at most, and per step in the order in which they run
   * @example
   * ```ts
   * const df = fromColumns({ k: Int32Array.of(1, 2, 2), x: [10, 20, 30] });
   * const { inputBytes, stages } = df.groupBy('k').agg({ total: (c) => c.x.sum() }).estimateMemory();
   * console.log(inputBytes, stages.map((s) => s.label.split(' ')[0]));
   * // 36 [ 'TABLE', 'AGGREGATE' ]
   * ```
   */
  estimateMemory(): MemoryEstimate {
    return memoryPlan(optimizedPlan(this.#plan));
  }

  /**
   * Keeps columns by name, and computes new ones from objects of expressions. Only aggregates give one row; beside
   * other columns an aggregate is repeated on every row.
   *
   * @throws {ERR_COLUMN_NOT_FOUND} a name that is not a column
   * @throws {ERR_DUPLICATE_COLUMN} a name used twice
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Oslo', 'Rome'], price: [10, 20] });
   * await df.select('city', { double: (c) => c.price.mul(2) }).show();
   * await df.select({ total: (c) => c.price.sum() }).show();
   * // ┌──────┬─────────┐
   * // │ city │  double │
   * // │ Utf8 │ Float64 │
   * // ├──────┼─────────┤
   * // │ Oslo │      20 │
   * // │ Rome │      40 │
   * // └──────┴─────────┘
   * // 2 rows × 2 columns
   * // ┌─────────┐
   * // │   total │
   * // │ Float64 │
   * // ├─────────┤
   * // │      30 │
   * // └─────────┘
   * // 1 row × 1 column
   * ```
   */
  select<const A extends readonly ((keyof S & string) | Computed<S> | AliasedExpr)[]>(
    ...columns: A
  ): DataFrame<Selected<S, A[number]>> {
    return new DataFrame(sugar.select(this.#plan, columns));
  }

  /**
   * Adds columns, or replaces those of the same name. Every expression sees the frame as it was before this verb.
   *
   * @example
   * ```ts
   * const df = fromColumns({ price: [10, 20], qty: Int32Array.of(3, 4) });
   * await df.withColumns({ total: (c) => c.price.mul(c.qty), share: (c) => c.price.div(c.price.sum()) }).show();
   * // ┌─────────┬───────┬─────────┬──────────┐
   * // │   price │   qty │   total │    share │
   * // │ Float64 │ Int32 │ Float64 │  Float64 │
   * // ├─────────┼───────┼─────────┼──────────┤
   * // │      10 │     3 │      30 │ 0.333333 │
   * // │      20 │     4 │      80 │ 0.666667 │
   * // └─────────┴───────┴─────────┴──────────┘
   * // 2 rows × 4 columns
   * ```
   */
  withColumns<E>(columns: Items<S, E>): DataFrame<With<S, E>> {
    return new DataFrame(sugar.withColumns(this.#plan, columns));
  }

  /**
   * Leaves columns out.
   *
   * @throws {ERR_COLUMN_NOT_FOUND} a name that is not a column
   * @example
   * ```ts
   * const df = fromColumns({ a: [1], b: [2], c: [3] });
   * console.log(df.drop('b', 'c').columns);
   * // [ 'a' ]
   * ```
   */
  drop<N extends keyof S & string>(...names: N[]): DataFrame<Without<S, N>> {
    return new DataFrame(sugar.drop(this.#plan, names));
  }

  /**
   * Renames columns: `{ old: 'new' }`.
   *
   * @throws {ERR_COLUMN_NOT_FOUND} an old name that is not a column
   * @throws {ERR_DUPLICATE_COLUMN} a new name that another column has
   * @example
   * ```ts
   * const df = fromColumns({ a: [1], b: [2] });
   * console.log(df.rename({ a: 'x' }).columns);
   * // [ 'x', 'b' ]
   * ```
   */
  rename<const M extends { readonly [K in keyof S & string]?: string }>(
    names: M & NewNames<S, M>,
  ): DataFrame<Renamed<S, M>> {
    return new DataFrame(sugar.rename(this.#plan, names as Record<string, string>));
  }

  /**
   * Puts a first column of row numbers, from `offset` (default 0).
   *
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Oslo', 'Rome'] });
   * await df.withRowIndex().show();
   * // ┌────────┬──────┐
   * // │  index │ city │
   * // │ UInt32 │ Utf8 │
   * // ├────────┼──────┤
   * // │      0 │ Oslo │
   * // │      1 │ Rome │
   * // └────────┴──────┘
   * // 2 rows × 2 columns
   * ```
   */
  withRowIndex<const N extends string = 'index'>(
    name?: N & NewName<S, N>,
    options: { readonly offset?: number } = {},
  ): DataFrame<With<{ [K in N]: UInt32 }, S>> {
    return new DataFrame(sugar.withRowIndex(this.#plan, name ?? 'index', options.offset ?? 0));
  }

  /**
   * Keeps the rows whose predicate is true; null counts as false.
   *
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Oslo', 'Rome'], price: [10, 20] });
   * await df.filter((c) => c.price.gt(15).and(c.city.ne('Paris'))).show();
   * // ┌──────┬─────────┐
   * // │ city │   price │
   * // │ Utf8 │ Float64 │
   * // ├──────┼─────────┤
   * // │ Rome │      20 │
   * // └──────┴─────────┘
   * // 1 row × 2 columns
   * ```
   */
  filter(predicate: Item<S, Bool | null, 'row' | 'window'>): DataFrame<S> {
    return new DataFrame(sugar.filter(this.#plan, predicate));
  }

  /**
   * Sorts by columns, names or expressions. Stable; nulls last in both directions unless `nullsFirst`; NaN above all
   * numbers; strings by their UTF-8 bytes.
   *
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Oslo', 'Rome', 'Lima'], price: [10, 20, 10] });
   * await df.sort({ by: 'price', descending: true }, 'city').show();
   * // ┌──────┬─────────┐
   * // │ city │   price │
   * // │ Utf8 │ Float64 │
   * // ├──────┼─────────┤
   * // │ Rome │      20 │
   * // │ Lima │      10 │
   * // │ Oslo │      10 │
   * // └──────┴─────────┘
   * // 3 rows × 2 columns
   * ```
   */
  sort(...keys: SortKey<S>[]): DataFrame<S> {
    return new DataFrame(sugar.sort(this.#plan, keys));
  }

  /**
   * Keeps the first rows (default 5).
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, 3] });
   * console.log(await df.head(2).count());
   * // 2
   * ```
   */
  head(rows = 5): DataFrame<S> {
    return new DataFrame(sugar.head(this.#plan, rows));
  }

  /**
   * Keeps the last rows (default 5).
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, 3] });
   * console.log((await df.tail(1).collect()).toRecords());
   * // [ { a: 3 } ]
   * ```
   */
  tail(rows = 5): DataFrame<S> {
    return new DataFrame(sugar.tail(this.#plan, rows));
  }

  /**
   * Keeps `length` rows from `offset`, to the end without a length. A negative offset counts from the end.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, 3, 4] });
   * console.log((await df.slice(1, 2).collect()).toRecords());
   * // [ { a: 2 }, { a: 3 } ]
   * ```
   */
  slice(offset: number, length?: number): DataFrame<S> {
    return new DataFrame(sugar.slice(this.#plan, offset, length));
  }

  /**
   * Draws rows at random without replacement, exactly `n` of them or `fraction` of all (rounded); they keep their order.
   * The same `randomState` gives the same rows on every backend and at any thread count.
   *
   * @throws {ERR_PARAMETER} a fraction outside [0, 1], a negative n
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, 3, 4, 5, 6] }).sample({ n: 2, randomState: 1 });
   * console.log(await df.count());
   * // 2
   * ```
   */
  sample(options: SampleOptions): DataFrame<S> {
    return new DataFrame(sugar.sample(this.#plan, options));
  }

  /**
   * Keeps one of several equal rows. Null equals null and NaN equals NaN here.
   *
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Rome', 'Oslo', 'Rome'], price: [1, 2, 3] });
   * await df.unique({ subset: ['city'], keep: 'last', maintainOrder: true }).show();
   * // ┌──────┬─────────┐
   * // │ city │   price │
   * // │ Utf8 │ Float64 │
   * // ├──────┼─────────┤
   * // │ Oslo │       2 │
   * // │ Rome │       3 │
   * // └──────┴─────────┘
   * // 2 rows × 2 columns
   * ```
   */
  unique(options: UniqueOptions<S> = {}): DataFrame<S> {
    return new DataFrame(sugar.unique(this.#plan, options));
  }

  /**
   * Keeps the `k` rows with the largest values of a column, largest first.
   *
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Oslo', 'Rome', 'Lima'], price: [10, 20, 30] });
   * await df.topK(2, { by: 'price' }).show();
   * // ┌──────┬─────────┐
   * // │ city │   price │
   * // │ Utf8 │ Float64 │
   * // ├──────┼─────────┤
   * // │ Lima │      30 │
   * // │ Rome │      20 │
   * // └──────┴─────────┘
   * // 2 rows × 2 columns
   * ```
   */
  topK(k: number, options: { readonly by: keyof S & string }): DataFrame<S> {
    refuseUnknown('topK()', options, ['by']);
    return new DataFrame(sugar.topK(this.#plan, k, options.by, true));
  }

  /**
   * Keeps the `k` rows with the smallest values of a column, smallest first.
   *
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Oslo', 'Rome', 'Lima'], price: [10, 20, 30] });
   * await df.bottomK(2, { by: 'price' }).show();
   * // ┌──────┬─────────┐
   * // │ city │   price │
   * // │ Utf8 │ Float64 │
   * // ├──────┼─────────┤
   * // │ Oslo │      10 │
   * // │ Rome │      20 │
   * // └──────┴─────────┘
   * // 2 rows × 2 columns
   * ```
   */
  bottomK(k: number, options: { readonly by: keyof S & string }): DataFrame<S> {
    refuseUnknown('bottomK()', options, ['by']);
    return new DataFrame(sugar.topK(this.#plan, k, options.by, false));
  }

  /**
   * Drops the rows with a null in one of the named columns, or in any. NaN is not null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Oslo', null], price: [10, 20] });
   * await df.dropNulls('city').show();
   * // ┌──────┬─────────┐
   * // │ city │   price │
   * // │ Utf8 │ Float64 │
   * // ├──────┼─────────┤
   * // │ Oslo │      10 │
   * // └──────┴─────────┘
   * // 1 row × 2 columns
   * ```
   */
  dropNulls<N extends keyof S & string = keyof S & string>(...names: N[]): DataFrame<NotNull<S, N>> {
    return new DataFrame(sugar.dropNulls(this.#plan, names));
  }

  /**
   * Replaces nulls: `{ column: value }`.
   *
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Oslo', null], price: [10, 20] });
   * await df.fillNull({ city: 'unknown' }).show();
   * // ┌─────────┬─────────┐
   * // │ city    │   price │
   * // │ Utf8    │ Float64 │
   * // ├─────────┼─────────┤
   * // │ Oslo    │      10 │
   * // │ unknown │      20 │
   * // └─────────┴─────────┘
   * // 2 rows × 2 columns
   * ```
   */
  fillNull<const F extends Fills<S>>(values: F): DataFrame<Filled<S, F>> {
    return new DataFrame(sugar.fillNull(this.#plan, values));
  }

  /**
   * Groups rows by columns, names or computed ones; `agg` gives one row per group. Null is a key, and so is NaN. The
   * order of groups is not specified: sort, or ask `agg` to maintain it.
   *
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Rome', 'Oslo', 'Rome'], price: [10, 20, 30] });
   * await df.groupBy('city').agg({ mean: (c) => c.price.mean(), n: len() }).sort('city').show();
   * // ┌──────┬─────────┬────────┐
   * // │ city │    mean │      n │
   * // │ Utf8 │ Float64 │ UInt32 │
   * // ├──────┼─────────┼────────┤
   * // │ Oslo │      20 │      1 │
   * // │ Rome │      20 │      2 │
   * // └──────┴─────────┴────────┘
   * // 2 rows × 3 columns
   * ```
   */
  groupBy<const A extends readonly ((keyof S & string) | Computed<S, 'row'> | AliasedExpr)[]>(
    ...keys: A
  ): GroupBy<S, Selected<S, A[number]>> {
    return new GroupBy(this.#plan, keys, frameOf);
  }

  /**
   * Joins another frame on key columns. Keys appear once, under the left name; other names that both frames have get the
   * suffix. Null keys never match unless `nullsEqual`. Row order is not specified unless `maintainOrder`.
   *
   * @throws {ERR_COLUMN_NOT_FOUND} a key that one side lacks
   * @throws {ERR_DTYPE} keys of different dtypes
   * @throws {ERR_DUPLICATE_COLUMN} a suffixed name that exists
   * @example
   * ```ts
   * const sales = fromColumns({ city: ['Rome', 'Oslo'], price: [10, 20] });
   * const cities = fromColumns({ name: ['Oslo', 'Lima'], country: ['Norway', 'Peru'] });
   * await sales.join(cities, { on: { city: 'name' }, how: 'left', maintainOrder: true }).show();
   * // ┌──────┬─────────┬─────────┐
   * // │ city │   price │ country │
   * // │ Utf8 │ Float64 │ Utf8    │
   * // ├──────┼─────────┼─────────┤
   * // │ Rome │      10 │ null    │
   * // │ Oslo │      20 │ Norway  │
   * // └──────┴─────────┴─────────┘
   * // 2 rows × 3 columns
   * ```
   */
  join<
    R,
    const On extends
      | JoinKeys<S, R>
      | readonly JoinKeys<S, R>[]
      | { readonly [K in keyof S & string]?: keyof R & string } = never,
    H extends JoinHow = JoinHow,
    const X extends string = '_right',
  >(
    other: DataFrame<R>,
    options: JoinOptions<On, H, X> | { readonly how: 'cross' & H; readonly suffix?: X },
  ): DataFrame<Joined<S, R, On, H, X>> {
    return new DataFrame(sugar.join(this.#plan, DataFrame.planOf(other), options as sugar.JoinArguments));
  }

  /**
   * Summarises the numeric columns: count, nulls, mean, standard deviation, minimum, quartiles, maximum.
   *
   * @example
   * ```ts
   * const df = fromColumns({ price: [10, 20, 30, 40] });
   * await df.describe().show();
   * // ┌───────────┬───────────┐
   * // │ statistic │     price │
   * // │ Utf8      │   Float64 │
   * // ├───────────┼───────────┤
   * // │ count     │  4.000000 │
   * // │ nullCount │  0.000000 │
   * // │ mean      │ 25.000000 │
   * // │ std       │ 12.909944 │
   * // │ min       │ 10.000000 │
   * // │ 25%       │ 17.500000 │
   * // │ 50%       │ 25.000000 │
   * // │ 75%       │ 32.500000 │
   * // │ max       │ 40.000000 │
   * // └───────────┴───────────┘
   * // 9 rows × 2 columns
   * ```
   */
  describe(): DataFrame<Described<S>> {
    return new DataFrame(sugar.describe(this.#plan, terminal.describeFunction));
  }

  /**
   * Counts the rows of each distinct combination, most frequent first.
   *
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Rome', 'Oslo', 'Rome'] });
   * await df.valueCounts('city').show();
   * // ┌──────┬────────┐
   * // │ city │  count │
   * // │ Utf8 │ UInt32 │
   * // ├──────┼────────┤
   * // │ Rome │      2 │
   * // │ Oslo │      1 │
   * // └──────┴────────┘
   * // 2 rows × 2 columns
   * ```
   */
  valueCounts<N extends keyof S & string>(...names: N[]): DataFrame<Counted<S, N>> {
    return new DataFrame(sugar.valueCounts(this.#plan, names));
  }

  /**
   * Counts the nulls of every column, in one row.
   *
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Oslo', null], price: [10, 20] });
   * await df.nullCount().show();
   * // ┌────────┬────────┐
   * // │   city │  price │
   * // │ UInt32 │ UInt32 │
   * // ├────────┼────────┤
   * // │      1 │      0 │
   * // └────────┴────────┘
   * // 1 row × 2 columns
   * ```
   */
  nullCount(): DataFrame<NullCounts<S>> {
    return new DataFrame(sugar.nullCount(this.#plan));
  }

  /**
   * Runs a JavaScript function over batches of rows; `schema` declares what it returns. Each result column is an array
   * as long as the others. Batches come in order; their size is the engine's choice.
   *
   * @throws {ERR_SCHEMA_MISMATCH} a result column that is missing or of another dtype
   * @example
   * ```ts
   * const df = fromColumns({ price: [10, 20] });
   * const scored = df.mapBatches((batch) => ({ score: batch.column('price').toArray().map((p) => p / 10) }), {
   *   schema: { score: Float64 },
   * });
   * console.log((await scored.collect()).toRecords());
   * // [ { score: 1 }, { score: 2 } ]
   * ```
   */
  mapBatches<const R extends SchemaSpec>(
    fn: (batch: Table<S>) => Columns<SchemaOf<R>> | Promise<Columns<SchemaOf<R>>>,
    options: { readonly schema: R },
  ): DataFrame<SchemaOf<R>> {
    return new DataFrame(terminal.mapBatches(this.#plan, fn as never, options.schema, frameOf));
  }

  /**
   * Calls a function with this frame: for helpers inside a chain.
   *
   * @example
   * ```ts
   * const addTotal = (df: DataFrame<{ price: Float64; qty: Float64 }>) => df.withColumns({ total: (c) => c.price.mul(c.qty) });
   * const df = fromColumns({ price: [10], qty: [3] });
   * await df.pipe(addTotal).show();
   * // ┌─────────┬─────────┬─────────┐
   * // │   price │     qty │   total │
   * // │ Float64 │ Float64 │ Float64 │
   * // ├─────────┼─────────┼─────────┤
   * // │      10 │       3 │      30 │
   * // └─────────┴─────────┴─────────┘
   * // 1 row × 3 columns
   * ```
   */
  pipe<Out, A extends unknown[]>(fn: (df: this, ...args: A) => Out, ...args: A): Out {
    return fn(this, ...args);
  }

  /**
   * Runs the plan and gives the rows as a table. Dispose the table when done; the garbage collector does it otherwise.
   *
   * @example
   * ```ts
   * const df = fromColumns({ price: [10, 20] });
   * using table = await df.filter((c) => c.price.gt(15)).collect();
   * console.log(table.height, table.toRecords());
   * // 1 [ { price: 20 } ]
   * ```
   */
  collect(options?: RunOptions): Promise<Table<S>> {
    return terminal.collect(this.#plan, options, callSite(this.collect), frameOf);
  }

  /**
   * Runs the plan once and gives a frame over its result, to start several queries from. The memory is freed when no
   * frame uses it any more.
   *
   * @example
   * ```ts
   * const df = await fromColumns({ price: [10, 20] }).withColumns({ x: (c) => c.price.mul(2) }).cache();
   * console.log(await df.count());
   * // 2
   * ```
   */
  async cache(options?: RunOptions): Promise<DataFrame<S>> {
    return new DataFrame(await terminal.cache(this.#plan, options, callSite(this.cache)));
  }

  /**
   * Counts the rows, reading no more columns than it must.
   *
   * @example
   * ```ts
   * const df = fromColumns({ price: [10, 20] });
   * console.log(await df.count());
   * // 2
   * ```
   */
  count(options?: RunOptions): Promise<number> {
    return terminal.count(this.#plan, options, callSite(this.count));
  }

  /**
   * Prints the first rows as a table.
   *
   * @param rows - how many (default 10)
   * @example
   * ```ts
   * const df = fromColumns({ city: ['Oslo', null], price: [10, 20.5] });
   * await df.show();
   * // ┌──────┬─────────┐
   * // │ city │   price │
   * // │ Utf8 │ Float64 │
   * // ├──────┼─────────┤
   * // │ Oslo │    10.0 │
   * // │ null │    20.5 │
   * // └──────┴─────────┘
   * // 2 rows × 2 columns
   * ```
   */
  show(rows = 10, options?: RunOptions): Promise<void> {
    return terminal.show(this.#plan, rows, options, callSite(this.show));
  }

  /**
   * Runs the plan and hands out its rows in order, a table per batch, with back-pressure: the engine waits for the loop.
   *
   * @example
   * ```ts
   * const df = fromColumns({ price: [10, 20] });
   * for await (const batch of df.batches()) console.log(batch.height);
   * // 2
   * ```
   */
  batches(options?: RunOptions): AsyncIterable<Table<S>> {
    return terminal.batches(this.#plan, options, callSite(this.batches), frameOf);
  }

  /**
   * Gives a Node Readable of row objects, or of Arrow IPC stream bytes.
   *
   * @example
   * ```ts
   * const df = fromColumns({ price: [10, 20] });
   * for await (const row of df.toReadable({ format: 'rows' })) console.log(row);
   * // { price: 10 }
   * // { price: 20 }
   * ```
   */
  toReadable(options: terminal.ReadableOptions): import('node:stream').Readable {
    return terminal.toReadable(this.#plan, options, callSite(this.toReadable), frameOf);
  }

  /**
   * Runs the plan into a Parquet file, streaming; the file appears when it is complete. Returns the row count.
   *
   * @example
   * ```ts
   * const df = fromColumns({ price: [10, 20] });
   * console.log(await df.writeParquet(`${tmp}/prices.parquet`, { compression: 'zstd' }));
   * // 2
   * ```
   */
  writeParquet(path: string, options: ParquetWriteOptions & RunOptions = {}): Promise<number> {
    return terminal.write(this.#plan, 'parquet', path, options, callSite(this.writeParquet));
  }

  /**
   * Runs the plan into a CSV file, streaming; the file appears when it is complete. Returns the row count.
   *
   * @example
   * ```ts
   * const df = fromColumns({ price: [10, 20] });
   * console.log(await df.writeCsv(`${tmp}/prices.csv`));
   * // 2
   * ```
   */
  writeCsv(path: string, options: CsvWriteOptions & RunOptions = {}): Promise<number> {
    return terminal.write(this.#plan, 'csv', path, options, callSite(this.writeCsv));
  }

  /**
   * Runs the plan into a JSON Lines file, streaming; the file appears when it is complete. Returns the row count.
   *
   * @example
   * ```ts
   * const df = fromColumns({ price: [10, 20] });
   * console.log(await df.writeJsonl(`${tmp}/prices.jsonl`));
   * // 2
   * ```
   */
  writeJsonl(path: string, options: JsonlWriteOptions & RunOptions = {}): Promise<number> {
    return terminal.write(this.#plan, 'jsonl', path, options, callSite(this.writeJsonl));
  }

  /**
   * Runs the plan into an Arrow IPC file, streaming; the file appears when it is complete. Returns the row count.
   *
   * @example
   * ```ts
   * const df = fromColumns({ price: [10, 20] });
   * console.log(await df.writeArrow(`${tmp}/prices.arrow`));
   * // 2
   * ```
   */
  writeArrow(path: string, options: ArrowWriteOptions & RunOptions = {}): Promise<number> {
    return terminal.write(this.#plan, 'arrow', path, options, callSite(this.writeArrow));
  }

  /** Prints schema and plan; runs nothing. */
  [INSPECT](): string {
    return `DataFrame { ${schemaText(this.#plan.schema)} }\n${explainFrame(this.#plan, false)}`;
  }
}

const frameOf = (plan: PlanNode): DataFrame<any> => new DataFrame(plan);

/** An error whose stack is the user's call: run-time errors carry it. */
function callSite(method: (...args: never[]) => unknown): Error {
  // Not `new Error`, which would take the stack twice.
  const site: Error = Object.create(Error.prototype);
  Error.captureStackTrace(site, method);
  return site;
}

/** Options of `concat`. */
export interface ConcatOptions<H> {
  /**
   * `vertical`: rows under rows, the same columns everywhere; `diagonal`: all columns, null where a frame has none;
   * `horizontal`: columns beside columns, the same number of rows everywhere (default `vertical`).
   */
  readonly how?: H;
}

/**
 * Puts frames together, under each other or side by side.
 *
 * @throws {ERR_SCHEMA_MISMATCH} vertical: frames whose columns or dtypes differ
 * @throws {ERR_DUPLICATE_COLUMN} horizontal: a name in two frames
 * @example
 * ```ts
 * const a = fromColumns({ city: ['Oslo'], price: [10] });
 * const b = fromColumns({ city: ['Rome'], price: [20] });
 * await concat([a, b]).show();
 * // ┌──────┬─────────┐
 * // │ city │   price │
 * // │ Utf8 │ Float64 │
 * // ├──────┼─────────┤
 * // │ Oslo │      10 │
 * // │ Rome │      20 │
 * // └──────┴─────────┘
 * // 2 rows × 2 columns
 * ```
 */
export function concat<
  const F extends readonly DataFrame<any>[],
  H extends 'vertical' | 'diagonal' | 'horizontal' = 'vertical',
>(frames: F & SameColumns<F, H>, options: ConcatOptions<H> = {}): DataFrame<Concatenated<SchemasOf<F>, H>> {
  refuseUnknown('concat()', options, ['how']);
  return new DataFrame(
    sugar.concat((frames as readonly DataFrame<any>[]).map(DataFrame.planOf), options.how ?? 'vertical'),
  );
}
