// Our own kernels through the backend's invoke, on backend cuda over the host's stand-ins for libcudf and CUDA (not a
// GPU): each equals what the CPU engine or the functions of ts/ give, bit for bit where nothing else is said.
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// @ts-ignore: a build script
import { buildNative, whyNoBuild } from '../../scripts/build-native.mjs';
import type { RecordBatch } from '../../ts/backend/arrow.ts';
import type { KernelCall, RunContext, TableHandle } from '../../ts/backend/backend.ts';
import type { CudaBackend } from '../../ts/backend/cuda/cuda-backend.ts';
import { loadBackend } from '../../ts/backend/registry.ts';
import { random } from '../../ts/expr/builders.ts';
import { Table } from '../../ts/frame/table.ts';
import { type DataFrame, Decimal, fromColumns } from '../../ts/index.ts';
import { confusionMatrix, trainTestSplit } from '../../ts/ml/index.ts';
import { shuffled } from '../../ts/ml/selection/allocate.ts';
import { invoke as invokeAddon, type NativeAddon } from '../../ts/native/addon.ts';
import { cpuHost } from '../../ts/runner/cpu-host.ts';
import { invokeKernel, uploadBatches } from '../../ts/runner/runner.ts';
import { fillUniform, philox4x32, uniform } from '../../ts/util/philox.ts';
import { addonFile, skipReason } from './support.ts';

const skip: string | undefined = whyNoBuild('sim');
if (skip !== undefined) console.warn(`tests of kernels on backend cuda are skipped: ${skip}`);
const root = path.resolve(import.meta.dirname, '../..');
const variant = process.env['WARPFRAME_GPU_VARIANT'];
const run: RunContext = { memoryLimitBytes: Number.POSITIVE_INFINITY, seed: 0, threads: 1 };
const BEYOND_ROWS = 2 ** 33;
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

const hostBatch = async (frame: DataFrame<any>): Promise<RecordBatch> =>
  Table.sourceOf(await frame.collect({ engine: 'cpu' })).host();

/** Rows on the device, for the length of `use`. */
async function onDevice<T>(frame: DataFrame<any>, use: (table: TableHandle) => Promise<T>): Promise<T> {
  const batch = await hostBatch(frame);
  const table = await backend.upload([batch], batch.schema, run);
  try {
    return await use(table);
  } finally {
    backend.release(table);
  }
}

const call = async (
  name: string,
  params: KernelCall['params'],
  inputs: readonly TableHandle[] = [],
  arrays: KernelCall['arrays'] = {},
): Promise<any> => (await backend.invoke({ name, params, inputs, arrays }, run)).arrays;
/** What was released before is freed by now: the device does one thing after another. */
const used = async (): Promise<number> => {
  await call('philox.uniform', { seed: 0, count: 1 });
  return backend.memoryInfo()['usedBytes'] as number;
};
const numbers = (n: number, seed: number): Float64Array => {
  const out = new Float64Array(n);
  fillUniform(out, seed, 0);
  return out;
};

describe.skipIf(skip !== undefined)('random numbers', () => {
  test.each([0, 42, 4_294_967_295])('are those of the CPU engine, seed %i', async (seed) => {
    for (const start of [0, 4_294_967_290, BEYOND_ROWS]) {
      const expected = new Float64Array(5000);
      fillUniform(expected, seed, start);
      expect((await call('philox.uniform', { seed, start, count: 5000 })).values).toEqual(expected);
    }
    const n = 3000;
    const order = await fromColumns({ i: Uint32Array.from({ length: n }, (_, i) => i) })
      .sort({ by: random(seed) } as never)
      .collect({ engine: 'cpu' });
    const { order: found } = await call('philox.permutation', { seed, rows: n });
    expect(found).toEqual(Uint32Array.from(order.column('i').toArray() as ArrayLike<number>));
    const shuffle = await call('philox.permutation', { seed, rows: 100, start: BEYOND_ROWS });
    expect([...shuffle.order]).toEqual(shuffled(100, seed));
    const cuts = Uint32Array.of(300, 300, 2000);
    const { parts } = await call('philox.parts', { seed, rows: n }, [], { cuts });
    const expected = new Uint32Array(n);
    found.forEach((row: number, place: number) => {
      expected[row] = cuts.filter((c) => c <= place).length;
    });
    expect(parts).toEqual(expected);
    const counter = new Uint32Array(4);
    const draws = Uint32Array.from({ length: 1001 }, (_, i) => {
      counter.set([i >>> 2, 7, 0, 0]);
      philox4x32(counter, seed, 0);
      return Number((BigInt(counter[i & 3]!) * 777n) >> 32n);
    });
    expect((await call('philox.bootstrap', { seed, sample: 7, rows: 777, draws: 1001 })).rows).toEqual(draws);
  });
});

