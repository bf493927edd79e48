// Whole jobs: what they write, and how they end when something is wrong.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { JobConfig } from '../../ts/config/job-config.ts';
import { fromColumns, readParquet, runJob } from '../../ts/index.ts';
import type { JobEvent } from '../../ts/job/stages.ts';
import { loadModel } from '../../ts/ml/core/load-model.ts';
import type { RegressorModel } from '../../ts/ml/core/model.ts';
import { xgboostStatus } from '../../ts/native/xgboost.ts';

let folder = '';
const at = (name: string): string => path.join(folder, name);
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-job-'));
  const n = 1000;
  const x = Float64Array.from({ length: n }, (_, i) => Math.sin(i * 1.7) * 10);
  const z = Float64Array.from({ length: n }, (_, i) => ((i * 7919) % 1000) / 100);
  const y = x.map((v, i) => 3 * v - 2 * (z[i] as number) + 5 + Math.sin(i * 12.9898) * 0.1);
  const town = Array.from({ length: n }, (_, i) => (i % 50 === 0 ? null : `town ${i % 3}`));
  const rows = fromColumns({
    x,
    z,
    y,
    town,
    group: Int32Array.from({ length: n }, (_, i) => i % 20),
    id: Int32Array.from({ length: n }, (_, i) => i),
  });
  await rows.writeParquet(at('rows.parquet'));
  await rows.writeCsv(at('rows.csv'));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const job = (more: Partial<JobConfig> = {}, data: object = {}): JobConfig => ({
  data: { trainingPath: at('rows.parquet'), target: 'y', exclude: ['town', 'id', 'group'], ...data },
  model: { type: 'LinearRegression' },
  output: { folder: at('run'), report: false },
  ...more,
});
const json = (name: string): any => JSON.parse(fs.readFileSync(at(name), 'utf8'));

