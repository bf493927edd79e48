import { lit, when } from '../../ts/index.ts';
import { day, type Query, withRevenue } from './query.ts';

export const q7: Query = {
  name: 'q7',
  run: ({ supplier, lineitem, orders, customer, nation }) => {
    const sellers = nation.select({ n1: (c) => c.n_nationkey, supp_nation: (c) => c.n_name });
    const buyers = nation.select({ n2: (c) => c.n_nationkey, cust_nation: (c) => c.n_name });
    return supplier
      .join(sellers, { on: { s_nationkey: 'n1' } })
      .join(
        lineitem.filter((c) => c.l_shipdate.isBetween(day('1995-01-01'), day('1996-12-31'))),
        { on: { s_suppkey: 'l_suppkey' } },
      )
      .join(orders, { on: { l_orderkey: 'o_orderkey' } })
      .join(customer, { on: { o_custkey: 'c_custkey' } })
      .join(buyers, { on: { c_nationkey: 'n2' } })
      .filter((c) =>
        c.supp_nation
          .eq('FRANCE')
          .and(c.cust_nation.isIn(['GERMANY', 'CHINA', 'INDIA']))
          .or(c.supp_nation.isIn(['GERMANY', 'CHINA', 'INDIA']).and(c.cust_nation.eq('FRANCE'))),
      )
      .pipe(withRevenue)
      .groupBy('supp_nation', 'cust_nation', { l_year: (c) => c.l_shipdate.dt.year() })
      .agg({ revenue: (c) => c.revenue.sum() })
      .sort('supp_nation', 'cust_nation', 'l_year');
  },
  sql: `SELECT n1.n_name AS supp_nation, n2.n_name AS cust_nation, year(l_shipdate) AS l_year,
      sum(l_extendedprice * (1 - l_discount))
    FROM supplier, lineitem, orders, customer, nation n1, nation n2
    WHERE s_suppkey = l_suppkey AND o_orderkey = l_orderkey AND c_custkey = o_custkey AND s_nationkey = n1.n_nationkey
      AND c_nationkey = n2.n_nationkey AND l_shipdate BETWEEN DATE '1995-01-01' AND DATE '1996-12-31'
      AND ((n1.n_name = 'FRANCE' AND n2.n_name IN ('GERMANY', 'CHINA', 'INDIA'))
        OR (n1.n_name IN ('GERMANY', 'CHINA', 'INDIA') AND n2.n_name = 'FRANCE'))
    GROUP BY ALL ORDER BY supp_nation, cust_nation, l_year`,
};

export const q8: Query = {
  name: 'q8',
  run: ({ part, lineitem, supplier, orders, customer, nation, region }) => {
    const sellers = nation.select({ n1: (c) => c.n_nationkey, supp_nation: (c) => c.n_name });
    const america = nation.join(
      region.filter((c) => c.r_name.eq('AMERICA')),
      { on: { n_regionkey: 'r_regionkey' }, how: 'semi' },
    );
    return part
      .filter((c) => c.p_type.str.startsWith('ECONOMY'))
      .join(lineitem, { on: { p_partkey: 'l_partkey' } })
      .join(supplier, { on: { l_suppkey: 's_suppkey' } })
      .join(orders, { on: { l_orderkey: 'o_orderkey' } })
      .join(customer.join(america, { on: { c_nationkey: 'n_nationkey' }, how: 'semi' }), {
        on: { o_custkey: 'c_custkey' },
        how: 'semi',
      })
      .join(sellers, { on: { s_nationkey: 'n1' } })
      .pipe(withRevenue)
      .groupBy({ o_year: (c) => c.o_orderdate.dt.year() })
      .agg({
        brazil: (c) => when(c.supp_nation.eq('BRAZIL')).then(c.revenue).otherwise(0).sum(),
        total: (c) => c.revenue.sum(),
      })
      .select('o_year', { mkt_share: (c) => c.brazil.div(c.total) })
      .sort('o_year');
  },
  sql: `SELECT year(o_orderdate) AS o_year,
      sum(CASE WHEN n2.n_name = 'BRAZIL' THEN l_extendedprice * (1 - l_discount) ELSE 0 END)::DOUBLE
        / sum(l_extendedprice * (1 - l_discount))::DOUBLE
    FROM part, supplier, lineitem, orders, customer, nation n1, nation n2, region
    WHERE p_partkey = l_partkey AND s_suppkey = l_suppkey AND l_orderkey = o_orderkey AND o_custkey = c_custkey
      AND c_nationkey = n1.n_nationkey AND n1.n_regionkey = r_regionkey AND r_name = 'AMERICA'
      AND s_nationkey = n2.n_nationkey AND p_type LIKE 'ECONOMY%'
    GROUP BY ALL ORDER BY o_year`,
};

