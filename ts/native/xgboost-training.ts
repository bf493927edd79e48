// A training under way in libxgboost, one boosting round a call.
import { ParameterError } from '../errors.ts';
import type { NativeHandle } from './native-handle.ts';
import { XgboostBooster } from './xgboost-booster.ts';

/** One metric of one evaluation set after a round. */
export interface XgboostScore {
  /** Index into `evals`. */
  readonly data: number;
  readonly metric: string;
  readonly value: number;
}

/** XGBoost only prints that it ignores a parameter: here that is an error. Other warnings go to the process. */
export function heed(warnings: readonly string[]): void {
  for (const warning of warnings) {
    const unused = /Parameters: \{([^}]*)\} are not used/.exec(warning)?.[1];
    if (unused !== undefined)
      throw new ParameterError(
        `XGBoost does not use the parameters ${unused.replaceAll('"', '').trim()} with this booster, tree method and objective. Leave them out.`,
        { parameters: unused.split(',').map((p) => p.replaceAll('"', '').trim()) },
      );
    process.emitWarning(warning.replace(/^\[[^\]]*\] (WARNING: )?(\S+:\d+: )?/, '').trim(), {
      code: 'WARPFRAME_XGBOOST',
    });
  }
}

/** A training under way: `step()` per round, then `finish()`. Holds the binned data until then. */
export class XgboostTraining implements Disposable {
  readonly #handle: NativeHandle;
  #rounds: number;
  /** @internal */
  constructor(handle: NativeHandle, rounds: number) {
    this.#handle = handle;
    this.#rounds = rounds;
  }
  /** Rounds in the model so far, those of a model it went on from included. */
  get rounds(): number {
    return this.#rounds;
  }

  /**
   * Boosts one round.
   * @returns a score for each metric of each evaluation set
   * @throws {ERR_PARAMETER} where XGBoost refuses the labels or parameters, or would ignore one
   */
  async step(): Promise<XgboostScore[]> {
    const { lines, warnings } = await this.#handle.call<{ lines: string[]; warnings: string[] }>('xgboost.step');
    this.#rounds++;
    heed(warnings);
    return lines.flatMap(parseScores);
  }

  /** The model so far, as bytes. */
  save(format: 'ubj' | 'json' = 'ubj'): Promise<Uint8Array> {
    return this.#handle.call('xgboost.save', { format });
  }

  /** Sets texts that are saved with the model, such as `best_iteration`. */
  setAttributes(attributes: Readonly<Record<string, string>>): Promise<void> {
    return this.#handle.call('xgboost.configure', { attributes: Object.entries(attributes) });
  }

  /** Frees the training data and hands over the model. The training is over. */
  async finish(): Promise<XgboostBooster> {
    await this.#handle.call('xgboost.finish');
    return XgboostBooster.of(this.#handle);
  }

  /** Frees the data and the model; after `finish()`, dispose the model instead. Idempotent. */
  dispose(): void {
    this.#handle.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** `[3]\t0-logloss:0.5\t1-auc:0.7`; the names are our own numbers. */
function parseScores(line: string): XgboostScore[] {
  return line
    .trim()
    .split('\t')
    .slice(1)
    .map((part) => {
      const [, data, metric, value] = /^(\d+)-(.*):([^:]*)$/.exec(part) as unknown as [string, string, string, string];
      const text = value.replace(/^(-?)inf$/, '$1Infinity').replace(/^-?nan$/, 'NaN');
      return { data: Number(data), metric, value: Number(text) };
    });
}
