// The cuda backend over an engine library that echoes (native/tests/fixture_engine; host, not a GPU): what crosses the
// addon and how, not what is computed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ArrowColumn, RecordBatch } from '../../ts/backend/arrow.ts';
import { sliceColumn } from '../../ts/backend/arrow-columns.ts';
import type { RunContext, Trace } from '../../ts/backend/backend.ts';
import { downloadVector } from '../../ts/backend/cpu/host/download.ts';
import type { CudaBackend } from '../../ts/backend/cuda/cuda-backend.ts';
import type { NativeAddon } from '../../ts/native/addon.ts';
import { aggregateNode, tableNode } from '../../ts/plan/build.ts';
import type { Schema } from '../../ts/schema/types.ts';
import { testContext, vectorOf } from '../support/engine.ts';
import { EVERY_TYPE, everySchema, valueAt } from '../support/frames.ts';
import { hostValues } from '../support/host-columns.ts';
import { fixtureBackend } from './engine-fixture.ts';
import { skipReason } from './support.ts';

const RUN: RunContext = { memoryLimitBytes: Number.POSITIVE_INFINITY, seed: 1, threads: 1 };
const schema: Schema = everySchema();
const ctx = testContext();
const columnsOf = (rows: number): ArrowColumn[] =>
  EVERY_TYPE.map(([type, at], k) => {
    const values = Array.from({ length: rows }, (_, i) => valueAt(at, i));
    return downloadVector(ctx, vectorOf(ctx, type, values), schema[k]!.name, true, ctx.arena);
  });
const batchOf = (rows: number): RecordBatch => ({ schema, length: rows, columns: columnsOf(rows) });
const valuesOf = (batch: RecordBatch): unknown[][] => batch.columns.map(hostValues);

