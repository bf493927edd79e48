// The fitted trees behind the three kinds of boosted model: predictions, importances, files.
import type { TableHandle } from '../../backend/backend.ts';
import { missingError } from '../../backend/missing-values.ts';
import { CorruptFileError, ParameterError, UnsupportedError } from '../../errors.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import { residentPlan } from '../../frame/host-tables.ts';
import { type RunOptions, releaseHandle, runToSharedTable } from '../../runner/runner.ts';
import { checkFeatures, type FeatureMemory } from '../core/features.ts';
import { type Fitted, featureNamesOf } from '../core/fitted.ts';
import { frameOf, type Rows } from '../core/inputs.ts';
import { invoke } from '../core/options.ts';
import type { BoostEngineName } from './engine.ts';
import { encodeFeatures } from './features.ts';
import { type ForestArrays, layOutForest } from './forest-layout.ts';
import { type ImportanceType, importances } from './importances.ts';
import { type FeatureCategories, iterationCount, type XgbModel } from './model/ensemble.ts';
import { readXgboostModel } from './model/read-xgboost.ts';
import { writeJsonModel, writeUbjsonModel } from './model/write-xgboost.ts';
import type { BoostResult, EvalsResult } from './train.ts';

/** Options of a boosted prediction. */
export interface BoostPredictOptions extends RunOptions {
  /** Rounds [from, to) whose trees count. Default: up to the best one after an early stop, else all. */
  readonly iterationRange?: readonly [from: number, to: number];
}

/** Names of the options of a boosted prediction beside those of running. */
export const BOOST_PREDICT_OPTIONS = ['iterationRange'];

export type Link = 'identity' | 'sigmoid' | 'exp' | 'softmax' | 'step';

/** What the margins of an objective become as predictions. */
export function linkOf(objective: string): Link {
  if (['binary:logistic', 'binary:logitraw', 'reg:logistic'].includes(objective)) return 'sigmoid';
  if (['count:poisson', 'reg:gamma', 'reg:tweedie', 'survival:cox', 'survival:aft'].includes(objective)) return 'exp';
  if (objective.startsWith('multi:')) return 'softmax';
  return objective === 'binary:hinge' ? 'step' : 'identity';
}

/** The margin of a base score, rounded to Float32 where XGBoost rounds. */
function marginOf(link: Link, score: number): number {
  if (link === 'sigmoid') return Math.fround(-Math.log(Math.fround(Math.fround(1 / score) - 1)));
  return Math.fround(link === 'exp' ? Math.log(score) : score);
}

/** Trees with the columns they were grown on. */
export class Booster {
  readonly model: XgbModel;
  readonly engine: BoostEngineName | 'file';
  readonly evalsResult: EvalsResult;
  readonly missing: number | null;
  readonly #memory: FeatureMemory;
  readonly #estimator: string;
  #arrays: ForestArrays | null = null;

  constructor(parts: {
    readonly estimator: string;
    readonly memory: FeatureMemory;
    readonly model: XgbModel;
    readonly engine: BoostEngineName | 'file';
    readonly evalsResult: EvalsResult;
    readonly missing: number | null;
  }) {
    this.#estimator = parts.estimator;
    this.#memory = parts.memory;
    this.model = parts.model;
    this.engine = parts.engine;
    this.evalsResult = parts.evalsResult;
    this.missing = parts.missing;
  }

  /** Out of a model file. The trees are in it as XGBoost's UBJSON, and read with the same checks. */
  static fromFitted(fitted: Fitted): Booster {
    const bytes = fitted.arrays['model'];
    if (!(bytes instanceof Uint8Array))
      throw new CorruptFileError(`The model file of ${fitted.estimator} lacks its trees.`, { path: '', offset: 0 });
    const model = readXgboostModel(bytes, `the model of ${fitted.estimator}`);
    const count = fitted.memory.features.length;
    if (count !== model.ensemble.nFeatures)
      throw new CorruptFileError(
        `The model file of ${fitted.estimator} names ${count} features; its trees have ${model.ensemble.nFeatures}.`,
        { path: '', offset: 0 },
      );
    const { missing } = fitted.params as { missing?: number | null };
    return new Booster({
      estimator: fitted.estimator,
      memory: fitted.memory,
      model,
      engine: fitted.json['engine'] as BoostEngineName | 'file',
      evalsResult: fitted.json['evalsResult'] as unknown as EvalsResult,
      missing: missing ?? null,
    });
  }

  get link(): Link {
    return linkOf(this.model.objective);
  }
  get nOutputs(): number {
    return this.model.ensemble.nOutputs;
  }
  /** Rounds that there are. */
  get rounds(): number {
    return iterationCount(this.model.ensemble);
  }
  get bestIteration(): number | null {
    return numberOf(this.model.attributes['best_iteration']);
  }
  get bestScore(): number | null {
    return numberOf(this.model.attributes['best_score']);
  }
  get baseMargin(): Float32Array {
    return this.model.baseScore.map((s) => marginOf(this.link, s));
  }

