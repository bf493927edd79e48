import { describe, expect, test } from 'vitest';
import { concat, Float64, Int64, len, Utf8 } from '../../ts/index.ts';
import { estimatePlan, rowBytes, sourceBytes } from '../../ts/optimize/estimate.ts';
import { planOf, scanOf } from '../support/plans.ts';

const big = scanOf('big', { k: Int64, x: Float64, name: Utf8 }, 1_000_000);
const small = scanOf('small', { k: Int64, y: Float64 }, 1000);
const rows = (frame: Parameters<typeof planOf>[0]): number => Math.round(estimatePlan(planOf(frame)).rows);

describe('estimates', () => {
  test('sources and what keeps their rows are exact', () => {
    expect(rows(big)).toBe(1_000_000);
    expect(rows(big.withColumns({ z: (c) => c.x.add(1) }).sort('x'))).toBe(1_000_000);
    expect(rows(big.head(10))).toBe(10);
    expect(rows(big.slice(999_990, 100))).toBe(10);
    expect(rows(big.tail(7))).toBe(7);
    expect(rows(big.topK(5, { by: 'x' }))).toBe(5);
    expect(rows(concat([big, big]))).toBe(2_000_000);
    expect(rows(big.select({ n: len() }))).toBe(1);
    expect(rows(big.join(small, { how: 'cross' }))).toBe(1e9);
  });

  test('filters, groups and joins thin out', () => {
    expect(rows(big.filter((c) => c.k.eq(1n)))).toBe(100_000);
    expect(rows(big.filter((c) => c.k.eq(1n).and(c.x.gt(0))))).toBe(35_000);
    expect(rows(big.join(small, { on: 'k' }))).toBe(1_000_000);
    expect(
      rows(
        big.join(
          small.filter((c) => c.y.eq(1)),
          { on: 'k' },
        ),
      ),
    ).toBe(100_000);
    expect(rows(big.groupBy('k').agg({ n: len() }))).toBeLessThan(100_000);
  });

  test('bytes', () => {
    expect(rowBytes(planOf(big).schema)).toBe(32);
    expect(sourceBytes(planOf(big.head(5).join(small, { on: 'k' })))).toBe(32_000_000 + 16_000);
  });
});
