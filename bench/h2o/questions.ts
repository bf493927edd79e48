// The ten group-by and five join questions of db-benchmark, in our API, in polars' and in SQL.
import { corr, type DataFrame, Float64, Int32, len, nullable, Utf8 } from '../../ts/index.ts';

export const G_SCHEMA = {
  id1: nullable(Utf8),
  id2: nullable(Utf8),
  id3: nullable(Utf8),
  id4: nullable(Int32),
  id5: nullable(Int32),
  id6: nullable(Int32),
  v1: nullable(Int32),
  v2: nullable(Int32),
  v3: nullable(Float64),
};
export type Grouped = DataFrame<{
  id1: Utf8 | null;
  id2: Utf8 | null;
  id3: Utf8 | null;
  id4: Int32 | null;
  id5: Int32 | null;
  id6: Int32 | null;
  v1: Int32 | null;
  v2: Int32 | null;
  v3: Float64 | null;
}>;

export interface Question {
  readonly name: string;
  /** Columns whose sums check the answer. */
  readonly sums: readonly string[];
  readonly sql: string;
}
export interface GroupQuestion extends Question {
  readonly ours: (x: Grouped) => DataFrame<any>;
  /** `pl` is nodejs-polars, which is not typed here. */
  readonly polars: (x: any, pl: any) => any;
}

