// What an expression of a job file reads: which columns, and whether more than its own row.
import { Expression } from '../expression.ts';
import { findFunction } from '../functions.ts';
import type { Unbound } from '../unbound.ts';

/** Methods that binding rewrites, where they are not elementwise. */
const SUGAR: Readonly<Record<string, string>> = { diff: 'window', median: 'agg', any: 'agg', all: 'agg' };

const nodeOf = (expression: Expression): Unbound => Expression.nodeOf(expression) as Unbound;

/** The columns that an expression reads. */
export function columnsOf(expression: Expression): Set<string> {
  const found = new Set<string>();
  visitNodes(nodeOf(expression), (node) => {
    if (node.node === 'col') found.add(node.name);
  });
  return found;
}

function visitNodes(node: Unbound, see: (node: Unbound) => void): void {
  see(node);
  if (node.node === 'call') for (const arg of node.args) visitNodes(arg, see);
  else if (node.node === 'cast' || node.node === 'alias') visitNodes(node.expr, see);
  else if (node.node === 'when') {
    for (const branch of node.branches) {
      visitNodes(branch.when, see);
      visitNodes(branch.then, see);
    }
    if (node.otherwise) visitNodes(node.otherwise, see);
  } else if (node.node === 'over') {
    visitNodes(node.expr, see);
    for (const key of node.partitionBy) visitNodes(key, see);
    for (const key of node.orderBy) visitNodes(key.expr, see);
  }
}

/** Whether a row's value depends on other rows: aggregates and windows, which see the test rows too. */
export function usesOtherRows(expression: Expression): boolean {
  let found = false;
  visitNodes(nodeOf(expression), (node) => {
    if (node.node === 'over') found = true;
    if (node.node === 'call' && (findFunction(node.fn)?.kind ?? SUGAR[node.fn] ?? 'elementwise') !== 'elementwise') {
      found = true;
    }
  });
  return found;
}
