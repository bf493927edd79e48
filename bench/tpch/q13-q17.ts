import { len, lit, when } from '../../ts/index.ts';
import { day, type Query, withRevenue } from './query.ts';

export const q13: Query = {
  name: 'q13',
  run: ({ customer, orders }) =>
    customer
      .join(
        orders.filter((c) => c.o_comment.str.contains(/special.*requests/).not()),
        { on: { c_custkey: 'o_custkey' }, how: 'left' },
      )
      .groupBy('c_custkey')
      .agg({ c_count: (c) => c.o_orderkey.count() })
      .groupBy('c_count')
      .agg({ custdist: len() })
      .sort({ by: 'custdist', descending: true }, { by: 'c_count', descending: true }),
  sql: `SELECT c_count, count(*) AS custdist FROM (SELECT c_custkey, count(o_orderkey) AS c_count FROM customer
      LEFT JOIN orders ON c_custkey = o_custkey AND o_comment NOT LIKE '%special%requests%' GROUP BY c_custkey)
    GROUP BY ALL ORDER BY custdist DESC, c_count DESC`,
};

export const q14: Query = {
  name: 'q14',
  run: ({ lineitem, part }) =>
    lineitem
      .filter((c) => c.l_shipdate.isBetween(day('1995-09-01'), day('1995-10-01'), { closed: 'left' }))
      .join(part, { on: { l_partkey: 'p_partkey' } })
      .pipe(withRevenue)
      .select({
        promo_revenue: (c) =>
          when(c.p_type.str.startsWith('PROMO')).then(c.revenue).otherwise(0).sum().mul(lit(100)).div(c.revenue.sum()),
      }),
  sql: `SELECT 100.0::DOUBLE * sum(CASE WHEN p_type LIKE 'PROMO%' THEN l_extendedprice * (1 - l_discount) ELSE 0 END)::DOUBLE
      / sum(l_extendedprice * (1 - l_discount))::DOUBLE
    FROM lineitem, part
    WHERE l_partkey = p_partkey AND l_shipdate >= DATE '1995-09-01' AND l_shipdate < DATE '1995-10-01'`,
};

export const q15: Query = {
  name: 'q15',
  run: ({ lineitem, supplier }) => {
    const revenue = lineitem
      .filter((c) => c.l_shipdate.isBetween(day('1996-01-01'), day('1996-04-01'), { closed: 'left' }))
      .pipe(withRevenue)
      .groupBy('l_suppkey')
      .agg({ total_revenue: (c) => c.revenue.sum() });
    return supplier
      .join(revenue, { on: { s_suppkey: 'l_suppkey' } })
      .withColumns({ rank: (c) => c.total_revenue.rank({ method: 'min', descending: true }) })
      .filter((c) => c.rank.le(5))
      .select('s_suppkey', 's_name', 's_address', 's_phone', 'total_revenue')
      .sort('s_suppkey');
  },
  sql: `WITH revenue AS (SELECT l_suppkey, sum(l_extendedprice * (1 - l_discount)) AS total_revenue FROM lineitem
      WHERE l_shipdate >= DATE '1996-01-01' AND l_shipdate < DATE '1996-04-01' GROUP BY ALL)
    SELECT s_suppkey, s_name, s_address, s_phone, total_revenue FROM supplier JOIN revenue ON s_suppkey = l_suppkey
    QUALIFY rank() OVER (ORDER BY total_revenue DESC) <= 5 ORDER BY s_suppkey`,
};

export const q16: Query = {
  name: 'q16',
  run: ({ partsupp, part, supplier }) =>
    partsupp
      .join(
        part.filter((c) =>
          c.p_brand
            .ne('Brand#45')
            .and(c.p_type.str.startsWith('MEDIUM POLISHED').not())
            .and(c.p_size.isIn([49, 14, 23, 45, 19, 3, 36, 9])),
        ),
        { on: { ps_partkey: 'p_partkey' } },
      )
      .join(
        supplier.filter((c) => c.s_comment.str.contains(/Customer.*Complaints/)),
        { on: { ps_suppkey: 's_suppkey' }, how: 'anti' },
      )
      .groupBy('p_brand', 'p_type', 'p_size')
      .agg({ supplier_cnt: (c) => c.ps_suppkey.nUnique() })
      .sort({ by: 'supplier_cnt', descending: true }, 'p_brand', 'p_type', 'p_size'),
  sql: `SELECT p_brand, p_type, p_size, count(DISTINCT ps_suppkey) AS supplier_cnt FROM partsupp, part
    WHERE p_partkey = ps_partkey AND p_brand <> 'Brand#45' AND p_type NOT LIKE 'MEDIUM POLISHED%'
      AND p_size IN (49, 14, 23, 45, 19, 3, 36, 9)
      AND ps_suppkey NOT IN (SELECT s_suppkey FROM supplier WHERE s_comment LIKE '%Customer%Complaints%')
    GROUP BY ALL ORDER BY supplier_cnt DESC, p_brand, p_type, p_size`,
};

export const q17: Query = {
  name: 'q17',
  run: ({ lineitem, part }) =>
    lineitem
      .join(
        part.filter((c) => c.p_brand.eq('Brand#23').and(c.p_container.str.startsWith('MED'))),
        { on: { l_partkey: 'p_partkey' } },
      )
      .withColumns({ average: (c) => c.l_quantity.mean().over(c.l_partkey) })
      .filter((c) => c.l_quantity.lt(c.average.mul(0.2)))
      .select({ avg_yearly: (c) => c.l_extendedprice.sum().div(7) }),
  sql: `SELECT sum(l_extendedprice)::DOUBLE / 7.0::DOUBLE FROM lineitem l, part
    WHERE p_partkey = l_partkey AND p_brand = 'Brand#23' AND p_container LIKE 'MED%'
      AND l_quantity::DOUBLE < (SELECT 0.2::DOUBLE * avg(l_quantity) FROM lineitem i WHERE i.l_partkey = l.l_partkey)`,
};
