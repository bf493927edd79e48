// Windows over columns that are there: read in place, handed over, and rolled by several threads, against plain loops.
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, type DataFrame, Float64, fromColumns, Int32, nullable, Utf8 } from '../../ts/index.ts';
import { uniform } from '../../ts/util/philox.ts';
import { tuneEngine } from '../support/tuning.ts';

beforeAll(() => tuneEngine({ minRows: 1, pieceRows: 704, pieceBytes: 4096 }));

const draw = (seed: number, n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => Math.round(uniform(seed, i) * 1e4) / 64 - 50);

/** Sums of small dyadic numbers are exact, so every order of adding gives the same one. */
function rolled(
  x: Float64Array,
  windowRows: number,
  center: boolean,
  minPeriods: number,
  mean: boolean,
): (number | null)[] {
  const back = center ? Math.floor(windowRows / 2) : windowRows - 1;
  const ahead = windowRows - 1 - back;
  const sums = [0];
  for (const v of x) sums.push(sums.at(-1)! + v);
  return Array.from(x, (_, i) => {
    const from = Math.max(0, i - back);
    const end = Math.min(x.length, i + ahead + 1);
    if (end - from < minPeriods) return null;
    const sum = sums[end]! - sums[from]!;
    return mean ? sum / (end - from) : sum;
  });
}

const read = async (frame: DataFrame<any>, threads: number): Promise<Record<string, unknown[]>> => {
  using table = await frame.collect({ threads });
  return Object.fromEntries(
    Object.entries(table.toColumns()).map(([k, v]) => [k, Array.from(v as ArrayLike<unknown>)]),
  );
};

describe.each([1, 2])('on %i threads', (threads) => {
  test.each([1, 2, 3, 32, 1000, 1024, 1025, 70_000])('rolling sums and means of %i rows', async (windowRows) => {
    for (const n of [
      0,
      1,
      windowRows - 1,
      windowRows,
      2 * windowRows - 1,
      2 * windowRows,
      3 * windowRows + 1,
      150_001,
    ]) {
      const x = draw(n, n);
      const df = await fromColumns({ x }).cache();
      for (const center of [false, true])
        for (const minPeriods of new Set([1, windowRows])) {
          const options = { windowRows, center, minPeriods };
          const got = await read(
            df.select({ mean: (c) => c.x.rollingMean(options), sum: (c) => c.x.rollingSum(options) }),
            threads,
          );
          expect(got['mean'], `means of ${n} rows`).toEqual(rolled(x, windowRows, center, minPeriods, true));
          expect(got['sum'], `sums of ${n} rows`).toEqual(rolled(x, windowRows, center, minPeriods, false));
        }
    }
  });

  test('columns with dictionaries, nulls and partitions beside them', async () => {
    const n = 5000;
    const x = Array.from(draw(1, n), (v, i) => (i % 7 === 0 ? null : v));
    const k = Int32Array.from({ length: n }, (_, i) => Math.floor(uniform(3, i) * 9));
    const w = Array.from(k, (v, i) => (i % 11 === 0 ? null : `word number ${v} of nine`));
    const columns = { x, k, w };
    const schema = { x: nullable(Float64), k: Int32, w: nullable(Utf8) };
    const plain = fromColumns(columns, { schema });
    const windows = (df: typeof plain) =>
      df.select({
        w: (c) => c.w,
        before: (c) => c.w.shift(1),
        again: (c) => c.x,
        mean: (c) => c.x.mean().over(c.w),
        ranked: (c) => c.x.rank().over(c.k),
        doubled: (c) => c.x.mul(2).cumSum(),
        first: (c) => c.x.first().over(c.k, { orderBy: c.x }),
      });
    const table = await plain.withColumns({ w: (c) => c.w.cast(Utf8) }).cache();
    const expected = await read(windows(plain.head(n)), 1);
    expect(await read(windows(table as never), threads)).toEqual(expected);
    // Not a table: batches that are pushed.
    const halves = concat([plain.head(1234), plain.slice(1234, n - 1234)]);
    expect(await read(windows(halves as never), threads)).toEqual(expected);
    const sums = new Map<string | null, [number, number]>();
    for (const [i, v] of x.entries()) {
      const sum = sums.get(w[i]!) ?? [0, 0];
      if (v !== null) sums.set(w[i]!, [sum[0] + v, sum[1] + 1]);
    }
    expect(expected['mean']).toEqual(w.map((s) => sums.get(s)![0] / sums.get(s)![1]));
  });

  test('the same column twice, renamed, and a window over a window', async () => {
    const n = 4000;
    const x = draw(5, n);
    const df = await fromColumns({ x, other: x }).cache();
    const twice = df.select({ a: (c) => c.x.cumSum(), b: (c) => c.x.cumSum(), c: (c) => c.x.cumSum().shift(1) });
    const sums: number[] = [];
    for (const v of x) sums.push((sums.at(-1) ?? 0) + v);
    const got = await read(twice, threads);
    expect(got).toEqual({ a: sums, b: sums, c: [null, ...sums.slice(0, -1)] });
    // What was read in place is as it was.
    expect(await read(df, threads)).toEqual({ x: Array.from(x), other: Array.from(x) });
  });
});
