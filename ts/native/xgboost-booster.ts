// A model in libxgboost. Calls run on a thread of the addon's, one at a time.
import { NativeHandle } from './native-handle.ts';
import { addonData, cellsOf, type XgboostData } from './xgboost-data.ts';
import { threadsFor } from './xgboost-threads.ts';

/** What a prediction holds, in XGBoost's strict shape. */
export interface XgboostPrediction {
  /** (nRows, nGroups), and for contributions and leaves further axes. */
  readonly shape: readonly number[];
  /** Row by row. */
  readonly values: Float32Array;
}
const KINDS = {
  value: 0,
  margin: 1,
  contributions: 2,
  approximateContributions: 3,
  interactions: 4,
  approximateInteractions: 5,
  leaf: 6,
} as const;
/** What to predict: `leaf` is the index of the leaf in each tree, `contributions` the SHAP values with the bias last. */
export type XgboostPredictionKind = keyof typeof KINDS;

export interface XgboostPredictOptions {
  /** Default `value`. */
  readonly kind?: XgboostPredictionKind;
  /** Rounds [begin, end) to use; default all. */
  readonly rounds?: readonly [begin: number, end: number];
  readonly threads?: number;
  readonly missing?: number;
}

export type XgboostImportance = 'weight' | 'gain' | 'cover' | 'total_gain' | 'total_cover';

/** What a model says of itself. */
export interface XgboostDescription {
  readonly rounds: number;
  readonly features: number;
  readonly featureNames: readonly string[];
  readonly featureTypes: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  /** XGBoost's configuration as JSON text. */
  readonly config: string;
}

/** A trained model in libxgboost. Dispose it; the garbage collector does so late. */
export class XgboostBooster implements Disposable {
  readonly #handle: NativeHandle;
  /** A linear model is not scored in place. */
  readonly #linear: boolean;
  private constructor(handle: NativeHandle, linear: boolean) {
    this.#handle = handle;
    this.#linear = linear;
  }
  /** @internal */
  static async of(handle: NativeHandle): Promise<XgboostBooster> {
    try {
      const { config } = await handle.call<XgboostDescription>('xgboost.describe');
      return new XgboostBooster(handle, JSON.parse(config).learner.gradient_booster.name === 'gblinear');
    } catch (error) {
      handle.dispose();
      throw error;
    }
  }

  /**
   * Predicts rows.
   * @param data - columns in the order of training; null and NaN are missing; labels are not read
   * @throws {ERR_PARAMETER} where XGBoost refuses the data, such as another number of features
   */
  async predict(data: XgboostData, options: XgboostPredictOptions = {}): Promise<XgboostPrediction> {
    const { kind = 'value', rounds: [begin, end] = [0, 0], missing } = options;
    const { columns, baseMargin, featureTypes } = data;
    return this.#handle.call('xgboost.predict', {
      data: addonData({
        columns,
        ...(baseMargin === undefined ? {} : { baseMargin }),
        ...(featureTypes === undefined ? {} : { featureTypes }),
      }),
      type: KINDS[kind],
      begin,
      end,
      inPlace: (kind === 'value' || kind === 'margin') && !this.#linear,
      threads: threadsFor(cellsOf(data), options.threads),
      ...(missing === undefined ? {} : { missing }),
    });
  }

  /** The model as XGBoost writes it: the same bytes as from Python. */
  save(format: 'ubj' | 'json' = 'ubj'): Promise<Uint8Array> {
    return this.#handle.call('xgboost.save', { format });
  }

  /** Importance of each feature that a split uses; `features` are names, or `f0`, `f1`, … */
  async importances(kind: XgboostImportance): Promise<{ features: readonly string[]; scores: XgboostPrediction }> {
    const { features, shape, values } = await this.#handle.call<{ features: string[] } & XgboostPrediction>(
      'xgboost.scores',
      { importance: kind },
    );
    return { features, scores: { shape, values } };
  }

  /** A model of the rounds [begin, end). */
  async slice(begin: number, end: number): Promise<XgboostBooster> {
    const { booster } = await this.#handle.call<{ booster: number }>('xgboost.slice', { begin, end });
    return XgboostBooster.of(new NativeHandle(this.#handle.addon, booster, 'XGBoost model'));
  }

  describe(): Promise<XgboostDescription> {
    return this.#handle.call('xgboost.describe');
  }

  /** Sets texts that are saved with the model, such as `best_iteration`. */
  setAttributes(attributes: Readonly<Record<string, string>>): Promise<void> {
    return this.#handle.call('xgboost.configure', { attributes: Object.entries(attributes) });
  }

  /** Frees the model once the calls under way have ended. Idempotent. */
  dispose(): void {
    this.#handle.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}