describe('a job', () => {
  test('writes a model, metrics, the resolved job and its environment', async () => {
    const events: JobEvent[] = [];
    const result = await runJob(job(), { onEvent: (e) => events.push(e) });
    expect(result).toMatchObject({
      status: 'finished',
      useCase: 'regression',
      best: 'LinearRegression',
      primaryMetric: 'r2',
      rows: { loaded: 1000, train: 800, validation: 0, test: 200 },
      report: { skipped: expect.stringContaining('output.report') },
      degraded: [],
    });
    expect(result.models[0]?.metrics['r2']).toBeGreaterThan(0.999);
    expect(result.stages.map((s) => s.name)).toEqual([
      ...['load', 'clean', 'features', 'split', 'train', 'evaluate', 'save', 'benchmark'],
    ]);
    for (const stage of result.stages) {
      expect(stage.ms).toBeGreaterThan(0);
      expect(stage.memoryBytes).toBeGreaterThan(1e6);
    }
    expect(events.filter((e) => e.type === 'end')).toHaveLength(8);
    expect(fs.readdirSync(at('run')).sort()).toEqual([
      ...['config.yaml', 'environment.json', 'metrics.json', 'model.wfm', 'status.json'],
    ]);
    expect(json('run/status.json')).toMatchObject({ status: 'finished' });
    expect(json('run/metrics.json').models[0].metrics).toEqual(result.models[0]?.metrics);
    expect(json('run/environment.json')).toMatchObject({ node: process.version });
    using model = (await loadModel(at('run/model.wfm'))) as RegressorModel;
    const all = await readParquet(at('rows.parquet'));
    const predicted = (await model.predict(all.select('x', 'z'))).toArray() as Float64Array;
    using table = await all.collect();
    const y = table.column('y').toArray() as Float64Array;
    const worst = Math.max(...predicted.map((p, i) => Math.abs(p - (y[i] as number))));
    expect(worst).toBeLessThan(0.2);
  });
  test('runs again from its resolved config.yaml with the same numbers', async () => {
    const first = await runJob(job({ training: { randomState: 3 } }, { validationSplit: 0.1 }));
    fs.copyFileSync(at('run/config.yaml'), at('again.yaml'));
    const again = await runJob(at('again.yaml'), { set: [`output.folder=${at('run2')}`] });
    expect(again.models[0]?.metrics).toEqual(first.models[0]?.metrics);
    expect(again.models[0]?.validation).toEqual(first.models[0]?.validation);
    const strip = (file: string) => ({ ...(parse(fs.readFileSync(at(file), 'utf8')) as object), name: '' });
    expect(strip('run2/config.yaml')).toEqual(strip('run/config.yaml'));
  });
  test('cleans and derives in the order of the keys', async () => {
    const result = await runJob(
      job(
        {},
        {
          exclude: ['id', 'group', 'ort'],
          clean: {
            rename: { town: 'ort' },
            cast: { id: 'Float64' },
            filter: ['id >= 100', "ort != 'town 2'"],
            dropNulls: ['ort'],
            dropDuplicates: ['z'],
            sample: { rows: 50 },
          },
          derive: { xx: 'x * x', both: 'xx + z' },
        },
      ),
    );
    expect(result.stages[1]).toMatchObject({ name: 'clean', rows: 50 });
    const roles = Object.fromEntries(result.columns.map((c) => [c.name, c.role]));
    expect(roles).toMatchObject({
      x: 'feature',
      z: 'feature',
      xx: 'feature',
      both: 'feature',
      y: 'target',
      ort: 'excluded',
      id: 'excluded',
    });
    expect(result.columns.find((c) => c.name === 'ort')?.nulls).toBe(20);
  });
  test('reads only the columns that it names', async () => {
    const result = await runJob(job({}, { exclude: [], features: ['x'] }));
    expect(result.columns.filter((c) => c.dtype !== 'not read').map((c) => c.name)).toEqual(['x', 'y']);
    expect(result.columns.find((c) => c.name === 'town')).toMatchObject({ dtype: 'not read', role: 'not used' });
  });
  test('says which columns it does not use', async () => {
    const result = await runJob(job({}, { exclude: ['id'] }));
    expect(result.warnings).toEqual([expect.stringMatching(/^Not used, because it is no number: town./)]);
  });
  test('keeps groups together and time in order', async () => {
    const grouped = await runJob(
      job(
        { output: { folder: at('g'), report: false, path: at('g.parquet') } },
        { splitByGroup: 'group', exclude: ['town', 'id'], testSplit: 0.25 },
      ),
    );
    expect(grouped.columns.find((c) => c.name === 'group')?.role).toBe('split');
    using test = await (await readParquet(at('g.parquet'))).collect();
    const groups = new Set(test.column('group').toArray() as Int32Array);
    expect(groups.size).toBe(5);
    expect(test.height).toBe(250);
    const timed = await runJob(
      job(
        { output: { folder: at('t'), report: false, path: at('t.parquet') } },
        { splitByTime: 'id', exclude: ['town', 'group'] },
      ),
    );
    expect(timed.predictions).toBe(at('t.parquet'));
    using last = await (await readParquet(at('t.parquet'))).collect();
    expect(Math.min(...(last.column('id').toArray() as Int32Array))).toBe(800);
    expect(last.columns).toContain('prediction');
  });
  test('compares several models and saves the best, or all', async () => {
    const models = [
      { type: 'LinearRegression', name: 'through zero', params: { fitIntercept: false } },
      { type: 'LinearRegression', name: 'with intercept' },
      { type: 'LinearRegression', name: 'few rows', maxTrainingRows: 3 },
    ];
    const { model: _, ...rest } = job({}, { validationSplit: 0.2 });
    const result = await runJob({ ...rest, models });
    expect(result.best).toBe('with intercept');
    expect(result.models.map((m) => m.file)).toEqual([null, at('run/model.wfm'), null]);
    expect(result.models.map((m) => m.trainingRows)).toEqual([600, 600, 3]);
    const all = await runJob({ ...rest, models, training: { saveBestOnly: false } });
    expect(all.models.map((m) => path.basename(m.file ?? ''))).toEqual([
      ...['through-zero.wfm', 'with-intercept.wfm', 'few-rows.wfm'],
    ]);
    // The next run in the same folder takes these away.
    await runJob(job());
    expect(fs.readdirSync(at('run'))).not.toContain('few-rows.wfm');
  });
  test('searches parameters by cross-validation on the training rows', async () => {
    const notes: string[] = [];
    const result = await runJob(job({ training: { search: { params: { fitIntercept: [false, true] }, folds: 3 } } }), {
      onEvent: (e) => e.type === 'note' && notes.push(e.text),
    });
    expect(result.models[0]?.params).toEqual({ fitIntercept: true });
    expect(notes).toEqual([expect.stringMatching(/best of the search by r2: \{"fitIntercept":true\}/)]);
  });
  test('measures a learning curve', async () => {
    const result = await runJob(job({ training: { learningCurve: [1, 0.1] }, output: { folder: at('curve') } }));
    const page = fs.readFileSync((result.report as { path: string }).path, 'utf8');
    expect(page).toContain('Learning curve');
    expect(page).toContain('training rows');
  });
  test('records keys that it does not act on', async () => {
    const result = await runJob(job({ gpu: { deviceId: 0 }, fallback: 'degraded' }));
    expect(result.degraded).toEqual([{ key: 'gpu.deviceId', requested: 0, reason: expect.stringContaining('CPU') }]);
    expect(json('run/metrics.json').degraded).toEqual(result.degraded);
  });
  test('reports the metrics that are asked for, and decides by the primary one all the same', async () => {
    const { model: _, ...rest } = job({
      evaluation: { metrics: ['mae'], primaryMetric: 'rmse' },
      benchmarking: { metrics: ['latencyMs'] },
    });
    const models = [
      { type: 'LinearRegression', name: 'through zero', params: { fitIntercept: false } },
      { type: 'LinearRegression', name: 'with intercept' },
    ];
    const result = await runJob({ ...rest, models });
    expect(result.best).toBe('with intercept');
    expect(Object.keys(result.models[0]?.metrics ?? {})).toEqual(['mae', 'rmse']);
    expect(result.models[0]?.benchmark).toMatchObject({ latencyMs: expect.anything(), throughputRowsPerSecond: null });
    const without = await runJob(job({ benchmarking: { cpuBaseline: false } }));
    expect(without.models[0]?.benchmark).toBeNull();
  });
  test('shows boosting by both engines, or says why not', async () => {
    const boosted = job({ model: { type: 'XgbRegressor', params: { nEstimators: 5, engine: 'wasm' } } });
    const result = await runJob(boosted);
    const [model] = result.models;
    const other = model?.otherEngine ?? null;
    expect(other?.engine).toBe('libxgboost');
    const { available } = await xgboostStatus();
    if (available) {
      if (other?.notShown !== null) throw new Error('not compared');
      expect(Object.keys(other.metrics)).toEqual(Object.keys(model?.metrics ?? {}));
      expect(other.metrics['rmse']).toBeCloseTo(model?.metrics['rmse'] ?? Number.NaN, 1);
      expect(other.fitMs).toBeGreaterThan(0);
      expect(other.benchmark.engine).toBe('libxgboost');
      expect(other.benchmark.rows).toBe(model?.benchmark?.rows);
    } else expect(other).toMatchObject({ notShown: expect.stringContaining('libxgboost is not there') });
    const { params: _, ...rest } = boosted.model as { params: object; type: string };
    const own = await runJob({ ...boosted, benchmarking: { compareEngines: false }, model: { ...rest } as never });
    expect(own.models[0]?.otherEngine).toBeNull();
    expect((await runJob(job())).models[0]?.otherEngine).toBeNull();
  });
  test('predicts in batches of the size that is asked for, with the same numbers', async () => {
    const whole = await runJob(job());
    const parts = await runJob(job({ inference: { batchSize: 64 } }, { batchSize: 64 }));
    expect(parts.models[0]?.metrics).toEqual(whole.models[0]?.metrics);
    expect(parts.models[0]?.benchmark?.batchSize).toBe(64);
  });
});

