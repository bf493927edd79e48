import { Decimal, len, lit } from '../../ts/index.ts';
import { day, type Query, withRevenue } from './query.ts';

export const q1: Query = {
  name: 'q1',
  run: ({ lineitem }) =>
    lineitem
      .filter((c) => c.l_shipdate.le(day('1998-09-02')))
      .pipe(withRevenue)
      .groupBy('l_returnflag', 'l_linestatus')
      .agg({
        sum_qty: (c) => c.l_quantity.sum(),
        sum_base_price: (c) => c.l_extendedprice.sum(),
        sum_disc_price: (c) => c.revenue.sum(),
        sum_charge: (c) => c.revenue.mul(lit(1, Decimal(3, 2)).add(c.l_tax)).sum(),
        avg_qty: (c) => c.l_quantity.mean(),
        avg_price: (c) => c.l_extendedprice.mean(),
        avg_disc: (c) => c.l_discount.mean(),
        count_order: len(),
      })
      .sort('l_returnflag', 'l_linestatus'),
  sql: `SELECT l_returnflag, l_linestatus, sum(l_quantity), sum(l_extendedprice),
      sum(l_extendedprice * (1 - l_discount)), sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)),
      avg(l_quantity), avg(l_extendedprice), avg(l_discount), count(*)
    FROM lineitem WHERE l_shipdate <= DATE '1998-09-02' GROUP BY ALL ORDER BY ALL`,
};

export const q2: Query = {
  name: 'q2',
  run: ({ part, partsupp, supplier, nation, region }) => {
    const europe = supplier.join(nation, { on: { s_nationkey: 'n_nationkey' } }).join(
      region.filter((c) => c.r_name.eq('EUROPE')),
      { on: { n_regionkey: 'r_regionkey' } },
    );
    const offers = part
      .filter((c) => c.p_size.isIn([15, 25, 35]).and(c.p_type.str.endsWith('BRASS')))
      .join(partsupp, { on: { p_partkey: 'ps_partkey' } })
      .join(europe, { on: { ps_suppkey: 's_suppkey' } });
    return offers
      .withColumns({ least: (c) => c.ps_supplycost.min().over(c.p_partkey) })
      .filter((c) => c.ps_supplycost.eq(c.least))
      .select('s_acctbal', 's_name', 'n_name', 'p_partkey', 'p_mfgr', 's_address', 's_phone', 's_comment')
      .sort({ by: 's_acctbal', descending: true }, 'n_name', 's_name', 'p_partkey')
      .head(100);
  },
  sql: `WITH offers AS (SELECT * FROM part JOIN partsupp ON p_partkey = ps_partkey JOIN supplier ON s_suppkey = ps_suppkey
      JOIN nation ON s_nationkey = n_nationkey JOIN region ON n_regionkey = r_regionkey
      WHERE r_name = 'EUROPE' AND p_size IN (15, 25, 35) AND p_type LIKE '%BRASS')
    SELECT s_acctbal, s_name, n_name, p_partkey, p_mfgr, s_address, s_phone, s_comment FROM offers o
    WHERE ps_supplycost = (SELECT min(ps_supplycost) FROM offers i WHERE i.p_partkey = o.p_partkey)
    ORDER BY s_acctbal DESC, n_name, s_name, p_partkey LIMIT 100`,
};

export const q3: Query = {
  name: 'q3',
  run: ({ customer, orders, lineitem }) =>
    customer
      .filter((c) => c.c_mktsegment.eq('BUILDING'))
      .join(
        orders.filter((c) => c.o_orderdate.lt(day('1995-03-15'))),
        { on: { c_custkey: 'o_custkey' } },
      )
      .join(
        lineitem.filter((c) => c.l_shipdate.gt(day('1995-03-15'))),
        { on: { o_orderkey: 'l_orderkey' } },
      )
      .pipe(withRevenue)
      .groupBy('o_orderkey', 'o_orderdate', 'o_shippriority')
      .agg({ revenue: (c) => c.revenue.sum() })
      .select('o_orderkey', 'revenue', 'o_orderdate', 'o_shippriority')
      .sort({ by: 'revenue', descending: true }, 'o_orderdate')
      .head(10),
  sql: `SELECT l_orderkey, sum(l_extendedprice * (1 - l_discount)) AS revenue, o_orderdate, o_shippriority
    FROM customer, orders, lineitem
    WHERE c_mktsegment = 'BUILDING' AND c_custkey = o_custkey AND l_orderkey = o_orderkey
      AND o_orderdate < DATE '1995-03-15' AND l_shipdate > DATE '1995-03-15'
    GROUP BY ALL ORDER BY revenue DESC, o_orderdate LIMIT 10`,
};

export const q4: Query = {
  name: 'q4',
  run: ({ orders, lineitem }) =>
    orders
      .filter((c) => c.o_orderdate.isBetween(day('1993-07-01'), day('1993-10-01'), { closed: 'left' }))
      .join(
        lineitem.filter((c) => c.l_commitdate.lt(c.l_receiptdate)),
        { on: { o_orderkey: 'l_orderkey' }, how: 'semi' },
      )
      .groupBy('o_orderpriority')
      .agg({ order_count: len() })
      .sort('o_orderpriority'),
  sql: `SELECT o_orderpriority, count(*) FROM orders
    WHERE o_orderdate >= DATE '1993-07-01' AND o_orderdate < DATE '1993-10-01'
      AND EXISTS (SELECT 1 FROM lineitem WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate)
    GROUP BY ALL ORDER BY ALL`,
};

export const q5: Query = {
  name: 'q5',
  run: ({ region, nation, customer, orders, lineitem, supplier }) =>
    region
      .filter((c) => c.r_name.eq('ASIA'))
      .join(nation, { on: { r_regionkey: 'n_regionkey' } })
      .join(customer, { on: { n_nationkey: 'c_nationkey' } })
      .join(
        orders.filter((c) => c.o_orderdate.isBetween(day('1994-01-01'), day('1996-01-01'), { closed: 'left' })),
        { on: { c_custkey: 'o_custkey' } },
      )
      .join(lineitem, { on: { o_orderkey: 'l_orderkey' } })
      .join(supplier, { on: { l_suppkey: 's_suppkey', n_nationkey: 's_nationkey' } })
      .pipe(withRevenue)
      .groupBy('n_name')
      .agg({ revenue: (c) => c.revenue.sum() })
      .sort({ by: 'revenue', descending: true }),
  sql: `SELECT n_name, sum(l_extendedprice * (1 - l_discount)) AS revenue
    FROM customer, orders, lineitem, supplier, nation, region
    WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND l_suppkey = s_suppkey AND c_nationkey = s_nationkey
      AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey AND r_name = 'ASIA'
      AND o_orderdate >= DATE '1994-01-01' AND o_orderdate < DATE '1996-01-01'
    GROUP BY ALL ORDER BY revenue DESC`,
};

export const q6: Query = {
  name: 'q6',
  run: ({ lineitem }) =>
    lineitem
      .filter((c) =>
        c.l_shipdate
          .isBetween(day('1994-01-01'), day('1995-01-01'), { closed: 'left' })
          .and(c.l_discount.isBetween(0.05, 0.07))
          .and(c.l_quantity.lt(24)),
      )
      .select({ revenue: (c) => c.l_extendedprice.mul(c.l_discount).sum() }),
  sql: `SELECT sum(l_extendedprice * l_discount) FROM lineitem
    WHERE l_shipdate >= DATE '1994-01-01' AND l_shipdate < DATE '1995-01-01'
      AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24`,
};