  /** The trees of a range of rounds. */
  range(options: BoostPredictOptions): { from: number; to: number } {
    const { iterationRange } = options;
    const best = this.bestIteration;
    const [from, to] = iterationRange ?? [0, best === null ? this.rounds : Math.min(this.rounds, best + 1)];
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= this.rounds))
      throw new ParameterError(
        `The 'iterationRange' option must be two rounds [from, to) from 0 to ${this.rounds}. Got [${from}, ${to}].`,
        { option: 'iterationRange' },
      );
    const { iterations } = this.model.ensemble;
    return { from: iterations[from]!, to: iterations[to]! };
  }

  get #forest(): ForestArrays {
    this.#arrays ??= layOutForest(this.model.ensemble);
    return this.#arrays;
  }

  /** Margins or predictions, `(nSamples, nOutputs)`, row-major. */
  async values(features: TableHandle, link: Link, options: BoostPredictOptions): Promise<Float32Array> {
    const { numbers: _, ...arrays } = this.#forest;
    const { from, to } = this.range(options);
    if (features.rows === 0) return new Float32Array(0);
    const result = await invoke(
      'forest.margins',
      { from, to, outputs: this.nOutputs, link },
      {
        inputs: [features],
        arrays: { ...arrays, base: this.baseMargin },
        workNanoseconds: features.rows * ((to - from) * 15 + features.schema.length * 2) + 20_000,
      },
      options,
    );
    return result.arrays.values;
  }

  /** The number of the leaf of each tree, `(nSamples, nTrees)`, row-major. */
  async leaves(features: TableHandle, options: BoostPredictOptions): Promise<Uint32Array> {
    const { from, to } = this.range(options);
    if (features.rows === 0 || from === to) return new Uint32Array(0);
    const result = await invoke('forest.leaves', { from, to }, { inputs: [features], arrays: this.#forest }, options);
    return result.arrays.leaves;
  }

  /** Runs `use` over the features as a resident table of Float64 columns: categories as codes, missing as NaN. */
  async withFeatures<T>(rows: Rows, options: RunOptions, use: (features: TableHandle) => Promise<T>): Promise<T> {
    const frame = frameOf(rows, `this ${this.#estimator} model`, featureNamesOf(this.#memory));
    const fields = checkFeatures(`${this.#estimator} model`, frame, this.#memory);
    const prepared = frame.select(encodeFeatures(fields, this.model.categories, this.missing) as never);
    const plan = await residentPlan(DataFrame.planOf(prepared as DataFrame<any>), options);
    const table = await runToSharedTable(plan, options, new Error());
    try {
      if (table.rows > 0) {
        const { arrays } = await invoke(
          'features.check',
          {},
          { inputs: [table], workNanoseconds: table.rows * fields.length },
          options,
        );
        const names = fields.map((f) => f.name);
        const error = missingError(this.#estimator, names, arrays, 'nan');
        if (error) throw error;
      }
      return await use(table);
    } finally {
      releaseHandle(table);
    }
  }

  /** Importances, divided by their sum. */
  importances(type: ImportanceType): Float64Array {
    const values = importances(this.model.ensemble, type);
    const sum = values.reduce((a, b) => a + b, 0);
    return sum === 0 ? values : values.map((v) => v / sum);
  }

  /** Importances by name, of the features that are used. */
  score(type: ImportanceType): { readonly [feature: string]: number } {
    const counts = importances(this.model.ensemble, 'weight');
    const values = importances(this.model.ensemble, type);
    return Object.fromEntries(
      this.#memory.features.flatMap((f, i) => (counts[i] === 0 ? [] : [[f.name, values[i]!] as const])),
    );
  }

  /** The model in XGBoost's own form, or null where the path asks for another. */
  fileFor(path: string, attributes: Record<string, string>): Uint8Array | null {
    const model = { ...this.model, attributes: { ...this.model.attributes, ...attributes } };
    if (path.endsWith('.json')) return Buffer.from(writeJsonModel(model));
    return path.endsWith('.ubj') ? writeUbjsonModel(model) : null;
  }

  /** The parts of a model file. */
  toFitted(base: Omit<Fitted, 'json' | 'arrays'>): Fitted {
    return {
      ...base,
      json: { engine: this.engine, evalsResult: this.evalsResult as never },
      arrays: { model: writeUbjsonModel(this.model) },
    };
  }
}

/** The fitted parts of a training. */
export const fittedOf = (base: Omit<Fitted, 'json' | 'arrays'>, result: BoostResult): Fitted => ({
  ...base,
  json: { engine: result.engine, evalsResult: result.evalsResult as never },
  arrays: { model: writeUbjsonModel(withCategories(result.model, result.categories)) },
});

const withCategories = (model: XgbModel, categories: readonly FeatureCategories[]): XgbModel =>
  categories.some((c) => c !== null) ? { ...model, categories } : model;

function numberOf(text: string | undefined): number | null {
  const n = Number(text);
  return text === undefined || !Number.isFinite(n) ? null : n;
}

/** Refuses several outputs where one is meant. */
export function oneOutput(booster: Booster, what: string): void {
  if (booster.nOutputs > 1)
    throw new UnsupportedError(
      `This model has ${booster.nOutputs} outputs a row; ${what} gives one. Read them with predictMargin.`,
      { outputs: booster.nOutputs },
    );
}
