// Verbs run by the engine, against DuckDB and by their meaning.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { concat, type DataFrame, fromColumns, fromRecords, len, readCsv } from '../../ts/index.ts';
import { uniform } from '../../ts/util/philox.ts';
import { onBackends } from '../support/backends.ts';
import { duckRows } from '../support/duck.ts';

const N = 20_000;
const cities = ['Oslo', 'Rome', 'Lima', 'Cairo', null];
const rows = Array.from({ length: N }, (_, i) => ({
  id: i,
  city: cities[Math.floor(uniform(1, i) * 5)] as string | null,
  price: i % 11 === 0 ? null : Math.round(uniform(2, i) * 1000) / 4,
  qty: Math.floor(uniform(3, i) * 20),
}));
const sales = fromRecords(rows);
const countries = fromColumns({ name: ['Oslo', 'Rome', 'Paris'], country: ['Norway', 'Italy', 'France'] });

let folder = '';
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-verbs-'));
  const text = (v: unknown): string => (v === null ? '' : String(v));
  const lines = rows.map((r) => [r.id, r.city, r.price, r.qty].map(text).join(','));
  fs.writeFileSync(path.join(folder, 'sales.csv'), `id,city,price,qty\n${lines.join('\n')}\n`);
  await duckRows(
    `CREATE TABLE sales AS SELECT * FROM read_csv('${folder}/sales.csv', header = true, columns = {'id': 'DOUBLE', 'city': 'VARCHAR', 'price': 'DOUBLE', 'qty': 'DOUBLE'})`,
  );
  await duckRows(
    `CREATE TABLE countries AS SELECT * FROM (VALUES ('Oslo', 'Norway'), ('Rome', 'Italy'), ('Paris', 'France')) t(name, country)`,
  );
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const values = async (frame: DataFrame<any>): Promise<unknown[][]> => {
  using table = await frame.collect();
  return table.toRecords().map((r: object) => Object.values(r));
};
const plain = (duck: unknown[][]): unknown[][] =>
  duck.map((r) => r.map((v) => (typeof v === 'bigint' ? Number(v) : v)));

