import { describe, expect, it } from 'vitest';
import type { ExecContext } from '../../ts/backend/cpu/context.ts';
import { windowNames } from '../../ts/backend/cpu/functions/window/index.ts';
import { createWindowSink } from '../../ts/backend/cpu/operators/window.ts';
import { createStreamingWindow } from '../../ts/backend/cpu/operators/window-stream.ts';
import { MORSEL_ROWS } from '../../ts/backend/cpu/vector.ts';
import { FUNCTIONS } from '../../ts/expr/functions.ts';
import type { CallNode, ExprNode, Options, OverNode } from '../../ts/expr/nodes.ts';
import { type LogicalType, type Schema, sameType, typeText } from '../../ts/schema/types.ts';
import { uniform } from '../../ts/util/philox.ts';
import { batchOfValues, projection, queuePlan, testOnDevice } from '../support/device-cases.ts';
import { batchOf, testContext, valuesOf, vectorOf } from '../support/engine.ts';
import { compareValues, randomColumn, randomSource, SORTABLE } from '../support/random-columns.ts';
import { windowOracle } from '../support/window-oracle.ts';

const FLOAT: LogicalType = { dtype: 'Float64' };
const INT: LogicalType = { dtype: 'Int64' };
const UINT32: LogicalType = { dtype: 'UInt32' };
const DECIMAL: LogicalType = { dtype: 'Decimal', precision: 38, scale: 2 };
const DURATION: LogicalType = { dtype: 'Duration', unit: 'ms' };

type Columns = Readonly<Record<string, { type: LogicalType; values: readonly unknown[] }>>;
interface Call {
  fn: string;
  /** Column names; `{ lit }` for literals. */
  args: readonly (string | { lit: unknown })[];
  type: LogicalType;
  options?: Options;
}
interface Over {
  partition?: readonly string[];
  order?: readonly { column: string; descending?: boolean; nullsFirst?: boolean }[];
}

const schemaOf = (columns: Columns): Schema =>
  Object.entries(columns).map(([name, c]) => ({ name, type: c.type, nullable: c.values.includes(null) }));
const colNode = (columns: Columns, name: string): ExprNode => {
  const c = columns[name]!;
  return { node: 'col', name, type: c.type, nullable: c.values.includes(null) };
};

function overNode(columns: Columns, call: Call, over: Over): OverNode {
  const args = call.args.map(
    (a): ExprNode =>
      typeof a === 'string'
        ? colNode(columns, a)
        : {
            node: 'lit',
            value: a.lit as number,
            type: columns[call.args[0] as string]!.type,
            nullable: a.lit === null,
          },
  );
  const expr: CallNode = {
    node: 'call',
    fn: call.fn,
    args,
    options: call.options ?? {},
    type: call.type,
    nullable: true,
  };
  return {
    node: 'over',
    expr,
    type: call.type,
    nullable: true,
    partitionBy: (over.partition ?? []).map((p) => colNode(columns, p)),
    orderBy: (over.order ?? []).map((o) => ({
      expr: colNode(columns, o.column),
      descending: o.descending ?? false,
      nullsFirst: o.nullsFirst ?? false,
    })),
  };
}

/** Runs several `over` columns at once; the input's columns must come back unchanged. */
function runWindows(
  columns: Columns,
  overs: readonly { call: Call; over: Over }[],
  batchRows = 1000,
  ctx: ExecContext = testContext(),
): unknown[][] {
  const schema = schemaOf(columns);
  const sink = createWindowSink(
    overs.map((o, i) => ({ name: `w${i}`, over: overNode(columns, o.call, o.over) })),
    schema,
  );
  const length = Object.values(columns)[0]!.values.length;
  for (let at = 0; at < length; at += batchRows) {
    sink.push(
      ctx,
      batchOf(Object.values(columns).map((c) => vectorOf(ctx, c.type, c.values.slice(at, at + batchRows)))),
    );
    ctx.scratch.reset();
  }
  const source = sink.finish(ctx);
  ctx.scratch.reset();
  const out: unknown[][] = [...schema, ...overs].map(() => []);
  for (let batch = source.next(ctx); batch; batch = source.next(ctx)) {
    expect(batch.length).toBeLessThanOrEqual(MORSEL_ROWS);
    batch.columns.forEach((v, i) => {
      if (i >= schema.length) expect(sameType(v.type, overs[i - schema.length]!.call.type)).toBe(true);
      for (const value of valuesOf(ctx, v)) out[i]!.push(value);
    });
    ctx.scratch.reset();
  }
  source.close(ctx);
  Object.values(columns).forEach((c, i) => {
    expect(out[i]).toEqual(c.values);
  });
  overs.forEach((o, i) => {
    queuePlan(length, () => ({
      inputs: [
        batchOfValues(
          schema,
          Object.values(columns).map((c) => c.values),
        ),
      ],
      plan: ([input]) => projection(input!, [overNode(columns, o.call, o.over)]),
      expected: [out[schema.length + i]!],
      relative: 1e-9,
    }));
  });
  return out.slice(schema.length);
}

