// Cases of our own kernels, each with what a plain program makes of it (native/kernels/README.md says what they take).
import type { NumberArray } from '../../backend/arrow.ts';
import type { JsonObject } from '../../backend/backend.ts';
import type { LogicalType } from '../../schema/types.ts';
import { philox4x32, uniform } from '../../util/philox.ts';
import { T } from './nodes.ts';
import { random } from './samples.ts';

/** Columns in the forms of column-of.ts. */
export interface KernelColumn {
  readonly type: LogicalType;
  readonly values: readonly unknown[];
}
export interface KernelCase {
  readonly kernel: string;
  readonly name: string;
  readonly params: JsonObject;
  readonly tables?: readonly (readonly KernelColumn[])[];
  readonly arrays?: Readonly<Record<string, NumberArray>>;
  /** Results by name. */
  readonly expected: Readonly<Record<string, ArrayLike<number>>>;
  /** How far numbers may be apart; 0: not at all. */
  readonly relative?: number;
}

const numbersOf = (n: number, at: (i: number) => number): number[] => Array.from({ length: n }, (_, i) => at(i));

/** A word of the counter, as a number in [0, rows). */
function bootstrapRow(seed: number, sample: number, i: number, rows: number): number {
  const counter = new Uint32Array([i >>> 2, sample, 0, 0]);
  philox4x32(counter, seed, 0);
  return Number((BigInt(counter[i & 3]!) * BigInt(rows)) >> 32n);
}

function* randomNumbers(rows: number): Generator<KernelCase> {
  for (const [seed, start] of [
    [0, 0],
    [42, 4_294_967_290],
    [4_294_967_295, 2 ** 33],
  ] as const) {
    const draws = numbersOf(rows, (i) => uniform(seed, start + i));
    const name = `seed ${seed} from ${start}`;
    yield { kernel: 'philox.uniform', name, params: { seed, start, count: rows }, expected: { values: draws } };
    const order = numbersOf(rows, (i) => i).sort((a, b) => draws[a]! - draws[b]! || a - b);
    yield { kernel: 'philox.permutation', name, params: { seed, start, rows }, expected: { order } };
    const sample = start % 1000;
    const drawn = numbersOf(rows, (i) => bootstrapRow(seed, sample, i, rows));
    yield {
      kernel: 'philox.bootstrap',
      name: `seed ${seed}, sample ${sample}`,
      params: { seed, sample, rows, draws: rows },
      expected: { rows: drawn },
    };
  }
  const cuts = Uint32Array.of(Math.floor(rows / 5), Math.floor(rows / 2));
  const place = new Uint32Array(rows);
  const draws = numbersOf(rows, (i) => uniform(7, i));
  numbersOf(rows, (i) => i)
    .sort((a, b) => draws[a]! - draws[b]! || a - b)
    .forEach((row, at) => {
      place[row] = at;
    });
  yield {
    kernel: 'philox.parts',
    name: 'two cuts',
    params: { seed: 7, rows },
    arrays: { cuts },
    expected: { parts: numbersOf(rows, (i) => cuts.filter((cut) => place[i]! >= cut).length) },
  };
}

/** A column of small numbers, a tenth of them null. */
const column = (type: LogicalType, n: number, next: () => number, most: number, nulls = 0.1): KernelColumn => ({
  type,
  values: numbersOf(n, () => Math.floor(next() * most)).map((v) => {
    if (next() < nulls) return null;
    if (type.dtype === 'Int64' || type.dtype === 'UInt64') return BigInt(v);
    return type.dtype === 'Bool' ? v % 2 === 1 : v;
  }),
});
const numberAt = (c: KernelColumn, i: number): number | null => {
  const v = c.values[i];
  return v === null || v === undefined ? null : Number(v);
};

