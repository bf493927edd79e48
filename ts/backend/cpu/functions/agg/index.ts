// Every aggregate of the CPU engine.
import type { CallNode } from '../../../../expr/nodes.ts';
import { isNested } from '../../../../schema/types.ts';
import type { AggregatorFactory } from '../contracts.ts';
import { count, len } from './count.ts';
import { mode, nUnique } from './distinct-values.ts';
import { argMax, argMin, max, min } from './extremes.ts';
import { first, last } from './first-last.ts';
import { implode } from './implode.ts';
import { mean } from './mean.ts';
import { corr, cov, kurtosis, skew, variance } from './moments.ts';
import { quantile } from './quantile.ts';
import { sum } from './sum.ts';

const ROWS: ReadonlyMap<string, AggregatorFactory> = new Map(
  Object.entries({
    sum,
    mean,
    var: variance,
    min,
    max,
    quantile,
    skew,
    kurtosis,
    corr,
    cov,
    count,
    len,
    nUnique,
    first,
    last,
    mode,
    argMin,
    argMax,
    implode,
  }),
);

/** The aggregate of a name, if the engine has it. */
export const aggregatorOf = (fn: string): AggregatorFactory | undefined => ROWS.get(fn);

/** Aggregates that keep whole rows or tables, which do not cross threads. */
const STAYS: ReadonlySet<string> = new Set(['nUnique', 'mode', 'implode']);

/** Whether the state of a call's aggregate can be merged into one on another thread. */
export function canShareState({ fn, args }: CallNode): boolean {
  if (STAYS.has(fn)) return false;
  return (fn !== 'first' && fn !== 'last') || !(isNested(args[0]!.type) || args[0]!.type.dtype === 'Null');
}

/** The names of all aggregates. */
export const aggregatorNames = (): string[] => [...ROWS.keys()];