/** Rows of each partition in window order. */
function partitionsOf(columns: Columns, over: Over, length: number): number[][] {
  const groups = new Map<string, number[]>();
  for (let i = 0; i < length; i++) {
    const key = (over.partition ?? [])
      .map((p) => {
        const v = columns[p]!.values[i];
        return v === null
          ? 'null'
          : `${typeof v}${v === 0 ? 0 : v instanceof Uint8Array ? Buffer.from(v).toString('hex') : String(v)}`;
      })
      .join('|');
    const rows = groups.get(key);
    if (rows) rows.push(i);
    else groups.set(key, [i]);
  }
  const compare = (a: number, b: number): number => {
    for (const o of over.order ?? []) {
      const x = columns[o.column]!.values[a];
      const y = columns[o.column]!.values[b];
      if (x === null || y === null) {
        if (x === y) continue;
        return (x === null) === (o.nullsFirst ?? false) ? -1 : 1;
      }
      const c = compareValues(x, y);
      if (c !== 0) return o.descending ? -c : c;
    }
    return a - b;
  };
  return [...groups.values()].map((rows) => rows.sort(compare));
}

function expectedWindow(columns: Columns, call: Call, over: Over, length: number): unknown[] {
  const out = new Array<unknown>(length);
  for (const rows of partitionsOf(columns, over, length)) {
    const args = call.args.map((a) =>
      typeof a === 'string' ? rows.map((r) => columns[a]!.values[r]) : rows.map(() => a.lit),
    );
    const values = windowOracle(call.fn, args, call.options ?? {}, rows.length);
    rows.forEach((r, i) => {
      out[r] = values[i];
    });
  }
  return out;
}

/** Equal, floats within a relative error. */
function expectClose(got: readonly unknown[], wanted: readonly unknown[], what: string): void {
  expect(got.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const a = got[i];
    const b = wanted[i];
    const close =
      typeof a === 'number' && typeof b === 'number'
        ? Object.is(a, b) ||
          a === b ||
          (Number.isNaN(a) && Number.isNaN(b)) ||
          Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b))
        : a === b || (a instanceof Uint8Array && Buffer.compare(a, b as Uint8Array) === 0);
    if (!close) expect({ what, row: i, value: a }).toEqual({ what, row: i, value: b });
  }
}

const rolling = (windowRows: number, minPeriods = windowRows, center = false): Options => ({
  windowRows,
  minPeriods,
  center,
});

function makeColumns(length: number, seed: number): Columns {
  const random = randomSource(seed);
  const small = (n: number) =>
    Array.from({ length }, () => (random() < 0.1 ? null : BigInt(Math.floor(random() * n) - n / 2)));
  return {
    f: {
      type: FLOAT,
      values: Array.from({ length }, () => (random() < 0.15 ? null : Math.round((random() - 0.5) * 1000) / 8)),
    },
    i: { type: INT, values: small(100) },
    d: { type: DECIMAL, values: small(100000) },
    t: { type: DURATION, values: small(1000) },
    one: {
      type: INT,
      values: Array.from({ length }, () => (random() < 0.1 ? null : BigInt(Math.floor(random() * 3) - 1))),
    },
    s: { type: { dtype: 'Utf8' }, values: randomColumn({ dtype: 'Utf8' }, length, random, { distinct: 30 }) },
    g: { type: { dtype: 'Utf8' }, values: randomColumn({ dtype: 'Utf8' }, length, random, { distinct: 8 }) },
    h: { type: FLOAT, values: randomColumn(FLOAT, length, random, { distinct: 15 }) },
  };
}

