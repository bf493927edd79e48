// Tables own memory: dispose gives it back at once, and what is forgotten goes with the garbage collector.
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { backendInfos, fromColumns } from '../../ts/index.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function usedBytes(): Promise<number> {
  await wait(5);
  const cpu = (await backendInfos()).find((b) => b.name === 'cpu');
  return Number(cpu?.detail['usedBytes']);
}
const ROWS = 500_000;
const BYTES = ROWS * 8;
const large = () => fromColumns({ x: new Float64Array(ROWS) });

/** Used bytes once the collector has run often enough, or as they stay. */
async function usedAfterGarbage(below: number): Promise<number> {
  let used = await usedBytes();
  for (let i = 0; i < 50 && used >= below; i++) {
    collectGarbage();
    used = await usedBytes();
  }
  return used;
}

test('dispose frees a table, and only that one', async () => {
  const df = large();
  await df.count();
  using kept = await df.collect();
  const before = await usedBytes();
  const table = await df.withColumns({ y: (c) => c.x.add(1) }).collect();
  expect(await usedBytes()).toBeGreaterThan(before + BYTES / 2);
  table.dispose();
  expect(await usedBytes()).toBeLessThan(before + BYTES / 2);
  expect(kept.column('x').at(5)).toBe(0);
});

test('using disposes at the end of the block', async () => {
  const df = large();
  await df.count();
  const before = await usedBytes();
  {
    using table = await df.withColumns({ y: (c) => c.x.add(1) }).collect();
    expect(table.height).toBe(ROWS);
  }
  expect(await usedBytes()).toBeLessThan(before + BYTES / 2);
});

test('a forgotten table, frame and cached result go with the garbage collector', async () => {
  const before = await usedAfterGarbage(0);
  const forget = async (): Promise<void> => {
    const df = large();
    const cached = await df.withColumns({ y: (c) => c.x.add(1) }).cache();
    await cached.collect();
    expect(await usedBytes()).toBeGreaterThan(before + BYTES);
  };
  await forget();
  expect(await usedAfterGarbage(before + BYTES / 2)).toBeLessThan(before + BYTES / 2);
});

test('a frame keeps its table alive', async () => {
  const frame = (await large().collect()).lazy();
  for (let i = 0; i < 5; i++) {
    collectGarbage();
    await wait(5);
  }
  expect(await frame.filter((c) => c.x.eq(0)).count()).toBe(ROWS);
});

test('batches of a stream that is left early give their memory back', async () => {
  const df = large();
  await df.count();
  const before = await usedBytes();
  for await (const batch of df.withColumns({ y: (c) => c.x.add(1) }).batches()) {
    expect(batch.height).toBeGreaterThan(0);
    break;
  }
  expect(await usedBytes()).toBeLessThan(before + BYTES / 2);
});