function* matrices(rows: number, next: () => number): Generator<KernelCase> {
  const types = [
    T.Bool,
    T.Int8,
    T.Int16,
    T.Int32,
    T.Int64,
    T.UInt8,
    T.UInt16,
    T.UInt32,
    T.UInt64,
    T.Float32,
    T.Float64,
  ];
  const columns = types.map((t) => column(t, rows, next, 100));
  const features = types.map((_, k) => ({ source: k, fill: k % 2 === 0 ? Number.NaN : 3.5, shift: k, scale: k + 0.5 }));
  const hot = [0, 1, 2].map((category) => ({ source: 3, category }));
  const expected: number[][] = numbersOf(rows, (i) => i).map((i) => [
    ...features.map((f) => Math.fround(((numberAt(columns[f.source]!, i) ?? f.fill) - f.shift) / f.scale)),
    ...hot.map((f) => Number(numberAt(columns[f.source]!, i) === f.category)),
  ]);
  const arrays = {
    columns: Uint32Array.from([...features, ...hot], (f) => f.source),
    kinds: Uint8Array.from([...features.map(() => 0), ...hot.map(() => 1)]),
    fills: Float64Array.from([...features.map((f) => f.fill), ...hot.map(() => 0)]),
    shifts: Float64Array.from([...features.map((f) => f.shift), ...hot.map(() => 0)]),
    scales: Float64Array.from([...features.map((f) => f.scale), ...hot.map(() => 1)]),
    categories: BigInt64Array.from([...features.map(() => 0n), ...hot.map((f) => BigInt(f.category))]),
  };
  const common = { kernel: 'matrix.fromTable', tables: [columns], arrays };
  yield { ...common, name: 'by rows', params: { layout: 'row' }, expected: { values: expected.flat() } };
  const turned = numbersOf(features.length + hot.length, (j) => j).flatMap((j) => expected.map((row) => row[j]!));
  yield { ...common, name: 'by columns', params: { layout: 'column' }, expected: { values: turned } };
}

const bits = new DataView(new ArrayBuffer(4));
function floatBits(value: number): number {
  bits.setFloat32(0, value);
  return bits.getUint32(0);
}
const MISSING_LEFT = 0x80000000;
const NO_NUMBER = 0x7fc00000;

/** Complete trees of a depth: 16-byte nodes, siblings adjacent; leaves have floats and are numbered from 0. */
function trees(count: number, depth: number, features: number, next: () => number) {
  const nodes: number[] = [];
  const roots: number[] = [];
  const inner = 2 ** depth - 1;
  for (let t = 0; t < count; t++) {
    const root = nodes.length / 4;
    roots.push(root);
    for (let i = 0; i < 2 * inner + 1; i++)
      if (i < inner) {
        const flag = next() < 0.5 ? MISSING_LEFT : 0;
        nodes.push(
          floatBits(Math.floor(next() * 100)),
          (flag | Math.floor(next() * features)) >>> 0,
          root + 2 * i + 1,
          0,
        );
      } else nodes.push(NO_NUMBER, MISSING_LEFT, root + i, floatBits(next() - 0.5));
  }
  return { nodes: Uint32Array.from(nodes), roots: Uint32Array.from(roots) };
}

/** The node that a row ends in. */
function leafOf(nodes: Uint32Array, root: number, row: readonly number[]): number {
  const float = new Float32Array(nodes.buffer);
  let at = root;
  while (nodes[4 * at + 2] !== at) {
    const word = nodes[4 * at + 1]!;
    const value = row[word & 0x3fffffff]!;
    const left = Number.isNaN(value) ? word >>> 31 === 1 : value < float[4 * at]!;
    at = nodes[4 * at + 2]! + (left ? 0 : 1);
  }
  return at;
}