const CALLS: readonly Call[] = [
  { fn: 'cumSum', args: ['f'], type: FLOAT },
  { fn: 'cumSum', args: ['i'], type: INT },
  { fn: 'cumSum', args: ['d'], type: DECIMAL },
  { fn: 'cumSum', args: ['t'], type: DURATION },
  { fn: 'cumProd', args: ['one'], type: INT },
  { fn: 'cumCount', args: ['s'], type: UINT32 },
  { fn: 'shift', args: ['s'], type: { dtype: 'Utf8' }, options: { rows: 2 } },
  { fn: 'shift', args: ['f'], type: FLOAT, options: { rows: -3 } },
  { fn: 'shift', args: ['i', { lit: 7n }], type: INT, options: { rows: 1 } },
  { fn: 'shift', args: ['s', { lit: 'a fill longer than a view' }], type: { dtype: 'Utf8' }, options: { rows: -1 } },
  { fn: 'shift', args: ['i', 'one'], type: INT, options: { rows: 4 } },
  { fn: 'shift', args: ['i'], type: INT, options: { rows: 0 } },
  { fn: 'shift', args: ['i'], type: INT, options: { rows: 2147483647 } },
  { fn: 'forwardFill', args: ['s'], type: { dtype: 'Utf8' }, options: { limit: null } },
  { fn: 'forwardFill', args: ['f'], type: FLOAT, options: { limit: 1 } },
  { fn: 'backwardFill', args: ['i'], type: INT, options: { limit: null } },
  { fn: 'backwardFill', args: ['d'], type: DECIMAL, options: { limit: 2 } },
  ...['min', 'max', 'dense', 'ordinal', 'average'].flatMap((method) =>
    [false, true].map(
      (descending): Call => ({
        fn: 'rank',
        args: [descending ? 's' : 'i'],
        type: method === 'average' ? FLOAT : UINT32,
        options: { method, descending },
      }),
    ),
  ),
  ...[
    rolling(1),
    rolling(3),
    rolling(5, 1),
    rolling(4, 2, true),
    rolling(5, 3, true),
    rolling(1000, 1),
    rolling(2000, 1, true),
    rolling(3, 0),
  ].flatMap((options): Call[] => [
    { fn: 'rollingSum', args: ['f'], type: FLOAT, options },
    { fn: 'rollingSum', args: ['i'], type: INT, options },
    { fn: 'rollingSum', args: ['d'], type: DECIMAL, options },
    { fn: 'rollingMean', args: ['f'], type: FLOAT, options },
    { fn: 'rollingMin', args: ['i'], type: INT, options },
    { fn: 'rollingMax', args: ['d'], type: DECIMAL, options },
    { fn: 'rollingMax', args: ['h'], type: FLOAT, options },
    { fn: 'rollingVar', args: ['f'], type: FLOAT, options: { ...options, ddof: 1 } },
    { fn: 'rollingVar', args: ['f'], type: FLOAT, options: { ...options, ddof: 0 } },
    { fn: 'rollingMedian', args: ['f'], type: FLOAT, options },
  ]),
  { fn: 'ewmMean', args: ['f'], type: FLOAT, options: { alpha: 0.3 } },
  { fn: 'ewmMean', args: ['f'], type: FLOAT, options: { alpha: 1 } },
  { fn: 'rowIndex', args: [], type: UINT32, options: { offset: 5 } },
  { fn: 'random', args: [], type: FLOAT, options: { seed: 42 } },
];
const OVERS: readonly Over[] = [
  {},
  { partition: ['g'] },
  { order: [{ column: 'h', descending: true }] },
  { partition: ['g', 'one'], order: [{ column: 's' }, { column: 'f', descending: true, nullsFirst: true }] },
];

