// Host functions in plans that flow: batches pass one by one, a head stops them, and results are those of a whole run.
import { describe, expect, test } from 'vitest';
import { type DataFrame, Float64, fromColumns } from '../../ts/index.ts';

const rows = 300_000;
const frame: DataFrame<any> = fromColumns({ x: Float64Array.from({ length: rows }, (_, i) => i) });

/** A frame that doubles x and counts the batches that were asked for. */
function doubled(): { out: DataFrame<any>; calls: () => number } {
  let calls = 0;
  const out = frame.mapBatches(
    (batch: any) => {
      calls++;
      return { y: (batch.column('x').toArray() as Float64Array).map((v) => 2 * v) };
    },
    { schema: { y: Float64 } } as never,
  );
  return { out, calls: () => calls };
}

describe('a host function', () => {
  test('is called as its results are read', async () => {
    const { out, calls } = doubled();
    let seen = 0;
    for await (const batch of out.withColumns({ z: (c: any) => c.y.add(1) } as never).batches()) {
      expect(calls()).toBe(++seen);
      expect(batch.column('z' as never).at(0)).toBe((batch.column('y' as never).at(0) as unknown as number) + 1);
    }
    expect(seen).toBeGreaterThan(3);
  });

  test('is called no more when a head has its rows', async () => {
    for (const plan of [
      (f: DataFrame<any>) => f.head(5),
      (f: DataFrame<any>) => f.select({ y: (c: any) => c.y.neg() } as never).head(5),
      (f: DataFrame<any>) => f.filter((c: any) => c.y.ge(10)).head(5),
    ]) {
      const { out, calls } = doubled();
      using table = await plan(out).collect();
      expect(table.height).toBe(5);
      expect(calls()).toBe(1);
    }
  });

  test('gives what a run over the whole gives', async () => {
    const { out } = doubled();
    using whole = await out.collect();
    const same = async (plan: (f: DataFrame<any>) => DataFrame<any>): Promise<void> => {
      using flowing = await plan(out).collect();
      using standing = await plan(whole.lazy()).collect();
      expect(flowing.columns).toEqual(standing.columns);
      expect(flowing.toColumns()).toEqual(standing.toColumns());
    };
    await same((f) => f);
    await same((f) => f.filter((c: any) => c.y.mod(3).eq(0)).select({ a: (c: any) => c.y.mul(0.5) } as never));
    await same((f) => f.head(100_000).withColumns({ b: (c: any) => c.y.add(1) } as never));
    await same((f) => f.filter((c: any) => c.y.gt(131_000)).head(90_000));
    await same((f) => f.head(100_000).filter((c: any) => c.y.gt(7)));
    await same((f) => f.withColumns({ s: (c: any) => c.y.cumSum() } as never));
    await same((f) => f.slice(70_000, 5));
    await same((f) => f.head(0));
    await same((f) => f.filter((c: any) => c.y.lt(0)));
    expect(await out.count()).toBe(rows);
  });

  test('fails where its results are read', async () => {
    const failing = frame.mapBatches(
      () => {
        throw new RangeError('not today');
      },
      { schema: { y: Float64 } } as never,
    );
    await expect(failing.head(3).collect()).rejects.toThrow('not today');
    await expect(failing.filter((c: any) => c.y.gt(0)).collect()).rejects.toThrow('not today');
  });
});
