// The kernels of boosting: edges of bins, the state of a training, sets it is evaluated on, and its rounds.
import { ParameterError, TargetError } from '../../../errors.ts';
import type { JsonObject } from '../../backend.ts';
import type { Batch } from '../vector.ts';
import { heapView } from '../worker/protocol.ts';
import { Binner, type BinPlan, EdgeFinder, MAX_CATEGORIES, planBins, STATS } from './bins.ts';
import { type GrownTree, type GrowParams, growContext, growTree } from './boost-grow.ts';
import { boostMetrics, checkMetric } from './boost-metrics.ts';
import {
  type BoostRows,
  checkLabels,
  estimateBaseScore,
  marginOf,
  type ObjectiveParams,
  objectiveEntry,
  objectiveGradients,
} from './boost-objective.ts';
import { chunks, float64Data, UnusualCounts } from './columns.ts';
import { addTrees, fillMargins } from './forest.ts';
import type { KernelContext, KernelHandler } from './kernel.ts';
import { runTasks } from './tasks.ts';
import { layOutTrees, packTrees } from './tree-nodes.ts';
import { TreeRows } from './tree-rows.ts';

/** A call works on rounds for about this long, then lets its caller look. */
const CALL_MS = 60;

/** Columns behind the features of what a kernel is fed. */
interface Extras {
  readonly weight: boolean;
  readonly query: boolean;
}

interface EvalSet extends BoostRows {
  /** Row-major Float32 features. */
  readonly tile: number;
}

/** A training in progress: sizes and addresses. */
interface BoostState {
  readonly plan: BinPlan;
  /** The bins row by row, and column by column. */
  readonly matrix: number;
  readonly columns: number;
  /** The edges of the bins, and the first of each feature. */
  readonly cuts: number;
  readonly cutCount: number;
  readonly offsets: number;
  readonly train: BoostRows;
  readonly pairs: number;
  readonly rowNumbers: number;
  readonly spill: number;
  readonly grow: GrowParams;
  readonly objective: ObjectiveParams;
  readonly subsample: number;
  /** f32 margin per output, where every row starts. */
  readonly base: number;
  readonly evals: readonly EvalSet[];
  readonly rounds: number;
}

const arrayAt = (ctx: KernelContext, input: { readonly [name: string]: unknown }, name: string): ArrayLike<number> =>
  heapView(ctx.heap, input[name] as Parameters<typeof heapView>[1]) as unknown as ArrayLike<number>;

/** Takes the columns behind the features: labels, weights, queries. */
class TargetReader {
  readonly #ctx: KernelContext;
  readonly #extras: Extras;
  readonly #features: number;
  readonly labels: number;
  readonly weights: number;
  readonly #starts: number[] = [];
  #query = Number.NEGATIVE_INFINITY;
  #rows = 0;

  constructor(ctx: KernelContext, features: number, rows: number, extras: Extras) {
    this.#ctx = ctx;
    this.#extras = extras;
    this.#features = features;
    this.labels = ctx.keep.alloc(4 * rows + 16);
    this.weights = extras.weight ? ctx.keep.alloc(4 * rows + 16) : 0;
  }

