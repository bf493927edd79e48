// What a target is on average in each category, drawn towards its mean over all rows.
import { col, len } from '../../expr/builders.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { UInt32 } from '../../schema/dtypes.ts';
import type { Field } from '../../schema/types.ts';
import type { Category } from './categories.ts';
import { present } from './columns.ts';

/** Count, mean and sum of squared distances from the mean. */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly squares: number;
}

const NONE: Moments = { n: 0, mean: 0, squares: 0 };

/** The moments of two groups together (Chan, Golub and LeVeque). */
function together(a: Moments, b: Moments): Moments {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const away = b.mean - a.mean;
  return {
    n,
    mean: a.mean + (away * b.n) / n,
    squares: a.squares + b.squares + (away * away * a.n * b.n) / n,
  };
}

export const allTogether = (parts: readonly Moments[]): Moments => parts.reduce(together, NONE);

/** The moments of each output in each fold and category of a feature: `[fold][output][category]`. */
export type Grouped = readonly (readonly (readonly Moments[])[])[];

/**
 * Groups the targets by a feature, and by fold where rows have one.
 *
 * @param outputs - expressions of the targets: one, or one per class
 */
export async function groupTargets(
  frame: DataFrame<any>,
  f: Field,
  categories: readonly Category[],
  outputs: readonly any[],
  fold: { readonly column: string; readonly count: number } | null,
  run: RunOptions,
): Promise<Grouped> {
  const columns = {
    key: present(f),
    ...Object.fromEntries(outputs.map((y, k) => [`y${k}`, y])),
    ...(fold ? { fold: (col(fold.column) as any).cast(UInt32) } : {}),
  };
  const aggregates = Object.fromEntries(
    outputs.flatMap((_, k) => {
      const y = col(`y${k}`) as any;
      return [
        [`mean${k}`, y.mean()],
        [`var${k}`, y.var({ ddof: 0 })],
      ];
    }),
  );
  const keyed = frame.select(columns as never) as DataFrame<any>;
  using table = await keyed
    .groupBy('key', ...(fold ? ['fold'] : []))
    .agg({ n: len(), ...aggregates } as never)
    .collect(run);
  const places = new Map(categories.map((c, k) => [c, k]));
  const grouped = Array.from({ length: fold?.count ?? 1 }, () =>
    outputs.map(() => categories.map((): Moments => NONE)),
  );
  for (const row of table.toRecords() as Record<string, any>[]) {
    const place = places.get(row['key']);
    // Listed categories need not cover the rows: such rows are unknown values.
    if (place === undefined) continue;
    for (let k = 0; k < outputs.length; k++)
      grouped[fold ? row['fold'] : 0]![k]![place] = {
        n: row['n'],
        mean: row[`mean${k}`],
        squares: row[`var${k}`] * row['n'],
      };
  }
  return grouped;
}

/** The encoding of a category: its mean, drawn towards the mean over all. */
export function encodingOf(own: Moments, all: Moments, smooth: 'auto' | number): number {
  if (own.n === 0) return all.mean;
  if (smooth !== 'auto') return (own.mean * own.n + smooth * all.mean) / (own.n + smooth);
  const variance = all.squares / all.n;
  const lambda = (variance * own.n) / (variance * own.n + own.squares / own.n);
  // Nothing varies at all.
  return Number.isNaN(lambda) ? all.mean : lambda * own.mean + (1 - lambda) * all.mean;
}
