// Group tables and aggregates alone, on one thread, beside DuckDB over the same rows in its own memory.
// Run: npm run build:wasm && npx tsx bench/micro/group.ts [rows] [part of a case's name]
import { DuckDBInstance } from '@duckdb/node-api';
import { testContext } from '../../tests/support/engine.ts';
import { slice } from '../../ts/backend/cpu/columns/slice.ts';
import { aggregatorOf } from '../../ts/backend/cpu/functions/agg/index.ts';
import { GroupTable } from '../../ts/backend/cpu/groups/group-table.ts';
import { MORSEL_ROWS, type Vector } from '../../ts/backend/cpu/vector.ts';
import { functionRow } from '../../ts/expr/functions.ts';
import type { CallNode, Options } from '../../ts/expr/nodes.ts';
import type { LogicalType } from '../../ts/schema/types.ts';

const rows = Number(process.argv[2] ?? 1e7);
const only = process.argv[3] ?? '';
const repeats = 5;
const ctx = testContext();
const f64: LogicalType = { dtype: 'Float64' };
const i32: LogicalType = { dtype: 'Int32' };
const utf8: LogicalType = { dtype: 'Utf8' };

// The same rows on both sides: 32 scattered bits of the row number.
const scatter = (i: number): number => Math.imul(i ^ (i >>> 15), 0x9e3779b1) >>> 0;
const CREATE = `create table t as select (r % 100)::int as a, (r % 100000)::int as b,
    (((r % 100000) * 2654435761) & 4294967295)::uinteger as c, (((r % 1000000) * 2654435761) & 4294967295)::uinteger as d,
    ((i * 7919) % 1000)::int as x, r / 4294967296.0 as y, 'word' || (r % 100) as s,
    'a longer string, number ' || (r % 100) as l
  from (select i, (xor(i, i >> 15) * 2654435761) & 4294967295 as r from range(${rows}) t(i))`;

function column(type: LogicalType, width: number, fill: (at: number, i: number) => void): Vector {
  const data = ctx.arena.alloc(rows * width);
  ctx.heap.refresh();
  for (let i = 0; i < rows; i++) fill(data + i * width, i);
  return { type, length: rows, data, validity: 0 };
}
const ints = (f: (i: number) => number): Vector =>
  column(i32, 4, (at, i) => {
    ctx.heap.i32[at >>> 2] = f(i);
  });

/** Views of a hundred words. */
function words(f: (k: number) => string): { dict: Vector; flat: Vector; coded: Vector } {
  const data = ctx.arena.alloc(1600);
  const heap = ctx.heap.refresh();
  for (let k = 0; k < 100; k++) {
    const bytes = new TextEncoder().encode(f(k));
    const at = data + k * 16;
    heap.u8.fill(0, at, at + 16);
    heap.u32[at >>> 2] = bytes.length;
    heap.u8.set(bytes.subarray(0, bytes.length > 12 ? 8 : 12), at + 4);
    if (bytes.length <= 12) continue;
    const long = ctx.arena.alloc(bytes.length);
    ctx.heap.refresh().u8.set(bytes, long);
    heap.u32[(at + 12) >>> 2] = long;
  }
  const dict: Vector = { type: utf8, length: 100, data, validity: 0 };
  const flat = column(utf8, 16, (at, i) => {
    const from = data + (scatter(i) % 100) * 16;
    ctx.heap.u8.copyWithin(at, from, from + 16);
  });
  const coded = column(utf8, 4, (at, i) => {
    ctx.heap.u32[at >>> 2] = scatter(i) % 100;
  });
  return { dict, flat, coded: { ...coded, dict } };
}

const a = ints((i) => scatter(i) % 100);
const b = ints((i) => scatter(i) % 100000);
const c = ints((i) => Math.imul(scatter(i) % 100000, 0x9e3779b1));
const d = ints((i) => Math.imul(scatter(i) % 1000000, 0x9e3779b1));
const x = ints((i) => (i * 7919) % 1000);
const y = column(f64, 8, (at, i) => {
  ctx.heap.f64[at >>> 3] = scatter(i) / 2 ** 32;
});
const short = words((k) => `word${k}`);
const long = words((k) => `a longer string, number ${k}`);

