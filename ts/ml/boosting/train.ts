// A boosted fit from prepared rows to a model: encoding, evaluation sets, rounds, early stopping.

import { missingError } from '../../backend/missing-values.ts';
import { ParameterError, UnsupportedError } from '../../errors.ts';
import { col } from '../../expr/builders.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import { Float64 } from '../../schema/dtypes.ts';
import { columnField, isNumericFeature } from '../core/features.ts';
import { frameOf, isRowArray, type Rows, withArray } from '../core/inputs.ts';
import type { FitOptions } from '../core/options.ts';
import { type Classes, withCodes } from '../core/target.ts';
import type { TrainingData } from '../core/training-data.ts';
import { type BoostEngine, type BoostRows, type BoostSetup, isMaximised, type ValueCounts } from './engine.ts';
import { encodeFeatures, findCategories } from './features.ts';
import type { FeatureCategories, XgbModel } from './model/ensemble.ts';
import { type BoostParams, interactionGroups, metricsOf, monotoneSigns } from './xgb-params.ts';

/** Rows that every round is evaluated on. */
export interface EvalSet {
  readonly frame: Rows;
  /** The target: a column of the frame, or an array of nSamples. Default: the column that fit was given. */
  readonly target?: string | ArrayLike<unknown>;
  /** A weight per row: a numeric column, or an array of nSamples. */
  readonly sampleWeight?: string | ArrayLike<number>;
  /** The query of each row, for a ranking: a numeric column, rising. */
  readonly qid?: string;
  /** The name in `evalsResult`; default `validation_0`, `validation_1`, …. */
  readonly name?: string;
}

/** Options of a boosted fit. */
export interface BoostFitOptions<S = any> extends FitOptions<S> {
  /** Frames with the same target column, or more said about each. */
  readonly evalSet?: Rows | EvalSet | readonly (Rows | EvalSet)[];
  /** The query of each row, for a ranking: a numeric column of the frame, rising. */
  readonly qid?: keyof S & string;
}

/** Metrics by evaluation set and metric: a value a round. */
export type EvalsResult = { readonly [set: string]: { readonly [metric: string]: readonly number[] } };

/** What a fit gives. */
export interface BoostResult {
  readonly model: XgbModel;
  readonly engine: BoostEngine['name'];
  readonly evalsResult: EvalsResult;
  /** The best round of an early stop, from 0; null without one. */
  readonly bestIteration: number | null;
  readonly bestScore: number | null;
  readonly categories: readonly FeatureCategories[];
}

/** Trains. */
export async function trainBoosted(
  data: TrainingData,
  params: BoostParams,
  objective: string,
  seed: number,
  options: BoostFitOptions,
): Promise<BoostResult> {
  const { estimator, features } = data;
  const names = features.map((f) => f.name);
  const numClass = objective.startsWith('multi:') ? data.classes!.labels.length : 0;
  const categories = await findCategories(estimator, data.frame, features, data.run);
  const ranking = objective.startsWith('rank:');
  if (ranking && options.qid === undefined)
    throw new ParameterError(`${estimator}.fit needs the 'qid' option: the column that says which query a row is of.`, {
      estimator,
    });
  const rowsOf = (frame: DataFrame<any>, target: string, weight: string | null, qid: string | null): BoostRows => {
    const own = features.map((f) => columnField(frame, f.name, `a feature of ${estimator}.fit`));
    const columns = encodeFeatures(own, categories, params.missing);
    const extra = [target, weight, qid].filter((n) => n !== null);
    const select: Record<string, unknown> = { ...columns };
    for (const name of extra) {
      // A feature may be called so too.
      let key = `_${name}`;
      while (Object.hasOwn(select, key)) key = `_${key}`;
      select[key] = (col(name) as any).cast(Float64);
    }
    return { frame: frame.select(select as never), weight: weight !== null, query: qid !== null };
  };
  const train = rowsOf(data.frame, data.target!, data.weight, ranking ? (options.qid as string) : null);
  const sets = evalSetsOf(options.evalSet);
  const evals: BoostRows[] = [];
  const setNames: string[] = [];
  for (const [i, set] of sets.entries()) {
    const prepared = prepareEval(data, set, ranking);
    evals.push(rowsOf(prepared.frame, prepared.target, prepared.weight, prepared.qid));
    setNames.push(set.name ?? `validation_${i}`);
  }
  const metrics = metricsOf(params, objective);
  const patience = params.earlyStoppingRounds;
  if (patience !== null && evals.length === 0)
    throw new ParameterError(
      `The 'earlyStoppingRounds' parameter of ${estimator} needs rows to evaluate on. Give fit the option evalSet.`,
      { estimator, parameter: 'earlyStoppingRounds' },
    );
  const setup: BoostSetup = {
    estimator,
    featureNames: names,
    categories,
    params,
    objective,
    numClass,
    metrics,
    monotone: monotoneSigns(estimator, params, names),
    interactions: interactionGroups(estimator, params, names),
    seed,
    train,
    evals,
    check: (rows, counts) => checkCounts(data, rows, counts, options.qid ?? null),
    run: data.run,
  };
  const engine = await chooseEngine(params.engine);
  using training = await engine.create(setup);
  const history = setNames.map(() => metrics.map((): number[] => []));
  let done = 0;
  let best = -1;
  let bestScore = Number.NaN;
  let stop = false;
  while (done < params.nEstimators && !stop) {
    const step = await training.step(params.nEstimators - done);
    for (const round of step.metrics) {
      round.forEach((values, s) => {
        values.forEach((v, k) => {
          history[s]![k]!.push(v);
        });
      });
      if (patience !== null) {
        const score = round.at(-1)!.at(-1)!;
        const better = best < 0 || (isMaximised(metrics.at(-1)!) ? score > bestScore : score < bestScore);
        if (better) {
          best = done;
          bestScore = score;
        }
        stop = done - best >= patience;
      }
      done++;
      if (stop) break;
    }
    data.progress('boost', done / params.nEstimators, 0);
  }
  const model = await training.finish(done);
  const attributes: Record<string, string> =
    patience === null ? {} : { best_iteration: String(best), best_score: String(bestScore) };
  return {
    model: { ...model, attributes },
    engine: engine.name,
    evalsResult: Object.fromEntries(
      setNames.map((name, s) => [name, Object.fromEntries(metrics.map((m, k) => [m, history[s]![k]!]))]),
    ),
    bestIteration: patience === null ? null : best,
    bestScore: patience === null ? null : bestScore,
    categories,
  };
}

