import { ParameterError, UnsupportedError } from '../../errors.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import { isNumeric, isString } from '../../schema/types.ts';
import { Estimator, type SchemaIn } from '../core/estimator.ts';
import { checkFeatures } from '../core/features.ts';
import type { Fitted } from '../core/fitted.ts';
import type { Rows } from '../core/inputs.ts';
import { type Model, TransformerModel } from '../core/model.ts';
import { type FitOptions, runOptionsOf } from '../core/options.ts';
import { checkParams, oneOf } from '../core/params.ts';
import type { DataNeeds } from '../core/training-data.ts';
import { readOften } from '../preprocessing/categories.ts';
import { frameOfRows } from '../preprocessing/columns.ts';
import type { FittedSteps } from './pipeline-models.ts';
import {
  changedSteps,
  checkSteps,
  disposeAll,
  type FittedStep,
  fitTransformed,
  type Given,
  givenRows,
  mayBeFeature,
  nestedSpecs,
  paramsJson,
  type Step,
} from './steps.ts';

/** Columns of a part: names, or all features of a kind that no other part names. */
export type PartColumns = readonly string[] | 'numeric' | 'text';
/** A name, a transformer, and the columns it is for. */
export type Part = readonly [name: string, transformer: Estimator<any, any>, columns: PartColumns];

const OWN = {
  /** What becomes of features that no part takes: left out, or kept as they are. */
  remainder: oneOf(['drop', 'passthrough']),
};

/** Options of `columnTransformer`. */
export interface ColumnTransformerOptions {
  /** What becomes of features that no part takes: left out ('drop', the default) or kept as they are. */
  readonly remainder?: 'drop' | 'passthrough';
}

/**
 * Transformers side by side, each for columns of its own. Made by `columnTransformer`. Parameters are `remainder` and those
 * of the parts, by path: `num.withMean`. Columns that are no features, such as the target, stay as they are.
 */
export class ColumnTransformer extends Estimator<any, ColumnTransformerModel> {
  readonly kind = 'transformer';
  readonly needs: Omit<DataNeeds, 'estimator'> = {
    target: 'none',
    missing: 'refuse',
    takes: mayBeFeature,
    takesText: 'numeric, Bool or text',
  };
  /** Names, transformers and their columns. */
  readonly parts: readonly Part[];

  constructor(parts: readonly Part[], options: ColumnTransformerOptions = {}) {
    const steps = (Array.isArray(parts) ? parts : []).map((p): Step => (Array.isArray(p) ? [p[0], p[1]] : p) as Step);
    checkSteps('columnTransformer', steps, ['remainder']);
    const { remainder } = checkParams('ColumnTransformer', OWN, options as { readonly [name: string]: unknown });
    super('ColumnTransformer', { remainder: { ...OWN.remainder, default: remainder }, ...nestedSpecs(steps) }, {});
    const named = new Map<string, string>();
    for (const [name, transformer, columns] of parts) {
      if (transformer.kind !== 'transformer')
        throw new ParameterError(
          `Every part of columnTransformer() must be a transformer. Part '${name}' is a ${transformer.kind}, ${transformer.name}.`,
          { parameter: 'parts' },
        );
      const list = Array.isArray(columns) && columns.length > 0 && columns.every((c) => typeof c === 'string');
      if (!list && columns !== 'numeric' && columns !== 'text')
        throw new ParameterError(
          `The columns of part '${name}' of columnTransformer() must be a list of names, 'numeric' or 'text'. Got ${JSON.stringify(columns)}.`,
          { parameter: 'parts' },
        );
      for (const column of list ? (columns as readonly string[]) : []) {
        if (named.has(column))
          throw new ParameterError(
            `Column "${column}" is in the parts '${named.get(column)}' and '${name}' of columnTransformer(). Each column has one place: put transformers of the same column into a pipeline.`,
            { parameter: 'parts', column },
          );
        named.set(column, name);
      }
    }
    this.parts = Object.freeze(parts.map((p) => Object.freeze([...p]) as unknown as Part));
  }

  override get takesSampleWeight(): boolean {
    return this.parts.some(([, t]) => t.takesSampleWeight);
  }