describe.skipIf(skip !== undefined)('frames that draw', () => {
  test('draw, sample, shuffle and split on the device as on the CPU', async () => {
    const frame = fromColumns({
      i: Uint32Array.from({ length: 3000 }, (_, i) => i),
      g: Uint8Array.from({ length: 3000 }, (_, i) => i % 3),
    }) as DataFrame<any>;
    const plans = [
      frame.withColumns({ r: random(7) } as never),
      frame.withColumns({ r: (c: any) => (random(7) as any).over(c.g) } as never),
      frame.head(0).withColumns({ r: random(7) } as never),
      frame.sample({ n: 100, randomState: 3 }),
      frame.sort({ by: random(5) } as never),
    ];
    for (const plan of plans) {
      using on = await plan.collect({ engine: 'cuda' });
      using off = await plan.collect({ engine: 'cpu' });
      expect(on.toRecords()).toEqual(off.toRecords());
    }
    const options = { testSize: 0.3, randomState: 11 };
    using on = await trainTestSplit(frame, { ...options, engine: 'cuda' });
    using off = await trainTestSplit(frame, { ...options, engine: 'cpu' });
    using test = await on.test.collect({ engine: 'cuda' });
    using same = await off.test.collect({ engine: 'cpu' });
    expect(test.height).toBe(900);
    expect(test.toRecords()).toEqual(same.toRecords());
  });
});

const n = 2500;
const mixed = (): DataFrame<any> =>
  fromColumns({
    f: Array.from(numbers(n, 1), (v, i) => (i % 11 === 0 ? null : v * 100)),
    i: Int32Array.from({ length: n }, (_, i) => (i * 37) % 5),
    b: Array.from({ length: n }, (_, i) => (i % 13 === 0 ? null : i % 3 === 0)),
    u: Uint8Array.from({ length: n }, (_, i) => i % 200),
    big: BigInt64Array.from({ length: n }, (_, i) => BigInt(i) ** 4n),
  }).withColumns({ d: (c: any) => c.i.cast(Decimal(12, 3)).div(4).cast(Decimal(12, 3)) } as never);

