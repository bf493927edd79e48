import { len, lit } from '../../ts/index.ts';
import { day, type Query, withRevenue } from './query.ts';

export const q18: Query = {
  name: 'q18',
  run: ({ orders, lineitem, customer }) => {
    const big = lineitem
      .groupBy('l_orderkey')
      .agg({ quantity: (c) => c.l_quantity.sum() })
      .filter((c) => c.quantity.gt(250));
    return orders
      .join(big, { on: { o_orderkey: 'l_orderkey' }, how: 'semi' })
      .join(lineitem, { on: { o_orderkey: 'l_orderkey' } })
      .join(customer, { on: { o_custkey: 'c_custkey' } })
      .groupBy('c_name', 'o_custkey', 'o_orderkey', 'o_orderdate', 'o_totalprice')
      .agg({ quantity: (c) => c.l_quantity.sum() })
      .sort({ by: 'o_totalprice', descending: true }, 'o_orderdate', 'o_orderkey')
      .head(100);
  },
  sql: `SELECT c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice, sum(l_quantity) FROM customer, orders, lineitem
    WHERE o_orderkey IN (SELECT l_orderkey FROM lineitem GROUP BY l_orderkey HAVING sum(l_quantity) > 250)
      AND c_custkey = o_custkey AND o_orderkey = l_orderkey
    GROUP BY ALL ORDER BY o_totalprice DESC, o_orderdate, o_orderkey LIMIT 100`,
};

export const q19: Query = {
  name: 'q19',
  run: ({ lineitem, part }) =>
    lineitem
      .filter((c) => c.l_shipmode.isIn(['AIR', 'REG AIR']).and(c.l_shipinstruct.eq('DELIVER IN PERSON')))
      .join(part, { on: { l_partkey: 'p_partkey' } })
      .filter((c) => {
        const fits = (brand: string, size: string, from: number, to: number, most: number) =>
          c.p_brand
            .eq(brand)
            .and(c.p_container.str.startsWith(size))
            .and(c.l_quantity.isBetween(from, to))
            .and(c.p_size.isBetween(1, most));
        return fits('Brand#12', 'SM', 1, 21, 15)
          .or(fits('Brand#23', 'MED', 10, 30, 20))
          .or(fits('Brand#34', 'LG', 20, 40, 25));
      })
      .pipe(withRevenue)
      .select({ revenue: (c) => c.revenue.sum() }),
  sql: `SELECT sum(l_extendedprice * (1 - l_discount)) FROM lineitem, part
    WHERE p_partkey = l_partkey AND l_shipmode IN ('AIR', 'REG AIR') AND l_shipinstruct = 'DELIVER IN PERSON'
      AND ((p_brand = 'Brand#12' AND p_container LIKE 'SM%' AND l_quantity BETWEEN 1 AND 21 AND p_size BETWEEN 1 AND 15)
        OR (p_brand = 'Brand#23' AND p_container LIKE 'MED%' AND l_quantity BETWEEN 10 AND 30 AND p_size BETWEEN 1 AND 20)
        OR (p_brand = 'Brand#34' AND p_container LIKE 'LG%' AND l_quantity BETWEEN 20 AND 40 AND p_size BETWEEN 1 AND 25))`,
};

export const q20: Query = {
  name: 'q20',
  run: ({ lineitem, part, partsupp, supplier, nation }) => {
    const half = lineitem
      .filter((c) => c.l_shipdate.isBetween(day('1994-01-01'), day('1995-01-01'), { closed: 'left' }))
      .groupBy('l_partkey', 'l_suppkey')
      .agg({ half: (c) => c.l_quantity.sum().mul(lit(0.5)) });
    const offers = partsupp
      .join(
        part.filter((c) => c.p_name.str.contains('forest')),
        { on: { ps_partkey: 'p_partkey' }, how: 'semi' },
      )
      .join(half, { on: { ps_partkey: 'l_partkey', ps_suppkey: 'l_suppkey' } })
      .filter((c) => c.ps_availqty.gt(c.half));
    return supplier
      .join(
        nation.filter((c) => c.n_name.isIn(['CANADA', 'BRAZIL', 'PERU', 'KENYA'])),
        { on: { s_nationkey: 'n_nationkey' }, how: 'semi' },
      )
      .join(offers, { on: { s_suppkey: 'ps_suppkey' }, how: 'semi' })
      .select('s_name', 's_address')
      .sort('s_name');
  },
  sql: `SELECT s_name, s_address FROM supplier, nation
    WHERE s_suppkey IN (SELECT ps_suppkey FROM partsupp
        WHERE ps_partkey IN (SELECT p_partkey FROM part WHERE p_name LIKE '%forest%')
          AND ps_availqty::DOUBLE > (SELECT 0.5::DOUBLE * sum(l_quantity) FROM lineitem WHERE l_partkey = ps_partkey
            AND l_suppkey = ps_suppkey AND l_shipdate >= DATE '1994-01-01' AND l_shipdate < DATE '1995-01-01'))
      AND s_nationkey = n_nationkey AND n_name IN ('CANADA', 'BRAZIL', 'PERU', 'KENYA')
    ORDER BY s_name`,
};

