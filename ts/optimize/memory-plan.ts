// How many bytes each stage of a plan holds: from schemas and row counts, without running anything.
import type { ExprNode } from '../expr/nodes.ts';
import { nodeLabel } from '../plan/explain.ts';
import { inputsOf, type PlanNode } from '../plan/nodes.ts';
import { estimator, rowBytes, sourceBytes } from './estimate.ts';

/** What one step of a plan is guessed to hold. */
export interface MemoryStage {
  /** The step, as `explain` names it. */
  readonly label: string;
  /** Rows of its result. */
  readonly rows: number;
  /** Bytes of its result. */
  readonly bytes: number;
  /** Bytes that it needs while it works and then frees: hash tables, row orders. */
  readonly workBytes: number;
}

/** What a plan is guessed to hold; see `DataFrame.estimateMemory`. */
export interface MemoryEstimate {
  /** Bytes of what the plan reads. */
  readonly inputBytes: number;
  /** Bytes of the result. */
  readonly resultBytes: number;
  /** The most bytes held at a time, where every step keeps its inputs until it is done. */
  readonly peakBytes: number;
  /** The steps, in the order in which they run. */
  readonly stages: readonly MemoryStage[];
}

/** A hash table's slot: a row number, half of the slots free. */
const SLOT_BYTES = 8;
/** A row number. */
const INDEX_BYTES = 4;

/** The memory plan of a plan, which is optimised. A part that is read twice is counted once. */
export function memoryPlan(plan: PlanNode): MemoryEstimate {
  const { stages, peakBytes } = memoryStages(plan);
  const resultBytes = stages.get(plan)!.bytes;
  return { inputBytes: Math.ceil(sourceBytes(plan)), resultBytes, peakBytes, stages: [...stages.values()] };
}

/** The stage of every node, in the order in which they run. */
export function memoryStages(plan: PlanNode): { stages: ReadonlyMap<PlanNode, MemoryStage>; peakBytes: number } {
  const estimate = estimator();
  const stages = new Map<PlanNode, MemoryStage>();
  const peaks = new Map<PlanNode, number>();
  const bytesOf = (node: PlanNode): number => stages.get(node)!.bytes;
  const visit = (node: PlanNode): number => {
    const known = peaks.get(node);
    if (known !== undefined) return known;
    let held = 0;
    let peak = 0;
    for (const input of inputsOf(node)) {
      peak = Math.max(peak, held + visit(input));
      held += bytesOf(input);
    }
    const rows = Math.ceil(estimate(node).rows);
    const bytes = rows * rowBytes(node.schema);
    const work = workBytes(node, rows, (n) => Math.ceil(estimate(n).rows));
    stages.set(node, { label: nodeLabel(node), rows, bytes, workBytes: work });
    peak = Math.max(peak, held + bytes + work);
    peaks.set(node, peak);
    return peak;
  };
  return { peakBytes: visit(plan), stages };
}

/** What a step holds besides its inputs and its result. */
function workBytes(node: PlanNode, rows: number, rowsOf: (node: PlanNode) => number): number {
  switch (node.node) {
    case 'join': {
      const built = rowsOf(node.build === 'left' ? node.left : node.right);
      // The hash table, and the pairs of row numbers that it finds.
      return node.how === 'cross' ? 0 : built * SLOT_BYTES * 2 + rows * INDEX_BYTES * 2;
    }
    case 'aggregate': {
      const input = rowsOf(node.input);
      return node.keys.length === 0 ? 0 : rows * SLOT_BYTES * 2 + input * INDEX_BYTES;
    }
    case 'distinct':
      return rowsOf(node.input) * SLOT_BYTES * 2;
    case 'sort':
      return rowsOf(node.input) * INDEX_BYTES;
    case 'filter':
      return rowsOf(node.input);
    case 'project':
      return node.exprs.some((e) => hasWindow(e.expr)) ? rows * INDEX_BYTES * 2 : 0;
    default:
      return 0;
  }
}

function hasWindow(e: ExprNode): boolean {
  switch (e.node) {
    case 'over':
      return true;
    case 'call':
      return e.args.some(hasWindow);
    case 'cast':
      return hasWindow(e.expr);
    case 'when':
      return hasWindow(e.otherwise) || e.branches.some((b) => hasWindow(b.when) || hasWindow(b.then));
    default:
      return false;
  }
}
