// Metrics with engine 'cuda' over the host's stand-in for libcudf (not a GPU) beside the CPU engine's: the same numbers, from
// counts that libcudf made of the labels and scores that it ranked.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// @ts-ignore: a build script
import { buildNative, whyNoBuild } from '../../scripts/build-native.mjs';
import type { CudaBackend } from '../../ts/backend/cuda/cuda-backend.ts';
import { loadBackend } from '../../ts/backend/registry.ts';
import { type DataFrame, fromColumns } from '../../ts/index.ts';
import {
  accuracyScore,
  averagePrecisionScore,
  calibrationCurve,
  classificationReport,
  confusionMatrix,
  precisionRecallCurve,
  rocAucScore,
  rocCurve,
} from '../../ts/ml/index.ts';
import { cpuHost } from '../../ts/runner/cpu-host.ts';
import { fillUniform } from '../../ts/util/philox.ts';

const skip: string | undefined = whyNoBuild('sim');
if (skip !== undefined) console.warn(`tests of metrics on backend cuda are skipped: ${skip}`);
const variant = process.env['WARPFRAME_GPU_VARIANT'];

/** From 100,000 rows on the engine ranks the scores. */
const ROWS = 120_000;
const draws = new Float64Array(2 * ROWS);
fillUniform(draws, 11, 0);
const actual = Int32Array.from({ length: ROWS }, (_, i) => (draws[i]! < 0.3 ? 1 : 0));
// Scores tie: a threshold has many rows.
const score = Float64Array.from(actual, (v, i) => Math.round((v * 0.4 + draws[ROWS + i]!) * 5000) / 5000);
const predicted = Int32Array.from(score, (s) => (s > 0.7 ? 1 : 0));
const word = (v: number): string => ['no', 'yes'][v]!;
const rows = fromColumns({
  actual,
  predicted,
  score,
  chance: score.map((s) => s / 1.4),
  weight: Float64Array.from(actual, (_, i) => 1 + (i % 3)),
  truth: Array.from(actual, word),
  guess: Array.from(predicted, word),
});

let backend: CudaBackend;
beforeAll(async () => {
  if (skip !== undefined) return;
  await buildNative({ variant: 'sim', quiet: true });
  process.env['WARPFRAME_GPU_VARIANT'] = 'sim';
  const loaded = await loadBackend('cuda', cpuHost);
  if (!('backend' in loaded)) throw new Error(loaded.unavailable.reason);
  backend = loaded.backend as CudaBackend;
}, 3_600_000);
afterAll(() => {
  if (variant === undefined) delete process.env['WARPFRAME_GPU_VARIANT'];
});

async function records(curve: Promise<DataFrame<any>>): Promise<object[]> {
  using table = await (await curve).collect({ engine: 'cpu' });
  return table.toRecords() as object[];
}
type Metric = (options: any) => Promise<unknown>;
const METRICS: Record<string, Metric> = {
  'a confusion matrix of texts': (o) => confusionMatrix(rows, 'truth', 'guess', o),
  'a confusion matrix of numbers, weighted': (o) =>
    confusionMatrix(rows, 'actual', 'predicted', { ...o, sampleWeight: 'weight' }),
  'a report': (o) => classificationReport(rows, 'truth', 'guess', o),
  accuracy: (o) => accuracyScore(rows, 'actual', 'predicted', o),
  'the area under a ROC curve': (o) => rocAucScore(rows, 'actual', 'score', o),
  'the area, weighted': (o) => rocAucScore(rows, 'actual', 'score', { ...o, sampleWeight: 'weight' }),
  'average precision': (o) => averagePrecisionScore(rows, 'actual', 'score', o),
  'a ROC curve': (o) => records(rocCurve(rows, 'actual', 'score', o) as never),
  'a precision-recall curve': (o) => records(precisionRecallCurve(rows, 'actual', 'score', o) as never),
  'a calibration curve': (o) => records(calibrationCurve(rows, 'actual', 'chance', o) as never),
};
const copiedOut = (): number => backend.memoryInfo()['deviceToHostBytes'] as number;

describe.skipIf(skip !== undefined)('on backend cuda, over the host libcudf, not a GPU', () => {
  test.each(Object.entries(METRICS))('%s is the CPU engine’s', async (_, metric) => {
    expect(await metric({ engine: 'cuda', fallback: 'error' })).toEqual(await metric({ engine: 'cpu' }));
  });

  test('of a confusion matrix only the counts leave the device', async () => {
    using table = await rows.collect({ engine: 'cuda' });
    const before = copiedOut();
    await confusionMatrix(table, 'truth', 'guess', { engine: 'cuda', fallback: 'error' });
    expect(copiedOut() - before).toBeGreaterThan(0);
    expect(copiedOut() - before).toBeLessThan(10_000);
  });
});