export const q21: Query = {
  name: 'q21',
  run: ({ lineitem, orders, supplier, nation }) => {
    const late = lineitem.filter((c) => c.l_receiptdate.gt(c.l_commitdate));
    const several = lineitem
      .groupBy('l_orderkey')
      .agg({ suppliers: (c) => c.l_suppkey.nUnique() })
      .filter((c) => c.suppliers.gt(1));
    const onlyLate = late
      .groupBy('l_orderkey')
      .agg({ suppliers: (c) => c.l_suppkey.nUnique() })
      .filter((c) => c.suppliers.eq(1));
    return late
      .join(several, { on: 'l_orderkey', how: 'semi' })
      .join(onlyLate, { on: 'l_orderkey', how: 'semi' })
      .join(
        orders.filter((c) => c.o_orderstatus.eq('F')),
        { on: { l_orderkey: 'o_orderkey' }, how: 'semi' },
      )
      .join(supplier, { on: { l_suppkey: 's_suppkey' } })
      .join(
        nation.filter((c) => c.n_name.isIn(['SAUDI ARABIA', 'JAPAN', 'IRAN', 'IRAQ', 'CHINA'])),
        { on: { s_nationkey: 'n_nationkey' }, how: 'semi' },
      )
      .groupBy('s_name')
      .agg({ numwait: len() })
      .sort({ by: 'numwait', descending: true }, 's_name')
      .head(100);
  },
  sql: `SELECT s_name, count(*) AS numwait FROM supplier, lineitem l1, orders, nation
    WHERE s_suppkey = l1.l_suppkey AND o_orderkey = l1.l_orderkey AND o_orderstatus = 'F'
      AND l1.l_receiptdate > l1.l_commitdate
      AND EXISTS (SELECT 1 FROM lineitem l2 WHERE l2.l_orderkey = l1.l_orderkey AND l2.l_suppkey <> l1.l_suppkey)
      AND NOT EXISTS (SELECT 1 FROM lineitem l3 WHERE l3.l_orderkey = l1.l_orderkey AND l3.l_suppkey <> l1.l_suppkey
        AND l3.l_receiptdate > l3.l_commitdate)
      AND s_nationkey = n_nationkey AND n_name IN ('SAUDI ARABIA', 'JAPAN', 'IRAN', 'IRAQ', 'CHINA')
    GROUP BY ALL ORDER BY numwait DESC, s_name LIMIT 100`,
};

export const q22: Query = {
  name: 'q22',
  run: ({ customer, orders }) => {
    const some = customer
      .withColumns({ cntrycode: (c) => c.c_phone.str.slice(0, 2) })
      .filter((c) => c.cntrycode.isIn(['13', '31', '23', '29', '30', '18', '17']));
    const average = some.filter((c) => c.c_acctbal.gt(0)).select({ average: (c) => c.c_acctbal.mean() });
    return some
      .join(average, { how: 'cross' })
      .filter((c) => c.c_acctbal.gt(c.average))
      .join(orders, { on: { c_custkey: 'o_custkey' }, how: 'anti' })
      .groupBy('cntrycode')
      .agg({ numcust: len(), totacctbal: (c) => c.c_acctbal.sum() })
      .sort('cntrycode');
  },
  sql: `WITH c AS (SELECT substring(c_phone, 1, 2) AS cntrycode, c_acctbal, c_custkey FROM customer
      WHERE substring(c_phone, 1, 2) IN ('13', '31', '23', '29', '30', '18', '17'))
    SELECT cntrycode, count(*), sum(c_acctbal) FROM c
    WHERE c_acctbal::DOUBLE > (SELECT avg(c_acctbal) FROM c WHERE c_acctbal > 0)
      AND NOT EXISTS (SELECT 1 FROM orders WHERE o_custkey = c_custkey)
    GROUP BY ALL ORDER BY cntrycode`,
};
