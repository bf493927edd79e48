// Expressions alone, on one thread, beside plain JavaScript loops over typed arrays, and what a new shape costs.
// Run: npm run build:wasm && npx tsx bench/micro/expressions.ts [rows] [part of a case's name]
import { testContext } from '../../tests/support/engine.ts';
import { call, cast, col, decimalType, lit, T } from '../../tests/support/nodes.ts';
import { slice } from '../../ts/backend/cpu/columns/slice.ts';
import { createEvaluator, createSelector } from '../../ts/backend/cpu/evaluate.ts';
import { MORSEL_ROWS, type Vector } from '../../ts/backend/cpu/vector.ts';
import type { ExprNode } from '../../ts/expr/nodes.ts';
import { bytesFor, type LogicalType, physicalOf } from '../../ts/schema/types.ts';

const rows = Number(process.argv[2] ?? 1e7);
const only = process.argv[3] ?? '';
const ctx = testContext();
const money = decimalType(15, 2);

let seed = 12345;
const next = (): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
  return (seed >>> 0) / 4294967296;
};
const TYPES: { readonly [name: string]: LogicalType } = {
  a: T.Float64,
  b: T.Float64,
  i: T.Int32,
  l: T.Int64,
  m: money,
};
const columns: { [name: string]: Vector } = {};
for (const [name, type] of Object.entries(TYPES)) {
  columns[name] = { type, length: rows, data: ctx.arena.alloc(bytesFor(physicalOf(type), rows)), validity: 0 };
}
const nulls = ctx.arena.alloc(bytesFor('bit', rows));
const { f64, i32, i64, u8 } = ctx.heap.refresh();
const at = (name: string, width: number): number => columns[name]!.data / width;
u8.fill(255, nulls, nulls + bytesFor('bit', rows));
for (let r = 0; r < rows; r++) {
  f64[at('a', 8) + r] = next();
  f64[at('b', 8) + r] = next() * 10;
  i32[at('i', 4) + r] = next() * 1000;
  i64[at('l', 8) + r] = i64[at('m', 8) + r] = BigInt(Math.floor(next() * 100000));
  if (next() >= 0.01) continue;
  u8[nulls + (r >> 3)]! &= ~(1 << (r & 7));
  f64[at('b', 8) + r] = 0;
}
const schema = Object.entries(TYPES).map(([name, type]) => ({ name, type, nullable: true }));
const c = Object.fromEntries(Object.entries(TYPES).map(([name, type]) => [name, col(name, type)])) as {
  [name in 'a' | 'b' | 'i' | 'l' | 'm']: ExprNode;
};
const f = (fn: string, args: ExprNode[], type: LogicalType = T.Float64, options = {}): ExprNode =>
  call(fn, args, type, options);
const number = (x: number): ExprNode => lit(x, T.Float64);

function eachMorsel(
  withNulls: boolean,
  run: (batch: { length: number; columns: Vector[]; ordinal: number }) => void,
): void {
  const all = Object.entries(columns).map(([n, v]) => (withNulls && n === 'b' ? { ...v, validity: nulls } : v));
  for (let r = 0; r < rows; r += MORSEL_ROWS) {
    const length = Math.min(MORSEL_ROWS, rows - r);
    run({ length, columns: all.map((v) => slice(v, r, length)), ordinal: 0 });
    ctx.scratch.reset();
  }
}
const evaluate = (e: ExprNode, withNulls = false): (() => void) => {
  const evaluator = createEvaluator([e], schema);
  return () => eachMorsel(withNulls, (batch) => evaluator.evaluate(ctx, batch));
};
const select = (e: ExprNode): (() => void) => {
  const selector = createSelector(e, schema);
  return () => eachMorsel(false, (batch) => selector.select(ctx, batch));
};

const out = new Float64Array(rows);
const [A, B] = [f64.subarray(at('a', 8), at('a', 8) + rows), f64.subarray(at('b', 8), at('b', 8) + rows)];
const I = i32.subarray(at('i', 4), at('i', 4) + rows);
const bits = new Uint8Array((rows + 7) >> 3);
const plain =
  (compute: (r: number) => number): (() => void) =>
  () => {
    for (let r = 0; r < rows; r++) out[r] = compute(r);
  };
