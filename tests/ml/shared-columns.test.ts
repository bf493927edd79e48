// Columns of resident tables that kernels read where they are.
import { describe, expect, test } from 'vitest';
import { col } from '../../ts/expr/builders.ts';
import { DataFrame } from '../../ts/frame/dataframe.ts';
import { residentPlan } from '../../ts/frame/host-tables.ts';
import { fromColumns } from '../../ts/index.ts';
import { RandomForestClassifier, RandomForestRegressor, XgbClassifier } from '../../ts/ml/index.ts';
import { releaseHandle, runToSharedTable } from '../../ts/runner/runner.ts';
import { uniform } from '../../ts/util/philox.ts';

const ROWS = 5000;
const column = (k: number): Float64Array => Float64Array.from({ length: ROWS }, (_, i) => uniform(k, i));
const columns = { a: column(1), b: column(2), c: column(3) };
const kinds = Array.from({ length: ROWS }, (_, i) => (columns.a[i]! + columns.b[i]! > 1 ? 'high' : 'low'));
const frame = () => fromColumns({ ...columns, kind: kinds });
/** Columns that are made anew whenever they are read. */
const computed = () =>
  frame().withColumns(
    Object.fromEntries(Object.keys(columns).map((name) => [name, (col(name) as any).mul(1)])) as never,
  );

const planOf = async (rows: DataFrame<any>) => residentPlan(DataFrame.planOf(rows), undefined);

describe('runToSharedTable', () => {
  test('takes what is picked as it stands and computes the rest', async () => {
    const cached = await frame().collect();
    const rows = cached.lazy().select({ z: col('c'), twice: (col('a') as any).mul(2), a: col('a') } as never);
    const table = await runToSharedTable(await planOf(rows), undefined, new Error());
    expect(table.rows).toBe(ROWS);
    expect(table.schema.map((f) => f.name)).toEqual(['z', 'twice', 'a']);
    const read = (): Float64Array[] => table.toHost().columns.map((c) => Float64Array.from(c.values as Float64Array));
    const want = [columns.c, columns.a.map((v) => 2 * v), columns.a];
    expect(read()).toEqual(want);
    // The memory is the table's as long as it needs it, whoever lets go first.
    cached.dispose();
    using other = await fromColumns({ x: column(9) }).collect();
    expect(other.height).toBe(ROWS);
    await new Promise((done) => setTimeout(done, 20));
    expect(read()).toEqual(want);
    releaseHandle(table);
    await new Promise((done) => setTimeout(done, 20));
    expect(() => table.toHost()).toThrow(expect.objectContaining({ code: 'ERR_DISPOSED' }));
  });

  test('shares no columns of a plan that filters', async () => {
    const cached = await frame().cache();
    const kept = cached.filter((c: any) => c.a.gt(0.5)).select('a', 'b');
    const table = await runToSharedTable(await planOf(kept as never), undefined, new Error());
    expect(table.rows).toBe(columns.a.filter((v) => v > 0.5).length);
    releaseHandle(table);
  });
});

test.each([
  ['forest', new RandomForestClassifier({ nEstimators: 8, randomState: 1 })],
  ['boosting', new XgbClassifier({ nEstimators: 8, randomState: 1, engine: 'wasm' })],
])('%s: rows that are read where they are give the bits of rows that are computed', async (_, estimator) => {
  const cached = await frame().cache();
  using here = await estimator.fit(cached, 'kind');
  using anew = await estimator.fit(computed() as never, 'kind');
  using a = await here.predictProba(cached);
  using b = await anew.predictProba(computed() as never);
  using crossed = await here.predictProba(computed() as never);
  for (const name of ['high', 'low']) {
    const values = [...a.column(name as never)];
    expect([...b.column(name as never)]).toEqual(values);
    expect([...crossed.column(name as never)]).toEqual(values);
  }
});

test('the trees of a forest have room, however unlike the first ones the others are', async () => {
  const rows = await frame().select('a', 'b', 'c').cache();
  for (let randomState = 0; randomState < 10; randomState++) {
    // Trees of three rows have one to five nodes.
    const forest = new RandomForestRegressor({ nEstimators: 60, maxSamples: 3, randomState });
    using one = await forest.fit(rows, 'c', { threads: 1 });
    using two = await forest.fit(rows, 'c', { threads: 2 });
    const { nodes, roots, values } = one.toFitted().arrays as { nodes: Uint32Array; [name: string]: unknown };
    expect(two.toFitted().arrays).toEqual(one.toFitted().arrays);
    expect((roots as Uint32Array).length).toBe(60);
    // A binary tree has a leaf more than inner nodes.
    expect(nodes.length / 4).toBe(2 * (values as Float64Array).length - 60);
  }
});
