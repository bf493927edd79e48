import { describe, expect, test } from 'vitest';
import { Float64, fromColumns, Int64, len, Utf8 } from '../../ts/index.ts';
import { scanOf } from '../support/plans.ts';

const big = scanOf('big', { k: Int64, x: Float64, name: Utf8 }, 1_000_000);
const small = scanOf('small', { k: Int64, y: Float64 }, 1000);

describe('estimateMemory', () => {
  test('each step has its rows and bytes', () => {
    const e = big.filter((c) => c.x.gt(0)).estimateMemory();
    expect(e.stages.map((s) => [s.label.split(' ')[0], s.rows, s.bytes])).toEqual([
      ['SCAN', 1_000_000, 32e6],
      ['FILTER', 350_000, 350_000 * 32],
    ]);
    expect(e).toMatchObject({ inputBytes: 32e6, resultBytes: 350_000 * 32 });
    // Scan, result and the mask at once.
    expect(e.peakBytes).toBe(32e6 + 350_000 * 32 + 1e6);
  });

  test('columns that nobody needs are not counted', () => {
    expect(big.select('k').estimateMemory().inputBytes).toBe(8e6);
  });

  test('a join holds both sides and a hash table of the smaller', () => {
    const e = big.join(small, { on: 'k' }).estimateMemory();
    const join = e.stages.at(-1)!;
    expect(join.label).toMatch(/^JOIN/);
    expect(join.workBytes).toBe(1000 * 16 + join.rows * 8);
    expect(e.peakBytes).toBeGreaterThanOrEqual(32e6 + 16e3 + join.bytes + join.workBytes);
  });

  test('it grows with the rows and never with a limit', () => {
    const bytes = (n: number): number => scanOf('s', { k: Int64 }, n).sort('k').estimateMemory().peakBytes;
    expect(bytes(2000)).toBe(2 * bytes(1000));
    expect(big.head(10).estimateMemory().peakBytes).toBeLessThan(1e3);
  });

  test('a part that is read twice is one stage', () => {
    const part = big.groupBy('k').agg({ n: len() });
    const e = part.join(part.select('k'), { on: 'k' }).estimateMemory();
    expect(e.stages.filter((s) => s.label.startsWith('SCAN'))).toHaveLength(1);
  });

  test('explain prints it', () => {
    const df = fromColumns({ k: Int32Array.of(1, 2, 2), x: [1, 2, 3] }).sort('x');
    expect(df.explain({ memory: true })).toBe(
      [
        'SORT x  [about 3 rows, 36 bytes + 12 bytes at work, may spill]',
        '  TABLE 3 rows: k, x  [about 3 rows, 36 bytes]',
        'reads about 36 bytes, gives 36 bytes, holds 84 bytes at most',
      ].join('\n'),
    );
  });
});