export const GROUP_QUESTIONS: readonly GroupQuestion[] = [
  {
    name: 'g1 sum v1 by id1',
    sums: ['v1'],
    sql: 'SELECT id1, sum(v1)::BIGINT AS v1 FROM x GROUP BY id1',
    ours: (x) => x.groupBy('id1').agg({ v1: (c) => c.v1.sum() }),
    polars: (x, pl) => x.groupBy('id1').agg(pl.col('v1').sum()),
  },
  {
    name: 'g2 sum v1 by id1, id2',
    sums: ['v1'],
    sql: 'SELECT id1, id2, sum(v1)::BIGINT AS v1 FROM x GROUP BY id1, id2',
    ours: (x) => x.groupBy('id1', 'id2').agg({ v1: (c) => c.v1.sum() }),
    polars: (x, pl) => x.groupBy(['id1', 'id2']).agg(pl.col('v1').sum()),
  },
  {
    name: 'g3 sum v1, mean v3 by id3',
    sums: ['v1', 'v3'],
    sql: 'SELECT id3, sum(v1)::BIGINT AS v1, avg(v3) AS v3 FROM x GROUP BY id3',
    ours: (x) => x.groupBy('id3').agg({ v1: (c) => c.v1.sum(), v3: (c) => c.v3.mean() }),
    polars: (x, pl) => x.groupBy('id3').agg(pl.col('v1').sum(), pl.col('v3').mean()),
  },
  {
    name: 'g4 mean v1, v2, v3 by id4',
    sums: ['v1', 'v2', 'v3'],
    sql: 'SELECT id4, avg(v1) AS v1, avg(v2) AS v2, avg(v3) AS v3 FROM x GROUP BY id4',
    ours: (x) => x.groupBy('id4').agg({ v1: (c) => c.v1.mean(), v2: (c) => c.v2.mean(), v3: (c) => c.v3.mean() }),
    polars: (x, pl) => x.groupBy('id4').agg(pl.col('v1').mean(), pl.col('v2').mean(), pl.col('v3').mean()),
  },
  {
    name: 'g5 sum v1, v2, v3 by id6',
    sums: ['v1', 'v2', 'v3'],
    sql: 'SELECT id6, sum(v1)::BIGINT AS v1, sum(v2)::BIGINT AS v2, sum(v3) AS v3 FROM x GROUP BY id6',
    ours: (x) => x.groupBy('id6').agg({ v1: (c) => c.v1.sum(), v2: (c) => c.v2.sum(), v3: (c) => c.v3.sum() }),
    polars: (x, pl) => x.groupBy('id6').agg(pl.col('v1').sum(), pl.col('v2').sum(), pl.col('v3').sum()),
  },
  {
    name: 'g6 median and sd v3 by id4, id5',
    sums: ['m', 's'],
    sql: 'SELECT id4, id5, median(v3) AS m, stddev(v3) AS s FROM x GROUP BY id4, id5',
    ours: (x) => x.groupBy('id4', 'id5').agg({ m: (c) => c.v3.median(), s: (c) => c.v3.std() }),
    polars: (x, pl) => x.groupBy(['id4', 'id5']).agg(pl.col('v3').median().alias('m'), pl.col('v3').std().alias('s')),
  },
  {
    name: 'g7 max v1 − min v2 by id3',
    sums: ['r'],
    sql: 'SELECT id3, max(v1) - min(v2) AS r FROM x GROUP BY id3',
    ours: (x) => x.groupBy('id3').agg({ r: (c) => c.v1.max().sub(c.v2.min()) }),
    polars: (x, pl) => x.groupBy('id3').agg(pl.col('v1').max().minus(pl.col('v2').min()).alias('r')),
  },
  {
    name: 'g8 largest two v3 by id6',
    sums: ['v3'],
    sql: `SELECT id6, v3 FROM (SELECT id6, v3, row_number() OVER (PARTITION BY id6 ORDER BY v3 DESC) AS o FROM x
      WHERE v3 IS NOT NULL) WHERE o <= 2`,
    ours: (x) =>
      x
        .filter((c) => c.v3.isNotNull())
        .filter((c) => c.v3.rank({ method: 'ordinal', descending: true }).over(c.id6).le(2))
        .select('id6', 'v3'),
    polars: (x, pl) =>
      x
        .filter(pl.col('v3').isNotNull())
        .groupBy('id6')
        .agg(pl.col('v3').sort({ descending: true }).head(2))
        .explode('v3'),
  },
  {
    name: 'g9 squared correlation of v1, v2 by id2, id4',
    sums: ['r2'],
    sql: 'SELECT id2, id4, pow(corr(v1, v2), 2) AS r2 FROM x GROUP BY id2, id4',
    ours: (x) => x.groupBy('id2', 'id4').agg({ r2: (c) => corr(c.v1, c.v2).pow(2) }),
    polars: (x, pl) => x.groupBy(['id2', 'id4']).agg(pl.pearsonCorr(pl.col('v1'), pl.col('v2')).pow(2).alias('r2')),
  },
  {
    name: 'g10 sum v3, count by id1 … id6',
    sums: ['v3', 'n'],
    sql: `SELECT id1, id2, id3, id4, id5, id6, sum(v3) AS v3, count(*) AS n FROM x GROUP BY id1, id2, id3, id4, id5, id6`,
    ours: (x) => x.groupBy('id1', 'id2', 'id3', 'id4', 'id5', 'id6').agg({ v3: (c) => c.v3.sum(), n: len() }),
    polars: (x, pl) =>
      x.groupBy(['id1', 'id2', 'id3', 'id4', 'id5', 'id6']).agg(pl.col('v3').sum(), pl.len().alias('n')),
  },
];

export interface JoinQuestion extends Question {
  readonly right: 'small' | 'medium' | 'big';
  readonly on: string;
  readonly how: 'inner' | 'left';
}
const join = (
  name: string,
  right: JoinQuestion['right'],
  on: string,
  how: JoinQuestion['how'] = 'inner',
): JoinQuestion => ({
  name,
  right,
  on,
  how,
  sums: ['v1', 'v2'],
  sql: `SELECT x.*, r.* EXCLUDE (${on}) FROM x ${how === 'left' ? 'LEFT JOIN' : 'JOIN'} ${right} r USING (${on})`,
});
export const JOIN_QUESTIONS: readonly JoinQuestion[] = [
  join('j1 small inner on an integer', 'small', 'id1'),
  join('j2 medium inner on an integer', 'medium', 'id2'),
  join('j3 medium left on an integer', 'medium', 'id2', 'left'),
  join('j4 medium inner on a string', 'medium', 'id5'),
  join('j5 big inner on an integer', 'big', 'id3'),
];