describe.skipIf(skipReason)('the cuda backend over an echo (host, not a GPU)', () => {
  let backend: CudaBackend;
  let addon: NativeAddon;
  let engine = 0;
  beforeAll(async () => {
    ({ backend, addon, engine } = await fixtureBackend());
  });
  afterAll(() => backend?.[Symbol.asyncDispose]());
  const figures = (): Record<string, number> => JSON.parse(addon.memoryInfo(engine));

  test.each([0, 1, 7, 8, 9, 1000])('every dtype comes back as it went, %i rows', async (rows) => {
    const batch = batchOf(rows);
    const table = await backend.upload([batch], schema, RUN);
    expect([table.backend, table.rows, table.schema]).toEqual(['cuda', rows, schema]);
    await table.prefetch(undefined, RUN);
    expect(valuesOf(table.toHost())).toEqual(valuesOf(batch));
    backend.release(table);
    backend.release(table);
    await expect(table.prefetch(undefined, RUN)).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
  });

  test('buffers that are parts of larger ones are read where they are', async () => {
    const whole = batchOf(100);
    const columns = whole.columns.map((c) => sliceColumn(c, 13, 40));
    const before = figures()['hostToDeviceBytes']!;
    const table = await backend.upload([{ schema, length: 40, columns }], schema, RUN);
    await table.prefetch(undefined, RUN);
    // The fixture does not cut text where offsets start late: it keeps the buffers as they are.
    expect(valuesOf(table.toHost())).toEqual(columns.map(hostValues));
    expect(figures()['hostToDeviceBytes']! - before).toBeGreaterThan(0);
    backend.release(table);
  });

  test('columns that nobody fetched are not there', async () => {
    const table = await backend.upload([batchOf(10)], schema, RUN);
    expect(() => table.toHost()).toThrow(/on the GPU only/);
    backend.release(table);
  });

  test('batches that come over time are joined by a plan', async () => {
    const fields: Schema = [{ name: 'x', type: { dtype: 'Float64' }, nullable: false }];
    const batch = (from: number): RecordBatch => {
      const values = Float64Array.from({ length: 1000 }, (_, i) => from + i);
      return {
        schema: fields,
        length: 1000,
        columns: [{ type: { dtype: 'Float64' }, length: 1000, validity: null, values }],
      };
    };
    async function* batches() {
      for (let i = 0; i < 3; i++) yield batch(i * 1000);
    }
    await expect.poll(() => figures()['tables']).toBe(0);
    const { tables: before } = figures();
    const small = await fixtureBackend(8000);
    // The fixture gives the first table for any plan; the others must be gone.
    const joined = await small.backend.upload(batches(), fields, RUN);
    expect(joined.rows).toBe(1000);
    await expect.poll(() => figures()['tables']).toBe(before! + 1);
    // The fixture takes one batch at a time; what fails half way leaves nothing.
    await expect(backend.upload(batches(), fields, RUN)).rejects.toMatchObject({ code: 'ERR_SHAPE' });
    small.backend.release(joined);
    await expect.poll(() => figures()['tables']).toBe(before);
  });

  test('a plan runs and is traced', async () => {
    const table = await backend.upload([batchOf(100)], schema, RUN);
    const trace: Trace = { backend: 'cuda', where: 'thread', why: '', nodes: [], totalMs: 0, peakBytes: 0 };
    const result = await backend.execute(tableNode(table.id, table.rows, schema), { ...RUN, trace });
    expect(trace.where).toBe('host-cudf, not a GPU');
    expect(trace.nodes).toEqual([{ label: 'ECHO', rows: 1, ms: 0.5 }]);
    expect(trace.peakBytes).toBe(64);
    const batches: RecordBatch[] = [];
    for await (const batch of backend.stream(tableNode(table.id, table.rows, schema), RUN)) batches.push(batch);
    expect(batches.map((b) => b.length)).toEqual([100, 100]);
    expect(valuesOf(batches[1]!)).toEqual(valuesOf(batchOf(100)));
    for await (const batch of backend.stream(tableNode(table.id, table.rows, schema), RUN)) {
      expect(batch.length).toBe(100);
      break;
    }
    backend.release(table);
    backend.release(result);
    await expect.poll(() => figures()['streams']).toBe(0);
  });

  test('why not is asked of the library once a plan', () => {
    const plan = tableNode(1, 1, schema);
    expect(backend.whyNot(plan)).toBeNull();
    expect(backend.whyNot(aggregateNode(plan, [], [], false))).toBe('The fixture cannot aggregate.');
  });

  test('a run that is aborted rejects with the reason of its signal', async () => {
    const table = await backend.upload([batchOf(10)], schema, RUN);
    const reason = new Error('enough');
    const aborted = AbortSignal.abort(reason);
    await expect(backend.execute(tableNode(table.id, 10, schema), { ...RUN, signal: aborted })).rejects.toBe(reason);
    const control = new AbortController();
    const waiting = table.prefetch(undefined, { ...RUN, signal: control.signal });
    control.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    backend.release(table);
  });

  test('limits reach the device, memory is told', async () => {
    await backend.configure({ memoryLimitBytes: 12345 });
    expect(backend.memoryInfo()).toMatchObject({ limitBytes: 12345 });
    expect(backend.info()).toMatchObject({
      name: 'cuda',
      available: true,
      reason: 'host-cudf, not a GPU: for tests only.',
    });
  });

  test('a kernel takes arrays and tables', async () => {
    const table = await backend.upload([batchOf(10)], schema, RUN);
    const call = { name: 'sum', params: { a: 1 }, inputs: [table], arrays: { x: Float64Array.of(1, 2, 3.5) } };
    const result = await backend.invoke(call, RUN);
    expect(result.json).toEqual({ a: 1 });
    expect(result.arrays).toEqual({ sum: Float64Array.of(6.5) });
    expect(result.outputs).toHaveLength(1);
    for (const h of [table, ...result.outputs]) backend.release(h);
  });

  test('wrong arguments are errors, whatever they are', async () => {
    const call = async (name: string, params: object) => addon.invoke(name, params);
    for (const table of [0, 99999, 2 ** 31 - 1, -1, 1.5, 'x', null, 140737488355328])
      await expect(call('engine.download', { table, run: {} })).rejects.toMatchObject({
        code: expect.stringMatching(/ERR_(DISPOSED|PARAMETER)/),
      });
    await expect(call('engine.download', { table: engine, run: {} })).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
    await expect(call('engine.execute', { engine, run: {}, plan: 'x', tables: [[1]] })).rejects.toMatchObject({
      code: 'ERR_PARAMETER',
    });
    const column = { length: 5, validity: null, values: 'text' };
    await expect(
      call('engine.upload', { engine, run: {}, schema: '[]', batches: [{ length: 5, columns: [column] }] }),
    ).rejects.toMatchObject({ code: 'ERR_PARAMETER' });
    await expect(call('engine.nothing', {})).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
    await expect(
      call('engine.execute', { engine, run: {}, plan: 'fail ERR_OUT_OF_MEMORY', tables: [] }),
    ).rejects.toMatchObject({ code: 'ERR_OUT_OF_MEMORY', detail: '{"requestedBytes":7}' });
  });

  test('progress is told at most ten times a second', async () => {
    const seen: number[] = [];
    const run = { onProgress: (rows: number) => seen.push(rows) };
    const slow = addon.invoke('engine.execute', { engine, run, plan: 'slow', tables: [] });
    setTimeout(() => addon.cancel(slow.run!), 450);
    await expect(slow).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.length).toBeLessThanOrEqual(10);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});