describe('window functions', () => {
  it('every function of the registry is there', () => {
    const wanted = Object.entries(FUNCTIONS).flatMap(([name, row]) => (row.kind === 'window' ? [name] : []));
    expect(windowNames().sort()).toEqual(wanted.sort());
  });

  for (const length of [0, 1, 2, 700])
    it(`${CALLS.length} calls over ${length} rows, four partitionings`, () => {
      const columns = makeColumns(length, length + 1);
      const all = OVERS.flatMap((over) => CALLS.map((call) => ({ call, over })));
      const got = runWindows(columns, all, 300);
      all.forEach(({ call, over }, i) => {
        expectClose(
          got[i]!,
          expectedWindow(columns, call, over, length),
          `${JSON.stringify(call.options)} ${call.fn} ${call.args} ${JSON.stringify(over)}`,
        );
      });
    });

  for (const type of SORTABLE)
    it(`${typeText(type)}: cumMin, cumMax, rank, shift, fills`, () => {
      const random = randomSource(91);
      const length = 400;
      const columns: Columns = {
        x: { type, values: randomColumn(type, length, random, { distinct: 60, nulls: 0.2 }) },
        g: { type: UINT32, values: Array.from({ length }, () => Math.floor(random() * 5)) },
      };
      const calls: Call[] = [
        { fn: 'cumMin', args: ['x'], type },
        { fn: 'cumMax', args: ['x'], type },
        { fn: 'rank', args: ['x'], type: UINT32, options: { method: 'dense', descending: false } },
        { fn: 'shift', args: ['x'], type, options: { rows: 1 } },
        { fn: 'forwardFill', args: ['x'], type, options: { limit: null } },
        { fn: 'cumCount', args: ['x'], type: UINT32 },
      ];
      const all = calls.map((call) => ({ call, over: { partition: ['g'] } }));
      const got = runWindows(columns, all);
      all.forEach(({ call, over }, i) => {
        expectClose(got[i]!, expectedWindow(columns, call, over, length), call.fn);
      });
    });

  it('moves nested columns', () => {
    const type: LogicalType = { dtype: 'List', inner: { type: { dtype: 'Int32' }, nullable: true } };
    const columns: Columns = { x: { type, values: [[1, null], [], null, [2], [3, 4, 5]] } };
    const call: Call = { fn: 'shift', args: ['x'], type, options: { rows: 1 } };
    const filled: Call = { fn: 'forwardFill', args: ['x'], type, options: { limit: null } };
    const [shifted, fills] = runWindows(columns, [
      { call, over: {} },
      { call: filled, over: {} },
    ]);
    expect(shifted).toEqual([null, [1, null], [], null, [2]]);
    expect(fills).toEqual([[1, null], [], [], [2], [3, 4, 5]]);
  });

  it('NaN and Infinity leave a rolling window with their row', () => {
    const values = [1, Number.NaN, 2, 3, 4, Number.POSITIVE_INFINITY, 5, 6, 7, 1e300, 1, 2, 3, 1e-300, 5];
    const columns: Columns = { f: { type: FLOAT, values } };
    const options = rolling(2);
    const got = runWindows(
      columns,
      ['rollingSum', 'rollingMean', 'rollingVar', 'rollingMin'].map((fn) => ({
        call: { fn, args: ['f'], type: FLOAT, options: { ...options, ddof: 1 } },
        over: {},
      })),
    );
    expect(got[0]).toEqual([null, NaN, NaN, 5, 7, Infinity, Infinity, 11, 13, 1e300, 1e300, 3, 5, 3, 5]);
    expect(got[1]).toEqual([null, NaN, NaN, 2.5, 3.5, Infinity, Infinity, 5.5, 6.5, 5e299, 5e299, 1.5, 2.5, 1.5, 2.5]);
    expect(got[2]!.slice(0, 9)).toEqual([null, NaN, NaN, 0.5, 0.5, NaN, NaN, 0.5, 0.5]);
    expect(got[3]).toEqual([null, 1, 2, 2, 3, 4, 5, 5, 6, 7, 1, 1, 2, 1e-300, 1e-300]);
  });

  it('rolling over values without nulls, any length and window', () => {
    const random = randomSource(12);
    for (const length of [1, 2, 7, 64, 333]) {
      const columns: Columns = {
        f: { type: FLOAT, values: Array.from({ length }, () => Math.floor(random() * 1000)) },
      };
      const calls = [1, 2, 3, 7, 32, 500].flatMap((windowRows) =>
        [false, true].flatMap((center) =>
          ['rollingSum', 'rollingMean', 'rollingVar', 'rollingMedian', 'rollingMin'].map(
            (fn): Call => ({
              fn,
              args: ['f'],
              type: FLOAT,
              options: { ...rolling(windowRows, 1 + (windowRows >> 1), center), ddof: 1 },
            }),
          ),
        ),
      );
      const got = runWindows(
        columns,
        calls.map((call) => ({ call, over: {} })),
      );
      calls.forEach((call, i) => {
        expectClose(
          got[i]!,
          expectedWindow(columns, call, {}, length),
          `${call.fn} ${length} ${JSON.stringify(call.options)}`,
        );
      });
    }
  });

  it('row numbers and random numbers pass without being kept', () => {
    const ctx = testContext();
    const columns: Columns = { x: { type: INT, values: [1n, 2n, 3n, 4n, 5n] } };
    const index: Call = { fn: 'rowIndex', args: [], type: UINT32, options: { offset: 10 } };
    const random: Call = { fn: 'random', args: [], type: FLOAT, options: { seed: 7 } };
    const overs = [index, random].map((call, i) => ({ name: `w${i}`, over: overNode(columns, call, {}) }));
    const operator = createStreamingWindow(overs)!;
    const rows: unknown[][] = [];
    for (const values of [[1n, 2n], [3n], [4n, 5n]])
      operator.push(ctx, batchOf([vectorOf(ctx, INT, values)]), (b) => {
        const all = b.columns.map((v) => valuesOf(ctx, v));
        for (let i = 0; i < b.length; i++) rows.push(all.map((c) => c[i]));
      });
    expect(rows).toEqual([0, 1, 2, 3, 4].map((i) => [BigInt(i + 1), i + 10, uniform(7, i)]));
    const partitioned = { name: 'w', over: overNode(columns, index, { partition: ['x'] }) };
    expect(createStreamingWindow([...overs, partitioned])).toBeNull();
  });

  it('long sums are compensated', () => {
    const length = 200_000;
    const values = Array.from({ length }, (_, i) => (i % 2 === 0 ? 0.1 : i % 4 === 1 ? 1e12 : -1e12));
    const columns: Columns = { f: { type: FLOAT, values } };
    const [sums, means] = runWindows(columns, [
      { call: { fn: 'cumSum', args: ['f'], type: FLOAT }, over: {} },
      { call: { fn: 'rollingMean', args: ['f'], type: FLOAT, options: rolling(100_000) }, over: {} },
    ]);
    expect(sums!.at(-1)).toBeCloseTo(10_000, 9);
    expect(means!.at(-1)).toBeCloseTo(0.05, 9);
  });

  it('a large window and many partitions of every size', () => {
    const random = randomSource(4);
    const length = 30_000;
    const columns: Columns = {
      f: { type: FLOAT, values: Array.from({ length }, () => (random() < 0.1 ? null : Math.floor(random() * 500))) },
      g: { type: UINT32, values: Array.from({ length }, () => Math.floor(random() ** 8 * 3000)) },
    };
    const options = rolling(2500, 10);
    const calls: Call[] = ['rollingMedian', 'rollingSum', 'rollingMean', 'rollingMax'].map((fn) => ({
      fn,
      args: ['f'],
      type: FLOAT,
      options,
    }));
    const over = { partition: ['g'] };
    const got = runWindows(
      columns,
      calls.map((call) => ({ call, over })),
      7000,
    );
    // Some rows of each partition, each window looked at as a whole.
    for (const rows of partitionsOf(columns, over, length))
      for (let i = 0; i < rows.length; i += 97) {
        const present = rows
          .slice(Math.max(0, i - 2499), i + 1)
          .map((r) => columns['f']!.values[r] as number | null)
          .filter((x) => x !== null)
          .sort((a, b) => a - b);
        const n = present.length;
        const sum = present.reduce((a, b) => a + b, 0);
        const wanted = [(present[n >> 1]! + present[(n - 1) >> 1]!) / 2, sum, sum / n, present[n - 1]];
        const values = got.map((column) => column[rows[i]!]);
        expectClose(values, n < 10 ? wanted.map(() => null) : wanted, `row ${i} of ${rows.length}`);
      }
  });

  it('overflow names the expression and the row of the input', () => {
    const big = 2n ** 62n;
    const columns: Columns = {
      i: { type: INT, values: [1n, big, 2n, big, big] },
      u: { type: { dtype: 'UInt64' }, values: [2n ** 63n, 1n, 2n ** 63n, null, 5n] },
      d: { type: DECIMAL, values: [10n ** 38n - 1n, -5n, 3n, 4n, null] },
      g: { type: UINT32, values: [0, 1, 0, 1, 1] },
    };
    const run = (fn: string, column: string, type: LogicalType, over: Over, options: Options = {}): unknown[] =>
      runWindows(columns, [{ call: { fn, args: [column], type, options }, over }])[0]!;
    expect(() => run('cumSum', 'i', INT, { partition: ['g'] })).toThrow(/row 3 does not fit Int64/);
    expect(() => run('cumProd', 'i', INT, {})).toThrow(/row 2 does not fit Int64/);
    expect(() => run('cumSum', 'u', { dtype: 'UInt64' }, {})).toThrow(/row 2 does not fit UInt64/);
    expect(() => run('rollingSum', 'i', INT, {}, rolling(2))).toThrow(/row 4 does not fit Int64/);
    // A sum may leave the range of a decimal only if it is not a result.
    expect(run('rollingSum', 'd', DECIMAL, {}, rolling(2, 1)).slice(1)).toEqual([10n ** 38n - 6n, -2n, 7n, 4n]);
    expect(() =>
      run('rollingSum', 'd', DECIMAL, { order: [{ column: 'd', descending: true }] }, rolling(2, 1)),
    ).toThrow(/row 3 does not fit Decimal/);
  });
});

