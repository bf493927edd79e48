// Groups whose values depend on the order of their rows: what moves below them must keep it.

import { some } from '../expr/inspect.ts';
import type { AggregateNode } from '../plan/nodes.ts';

/** Aggregates that take rows in their order, or the first of those that tie. */
const ORDERED = new Set(['first', 'last', 'mode', 'argMin', 'argMax', 'implode']);

/** Whether other groups, or the same in another order, come of the same rows in another order. */
export const dependsOnRowOrder = (groups: AggregateNode): boolean =>
  groups.maintainOrder || groups.aggs.some((a) => some(a.expr, (n) => n.node === 'call' && ORDERED.has(n.fn)));
