// Queries while a stream waits for its reader.
import { expect, test } from 'vitest';
import { backendInfos, Float64, fromColumns } from '../../ts/index.ts';

const ROWS = 300_000;
const frame = () =>
  fromColumns({
    key: Float64Array.from({ length: ROWS }, (_, i) => i % 1000),
    value: Float64Array.from({ length: ROWS }, (_, i) => ROWS - i),
  }).cache();
const memory = async () => (await backendInfos()).find((b) => b.name === 'cpu')!.detail as Record<string, number>;

test('a reader of batches may run queries of its own', async () => {
  const df = await frame();
  let rows = 0;
  let first = 0;
  for await (const batch of df.batches()) {
    using sorted = await batch.lazy().sort('value').collect();
    first = sorted.column('value').at(0)!;
    rows += await df.filter((c) => c.key.lt(1)).count();
  }
  expect(first).toBe(1);
  expect(rows).toBe(300 * Math.ceil(ROWS / 65536));
});

test('two streams may be read in step, from the start or one inside the other', async () => {
  const df = await frame();
  for (const together of [true, false]) {
    const up = df.batches()[Symbol.asyncIterator]();
    const down = df.sort('value').batches()[Symbol.asyncIterator]();
    let rows = 0;
    for (;;) {
      const [a, b] = together ? await Promise.all([up.next(), down.next()]) : [await up.next(), await down.next()];
      if (a.done || b.done) break;
      rows += a.value.height + b.value.height;
    }
    expect(rows).toBe(2 * ROWS);
  }
});

test('mapBatches may run queries', async () => {
  const df = await frame();
  const doubled = df.mapBatches(
    async (batch) => {
      using t = await batch
        .lazy()
        .sort('value')
        .select({ x: (c) => c.value.mul(2) })
        .collect();
      return { x: t.column('x').toArray() };
    },
    { schema: { x: Float64 } },
  );
  using table = await doubled.sort('x').head(1).collect();
  expect(table.toRecords()).toEqual([{ x: 2 }]);
});

test('a failing or aborted query inside a stream harms neither', async () => {
  const df = await frame();
  let failures = 0;
  let rows = 0;
  for await (const batch of df.batches()) {
    rows += batch.height;
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = df.sort('value', 'key').count({ signal: controller.signal });
    controller.abort(reason);
    await running.catch((error) => {
      expect(error).toBe(reason);
      failures++;
    });
  }
  expect(rows).toBe(ROWS);
  expect(failures).toBe(Math.ceil(ROWS / 65536));
  const controller = new AbortController();
  const read = async () => {
    for await (const batch of df.batches({ signal: controller.signal })) {
      await batch.lazy().sort('value').count();
      controller.abort(new Error('stop'));
    }
  };
  await expect(read()).rejects.toThrow('stop');
  expect(await df.count()).toBe(ROWS);
});

test('queries do not grow the heap', async () => {
  const df = await frame();
  const query = () =>
    df
      .groupBy('key')
      .agg({ total: (c) => c.value.sum() })
      .count();
  await query();
  const before = (await memory())['heapBytes']!;
  for (let i = 0; i < 40; i++) await query();
  expect((await memory())['heapBytes']! - before).toBeLessThan(100 << 20);
});