  push(batch: Batch): void {
    const trees = this.#ctx.kernels.get('trees');
    const label = float64Data(batch.columns[this.#features]!);
    const weight = this.#extras.weight ? float64Data(batch.columns[this.#features + 1]!) : 0;
    for (const { from, to } of chunks(batch.length)) {
      trees.toFloats(label + 8 * from, to - from, this.labels + 4 * (this.#rows + from), 4);
      if (weight !== 0) trees.toFloats(weight + 8 * from, to - from, this.weights + 4 * (this.#rows + from), 4);
    }
    if (this.#extras.query) this.#queries(batch);
    this.#rows += batch.length;
  }

  #queries(batch: Batch): void {
    const column = batch.columns.at(-1)!;
    const at = float64Data(column) >>> 3;
    const f64 = this.#ctx.heap.refresh().f64;
    for (let i = 0; i < batch.length; i++) {
      const q = f64[at + i]!;
      if (q === this.#query) continue;
      if (!(q > this.#query))
        throw new ParameterError(
          `The rows of a ranking must be sorted by their query: row ${this.#rows + i} is of query ${q} after ${this.#query}. Sort the frame by the query column first.`,
          { row: this.#rows + i },
        );
      this.#query = q;
      this.#starts.push(this.#rows + i);
    }
  }

  /** The rows, whose margins are at `margins`. */
  finish(margins: number): BoostRows {
    const rows = this.#rows;
    let queryStarts = 0;
    if (this.#extras.query) {
      queryStarts = this.#ctx.keep.alloc(4 * (this.#starts.length + 1));
      this.#ctx.heap.refresh().u32.set([...this.#starts, rows], queryStarts >>> 2);
    }
    return { rows, labels: this.labels, weights: this.weights, margins, queryStarts, queries: this.#starts.length };
  }
}

const edgesKernel: KernelHandler = {
  open(ctx, { params }) {
    const { features, maxBin, categorical } = params as {
      features: number;
      maxBin: number;
      categorical: readonly number[];
    };
    const finder = new EdgeFinder(ctx, features, maxBin, categorical);
    let counts: UnusualCounts | null = null;
    return {
      push(batch) {
        finder.push(batch);
        // Target, weight and query may have no holes; features may.
        const rest = batch.columns.slice(features);
        counts ??= new UnusualCounts(ctx, rest.length);
        counts.add(rest, 0, batch.length);
      },
      finish() {
        const edges = finder.finish();
        const rest = counts?.result();
        const none = new Float64Array(0);
        return {
          json: { rows: edges.rows },
          arrays: {
            cuts: edges.cuts,
            offsets: edges.offsets,
            stats: edges.stats,
            nulls: rest?.nulls ?? none,
            nans: rest?.nans ?? none,
            infinities: rest?.infinities ?? none,
          },
        };
      },
    };
  },
};

const createKernel: KernelHandler = {
  open(ctx, { params, arrays }) {
    const p = params as {
      rows: number;
      categorical: readonly number[];
      extras: Extras;
      grow: GrowParams;
      objective: ObjectiveParams;
      subsample: number;
      baseScore: readonly number[] | null;
    };
    const { keep, heap } = ctx;
    const edges = {
      rows: p.rows,
      cuts: Float32Array.from(arrayAt(ctx, arrays, 'cuts')),
      offsets: Int32Array.from(arrayAt(ctx, arrays, 'offsets')),
      stats: Float64Array.from(arrayAt(ctx, arrays, 'stats')),
    };
    const features = edges.offsets.length - 1;
    for (const f of p.categorical)
      if (edges.stats[STATS * f + 3]! >= MAX_CATEGORIES)
        throw new ParameterError(
          `Feature ${f} has category ${edges.stats[STATS * f + 3]}; at most ${MAX_CATEGORIES} categories are taken.`,
          { feature: f },
        );
    objectiveEntry(p.objective.name);
    const plan = planBins(edges, p.categorical);
    const binner = new Binner(ctx, plan, edges, keep);
    const target = new TargetReader(ctx, features, p.rows, p.extras);
    return {
      push(batch) {
        binner.push(batch);
        target.push(batch);
      },
      finish() {
        const wrong = binner.finish();
        if (wrong >= 0)
          throw new ParameterError(`Categorical feature ${wrong} holds values that are no category codes.`, {
            feature: wrong,
          });
        const { outputs } = p.objective;
        const margins = keep.alloc(4 * p.rows * outputs + 16);
        const train = target.finish(margins);
        const pairs = keep.alloc(8 * p.rows * outputs + 16);
        checkLabels(ctx, p.objective, train);
        if (p.objective.name.startsWith('multi:')) checkClasses(ctx, train, outputs);
        const scores = p.baseScore ?? estimateBaseScore(ctx, p.objective, train, pairs);
        const base = keep.alloc(4 * outputs);
        const { link } = objectiveEntry(p.objective.name);
        const starts = scores.map((s) => Math.fround(marginOf(link, s)));
        if (starts.some((s) => !Number.isFinite(s)))
          throw new TargetError(
            `A base score of ${scores.join(', ')} has no margin under ${p.objective.name}: every label is the same end of the range. Set baseScore.`,
            {},
          );
        heap.refresh().f32.set(starts, base >>> 2);
        fillMargins(ctx, margins, p.rows, outputs, base);
        const cuts = keep.alloc(4 * edges.cuts.length + 16);
        const offsets = keep.alloc(4 * edges.offsets.length);
        heap.refresh().f32.set(edges.cuts, cuts >>> 2);
        heap.i32.set(edges.offsets, offsets >>> 2);
        const state: BoostState = {
          plan,
          matrix: binner.address,
          columns: binner.columns,
          cuts,
          cutCount: edges.cuts.length,
          offsets,
          train,
          pairs,
          rowNumbers: keep.alloc(4 * p.rows + 16),
          spill: keep.alloc(4 * p.rows + 16),
          grow: p.grow,
          objective: p.objective,
          subsample: p.subsample,
          base,
          evals: [],
          rounds: 0,
        };
        return { json: { baseScore: scores }, state: state as unknown as JsonObject };
      },
    };
  },
};

function checkClasses(ctx: KernelContext, r: BoostRows, classes: number): void {
  const labels = ctx.heap.refresh().f32.subarray(r.labels >>> 2, (r.labels >>> 2) + r.rows);
  const wrong = labels.findIndex((y) => !Number.isInteger(y) || y < 0 || y >= classes);
  if (wrong >= 0)
    throw new TargetError(`A class must be 0 to ${classes - 1}. Got ${labels[wrong]} in row ${wrong}.`, { row: wrong });
}

/** Adds a set of rows that every round is evaluated on. */
const evalKernel: KernelHandler = {
  open(ctx, { params, states }) {
    const { rows, extras } = params as { rows: number; extras: Extras };
    const state = states[0] as BoostState;
    const { features } = state.plan;
    const tile = ctx.keep.alloc(4 * rows * features + 16);
    const target = new TargetReader(ctx, features, rows, extras);
    let counts: UnusualCounts | null = null;
    let done = 0;
    return {
      push(batch) {
        if (done + batch.length > rows)
          throw new ParameterError(
            `An evaluation set has more rows than were counted, ${rows}. Collect it before fit.`,
          );
        const stride = 4 * features;
        for (const { from, to } of chunks(batch.length))
          runTasks(
            ctx,
            batch.columns
              .slice(0, features)
              .map((v, f) => [
                'forest',
                'fillTile',
                float64Data(v) + 8 * from,
                v.validity === 0 ? 0 : v.validity + (from >>> 3),
                to - from,
                tile + stride * (done + from) + 4 * f,
                stride,
              ]),
            (to - from) * features,
          );
        const rest = batch.columns.slice(features);
        counts ??= new UnusualCounts(ctx, rest.length);
        counts.add(rest, 0, batch.length);
        target.push(batch);
        done += batch.length;
      },
      finish() {
        const found = counts?.result();
        const holes = found ? [found.nulls, found.nans, found.infinities].map((l) => l.reduce((a, b) => a + b, 0)) : [];
        if (holes.some((n) => n > 0))
          throw new TargetError(
            'The target, weight or query of an evaluation set has nulls, NaN, infinities or labels that the training rows do not have. Drop those rows first.',
            { holes },
          );
        const { outputs } = state.objective;
        const margins = ctx.keep.alloc(4 * rows * outputs + 16);
        fillMargins(ctx, margins, done, outputs, state.base);
        const set: EvalSet = { ...target.finish(margins), tile };
        checkLabels(ctx, state.objective, set);
        if (state.objective.name.startsWith('multi:')) checkClasses(ctx, set, outputs);
        return { state: { ...state, evals: [...state.evals, set] } as unknown as JsonObject };
      },
    };
  },
};

/** Rounds until `rounds` are done or some time is over. */
const stepKernel: KernelHandler = {
  run(ctx, { params, states }) {
    const { rounds, metrics } = params as { rounds: number; metrics: readonly string[] };
    const state = states[0] as BoostState;
    metrics.forEach(checkMetric);
    const { plan, train, grow, objective, pairs } = state;
    const rows = new TreeRows(
      ctx,
      plan,
      { address: state.matrix, columns: state.columns },
      state.rowNumbers,
      state.spill,
    );
    const { f32, i32 } = ctx.heap.refresh();
    const edges = {
      cuts: f32.slice(state.cuts >>> 2, (state.cuts >>> 2) + state.cutCount),
      offsets: i32.slice(state.offsets >>> 2, (state.offsets >>> 2) + plan.features + 1),
    };
    const c = growContext(ctx, plan, rows, grow, edges);
    const trees: GrownTree[] = [];
    const values: number[] = [];
    const started = performance.now();
    let done = 0;
    while (done < rounds && (done === 0 || performance.now() - started < CALL_MS)) {
      const round = state.rounds + done;
      objectiveGradients(ctx, objective, train, pairs);
      const first = trees.length;
      for (let k = 0; k < objective.outputs; k++) {
        const own = pairs + 8 * k * train.rows;
        const number = round * objective.outputs + k;
        if (state.subsample < 1) takeOut(ctx, own, train.rows, grow.seed, number, state.subsample);
        const tree = growTree(c, own, number);
        addLeaves(ctx, rows, tree, train.margins + 4 * k, 4 * objective.outputs);
        trees.push(tree);
      }
      if (state.evals.length > 0) {
        const laid = layOutTrees(ctx, trees.slice(first));
        for (const set of state.evals) {
          const tile = { address: set.tile, rows: set.rows, features: plan.features };
          addTrees(ctx, laid, { from: 0, to: objective.outputs }, tile, set.margins, objective.outputs);
          values.push(...boostMetrics(ctx, objective, set, metrics));
        }
      }
      done++;
    }
    return {
      json: { rounds: done },
      arrays: { ...packTrees(trees), metrics: Float64Array.from(values) },
      state: { ...state, rounds: state.rounds + done } as unknown as JsonObject,
    };
  },
};

function takeOut(ctx: KernelContext, pairs: number, rows: number, seed: number, tree: number, fraction: number): void {
  runTasks(
    ctx,
    chunks(rows).map(({ from, to }) => ['boost', 'subsample', pairs + 8 * from, from, to - from, seed, tree, fraction]),
    rows * 20,
  );
}

/** Adds a tree's leaves to the margins of the rows that ended in them. */
function addLeaves(ctx: KernelContext, rows: TreeRows, tree: GrownTree, margins: number, stride: number): void {
  runTasks(
    ctx,
    tree.leaves.flatMap((leaf) =>
      chunks(leaf.rows.to - leaf.rows.from).map(
        ({ from, to }) =>
          [
            'boost',
            'addLeaf',
            rows.address(leaf.rows) + 4 * from,
            to - from,
            tree.threshold[leaf.node]!,
            margins,
            stride,
          ] as const,
      ),
    ),
    tree.leaves.reduce((sum, l) => sum + l.rows.to - l.rows.from, 0) * 2,
  );
}

export const boostKernels: Readonly<Record<string, KernelHandler>> = {
  'trees.edges': edgesKernel,
  'boost.create': createKernel,
  'boost.eval.step': evalKernel,
  'boost.step': stepKernel,
};
