// Nearest neighbours by looking at all points. Distances are Float32, so that points that are all but equally far may come
// in another order than the CPU engine's, and a distance is off by about 1e-6 of the largest coordinate difference.
import { ShapeError, UnsupportedError } from '../../../errors.ts';
import type { Schema } from '../../../schema/types.ts';
import type { KernelCall, TableHandle } from '../../backend.ts';
import { type FoundNeighbors, neighborVotes } from '../../neighbor-votes.ts';
import type { DeviceKernel, DeviceScope, DeviceState } from './device-kernel.ts';

/** The most that one search finds, as native/kernels/table.cc has it. */
const MOST_NEIGHBORS = 4096;
/** Squares of what is larger, summed over some columns, are no Float32 any more. */
const LARGEST = 1e17;

function metricOf({ metric, power }: { readonly metric: string; readonly power: number }): string | null {
  if (metric === 'minkowski' && power === 2) return 'euclidean';
  return metric === 'euclidean' || metric === 'cosine' ? metric : null;
}

function whyNotLoad({ params }: KernelCall): string | null {
  const { metric, power } = params as { metric: string; power: number };
  return metricOf({ metric, power }) === null
    ? `The GPU finds nearest neighbours by Euclidean and cosine distance only. The metric is '${metric}'${metric === 'minkowski' ? ` with p = ${power}` : ''}.`
    : null;
}

const whyNotSearch = ({ params }: KernelCall): string | null =>
  (params['k'] as number) > MOST_NEIGHBORS
    ? `The GPU finds ${MOST_NEIGHBORS} neighbours of a row at most. Got ${params['k']}.`
    : null;

async function load(scope: DeviceScope, params: any, points: Float64Array, target: Float64Array): Promise<DeviceState> {
  const p = params.nFeatures as number;
  if (points.length !== target.length * p)
    throw new ShapeError(
      `Expected ${target.length * p} values for ${target.length} points of ${p} features but received ${points.length}.`,
    );
  const metric = metricOf(params)!;
  const rows = target.length;
  const schema: Schema = Array.from({ length: p }, (_, j) => ({
    ...{ name: `x${j}`, type: { dtype: 'Float64' as const } },
    nullable: false,
  }));
  const shifts = new Float64Array(p);
  const columns = schema.map(({ type }, j) => {
    const values = new Float64Array(rows);
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += values[i] = points[i * p + j]!;
    shifts[j] = sum / rows;
    for (const v of values) if (!(Math.abs(v - shifts[j]!) < LARGEST)) throw tooLarge(v);
    return { type, length: rows, validity: null, values };
  });
  const table = await scope.upload({ schema, length: rows, columns });
  // The distance between points is the same wherever zero is, and near it Float32 has the most digits.
  const arrays = metric === 'euclidean' ? { target, shifts } : { target };
  return { kind: 'neighbors', params: { metric }, tables: [table], arrays };
}

const tooLarge = (value: number): UnsupportedError =>
  new UnsupportedError(
    `The GPU computes distances in Float32, which ${value} is too far out for. Use engine: 'cpu', or scale the features first.`,
    { engine: 'cuda' },
  );

async function search(
  scope: DeviceScope,
  k: number,
  queries: TableHandle,
  { params, tables, arrays }: DeviceState,
): Promise<FoundNeighbors> {
  const { target, shifts } = arrays as { target: Float64Array; shifts?: Float64Array };
  const found = (await scope.own(
    'neighbors.topK',
    { k, metric: params['metric']! },
    [tables[0]!, queries],
    shifts ? { shifts } : {},
  )) as { distances: Float32Array; indices: Uint32Array };
  const distances = Float64Array.from(found.distances);
  // The points are finite and enough, so it is the query that left Float32.
  const lost = distances.findIndex((d) => !Number.isFinite(d));
  if (lost >= 0) throw tooLarge(distances[lost]!);
  const indices = new Int32Array(found.indices.buffer, found.indices.byteOffset, found.indices.length);
  return { distances, indices, target, rows: queries.rows, k };
}

export const neighborsKernels: Readonly<Record<string, DeviceKernel>> = {
  'neighbors.load': {
    needs: ['neighbors.topK'],
    whyNot: whyNotLoad,
    async run(scope, { params, arrays }) {
      const { points, target } = arrays as { points: Float64Array; target: Float64Array };
      return { state: await load(scope, params, points, target) };
    },
  },
  'neighbors.search': {
    needs: ['neighbors.topK'],
    whyNot: whyNotSearch,
    async run(scope, { params, tables, states }) {
      const { distances, indices } = await search(scope, params.k, tables[0]!, states[0]!);
      return { arrays: { distances, indices } };
    },
  },
  'neighbors.vote': {
    needs: ['neighbors.topK'],
    whyNot: whyNotSearch,
    async run(scope, { params, tables, states }) {
      const found = await search(scope, params.k, tables[0]!, states[0]!);
      return { arrays: { values: neighborVotes(found, params.nClasses, params.weights) } };
    },
  },
};
