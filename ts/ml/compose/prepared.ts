// An estimator with what comes before it: imputer, encoders, scaler. They learn from the rows of each fit, so in a search
// from the training rows of each fold.
import type { DataFrame } from '../../frame/dataframe.ts';
import type { Table } from '../../frame/table.ts';
import { isNumeric, type LogicalType } from '../../schema/types.ts';
import type { Estimator, EstimatorKind } from '../core/estimator.ts';
import { SupervisedTransformer } from '../core/estimator.ts';
import { columnField } from '../core/features.ts';
import { frameOf, type Rows } from '../core/inputs.ts';
import type { Model, TransformerModel } from '../core/model.ts';
import { type FitOptions, runOptionsOf } from '../core/options.ts';
import { type PredictingModel, preparedModel } from './prepared-models.ts';

/** How features are prepared. */
export interface Preparation {
  readonly impute: 'mean' | 'median' | 'mostFrequent' | null;
  readonly encode: { readonly [column: string]: 'target' | 'oneHot' | 'ordinal' };
  readonly scale: 'standard' | 'minMax' | null;
  readonly randomState: number;
}

/** Options of its fit. */
export interface PreparedFitOptions extends FitOptions {
  readonly features: readonly string[];
  /** Rows that boosting is evaluated on; they are prepared as the training rows are. */
  readonly evalSet?: Rows;
}

/** An estimator behind its preparation; what a search varies are the estimator's own parameters. */
export class PreparedEstimator {
  readonly estimator: Estimator;
  readonly #preparation: Preparation;

  constructor(estimator: Estimator, preparation: Preparation) {
    this.estimator = estimator;
    this.#preparation = preparation;
  }

  get name(): string {
    return this.estimator.name;
  }
  get kind(): EstimatorKind {
    return this.estimator.kind;
  }
  get paramSpecs(): object {
    return this.estimator.paramSpecs as object;
  }
  getParams(): object {
    return this.estimator.getParams() as object;
  }
  withParams(params: object): PreparedEstimator {
    return new PreparedEstimator(this.estimator.withParams(params as never), this.#preparation);
  }

  /** Learns the preparation, then the model, from the same rows. */
  async fitAny(rows: Rows, target: string | ArrayLike<unknown> | null, options: PreparedFitOptions): Promise<Model> {
    const run = runOptionsOf(options);
    const { features, evalSet, ...rest } = options;
    let frame = frameOf(rows, `${this.name}.fit`);
    const memory = {
      features: features.map((name) => columnField(frame, name, `the features of ${this.name}.fit`)),
      known: null,
    };
    const steps: TransformerModel[] = [];
    const types = new Map(memory.features.map((f) => [f.name, f.type as LogicalType]));
    let names = [...features];
    try {
      for (const { transformer, columns } of await this.#steps(names, types)) {
        if (transformer instanceof SupervisedTransformer) {
          const fitted = await transformer.fitTransformAny(frame, target as string, {
            ...run,
            features: columns as never[],
          });
          steps.push(fitted.model);
          frame = fitted.frame;
        } else {
          const step = (await transformer.fitAny(frame, null, {
            ...run,
            features: columns as never[],
          })) as TransformerModel;
          steps.push(step);
          frame = step.transform(frame);
        }
        const made = (steps.at(-1) as TransformerModel).featureNamesOut;
        names = names.flatMap((name) => (columns[0] === name ? made : columns.includes(name) ? [] : [name]));
      }
      const final = await this.#fitFinal(frame, target, names, steps, evalSet, rest);
      return preparedModel({ source: null, steps, final, memory });
    } catch (error) {
      for (const step of steps) step.dispose();
      throw error;
    }
  }

  async #fitFinal(
    frame: DataFrame<any>,
    target: string | ArrayLike<unknown> | null,
    features: readonly string[],
    steps: readonly TransformerModel[],
    evalSet: Rows | undefined,
    options: Omit<PreparedFitOptions, 'features' | 'evalSet'>,
  ): Promise<PredictingModel> {
    const run = runOptionsOf(options);
    // What steps make of the rows is computed once, however often the estimator reads it.
    const table: Table<any> | null = steps.length === 0 ? null : await frame.collect(run);
    try {
      const watched =
        evalSet === undefined
          ? {}
          : { evalSet: steps.reduce((f, step) => step.transform(f), frameOf(evalSet, `${this.name}.fit`)) };
      const all = { ...options, ...watched, features } as FitOptions;
      return (await this.estimator.fitAny(table ?? frame, target, all)) as unknown as PredictingModel;
    } finally {
      table?.dispose();
    }
  }

  /** The transformers, in order, each with its columns. */
  async #steps(
    names: readonly string[],
    types: ReadonlyMap<string, LogicalType>,
  ): Promise<{ transformer: Estimator; columns: string[] }[]> {
    const { impute, encode, scale, randomState } = this.#preparation;
    const numbers = names.filter((name) => encode[name] === undefined && isNumeric(types.get(name) as LogicalType));
    const steps: { transformer: Estimator; columns: string[] }[] = [];
    if (impute !== null && numbers.length > 0) {
      const { SimpleImputer } = await import('../preprocessing/simple-imputer.ts');
      steps.push({ transformer: new SimpleImputer({ strategy: impute }) as never, columns: numbers });
    }
    const coded = (way: string): string[] => names.filter((name) => encode[name] === way);
    // A category that training has not seen becomes the overall mean, -1, or no column.
    if (coded('target').length > 0) {
      const { TargetEncoder } = await import('../preprocessing/target-encoder.ts');
      steps.push({ transformer: new TargetEncoder({ randomState }) as never, columns: coded('target') });
    }
    if (coded('ordinal').length > 0) {
      const { OrdinalEncoder } = await import('../preprocessing/ordinal-encoder.ts');
      const transformer = new OrdinalEncoder({
        handleUnknown: 'useEncodedValue',
        unknownValue: -1,
        encodedMissingValue: -1,
      });
      steps.push({ transformer: transformer as never, columns: coded('ordinal') });
    }
    if (scale !== null) {
      const columns = names.filter((name) => encode[name] !== 'oneHot' && types.get(name)?.dtype !== 'Bool');
      const made =
        scale === 'standard'
          ? new (await import('../preprocessing/standard-scaler.ts')).StandardScaler()
          : new (await import('../preprocessing/min-max-scaler.ts')).MinMaxScaler();
      if (columns.length > 0) steps.push({ transformer: made as never, columns });
    }
    if (coded('oneHot').length > 0) {
      const { OneHotEncoder } = await import('../preprocessing/one-hot-encoder.ts');
      steps.push({ transformer: new OneHotEncoder({ handleUnknown: 'ignore' }) as never, columns: coded('oneHot') });
    }
    return steps;
  }
}
