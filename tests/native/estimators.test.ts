// The boosted estimators on libxgboost: Python's numbers through frames, and no silent change of engine.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DataFrame } from '../../ts/frame/dataframe.ts';
import { loadModel, XgbClassifier, XgbRanker, XgbRegressor } from '../../ts/ml/index.ts';
import { openXgboost } from '../../ts/native/xgboost.ts';
import { goldenFeatures, goldenFrame } from '../support/ml.ts';
import { goldenCase, goldenData } from './goldens.ts';
import { bytesOf, fixture, libraryFile, root, sha256, skipReason } from './support.ts';

const seven = { engine: 'libxgboost', maxDepth: 4, learningRate: 0.3, randomState: 7 } as const;
const features = (name: string): { features: any } => ({ features: goldenFeatures(name) });

/** Class probabilities row by row: of the second class where there are two. */
async function probabilities(model: { predictProba(f: DataFrame<any>): Promise<any> }, frame: DataFrame<any>) {
  const table = await model.predictProba(frame);
  const columns = Object.values(table.toColumns()) as ArrayLike<number>[];
  table.dispose();
  const used = columns.length === 2 ? [columns[1]!] : columns;
  return Float32Array.from({ length: used.length * used[0]!.length }, (_, i) =>
    Number(used[i % used.length]![Math.floor(i / used.length)]),
  );
}

describe.skipIf(skipReason)('estimators on libxgboost', () => {
  test.each(['breast_cancer', 'digits'])('%s: probabilities are Python’s', async (name) => {
    const c = goldenCase(name);
    const frame = await goldenFrame(name);
    using model = await new XgbClassifier({ ...seven, nEstimators: c.rounds }).fit(frame, 'target', features(name));
    expect(model.engine).toBe('libxgboost');
    expect(sha256(bytesOf(await probabilities(model, frame)))).toBe(c.predictions.value!.sha256);
  });

  test.each([1, 2])('diabetes with weights and evaluation sets, %i threads', async (threads) => {
    const c = goldenCase('diabetes');
    const weights = (from: number): Float64Array =>
      Float64Array.from({ length: 442 - from }, (_, i) => (((7 * (i + from)) % 10) + 1) / 4);
    const frame = await goldenFrame('diabetes');
    using model = await new XgbRegressor({ ...seven, nEstimators: c.rounds, maxBin: 64 }).fit(frame, 'target', {
      ...features('diabetes'),
      sampleWeight: weights(0),
      evalSet: [
        { frame, sampleWeight: weights(0) },
        { frame: frame.slice(221), sampleWeight: weights(221) },
      ],
      threads,
    });
    const predicted = Float32Array.from((await model.predict(frame)) as unknown as Iterable<number>);
    expect(sha256(bytesOf(predicted))).toBe(c.predictions.value!.sha256);
    expect(Object.values(model.evalsResult).map((r) => r['rmse'])).toEqual(c.history.map(([, , values]) => values));
  });

  test('ranking', async () => {
    const c = goldenCase('diabetes_rank');
    const data = await goldenData(c);
    const frame = (await goldenFrame('diabetes')).withRowIndex('row').withColumns({
      grade: (k: any) => k.target.div(75).floor(),
      query: (k: any) => k.row.div(20).floor(),
    });
    using model = await new XgbRanker({
      engine: 'libxgboost',
      nEstimators: 8,
      maxDepth: 3,
      randomState: 5,
      evalMetric: ['ndcg@8', 'ndcg@3-'],
    }).fit(frame, 'grade', { ...features('diabetes'), qid: 'query', evalSet: { frame, qid: 'query' } } as any);
    const engine = await openXgboost({ library: libraryFile });
    // The estimator says how many pairs are made; the case leaves that to XGBoost, so train that here.
    using training = await engine.train({
      params: {
        ...{ objective: 'rank:ndcg', max_depth: 3, eta: 0.3, seed: 5, eval_metric: ['ndcg@8', 'ndcg@3-'] },
        lambdarank_num_pair_per_sample: 32,
      },
      train: data,
      evals: [data],
    });
    const history: number[][] = [[], []];
    for (let i = 0; i < 8; i++) for (const [k, s] of (await training.step()).entries()) history[k]!.push(s.value);
    expect(Object.values(Object.values(model.evalsResult)[0]!)).toEqual(history);
  });

  test('our file is read by libxgboost, Python’s file by us', async () => {
    const c = goldenCase('breast_cancer');
    const frame = await goldenFrame('breast_cancer');
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-xgb-'));
    try {
      using python = (await loadModel(fixture('xgboost-breast_cancer.ubj'))) as any;
      expect(sha256(bytesOf(await probabilities(python, frame)))).toBe(c.predictions.value!.sha256);
      using own = await new XgbClassifier({ ...seven, engine: 'wasm', nEstimators: 10 }).fit(
        frame,
        'target',
        features('breast_cancer'),
      );
      for (const format of ['ubj', 'json']) {
        const file = path.join(folder, `own.${format}`);
        await own.save(file);
        using booster = await (await openXgboost({ library: libraryFile })).load(fs.readFileSync(file));
        expect((await booster.predict(await goldenData(c))).values).toEqual(await probabilities(own, frame));
      }
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});

test('the engine that is asked for by name is used or is an error; auto says which it took', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-engine-'));
  try {
    const file = path.join(folder, 'engines.mts');
    const from = (name: string): string => JSON.stringify(path.join(root, 'ts', name));
    fs.writeFileSync(
      file,
      `import { fromColumns } from ${from('index.ts')};
import { XgbRegressor, xgboostStatus } from ${from('ml/index.ts')};
const df = fromColumns({ x: [1, 2, 3, 4, 5, 6], y: [1, 1, 1, 5, 5, 5] });
const out = { status: await xgboostStatus(), warnings: [] };
process.on('warning', (w) => out.warnings.push(w.message));
for (const engine of ['auto', 'auto', 'wasm', 'libxgboost'])
  try { out[engine] = (await new XgbRegressor({ engine, nEstimators: 3 }).fit(df, 'y')).engine; }
  catch (e) { out[engine] = e.code; out.message = e.message; }
await new Promise((r) => setTimeout(r, 10));
console.log(JSON.stringify(out));
`,
    );
    const env = { ...process.env, WARPFRAME_XGBOOST_LIBRARY: '/nowhere/libxgboost.so' };
    const tsx = path.join(root, 'node_modules/tsx/dist/loader.mjs');
    const out = JSON.parse(execFileSync(process.execPath, ['--import', tsx, file], { encoding: 'utf8', env }));
    expect(out).toMatchObject({ auto: 'wasm', wasm: 'wasm', libxgboost: 'ERR_MISSING_DEPENDENCY' });
    expect(out.status.available).toBe(false);
    expect(out.message).toContain('@warpframe/');
    if (skipReason === undefined)
      expect(out.warnings).toEqual([expect.stringContaining('/nowhere/libxgboost.so does not exist')]);
    if (skipReason === undefined) expect(out.message).toContain('/nowhere/libxgboost.so does not exist');
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});