onBackends((_, test) => {
  describe('against DuckDB', () => {
    const cases: [string, DataFrame<any>, string][] = [
      [
        'filter',
        sales.filter((c) => c.price.gt(200).and(c.city.ne('Rome'))).sort('id'),
        `SELECT * FROM sales WHERE price > 200 AND city <> 'Rome' ORDER BY id`,
      ],
      [
        'select and withColumns',
        sales
          .withColumns({ total: (c) => c.price.mul(c.qty), share: (c) => c.qty.div(c.qty.sum()) })
          .select('id', 'total', 'share')
          .sort('id'),
        'SELECT id, price * qty, qty / sum(qty) OVER () FROM sales ORDER BY id',
      ],
      [
        'groups',
        sales
          .groupBy('city')
          .agg({
            n: len(),
            some: (c) => c.price.count(),
            low: (c) => c.price.min(),
            span: (c) => c.price.max().sub(c.price.min()),
          })
          .sort('city'),
        'SELECT city, count(*), count(price), min(price), max(price) - min(price) FROM sales GROUP BY city ORDER BY city NULLS LAST',
      ],
      [
        'computed keys',
        sales
          .groupBy({ big: (c) => c.qty.ge(10) }, 'city')
          .agg({ n: len() })
          .sort('big', 'city'),
        'SELECT qty >= 10 AS big, city, count(*) FROM sales GROUP BY big, city ORDER BY big, city NULLS LAST',
      ],
      [
        'valueCounts',
        sales.valueCounts('city', 'qty'),
        'SELECT city, qty, count(*) n FROM sales GROUP BY ALL ORDER BY n DESC, city NULLS LAST, qty',
      ],
      [
        'nullCount',
        sales.nullCount(),
        'SELECT count(*) - count(id), count(*) - count(city), count(*) - count(price), count(*) - count(qty) FROM sales',
      ],
      [
        'inner join',
        sales.join(countries, { on: { city: 'name' } }).sort('id'),
        'SELECT id, city, price, qty, country FROM sales JOIN countries ON city = name ORDER BY id',
      ],
      [
        'left join',
        sales.join(countries, { on: { city: 'name' }, how: 'left' }).sort('id'),
        'SELECT id, city, price, qty, country FROM sales LEFT JOIN countries ON city = name ORDER BY id',
      ],
      [
        'right join',
        sales.join(countries, { on: { city: 'name' }, how: 'right' }).sort('id', 'city'),
        'SELECT id, name, price, qty, country FROM sales RIGHT JOIN countries ON city = name ORDER BY id NULLS LAST, name',
      ],
      [
        'full join',
        sales.join(countries, { on: { city: 'name' }, how: 'full' }).sort('id', 'city'),
        'SELECT id, coalesce(city, name) k, price, qty, country FROM sales FULL JOIN countries ON city = name ORDER BY id NULLS LAST, k',
      ],
      [
        'semi join',
        sales.join(countries, { on: { city: 'name' }, how: 'semi' }).sort('id'),
        'SELECT * FROM sales WHERE city IN (SELECT name FROM countries) ORDER BY id',
      ],
      [
        'anti join',
        sales.join(countries, { on: { city: 'name' }, how: 'anti' }).sort('id'),
        'SELECT * FROM sales WHERE city IS NULL OR city NOT IN (SELECT name FROM countries) ORDER BY id',
      ],
      [
        'cross join',
        sales.head(50).join(countries, { how: 'cross' }).sort('id', 'country'),
        'SELECT * FROM (SELECT * FROM sales ORDER BY id LIMIT 50), countries ORDER BY id, country',
      ],
      [
        'unique',
        sales
          .unique({ subset: ['city', 'qty'], keep: 'first' })
          .select('id')
          .sort('id'),
        'SELECT min(id) i FROM sales GROUP BY city, qty ORDER BY i',
      ],
      [
        'unique, none kept',
        sales
          .unique({ subset: ['price'], keep: 'none' })
          .select('id')
          .sort('id'),
        'SELECT min(id) i FROM sales GROUP BY price HAVING count(*) = 1 ORDER BY i',
      ],
      [
        'dropNulls',
        sales.dropNulls('city', 'price').select('id').sort('id'),
        'SELECT id FROM sales WHERE city IS NOT NULL AND price IS NOT NULL ORDER BY id',
      ],
      [
        'fillNull',
        sales.fillNull({ city: 'none', price: -1 }).sort('id'),
        `SELECT id, coalesce(city, 'none'), coalesce(price, -1), qty FROM sales ORDER BY id`,
      ],
      [
        'sort, several keys',
        sales.sort({ by: 'city', descending: true }, 'qty', { by: 'id', descending: true }).select('id'),
        'SELECT id FROM sales ORDER BY city DESC NULLS LAST, qty, id DESC',
      ],
      ['topK', sales.topK(7, { by: 'id' }), 'SELECT * FROM sales ORDER BY id DESC LIMIT 7'],
      ['bottomK', sales.bottomK(7, { by: 'id' }), 'SELECT * FROM sales ORDER BY id LIMIT 7'],
      ['slices', sales.slice(19_990, 100).head(4), 'SELECT * FROM sales WHERE id >= 19990 AND id < 19994 ORDER BY id'],
      ['tail', sales.tail(3), 'SELECT * FROM sales WHERE id >= 19997 ORDER BY id'],
      [
        'union',
        concat([sales.select('id'), sales.select('id').head(10)])
          .groupBy('id')
          .agg({ n: len() })
          .filter((c) => c.n.eq(2))
          .select('id')
          .sort('id'),
        'SELECT id FROM sales WHERE id < 10 ORDER BY id',
      ],
      [
        'row numbers',
        sales
          .filter((c) => c.qty.eq(3))
          .withRowIndex('n', { offset: 5 })
          .select('n', 'id')
          .tail(2),
        'SELECT * FROM (SELECT row_number() OVER (ORDER BY id) + 4 n, id FROM sales WHERE qty = 3) ORDER BY id DESC LIMIT 2',
      ],
      [
        'aggregates over aggregates',
        sales.select({ mean: (c) => c.qty.sum().div(len()), most: (c) => c.qty.max().add(1) }),
        'SELECT sum(qty) / count(*), max(qty) + 1 FROM sales',
      ],
    ];
    test.each(cases)('%s', async (name, frame, sql) => {
      const want = plain(await duckRows(sql));
      const got = await values(frame);
      expect(got).toEqual(name === 'row numbers' ? want.reverse() : want);
    });

    test('describe', async () => {
      const [want] = plain(
        await duckRows(
          'SELECT count(price), count(*) - count(price), avg(price), stddev_samp(price), min(price), quantile_cont(price, 0.25), quantile_cont(price, 0.5), quantile_cont(price, 0.75), max(price) FROM sales',
        ),
      );
      const got = await values(sales.describe());
      expect(got.map((r) => r[0])).toEqual(['count', 'nullCount', 'mean', 'std', 'min', '25%', '50%', '75%', 'max']);
      got.forEach((r, i) => {
        expect(r[2]).toBeCloseTo(want?.[i] as number, 9);
      });
    });

    test('a CSV file, read with an inferred schema', async () => {
      const df = await readCsv(path.join(folder, 'sales.csv'));
      expect(await df.count()).toBe(N);
      const [want] = plain(await duckRows('SELECT sum(qty), sum(price) FROM sales'));
      expect(
        await values(
          df
            .select({ q: (c) => c['qty'].sum(), p: (c) => c['price'].sum() })
            .withColumns({ q: (c) => c['q'].cast({ dtype: 'Float64' }) }),
        ),
      ).toEqual([want]);
    });
  });

  describe('sample', () => {
    test('exactly n, or the rounded fraction, in row order, each row once', async () => {
      for (const [options, size] of [
        [{ n: 100, randomState: 7 }, 100],
        [{ n: 0, randomState: 7 }, 0],
        [{ n: N + 5, randomState: 7 }, N],
        [{ fraction: 0.25, randomState: 7 }, 5000],
        [{ fraction: 0, randomState: 7 }, 0],
        [{ fraction: 1, randomState: 7 }, N],
      ] as const) {
        const ids = (await values(sales.sample(options).select('id'))).map((r) => r[0] as number);
        expect(ids).toHaveLength(size);
        expect(ids.every((id, i) => i === 0 || id > (ids[i - 1] as number))).toBe(true);
      }
    });

    test('the same rows for the same randomState, whatever stands around it', async () => {
      const a = await values(sales.sample({ n: 50, randomState: 3 }).select('id'));
      const b = await values(sales.select('id').sample({ n: 50, randomState: 3 }));
      const c = await values(sales.sample({ n: 50, randomState: 4 }).select('id'));
      expect(a).toEqual(b);
      expect(a).not.toEqual(c);
      // A part of the larger sample of the same stream.
      const larger = new Set((await values(sales.sample({ n: 500, randomState: 3 }).select('id'))).map((r) => r[0]));
      expect(a.every((r) => larger.has(r[0]))).toBe(true);
    });

    test('is the one that Philox names: the rows with the smallest numbers', async () => {
      const order = rows.map((r) => r.id).sort((a, b) => uniform(3, a) - uniform(3, b));
      const want = order.slice(0, 50).sort((a, b) => a - b);
      expect((await values(sales.sample({ n: 50, randomState: 3 }).select('id'))).map((r) => r[0])).toEqual(want);
    });

    test('without randomState a frame keeps its rows, and two frames differ', async () => {
      const frame = sales.sample({ n: 20 }).select('id');
      expect(await values(frame)).toEqual(await values(frame));
      expect(await values(frame)).not.toEqual(await values(sales.sample({ n: 20 }).select('id')));
    });

    test('spreads evenly', async () => {
      const ids = (await values(sales.sample({ fraction: 0.5, randomState: 11 }).select('id'))).map(
        (r) => r[0] as number,
      );
      const firstHalf = ids.filter((id) => id < N / 2).length;
      expect(Math.abs(firstHalf - N / 4)).toBeLessThan(300);
    });
  });

  describe('order', () => {
    test('groups in the order of their first row, on request', async () => {
      const first = [...new Set(rows.map((r) => r.qty))];
      const got = await values(sales.groupBy('qty').agg({ n: len() }, { maintainOrder: true }).select('qty'));
      expect(got.map((r) => r[0])).toEqual(first);
    });

    test('joined and unique rows in the left order, on request', async () => {
      const joined = await values(sales.join(countries, { on: { city: 'name' }, maintainOrder: true }).select('id'));
      expect(joined.map((r) => r[0])).toEqual(
        rows.filter((r) => r.city === 'Oslo' || r.city === 'Rome').map((r) => r.id),
      );
      const unique = await values(sales.unique({ subset: ['qty'], keep: 'first', maintainOrder: true }).select('qty'));
      expect(unique.map((r) => r[0])).toEqual([...new Set(rows.map((r) => r.qty))]);
    });
  });

  test('concat horizontally needs equal heights', async () => {
    const a = fromColumns({ a: [1, 2] });
    const b = fromColumns({ b: ['x', 'y'] });
    expect(await values(concat([a, b], { how: 'horizontal' }))).toEqual([
      [1, 'x'],
      [2, 'y'],
    ]);
    await expect(concat([a, b.head(1)], { how: 'horizontal' }).collect()).rejects.toMatchObject({ code: 'ERR_SHAPE' });
  });

  describe('tables beside rows that flow', () => {
    const count = 200_003;
    const numbers = Int32Array.from({ length: count }, (_, i) => i);
    const left = fromColumns({ id: numbers, flag: Array.from(numbers, (i) => (i % 5 === 0 ? null : i % 3 === 0)) });
    const odd = left.filter((c) => c.id.mod(2).eq(1));
    const half = Math.floor(count / 2);
    const names = fromColumns({
      name: Array.from({ length: half }, (_, i) => (i % 7 === 0 ? null : `row number ${i}`)),
    });
    const marks = fromColumns({ mark: Array.from({ length: half }, (_, i) => (i % 4 === 0 ? null : i % 8 < 4)) });

    test('keep their rows, whatever the batches', async () => {
      using table = await concat([names, odd, marks], { how: 'horizontal' }).collect();
      expect(table.height).toBe(half);
      const wrong = table.toRecords().findIndex((row, i) => {
        const id = 2 * i + 1;
        const flag = id % 5 === 0 ? null : id % 3 === 0;
        const mark = i % 4 === 0 ? null : i % 8 < 4;
        return row.id !== id || row.flag !== flag || row.mark !== mark || (row.name === null) !== (i % 7 === 0);
      });
      expect(wrong).toBe(-1);
    });

    test('refuse rows too many and too few, and stop when enough are there', async () => {
      const shape = { code: 'ERR_SHAPE', message: expect.stringContaining('equal height') };
      for (const other of [left.filter((c) => c.id.ge(half + 2)), left.filter((c) => c.id.ge(0))]) {
        await expect(concat([other, marks], { how: 'horizontal' }).collect()).rejects.toMatchObject(shape);
      }
      expect(await concat([odd, marks], { how: 'horizontal' }).head(10).count()).toBe(10);
      await expect(concat([left, marks], { how: 'horizontal' }).collect()).rejects.toMatchObject(shape);
    });

    test('may be all tables, with their columns picked', async () => {
      const picked = concat([names, marks.rename({ mark: 'm' })], { how: 'horizontal' }).select('m', 'name');
      using table = await picked.filter((c) => c.m.eq(true)).collect();
      const expected = Array.from({ length: half }, (_, i) => i).filter((i) => i % 4 !== 0 && i % 8 < 4);
      expect(table.column('name').toArray()).toEqual(expected.map((i) => (i % 7 === 0 ? null : `row number ${i}`)));
    });
  });

  test('withColumns refuses what is no object of columns', () => {
    const df = fromColumns({ a: [1] });
    const wrong: unknown = () => ({ b: 1 });
    expect(() => df.withColumns(wrong as never)).toThrow(
      /Expected an object of new columns for withColumns but received function/,
    );
  });
});
