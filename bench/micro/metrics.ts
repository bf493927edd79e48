// Metrics of many rows, over arrays and frames, beside scikit-learn's: values, and the best of three times.
// npx tsx bench/micro/metrics.ts ROWS [python with scikit-learn 1.9]
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fromColumns } from '../../ts/index.ts';
import * as m from '../../ts/ml/index.ts';

const n = Number(process.argv[2] ?? 1_000_000);
const python = process.argv[3];

const noise = (seed: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => Math.abs(Math.sin((i + 1) * seed * 12.9898) * 43758.5453) % 1);
const fifths = (seed: number): Int32Array => Int32Array.from(noise(seed), (u) => Math.floor(u * 5));
const score = noise(1);
const draw = noise(2);
const truth = Int32Array.from(score, (s, i) => (draw[i]! < s ? 1 : 0));
const weight = noise(3).map((u) => u + 0.5);
const five = fifths(4);
const [right, other] = [noise(5), fifths(6)];
const guess = five.map((c, i) => (right[i]! < 0.6 ? c : other[i]!));
const proba = [7, 8, 9, 10, 11].map((seed) => noise(seed).map((u) => u + 0.1));
for (let i = 0; i < n; i++) {
  const sum = proba.reduce((s, p) => s + p[i]!, 0);
  for (const p of proba) p[i]! /= sum;
}
const words = ['alpha', 'beta', 'delta', 'eps', 'gamma'];
const [text, said] = [Array.from(five, (c) => words[c]!), Array.from(guess, (c) => words[c]!)];
const y = noise(12).map((u) => u * 10 - 5);
const error = noise(13);
const p = y.map((v, i) => v + error[i]!);
const small = Math.min(n, 10_000);
const points = await fromColumns({
  ...Object.fromEntries(
    Array.from({ length: 10 }, (_, c) => [
      `x${c}`,
      noise(14 + c)
        .subarray(0, small)
        .map((u, i) => u + five[i]!),
    ]),
  ),
  cluster: five.subarray(0, small),
}).cache();
const columns: Record<string, any> = { score, truth, weight, five, guess, text, said, y, p };
proba.forEach((values, c) => {
  columns[`p${c}`] = values;
});
const df: any = await fromColumns(columns).cache();
const names = proba.map((_, c) => `p${c}`);

