// Growing a forest: what the classifier and the regressor share.
import type { Handle, TableHandle } from '../../backend/backend.ts';
import { ParameterError } from '../../errors.ts';
import { type RunOptions, releaseHandle } from '../../runner/runner.ts';
import type { ModelBase } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import { invoke } from '../core/options.ts';
import type { ParamsOf } from '../core/params.ts';
import type { TrainingData } from '../core/training-data.ts';
import { type FOREST_PARAMS, featuresPerNode, type MaxFeatures, rowsOf } from './forest-params.ts';

type ForestParams = ParamsOf<typeof FOREST_PARAMS> & { readonly maxFeatures: MaxFeatures; readonly criterion: string };

/** Work of one call, so that progress and abort come between calls. */
const CALL_CELLS = 2e7;

export interface Forest {
  readonly fitted: Fitted;
  /** Out-of-bag sums and how many trees each row has, when asked for. */
  readonly outOfBag: { readonly votes: Float64Array; readonly seen: Uint32Array } | null;
  readonly table: TableHandle;
}

/** Grows the trees; nClasses 0 is a regression. */
export async function growForest(
  data: TrainingData,
  base: ModelBase,
  params: ForestParams,
  nClasses: number,
  seed: number,
): Promise<Forest> {
  const { estimator } = data;
  const { nEstimators, bootstrap, oobScore, maxSamples } = params;
  const needsBootstrap = oobScore ? 'oobScore' : maxSamples !== null ? 'maxSamples' : null;
  if (!bootstrap && needsBootstrap)
    throw new ParameterError(`The '${needsBootstrap}' parameter of ${estimator} needs bootstrap: true.`, {
      estimator,
      parameter: needsBootstrap,
    });
  const table = await data.checkedTable();
  const n = table.rows;
  if (maxSamples !== null && maxSamples > 1 && maxSamples > n)
    throw new ParameterError(
      `The 'maxSamples' parameter of ${estimator} must be at most the number of rows, ${n}. Got ${maxSamples}.`,
      { estimator, parameter: 'maxSamples' },
    );
  const draws = !bootstrap ? 0 : maxSamples === null || maxSamples === 1 ? n : rowsOf(maxSamples, n, Math.round, 1);
  const { outputs } = await data.invoke(
    'randomForest.create',
    {
      trees: nEstimators,
      nClasses,
      weighted: data.weight !== null,
      nBins: params.nBins,
      criterion: params.criterion === 'entropy' ? 'entropy' : 'default',
      maxFeatures: featuresPerNode(params.maxFeatures, data.nFeatures, estimator),
      maxDepth: params.maxDepth,
      minSamplesSplit: rowsOf(params.minSamplesSplit, n, Math.ceil, 2),
      minSamplesLeaf: rowsOf(params.minSamplesLeaf, n, Math.ceil, 1),
      minImpurityDecrease: params.minImpurityDecrease,
      draws,
      seed,
      oobScore,
    },
    { inputs: [table] },
  );
  const state = outputs[0]!;
  try {
    const cells = n * featuresPerNode(params.maxFeatures, data.nFeatures, estimator) * Math.log2(n + 2);
    const perCall = Math.max(1, Math.min(nEstimators, Math.floor(CALL_CELLS / cells) + (data.run.threads ?? 1)));
    for (let from = 0; from < nEstimators; from += perCall) {
      const to = Math.min(nEstimators, from + perCall);
      await data.invoke('randomForest.step', { from, to }, { inputs: [state] });
      data.progress('fit', to / nEstimators, n);
    }
    const outOfBag = oobScore ? (await data.invoke('randomForest.outOfBag', {}, { inputs: [state] })).arrays : null;
    const { arrays } = await data.invoke('randomForest.trees', {}, { inputs: [state] });
    return { fitted: { ...base, json: { randomState: seed }, arrays }, outOfBag, table };
  } finally {
    releaseHandle(state);
  }
}

/** The trees laid out for prediction, in the engine. */
export async function loadForest(fitted: Fitted, features: TableHandle, options: RunOptions): Promise<Handle> {
  const nodes = fitted.arrays['nodes'] as Uint32Array;
  const roots = fitted.arrays['roots'] as Uint32Array;
  const values = fitted.arrays['values'] as Float64Array;
  const more = { arrays: { nodes, roots, values }, workNanoseconds: nodes.length };
  // Trees go where the rows are.
  const engine = features.backend as 'cpu' | 'cuda';
  return (await invoke('randomForest.load', {}, more, { ...options, engine })).outputs[0]!;
}

/** Mean of what the trees' leaves hold, output by output. */
export async function forestValues(
  forest: Handle,
  trees: number,
  features: TableHandle,
  outputs: number,
  options: RunOptions,
): Promise<Float64Array> {
  const more = { inputs: [features, forest], workNanoseconds: 10_000 + features.rows * trees * 100 };
  return (await invoke('randomForest.predict', { outputs }, more, options)).arrays.values;
}

/** Checks that a model file's trees lead from their roots to leaves, and nowhere else. */
export function checkForest(fitted: Fitted, outputs: number): void {
  const { nodes, roots, values } = fitted.arrays;
  const fine =
    nodes instanceof Uint32Array &&
    roots instanceof Uint32Array &&
    values instanceof Float64Array &&
    nodes.length % 4 === 0 &&
    roots.length > 0 &&
    values.length % outputs === 0;
  if (!fine) throw new RangeError('its trees are incomplete');
  const count = nodes.length / 4;
  const p = fitted.memory.features.length;
  for (const root of roots) if (root >= count) throw new RangeError('a root is no node');
  for (let i = 0; i < count; i++) {
    const left = nodes[4 * i + 2]!;
    if (left === i) {
      if (nodes[4 * i + 3]! >= values.length / outputs) throw new RangeError('a leaf has no value');
      // A leaf's threshold is NaN, else a row would leave it.
      if ((nodes[4 * i]! & 0x7fffffff) <= 0x7f800000) throw new RangeError('a leaf has a threshold');
    } else if (left <= i || left + 1 >= count) throw new RangeError('a node leads back or out');
    if ((nodes[4 * i + 1]! & 0x3fffffff) >= p) throw new RangeError('a node asks for a feature that is not there');
  }
}

/** Warns when rows were seen by every tree: they have no out-of-bag prediction. */
export function warnUnseen(seen: Uint32Array, estimator: string): void {
  const without = seen.reduce((count, n) => count + (n === 0 ? 1 : 0), 0);
  if (without > 0)
    process.emitWarning(
      `${without} of ${seen.length} rows were seen by every tree of ${estimator} and are left out of oobScore. Raise nEstimators.`,
      { code: 'WARPFRAME_OOB' },
    );
}
