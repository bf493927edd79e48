// Predictions on backend cuda over the host's stand-ins (not a GPU) beside the CPU engine's: forests and boosted trees to
// the last bit, nearest neighbours within Float32.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// @ts-ignore: a build script
import { buildNative, whyNoBuild } from '../../scripts/build-native.mjs';
import type { CudaBackend } from '../../ts/backend/cuda/cuda-backend.ts';
import { loadBackend } from '../../ts/backend/registry.ts';
import { fromColumns } from '../../ts/index.ts';
import {
  KNeighborsClassifier,
  KNeighborsRegressor,
  RandomForestClassifier,
  RandomForestRegressor,
  XgbClassifier,
  XgbRegressor,
} from '../../ts/ml/index.ts';
import { cpuHost } from '../../ts/runner/cpu-host.ts';
import { fillUniform } from '../../ts/util/philox.ts';

const skip: string | undefined = whyNoBuild('sim');
if (skip !== undefined) console.warn(`tests of predictions on backend cuda are skipped: ${skip}`);
const variant = process.env['WARPFRAME_GPU_VARIANT'];
let backend: CudaBackend;
beforeAll(async () => {
  if (skip !== undefined) return;
  await buildNative({ variant: 'sim', quiet: true });
  process.env['WARPFRAME_GPU_VARIANT'] = 'sim';
  const loaded = await loadBackend('cuda', cpuHost);
  if (!('backend' in loaded)) throw new Error(loaded.unavailable.reason);
  backend = loaded.backend as CudaBackend;
  // A frame's copy on the device stays with it.
  for (const frame of [train, fresh]) (await frame.collect(gpu)).dispose();
}, 3_600_000);
afterAll(() => {
  if (variant === undefined) delete process.env['WARPFRAME_GPU_VARIANT'];
});

const used = (): number => backend.memoryInfo()['usedBytes'] as number;
const draws = (n: number, seed: number): Float64Array => {
  const out = new Float64Array(n);
  fillUniform(out, seed, 0);
  return out;
};
function rows(n: number, seed: number, offset = 0): any {
  const [a, b, c] = [draws(n, seed), draws(n, seed + 1), draws(n, seed + 2)];
  return fromColumns({
    a: a.map((v) => v + offset),
    b: b.map((v) => 3 * v),
    c: Float32Array.from(c, (v) => Math.floor(v * 5)),
    y: a.map((v, i) => v * 2 + Math.sin(6 * b[i]!) + c[i]!),
    k: Array.from(a, (v, i) => ['p', 'q', 'r'][Math.min(2, Math.floor(v + b[i]! + c[i]! * 0.8))]!),
  });
}
const train = rows(600, 10);
const fresh = rows(400, 20);
const features = ['a', 'b', 'c'];
const onCpu: any = { features, engine: 'cpu' };
const gpu = { engine: 'cuda' } as const;
const cpu = { engine: 'cpu' } as const;
const list = (column: any): unknown[] => [...column];
const flat = (table: any): number[] => table.columns.flatMap((name: string) => [...table.column(name).toArray()]);
const wait = (): Promise<void> => new Promise((done) => setTimeout(done, 50));