/** A task by both forms. */
type Task = readonly [name: string, arrays: () => Promise<unknown>, frame: () => Promise<unknown>];
const rows = async (frame: Promise<{ count(): Promise<number> }>): Promise<number> => (await frame).count();
const TASKS: readonly Task[] = [
  ['accuracyScore', () => m.accuracyScore(five, guess), () => m.accuracyScore(df, 'five', 'guess')],
  ['accuracyScore text', () => m.accuracyScore(text, said), () => m.accuracyScore(df, 'text', 'said')],
  [
    'f1Score macro',
    () => m.f1Score(five, guess, { average: 'macro' }),
    () => m.f1Score(df, 'five', 'guess', { average: 'macro' }),
  ],
  [
    'confusionMatrix weighted',
    async () => (await m.confusionMatrix(five, guess, { sampleWeight: weight })).matrix[0]![0],
    async () => (await m.confusionMatrix(df, 'five', 'guess', { sampleWeight: 'weight' })).matrix[0]![0],
  ],
  ['matthewsCorrcoef', () => m.matthewsCorrcoef(five, guess), () => m.matthewsCorrcoef(df, 'five', 'guess')],
  ['logLoss', () => m.logLoss(truth, score), () => m.logLoss(df, 'truth', 'score')],
  ['logLoss 5 classes', () => m.logLoss(five, proba), () => m.logLoss(df, 'five', names as any)],
  ['brierScoreLoss', () => m.brierScoreLoss(truth, score), () => m.brierScoreLoss(df, 'truth', 'score')],
  [
    'topKAccuracyScore',
    () => m.topKAccuracyScore(five, proba, { k: 2 }),
    () => m.topKAccuracyScore(df, 'five', names as any, { k: 2 }),
  ],
  ['rocAucScore', () => m.rocAucScore(truth, score), () => m.rocAucScore(df, 'truth', 'score')],
  [
    'rocAucScore weighted',
    () => m.rocAucScore(truth, score, { sampleWeight: weight }),
    () => m.rocAucScore(df, 'truth', 'score', { sampleWeight: 'weight' }),
  ],
  ['rocAucScore 5 classes', () => m.rocAucScore(five, proba), () => m.rocAucScore(df, 'five', names as any)],
  [
    'averagePrecisionScore',
    () => m.averagePrecisionScore(truth, score),
    () => m.averagePrecisionScore(df, 'truth', 'score'),
  ],
  ['rocCurve', () => rows(m.rocCurve(truth, score)), () => rows(m.rocCurve(df, 'truth', 'score'))],
  [
    'precisionRecallCurve',
    () => rows(m.precisionRecallCurve(truth, score)),
    () => rows(m.precisionRecallCurve(df, 'truth', 'score')),
  ],
  ['meanSquaredError', () => m.meanSquaredError(y, p), () => m.meanSquaredError(df, 'y', 'p')],
  [
    'r2Score weighted',
    () => m.r2Score(y, p, { sampleWeight: weight }),
    () => m.r2Score(df, 'y', 'p', { sampleWeight: 'weight' }),
  ],
  [
    'meanPinballLoss',
    () => m.meanPinballLoss(y, p, { alpha: 0.9 }),
    () => m.meanPinballLoss(df, 'y', 'p', { alpha: 0.9 }),
  ],
  ['adjustedRandScore', () => m.adjustedRandScore(five, guess), () => m.adjustedRandScore(df, 'five', 'guess')],
  [
    'adjustedMutualInfoScore',
    () => m.adjustedMutualInfoScore(five, guess),
    () => m.adjustedMutualInfoScore(df, 'five', 'guess'),
  ],
  ['silhouetteScore 1e4 × 10', () => m.silhouetteScore(points, 'cluster'), () => m.silhouetteScore(points, 'cluster')],
];

interface Times {
  wall: number;
  cpu: number;
  value: number;
}

async function timed(work: () => Promise<unknown>): Promise<Times> {
  const best: Times = { wall: Number.POSITIVE_INFINITY, cpu: Number.POSITIVE_INFINITY, value: Number.NaN };
  for (let k = 0; k < 3; k++) {
    const usage = process.cpuUsage();
    const started = performance.now();
    best.value = (await work()) as number;
    best.wall = Math.min(best.wall, performance.now() - started);
    const { user, system } = process.cpuUsage(usage);
    best.cpu = Math.min(best.cpu, (user + system) / 1000);
  }
  return best;
}

const script = path.join(import.meta.dirname, 'metrics-python.py');
const theirs: Record<string, Times> = python
  ? JSON.parse(execFileSync(python, [script, String(n)], { encoding: 'utf8' }))
  : {};
const text2 = (t: Times | undefined): string => (t ? `${t.wall.toFixed(1)} (${t.cpu.toFixed(1)})` : '–').padStart(18);
console.log(
  `${n} rows: wall (CPU) milliseconds, best of three\n${''.padEnd(26)}      scikit-learn            arrays             frame`,
);
let ratios = 0;
for (const [name, arrays, frame] of TASKS) {
  const [a, f, s] = [await timed(arrays), await timed(frame), theirs[name]];
  const far = [a, f].find((t) => s && Math.abs(t.value - s.value) > 1e-9 * Math.max(1, Math.abs(s.value)));
  if (s) ratios += Math.log(s.cpu / Math.min(a.cpu, f.cpu));
  console.log(`${name.padEnd(26)}${text2(s)}${text2(a)}${text2(f)}${far ? ` ${far.value} is not ${s!.value}` : ''}`);
}
if (python) console.log(`geometric mean of the CPU times: ${Math.exp(ratios / TASKS.length).toFixed(2)}× ours`);
process.exit(0);
