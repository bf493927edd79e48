// libxgboost behind the native addon: training one round at a time, and models. Every call runs on a thread of the
// addon's; calls on one booster queue up.
import { invoke, type NativeAddon } from './addon.ts';
import { findXgboostLibrary, loadAddon, missingNative, type Rejected } from './load.ts';
import { NativeHandle } from './native-handle.ts';
import { XgboostBooster, type XgboostDescription } from './xgboost-booster.ts';
import { addonData, cellsOf, type XgboostData, type XgboostStream } from './xgboost-data.ts';
import { parameterPairs, usesQuantileMatrix, type XgboostParams } from './xgboost-parameters.ts';
import { threadsFor } from './xgboost-threads.ts';
import { heed, XgboostTraining } from './xgboost-training.ts';

/** What to train, on what. */
export interface XgboostTrainOptions {
  /** XGBoost's parameters under its own names; an unknown one is refused. */
  readonly params: XgboostParams;
  /** The rows to train on; several batches of the same columns are taken as one. Streamed ones need tree_method hist. */
  readonly train: XgboostData | readonly XgboostData[] | XgboostStream;
  /** Data evaluated after each round, in this order. */
  readonly evals?: readonly XgboostData[];
  /** A model (UBJSON or JSON bytes) whose rounds come first. */
  readonly model?: Uint8Array;
  /** Threads to use. Default: one below 100,000 cells, else as many as the machine allows. */
  readonly threads?: number;
  /** The number that means missing. Default NaN. */
  readonly missing?: number;
}

interface NewBooster {
  readonly booster: number;
  readonly warnings: readonly string[];
}

/** An open libxgboost. */
export class XgboostEngine {
  readonly #addon: NativeAddon;
  readonly version: string;
  readonly library: string;
  readonly addonPath: string;
  /** @internal */
  constructor(addon: NativeAddon, addonPath: string, library: { version: string; library: string }) {
    this.#addon = addon;
    this.addonPath = addonPath;
    this.version = library.version;
    this.library = library.library;
  }

