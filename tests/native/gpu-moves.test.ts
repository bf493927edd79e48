// Rows that move between host and device, and between backends: every dtype, nulls, parts of columns, several batches.
// Runs where TEST_BACKENDS names sim: host-cudf, not a GPU.
import { beforeAll, expect } from 'vitest';
import type { RecordBatch } from '../../ts/backend/arrow.ts';
import { sliceColumn } from '../../ts/backend/arrow-columns.ts';
import { CudaBackend } from '../../ts/backend/cuda/cuda-backend.ts';
import { openCuda } from '../../ts/backend/cuda/open-cuda.ts';
import { toArrowTable } from '../../ts/frame/apache-table.ts';
import { col, fromArrow } from '../../ts/index.ts';
import { openGpu } from '../../ts/native/gpu.ts';
import { tableNode } from '../../ts/plan/build.ts';
import { onBackends, TEST_BACKENDS } from '../support/backends.ts';
import { batchValues, cudaBackend, everyBatch, figures, RUN, SCHEMA, tableValues } from '../support/gpu-tables.ts';

/** Batches one after another, value by value. */
const joined = (batches: readonly RecordBatch[]): unknown[][] =>
  SCHEMA.map((_, c) => batches.flatMap((b) => batchValues(b)[c]!));
const slice = (batch: RecordBatch, from: number, length: number): RecordBatch => ({
  ...batch,
  length,
  columns: batch.columns.map((c) => sliceColumn(c, from, length)),
});

