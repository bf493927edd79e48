// The data of the XGBoost goldens: the recipes of scripts/fixtures/xgboost-native.py.
import fs from 'node:fs';
import type { NativeColumn, XgboostData } from '../../ts/native/xgboost-data.ts';
import type { XgboostParams } from '../../ts/native/xgboost-parameters.ts';
import { goldenFeatures, goldenFrame } from '../support/ml.ts';
import { fixture, shared } from './support.ts';

interface Digest {
  readonly shape: readonly number[];
  readonly sha256: string;
  readonly head: readonly number[];
}
/** What Python made of a case. */
export interface GoldenCase {
  readonly data: string;
  readonly rounds: number;
  readonly params: XgboostParams;
  readonly names?: true;
  readonly missing?: true;
  readonly weight?: true;
  readonly evals?: true;
  readonly categories?: true;
  readonly margin?: true;
  readonly groups?: true;
  readonly ubj: { readonly length: number; readonly sha256: string };
  readonly json: string;
  readonly predictions: Readonly<Record<string, Digest>>;
  readonly history: readonly (readonly [data: number, metric: string, values: readonly number[]])[];
  readonly gain?: Readonly<Record<string, number>>;
}

export const cases: readonly (GoldenCase & { readonly name: string })[] = Object.entries(
  JSON.parse(fs.readFileSync(fixture('xgboost-native.json'), 'utf8')).cases as Record<string, GoldenCase>,
).map(([name, c]) => ({ name, ...c }));

export const goldenCase = (name: string): GoldenCase => cases.find((c) => c.name === name)!;

/** Columns of a case. With `nulls`, what is missing is said by a validity bitmap over garbage instead of by NaN. */
export async function goldenData(
  c: GoldenCase,
  options: { nulls?: boolean; rows?: readonly [number, number] } = {},
): Promise<XgboostData> {
  const names = goldenFeatures(c.data);
  const table = await (await goldenFrame(c.data)).collect();
  const all = table.toColumns() as Record<string, ArrayLike<number>>;
  table.dispose();
  const length = all.target!.length;
  const [begin, end] = options.rows ?? [0, length];
  const take = (at: (i: number) => number): number[] => Array.from({ length: end - begin }, (_, i) => at(begin + i));
  const isMissing = (i: number, j: number): boolean => c.missing === true && (i * 7 + j * 3) % 11 === 0;
  const columns = names.map((name, j): NativeColumn => {
    const value = (i: number): number => {
      if (c.categories && j === 0) return (i * 7) % 5;
      if (c.categories && j === 1) return (i * 13) % 17;
      return all[name]![i]!;
    };
    if (!options.nulls) return { values: shared(take((i) => (isMissing(i, j) ? Number.NaN : value(i)))) };
    const validity = new Uint8Array(new SharedArrayBuffer(Math.ceil((end - begin) / 8)));
    for (let i = begin; i < end; i++) if (!isMissing(i, j)) validity[(i - begin) >> 3]! |= 1 << ((i - begin) & 7);
    return { values: shared(take((i) => (isMissing(i, j) ? -12345 : value(i)))), validity };
  });
  return {
    columns,
    label: Float64Array.from(take((i) => (c.groups ? Math.floor(all.target![i]! / 75) : all.target![i]!))),
    ...(c.groups ? { queryIds: Uint32Array.from(take((i) => Math.floor(i / 20))) } : {}),
    ...(c.weight ? { weight: Float64Array.from(take((i) => (((7 * i) % 10) + 1) / 4)) } : {}),
    ...(c.margin ? { baseMargin: Float64Array.from(take((i) => 100 + 0.5 * (i % 5))) } : {}),
    ...(c.names ? { featureNames: names } : {}),
    ...(c.categories ? { featureTypes: names.map((_, j) => (j < 2 ? 'c' : 'q')) } : {}),
  };
}