type Agg = [fn: string, args: Vector[], options?: Options];
interface Case {
  name: string;
  keys: Vector[];
  aggs: Agg[];
  sql: string;
}
const sumMean: Agg[] = [
  ['sum', [x]],
  ['mean', [y]],
];
const median: Agg = ['quantile', [y], { q: 0.5, interpolation: 'linear' }];
const CASES: Case[] = [
  { name: '100 integers: sum, mean', keys: [a], aggs: sumMean, sql: 'a, sum(x), avg(y)' },
  {
    name: '100 integers: min, max',
    keys: [a],
    aggs: [
      ['min', [x]],
      ['max', [y]],
    ],
    sql: 'a, min(x), max(y)',
  },
  { name: '100 integers: var', keys: [a], aggs: [['var', [y], { ddof: 1 }]], sql: 'a, var_samp(y)' },
  { name: '100 integers: median', keys: [a], aggs: [median], sql: 'a, median(y)' },
  { name: '100 integers: nUnique', keys: [a], aggs: [['nUnique', [x]]], sql: 'a, count(distinct x)' },
  { name: '1e5 integers, dense: sum, mean', keys: [b], aggs: sumMean, sql: 'b, sum(x), avg(y)' },
  { name: '1e5 integers, scattered: sum, mean', keys: [c], aggs: sumMean, sql: 'c, sum(x), avg(y)' },
  { name: '1e6 integers, scattered: sum, mean', keys: [d], aggs: sumMean, sql: 'd, sum(x), avg(y)' },
  { name: '100 short strings: sum', keys: [short.flat], aggs: [['sum', [x]]], sql: 's, sum(x)' },
  { name: '100 long strings: sum', keys: [long.flat], aggs: [['sum', [x]]], sql: 'l, sum(x)' },
  { name: '100 strings, dictionary: sum', keys: [short.coded], aggs: [['sum', [x]]], sql: 's, sum(x)' },
  { name: 'dictionary, integer: sum', keys: [short.coded, a], aggs: [['sum', [x]]], sql: 's, a, sum(x)' },
  { name: 'integer, scattered: sum', keys: [a, d], aggs: [['sum', [x]]], sql: 'a, d, sum(x)' },
  { name: 'string, two integers: sum', keys: [short.flat, c, x], aggs: [['sum', [x]]], sql: 's, c, x, sum(x)' },
  { name: 'no key: sum, mean', keys: [], aggs: sumMean, sql: 'sum(x), avg(y)' },
  {
    name: 'no key: var, min, max',
    keys: [],
    aggs: [
      ['var', [y]],
      ['min', [y]],
      ['max', [y]],
    ],
    sql: 'var_samp(y), min(y), max(y)',
  },
  { name: 'no key: median', keys: [], aggs: [median], sql: 'median(y)' },
];

function callOf([fn, args, options = {}]: Agg): CallNode {
  const nodes = args.map((v) => ({ node: 'col', name: 'x', type: v.type, nullable: false }) as const);
  const types = args.map((v) => v.type);
  return { node: 'call', fn, args: nodes, options, type: functionRow(fn).returns(types, options), nullable: true };
}

function run({ keys, aggs }: Case): { ms: number; groups: number } {
  const started = performance.now();
  const table = keys.length > 0 ? new GroupTable(keys.map((k) => k.type)) : null;
  const running = aggs.map((agg) => ({ args: agg[1], it: aggregatorOf(agg[0])!(ctx, callOf(agg)) }));
  for (let at = 0; at < rows; at += MORSEL_ROWS) {
    const n = Math.min(MORSEL_ROWS, rows - at);
    const cut = (v: Vector) => slice(v, at, n);
    const gids = table ? table.assign(ctx, keys.map(cut), n) : 0;
    for (const { it, args } of running) {
      it.ensure(ctx, table?.count ?? 1);
      it.update(ctx, args.map(cut), gids, n);
    }
    ctx.scratch.reset();
  }
  const groups = table?.count ?? 1;
  const results = [...(table?.keys(ctx) ?? []), ...running.map(({ it }) => it.finish(ctx, groups))];
  table?.free(ctx);
  const ms = performance.now() - started;
  for (const v of results) {
    ctx.arena.free(v.data);
    if (v.validity !== 0) ctx.arena.free(v.validity);
  }
  return { ms, groups };
}

async function best(once: () => number | Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < repeats; i++) least = Math.min(least, await once());
  return least;
}

const db = await (await DuckDBInstance.create()).connect();
await db.run(CREATE);
console.log(`${rows} rows, best of ${repeats}, ms`);
console.log(['case'.padEnd(40), 'groups', 'ours', 'DuckDB 1 thread', '2 threads'].join('\t'));
for (const one of CASES.filter((k) => k.name.includes(only))) {
  const { groups } = run(one);
  const ours = await best(() => run(one).ms);
  const keyCount = one.keys.length;
  // Counting the groups keeps DuckDB from handing a million rows to JavaScript.
  const names = one.sql.split(', ').slice(0, keyCount);
  const inner = `select ${one.sql} from t${keyCount > 0 ? ` group by ${names.join(', ')}` : ''}`;
  const columns = one.sql.split(', ').map((_, i) => `c${i}`);
  const sql = `select count(*), ${columns.map((n) => `max(${n})`).join(', ')} from (${inner}) q(${columns.join(', ')})`;
  const duck: number[] = [];
  for (const threads of [1, 2]) {
    await db.run(`set threads = ${threads}`);
    duck.push(
      await best(async () => {
        const started = performance.now();
        await db.runAndReadAll(sql);
        return performance.now() - started;
      }),
    );
  }
  console.log([one.name.padEnd(40), groups, ours.toFixed(1), ...duck.map((ms) => ms.toFixed(1))].join('\t'));
}
process.exit(0);