describe.skipIf(skip !== undefined)('columns of a table on the device', () => {
  test('become a feature matrix', async () => {
    const frame = mixed();
    const names = ['f', 'i', 'b', 'u', 'big', 'd', 'i', 'i'];
    const host = (await frame.collect({ engine: 'cpu' })).toRecords({ int64: 'number' }) as Record<string, unknown>[];
    const order = Object.keys(host[0]!);
    const spec = {
      columns: Uint32Array.from(names, (name) => order.indexOf(name)),
      kinds: Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 1),
      fills: Float64Array.of(50, 0, 0.5, 0, 0, 0, 0, 0),
      shifts: Float64Array.of(10, 1, 0, 3, 0, 0.25, 0, 0),
      scales: Float64Array.of(7, 2, 1, 1, 1e6, 1, 1, 1),
      categories: BigInt64Array.of(0n, 0n, 0n, 0n, 0n, 0n, 2n, 4n),
    };
    const numberOf = (v: unknown): number =>
      typeof v === 'object' && v !== null ? (v as { toNumber(): number }).toNumber() : Number(v);
    const expected = new Float32Array(n * names.length);
    host.forEach((row, r) => {
      names.forEach((name, j) => {
        const value = row[name] === null ? spec.fills[j]! : numberOf(row[name]);
        const hot = row[name] === Number(spec.categories[j]) ? 1 : 0;
        expected[r * names.length + j] = spec.kinds[j] === 1 ? hot : (value - spec.shifts[j]!) / spec.scales[j]!;
      });
    });
    await onDevice(frame, async (table) => {
      const { values } = await call('matrix.fromTable', { layout: 'row' }, [table], spec);
      expect(values).toEqual(expected);
      const byColumn = (await call('matrix.fromTable', { layout: 'column' }, [table], spec)).values as Float32Array;
      expect(byColumn.subarray(2 * n, 3 * n)).toEqual(expected.filter((_, i) => i % names.length === 2));
    });
  });

  test('are counted as the CPU counts them: confusion matrix, histogram of scores', async () => {
    const codes = (seed: number): Int32Array => Int32Array.from(numbers(n, seed), (v) => Math.floor(v * 4));
    const frame = fromColumns({
      score: numbers(n, 5),
      truth: codes(2),
      guess: codes(3),
      weight: Float64Array.from(numbers(n, 4), (v) => Math.floor(v * 8)),
    });
    const cpu = await confusionMatrix(frame as never, 'truth' as never, 'guess' as never, { engine: 'cpu' } as never);
    const weighted = await confusionMatrix(frame as never, ...(['truth', 'guess'] as [never, never]), {
      sampleWeight: 'weight',
      engine: 'cpu',
    } as never);
    await onDevice(frame.select('truth', 'guess'), async (table) => {
      const { counts } = await call('metrics.confusion', { classes: 4 }, [table]);
      expect([...counts]).toEqual([...cpu.matrix.flat(), 0]);
    });
    await onDevice(frame.select('truth', 'guess', 'weight'), async (table) => {
      const { counts } = await call('metrics.confusion', { classes: 4 }, [table]);
      expect([...counts]).toEqual([...weighted.matrix.flat(), 0]);
    });
    const bins = 10;
    const binned = (await frame
      .withColumns({ bin: (c: any) => c.score.mul(bins).floor(), hit: (c: any) => c.truth.eq(1) } as never)
      .groupBy('bin' as never, 'hit' as never)
      .agg({ n: (c: any) => c.weight.sum() } as never)
      .collect({ engine: 'cpu' })) as any;
    const expected = new Array(2 * bins + 1).fill(0);
    for (const { bin, hit, n: sum } of binned.toRecords()) expected[(hit ? bins : 0) + Number(bin)] = sum;
    await onDevice(frame.select('score', 'truth', 'weight'), async (table) => {
      const params = { positive: 1, low: 0, high: 1, bins };
      const { counts } = await call('metrics.rocHistogram', params, [table]);
      expect([...counts]).toEqual(expected);
    });
  });

  test('are checked: what a kernel cannot take is a typed error, and nothing stays behind', async () => {
    const before = await used();
    await onDevice(fromColumns({ a: [1, 2, 3], s: ['x', 'y', 'z'] }) as DataFrame<any>, async (table) => {
      const cases: [string, object, number, object, string, RegExp][] = [
        ['metrics.confusion', { classes: 2 }, 1, {}, 'ERR_DTYPE', /column "s" but it is Utf8/],
        ['philox.uniform', { seed: 1, count: 2.5 }, 0, {}, 'ERR_PARAMETER', /'count' must be a whole number/],
        ['philox.uniform', { seed: 1, count: '2' }, 0, {}, 'ERR_PARAMETER', /Got '2'/],
        ['philox.uniform', { seed: 1, count: 1e15 }, 0, {}, 'ERR_PARAMETER', /'count'/],
        ['philox.uniform', { seed: 1, count: 1, begin: 3 }, 0, {}, 'ERR_PARAMETER', /no parameter 'begin'/],
        ['philox.uniform', { seed: null, count: 1 }, 0, {}, 'ERR_PARAMETER', /'seed' must be a number/],
        ['philox.uniform', { seed: 1, count: 1 }, 1, {}, 'ERR_DTYPE', /Utf8/],
        ['philox.parts', { seed: 1, rows: 9 }, 0, { cuts: Int32Array.of(1) }, 'ERR_DTYPE', /must be u32. Got i32/],
        ['philox.parts', { seed: 1, rows: 9 }, 0, {}, 'ERR_PARAMETER', /'cuts' is missing/],
        ['no.such', {}, 0, {}, 'ERR_UNSUPPORTED', /no kernel "no.such"/],
      ];
      for (const [name, params, tables, arrays, code, message] of cases)
        await expect(call(name, params as never, tables ? [table] : [], arrays as never)).rejects.toMatchObject({
          code,
          message: expect.stringMatching(message),
        });
      const big = { seed: 1, count: 2 ** 27 };
      await expect(
        backend.invoke({ name: 'philox.uniform', params: big, inputs: [] }, { ...run, memoryLimitBytes: 2 ** 20 }),
      ).rejects.toMatchObject({ code: 'ERR_OUT_OF_MEMORY' });
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(
        backend.invoke({ name: 'philox.uniform', params: { seed: 1, count: 9 }, inputs: [] }, { ...run, signal }),
      ).rejects.toThrow('enough');
    });
    for (let i = 0; i < 100; i++) await call('philox.uniform', { seed: i, count: 1000 });
    // Copies of frames of other tests may go with the garbage collector meanwhile.
    expect(await used()).toBeLessThanOrEqual(before);
  });
});

