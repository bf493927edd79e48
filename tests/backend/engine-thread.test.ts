// The engine thread's promises: results equal to inline ones, abort, memory limits, death and replacement, streaming
// with back-pressure, no handle that keeps the process alive.
import { execFileSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import type { RecordBatch } from '../../ts/backend/arrow.ts';
import type { RunContext, Trace } from '../../ts/backend/backend.ts';
import type { CpuBackend } from '../../ts/backend/cpu/cpu-backend.ts';
import { loadBackend } from '../../ts/backend/registry.ts';
import { DeviceError, OutOfMemoryError } from '../../ts/errors.ts';
import type { ExprNode } from '../../ts/expr/nodes.ts';
import { aggregateNode, colNode, field, filterNode, keep, named, sortNode, tableNode } from '../../ts/plan/build.ts';
import type { PlanNode } from '../../ts/plan/nodes.ts';
import { serializePlan } from '../../ts/plan/serialize.ts';
import { probeScan } from '../../ts/runner/probe.ts';
import type { LogicalType, Schema } from '../../ts/schema/types.ts';

const INT: LogicalType = { dtype: 'Int32' };
const FLOAT: LogicalType = { dtype: 'Float64' };
const schema: Schema = [field('k', INT, false), field('x', FLOAT, false)];

const host = {
  bytesOf: () => new Uint8Array(),
  fetchRange: async () => {},
};
async function backend(): Promise<CpuBackend> {
  const loaded = await loadBackend('cpu', host);
  if (!('backend' in loaded)) throw new Error('the CPU backend is always there');
  return loaded.backend as CpuBackend;
}
const run = (more: Partial<RunContext> = {}): RunContext => ({
  memoryLimitBytes: 2 ** 32,
  seed: 0,
  threads: 1,
  ...more,
});

function batchOf(rows: number): RecordBatch {
  const k = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % 101);
  const x = Float64Array.from({ length: rows }, (_, i) => (i % 1000) / 8);
  return {
    schema,
    length: rows,
    columns: [
      { type: INT, length: rows, validity: null, values: k },
      { type: FLOAT, length: rows, validity: null, values: x },
    ],
  };
}

function query(tableId: number, rows: number): PlanNode {
  const table = tableNode(tableId, rows, schema);
  const x = colNode(schema[1]!);
  const limit: ExprNode = { node: 'lit', value: 20, type: FLOAT, nullable: false };
  const predicate: ExprNode = {
    node: 'call',
    fn: 'gt',
    args: [x, limit],
    options: {},
    type: { dtype: 'Bool' },
    nullable: false,
  };
  const sum: ExprNode = { node: 'call', fn: 'sum', args: [x], options: {}, type: FLOAT, nullable: false };
  const grouped = aggregateNode(filterNode(table, predicate), [keep(schema[0]!)], [named('total', sum)]);
  return sortNode(grouped, [{ expr: colNode(schema[0]!), descending: false, nullsFirst: false }]);
}

function expected(rows: number): [number[], number[]] {
  const totals = new Map<number, number>();
  for (let i = 0; i < rows; i++) {
    const x = (i % 1000) / 8;
    const k = (i * 7919) % 101;
    if (x > 20) totals.set(k, (totals.get(k) ?? 0) + x);
  }
  const keys = [...totals.keys()].sort((a, b) => a - b);
  return [keys, keys.map((k) => totals.get(k)!)];
}

async function resultOf(b: CpuBackend, plan: PlanNode, context = run()): Promise<unknown[]> {
  const table = await b.execute(plan, context);
  const { columns } = table.toHost();
  b.release(table);
  return columns.map((c) => Array.from(c.values as Int32Array));
}

afterAll(async () => {
  await (await backend()).engine.close();
});

