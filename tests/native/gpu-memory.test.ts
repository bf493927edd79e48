// Limits of the device's memory: tables move to the host and back whole, what does not fit is a typed error, and every
// figure is right before and after. Runs where TEST_BACKENDS names sim: host-cudf, not a GPU.
import { afterEach, beforeAll, expect } from 'vitest';
import type { TableHandle } from '../../ts/backend/backend.ts';
import type { CudaBackend } from '../../ts/backend/cuda/cuda-backend.ts';
import { configure, type OutOfMemoryError } from '../../ts/index.ts';
import { tableNode, unionNode } from '../../ts/plan/build.ts';
import { onBackends, TEST_BACKENDS } from '../support/backends.ts';
import { batchValues, cudaBackend, everyBatch, figures, RUN, SCHEMA, tableValues } from '../support/gpu-tables.ts';

const ROWS = 500;
const LARGE = 2 ** 32;

onBackends(
  (_, test) => {
    let backend: CudaBackend;
    const held: TableHandle[] = [];
    const now = (): Record<string, number> => figures(backend);
    const keep = async (from: number): Promise<TableHandle> => {
      const table = await backend.upload([everyBatch(ROWS, 'some', from)], SCHEMA, RUN);
      held.push(table);
      return table;
    };
    const plan = (table: TableHandle) => tableNode(table.id, table.rows, SCHEMA);
    const limit = (memoryLimitBytes: number): Promise<void> => backend.configure({ memoryLimitBytes });

    beforeAll(async () => {
      backend = await cudaBackend();
    });
    afterEach(async () => {
      await limit(LARGE);
      for (const table of held.splice(0)) backend.release(table);
      await expect.poll(() => [now()['usedBytes'], now()['spilledBytes']]).toEqual([0, 0]);
    });

    test('tables that nobody uses go to the host and come back with every value', async () => {
      const tables = [await keep(0), await keep(1000), await keep(2000)];
      const one = now()['usedBytes']! / 3;
      // Room for two: the third's copy pushes the longest unused away.
      await limit(Math.ceil(one * 3.2));
      const copy = await backend.execute(unionNode([plan(tables[2]!), plan(tables[2]!)], 'vertical'), RUN);
      held.push(copy);
      const full = now();
      expect(full['spilledBytes']).toBeGreaterThan(one * 1.5);
      expect(full['usedBytes']).toBeLessThanOrEqual(full['limitBytes']!);
      // Read back in the order that makes each push others away.
      for (const [i, table] of tables.entries()) {
        const values = await tableValues(table);
        expect(values).toEqual(batchValues(everyBatch(ROWS, 'some', i * 1000)));
        expect(now()['usedBytes']).toBeLessThanOrEqual(now()['limitBytes']!);
      }
      expect(await tableValues(copy)).toEqual(
        batchValues(everyBatch(ROWS, 'some', 2000)).map((column) => [...column, ...column]),
      );
      // Nothing is counted twice: what lies on the device and on the host is what there is.
      const left = now();
      const sizes = [...tables, copy].reduce((sum, t) => sum + t.sizeBytes, 0);
      expect(left['usedBytes']! + left['spilledBytes']!).toBe(sizes);
    });

    test('a table in the host memory is used, sliced and streamed like any other', async () => {
      const table = await keep(0);
      const other = await keep(1000);
      const one = now()['usedBytes']! / 2;
      await limit(Math.ceil(one * 2.1));
      const made = await backend.execute(unionNode([plan(other), plan(other)], 'vertical'), RUN).catch(() => undefined);
      if (made) backend.release(made);
      await limit(LARGE);
      const before = now();
      expect(before['spilledBytes']).toBeGreaterThan(0);
      const rows: unknown[][] = [];
      for await (const batch of backend.stream(plan(table), RUN))
        for (const [i, column] of batchValues(batch).entries()) (rows[i] ??= []).push(...column);
      expect(rows).toEqual(batchValues(everyBatch(ROWS, 'some', 0)));
      expect(await tableValues(other)).toEqual(batchValues(everyBatch(ROWS, 'some', 1000)));
      expect(now()['spilledBytes']).toBe(0);
    });

    test('a released table frees what it had on the host', async () => {
      const table = await keep(0);
      const other = await keep(1000);
      await limit(Math.ceil(now()['usedBytes']! * 1.2));
      const third = await keep(2000);
      expect(now()['spilledBytes']).toBeGreaterThan(0);
      backend.release(table);
      await expect.poll(() => now()['spilledBytes']! + now()['usedBytes']!).toBe(other.sizeBytes + third.sizeBytes);
      expect(await tableValues(other)).toEqual(batchValues(everyBatch(ROWS, 'some', 1000)));
    });

    /** An error's figures, which agree with each other and with the sentence. */
    function expectFigures(error: unknown, limitBytes: number): void {
      expect(error).toMatchObject({ code: 'ERR_OUT_OF_MEMORY', detail: { limitBytes, device: 'GPU 0' } });
      const { message, detail } = error as OutOfMemoryError & { detail: Record<string, number> };
      expect(detail['usedBytes']).toBeLessThanOrEqual(limitBytes);
      expect(detail['usedBytes']! + detail['requestedBytes']!).toBeGreaterThan(limitBytes);
      expect(message).toMatch(/^Out of memory on GPU 0: [\d.]+ MB requested with [\d.]+ MB in use and a limit of/);
    }

    test('what does not fit even then is an error with its figures, and changes nothing', async () => {
      const table = await keep(0);
      const before = now();
      const limitBytes = Math.ceil(before['usedBytes']! * 1.5);
      await limit(limitBytes);
      const big = Array.from({ length: 8 }, () => plan(table));
      expectFigures(await backend.execute(unionNode(big, 'vertical'), RUN).catch((e) => e), limitBytes);
      await expect.poll(() => now()['usedBytes']! + now()['spilledBytes']!).toBe(before['usedBytes']);
      await limit(LARGE);
      held.push(await backend.execute(unionNode(big, 'vertical'), RUN));
      expect(held.at(-1)!.rows).toBe(ROWS * 8);
      expect(await tableValues(table)).toEqual(batchValues(everyBatch(ROWS, 'some', 0)));
    });

    test('the limit of one call holds for that call', async () => {
      const table = await keep(0);
      const twice = unionNode([plan(table), plan(table)], 'vertical');
      const memoryLimitBytes = table.sizeBytes * 2;
      expectFigures(await backend.execute(twice, { ...RUN, memoryLimitBytes }).catch((e) => e), memoryLimitBytes);
      held.push(await backend.execute(twice, RUN));
    });

    test('a table is read where there is no room for its packed copy', async () => {
      const table = await keep(0);
      await limit(Math.ceil(table.sizeBytes * 1.2));
      const before = now()['deviceToHostCopies']!;
      expect(await tableValues(table)).toEqual(batchValues(everyBatch(ROWS)));
      expect(now()['deviceToHostCopies']! - before).toBeGreaterThan(1);
    });

    test('an upload that does not fit leaves nothing', async () => {
      const table = await keep(0);
      const used = now()['usedBytes']!;
      await limit(Math.ceil(used * 0.4));
      await expect(backend.upload([everyBatch(ROWS)], SCHEMA, RUN)).rejects.toMatchObject({
        code: 'ERR_OUT_OF_MEMORY',
      });
      // The other one made room and cannot come back until there is some.
      expect(now()['spilledBytes']).toBe(used);
      await expect(table.prefetch(undefined, RUN)).rejects.toMatchObject({ code: 'ERR_OUT_OF_MEMORY' });
      await limit(LARGE);
      expect(await tableValues(table)).toEqual(batchValues(everyBatch(ROWS)));
      expect(now()['usedBytes']).toBe(used);
    });

    test('limits are changed while work waits', async () => {
      const table = await keep(0);
      const copies = Array.from({ length: 6 }, () =>
        backend.execute(unionNode([plan(table), plan(table)], 'vertical'), RUN),
      );
      const changes = [LARGE, LARGE / 2, LARGE].map((bytes) => configure({ memoryLimitBytes: bytes }));
      await Promise.all(changes);
      held.push(...(await Promise.all(copies)));
      expect(now()['limitBytes']).toBe(LARGE);
      for (const copy of held.slice(1)) expect(copy.rows).toBe(ROWS * 2);
    });
  },
  TEST_BACKENDS.filter((b) => b.name !== 'cpu'),
);
