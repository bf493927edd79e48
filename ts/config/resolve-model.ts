// One model of a job: its estimator found and its parameters checked.
import { type ParameterError, WarpError } from '../errors.ts';
import type { Estimator } from '../ml/core/estimator.ts';
import { ESTIMATORS } from '../ml/core/registry.ts';
import { suggest } from '../util/suggest.ts';
import type { JobConfig, ModelConfig, SearchConfig } from './job-config.ts';
import type { KeyPath, Places } from './places.ts';
import type { ResolvedModel } from './resolved-job.ts';

/** What a job cannot train: no target, or a target that is not one column. */
const KINDS = new Set(['classifier', 'regressor', 'clusterer']);

/** The model, or everything that is wrong with it. */
export async function resolveModel(
  model: ModelConfig,
  path: KeyPath,
  config: JobConfig,
  places: Places,
): Promise<ResolvedModel | ParameterError[]> {
  const { type, params = {}, name = type, encode = config.data.encode ?? {} } = model;
  const load = Object.hasOwn(ESTIMATORS, type) ? ESTIMATORS[type] : undefined;
  if (load === undefined) {
    const names = Object.keys(ESTIMATORS);
    const near = suggest(type, names);
    return [
      places.error(
        [...path, 'type'],
        `is no estimator: "${type}".${near === null ? '' : ` Did you mean "${near}"?`} Estimators: ${names.join(', ')}.`,
      ),
    ];
  }
  const { Estimator: EstimatorClass } = await load();
  let estimator: Estimator;
  try {
    estimator = new EstimatorClass(params);
    const specs = estimator.paramSpecs as object;
    const seed = config.training?.randomState ?? 0;
    if ('randomState' in specs && params['randomState'] === undefined) {
      estimator = new EstimatorClass({ ...params, randomState: seed });
    }
  } catch (error) {
    return [parameterProblem(error, [...path, 'params'], places)];
  }
  if (!KINDS.has(estimator.kind)) {
    return [
      places.error(
        [...path, 'type'],
        `is ${type}, a ${estimator.kind}: jobs train classifiers, regressors and clusterers. Use it in code.`,
      ),
    ];
  }
  const wanted = model.search ?? config.training?.search;
  const searchPath = model.search === undefined ? ['training', 'search'] : [...path, 'search'];
  const problems = wanted === undefined ? [] : searchProblems(wanted, estimator, searchPath, places);
  if (problems.length > 0) return problems;
  return {
    name,
    type,
    estimator,
    params,
    scale: model.scale ?? null,
    encode,
    search:
      wanted === undefined
        ? null
        : {
            method: wanted.method ?? 'grid',
            params: wanted.params,
            nIter: wanted.nIter ?? 10,
            folds: wanted.folds ?? 3,
            metric: wanted.metric ?? null,
          },
    maxTrainingRows: model.maxTrainingRows ?? null,
    hasRounds: 'earlyStoppingRounds' in (estimator.paramSpecs as object),
    path,
  };
}

/** A parameter that the estimator refuses, at its place in the job. */
function parameterProblem(error: unknown, path: KeyPath, places: Places): ParameterError {
  const parameter = error instanceof WarpError ? error.detail['parameter'] : undefined;
  return refusal(error, typeof parameter === 'string' ? [...path, parameter] : path, places);
}

function refusal(error: unknown, path: KeyPath, places: Places): ParameterError {
  if (!(error instanceof WarpError)) throw error;
  return places.error(path, `is refused: ${error.message}`);
}

function searchProblems(search: SearchConfig, estimator: Estimator, path: KeyPath, places: Places): ParameterError[] {
  const problems: ParameterError[] = [];
  for (const [name, values] of Object.entries(search.params)) {
    for (const [i, value] of values.entries()) {
      try {
        estimator.withParams({ [name]: value });
      } catch (error) {
        problems.push(refusal(error, [...path, 'params', name, i], places));
        break;
      }
    }
  }
  if (Object.keys(search.params).length === 0) {
    problems.push(places.error([...path, 'params'], 'is empty: name the parameters to try, such as maxDepth: [4, 8].'));
  }
  if (search.nIter !== undefined && search.method !== 'random') {
    problems.push(places.error([...path, 'nIter'], 'is for a random search: say method: random.'));
  }
  return problems;
}
