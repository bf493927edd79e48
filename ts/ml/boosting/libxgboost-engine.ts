// Training with libxgboost through the native addon: the rows as columns in the shared heap, read in place.
import type { ArrowColumn } from '../../backend/arrow.ts';
import type { TableHandle } from '../../backend/backend.ts';
import { TargetError } from '../../errors.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import { residentPlan } from '../../frame/host-tables.ts';
import { openXgboost, xgboostStatus } from '../../native/xgboost.ts';
import type { XgboostParams } from '../../native/xgboost-parameters.ts';
import type { XgboostTraining } from '../../native/xgboost-training.ts';
import { releaseHandle, runToSharedTable } from '../../runner/runner.ts';
import { invoke } from '../core/options.ts';
import type { BoostEngine, BoostRows, BoostSetup, BoostTraining } from './engine.ts';
import { dataOf } from './libxgboost-data.ts';
import { streamOf } from './libxgboost-stream.ts';
import type { XgbModel } from './model/ensemble.ts';
import { readXgboostModel } from './model/read-xgboost.ts';
import { sliceRounds } from './model/slice-rounds.ts';

/** A step goes on for about this long. */
const STEP_MS = 60;

let warned = false;

/** Whether libxgboost can be used here. One that is there, or that the user named, and does not work is told once. */
export async function hasLibxgboost(): Promise<boolean> {
  const { available, rejected } = await xgboostStatus();
  const broken = rejected.filter((r) => !r.absent);
  if (!available && broken.length > 0 && !warned) {
    warned = true;
    process.emitWarning(
      `libxgboost does not work here, so boosting runs on warpframe's own kernels. ${broken.map((r) => `${r.candidate}: ${r.reason}`).join('; ')}`,
      { code: 'WARPFRAME_XGBOOST' },
    );
  }
  return available;
}

export const libxgboostEngine: BoostEngine = {
  name: 'libxgboost',
  async create(setup) {
    const engine = await openXgboost();
    const tables: TableHandle[] = [];
    try {
      const stream = await streamOf(setup);
      const train = stream ? null : await checkedTable(setup, tables);
      const evals: TableHandle[] = [];
      const behind = (list: ArrayLike<number>): number[] => Array.from(list).slice(setup.featureNames.length);
      for (const set of setup.evals) {
        const table = await tableOf(set, setup, tables);
        const found = await invoke('features.check', {}, { inputs: [table] }, setup.run);
        const holes = [found.arrays.nulls, found.arrays.nans, found.arrays.infinities].flatMap(behind);
        if (holes.some((n) => n > 0))
          throw new TargetError(
            'The target, weight or query of an evaluation set has nulls, NaN, infinities or labels that the training rows do not have. Drop those rows first.',
            {},
          );
        evals.push(table);
      }
      const training = await lend(train ? [...evals, train] : evals, (batches) =>
        engine.train({
          params: paramsOf(setup),
          train: stream ?? dataOf(setup, setup.train, batches.at(-1)!),
          evals: setup.evals.map((set, i) => dataOf(setup, set, batches[i]!)),
          ...(setup.run.threads === undefined ? {} : { threads: setup.run.threads }),
        }),
      );
      return new LibTraining(setup, training);
    } finally {
      // The data is binned, or copied: the tables are not needed any more.
      for (const table of tables) releaseHandle(table);
    }
  },
};

async function checkedTable(setup: BoostSetup, made: TableHandle[]): Promise<TableHandle> {
  const train = await tableOf(setup.train, setup, made);
  const { arrays } = await invoke('features.check', {}, { inputs: [train] }, setup.run);
  const none = new Float64Array(setup.featureNames.length);
  const behind = (list: ArrayLike<number>): number[] => Array.from(list).slice(setup.featureNames.length);
  setup.check(train.rows, {
    nulls: [...none, ...behind(arrays.nulls)],
    nans: [...none, ...behind(arrays.nans)],
    infinities: arrays.infinities,
  });
  return train;
}