  /**
   * Gives a copy with `remainder`, or parameters of parts by path (`{ 'num.withMean': false }`), changed.
   *
   * @throws {ERR_PARAMETER} an unknown parameter, or a value that is not allowed
   */
  override withParams(params: { readonly [path: string]: unknown }): this {
    const { remainder } = this.getParams() as ColumnTransformerOptions;
    const steps = this.parts.map(([name, t]): Step => [name, t]);
    const own = { remainder: { ...OWN.remainder, default: remainder } };
    const changed = changedSteps('ColumnTransformer', steps, own, params);
    return new ColumnTransformer(
      this.parts.map(([name, , columns], i): Part => [name, changed[i]![1], columns]),
      { remainder: (params['remainder'] ?? remainder) as 'drop' },
    ) as this;
  }

  /**
   * Learns from rows, and their target where a part needs one.
   *
   * @param rows - a frame, a table, or arrays `(nSamples, nFeatures)`
   * @param target - a column of the frame, an array of nSamples, or null where no part looks at one
   * @throws {ERR_COLUMN_NOT_FOUND} a column of a part that is not there
   * @throws {ERR_PARAMETER} a part that no column is left for
   */
  fit<R extends Rows>(
    rows: R,
    target: (keyof SchemaIn<R> & string) | (ArrayLike<unknown> & object) | null = null,
    options: FitOptions<SchemaIn<R>> = {},
  ): Promise<ColumnTransformerModel> {
    return this.fitAny(rows, target, options as FitOptions);
  }

  override async fitAny(
    rows: Rows,
    target: string | ArrayLike<unknown> | null,
    options: FitOptions = {},
  ): Promise<ColumnTransformerModel> {
    const given = await givenRows(this.name, rows, target, options);
    const places = this.#columns(given);
    const run = runOptionsOf(options);
    const names = [...places.flat(), given.target, given.weight].filter((n) => n !== null);
    const frame = await readOften(given.frame, [...new Set(names)], places.length, run);
    const fitted: [string, Model][] = [];
    try {
      for (const [i, [name, transformer]] of this.parts.entries()) {
        run.signal?.throwIfAborted();
        const own: FitOptions = {
          ...run,
          features: places[i] as never,
          ...(given.weight !== null && transformer.takesSampleWeight ? { sampleWeight: given.weight as never } : {}),
        };
        fitted.push([name, await transformer.fitAny(frame, given.target, own)]);
      }
      return this.#model(given, typeof target === 'string' ? target : null, fitted);
    } catch (error) {
      disposeAll(fitted.map(([, m]) => m));
      throw error;
    }
  }

  /** @internal Across folds in the parts that look at the target. */
  async fitTransformAny(frame: DataFrame<any>, target: string | null, options: FitOptions): Promise<FittedStep> {
    const given = await givenRows(this.name, frame, target, options);
    const places = this.#columns(given);
    const fitted: [string, Model][] = [];
    try {
      let now = this.#rest(given.frame, given, places);
      for (const [i, [name, transformer]] of this.parts.entries()) {
        runOptionsOf(options).signal?.throwIfAborted();
        const made = await fitTransformed(transformer, now, given.target, places[i]!, given.weight, options);
        fitted.push([name, made.model]);
        now = made.frame;
      }
      return { model: this.#model(given, target, fitted), frame: now };
    } catch (error) {
      disposeAll(fitted.map(([, m]) => m));
      throw error;
    }
  }

  protected train(): Promise<ColumnTransformerModel> {
    throw new UnsupportedError('A column transformer is fitted part by part.');
  }

  /** The columns of each part. */
  #columns({ frame, features }: Given): string[][] {
    const named = new Set(this.parts.flatMap(([, , columns]) => (typeof columns === 'string' ? [] : columns)));
    const schema = DataFrame.planOf(frame).schema;
    const taken = new Set<string>();
    return this.parts.map(([name, , columns]) => {
      let own: string[];
      if (typeof columns !== 'string') {
        const missing = columns.find((c) => !features.some((f) => f.name === c));
        if (missing !== undefined)
          throw new ParameterError(
            `Column "${missing}" of part '${name}' is not among the features of ColumnTransformer.fit: ${features.map((f) => f.name).join(', ')}.`,
            { part: name, column: missing },
          );
        own = [...columns];
      } else {
        const fits = columns === 'numeric' ? isNumeric : isString;
        own = features
          .filter((f) => !named.has(f.name) && !taken.has(f.name) && fits(schema.find((s) => s.name === f.name)!.type))
          .map((f) => f.name);
        if (own.length === 0)
          throw new ParameterError(
            `Part '${name}' of ColumnTransformer.fit is for ${columns} columns, and there are none that no other part has. Features: ${features.map((f) => f.name).join(', ')}.`,
            { part: name },
          );
      }
      for (const column of own) taken.add(column);
      return own;
    });
  }