function* forests(rows: number, next: () => number): Generator<KernelCase> {
  const features = 7;
  const columns = numbersOf(features, (k) => k).map((k) => column(k % 2 ? T.Float32 : T.Int32, rows, next, 100));
  const { nodes, roots } = trees(12, 4, features, next);
  const leaves = new Float32Array(nodes.buffer);
  const table = numbersOf(rows, (i) => i).map((i) => columns.map((c) => numberAt(c, i) ?? Number.NaN));
  const ends = table.map((row) => Array.from(roots, (root) => leafOf(nodes, root, row)));
  const range = { from: 0, to: roots.length };
  const outputs = 3;
  const groups = Uint32Array.from(roots, (_, t) => t % outputs);
  const base = Float32Array.of(0.5, -0.25, 0);
  const margins = ends.flatMap((end) => {
    const sums = Array.from(base);
    end.forEach((leaf, t) => {
      sums[groups[t]!] = Math.fround(sums[groups[t]!]! + leaves[4 * leaf + 3]!);
    });
    return sums;
  });
  const common = { tables: [columns], relative: 0 };
  const predict = { ...common, kernel: 'forest.predict', arrays: { nodes, roots, base, groups } };
  yield { ...predict, name: 'margins', params: { outputs, link: 'identity', ...range }, expected: { values: margins } };
  yield {
    ...predict,
    name: 'sigmoid',
    params: { outputs, link: 'sigmoid', ...range },
    expected: { values: margins.map((m) => Math.fround(1 / (1 + Math.exp(-m)))) },
    relative: 2e-6,
  };
  const numbers = Uint32Array.from({ length: nodes.length / 4 }, (_, i) => 3 * i + 1);
  yield {
    ...common,
    kernel: 'forest.leaves',
    name: 'numbers',
    params: range,
    arrays: { nodes, roots, numbers },
    expected: { leaves: ends.flatMap((end) => end.map((leaf) => numbers[leaf]!)) },
  };
}

function* neighbors(rows: number, next: () => number): Generator<KernelCase> {
  // Small whole coordinates: squares and their sums are exact, ties are many.
  const dimensions = 3;
  const k = 5;
  const queries = Math.min(rows, 40);
  const points = numbersOf(dimensions, () => 0).map(() => column(T.Float32, rows, next, 20, 0));
  const asked = numbersOf(dimensions, () => 0).map(() => column(T.Float32, queries, next, 20, 0));
  const distances: number[] = [];
  const indices: number[] = [];
  for (let q = 0; q < queries; q++) {
    const all = numbersOf(rows, (i) =>
      points.reduce((sum, c, j) => sum + (Number(asked[j]!.values[q]) - Number(c.values[i])) ** 2, 0),
    );
    const order = numbersOf(rows, (i) => i).sort((a, b) => all[a]! - all[b]! || a - b);
    for (let i = 0; i < k; i++) {
      const found = order[i];
      indices.push(found ?? 0xffffffff);
      distances.push(found === undefined ? Number.POSITIVE_INFINITY : Math.fround(Math.sqrt(all[found]!)));
    }
  }
  yield {
    kernel: 'neighbors.topK',
    name: 'euclidean',
    params: { k, metric: 'euclidean' },
    tables: [points, asked],
    expected: { distances, indices },
  };
}

function* counts(rows: number, next: () => number): Generator<KernelCase> {
  const classes = 6;
  const pair = [column(T.Int32, rows, next, classes + 1), column(T.UInt8, rows, next, classes + 1)];
  const cells = new Array<number>(classes * classes + 1).fill(0);
  for (let i = 0; i < rows; i++) {
    const [t, p] = pair.map((c) => numberAt(c, i));
    const inside = t != null && p != null && t < classes && p < classes;
    cells[inside ? t * classes + p : classes * classes]! += 1;
  }
  yield {
    kernel: 'metrics.confusion',
    name: `${classes} classes`,
    params: { classes },
    tables: [pair],
    expected: { counts: cells },
  };
  const [bins, low, high] = [32, 0, 64] as const;
  const scored = [column(T.Float64, rows, next, 64), column(T.Int32, rows, next, 2)];
  const histogram = new Array<number>(2 * bins + 1).fill(0);
  for (let i = 0; i < rows; i++) {
    const [score, actual] = scored.map((c) => numberAt(c, i));
    if (score == null || actual == null) histogram[2 * bins]! += 1;
    else
      histogram[(actual === 1 ? bins : 0) + Math.min(bins - 1, Math.floor(((score - low) * bins) / (high - low)))]! +=
        1;
  }
  yield {
    kernel: 'metrics.rocHistogram',
    name: `${bins} bins`,
    params: { positive: 1, low, high, bins },
    tables: [scored],
    expected: { counts: histogram },
  };
}

/** Cases of all kernels but those that only the native tests reach. */
export function* kernelCases(rows: number): Generator<KernelCase> {
  for (const n of [1, 33, rows]) {
    const next = random(n);
    yield* randomNumbers(n);
    yield* matrices(n, next);
    yield* forests(n, next);
    yield* neighbors(Math.min(n, 5000), next);
    yield* counts(n, next);
  }
}