describe('engine thread', () => {
  test('inline and threaded results are right, and memory is given back', async () => {
    const b = await backend();
    // Before it is up, larger ones run inline too.
    await b.engine.start();
    for (const rows of [0, 1, 1000, 65_536, 65_537, 300_000]) {
      const table = await b.upload([batchOf(rows)], schema, run());
      const before = b.engine.pool.usedBytes;
      const trace: Trace = { backend: 'cpu', where: 'thread', why: '', nodes: [], totalMs: 0, peakBytes: 0 };
      expect(await resultOf(b, query(table.id, rows), run({ trace }))).toEqual(expected(rows));
      expect(trace.where).toBe(rows <= 1000 ? 'inline' : 'thread');
      expect(trace.nodes.some((n) => n.rows === rows)).toBe(true);
      expect(b.engine.pool.usedBytes).toBe(before);
      b.release(table);
    }
    expect(b.engine.pool.usedBytes).toBe(0);
  });

  test('many queries at once take turns', async () => {
    const b = await backend();
    const table = await b.upload([batchOf(200_000)], schema, run());
    const want = expected(200_000);
    const all = await Promise.all(Array.from({ length: 8 }, () => resultOf(b, query(table.id, 200_000))));
    for (const got of all) expect(got).toEqual(want);
    b.release(table);
  });

  test('abort before, at and during a query rejects with the reason and harms nothing', async () => {
    const b = await backend();
    const rows = 3_000_000;
    const table = await b.upload([batchOf(rows)], schema, run());
    const used = b.engine.pool.usedBytes;
    const plan = query(table.id, rows);
    for (const delayMs of [-1, 0, 1, 3, 5]) {
      const controller = new AbortController();
      const reason = new Error(`stop ${delayMs}`);
      if (delayMs < 0) controller.abort(reason);
      else void setTimeout(delayMs).then(() => controller.abort(reason));
      const outcome = await b.execute(plan, run({ signal: controller.signal })).then(
        (t) => {
          b.release(t);
          return 'finished';
        },
        (e: unknown) => e,
      );
      expect(outcome === reason || outcome === 'finished').toBe(true);
      if (delayMs < 0) expect(outcome).toBe(reason);
    }
    expect(await resultOf(b, plan)).toEqual(expected(rows));
    expect(b.engine.pool.usedBytes).toBe(used);
    b.release(table);
  });

  test('a memory limit is a typed error, and the next query runs', async () => {
    const b = await backend();
    const rows = 1_000_000;
    const table = await b.upload([batchOf(rows)], schema, run());
    const whole = tableNode(table.id, rows, schema);
    const sorted = sortNode(whole, [{ expr: colNode(schema[1]!), descending: true, nullsFirst: false }]);
    const tooLittle = run({ memoryLimitBytes: table.sizeBytes + (4 << 20) });
    await expect(b.execute(sorted, tooLittle)).rejects.toThrow(OutOfMemoryError);
    const ok = await b.execute(sorted, run());
    expect(ok.rows).toBe(rows);
    b.release(ok);
    b.release(table);
  });

  test('a killed thread fails its query by name and is replaced', async () => {
    const b = await backend();
    const rows = 3_000_000;
    const table = await b.upload([batchOf(rows)], schema, run());
    const plan = query(table.id, rows);
    await b.engine.start();
    const used = b.engine.pool.usedBytes;
    let deaths = 0;
    for (let i = 0; i < 3 || (deaths === 0 && i < 40); i++) {
      const running = resultOf(b, plan);
      const killed = setTimeout(3 * (i % 4)).then(() => b.engine.worker?.terminate());
      const outcome = await running.catch((e: unknown) => e);
      await killed; // a query that ended first must not leave the blow to the next one
      if (outcome instanceof DeviceError) {
        deaths++;
        expect(outcome.code).toBe('ERR_ENGINE_DIED');
        expect(outcome.message).toMatch(/engine thread .* Run the query again/);
      } else expect(outcome).toEqual(expected(rows));
      expect(await resultOf(b, plan)).toEqual(expected(rows));
    }
    expect(deaths).toBeGreaterThan(0);
    // Dying idle is not noticed by anyone but must not fail the next query.
    await b.engine.worker?.terminate();
    expect(await resultOf(b, plan)).toEqual(expected(rows));
    expect(b.engine.pool.usedBytes).toBe(used);
    b.release(table);
  });

  test('a stream arrives in order, waits for its reader, and may be left early', async () => {
    const b = await backend();
    const rows = 500_000;
    const table = await b.upload([batchOf(rows)], schema, run());
    const plan = tableNode(table.id, rows, schema);
    let seen = 0;
    for await (const batch of b.stream(plan, run())) {
      const k = batch.columns[0]!.values as Int32Array;
      expect(k[0]).toBe((seen * 7919) % 101);
      seen += batch.length;
      await setTimeout(1);
    }
    expect(seen).toBe(rows);
    for await (const batch of b.stream(plan, run())) {
      expect(batch.length).toBe(65_536);
      break;
    }
    expect(await resultOf(b, query(table.id, rows))).toEqual(expected(rows));
    b.release(table);
    expect(b.engine.pool.usedBytes).toBe(0);
  });

  test('a batch that cannot be delivered fails its query only, and the thread serves the next', async () => {
    const b = await backend();
    const scan = await probeScan('parquet', 'tests/fixtures/tpch/orders.parquet', { reader: {} });
    const failing = b.engine.run(
      { kind: 'stream', plan: serializePlan(scan), tables: {} },
      { memoryLimitBytes: 2 ** 32, onBatch: () => Promise.reject(new Error('no room for it')) },
    );
    await expect(failing).rejects.toThrow('no room for it');
    expect(b.engine.pool.usedBytes).toBe(0);
    let rows = 0;
    for await (const batch of b.stream(scan, run())) rows += batch.length;
    expect(rows).toBe(15_000);
  });

  test('the event loop turns while a query runs', async () => {
    const b = await backend();
    const rows = 5_000_000;
    const table = await b.upload([batchOf(rows)], schema, run());
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await resultOf(b, query(table.id, rows));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    b.release(table);
  });
});

test('a process ends by itself after queries, and not before', () => {
  const program = `
    import { fromColumns } from './dist/index.js';
    const n = 200000;
    const df = fromColumns({ k: Int32Array.from({ length: n }, (_, i) => i % 10), x: new Float64Array(n).fill(1) });
    const t = await df.groupBy('k').agg({ s: c => c.x.sum() }).sort('k').collect();
    console.log(t.height);
  `;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    timeout: 240_000,
  });
  expect(out.trim()).toBe('10');
});
