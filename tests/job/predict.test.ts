// Predictor and prediction from file to file.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../ts/cli/main.ts';
import { fromColumns, readArrow, readCsv, readJsonl, readParquet, runJob } from '../../ts/index.ts';
import { LinearRegression } from '../../ts/ml/linear/linear-regression.ts';
import { percentile, Stopwatch } from '../../ts/predict/latencies.ts';
import { predictToFile } from '../../ts/predict/predict-file.ts';
import { Predictor } from '../../ts/predict/predictor.ts';
import { batchesOf } from '../../ts/predict/windows.ts';

let folder = '';
const at = (name: string): string => path.join(folder, name);
const ROWS = 200_000;
const frame = () =>
  fromColumns({
    x: Float64Array.from({ length: ROWS }, (_, i) => i % 1000),
    z: Float64Array.from({ length: ROWS }, (_, i) => (i * 7) % 13),
    name: Array.from({ length: ROWS }, (_, i) => (i % 5 === 0 ? null : `n${i % 7}`)),
  });
const exact = (i: number): number => 2 * (i % 1000) - 3 * ((i * 7) % 13) + 1;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-predict-'));
  const train = fromColumns({ x: [0, 1, 2, 5, 7], z: [0, 1, 0, 4, 2], y: [1, 0, 5, -1, 9] });
  using model = await new LinearRegression().fit(train, 'y');
  await model.save(at('line.wfm'));
  await frame().writeParquet(at('rows.parquet'));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const nothingLeft = (): void => expect(fs.readdirSync(folder).filter((f) => f.includes('.tmp'))).toEqual([]);

describe('Predictor', () => {
  test('predicts in batches what the model predicts at once', async () => {
    using whole = await Predictor.load(at('line.wfm'), { batchSize: ROWS });
    using parts = await Predictor.load(at('line.wfm'), { batchSize: 30_001 });
    const a = (await whole.predict(frame().select('x', 'z'))).toArray() as Float64Array;
    const b = (await parts.predict(frame().select('x', 'z'))).toArray() as Float64Array;
    expect(b).toEqual(a);
    expect(a[123_456]).toBeCloseTo(exact(123_456), 9);
    expect(whole.stats).toMatchObject({ rows: ROWS, batches: 1 });
    expect(parts.stats).toMatchObject({ rows: ROWS, batches: 7 });
    const { p50, p95, p99, max } = parts.latencyMs as NonNullable<typeof parts.latencyMs>;
    expect(p50).toBeGreaterThan(0);
    expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].sort((u, v) => u - v));
    expect(parts.throughputRowsPerSecond).toBeCloseTo((ROWS / parts.stats.predictMs) * 1000, 3);
    parts.resetStats();
    expect(parts.stats).toEqual({ rows: 0, batches: 0, predictMs: 0, latencyMs: null, throughputRowsPerSecond: null });
  });
  test('gives batches with their predictions', async () => {
    using predictor = await Predictor.load(at('line.wfm'), { batchSize: 64_000 });
    let row = 0;
    const sizes: number[] = [];
    for await (const table of predictor.batches(frame(), { as: 'p', keep: ['name', 'x'] })) {
      expect(table.columns).toEqual(['name', 'x', 'p']);
      sizes.push(table.height);
      const p = table.column('p').toArray() as Float64Array;
      expect(p[10]).toBeCloseTo(exact(row + 10), 9);
      row += table.height;
    }
    expect(sizes).toEqual([64_000, 64_000, 64_000, 8_000]);
  });
  test('refuses what cannot be', async () => {
    using model = await new LinearRegression().fit(fromColumns({ x: [1, 2], y: [1, 2] }), 'y');
    expect(() => new Predictor(model, { batchSize: 0 })).toThrow(/The 'batchSize' parameter of Predictor must be/);
    expect(() => new Predictor(model, { batchsize: 3 } as never)).toThrow(/Did you mean "batchSize"/);
    expect(() => new Predictor({} as never)).toThrow(/does not predict/);
    const predictor = new Predictor(model);
    const drain = async (options: object) => {
      for await (const _ of predictor.batches(fromColumns({ x: [1] }), options)) expect(_.height).toBe(1);
    };
    await expect(drain({ as: 'x' })).rejects.toThrow(/already have a column "x"/);
    await expect(drain({ probabilities: 'p' })).rejects.toThrow(/is for classifiers/);
    await expect(drain({ keep: ['q'] })).rejects.toThrow(/Column "q" not found/);
    await expect(Predictor.load(at('none.wfm'))).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
    await expect(Predictor.load(at('rows.parquet'))).rejects.toMatchObject({ code: 'ERR_CORRUPT_FILE' });
  });
  test('percentiles are values that were measured', () => {
    const watch = new Stopwatch();
    for (let ms = 100; ms >= 1; ms--) watch.add(10, ms);
    expect(watch.stats()).toMatchObject({
      rows: 1000,
      batches: 100,
      latencyMs: { p50: 50, p95: 95, p99: 99, max: 100, mean: 50.5 },
    });
    expect(percentile([7], 0.01)).toBe(7);
  });
});