describe.skipIf(skip !== undefined)('a kernel that the GPU has not got', () => {
  const calls: KernelCall = { name: 'dense.solve', params: { n: 1 }, inputs: [], arrays: {} };
  const arrays = { matrix: Float64Array.of(4), rhs: Float64Array.of(8) };
  const solve = (fallback: 'error' | 'cpu' | 'degraded') =>
    invokeKernel({ ...calls, arrays }, { engine: 'cuda', fallback });

  test('is an error that says so, or runs on the CPU with a warning', async () => {
    await expect(solve('error')).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringMatching(/kernel dense\.solve.*cuda: The GPU engine has no kernel dense\.solve/),
      detail: expect.objectContaining({ engine: 'cuda' }),
    });
    const warnings: string[] = [];
    const note = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', note);
    try {
      expect([...(await solve('cpu')).arrays['solution']!]).toEqual([2]);
      await new Promise((done) => setTimeout(done, 20));
    } finally {
      process.off('warning', note);
    }
    expect(warnings.join()).toContain('Kernel dense.solve runs on the CPU. The GPU engine has no kernel dense.solve');
    expect([...(await solve('degraded')).arrays['solution']!]).toEqual([2]);
  });

  test('takes a table of the device to the CPU where the engine is chosen by itself', async () => {
    const frame = fromColumns({ x: numbers(100, 1) });
    const host = await hostBatch(frame);
    const table = await uploadBatches([host], host.schema, { engine: 'cuda' });
    expect(table.backend).toBe('cuda');
    const centers = Float64Array.of(0, 1);
    const result = await invokeKernel(
      { name: 'kMeans.assign', params: { weighted: false }, inputs: [table], arrays: { centers } },
      {},
    );
    expect(result.arrays['labels']).toEqual(Int32Array.from(numbers(100, 1), (v) => (v > 0.5 ? 1 : 0)));
    backend.release(table);
  });

  test('refuses a state of another kernel, and one that is released', async () => {
    const load = {
      name: 'randomForest.load',
      params: {},
      inputs: [],
      arrays: { nodes: new Uint32Array(4), roots: Uint32Array.of(0), values: Float64Array.of(1) },
    };
    const { outputs } = await backend.invoke(load, run);
    await onDevice(fromColumns({ x: [1, 2] }), async (table) => {
      const search = { name: 'neighbors.search', params: { k: 1 }, inputs: [table, outputs[0]!] };
      await expect(backend.invoke(search, run)).rejects.toMatchObject({ code: 'ERR_PARAMETER' });
      await expect(backend.invoke({ ...search, inputs: [table] }, run)).rejects.toMatchObject({
        code: 'ERR_PARAMETER',
      });
      backend.release(outputs[0]!);
      const predict = { name: 'randomForest.predict', params: { outputs: 1 }, inputs: [table, outputs[0]!] };
      await expect(backend.invoke(predict, run)).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
    });
    expect(uniform(1, 1)).toBeGreaterThan(0);
  });
});

