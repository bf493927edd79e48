// What a plan costs where no engine thread is up yet: a guess from sizes, made before anything is read.
import { childrenOf, type ExprNode } from '../../expr/nodes.ts';
import type { PlanNode } from '../../plan/nodes.ts';
import { expressionsOf, walkPlan } from '../../plan/walk.ts';
import { isNumeric, isTemporal } from '../../schema/types.ts';

/** Rough cost of a row in each node, in nanoseconds; what is not here never runs on the calling thread. */
export const ROW_NANOSECONDS: Readonly<Partial<Record<PlanNode['node'], number>>> = {
  table: 0,
  slice: 0.5,
  union: 1,
  project: 2,
  filter: 3,
  aggregate: 12,
  distinct: 15,
  join: 25,
  sort: 60,
};
/** Least bytes of a file that make a row, roughly. */
export const FILE_ROW_BYTES = 5;
const FILE_ROW_NANOSECONDS = 20;
/** Of a row and function: of numbers, and of texts and windows. */
const CALL_NANOSECONDS = 3;
const LONG_CALL_NANOSECONDS = 80;
/** Rows of groups, as a share of the rows that were grouped. */
const GROUP_SHARE = 0.1;

/** Nanoseconds that a plan takes on one thread; infinite where it reads what is not on this machine's disk or in memory. */
export function firstNanoseconds(plan: PlanNode, rowsOfTable: (tableId: number) => number): number {
  let rows = 0;
  let nanoseconds = 0;
  walkPlan(plan, (node) => {
    if (node.node === 'table') rows += rowsOfTable(node.tableId);
    if (node.node === 'scan')
      for (const { source } of node.files) {
        rows += source.sizeBytes / FILE_ROW_BYTES;
        if (source.kind !== 'file') nanoseconds = Number.POSITIVE_INFINITY;
      }
    if (node.node === 'join' && node.how === 'cross') nanoseconds = Number.POSITIVE_INFINITY;
    const ofNode = node.node === 'scan' ? FILE_ROW_NANOSECONDS : ROW_NANOSECONDS[node.node];
    const ofExpressions = expressionsOf(node).reduce((sum, e) => sum + expressionNanoseconds(e), 0);
    nanoseconds += ofNode === undefined ? Number.POSITIVE_INFINITY : rows * (ofNode + ofExpressions);
    if (node.node === 'aggregate') rows *= GROUP_SHARE;
  });
  return nanoseconds;
}

function expressionNanoseconds(e: ExprNode): number {
  const own = e.node === 'col' || e.node === 'lit' ? 0 : isLong(e) ? LONG_CALL_NANOSECONDS : CALL_NANOSECONDS;
  return childrenOf(e).reduce((sum, child) => sum + expressionNanoseconds(child), own);
}

/** Not of numbers, times and truth values alone. */
function isLong(e: ExprNode): boolean {
  if (e.node === 'over') return true;
  return [e, ...childrenOf(e)].some(({ type }) => !(isNumeric(type) || isTemporal(type) || type.dtype === 'Bool'));
}
