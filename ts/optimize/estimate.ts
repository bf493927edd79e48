// How many rows and bytes a node gives, guessed from file metadata and rules of thumb. Never exact; good enough to choose
// a join's side, to run small plans inline, and to leave small inputs to the CPU.
import type { ExprNode } from '../expr/nodes.ts';
import { conjuncts } from '../expr/nodes.ts';
import type { FileFormat, JoinNode, PlanNode, ScanNode } from '../plan/nodes.ts';
import { physicalOf, type Schema, widthOf } from '../schema/types.ts';

export interface Estimate {
  readonly rows: number;
  /** Rows before filters thinned them out: what `rows` is a share of. */
  readonly base: number;
  readonly bytes: number;
}

/** Bytes of a file per byte of its columns in memory. */
const FILE_BYTES: Record<FileFormat, number> = { parquet: 0.35, csv: 1.2, jsonl: 2.5, arrow: 1 };

/** An estimating function that remembers what it found. */
export function estimator(): (node: PlanNode) => Estimate {
  const known = new Map<PlanNode, Estimate>();
  const estimate = (node: PlanNode): Estimate => {
    let found = known.get(node);
    if (found === undefined) {
      const { rows, base } = rowsOf(node, estimate);
      found = { rows, base, bytes: rows * rowBytes(node.schema) };
      known.set(node, found);
    }
    return found;
  };
  return estimate;
}

/** The estimate of one plan. */
export const estimatePlan = (plan: PlanNode): Estimate => estimator()(plan);

/** Bytes that all sources of a plan hold: what a run has to read. */
export function sourceBytes(plan: PlanNode): number {
  const estimate = estimator();
  let bytes = 0;
  const visit = (node: PlanNode): void => {
    if (node.node === 'scan' || node.node === 'table') bytes += estimate(node).bytes;
    else if (node.node === 'join') [node.left, node.right].forEach(visit);
    else if (node.node === 'union') node.inputs.forEach(visit);
    else visit(node.input);
  };
  visit(plan);
  return bytes;
}

/** Bytes of a row in memory; strings and lists are taken to be short. */
export function rowBytes(schema: Schema): number {
  return schema.reduce((sum, f) => sum + (widthOf(physicalOf(f.type)) || 8), 0);
}

function rowsOf(node: PlanNode, estimate: (node: PlanNode) => Estimate): { rows: number; base: number } {
  const exact = (rows: number): { rows: number; base: number } => ({ rows, base: rows });
  switch (node.node) {
    case 'scan':
      return exact(scanRows(node));
    case 'table':
      return exact(node.rows);
    case 'project':
    case 'host':
      return estimate(node.input);
    case 'filter': {
      const input = estimate(node.input);
      return { rows: input.rows * selectivity(node.predicate), base: input.base };
    }
    case 'aggregate': {
      if (node.keys.length === 0) return exact(1);
      return exact(Math.max(1, estimate(node.input).rows ** 0.8 / 2));
    }
    case 'distinct': {
      const input = estimate(node.input);
      return { rows: Math.max(1, input.rows * 0.7), base: input.base };
    }
    case 'sort': {
      const input = estimate(node.input);
      return node.limit === null ? input : { rows: Math.min(node.limit, input.rows), base: input.base };
    }
    case 'slice': {
      const input = estimate(node.input);
      const left = node.offset < 0 ? Math.min(-node.offset, input.rows) : Math.max(0, input.rows - node.offset);
      return { rows: Math.min(left, node.length ?? left), base: input.base };
    }
    case 'union': {
      const rows = node.inputs.map((i) => estimate(i).rows);
      return exact(node.how === 'horizontal' ? Math.max(...rows) : rows.reduce((a, b) => a + b, 0));
    }
    case 'join':
      return joinRows(node, estimate(node.left), estimate(node.right));
    case 'write':
      return exact(1);
  }
}

function scanRows(node: ScanNode): number {
  const perRow = Math.max(1, rowBytes(node.fileSchema) * FILE_BYTES[node.format]);
  const rows = node.files.reduce((sum, f) => sum + (f.rows ?? f.source.sizeBytes / perRow), 0);
  return node.limit === null ? rows : Math.min(rows, node.limit);
}

/** Most joins follow a key into a table that holds it once: each row of the larger side finds the share that is left of the smaller. */
function joinRows(node: JoinNode, left: Estimate, right: Estimate): { rows: number; base: number } {
  const share = (side: Estimate): number => (side.base === 0 ? 1 : side.rows / side.base);
  const inner =
    left.base >= right.base
      ? { rows: left.rows * share(right), base: left.base }
      : { rows: right.rows * share(left), base: right.base };
  switch (node.how) {
    case 'cross':
      return { rows: left.rows * right.rows, base: left.base * right.base };
    case 'inner':
      return inner;
    case 'left':
      return { rows: Math.max(left.rows, inner.rows), base: Math.max(left.base, inner.base) };
    case 'right':
      return { rows: Math.max(right.rows, inner.rows), base: Math.max(right.base, inner.base) };
    case 'full':
      return { rows: left.rows + right.rows, base: left.base + right.base };
    case 'semi':
      return { rows: left.rows * Math.min(0.7, share(right)), base: left.base };
    case 'anti':
      return { rows: left.rows * 0.5, base: left.base };
  }
}

/** The share of rows that a predicate keeps. */
function selectivity(predicate: ExprNode): number {
  return Math.max(
    0.001,
    conjuncts(predicate).reduce((share, part) => share * shareOf(part), 1),
  );
}

const SHARES: Record<string, number> = {
  eq: 0.1,
  eqMissing: 0.1,
  isIn: 0.2,
  ne: 0.9,
  lt: 0.35,
  le: 0.35,
  gt: 0.35,
  ge: 0.35,
  isNull: 0.1,
  isNotNull: 0.9,
};

function shareOf(part: ExprNode): number {
  if (part.node !== 'call') return 0.5;
  if (part.fn === 'not') return 1 - shareOf(part.args[0] as ExprNode);
  if (part.fn === 'or')
    return Math.min(
      1,
      part.args.reduce((sum, a) => sum + selectivity(a), 0),
    );
  return SHARES[part.fn] ?? 0.25;
}
