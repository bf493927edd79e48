// What estimateMemory() guesses, held against what plans really took of the device's memory. Runs where TEST_BACKENDS names
// sim: host-cudf, not a GPU. Its results are as large as libcudf's; what a kernel needs beside them it does not take.
import { afterAll, beforeAll, expect } from 'vitest';
import type { Trace } from '../../ts/backend/backend.ts';
import type { CudaBackend } from '../../ts/backend/cuda/cuda-backend.ts';
import { DataFrame } from '../../ts/frame/dataframe.ts';
import { fromColumns, type Table } from '../../ts/index.ts';
import { memoryPlan } from '../../ts/optimize/memory-plan.ts';
import { optimizedPlan } from '../../ts/runner/runner.ts';
import { onBackends, TEST_BACKENDS } from '../support/backends.ts';
import { cudaBackend, figures, RUN } from '../support/gpu-tables.ts';

const ROWS = 50_000;
const facts = () =>
  fromColumns({
    k: Int32Array.from({ length: ROWS }, (_, i) => i % 1000),
    g: Int32Array.from({ length: ROWS }, (_, i) => (i * 7919) % 50),
    x: Float64Array.from({ length: ROWS }, (_, i) => Math.sin(i)),
    y: Float64Array.from({ length: ROWS }, (_, i) => i),
    s: Array.from({ length: ROWS }, (_, i) => `name ${i % 300}`),
  });
const keys = () =>
  fromColumns({
    k: Int32Array.from({ length: 1000 }, (_, i) => i),
    w: Float64Array.from({ length: 1000 }, (_, i) => i / 2),
  });

type Frame = ReturnType<typeof facts>;
type Keys = ReturnType<typeof keys>;
const PLANS: readonly (readonly [string, (a: Frame, b: Keys) => DataFrame<any>])[] = [
  ['project', (a) => a.withColumns({ z: (c) => c.x.mul(2).add(c.y) })],
  ['filter, half', (a) => a.filter((c) => c.x.gt(0))],
  ['filter, few', (a) => a.filter((c) => c.y.lt(100))],
  ['sort', (a) => a.sort('x')],
  ['sort by two', (a) => a.sort('g', 'x')],
  ['group by', (a) => a.groupBy('g').agg({ t: (c) => c.x.sum(), n: (c) => c.y.count() })],
  ['group by many', (a) => a.groupBy('k', 'g').agg({ t: (c) => c.x.mean() })],
  ['distinct', (a) => a.unique({ subset: ['k'] })],
  ['join', (a, b) => a.join(b, { on: 'k' })],
  ['left join', (a, b) => a.join(b, { on: 'k', how: 'left' })],
  [
    'join, group by, sort',
    (a, b) =>
      a
        .join(b, { on: 'k' })
        .groupBy('g')
        .agg({ t: (c) => c.w.sum() })
        .sort('t'),
  ],
  ['window', (a) => a.withColumns({ m: (c) => c.x.mean().over(c.g) })],
  ['head', (a) => a.head(10)],
];

/** How much of what is taken a guess is at least, and how many times as much at most. */
const LEAST = 0.7;
const MOST = 2.5;

onBackends(
  (_, test) => {
    let backend: CudaBackend;
    let a: Table<any>;
    let b: Table<any>;
    beforeAll(async () => {
      backend = await cudaBackend();
      a = await facts().collect({ engine: 'cuda' });
      b = await keys().collect({ engine: 'cuda' });
    });
    afterAll(() => {
      a.dispose();
      b.dispose();
    });

    test.each(PLANS)('%s', async (name, build) => {
      const plan = optimizedPlan(DataFrame.planOf(build(a.lazy() as never, b.lazy() as never)));
      const before = figures(backend)['usedBytes']!;
      const trace: Trace = { backend: 'cuda', where: 'thread', why: '', nodes: [], totalMs: 0, peakBytes: 0 };
      const made = await backend.execute(plan, { ...RUN, trace });
      const guess = memoryPlan(plan);
      const others = name.includes('join') ? 0 : b.sizeBytes;
      const taken = trace.peakBytes - others;
      const ratio = guess.peakBytes / taken;
      const figuresOf = `${guess.peakBytes} bytes guessed, ${taken} taken`;
      expect(ratio, figuresOf).toBeGreaterThan(LEAST);
      expect(ratio, figuresOf).toBeLessThan(MOST);
      backend.release(made);
      await expect.poll(() => figures(backend)['usedBytes']).toBe(before);
    });
  },
  TEST_BACKENDS.filter((b) => b.name !== 'cpu'),
);
