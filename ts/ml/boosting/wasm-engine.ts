// Training with our own kernels: two passes over the rows (edges of bins, then bins), then rounds on the state.
import type { Handle, JsonObject } from '../../backend/backend.ts';
import { UnsupportedError } from '../../errors.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import { residentPlan } from '../../frame/host-tables.ts';
import { type RunOptions, releaseHandle } from '../../runner/runner.ts';
import { invoke } from '../core/options.ts';
import type { BoostEngine, BoostRows, BoostSetup, BoostTraining } from './engine.ts';
import { concatTrees, type TreeArrays, treeOf, type XgbModel } from './model/ensemble.ts';

const OBJECTIVE_BLOCKS: Readonly<Record<string, (s: BoostSetup) => XgbModel['objectiveParams']>> = {
  'multi:softprob': (s) => ({ softmax_multiclass_param: { num_class: String(s.numClass) } }),
  'multi:softmax': (s) => ({ softmax_multiclass_param: { num_class: String(s.numClass) } }),
  'count:poisson': (s) => ({ poisson_regression_param: { max_delta_step: String(poissonStep(s)) } }),
  'reg:pseudohubererror': (s) => ({ pseudo_huber_param: { huber_slope: String(s.params.huberSlope ?? 1) } }),
  'reg:quantileerror': (s) => ({ quantile_loss_param: { quantile_alpha: `[${s.params.quantileAlpha ?? 0.5}]` } }),
  'reg:tweedie': (s) => ({
    tweedie_regression_param: { tweedie_variance_power: String(s.params.tweedieVariancePower ?? 1.5) },
  }),
  'reg:absoluteerror': () => ({}),
  'reg:squaredlogerror': () => ({}),
  'binary:hinge': () => ({}),
  'rank:ndcg': rankBlock,
  'rank:pairwise': rankBlock,
};

function rankBlock(s: BoostSetup): XgbModel['objectiveParams'] {
  return {
    lambdarank_param: {
      lambdarank_bias_norm: '1',
      lambdarank_normalization: '1',
      lambdarank_num_pair_per_sample: String(s.params.lambdarankNumPairPerSample ?? 32),
      lambdarank_pair_method: 'topk',
      lambdarank_score_normalization: '1',
      lambdarank_unbiased: '0',
      ndcg_exp_gain: '1',
    },
  };
}

const poissonStep = (s: BoostSetup): number => s.params.maxDeltaStep ?? 0.7;

/** Our kernels. */
export const wasmEngine: BoostEngine = {
  name: 'wasm',
  async create(setup) {
    const { params, run } = setup;
    if (setup.objective.startsWith('rank:') && setup.train.weight)
      throw new UnsupportedError(
        `The 'sampleWeight' option of ${setup.estimator}.fit is not taken by the wasm engine. Leave it out, or use engine: 'libxgboost'.`,
        { option: 'sampleWeight' },
      );
    const features = setup.featureNames.length;
    const categorical = setup.categories.flatMap((c, f) => (c === null ? [] : [f]));
    const plan = await planOf(setup.train, run);
    const edges = await invoke('trees.edges', { features, maxBin: params.maxBin, categorical }, { plan }, run);
    const perFeature = (k: number): number[] =>
      Array.from({ length: features }, (_, f) => edges.arrays.stats[4 * f + k]!);
    const none = perFeature(0).map(() => 0);
    setup.check(edges.json.rows, {
      nulls: [...none, ...edges.arrays.nulls],
      nans: [...none, ...edges.arrays.nans],
      infinities: [...perFeature(1), ...edges.arrays.infinities],
    });
    const { cuts, offsets, stats } = edges.arrays;
    const created = await invoke(
      'boost.create',
      {
        rows: edges.json.rows,
        categorical,
        extras: { weight: setup.train.weight, query: setup.train.query },
        grow: growParams(setup),
        objective: objectiveParams(setup),
        subsample: params.subsample,
        baseScore: params.baseScore === null ? null : new Array<number>(outputsOf(setup)).fill(params.baseScore),
      },
      { plan, arrays: { cuts, offsets, stats } },
      run,
    );
    const state = created.outputs[0]!;
    try {
      for (const set of setup.evals) {
        const rows = await set.frame.count(run);
        await invoke(
          'boost.eval.step',
          { rows, extras: { weight: set.weight, query: set.query } },
          { plan: await planOf(set, run), inputs: [state] },
          run,
        );
      }
    } catch (error) {
      releaseHandle(state);
      throw error;
    }
    return new WasmTraining(setup, state, created.json.baseScore);
  },
};

