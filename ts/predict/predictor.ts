// Predictions in batches, with their cost.
import { ParameterError, UnsupportedError } from '../errors.ts';
import type { Column } from '../frame/column.ts';
import { fromColumns } from '../frame/create.ts';
import { concat, type DataFrame } from '../frame/dataframe.ts';
import { Table } from '../frame/table.ts';
import { frameOf, type Rows } from '../ml/core/inputs.ts';
import { loadModel } from '../ml/core/load-model.ts';
import { ClassifierModel, ClustererModel, type Model, RegressorModel } from '../ml/core/model.ts';
import type { RunOptions } from '../runner/runner.ts';
import { fromLogical } from '../schema/dtypes.ts';
import { refuseUnknown } from '../util/known-options.ts';
import { type PredictionStats, Stopwatch } from './latencies.ts';

/** A model that predicts. */
export type PredictingModel = ClassifierModel | RegressorModel | ClustererModel;

/** Options of a predictor. */
export interface PredictorOptions {
  /** Most rows given to the model at a time (default 65,536). */
  readonly batchSize?: number;
}

/** Options of `Predictor.batches`. */
export interface PredictBatchOptions extends RunOptions {
  /** Name of the predicted column (default `prediction`). */
  readonly as?: string;
  /** Of a classifier: adds a column of probability per class, named by this and the class. */
  readonly probabilities?: string;
  /** Columns to keep beside the prediction: all (default), none, or these. */
  readonly keep?: 'all' | 'none' | readonly string[];
}

const KEYS = [
  'as',
  'probabilities',
  'keep',
  'signal',
  'onProgress',
  'engine',
  'fallback',
  'memoryLimitBytes',
  'seed',
  'threads',
];

/**
 * Predicts in batches and measures what that costs: latency per batch and throughput.
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 4], y: [2, 4, 6, 8] });
 * using model = await new LinearRegression().fit(df, 'y');
 * using predictor = new Predictor(model, { batchSize: 2 });
 * const prediction = await predictor.predict(fromColumns({ x: [10, 20, 30] }));
 * console.log([...prediction].map((p) => p.toFixed(3)).join(' '), predictor.stats.batches);
 * // 20.000 40.000 60.000 2
 * ```
 */
export class Predictor implements Disposable {
  readonly model: PredictingModel;
  readonly batchSize: number;
  readonly #watch = new Stopwatch();

  /**
   * @param model - a fitted classifier, regressor or clusterer, or a pipeline that ends in one
   * @throws {ERR_UNSUPPORTED} a model that does not predict
   * @throws {ERR_PARAMETER} a batch size that is no whole number from 1
   */
  constructor(model: Model, options: PredictorOptions = {}) {
    refuseUnknown('Predictor', options, ['batchSize']);
    const { batchSize = 65_536 } = options;
    if (!Number.isSafeInteger(batchSize) || batchSize < 1)
      throw new ParameterError(
        `The 'batchSize' parameter of Predictor must be a whole number from 1. Got ${JSON.stringify(batchSize)}.`,
        { parameter: 'batchSize' },
      );
    if (!isPredicting(model))
      throw new UnsupportedError(`A ${(model as Model | null)?.estimator ?? typeof model} model does not predict.`, {});
    this.model = model;
    this.batchSize = batchSize;
  }

  /**
   * Loads a model file.
   *
   * @throws {ERR_FILE_NOT_FOUND} no such file
   * @throws {ERR_CORRUPT_FILE} no model file, or a broken one
   */
  static async load(path: string, options: PredictorOptions = {}): Promise<Predictor> {
    return new Predictor(await loadModel(path), options);
  }

  /**
   * Predicts all rows, batch by batch.
   *
   * @returns a column of nSamples: classes, numbers or cluster numbers
   */
  async predict(rows: Rows, options: RunOptions = {}): Promise<Column<any>> {
    const parts: ArrayLike<unknown>[] = [];
    let last: Column<any> | null = null;
    for await (const part of this.#parts(rows, options)) {
      last = await this.#predictOne(part, options);
      parts.push(last.toArray() as ArrayLike<unknown>);
    }
    if (parts.length === 1 && last !== null) return last;
    const all = joined(parts);
    const { dtype } = last as Column<any>;
    const table = await fromColumns({ prediction: all }, { schema: { prediction: fromLogical(dtype) } }).collect(
      options,
    );
    return table.column('prediction');
  }