export const q9: Query = {
  name: 'q9',
  run: ({ part, lineitem, supplier, partsupp, orders, nation }) =>
    part
      .filter((c) => c.p_name.str.contains('green'))
      .join(lineitem, { on: { p_partkey: 'l_partkey' } })
      .join(supplier, { on: { l_suppkey: 's_suppkey' } })
      .join(partsupp, { on: { l_suppkey: 'ps_suppkey', p_partkey: 'ps_partkey' } })
      .join(orders, { on: { l_orderkey: 'o_orderkey' } })
      .join(nation, { on: { s_nationkey: 'n_nationkey' } })
      .pipe(withRevenue)
      .withColumns({
        amount: (c) => c.revenue.sub(c.ps_supplycost.mul(c.l_quantity)),
        o_year: (c) => c.o_orderdate.dt.year(),
      })
      .groupBy('n_name', 'o_year')
      .agg({ sum_profit: (c) => c.amount.sum() })
      .sort('n_name', { by: 'o_year', descending: true }),
  sql: `SELECT n_name, year(o_orderdate) AS o_year,
      sum(l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity)
    FROM part, supplier, lineitem, partsupp, orders, nation
    WHERE s_suppkey = l_suppkey AND ps_suppkey = l_suppkey AND ps_partkey = l_partkey AND p_partkey = l_partkey
      AND o_orderkey = l_orderkey AND s_nationkey = n_nationkey AND p_name LIKE '%green%'
    GROUP BY ALL ORDER BY n_name, o_year DESC`,
};

export const q10: Query = {
  name: 'q10',
  run: ({ customer, orders, lineitem, nation }) =>
    customer
      .join(
        orders.filter((c) => c.o_orderdate.isBetween(day('1993-10-01'), day('1994-01-01'), { closed: 'left' })),
        { on: { c_custkey: 'o_custkey' } },
      )
      .join(
        lineitem.filter((c) => c.l_returnflag.eq('R')),
        { on: { o_orderkey: 'l_orderkey' } },
      )
      .join(nation, { on: { c_nationkey: 'n_nationkey' } })
      .pipe(withRevenue)
      .groupBy('c_custkey', 'c_name', 'c_acctbal', 'c_phone', 'n_name', 'c_address', 'c_comment')
      .agg({ revenue: (c) => c.revenue.sum() })
      .select('c_custkey', 'c_name', 'revenue', 'c_acctbal', 'n_name', 'c_address', 'c_phone', 'c_comment')
      .sort({ by: 'revenue', descending: true }, 'c_custkey')
      .head(20),
  sql: `SELECT c_custkey, c_name, sum(l_extendedprice * (1 - l_discount)) AS revenue, c_acctbal, n_name, c_address, c_phone,
      c_comment
    FROM customer, orders, lineitem, nation
    WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND o_orderdate >= DATE '1993-10-01'
      AND o_orderdate < DATE '1994-01-01' AND l_returnflag = 'R' AND c_nationkey = n_nationkey
    GROUP BY ALL ORDER BY revenue DESC, c_custkey LIMIT 20`,
};

export const q11: Query = {
  name: 'q11',
  run: ({ partsupp, supplier, nation }) => {
    const value = partsupp
      .join(supplier, { on: { ps_suppkey: 's_suppkey' } })
      .join(
        nation.filter((c) => c.n_name.eq('GERMANY')),
        { on: { s_nationkey: 'n_nationkey' } },
      )
      .withColumns({ value: (c) => c.ps_supplycost.mul(c.ps_availqty) });
    const limit = value.select({ limit: (c) => c.value.sum().mul(lit(0.002)) });
    return value
      .groupBy('ps_partkey')
      .agg({ value: (c) => c.value.sum() })
      .join(limit, { how: 'cross' })
      .filter((c) => c.value.gt(c.limit))
      .select('ps_partkey', 'value')
      .sort({ by: 'value', descending: true }, 'ps_partkey');
  },
  sql: `WITH v AS (SELECT ps_partkey, sum(ps_supplycost * ps_availqty) AS value FROM partsupp, supplier, nation
      WHERE ps_suppkey = s_suppkey AND s_nationkey = n_nationkey AND n_name = 'GERMANY' GROUP BY ALL)
    SELECT ps_partkey, value FROM v WHERE value::DOUBLE > (SELECT sum(value)::DOUBLE * 0.002 FROM v)
    ORDER BY value DESC, ps_partkey`,
};

export const q12: Query = {
  name: 'q12',
  run: ({ orders, lineitem }) =>
    orders
      .join(
        lineitem.filter((c) =>
          c.l_shipmode
            .isIn(['MAIL', 'SHIP', 'RAIL', 'AIR', 'FOB', 'TRUCK'])
            .and(c.l_commitdate.lt(c.l_receiptdate))
            .and(c.l_shipdate.lt(c.l_commitdate))
            .and(c.l_receiptdate.isBetween(day('1994-01-01'), day('1995-01-01'), { closed: 'left' })),
        ),
        { on: { o_orderkey: 'l_orderkey' } },
      )
      .withColumns({ high: (c) => c.o_orderpriority.isIn(['1-URGENT', '2-HIGH']) })
      .groupBy('l_shipmode')
      .agg({ high_line_count: (c) => c.high.sum(), low_line_count: (c) => c.high.not().sum() })
      .sort('l_shipmode'),
  sql: `SELECT l_shipmode, sum((o_orderpriority IN ('1-URGENT', '2-HIGH'))::INT),
      sum((o_orderpriority NOT IN ('1-URGENT', '2-HIGH'))::INT)
    FROM orders, lineitem
    WHERE o_orderkey = l_orderkey AND l_shipmode IN ('MAIL', 'SHIP', 'RAIL', 'AIR', 'FOB', 'TRUCK')
      AND l_commitdate < l_receiptdate AND l_shipdate < l_commitdate AND l_receiptdate >= DATE '1994-01-01'
      AND l_receiptdate < DATE '1995-01-01'
    GROUP BY ALL ORDER BY l_shipmode`,
};
