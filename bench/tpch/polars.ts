// The 22 questions for nodejs-polars, in its SQL: joins are written out, since it makes cross joins of lists of tables,
// and subqueries that name rows of the query around them are groups that are joined, which its SQL does not know.
import { type Cell, cellOf } from './compare.ts';

/** In doubles: polars rounds products of decimals to the digits of their factors. */
const REVENUE = 'CAST(l_extendedprice AS DOUBLE) * (1.0 - CAST(l_discount AS DOUBLE))';

export const POLARS_SQL: Readonly<Record<string, string>> = {
  q1: `SELECT l_returnflag, l_linestatus, SUM(l_quantity) AS a, SUM(l_extendedprice) AS b, SUM(${REVENUE}) AS c,
      SUM(${REVENUE} * (1.0 + CAST(l_tax AS DOUBLE))) AS d, AVG(l_quantity) AS e, AVG(l_extendedprice) AS f, AVG(l_discount) AS g,
      COUNT(*) AS h
    FROM lineitem WHERE l_shipdate <= DATE('1998-09-02')
    GROUP BY l_returnflag, l_linestatus ORDER BY l_returnflag, l_linestatus`,
  q2: `WITH offers AS (SELECT * FROM part JOIN partsupp ON p_partkey = ps_partkey JOIN supplier ON ps_suppkey = s_suppkey
        JOIN nation ON s_nationkey = n_nationkey JOIN region ON n_regionkey = r_regionkey
        WHERE r_name = 'EUROPE' AND p_size IN (15, 25, 35) AND p_type LIKE '%BRASS'),
      least AS (SELECT p_partkey AS key, MIN(ps_supplycost) AS cost FROM offers GROUP BY p_partkey)
    SELECT s_acctbal, s_name, n_name, p_partkey, p_mfgr, s_address, s_phone, s_comment FROM offers
    JOIN least ON p_partkey = key AND ps_supplycost = cost
    ORDER BY s_acctbal DESC, n_name, s_name, p_partkey LIMIT 100`,
  q3: `SELECT o_orderkey, SUM(${REVENUE}) AS revenue, o_orderdate, o_shippriority
    FROM customer JOIN orders ON c_custkey = o_custkey JOIN lineitem ON o_orderkey = l_orderkey
    WHERE c_mktsegment = 'BUILDING' AND o_orderdate < DATE('1995-03-15') AND l_shipdate > DATE('1995-03-15')
    GROUP BY o_orderkey, o_orderdate, o_shippriority ORDER BY revenue DESC, o_orderdate LIMIT 10`,
  q4: `WITH late AS (SELECT l_orderkey FROM lineitem WHERE l_commitdate < l_receiptdate)
    SELECT o_orderpriority, COUNT(*) AS n FROM orders SEMI JOIN late ON o_orderkey = l_orderkey
    WHERE o_orderdate >= DATE('1993-07-01') AND o_orderdate < DATE('1993-10-01')
    GROUP BY o_orderpriority ORDER BY o_orderpriority`,
  q5: `SELECT n_name, SUM(${REVENUE}) AS revenue
    FROM region JOIN nation ON r_regionkey = n_regionkey JOIN customer ON n_nationkey = c_nationkey
      JOIN orders ON c_custkey = o_custkey JOIN lineitem ON o_orderkey = l_orderkey
      JOIN supplier ON l_suppkey = s_suppkey AND n_nationkey = s_nationkey
    WHERE r_name = 'ASIA' AND o_orderdate >= DATE('1994-01-01') AND o_orderdate < DATE('1996-01-01')
    GROUP BY n_name ORDER BY revenue DESC`,
  q6: `SELECT SUM(CAST(l_extendedprice AS DOUBLE) * CAST(l_discount AS DOUBLE)) AS revenue FROM lineitem
    WHERE l_shipdate >= DATE('1994-01-01') AND l_shipdate < DATE('1995-01-01')
      AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24`,
  q7: `WITH sellers AS (SELECT n_nationkey AS n1, n_name AS supp_nation FROM nation),
      buyers AS (SELECT n_nationkey AS n2, n_name AS cust_nation FROM nation),
      sold AS (SELECT supp_nation, cust_nation, EXTRACT(YEAR FROM l_shipdate) AS l_year, ${REVENUE} AS revenue
        FROM supplier JOIN sellers ON s_nationkey = n1 JOIN lineitem ON s_suppkey = l_suppkey
          JOIN orders ON l_orderkey = o_orderkey JOIN customer ON o_custkey = c_custkey JOIN buyers ON c_nationkey = n2
        WHERE l_shipdate >= DATE('1995-01-01') AND l_shipdate <= DATE('1996-12-31')
          AND ((supp_nation = 'FRANCE' AND cust_nation IN ('GERMANY', 'CHINA', 'INDIA'))
            OR (supp_nation IN ('GERMANY', 'CHINA', 'INDIA') AND cust_nation = 'FRANCE')))
    SELECT supp_nation, cust_nation, l_year, SUM(revenue) AS revenue FROM sold
    GROUP BY supp_nation, cust_nation, l_year ORDER BY supp_nation, cust_nation, l_year`,
  q8: `WITH sellers AS (SELECT n_nationkey AS n1, n_name AS supp_nation FROM nation),
      america AS (SELECT n_nationkey FROM nation JOIN region ON n_regionkey = r_regionkey WHERE r_name = 'AMERICA'),
      buyers AS (SELECT c_custkey FROM customer SEMI JOIN america ON c_nationkey = n_nationkey),
      sold AS (SELECT EXTRACT(YEAR FROM o_orderdate) AS o_year, supp_nation, ${REVENUE} AS revenue
        FROM part JOIN lineitem ON p_partkey = l_partkey JOIN supplier ON l_suppkey = s_suppkey
          JOIN orders ON l_orderkey = o_orderkey JOIN buyers ON o_custkey = c_custkey JOIN sellers ON s_nationkey = n1
        WHERE p_type LIKE 'ECONOMY%')
    SELECT o_year, SUM(CASE WHEN supp_nation = 'BRAZIL' THEN revenue ELSE 0.0 END) / SUM(revenue) AS mkt_share
    FROM sold GROUP BY o_year ORDER BY o_year`,
  q9: `WITH sold AS (SELECT n_name, EXTRACT(YEAR FROM o_orderdate) AS o_year,
        ${REVENUE} - CAST(ps_supplycost AS DOUBLE) * CAST(l_quantity AS DOUBLE) AS amount
      FROM part JOIN lineitem ON p_partkey = l_partkey JOIN supplier ON l_suppkey = s_suppkey
        JOIN partsupp ON l_suppkey = ps_suppkey AND p_partkey = ps_partkey
        JOIN orders ON l_orderkey = o_orderkey JOIN nation ON s_nationkey = n_nationkey
      WHERE p_name LIKE '%green%')
    SELECT n_name, o_year, SUM(amount) AS sum_profit FROM sold GROUP BY n_name, o_year ORDER BY n_name, o_year DESC`,
  q10: `SELECT c_custkey, c_name, SUM(${REVENUE}) AS revenue, c_acctbal, n_name, c_address, c_phone, c_comment
    FROM customer JOIN orders ON c_custkey = o_custkey JOIN lineitem ON o_orderkey = l_orderkey
      JOIN nation ON c_nationkey = n_nationkey
    WHERE o_orderdate >= DATE('1993-10-01') AND o_orderdate < DATE('1994-01-01') AND l_returnflag = 'R'
    GROUP BY c_custkey, c_name, c_acctbal, c_phone, n_name, c_address, c_comment
    ORDER BY revenue DESC, c_custkey LIMIT 20`,
  q11: `WITH v AS (SELECT ps_partkey, SUM(CAST(ps_supplycost AS DOUBLE) * ps_availqty) AS value FROM partsupp
        JOIN supplier ON ps_suppkey = s_suppkey JOIN nation ON s_nationkey = n_nationkey
        WHERE n_name = 'GERMANY' GROUP BY ps_partkey),
      t AS (SELECT SUM(value) * 0.002 AS most FROM v)
    SELECT ps_partkey, value FROM v CROSS JOIN t WHERE value > most ORDER BY value DESC, ps_partkey`,
  q12: `SELECT l_shipmode, SUM(CASE WHEN o_orderpriority IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END) AS high,
      SUM(CASE WHEN o_orderpriority IN ('1-URGENT', '2-HIGH') THEN 0 ELSE 1 END) AS low
    FROM orders JOIN lineitem ON o_orderkey = l_orderkey
    WHERE l_shipmode IN ('MAIL', 'SHIP', 'RAIL', 'AIR', 'FOB', 'TRUCK') AND l_commitdate < l_receiptdate
      AND l_shipdate < l_commitdate AND l_receiptdate >= DATE('1994-01-01') AND l_receiptdate < DATE('1995-01-01')
    GROUP BY l_shipmode ORDER BY l_shipmode`,
  q13: `WITH usual AS (SELECT o_custkey, o_orderkey FROM orders WHERE o_comment NOT LIKE '%special%requests%'),
      counts AS (SELECT c_custkey, COUNT(o_orderkey) AS c_count FROM customer LEFT JOIN usual ON c_custkey = o_custkey
        GROUP BY c_custkey)
    SELECT c_count, COUNT(*) AS custdist FROM counts GROUP BY c_count ORDER BY custdist DESC, c_count DESC`,
  q14: `WITH sold AS (SELECT p_type, ${REVENUE} AS revenue
      FROM lineitem JOIN part ON l_partkey = p_partkey
      WHERE l_shipdate >= DATE('1995-09-01') AND l_shipdate < DATE('1995-10-01'))
    SELECT 100.0 * SUM(CASE WHEN p_type LIKE 'PROMO%' THEN revenue ELSE 0.0 END) / SUM(revenue) AS promo FROM sold`,
  q15: `WITH revenue AS (SELECT l_suppkey, SUM(${REVENUE}) AS total_revenue FROM lineitem
        WHERE l_shipdate >= DATE('1996-01-01') AND l_shipdate < DATE('1996-04-01') GROUP BY l_suppkey),
      best AS (SELECT l_suppkey, total_revenue FROM revenue ORDER BY total_revenue DESC LIMIT 5)
    SELECT s_suppkey, s_name, s_address, s_phone, total_revenue FROM supplier JOIN best ON s_suppkey = l_suppkey
    ORDER BY s_suppkey`,
  q16: `WITH bad AS (SELECT s_suppkey FROM supplier WHERE s_comment LIKE '%Customer%Complaints%')
    SELECT p_brand, p_type, p_size, COUNT(DISTINCT ps_suppkey) AS supplier_cnt
    FROM partsupp JOIN part ON ps_partkey = p_partkey ANTI JOIN bad ON ps_suppkey = s_suppkey
    WHERE p_brand <> 'Brand#45' AND p_type NOT LIKE 'MEDIUM POLISHED%' AND p_size IN (49, 14, 23, 45, 19, 3, 36, 9)
    GROUP BY p_brand, p_type, p_size ORDER BY supplier_cnt DESC, p_brand, p_type, p_size`,
  q17: `WITH lines AS (SELECT l_partkey, l_quantity, l_extendedprice FROM lineitem JOIN part ON l_partkey = p_partkey
        WHERE p_brand = 'Brand#23' AND p_container LIKE 'MED%'),
      means AS (SELECT l_partkey AS key, 0.2 * AVG(l_quantity) AS least FROM lines GROUP BY l_partkey)
    SELECT SUM(CAST(l_extendedprice AS DOUBLE)) / 7.0 AS yearly FROM lines JOIN means ON l_partkey = key
    WHERE CAST(l_quantity AS DOUBLE) < least`,
  q18: `WITH big AS (SELECT l_orderkey AS key, SUM(l_quantity) AS total FROM lineitem GROUP BY l_orderkey),
      few AS (SELECT key FROM big WHERE total > 250)
    SELECT c_name, o_custkey, o_orderkey, o_orderdate, o_totalprice, SUM(l_quantity) AS quantity
    FROM orders SEMI JOIN few ON o_orderkey = key JOIN lineitem ON o_orderkey = l_orderkey
      JOIN customer ON o_custkey = c_custkey
    GROUP BY c_name, o_custkey, o_orderkey, o_orderdate, o_totalprice
    ORDER BY o_totalprice DESC, o_orderdate, o_orderkey LIMIT 100`,
  q19: `WITH lines AS (SELECT * FROM lineitem WHERE l_shipmode IN ('AIR', 'REG AIR')
        AND l_shipinstruct = 'DELIVER IN PERSON')
    SELECT SUM(${REVENUE}) AS revenue FROM lines JOIN part ON l_partkey = p_partkey
    WHERE (p_brand = 'Brand#12' AND p_container LIKE 'SM%' AND l_quantity BETWEEN 1 AND 21 AND p_size BETWEEN 1 AND 15)
      OR (p_brand = 'Brand#23' AND p_container LIKE 'MED%' AND l_quantity BETWEEN 10 AND 30 AND p_size BETWEEN 1 AND 20)
      OR (p_brand = 'Brand#34' AND p_container LIKE 'LG%' AND l_quantity BETWEEN 20 AND 40 AND p_size BETWEEN 1 AND 25)`,
  q20: `WITH forest AS (SELECT p_partkey FROM part WHERE p_name LIKE '%forest%'),
      half AS (SELECT l_partkey, l_suppkey, 0.5 * CAST(SUM(l_quantity) AS DOUBLE) AS half FROM lineitem
        WHERE l_shipdate >= DATE('1994-01-01') AND l_shipdate < DATE('1995-01-01') GROUP BY l_partkey, l_suppkey),
      offers AS (SELECT ps_suppkey FROM partsupp SEMI JOIN forest ON ps_partkey = p_partkey
        JOIN half ON ps_partkey = l_partkey AND ps_suppkey = l_suppkey WHERE CAST(ps_availqty AS DOUBLE) > half),
      places AS (SELECT n_nationkey FROM nation WHERE n_name IN ('CANADA', 'BRAZIL', 'PERU', 'KENYA'))
    SELECT s_name, s_address FROM supplier SEMI JOIN places ON s_nationkey = n_nationkey
      SEMI JOIN offers ON s_suppkey = ps_suppkey ORDER BY s_name`,
  q21: `WITH late AS (SELECT l_orderkey, l_suppkey FROM lineitem WHERE l_receiptdate > l_commitdate),
      counts AS (SELECT l_orderkey AS k1, COUNT(DISTINCT l_suppkey) AS n FROM lineitem GROUP BY l_orderkey),
      several AS (SELECT k1 FROM counts WHERE n > 1),
      lateness AS (SELECT l_orderkey AS k2, COUNT(DISTINCT l_suppkey) AS n FROM late GROUP BY l_orderkey),
      alone AS (SELECT k2 FROM lateness WHERE n = 1),
      done AS (SELECT o_orderkey FROM orders WHERE o_orderstatus = 'F'),
      places AS (SELECT n_nationkey FROM nation WHERE n_name IN ('SAUDI ARABIA', 'JAPAN', 'IRAN', 'IRAQ', 'CHINA'))
    SELECT s_name, COUNT(*) AS numwait FROM late SEMI JOIN several ON l_orderkey = k1 SEMI JOIN alone ON l_orderkey = k2
      SEMI JOIN done ON l_orderkey = o_orderkey JOIN supplier ON l_suppkey = s_suppkey
      SEMI JOIN places ON s_nationkey = n_nationkey
    GROUP BY s_name ORDER BY numwait DESC, s_name LIMIT 100`,
  q22: `WITH c AS (SELECT SUBSTR(c_phone, 1, 2) AS cntrycode, c_acctbal, c_custkey FROM customer
        WHERE SUBSTR(c_phone, 1, 2) IN ('13', '31', '23', '29', '30', '18', '17')),
      m AS (SELECT AVG(CAST(c_acctbal AS DOUBLE)) AS average FROM c WHERE c_acctbal > 0),
      rich AS (SELECT cntrycode, c_acctbal, c_custkey FROM c CROSS JOIN m WHERE CAST(c_acctbal AS DOUBLE) > average)
    SELECT cntrycode, COUNT(*) AS numcust, SUM(c_acctbal) AS totacctbal FROM rich ANTI JOIN orders ON c_custkey = o_custkey
    GROUP BY cntrycode ORDER BY cntrycode`,
};

/** Rows of an answer as they are compared: decimals leave nodejs-polars only as text. */
export function polarsRows(pl: any, answer: any): Cell[][] {
  const texts = answer.columns.map((name: string) => {
    const isDecimal = String(answer.getColumn(name).dtype).includes('Decimal');
    return isDecimal ? pl.col(name).cast(pl.Utf8) : pl.col(name);
  });
  return answer
    .select(...texts)
    .rows()
    .map((row: unknown[]) => row.map((v) => (typeof v === 'bigint' ? String(v) : cellOf(v))));
}
