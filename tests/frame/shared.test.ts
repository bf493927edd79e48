import { expect, test } from 'vitest';
import { fromColumns } from '../../ts/index.ts';

test('a costly result that two nodes read is made once', async () => {
  const n = 5000;
  const df = fromColumns({
    k: Int32Array.from({ length: n }, (_, i) => i % 50),
    x: Float64Array.from({ length: n }, (_, i) => i),
  });
  const sums = df.groupBy('k').agg({ total: (c) => c.x.sum() });
  const best = sums.select({ most: (c) => c.total.max() });
  const plan = sums.join(best, { how: 'cross' }).filter((c) => c.total.eq(c.most));
  const rows = (await plan.collect()).toRecords();
  expect(rows).toEqual([{ k: 49, total: 252400, most: 252400 }]);
  // The aggregate read its 5,000 rows once: one table scan in the trace.
  expect(plan.explain().match(/TABLE 5,000 rows[^\n]*\[5,000 rows/g)).toHaveLength(1);
});