describe('a job that cannot be done', () => {
  const fails = async (config: JobConfig): Promise<{ code: string; message: string }> => {
    const error = (await runJob(config).catch((e: unknown) => e)) as { code: string; message: string };
    expect(error).toBeInstanceOf(Error);
    return error;
  };
  const failed = (): { status: string; error: { code: string }; left: string[] } => ({
    ...json('run/status.json'),
    left: fs.readdirSync(at('run')).sort(),
  });
  const LEFT = ['config.yaml', 'environment.json', 'status.json'];
  test('no such file', async () => {
    const error = await fails(job({}, { trainingPath: at('none.parquet') }));
    expect(error.code).toBe('ERR_FILE_NOT_FOUND');
    expect(error.message).toMatch(/^The job: data.trainingPath: No file /);
    expect(failed()).toMatchObject({ status: 'failed', error: { code: 'ERR_FILE_NOT_FOUND' }, left: LEFT });
  });
  test('no file of that format', async () => {
    const error = await fails(job({}, { format: 'arrow' }));
    expect(error.message).toMatch(/^The job: data.trainingPath/);
    expect(failed().left).toEqual(LEFT);
  });
  test.each([
    ['target', { target: 'yy' }, /^The job: data.target: Column "yy" not found. Did you mean "y"/],
    ['features', { features: ['x', 'zz'] }, /^The job: data.features\[1\]: Column "zz" not found. Did you mean "z"/],
    ['exclude', { exclude: ['towm'] }, /^The job: data.exclude\[0\]: Column "towm" not found. Did you mean "town"/],
    ['sampleWeight', { sampleWeight: 'w' }, /^The job: data.sampleWeight: Column "w" not found/],
    ['derive', { derive: { a: 'xx + 1' } }, /^The job: data.derive.a: Column "xx" not found/],
    ['derive of the wrong dtype', { derive: { a: 'town * 2' } }, /^The job: data.derive.a: /],
    ['filter', { clean: { filter: 'q > 1' } }, /^The job: data.clean.filter: Column "q" not found/],
    ['filter that is no condition', { clean: { filter: 'x + 1' } }, /^The job: data.clean.filter: /],
    ['dropNulls', { clean: { dropNulls: ['q'] } }, /^The job: data.clean.dropNulls\[0\]: Column "q" not found/],
    ['fillNull', { clean: { fillNull: { q: 1 } } }, /^The job: data.clean.fillNull.q: Column "q" not found/],
    ['cast', { clean: { cast: { town: 'Int64' } } }, /The job: data.clean/],
    ['rename', { clean: { rename: { q: 'r' } } }, /^The job: data.clean.rename: Column "q" not found/],
    [
      'a text feature',
      { features: ['x', 'town'], exclude: [] },
      /^The job: data.features\[1\] is "town", which is Utf8. Say how .* data.encode/,
    ],
    ['no rows', { clean: { filter: 'x > 1000' } }, /leaves no rows to learn from/],
    ['no features', { exclude: ['x', 'z', 'id', 'group'] }, /leaves no features/],
    ['a target with nulls', { target: 'town' }, /./],
  ])('wrong %s', async (_, data, message) => {
    const error = await fails(job({}, { exclude: ['town', 'id', 'group'], ...data }));
    expect(error.message).toMatch(message);
    expect(failed().left).toEqual(LEFT);
  });
  test('a target made of a feature', async () => {
    const error = await fails(job({}, { target: 'big', derive: { big: 'y * 2' } }));
    expect(error.message).toMatch(/makes the target of "y", which is a feature too/);
  });
  test('nulls in a feature', async () => {
    const error = await fails(job({}, { derive: { w: "when(town == 'town 1').then(1)" } }));
    expect(error.code).toBe('ERR_MISSING_VALUES');
    expect(error.message).toMatch(/^The job: model: Column "w" has \d+ nulls/);
  });
  test('slower than it may be', async () => {
    const error = await fails(job({ inference: { maxLatencyMs: 1e-9 } }));
    expect(error.code).toBe('ERR_JOB');
    expect(error.message).toMatch(/inference.maxLatencyMs is 1e-9, but 95 % of the batches/);
    expect(failed().left).toEqual(LEFT);
  });
  test('a folder with files of others', async () => {
    fs.mkdirSync(at('mine'), { recursive: true });
    fs.writeFileSync(at('mine/thesis.txt'), 'precious');
    const error = await fails(job({ output: { folder: at('mine') } }));
    expect(error.message).toMatch(/has files that no run wrote/);
    expect(fs.readdirSync(at('mine'))).toEqual(['thesis.txt']);
  });
  test('a status file that names files elsewhere', async () => {
    fs.mkdirSync(at('evil'), { recursive: true });
    fs.writeFileSync(at('victim.txt'), 'precious');
    fs.writeFileSync(at('evil/status.json'), JSON.stringify({ files: ['../victim.txt', 'status.json'] }));
    await runJob(job({ output: { folder: at('evil'), report: false } }));
    expect(fs.existsSync(at('victim.txt'))).toBe(true);
  });
  test.skipIf(!fs.existsSync('/dev/full'))('a full disk', async () => {
    await runJob(job());
    // Where the next run will write its metrics there is a device that is always full.
    fs.symlinkSync('/dev/full', at('run/.metrics.json.partial'));
    const error = await fails(job());
    expect(error.code).toBe('ERR_IO');
    expect(error.message).toMatch(/Cannot write .*metrics.json: the disk is full/);
    expect(failed()).toMatchObject({ status: 'failed', left: LEFT });
  });
  test('a folder that cannot be made', async () => {
    const error = await fails(job({ output: { folder: at('rows.csv/run') } }));
    expect(error).toMatchObject({ code: 'ERR_IO', message: expect.stringMatching(/Cannot write .*rows.csv/) });
  });
  test('an abort is the reason given, and the folder says so', async () => {
    for (const stage of ['load', 'train', 'benchmark'] as const) {
      const stop = new AbortController();
      const reason = new Error('enough');
      const running = runJob(job(), {
        signal: stop.signal,
        onEvent: (e) => e.type === 'start' && e.stage === stage && stop.abort(reason),
      });
      await expect(running).rejects.toBe(reason);
      expect(failed()).toMatchObject({ status: 'aborted', left: LEFT });
    }
    const before = AbortSignal.abort(new Error('never'));
    await expect(runJob(job(), { signal: before })).rejects.toThrow('never');
  });
});

test('formats', async () => {
  fs.writeFileSync(
    at('rows.json'),
    JSON.stringify(Array.from({ length: 40 }, (_, i) => ({ x: i, y: 2 * i + (i % 3) }))),
  );
  const base = { target: 'y', exclude: [] };
  expect((await runJob(job({}, { ...base, trainingPath: at('rows.json') }))).rows.loaded).toBe(40);
  expect((await runJob(job({}, { trainingPath: at('rows.csv') }))).rows.loaded).toBe(1000);
  expect((await runJob(job({}, { trainingPath: [at('rows.csv'), at('rows.csv')] }))).rows.loaded).toBe(2000);
  fs.writeFileSync(at('one.json'), '{"x": 1}');
  await expect(runJob(job({}, { ...base, trainingPath: at('one.json') }))).rejects.toThrow(
    /Expected an array of objects/,
  );
  fs.writeFileSync(at('broken.json'), '[{"x": 1');
  await expect(runJob(job({}, { ...base, trainingPath: at('broken.json') }))).rejects.toThrow(/is not JSON/);
});