  /**
   * Gives the rows with their predictions, a table per batch. Between two of them the engine is free.
   *
   * @throws {ERR_PARAMETER} a name that the frame already has
   */
  async *batches(rows: Rows, options: PredictBatchOptions = {}): AsyncGenerator<Table<any>> {
    refuseUnknown('Predictor.batches', options, KEYS);
    const { as, probabilities, keep, ...run } = options;
    for await (const part of this.#parts(rows, run)) {
      using table = await this.predicted(part, options);
      yield table;
    }
  }

  /** @internal One batch of rows with its predictions; counted. */
  async predicted(rows: Table<any>, options: PredictBatchOptions): Promise<Table<any>> {
    const { as = 'prediction', probabilities, keep = 'all', ...run } = options;
    const kept = keep === 'all' ? rows.columns : keep === 'none' ? [] : [...keep];
    const frame = keep === 'all' ? rows.lazy() : rows.lazy().select(...(kept as never[]));
    const prediction = await this.#predictOne(rows, run);
    const parts: DataFrame<any>[] = [columnFrame(as, prediction)];
    if (probabilities !== undefined) parts.push(await this.#probabilities(rows, probabilities, run));
    const names = parts.flatMap((p) => p.columns);
    const clash = names.find((name) => kept.includes(name));
    if (clash !== undefined)
      throw new ParameterError(
        `The rows already have a column "${clash}". Choose another name for the predictions, or keep fewer columns.`,
        { column: clash },
      );
    const frames = kept.length === 0 ? parts : [frame, ...parts];
    const whole = frames.length === 1 ? (frames[0] as DataFrame<any>) : concat(frames as never, { how: 'horizontal' });
    return (whole as DataFrame<any>).collect(run);
  }

  /** What predicting cost since the predictor was made, or since `resetStats`. */
  get stats(): PredictionStats {
    return this.#watch.stats();
  }

  /** Milliseconds per batch; null before the first. */
  get latencyMs(): PredictionStats['latencyMs'] {
    return this.stats.latencyMs;
  }

  /** Rows predicted per second; null before the first batch. */
  get throughputRowsPerSecond(): number | null {
    return this.stats.throughputRowsPerSecond;
  }

  /** Forgets what was measured: after a warm-up. */
  resetStats(): void {
    this.#watch.reset();
  }

  /** Frees what the model holds in the engine. */
  dispose(): void {
    this.model.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  async *#parts(rows: Rows, options: RunOptions): AsyncGenerator<Table<any>> {
    if (rows instanceof Table) {
      yield* this.#slices(rows, options);
      return;
    }
    using table = await frameOf(rows, 'Predictor', this.model.featureNamesIn).collect(options);
    yield* this.#slices(table, options);
  }

  async *#slices(table: Table<any>, options: RunOptions): AsyncGenerator<Table<any>> {
    if (table.height <= this.batchSize) {
      yield table;
      return;
    }
    for (let from = 0; from < table.height; from += this.batchSize) {
      using part = await table.lazy().slice(from, this.batchSize).collect(options);
      yield part;
    }
  }

  async #predictOne(rows: Table<any>, options: RunOptions): Promise<Column<any>> {
    const started = performance.now();
    const column = (await this.model.predict(rows, options)) as Column<any>;
    this.#watch.add(rows.height, performance.now() - started);
    return column;
  }

  async #probabilities(rows: Table<any>, prefix: string, options: RunOptions): Promise<DataFrame<any>> {
    if (!(this.model instanceof ClassifierModel))
      throw new ParameterError(
        `The 'probabilities' option is for classifiers; this is a ${this.model.estimator} model.`,
      );
    using table = await this.model.predictProba(rows, options);
    return fromColumns(
      Object.fromEntries(table.columns.map((c) => [`${prefix}${c}`, table.column(c).toArray() as ArrayLike<unknown>])),
    );
  }
}

const isPredicting = (model: unknown): model is PredictingModel =>
  model instanceof ClassifierModel || model instanceof RegressorModel || model instanceof ClustererModel;

const columnFrame = (name: string, column: Column<any>): DataFrame<any> =>
  fromColumns({ [name]: column.toArray() as ArrayLike<unknown> }, { schema: { [name]: fromLogical(column.dtype) } });

function joined(parts: readonly ArrayLike<unknown>[]): ArrayLike<unknown> {
  const [first] = parts;
  if (first === undefined || !ArrayBuffer.isView(first)) return parts.flatMap((p) => Array.from(p));
  const length = parts.reduce((sum, p) => sum + p.length, 0);
  const all = new (first.constructor as new (n: number) => Float64Array)(length);
  let at = 0;
  for (const part of parts) {
    all.set(part as Float64Array, at);
    at += part.length;
  }
  return all;
}