async function chooseEngine(wanted: BoostParams['engine']): Promise<BoostEngine> {
  const { wasmEngine } = await import('./wasm-engine.ts');
  if (wanted === 'wasm') return wasmEngine;
  const { hasLibxgboost, libxgboostEngine } = await import('./libxgboost-engine.ts');
  // Asked for by name, its absence is an error that says what was tried.
  return wanted === 'libxgboost' || (await hasLibxgboost()) ? libxgboostEngine : wasmEngine;
}

function evalSetsOf(given: BoostFitOptions['evalSet']): readonly EvalSet[] {
  if (given === undefined) return [];
  const list = Array.isArray(given) && !isRowArray(given) ? given : [given];
  return list.map((set): EvalSet => (isEvalSet(set) ? set : { frame: set as Rows }));
}

const isEvalSet = (v: unknown): v is EvalSet => typeof v === 'object' && v !== null && 'frame' in v;
/** An evaluation set with its target coded as the training's. */
function prepareEval(
  data: TrainingData,
  set: EvalSet,
  ranking: boolean,
): { frame: DataFrame<any>; target: string; weight: string | null; qid: string | null } {
  const where = `an evaluation set of ${data.estimator}.fit`;
  let frame = frameOf(set.frame, where, data.featureNames);
  const given = set.target ?? data.targetName;
  if (given === null)
    throw new ParameterError(`The target of ${where} is not known: say { frame, target }, a column or an array.`, {
      estimator: data.estimator,
    });
  let target: string;
  if (typeof given === 'string') target = given;
  else {
    const added = withArray(frame, given, 'target');
    frame = added.frame;
    target = added.name;
  }
  const field = columnField(frame, target, where);
  if (data.classes) {
    const classes: Classes = { ...data.classes, field };
    const as = freeName(frame, 'code');
    frame = withCodes(frame, classes, as);
    target = as;
  } else if (!isNumericFeature(field.type))
    throw new UnsupportedError(`The target "${target}" of ${where} is not numeric.`, { column: target });
  let weight: string | null = null;
  if (typeof set.sampleWeight === 'string') weight = columnField(frame, set.sampleWeight, where).name;
  else if (set.sampleWeight !== undefined) {
    const added = withArray(frame, set.sampleWeight, 'weight');
    frame = added.frame;
    weight = added.name;
  }
  const qid = ranking ? columnField(frame, set.qid ?? 'qid', `${where} (its qid)`).name : null;
  return { frame, target, weight, qid };
}

function freeName(frame: DataFrame<any>, stem: string): string {
  let name = stem;
  while (frame.columns.includes(name)) name += '_';
  return name;
}

/** Missing values are learned from; infinities, and holes in the target, weight or query, are not. */
function checkCounts(data: TrainingData, rows: number, counts: ValueCounts, qid: string | null): void {
  data.checkRows(rows);
  const p = data.nFeatures;
  const upTo = p + (data.target === null ? 0 : 1) + (data.weight === null ? 0 : 1);
  const cut = (list: ArrayLike<number>): number[] => Array.from(list).slice(0, upTo);
  data.checkCounts({ nulls: cut(counts.nulls), nans: cut(counts.nans), infinities: cut(counts.infinities) });
  if (qid === null) return;
  const error = missingError(data.estimator, [qid], {
    nulls: [counts.nulls[upTo] ?? 0],
    nans: [counts.nans[upTo] ?? 0],
    infinities: [counts.infinities[upTo] ?? 0],
  });
  if (error) throw error;
}