  /**
   * Reads the data and starts a training; no round is boosted yet.
   * @throws {ERR_PARAMETER} for an unknown parameter, or where XGBoost refuses the data
   * @throws {ERR_SHAPE} for columns or labels of different lengths
   */
  async train(options: XgboostTrainOptions): Promise<XgboostTraining> {
    const { params, evals = [], model, missing } = options;
    const stream = 'batches' in options.train ? options.train : null;
    const given = options.train as XgboostData | readonly XgboostData[];
    const batches = stream ? [] : Array.isArray(given) ? (given as readonly XgboostData[]) : [given as XgboostData];
    const { nthread, n_jobs, ...others } = params;
    const threads = options.threads ?? (nthread as number | undefined) ?? (n_jobs as number | undefined);
    // Who streams has many rows.
    const cells = stream ? Number.POSITIVE_INFINITY : [...batches, ...evals].reduce((sum, d) => sum + cellsOf(d), 0);
    const { booster, warnings } = await this.#create(stream, {
      train: batches.map(addonData),
      evals: evals.map((data, i) => ({ name: String(i), data: [addonData(data)] })),
      parameters: [...parameterPairs(others), ['validate_parameters', '1']],
      quantile: usesQuantileMatrix(params),
      maxBin: Number(params.max_bin ?? 256),
      threads: threadsFor(cells, threads),
      ...(missing === undefined ? {} : { missing }),
      ...(model === undefined ? {} : { model }),
    });
    const handle = new NativeHandle(this.#addon, booster, 'XGBoost training');
    try {
      heed(warnings);
      const { rounds } =
        model === undefined ? { rounds: 0 } : await handle.call<XgboostDescription>('xgboost.describe');
      return new XgboostTraining(handle, rounds);
    } catch (error) {
      handle.dispose();
      throw error;
    }
  }

  /** Creates a booster; rows of a stream are handed over whenever XGBoost asks for more. */
  async #create(stream: XgboostStream | null, params: object): Promise<NewBooster> {
    if (!stream) return invoke<NewBooster>(this.#addon, 'xgboost.create', params);
    const feed = await invoke<number>(this.#addon, 'xgboost.feed', {});
    let rows: AsyncIterator<XgboostData> | null = null;
    let failure: { readonly error: unknown } | null = null;
    const supply = async (restart: boolean): Promise<void> => {
      try {
        if (restart || !rows) {
          await rows?.return?.();
          rows = stream.batches()[Symbol.asyncIterator]();
        }
        const { done, value } = await rows.next();
        await invoke(this.#addon, 'xgboost.supply', done ? { feed } : { feed, data: addonData(value) });
      } catch (error) {
        failure ??= { error };
        await invoke(this.#addon, 'xgboost.supply', { feed, stop: true });
      }
    };
    const { featureNames, featureTypes } = stream;
    const onNeed = (restart: boolean): void => void supply(restart);
    try {
      return await invoke<NewBooster>(this.#addon, 'xgboost.create', {
        ...params,
        feed,
        onNeed,
        featureNames,
        featureTypes,
      });
    } catch (error) {
      throw failure === null ? error : (failure as { error: unknown }).error;
    } finally {
      this.#addon.release(feed);
      await (rows as AsyncIterator<XgboostData> | null)?.return?.();
    }
  }

  /**
   * Reads a model that XGBoost wrote, here or in Python: UBJSON or JSON.
   * @throws {ERR_CORRUPT_FILE} for bytes that are no such model
   */
  async load(model: Uint8Array): Promise<XgboostBooster> {
    const { booster, warnings } = await invoke<NewBooster>(this.#addon, 'xgboost.load', { model, parameters: [] });
    const handle = new NativeHandle(this.#addon, booster, 'XGBoost model');
    heed(warnings);
    return XgboostBooster.of(handle);
  }
}

/** Whether libxgboost can be used here. */
export interface XgboostStatus {
  /** Whether boosting runs on libxgboost. */
  readonly available: boolean;
  /** The library's version: `3.4.1`. */
  readonly version?: string;
  /** Path of the library. */
  readonly library?: string;
  /** Path of the Node-API addon that reaches it. */
  readonly addon?: string;
  /** Every place that was tried and passed over. */
  readonly rejected: readonly Rejected[];
}

/** Opens libxgboost: 11 ms the first time. */
async function tryOpen(library?: string): Promise<{ engine?: XgboostEngine; rejected: Rejected[] }> {
  const addon = loadAddon();
  if (!addon.found) return { rejected: [...addon.rejected] };
  const file = findXgboostLibrary(library);
  const rejected = [...addon.rejected, ...file.rejected];
  if (!file.found) return { rejected };
  try {
    const opened = await invoke<{ version: string; library: string }>(addon.found.addon, 'xgboost.open', {
      library: file.found.path,
    });
    return { engine: new XgboostEngine(addon.found.addon, addon.found.path, opened), rejected };
  } catch (error) {
    return {
      rejected: [...rejected, { candidate: file.found.candidate, reason: (error as Error).message, absent: false }],
    };
  }
}

/**
 * Opens libxgboost through the native addon.
 * @param options.library - path of a libxgboost; default: `WARPFRAME_XGBOOST_LIBRARY`, a local build, the platform package
 * @throws {ERR_MISSING_DEPENDENCY} with every place that was tried and the reason, where it cannot be used
 */
export async function openXgboost(options: { readonly library?: string } = {}): Promise<XgboostEngine> {
  const { engine, rejected } = await tryOpen(options.library);
  if (!engine) throw missingNative('libxgboost', rejected);
  return engine;
}

/**
 * Says whether libxgboost can be used here, which one, and why others were passed over.
 *
 * Boosting uses it where it is available (`engine: 'auto'`) and our own kernels otherwise. Never throws for its absence.
 *
 * @param options.library - path of a libxgboost; default: `WARPFRAME_XGBOOST_LIBRARY`, a local build, the platform package
 *
 * @example
 * ```ts
 * const status = await xgboostStatus();
 * console.log(status.available || status.rejected.length > 0);
 * // true
 * ```
 */
export async function xgboostStatus(options: { readonly library?: string } = {}): Promise<XgboostStatus> {
  const { engine, rejected } = await tryOpen(options.library);
  return engine
    ? { available: true, version: engine.version, library: engine.library, addon: engine.addonPath, rejected }
    : { available: false, rejected };
}
