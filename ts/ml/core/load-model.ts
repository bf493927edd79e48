import fs from 'node:fs/promises';
import { ioError } from '../../backend/cpu/worker/sync-files.ts';
import { CorruptFileError, ParameterError, UnsupportedError, WarpError } from '../../errors.ts';
import { suggest } from '../../util/suggest.ts';
import { looksLikeXgboost } from '../boosting/model/parse.ts';
import type { Fitted } from './fitted.ts';
import type { Model } from './model.ts';
import { isModelFile, readModel } from './model-file.ts';
import { ESTIMATORS } from './registry.ts';

/**
 * Reads a model that `model.save` wrote, as the class that wrote it, or one that XGBoost saved as JSON or UBJSON. Runs no
 * code of the file.
 *
 * @param source - a path, or the bytes of a model file
 * @throws {ERR_FILE_NOT_FOUND} no such file
 * @throws {ERR_CORRUPT_FILE} a file that is broken or no model file
 * @throws {ERR_UNSUPPORTED} a file of another version, or of an estimator this version does not have
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3], y: [2, 4, 6] });
 * using model = await new LinearRegression().fit(df, 'y');
 * await model.save(`${tmp}/line.wfm`);
 * using loaded = await loadModel(`${tmp}/line.wfm`);
 * console.log(loaded.estimator, loaded.featureNamesIn);
 * // LinearRegression [ 'x' ]
 * ```
 */
export async function loadModel(source: string | Uint8Array): Promise<Model> {
  const path = typeof source === 'string' ? source : '<bytes>';
  let bytes: Uint8Array;
  if (typeof source === 'string') {
    try {
      bytes = await fs.readFile(source);
    } catch (error) {
      throw ioError(error, `Cannot open ${source}`, source);
    }
  } else if (source instanceof Uint8Array) bytes = source;
  else
    throw new ParameterError(`Expected a path or bytes for loadModel but received ${typeof source}.`, {
      parameter: 'source',
    });
  if (!isModelFile(bytes) && looksLikeXgboost(bytes)) {
    const { modelOfXgboost } = await import('../boosting/load-xgboost.ts');
    return modelOfXgboost(bytes, path);
  }
  return modelOf(readModel(bytes, path), path);
}

/** The model of a file's content. */
export async function modelOf(fitted: Fitted, path: string): Promise<Model> {
  if (fitted.estimator === 'PreparedModel') {
    const { loadPrepared } = await import('../compose/prepared-models.ts');
    return loadPrepared(fitted, path, modelOf);
  }
  const composed = Object.hasOwn(COMPOSED, fitted.estimator) ? COMPOSED[fitted.estimator] : undefined;
  if (composed) {
    const models = await composed();
    return checked(fitted, path, () => models(fitted, (inner) => modelOf(inner, path)));
  }
  const entry = Object.hasOwn(ESTIMATORS, fitted.estimator) ? ESTIMATORS[fitted.estimator] : undefined;
  if (!entry) {
    const near = suggest(fitted.estimator, Object.keys(ESTIMATORS));
    throw new UnsupportedError(
      `${path} holds a model of ${JSON.stringify(fitted.estimator)}, which this version does not have.${near === null ? '' : ` Did you mean ${near}?`}`,
      { path, estimator: fitted.estimator },
    );
  }
  const { load } = await entry();
  return checked(fitted, path, async () => load(fitted));
}

/** Models that hold other models. */
const COMPOSED: {
  readonly [name: string]: () => Promise<(f: Fitted, load: (inner: Fitted) => Promise<Model>) => Promise<Model>>;
} = {
  Pipeline: async () => (await import('../compose/pipeline-models.ts')).loadPipeline,
  ColumnTransformer: async () => {
    const { loadSteps } = await import('../compose/pipeline-models.ts');
    const { ColumnTransformerModel } = await import('../compose/column-transformer.ts');
    return async (fitted, load) => new ColumnTransformerModel(fitted, await loadSteps(fitted, load));
  },
};

async function checked(fitted: Fitted, path: string, load: () => Promise<Model>): Promise<Model> {
  try {
    return await load();
  } catch (error) {
    // Fitted values that do not fit each other: whoever wrote them, it was not save().
    if (error instanceof WarpError && (error.code === 'ERR_CORRUPT_FILE' || error.code === 'ERR_MISSING_DEPENDENCY'))
      throw error;
    throw new CorruptFileError(
      `${path} holds values that make no ${fitted.estimator} model: ${(error as Error).message}`,
      { path, offset: 0 },
      { cause: error },
    );
  }
}
