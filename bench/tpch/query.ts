// What a query of the suite is: the same question in the API and in SQL.
import { type DataFrame, Decimal, lit } from '../../ts/index.ts';
import type { Tables } from './tables.ts';

export interface Query {
  readonly name: string;
  readonly run: (t: Tables) => DataFrame<any>;
  readonly sql: string;
}

export const day = (text: string): Date => new Date(`${text}T00:00:00Z`);

type Priced = { l_extendedprice: Decimal; l_discount: Decimal };

/** Adds `revenue`, the discounted price, exact. */
export const withRevenue = <S extends Priced>(df: DataFrame<S>) =>
  df.withColumns({ revenue: (c) => c.l_extendedprice.mul(lit(1, Decimal(3, 2)).sub(c.l_discount)) });