const planOf = (rows: BoostRows, run: RunOptions) => residentPlan(DataFrame.planOf(rows.frame), run);

const outputsOf = (s: BoostSetup): number => Math.max(1, s.numClass);

function growParams({ params: p, objective, ...s }: BoostSetup): JsonObject {
  return {
    learningRate: p.learningRate,
    lambda: p.regLambda,
    alpha: p.regAlpha,
    gamma: p.gamma,
    minChildWeight: p.minChildWeight,
    maxDeltaStep: p.maxDeltaStep ?? (objective === 'count:poisson' ? 0.7 : 0),
    maxDepth: p.maxDepth,
    maxLeaves: p.maxLeaves,
    lossGuide: p.growPolicy === 'lossguide',
    maxCatToOnehot: p.maxCatToOnehot,
    maxCatThreshold: p.maxCatThreshold,
    colsampleByTree: p.colsampleBytree,
    colsampleByLevel: p.colsampleBylevel,
    colsampleByNode: p.colsampleBynode,
    monotone: s.monotone,
    interactions: s.interactions,
    seed: s.seed,
  };
}

function objectiveParams(s: BoostSetup): JsonObject {
  return {
    name: s.objective,
    outputs: outputsOf(s),
    scalePosWeight: s.params.scalePosWeight ?? 1,
    maxDeltaStep: poissonStep(s),
    huberSlope: s.params.huberSlope ?? 1,
    quantileAlpha: [s.params.quantileAlpha ?? 0.5],
    tweediePower: s.params.tweedieVariancePower ?? 1.5,
    rankPairs: s.params.lambdarankNumPairPerSample ?? 32,
  };
}

class WasmTraining implements BoostTraining {
  readonly #setup: BoostSetup;
  readonly #state: Handle;
  readonly #baseScore: readonly number[];
  readonly #trees: TreeArrays[] = [];

  constructor(setup: BoostSetup, state: Handle, baseScore: readonly number[]) {
    this.#setup = setup;
    this.#state = state;
    this.#baseScore = baseScore;
  }

  async step(rounds: number) {
    const { metrics, evals, run } = this.#setup;
    const done = await invoke('boost.step', { rounds, metrics }, { inputs: [this.#state] }, run);
    const a = done.arrays;
    for (let t = 0; t + 1 < a.offsets.length; t++) this.#trees.push(treeOf(a, t));
    const values = a.metrics;
    let k = 0;
    const table = Array.from({ length: done.json.rounds }, () => evals.map(() => metrics.map(() => values[k++]!)));
    return { rounds: done.json.rounds, metrics: table };
  }

  async finish(rounds: number): Promise<XgbModel> {
    const s = this.#setup;
    const nOutputs = outputsOf(s);
    const { arrays, offsets } = concatTrees(this.#trees.slice(0, rounds * nOutputs));
    const hasCategories = s.categories.some((c) => c !== null);
    return {
      ensemble: {
        ...arrays,
        nFeatures: s.featureNames.length,
        nOutputs,
        offsets,
        groups: Int32Array.from({ length: rounds * nOutputs }, (_, t) => t % nOutputs),
        iterations: Int32Array.from({ length: rounds + 1 }, (_, i) => i * nOutputs),
      },
      objective: s.objective,
      objectiveParams: OBJECTIVE_BLOCKS[s.objective]?.(s) ?? {
        reg_loss_param: { scale_pos_weight: String(s.params.scalePosWeight ?? 1) },
      },
      baseScore: Float32Array.from(this.#baseScore),
      boostFromAverage: s.params.baseScore === null,
      numClass: s.numClass,
      numTarget: 1,
      numParallelTree: 1,
      featureNames: s.featureNames,
      featureTypes: s.categories.map((c) => (c === null ? 'float' : 'c')),
      categories: hasCategories ? s.categories : [],
      attributes: {},
    };
  }

  [Symbol.dispose](): void {
    releaseHandle(this.#state);
  }
}
