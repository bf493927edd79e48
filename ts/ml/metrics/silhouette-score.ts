import { TargetError } from '../../errors.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { drawSeed, fillUniform } from '../../util/philox.ts';
import { chooseFeatures, isNumericFeature } from '../core/features.ts';
import { frameOf, type MatrixLike } from '../core/inputs.ts';
import { encodeLabels } from './core/encode-labels.ts';
import { runSliced, STEP_ROWS, type Steps } from './core/steps.ts';
import { meanSilhouette } from './mean-silhouette.ts';
import {
  checkNumber,
  type Framed,
  type LabelName,
  type Labels,
  type MetricCall,
  metricCall,
  type NumberName,
} from './metric-call.ts';
import { frameRows, labelSource } from './read-labels.ts';
import { checkLengths, lengthOf, type NumberInput, withNumbers } from './read-numbers.ts';

/** What `silhouetteScore` takes. */
export interface SilhouetteOptions<S = any> extends RunOptions {
  /** Columns that distances are computed of (default every numeric or Bool column but the labels' one). */
  readonly features?: readonly NumberName<S>[];
  /** Columns left out where `features` is absent. */
  readonly exclude?: readonly (keyof S & string)[];
  /** Score so many rows, drawn at random (default all): the time grows with their square. */
  readonly sampleSize?: number;
  /** Given: the same rows every time (uint32). */
  readonly randomState?: number;
}

/**
 * Computes the mean silhouette of clustered rows: near 1 when clusters are compact and far apart, 0 when they touch,
 * negative when rows lie nearer to another cluster. Euclidean distances of all pairs: time grows with the square of the
 * rows. Noise labels such as −1 count as a cluster: filter them first. Source: Rousseeuw (1987).
 *
 * @param rows - features: a frame or table, or arrays of rows, shape (nSamples, nFeatures)
 * @param labels - the cluster of each row: a column name, or an array or column of shape (nSamples)
 * @returns a number from −1 to 1
 * @throws {ERR_TARGET} fewer than 2 clusters, or as many as rows
 * @throws {ERR_MISSING_VALUES} null, NaN or infinite features, null labels
 * @throws {ERR_SHAPE} labels of another length, or no rows
 * @example
 * ```ts
 * const df = fromColumns({ x: [0, 0.1, 5, 5.2], y: [0, 0.2, 5, 4.9], cluster: ['a', 'a', 'b', 'b'] });
 * console.log(await silhouetteScore(df, 'cluster'));
 * // 0.9680643186604532
 * ```
 */
export function silhouetteScore<S>(
  rows: Framed<S>,
  labels: LabelName<S> | Labels,
  options?: SilhouetteOptions<S>,
): Promise<number>;
export function silhouetteScore(
  rows: MatrixLike | readonly ArrayLike<number>[],
  labels: Labels,
  options?: SilhouetteOptions,
): Promise<number>;
export async function silhouetteScore(rows: any, labels: unknown, options?: SilhouetteOptions): Promise<number> {
  const frame = frameOf(rows, 'silhouetteScore');
  const known = ['features', 'exclude', 'sampleSize', 'randomState'];
  const call = metricCall<SilhouetteOptions>('silhouetteScore', [frame, labels, undefined, options], known);
  const { sampleSize, randomState = drawSeed() } = call.options;
  const whole = (x: number): boolean => Number.isSafeInteger(x);
  if (sampleSize !== undefined)
    checkNumber(call.call, 'sampleSize', sampleSize, 'a whole number of at least 1', (x) => whole(x) && x >= 1);
  checkNumber(
    call.call,
    'randomState',
    randomState,
    'a whole number in [0, 4294967295]',
    (x) => whole(x) && x >= 0 && x <= 0xffffffff,
  );
  return withClustered(call, frame, labels, async (codes, features) => {
    const sampled = await runSliced(sampleOf(codes, features, sampleSize, randomState), call.run.signal);
    const n = sampled.codes.length;
    if (sampled.nClusters < 2 || sampled.nClusters >= n)
      throw new TargetError(
        `${call.call} needs from 2 to ${n - 1} clusters for ${n} rows but there ${sampled.nClusters === 1 ? 'is' : 'are'} ${sampled.nClusters}.`,
        { clusters: sampled.nClusters, rows: n },
      );
    return meanSilhouette(sampled.features, sampled.codes, sampled.nClusters, call.run);
  });
}

/** Reads the features and the clusters: the labels are a column of the frame, or beside it. */
async function withClustered(
  call: MetricCall<SilhouetteOptions>,
  frame: DataFrame<any>,
  labels: unknown,
  use: (codes: Int32Array, features: readonly Float64Array[]) => Promise<number>,
): Promise<number> {
  const own = typeof labels === 'string' ? [labels] : [];
  const fields = chooseFeatures(
    call.call,
    frame,
    call.options as { features?: readonly string[]; exclude?: readonly string[] },
    own,
    isNumericFeature,
    'numeric or Bool',
  );
  const inputs = fields.map((f): NumberInput => ({ role: 'features', value: f.name }));
  const label: NumberInput = { role: 'labels', value: labels };
  if (typeof labels === 'string')
    return frameRows(call, frame, label, inputs, (_, codes, arrays) => use(codes, arrays));
  const length = lengthOf(call.call, label);
  return withNumbers(call, inputs, async (arrays) => {
    checkLengths(call.call, [{ role: 'rows', value: null }, label], [arrays[0]?.length ?? 0, length]);
    const { codes } = await runSliced(encodeLabels([labelSource(call.call, label)]), call.run.signal);
    return use(codes[0] as Int32Array, arrays);
  });
}

interface Clustered {
  readonly codes: Int32Array;
  readonly features: readonly Float64Array[];
  readonly nClusters: number;
}

/** All rows, or so many of them at random, with clusters numbered without gaps. */
function* sampleOf(
  codes: Int32Array,
  features: readonly Float64Array[],
  size: number | undefined,
  seed: number,
): Steps<Clustered> {
  const n = codes.length;
  const rows = size === undefined || size >= n ? null : yield* drawnRows(n, size, seed);
  const pick = (values: Float64Array): Float64Array =>
    rows === null ? values : Float64Array.from(rows, (i) => values[i] as number);
  const numbers = new Map<number, number>();
  const of = rows === null ? codes : Int32Array.from(rows, (i) => codes[i] as number);
  const dense = of.map((c) => {
    if (!numbers.has(c)) numbers.set(c, numbers.size);
    return numbers.get(c) as number;
  });
  return { codes: dense, features: features.map(pick), nClusters: numbers.size };
}

/** Rows drawn without replacement, in order (selection sampling: Knuth, The Art of Computer Programming 2, 3.4.2 S). */
function* drawnRows(n: number, size: number, seed: number): Steps<Uint32Array> {
  const out = new Uint32Array(size);
  const uniforms = new Float64Array(STEP_ROWS >> 3);
  let taken = 0;
  for (let start = 0; taken < size; start += uniforms.length) {
    fillUniform(uniforms, seed, start);
    for (let i = 0; i < uniforms.length && taken < size; i++) {
      const left = n - start - i;
      if ((uniforms[i] as number) * left < size - taken) out[taken++] = start + i;
    }
    yield;
  }
  return out;
}