describe.skipIf(skip !== undefined)('the addon without libcudf', () => {
  const load = (file: string): NativeAddon => createRequire(import.meta.url)(file) as NativeAddon;
  const alone = (): NativeAddon => load(path.join(root, 'out/native/sim/warpframe.node'));
  const column = (values: object, more: object = {}): object => ({ values, ...more });

  test('lists the kernels and what runs them', async () => {
    const list = await invokeAddon<any>(alone(), 'kernels.list', {});
    expect(list).toMatchObject({ device: 'simulated', simulated: true, why: null });
    expect(list.names).toHaveLength(11);
  });
  test('runs them over columns of host memory', async () => {
    const truth = Int16Array.of(0, 1, 1, 0, 2);
    const guess = BigUint64Array.of(0n, 1n, 0n, 0n, 2n);
    const tables = [[column(truth, { validity: Uint8Array.of(0b11101) }), column(guess)]];
    const params = JSON.stringify({ classes: 3 });
    const { arrays } = await invokeAddon<any>(alone(), 'kernels.run', { name: 'metrics.confusion', params, tables });
    expect([...arrays.counts]).toEqual([2, 0, 0, 1, 0, 0, 0, 0, 1, 1]);
    const expected = new Float64Array(100);
    fillUniform(expected, 9, 5);
    const uniformParams = { name: 'philox.uniform', params: JSON.stringify({ seed: 9, start: 5, count: 100 }) };
    expect((await invokeAddon<any>(alone(), 'kernels.run', uniformParams)).arrays.values).toEqual(expected);
    const bools = { columns: Uint32Array.of(0, 1), kinds: new Uint8Array(2), fills: new Float64Array(2) };
    const spec = {
      ...{ ...bools, shifts: new Float64Array(2), scales: Float64Array.of(1, 1), categories: new BigInt64Array(2) },
    };
    const typed = [
      [
        column(Uint8Array.of(1, 0), { bool: true }),
        column(BigInt64Array.of(1250n, 0n, -500n, -1n), { decimalScale: 3 }),
      ],
    ];
    const matrix = { name: 'matrix.fromTable', params: '{}', tables: typed, arrays: spec };
    expect([...(await invokeAddon<any>(alone(), 'kernels.run', matrix)).arrays.values]).toEqual([1, 1.25, 0, -0.5]);
  });
  test('refuses what is no column, no array, no device', async () => {
    const refused = (params: object, code: string, message: RegExp) =>
      expect(invokeAddon(alone(), 'kernels.run', params)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
    const confusion = { name: 'metrics.confusion', params: '{"classes":2}' };
    await refused({ name: 'nothing', params: '{}' }, 'ERR_PARAMETER', /no kernel 'nothing'/);
    await refused({ ...confusion, params: '{' }, 'ERR_PARAMETER', /./);
    await refused({ ...confusion, tables: [[column([1, 2])]] }, 'ERR_PARAMETER', /typed array for values/);
    await refused(
      { ...confusion, tables: [[column(new Uint8ClampedArray(2))]] },
      'ERR_PARAMETER',
      /integers or floats/,
    );
    const short = column(new Int32Array(9), { validity: new Uint8Array(1) });
    await refused({ ...confusion, tables: [[short, short]] }, 'ERR_SHAPE', /validity/);
    await refused(
      { ...confusion, tables: [[column(new BigInt64Array(3), { decimalScale: 1 })]] },
      'ERR_SHAPE',
      /two words/,
    );
    await refused({ ...confusion, deviceId: 7, tables: [] }, 'ERR_DEVICE', /cudaError/);
  });
  test.skipIf(skipReason !== undefined)('has none where it is built without CUDA', async () => {
    for (const name of ['kernels.list', 'kernels.run'])
      await expect(invokeAddon(load(addonFile), name, {})).rejects.toMatchObject({
        code: 'ERR_UNSUPPORTED',
        message: expect.stringContaining('without CUDA'),
      });
  });
});