describe.skipIf(skip !== undefined)('predictions on the device', () => {
  test('of random forests are the CPU engine’s', async () => {
    const before = used();
    {
      using classes = await new RandomForestClassifier({ nEstimators: 15, randomState: 1 }).fit(train, 'k', onCpu);
      expect(flat(await classes.predictProba(fresh, gpu))).toEqual(flat(await classes.predictProba(fresh, cpu)));
      expect(list(await classes.predict(fresh, gpu))).toEqual(list(await classes.predict(fresh, cpu)));
      using values = await new RandomForestRegressor({ nEstimators: 15, randomState: 1 }).fit(train, 'y', onCpu);
      using other = await new RandomForestRegressor({ nEstimators: 15, randomState: 1 }).fit(train, 'y', onCpu);
      expect(list(await values.predict(fresh, gpu))).toEqual(list(await other.predict(fresh, cpu)));
    }
    await wait();
    expect(used()).toBeLessThanOrEqual(before);
  });

  test('of boosted trees are the CPU engine’s; probabilities within units of the last place', async () => {
    const params = { nEstimators: 12, randomState: 1, engine: 'wasm' } as const;
    using values = await new XgbRegressor(params).fit(train, 'y', onCpu);
    expect(list(await values.predict(fresh, gpu))).toEqual(list(await values.predict(fresh, cpu)));
    using classes = await new XgbClassifier(params).fit(train, 'k', onCpu);
    const [on, off] = [flat(await classes.predictProba(fresh, gpu)), flat(await classes.predictProba(fresh, cpu))];
    expect(on).toHaveLength(off.length);
    on.forEach((p, i) => {
      expect(Math.abs(p - off[i]!)).toBeLessThan(1e-6);
    });
  });

  test.each(['euclidean', 'cosine'] as const)('of nearest neighbours by %s agree within Float32', async (metric) => {
    const before = used();
    {
      using values = await new KNeighborsRegressor({ nNeighbors: 4, metric, weights: 'distance' }).fit(
        train,
        'y',
        onCpu,
      );
      using other = await new KNeighborsRegressor({ nNeighbors: 4, metric, weights: 'distance' }).fit(
        train,
        'y',
        onCpu,
      );
      const on = await values.kneighbors(fresh, gpu);
      const off = await other.kneighbors(fresh, cpu);
      on.distances.forEach((d, i) => {
        expect(Math.abs(d - off.distances[i]!)).toBeLessThan(metric === 'cosine' ? 2e-6 : 1e-6);
      });
      // Points as far away as each other within Float32 may change places: few do.
      const moved = on.indices.reduce((count, index, i) => count + (index === off.indices[i] ? 0 : 1), 0);
      expect(moved).toBeLessThan(metric === 'cosine' ? 20 : 1);
      using classes = await new KNeighborsClassifier({ nNeighbors: 5, metric }).fit(train, 'k', onCpu);
      using same = await new KNeighborsClassifier({ nNeighbors: 5, metric }).fit(train, 'k', onCpu);
      expect(list(await classes.predict(fresh, gpu))).toEqual(list(await same.predict(fresh, cpu)));
    }
    await wait();
    expect(used()).toBeLessThanOrEqual(before);
  });

  test('of neighbours far from zero keep their digits; too far out is an error', async () => {
    const points = rows(300, 30, 1e9);
    const params = { nNeighbors: 3 };
    using on = await new KNeighborsRegressor(params).fit(points, 'y', { features: ['a'], engine: 'cpu' });
    using off = await new KNeighborsRegressor(params).fit(points, 'y', { features: ['a'], engine: 'cpu' });
    expect((await on.kneighbors(points, gpu)).indices).toEqual((await off.kneighbors(points, cpu)).indices);
    const far = fromColumns({ a: [1, 1e20, 3], y: [1, 2, 3] });
    using model = await new KNeighborsRegressor({ nNeighbors: 1 }).fit(far as never, 'y' as never, { engine: 'cpu' });
    await expect(model.predict(far as never, gpu)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
    expect(list(await model.predict(far as never, cpu))).toEqual([1, 2, 3]);
  });

  test('that the GPU cannot make are errors, or the CPU’s where that is allowed', async () => {
    using model = await new KNeighborsRegressor({ nNeighbors: 2, metric: 'manhattan' }).fit(train, 'y', onCpu);
    await expect(model.predict(fresh, gpu)).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringContaining("The metric is 'manhattan'"),
    });
    const allowed = list(await model.predict(fresh, { ...gpu, fallback: 'cpu' }));
    expect(allowed).toEqual(list(await model.predict(fresh, cpu)));
    // What was laid out on the CPU then is no way around the mode.
    await expect(model.predict(fresh, gpu)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
  });

  test('go to the engine that is asked for, whichever was first', async () => {
    using model = await new KNeighborsRegressor({ nNeighbors: 4 }).fit(train, 'y', onCpu);
    const off = (await model.kneighbors(fresh, cpu)).distances;
    const on = (await model.kneighbors(fresh, gpu)).distances;
    // Float32 is seen; Float64 has come back afterwards.
    expect(on.every((d) => Math.fround(d) === d)).toBe(true);
    expect((await model.kneighbors(fresh, cpu)).distances).toEqual(off);
    expect(off.every((d) => Math.fround(d) === d)).toBe(false);
  });

  test('refuse nulls and NaN as the CPU does, counted on the device', async () => {
    using model = await new RandomForestRegressor({ nEstimators: 3, randomState: 1 }).fit(train, 'y', onCpu);
    const broken = fromColumns({ a: [1, Number.NaN, 2], b: [null, 2, null], c: [1, 2, Number.POSITIVE_INFINITY] });
    const said = async (engine: 'cuda' | 'cpu'): Promise<string> =>
      model.predict(broken as never, { engine }).then(
        () => '',
        (error: Error) => error.message,
      );
    expect(await said('cuda')).toBe(await said('cpu'));
    expect(await said('cuda')).not.toBe('');
    expect(list(await model.predict(fresh.head(0), gpu))).toEqual([]);
  });
});