describe('aggregates over partitions', () => {
  const columns: Columns = {
    g: { type: { dtype: 'Utf8' }, values: ['a', 'b', 'a', null, 'b', 'a', null] },
    x: { type: INT, values: [1n, 2n, 3n, 4n, null, 6n, 7n] },
    k: { type: INT, values: [3n, 2n, 1n, 1n, 0n, 2n, 0n] },
  };
  it('repeat one value on the rows of each partition', () => {
    const over = { partition: ['g'] };
    const ordered = { partition: ['g'], order: [{ column: 'k' }] };
    const [sum, all, firstByKey, lastByKey, count, distinct] = runWindows(columns, [
      { call: { fn: 'sum', args: ['x'], type: INT }, over },
      { call: { fn: 'sum', args: ['x'], type: INT }, over: {} },
      { call: { fn: 'first', args: ['x'], type: INT }, over: ordered },
      { call: { fn: 'last', args: ['x'], type: INT }, over: ordered },
      { call: { fn: 'len', args: [], type: UINT32 }, over },
      { call: { fn: 'nUnique', args: ['g'], type: UINT32 }, over: {} },
    ]);
    expect(sum).toEqual([10n, 2n, 10n, 11n, 2n, 10n, 11n]);
    expect(all).toEqual([23n, 23n, 23n, 23n, 23n, 23n, 23n]);
    expect(firstByKey).toEqual([3n, null, 3n, 7n, null, 3n, 7n]);
    expect(lastByKey).toEqual([1n, 2n, 1n, 4n, 2n, 1n, 4n]);
    expect(count).toEqual([3, 2, 3, 2, 2, 3, 2]);
    expect(distinct).toEqual([3, 3, 3, 3, 3, 3, 3]);
  });

  it('nothing gives no rows', () => {
    const empty = Object.fromEntries(Object.entries(columns).map(([n, c]) => [n, { ...c, values: [] }]));
    const out = runWindows(empty, [
      { call: { fn: 'sum', args: ['x'], type: INT }, over: {} },
      { call: { fn: 'sum', args: ['x'], type: INT }, over: { partition: ['g'], order: [{ column: 'k' }] } },
    ]);
    expect(out).toEqual([[], []]);
  });

  it('refuses a function that is no window and no aggregate', () => {
    expect(() =>
      createWindowSink(
        [{ name: 'w', over: overNode(columns, { fn: 'abs', args: ['x'], type: INT }, {}) }],
        schemaOf(columns),
      ),
    ).toThrow(/abs\(\) inside over/);
  });

  it('morsels of 65,535, 65,536 and 65,537 rows', () => {
    for (const length of [MORSEL_ROWS - 1, MORSEL_ROWS, MORSEL_ROWS + 1]) {
      const random = randomSource(length);
      const big: Columns = {
        g: { type: UINT32, values: Array.from({ length }, () => Math.floor(random() * 1000)) },
        x: { type: FLOAT, values: Array.from({ length }, () => Math.floor(random() * 100)) },
      };
      const call: Call = { fn: 'cumSum', args: ['x'], type: FLOAT };
      const over = { partition: ['g'] };
      const got = runWindows(
        big,
        [
          { call, over },
          { call: { fn: 'max', args: ['x'], type: FLOAT }, over },
        ],
        MORSEL_ROWS,
      );
      expectClose(got[0]!, expectedWindow(big, call, over, length), 'cumSum');
      for (const rows of partitionsOf(big, over, length)) {
        const most = Math.max(...rows.map((r) => big['x']!.values[r] as number));
        for (const r of rows) if (got[1]![r] !== most) expect(got[1]![r]).toBe(most);
      }
    }
  });
});

testOnDevice();