const mulAdd = f('add', [f('mul', [c.a, number(2)]), c.b]);
const both = f('and', [f('gt', [c.a, number(0.5)], T.Bool), f('lt', [c.i, lit(300, T.Int32)], T.Bool)], T.Bool);
const kleene = f('and', [f('gt', [c.b, number(5)], T.Bool), f('gt', [c.a, number(0.5)], T.Bool)], T.Bool);

const cases: [string, () => void, (() => void)?][] = [
  ['a*2+b', evaluate(mulAdd), plain((r) => A[r]! * 2 + B[r]!)],
  ['a*2+b, nulls', evaluate(mulAdd, true)],
  [
    'a>0.5 and i<300, bitmap',
    evaluate(both),
    () => {
      for (let g = 0; g < bits.length; g++) {
        let m = 0;
        for (let j = 0, r = g * 8; j < 8; j++, r++) if (A[r]! > 0.5 && I[r]! < 300) m |= 1 << j;
        bits[g] = m;
      }
    },
  ],
  ['a>0.5 and i<300, row numbers', select(both)],
  ['b>5 and a>0.5, nulls', evaluate(kleene, true)],
  [
    'exp(a)*2+b',
    evaluate(f('add', [f('mul', [f('exp', [c.a]), number(2)]), c.b])),
    plain((r) => Math.exp(A[r]!) * 2 + B[r]!),
  ],
  ['sin(a)', evaluate(f('sin', [c.a])), plain((r) => Math.sin(A[r]!))],
  ['log(b)', evaluate(f('log', [c.b], T.Float64, { base: null })), plain((r) => Math.log(B[r]!))],
  ['round(b, 2)', evaluate(f('round', [c.b], T.Float64, { decimals: 2 }))],
  ['i floorDiv 7', evaluate(f('floorDiv', [c.i, lit(7, T.Int32)], T.Int32)), plain((r) => Math.floor(I[r]! / 7))],
  ['l floorDiv 7', evaluate(f('floorDiv', [c.l, lit(7n, T.Int64)], T.Int64))],
  ['m + m', evaluate(f('add', [cast(c.m, decimalType(16, 2)), cast(c.m, decimalType(16, 2))], decimalType(16, 2)))],
  ['m * m, 128 bits', evaluate(f('mul', [c.m, c.m], decimalType(30, 4)))],
  ['l to Int32, strict', evaluate(cast(c.l, T.Int32))],
  ['hash(l)', evaluate(f('hash', [c.l], T.UInt64, { seed: '0' }))],
];

const median = (times: number[]): number => times.sort((x, y) => x - y)[times.length >> 1]!;
function timed(run: () => void): string {
  run();
  run();
  const times = Array.from({ length: 7 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return `${median(times).toFixed(1)} (best ${Math.min(...times).toFixed(1)})`;
}
console.log(`${rows} rows, ms, Node ${process.version}`);
for (const [name, ours, js] of cases) {
  if (name.includes(only)) console.log(name.padEnd(32), timed(ours).padEnd(22), js ? `plain JS ${timed(js)}` : '');
}

/** Trees of ten nodes, each of another shape. */
function chain(k: number): ExprNode {
  let e = c.a;
  for (let j = 0; j < 9; j++) {
    e = f(['add', 'sub', 'mul'][Math.floor(k / 3 ** j) % 3]!, [e, j & 1 ? c.b : number(j)]);
  }
  return e;
}
const small = {
  length: 1000,
  columns: Object.values(columns).map((v) => slice(v, 0, Math.min(rows, 1000))),
  ordinal: 0,
};
const micro = (run: (k: number) => void): string => {
  const times = Array.from({ length: 2000 }, (_, k) => {
    const start = performance.now();
    run(k);
    ctx.scratch.reset();
    return (performance.now() - start) * 1000;
  });
  return `${median(times.slice(500)).toFixed(1)} µs`;
};
if ('shapes'.includes(only)) {
  console.log(
    'a shape never seen, 1000 rows   ',
    micro((k) => createEvaluator([chain(k)], schema).evaluate(ctx, small)),
  );
  console.log(
    'a known shape, 1000 rows        ',
    micro((k) => createEvaluator([chain(k)], schema).evaluate(ctx, small)),
  );
  const warm = createEvaluator([chain(7)], schema);
  console.log(
    'a warm evaluator, 1000 rows     ',
    micro(() => warm.evaluate(ctx, small)),
  );
}
