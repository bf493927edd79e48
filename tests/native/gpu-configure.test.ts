// configure() before the GPU's first use and after it: one process, in this order. Runs where TEST_BACKENDS names sim:
// host-cudf, not a GPU.
import { expect } from 'vitest';
import { configure, fromColumns } from '../../ts/index.ts';
import { onBackends, TEST_BACKENDS } from '../support/backends.ts';
import { cudaBackend, figures } from '../support/gpu-tables.ts';

const n = 10_000;
const frame = () => fromColumns({ x: Float64Array.from({ length: n }, (_, i) => i) });
const rows = async (engine: 'cuda' | 'cpu', options: object = {}): Promise<number> => {
  using table = await frame()
    .withColumns({ y: (c) => c.x.mul(2) })
    .collect({ engine, ...options });
  return table.height;
};

onBackends(
  (_, test) => {
    test('a device that is not there is said to be, and another may be chosen then', async () => {
      await configure({ deviceId: 7 });
      await expect(rows('cuda')).rejects.toMatchObject({
        code: 'ERR_UNSUPPORTED',
        message: expect.stringMatching(/The 'deviceId' option must be from 0 to 0\. Got 7\./),
      });
      // Nothing is open: the next setting counts.
      await configure({ deviceId: 0, memoryLimitBytes: 50_000_000 });
    });

    test('the limit that was set before is there from the first use on', async () => {
      expect(await rows('cuda')).toBe(n);
      expect(figures(await cudaBackend())['limitBytes']).toBe(50_000_000);
    });

    test('a lower limit holds at once, for what comes', async () => {
      await configure({ memoryLimitBytes: n * 8 + 100 });
      await expect(rows('cuda')).rejects.toMatchObject({
        code: 'ERR_OUT_OF_MEMORY',
        detail: { limitBytes: n * 8 + 100, device: 'GPU 0' },
      });
      await configure({ memoryLimitBytes: 40_000_000 });
      expect(await rows('cuda')).toBe(n);
      expect(figures(await cudaBackend())['limitBytes']).toBe(40_000_000);
    });

    test('a limit of a call is below the one of the process, not above it', async () => {
      await expect(rows('cuda', { memoryLimitBytes: n * 8 + 100 })).rejects.toMatchObject({
        detail: { limitBytes: n * 8 + 100 },
      });
      await configure({ memoryLimitBytes: n * 8 + 200 });
      await expect(rows('cuda', { memoryLimitBytes: 10 ** 9 })).rejects.toMatchObject({
        detail: { limitBytes: n * 8 + 200 },
      });
      await configure({ memoryLimitBytes: 40_000_000 });
    });

    test('another device after the first use is refused; the same is not', async () => {
      await expect(configure({ deviceId: 1 })).rejects.toMatchObject({
        code: 'ERR_PARAMETER',
        message: expect.stringMatching(/'deviceId' option must be set before the GPU is first used\. Got 1/),
      });
      await configure({ deviceId: 0 });
      expect(await rows('cuda')).toBe(n);
    });

    test('what is no limit is refused, and changes nothing', async () => {
      for (const memoryLimitBytes of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])
        await expect(configure({ memoryLimitBytes })).rejects.toMatchObject({ code: 'ERR_PARAMETER' });
      for (const deviceId of [-1, 0.5, Number.NaN])
        await expect(configure({ deviceId })).rejects.toMatchObject({ code: 'ERR_PARAMETER' });
      expect(figures(await cudaBackend())['limitBytes']).toBe(40_000_000);
      expect(await rows('cuda')).toBe(n);
    });

    test('the CPU engine has limits of its own', async () => {
      await configure({ memoryLimitBytes: 1000 });
      expect(await rows('cpu')).toBe(n);
      await expect(rows('cuda')).rejects.toMatchObject({ code: 'ERR_OUT_OF_MEMORY' });
    });
  },
  TEST_BACKENDS.filter((b) => b.name === 'sim'),
);