async function tableOf(rows: BoostRows, setup: BoostSetup, made: TableHandle[]): Promise<TableHandle> {
  const plan = await residentPlan(DataFrame.planOf(rows.frame), setup.run);
  const table = await runToSharedTable(plan, setup.run, new Error());
  made.push(table);
  return table;
}

/** Lends the columns of several tables for as long as the promise lasts. */
function lend<T>(
  tables: readonly TableHandle[],
  use: (columns: readonly (readonly ArrowColumn[])[]) => Promise<T>,
): Promise<T> {
  const next = (i: number, lent: readonly (readonly ArrowColumn[])[]): Promise<T> =>
    i === tables.length ? use(lent) : tables[i]!.borrow(undefined, (batch) => next(i + 1, [...lent, batch.columns]));
  return next(0, []);
}

/** Our parameters under XGBoost's names. */
function paramsOf(s: BoostSetup): XgboostParams {
  const p = s.params;
  const given: Record<string, XgboostParams[string] | undefined> = {
    objective: s.objective,
    num_class: s.numClass > 0 ? s.numClass : undefined,
    max_depth: p.maxDepth,
    max_leaves: p.maxLeaves,
    max_bin: p.maxBin,
    grow_policy: p.growPolicy,
    eta: p.learningRate,
    tree_method: 'hist',
    gamma: p.gamma,
    min_child_weight: p.minChildWeight,
    max_delta_step: p.maxDeltaStep ?? undefined,
    subsample: p.subsample,
    colsample_bytree: p.colsampleBytree,
    colsample_bylevel: p.colsampleBylevel,
    colsample_bynode: p.colsampleBynode,
    alpha: p.regAlpha,
    lambda: p.regLambda,
    base_score: p.baseScore ?? undefined,
    seed: s.seed & 0x7fffffff,
    max_cat_to_onehot: p.maxCatToOnehot,
    max_cat_threshold: p.maxCatThreshold,
    monotone_constraints: s.monotone.length > 0 ? s.monotone : undefined,
    interaction_constraints: s.interactions.length > 0 ? s.interactions : undefined,
    eval_metric: s.evals.length > 0 ? s.metrics : undefined,
    scale_pos_weight: p.scalePosWeight !== undefined && p.scalePosWeight !== 1 ? p.scalePosWeight : undefined,
    huber_slope: s.objective === 'reg:pseudohubererror' ? p.huberSlope : undefined,
    quantile_alpha: s.objective === 'reg:quantileerror' ? p.quantileAlpha : undefined,
    tweedie_variance_power: s.objective === 'reg:tweedie' ? p.tweedieVariancePower : undefined,
    lambdarank_num_pair_per_sample: s.objective.startsWith('rank:') ? p.lambdarankNumPairPerSample : undefined,
  };
  return Object.fromEntries(Object.entries(given).filter(([, v]) => v !== undefined)) as XgboostParams;
}

class LibTraining implements BoostTraining {
  readonly #setup: BoostSetup;
  readonly #training: XgboostTraining;

  constructor(setup: BoostSetup, training: XgboostTraining) {
    this.#setup = setup;
    this.#training = training;
  }

  async step(rounds: number) {
    const { evals, metrics, run } = this.#setup;
    const started = performance.now();
    const table: number[][][] = [];
    while (table.length < rounds && (table.length === 0 || performance.now() - started < STEP_MS)) {
      run.signal?.throwIfAborted();
      const scores = await this.#training.step();
      table.push(
        evals.map((_, i) => metrics.map((_, k) => scores.filter((s) => s.data === i)[k]?.value ?? Number.NaN)),
      );
    }
    return { rounds: table.length, metrics: table };
  }

  async finish(rounds: number): Promise<XgbModel> {
    const model = readXgboostModel(await this.#training.save('ubj'), '<libxgboost>');
    const { categories } = this.#setup;
    // Codes are ours: libxgboost never saw the names.
    const named = categories.some((c) => c !== null) ? { ...model, categories } : model;
    return sliceRounds(named, rounds);
  }

  [Symbol.dispose](): void {
    this.#training.dispose();
  }
}