test('rows come in batches of one size, whatever the stream gives', async () => {
  const sizes: number[] = [];
  let next = 0;
  const df = fromColumns({ i: Float64Array.from({ length: ROWS }, (_, i) => i) });
  for await (const table of batchesOf(df, 70_000, {})) {
    sizes.push(table.height);
    const values = table.column('i').toArray() as Float64Array;
    expect([values[0], values.at(-1)]).toEqual([next, next + table.height - 1]);
    next += table.height;
  }
  expect(sizes).toEqual([70_000, 70_000, 60_000]);
  const of = async (rows: number): Promise<number[]> => {
    const found: number[] = [];
    for await (const t of batchesOf(fromColumns({ i: new Float64Array(rows) }), 4, {})) found.push(t.height);
    return found;
  };
  expect(await of(0)).toEqual([0]);
  expect(await of(8)).toEqual([4, 4]);
  expect(await of(9)).toEqual([4, 4, 1]);
});

describe('from file to file', () => {
  test('every format', async () => {
    const read = { parquet: readParquet, csv: readCsv, jsonl: readJsonl, arrow: readArrow } as const;
    for (const format of ['parquet', 'csv', 'jsonl', 'arrow'] as const) {
      using predictor = await Predictor.load(at('line.wfm'), { batchSize: 50_000 });
      const out = at(`out.${format}`);
      const stats = await predictToFile(predictor, await readParquet(at('rows.parquet')), out);
      expect(stats).toMatchObject({ rows: ROWS, batches: 4 });
      using table = await (await read[format](out)).collect();
      expect(table.height).toBe(ROWS);
      expect(table.columns).toEqual(['x', 'z', 'name', 'prediction']);
      const p = table.column('prediction').toArray() as Float64Array;
      expect(p[ROWS - 1]).toBeCloseTo(exact(ROWS - 1), 9);
      expect(table.column('name').at(5)).toBe(null);
      nothingLeft();
    }
  });
  test('nothing is left of one that fails or is aborted', async () => {
    using predictor = await Predictor.load(at('line.wfm'), { batchSize: 50_000 });
    const rows = await readParquet(at('rows.parquet'));
    await expect(predictToFile(predictor, rows.drop('z'), at('fail.parquet'))).rejects.toMatchObject({
      code: 'ERR_COLUMN_NOT_FOUND',
    });
    const stop = new AbortController();
    const reason = new Error('enough');
    const running = predictToFile(predictor, rows, at('fail.parquet'), {
      signal: stop.signal,
      onProgress: (p) => p.doneRows > 60_000 && stop.abort(reason),
    });
    await expect(running).rejects.toBe(reason);
    await expect(predictToFile(predictor, rows, at('rows.parquet/out.csv'))).rejects.toMatchObject({ code: 'ERR_IO' });
    await expect(predictToFile(predictor, rows, at('out.dat'))).rejects.toThrow(/names no format/);
    expect(fs.existsSync(at('fail.parquet'))).toBe(false);
    nothingLeft();
  });
});