onBackends(
  (_, test) => {
    let backend: CudaBackend;
    beforeAll(async () => {
      backend = await cudaBackend();
    });

    /** What comes back of an upload; of the one before nothing has stayed. */
    async function there(batches: readonly RecordBatch[]): Promise<unknown[][]> {
      await expect.poll(() => figures(backend)['usedBytes']).toBe(0);
      const table = await backend.upload(batches, SCHEMA, RUN);
      expect(table.rows).toBe(batches.reduce((n, b) => n + b.length, 0));
      const values = await tableValues(table);
      backend.release(table);
      return values;
    }

    test.each([0, 1, 7, 8, 9, 31, 32, 33, 1000])('every dtype, %i rows', async (rows) => {
      for (const nulls of ['some', 'none', 'all'] as const) {
        const batch = everyBatch(rows, nulls);
        expect(await there([batch])).toEqual(batchValues(batch));
      }
    });

    test.each([
      [0, 40],
      [1, 40],
      [8, 40],
      [13, 77],
      [99, 1],
      [50, 0],
    ])('rows from %i on, %i of them, out of larger buffers', async (from, length) => {
      for (const nulls of ['some', 'none'] as const) {
        const part = slice(everyBatch(100, nulls), from, length);
        expect(await there([part])).toEqual(batchValues(part));
      }
    });

    const PARTS = [
      [0, 13, 0, 1, 64, 0],
      [8, 8, 8],
      [0, 0],
      [5, 300],
    ];
    test.each(PARTS)('batches of %i, %i, … rows at once and one by one', async (...sizes: number[]) => {
      let from = 0;
      const batches = sizes.map((n, i) => {
        const batch = everyBatch(n, i === 1 ? 'none' : 'some', from);
        from += n;
        return batch;
      });
      const expected = joined(batches);
      expect(await there(batches)).toEqual(expected);
      // Each is a table of its own, which a plan puts together.
      const gpu = await openGpu();
      if (!('engine' in gpu)) throw new Error(gpu.reason);
      const { addon, library } = gpu.engine;
      const params = { libraries: [], path: library, deviceId: 0, options: '{}' };
      const opened = (await addon.invoke('engine.open', params)) as { engine: number; description: string };
      const piecemeal = new CudaBackend(gpu.engine, opened, 0, 1);
      const table = await piecemeal.upload(batches, SCHEMA, RUN);
      expect(await tableValues(table)).toEqual(expected);
      piecemeal.release(table);
    });

    test('columns of a part come alone, each part once', async () => {
      const batch = everyBatch(50);
      const table = await backend.upload([batch], SCHEMA, RUN);
      const names = SCHEMA.map((f) => f.name);
      await table.prefetch([names[3]!, names[1]!], RUN);
      expect(batchValues(table.toHost([names[1]!, names[3]!]))).toEqual([batchValues(batch)[1], batchValues(batch)[3]]);
      const before = figures(backend)['deviceToHostCopies']!;
      await table.prefetch([names[1]!], RUN);
      expect(figures(backend)['deviceToHostCopies']).toBe(before);
      await table.prefetch(undefined, RUN);
      expect(figures(backend)['deviceToHostCopies']).toBe(before + 1);
      expect(batchValues(table.toHost())).toEqual(batchValues(batch));
      backend.release(table);
    });

    test('a download is one copy; an upload is one a buffer', async () => {
      const n = 1000;
      const batch: RecordBatch = {
        schema: [
          { name: 'x', type: { dtype: 'Float64' }, nullable: false },
          { name: 'y', type: { dtype: 'Int32' }, nullable: true },
          { name: 's', type: { dtype: 'Utf8' }, nullable: false },
        ],
        length: n,
        columns: [
          { type: { dtype: 'Float64' }, length: n, validity: null, values: new Float64Array(n) },
          {
            type: { dtype: 'Int32' },
            length: n,
            validity: new Uint8Array(n / 8).fill(0xfe),
            values: new Int32Array(n),
          },
          {
            type: { dtype: 'Utf8' },
            length: n,
            validity: null,
            offsets: Int32Array.from({ length: n + 1 }, (_, i) => i * 3),
            values: new Uint8Array(n * 3).fill(0x61),
          },
        ],
      };
      const before = figures(backend);
      const table = await backend.upload([batch], batch.schema, RUN);
      const up = figures(backend);
      // Values, values and validity, offsets and bytes.
      expect(up['hostToDeviceCopies']! - before['hostToDeviceCopies']!).toBe(5);
      expect(up['hostToDeviceBytes']! - before['hostToDeviceBytes']!).toBe(n * 8 + n * 4 + n / 8 + (n + 1) * 4 + n * 3);
      expect(up['deviceToHostCopies']).toBe(before['deviceToHostCopies']);
      await table.prefetch(undefined, RUN);
      const down = figures(backend);
      expect(down['deviceToHostCopies']! - up['deviceToHostCopies']!).toBe(1);
      expect(down['hostToDeviceCopies']).toBe(up['hostToDeviceCopies']);
      // Parts begin at multiples of 64 bytes.
      const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;
      const parts = [n * 8, n * 4, n / 8, (n + 1) * 4, n * 3].map(aligned);
      expect(down['deviceToHostBytes']! - up['deviceToHostBytes']!).toBe(parts.reduce((a, b) => a + b));
      backend.release(table);
    });

    test('a run over rows that are on the device copies none of them', async () => {
      const table = await backend.upload([everyBatch(500)], SCHEMA, RUN);
      const before = figures(backend);
      const made = await backend.execute(tableNode(table.id, table.rows, SCHEMA), RUN);
      const after = figures(backend);
      for (const what of ['hostToDeviceCopies', 'deviceToHostCopies']) expect(after[what]).toBe(before[what]);
      backend.release(made);
      backend.release(table);
    });

    test('tables go from cpu to cuda and back, each once', async () => {
      // Without lists of one width: a download with nulls among them sends the device a list of places.
      const given = fromArrow(toArrowTable(everyBatch(300))).drop('c27');
      using onCpu = await given.collect({ engine: 'cpu' });
      const expected = onCpu.toRecords();
      const copies = (): number => figures(backend)['hostToDeviceBytes']!;
      const start = copies();
      using onCuda = await onCpu
        .lazy()
        .withColumns({ row: col('c5').add(1) })
        .collect({ engine: 'cuda' });
      expect(copies()).toBeGreaterThan(start);
      expect((await onCuda.lazy().drop('row').collect({ engine: 'cpu' })).toRecords()).toEqual(expected);
      expect((await onCuda.lazy().drop('row').collect({ engine: 'cuda' })).toRecords()).toEqual(expected);
      // The copy of a table is kept with it: another plan over it moves nothing.
      const before = copies();
      using again = await onCpu
        .lazy()
        .withColumns({ row: col('c5').add(2) })
        .collect({ engine: 'cuda' });
      expect(copies()).toBe(before);
      expect(again.height).toBe(300);
      onCpu.dispose();
      // What was made of it stays.
      expect((await again.lazy().drop('row').collect({ engine: 'cpu' })).toRecords()).toEqual(expected);
    });

    test('tables of both engines meet in one plan, on either', async () => {
      const left = fromArrow(toArrowTable(everyBatch(200, 'some')));
      const right = fromArrow(toArrowTable(everyBatch(100, 'none')));
      using a = await left.collect({ engine: 'cpu' });
      using b = await right.collect({ engine: 'cuda' });
      const plan = a
        .lazy()
        .select('c5', 'c21')
        .join(b.lazy().select('c5', 'c23').rename({ c23: 'other' }), { on: 'c5' })
        .sort('c5');
      using onCuda = await plan.collect({ engine: 'cuda' });
      using onCpu = await plan.collect({ engine: 'cpu' });
      expect(onCpu.height).toBeGreaterThan(50);
      expect(onCuda.toRecords()).toEqual(onCpu.toRecords());
    });

    test('a second backend of the process works over the same device', async () => {
      const other = await openCuda();
      if (!('backend' in other)) throw new Error(other.reason);
      const batch = everyBatch(20);
      const table = await other.backend.upload([batch], SCHEMA, RUN);
      expect(await tableValues(table)).toEqual(batchValues(batch));
      other.backend.release(table);
    });
  },
  TEST_BACKENDS.filter((b) => b.name !== 'cpu'),
);
