import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fromColumns, len, readParquet } from '../../ts/index.ts';
import { duck, duckRows } from '../support/duck.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-shared-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

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

test('few rows of a file that two nodes read are read once', async () => {
  const file = path.join(folder, 'customers.parquet');
  await (await duck()).run(`COPY (SELECT i AS id, (hash(i) % 90 + 10)::VARCHAR || '-' || i AS phone,
      CASE WHEN i % 17 > 0 THEN (hash(i + 1) % 2000)::DOUBLE - 900 END AS balance, i % 40 AS nation
    FROM range(300000) r(i)) TO '${file}' (ROW_GROUP_SIZE 50000)`);
  const customers = await readParquet(file);
  const some = customers
    .withColumns({ code: (c) => c.phone.str.slice(0, 2) })
    .filter((c) => c.code.isIn(['13', '31', '23', '99']));
  const average = some.filter((c) => c.balance.gt(0)).select({ average: (c) => c.balance.mean() });
  const frame = some
    .join(average, { how: 'cross' })
    .filter((c) => c.balance.gt(c.average))
    .groupBy('code')
    .agg({ n: len(), most: (c) => c.balance.max(), last: (c) => c.id.max() })
    .sort('code');
  const theirs = await duckRows(`WITH c AS (SELECT *, substring(phone, 1, 2) AS code FROM '${file}'
      WHERE substring(phone, 1, 2) IN ('13', '31', '23', '99'))
    SELECT code, count(*)::INT, max(balance), max(id)::INT FROM c
    WHERE balance > (SELECT avg(balance) FROM c WHERE balance > 0) GROUP BY code ORDER BY code`);
  for (const threads of [1, 2]) {
    const table = await frame.collect({ threads });
    const ours = table.toRecords().map((r: any) => [r.code, r.n, r.most, Number(r.last)]);
    table.dispose();
    expect(ours).toEqual(theirs);
    expect(frame.explain().match(/SCAN parquet/g)).toHaveLength(1);
  }
  // A filter that leaves most rows is run for each reader, which reads the columns that it needs.
  const most = customers.filter((c) => c.nation.ne(3n));
  const both = most.select({ a: (c) => c.balance.max() }).join(most.select({ b: (c) => c.id.max() }), { how: 'cross' });
  expect(both.explain({ optimized: true }).match(/SCAN parquet/g)).toHaveLength(2);
});

test('joins that are put in another order give the same rows', async () => {
  const connection = await duck();
  const write = (name: string, sql: string): Promise<unknown> =>
    connection.run(`COPY (${sql}) TO '${path.join(folder, name)}.parquet'`);
  await write(
    'offers',
    'SELECT i AS part, CASE WHEN i % 11 > 0 THEN i % 997 END AS supplier, i * 3 AS cost FROM range(250000) r(i)',
  );
  await write(
    'suppliers',
    `SELECT i % 900 AS supplier, CASE WHEN i % 7 > 0 THEN i % 25 END AS nation, 's' || i AS name FROM range(1200) r(i)`,
  );
  await write('nations', `SELECT i AS nation, 'n' || (i % 20) AS place FROM range(25) r(i)`);
  const read = (name: string) => readParquet(path.join(folder, `${name}.parquet`));
  const nations = (await read('nations')).filter((c: any) => c.place.eq('n3')) as any;
  for (const nullsEqual of [false, true]) {
    const joined: any = ((await read('offers')) as any)
      .join(await read('suppliers'), { on: 'supplier', nullsEqual })
      .join(nations, { on: 'nation', nullsEqual });
    expect(joined.columns ?? joined.schema.map((f: any) => f.name)).toEqual([
      'part',
      'supplier',
      'cost',
      'nation',
      'name',
      'place',
    ]);
    const same = nullsEqual ? 'IS NOT DISTINCT FROM' : '=';
    const theirs = await duckRows(`SELECT count(*)::INT, sum(part)::BIGINT, sum(cost)::BIGINT, min(name), max(name)
      FROM '${folder}/offers.parquet' o JOIN '${folder}/suppliers.parquet' s ON o.supplier ${same} s.supplier
        JOIN '${folder}/nations.parquet' n ON s.nation ${same} n.nation WHERE place = 'n3'`);
    const totals = joined.select({
      n: len(),
      part: (c: any) => c.part.sum(),
      cost: (c: any) => c.cost.sum(),
      first: (c: any) => c.name.min(),
      last: (c: any) => c.name.max(),
    });
    const ours = (await totals.collect({ threads: 2 })).toRecords().map((r: any) => Object.values(r));
    expect(ours).toEqual(theirs);
  }
});