  #rest(frame: DataFrame<any>, given: Given, places: readonly (readonly string[])[]): DataFrame<any> {
    if ((this.getParams() as ColumnTransformerOptions).remainder === 'passthrough') return frame;
    const used = new Set(places.flat());
    const left = given.features.map((f) => f.name).filter((name) => !used.has(name));
    return left.length === 0 ? frame : frame.drop(...(left as never[]));
  }

  #model(given: Given, targetName: string | null, fitted: FittedSteps): ColumnTransformerModel {
    const params = this.getParams() as ColumnTransformerOptions;
    return new ColumnTransformerModel(
      {
        estimator: 'ColumnTransformer',
        params: paramsJson(params),
        memory: { features: given.features, known: given.named ? null : given.known },
        json: { steps: fitted.map(([name]) => name), remainder: params.remainder! },
        arrays: {},
        targetName,
        models: Object.fromEntries(fitted.map(([name, model]) => [name, model.toFitted()])),
      },
      fitted,
    );
  }
}

/** The fitted model of a column transformer. */
export class ColumnTransformerModel extends TransformerModel {
  /** Fitted parts, in order. */
  readonly parts: FittedSteps;
  /** Features that no part took. */
  readonly rest: readonly string[];
  readonly featureNamesOut: readonly string[];
  readonly #fitted: Fitted;

  constructor(fitted: Fitted, parts: FittedSteps) {
    super(fitted);
    this.parts = parts;
    const models = parts.map(([, model]) => model);
    if (!models.every((m) => m instanceof TransformerModel))
      throw new UnsupportedError('A part of a ColumnTransformer model is no transformer.');
    const used = new Set(models.flatMap((m) => m.featureNamesIn));
    this.rest = Object.freeze(this.featureNamesIn.filter((name) => !used.has(name)));
    const made = models.flatMap((m) => m.featureNamesOut);
    this.featureNamesOut = Object.freeze(fitted.json['remainder'] === 'drop' ? made : [...made, ...this.rest]);
    this.#fitted = fitted;
  }

  toFitted(): Fitted {
    return this.#fitted;
  }

  /** Gives the fitted model of a part. */
  part(name: string): Model {
    const found = this.parts.find((p) => p[0] === name);
    if (found) return found[1];
    throw new ParameterError(
      `This ColumnTransformer model has no part '${name}'. Parts: ${this.parts.map((p) => p[0]).join(', ')}.`,
      { parameter: 'name' },
    );
  }

  transform(rows: Rows): DataFrame<any> {
    this.checkLive();
    let frame = frameOfRows(rows, this.featureNamesIn);
    checkFeatures('ColumnTransformer model', frame, this.memory);
    if (this.#fitted.json['remainder'] === 'drop' && this.rest.length > 0)
      frame = frame.drop(...(this.rest as never[]));
    // Each part changes columns of its own only, so one after the other is side by side.
    for (const [, model] of this.parts) frame = (model as TransformerModel).transform(frame);
    return frame;
  }

  override dispose(): void {
    super.dispose();
    for (const [, model] of this.parts) model.dispose();
  }
}

/**
 * Makes a column transformer: each part transforms columns of its own.
 *
 * @param parts - `[name, transformer, columns]`: columns by name, or 'numeric' or 'text' for all such features that no part
 * names
 * @throws {ERR_PARAMETER} a part that is no transformer, a name or a column twice
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3], city: ['a', 'b', 'a'] });
 * const columns = columnTransformer([
 *   ['num', new StandardScaler(), 'numeric'],
 *   ['cat', new OneHotEncoder(), ['city']],
 * ]);
 * using model = await columns.fit(df);
 * console.log(model.featureNamesOut);
 * // [ 'x', 'city_a', 'city_b' ]
 * ```
 */
export function columnTransformer(parts: readonly Part[], options: ColumnTransformerOptions = {}): ColumnTransformer {
  return new ColumnTransformer(parts, options);
}