describe('warpframe predict', () => {
  async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    let out = '';
    let err = '';
    const code = await main(
      args,
      (t) => (out += t),
      (t) => (err += t),
    );
    return { code, out, err };
  }
  test('prints latency and throughput', async () => {
    const { code, out } = await run(
      'predict',
      at('line.wfm'),
      at('rows.parquet'),
      at('cli.csv'),
      '--batch-size',
      '100000',
      '--as',
      'p',
      '--keep',
      'x',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^200,000 rows in 2 batches of at most 100,000, /);
    expect(out).toMatch(/Latency per batch {2}p50 \d+\.\d\d ms {2}p95 .* max /);
    expect(out).toMatch(/Throughput +[\d,]+ rows a second/);
    expect(fs.readFileSync(at('cli.csv'), 'utf8').split('\n')[0]).toBe('x,p');
  });
  test.each([
    [['predict'], /Expected a model, an input and an output but received 0/],
    [['predict', 'none.wfm', 'rows.parquet', 'o.csv'], /ERR_FILE_NOT_FOUND/],
    [['predict', 'line.wfm', 'rows.parquet', 'o.dat'], /names no format. Say it with --output-format/],
    [['predict', 'line.wfm', 'rows.parquet', 'o.csv', '--batch-size', 'x'], /--batch-size option must be/],
  ])('%s', async (args, message) => {
    const { code, err } = await run(...args.map((a, i) => (i > 0 && i < 4 && !a.startsWith('-') ? at(a) : a)));
    expect(code).toBe(1);
    expect(err).toMatch(message);
  });
  test('a model of a job predicts the files that the job reads', async () => {
    const n = 300;
    const day = Array.from({ length: n }, (_, i) => new Date(Date.UTC(2024, 0, 1 + (i % 60))));
    const town = Array.from({ length: n }, (_, i) => `town ${i % 4}`);
    const size = Float64Array.from({ length: n }, (_, i) => (i * 37) % 50);
    const price = size.map((s, i) => 3 * s + 10 * (i % 4) + ((day[i] as Date).getUTCDay() === 0 ? 40 : 0));
    await fromColumns({ day, town, SIZE: size, price }).writeParquet(at('sales.parquet'));
    const result = await runJob({
      data: {
        trainingPath: at('sales.parquet'),
        target: 'price',
        clean: { rename: { SIZE: 'size' }, cast: { size: 'Float32' } },
        derive: { sunday: '(weekday == 7).cast(Float64)', weekday: 'day.dt.weekday()' },
        encode: { town: 'oneHot' },
        features: ['size', 'sunday', 'town'],
      },
      model: { type: 'LinearRegression', scale: 'minMax' },
      output: { folder: at('sales'), report: false },
    }).catch((error: Error) => error);
    // A later column is not known yet.
    expect(result).toMatchObject({
      code: 'ERR_COLUMN_NOT_FOUND',
      message: expect.stringContaining('data.derive.sunday'),
    });
    const done = await runJob({
      data: {
        trainingPath: at('sales.parquet'),
        target: 'price',
        clean: { rename: { SIZE: 'size' }, cast: { size: 'Float32' } },
        derive: { weekday: 'day.dt.weekday()', sunday: '(weekday == 7).cast(Float64)', unused: 'size * 2' },
        encode: { town: 'oneHot' },
        features: ['size', 'sunday', 'town'],
      },
      model: { type: 'LinearRegression', scale: 'minMax' },
      output: { folder: at('sales'), report: false },
    });
    expect(done.models[0]?.metrics['r2']).toBeGreaterThan(0.999999);
    // Neither the target nor the derived columns are in a file that is to be predicted.
    const fresh = (await readParquet(at('sales.parquet'))).drop('price');
    using predictor = await Predictor.load(at('sales/model.wfm'));
    expect([...predictor.model.featureNamesIn].sort()).toEqual(['day', 'size', 'town']);
    const predicted = (await predictor.predict(fresh)).toArray() as Float64Array;
    for (let i = 0; i < n; i++) expect(predicted[i]).toBeCloseTo(price[i] as number, 3);
    await predictToFile(predictor, fresh, at('sales.csv'));
    using back = await (await readCsv(at('sales.csv'))).collect();
    expect(back.columns).toEqual(['day', 'town', 'SIZE', 'prediction']);
    await expect(predictor.predict(fresh.drop('town'))).rejects.toThrow(/Column "town" of a feature/);
  });
});
