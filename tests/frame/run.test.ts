// The terminals: count, show, batches, streams, cache, abort, explain after a run.
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type DataFrame,
  Float64,
  fromArrow,
  fromColumns,
  fromIpc,
  Int32,
  len,
  nullable,
  Utf8,
} from '../../ts/index.ts';

const many = fromColumns({
  i: Int32Array.from({ length: 200_000 }, (_, i) => i),
  k: Array.from({ length: 200_000 }, (_, i) => `k${i % 7}`),
});

afterEach(() => vi.restoreAllMocks());

async function shown(frame: DataFrame<any>, rows?: number): Promise<string> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await frame.show(rows);
  return String(log.mock.calls.at(-1)?.[0]);
}

describe('terminals', () => {
  test('count', async () => {
    expect(await many.count()).toBe(200_000);
    expect(await many.filter((c) => c.i.lt(10)).count()).toBe(10);
    expect(await many.filter((c) => c.i.lt(0)).count()).toBe(0);
    expect(await many.select({ n: len() }).count()).toBe(1);
  });

  test('show', async () => {
    const df = fromColumns({ city: ['Oslo', null], price: [10, 20.5] });
    expect(await shown(df)).toBe(
      [
        '┌──────┬─────────┐',
        '│ city │   price │',
        '│ Utf8 │ Float64 │',
        '├──────┼─────────┤',
        '│ Oslo │    10.0 │',
        '│ null │    20.5 │',
        '└──────┴─────────┘',
        '2 rows × 2 columns',
      ].join('\n'),
    );
    expect(await shown(many, 3)).toMatch(/first 3 rows × 2 columns$/);
    expect(await shown(many.head(0))).toMatch(/├.*\n└.*\n0 rows × 2 columns$/);
  });

  test('batches come in order', async () => {
    let next = 0;
    let batches = 0;
    for await (const batch of many.batches()) {
      batches++;
      const values = batch.column('i').toArray();
      expect(values[0]).toBe(next);
      next += batch.height;
    }
    expect(next).toBe(200_000);
    expect(batches).toBeGreaterThan(1);
  });

  test('leaving a loop over batches early ends the run', async () => {
    for await (const batch of many.batches()) {
      expect(batch.height).toBeGreaterThan(0);
      break;
    }
    expect(await many.count()).toBe(200_000);
  });

  test('a Readable of rows', async () => {
    const rows: unknown[] = [];
    for await (const row of many.head(3).toReadable({ format: 'rows' })) rows.push(row);
    expect(rows).toEqual([
      { i: 0, k: 'k0' },
      { i: 1, k: 'k1' },
      { i: 2, k: 'k2' },
    ]);
    expect(() => many.toReadable({ format: 'csv' as 'rows' })).toThrow(/^The 'format' parameter of toReadable/);
  });

  test('cache runs once', async () => {
    let calls = 0;
    const source = fromColumns({ a: [1, 2, 3] }).mapBatches(
      (batch) => {
        calls++;
        return {
          b: batch
            .column('a')
            .toArray()
            .map((x) => x * 2),
        };
      },
      { schema: { b: Float64 } },
    );
    const cached = await source.cache();
    expect(await cached.filter((c) => c.b.gt(2)).count()).toBe(2);
    expect((await cached.collect()).toRecords()).toEqual([{ b: 2 }, { b: 4 }, { b: 6 }]);
    expect(calls).toBe(1);
    expect(cached.explain({ optimized: false })).toBe('TABLE 3 rows: b');
  });

  test('mapBatches holds its schema', async () => {
    const run = (fn: () => object) =>
      many.mapBatches(fn as never, { schema: { x: Float64, y: nullable(Utf8) } }).collect();
    await expect(run(() => ({ x: [1] }))).rejects.toMatchObject({ code: 'ERR_SCHEMA_MISMATCH' });
    await expect(run(() => ({ x: [1], y: ['a', 'b'] }))).rejects.toMatchObject({ code: 'ERR_SHAPE' });
    await expect(run(() => ({ x: ['a'], y: ['a'] }))).rejects.toMatchObject({ code: 'ERR_DTYPE' });
    await expect(
      run(() => {
        throw new Error('mine');
      }),
    ).rejects.toThrow('mine');
  });

  test('mapBatches over many batches, async, then more verbs', async () => {
    const doubled = many.mapBatches(
      async (batch) => ({
        k: batch.column('k').toArray(),
        d: batch
          .column('i')
          .toArray()
          .map((x) => x * 2),
      }),
      { schema: { k: Utf8, d: Int32 } },
    );
    const out = await doubled
      .groupBy('k')
      .agg({ n: len(), max: (c) => c.d.max() })
      .sort('k')
      .head(2)
      .collect();
    expect(out.toRecords()).toEqual([
      { k: 'k0', n: 28572, max: 399_994 },
      { k: 'k1', n: 28572, max: 399_996 },
    ]);
  });

  test('an aborted signal rejects with its reason', async () => {
    const reason = new Error('enough');
    await expect(many.collect({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const run = many.sort('k').collect({ signal: controller.signal });
    controller.abort(reason);
    await expect(run).rejects.toBe(reason);
  });

  test('explain after a run shows rows and time', async () => {
    const frame = many
      .filter((c) => c.i.lt(1000))
      .groupBy('k')
      .agg({ n: len() });
    expect(frame.explain()).not.toMatch(' ms');
    await frame.collect();
    const text = frame.explain();
    expect(text).toMatch(/AGGREGATE by k: n = len\(\) {2}\[.*rows, [\d.]+ ms/);
    expect(text).toMatch(/ran on cpu \((thread|inline)\) in [\d.]+ ms/);
    expect(frame.explain({ optimized: false })).not.toMatch(' ms');
    await shown(frame);
    expect(frame.explain()).toMatch(' ms');
  });

  test('explain is of the last run, whatever ran before', async () => {
    const frame = (await many.cache()).filter((c) => c.i.lt(1000)).sort('i');
    const rowsOf = (): string | undefined => /SORT i {2}\[([\d,]+) rows/.exec(frame.explain())?.[1];
    await frame.show(3);
    expect(rowsOf()).not.toBe('1,000');
    const table = await frame.collect();
    table.dispose();
    expect(rowsOf()).toBe('1,000');
    await frame.show(3);
    expect(rowsOf()).not.toBe('1,000');
  });

  test('run-time errors carry the line that ran the query', async () => {
    const frame = fromColumns({ t: ['1', 'x'] }).select({ n: (c) => c.t.cast(Int32) });
    const error: Error = await frame.collect().catch((e) => e);
    expect(error).toMatchObject({ code: 'ERR_CAST' });
    expect(error.stack).toMatch('run.test.ts');
  });

  test('a frame used by several queries uploads its rows once', async () => {
    const df = fromColumns({ a: [1, 2, 3] });
    const [a, b, c] = await Promise.all([df.count(), df.filter((x) => x.a.gt(1)).count(), df.head(1).collect()]);
    expect([a, b, c.height]).toEqual([3, 2, 1]);
  });
});

describe('Arrow', () => {
  test('toIpc, fromIpc, toArrow, fromArrow and an IPC stream agree', async () => {
    using table = await many.head(1000).collect();
    const rows = table.toRecords();
    expect((await fromIpc(table.toIpc()).collect()).toRecords()).toEqual(rows);
    expect((await fromIpc(table.toIpc({ format: 'file', compression: 'lz4' })).collect()).toRecords()).toEqual(rows);
    const arrow = table.toArrow();
    expect(arrow.numRows).toBe(1000);
    expect((await fromArrow(arrow).collect()).toRecords()).toEqual(rows);
    const chunks: Uint8Array[] = [];
    for await (const chunk of many.toReadable({ format: 'ipc' })) chunks.push(chunk);
    const streamed = fromIpc(new Uint8Array(Buffer.concat(chunks)));
    expect(await streamed.count()).toBe(200_000);
    expect((await streamed.tail(1).collect()).toRecords()).toEqual([{ i: 199_999, k: 'k2' }]);
    expect(() => fromIpc('x' as never)).toThrow(/^Expected a Uint8Array for fromIpc/);
  });
});
