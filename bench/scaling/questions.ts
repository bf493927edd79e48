// What grows: five operations from a Parquet file to a Parquet file, in our API, in polars' and in SQL.
import type { DataFrame } from '../../ts/index.ts';

export interface ScalingQuestion {
  readonly name: string;
  /** A column of the answer whose sum checks it. */
  readonly sum: string;
  /** A column that must not fall from one row group of the answer to the next. */
  readonly ordered?: string;
  readonly ours: (x: DataFrame<any>, right: DataFrame<any>) => DataFrame<any>;
  /** `pl` is nodejs-polars, which is not typed here. */
  readonly polars: (x: any, right: any, pl: any) => any;
  readonly sql: string;
}

export const SCALING_QUESTIONS: readonly ScalingQuestion[] = [
  {
    name: 'filter, one row in ten',
    sum: 'v',
    ours: (x) => x.filter((c) => c['v'].lt(12_500)),
    polars: (x, _, pl) => x.filter(pl.col('v').lt(12_500)),
    sql: 'SELECT * FROM x WHERE v < 12500',
  },
  {
    name: 'group by 1,000 keys',
    sum: 's',
    ours: (x) => x.groupBy('k').agg({ s: (c) => c['v'].sum(), m: (c) => c['v'].max() }),
    polars: (x, _, pl) => x.groupBy('k').agg(pl.col('v').sum().alias('s'), pl.col('v').max().alias('m')),
    sql: 'SELECT k, sum(v) AS s, max(v) AS m FROM x GROUP BY k',
  },
  {
    name: 'group by rows / 100 keys',
    sum: 's',
    ours: (x) => x.groupBy('id').agg({ s: (c) => c['v'].sum(), m: (c) => c['v'].max() }),
    polars: (x, _, pl) => x.groupBy('id').agg(pl.col('v').sum().alias('s'), pl.col('v').max().alias('m')),
    sql: 'SELECT id, sum(v) AS s, max(v) AS m FROM x GROUP BY id',
  },
  {
    name: 'join with rows / 1,000 keys',
    sum: 'w',
    ours: (x, right) => x.join(right, { on: 'id' }),
    polars: (x, right) => x.join(right, { on: 'id' }),
    sql: 'SELECT * FROM x JOIN r USING (id)',
  },
  {
    name: 'sort by a float',
    sum: 'v',
    ordered: 'v',
    ours: (x) => x.sort('v'),
    polars: (x) => x.sort('v'),
    sql: 'SELECT * FROM x ORDER BY v',
  },
];
