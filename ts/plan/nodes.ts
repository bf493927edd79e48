// The closed set of plan nodes. Nodes are frozen; each knows its output schema. Build them with the functions of
// build.ts, which check; an optimizer rule treats a node it does not know as a barrier.
import type { ExprNode, NamedExpr, OrderKey } from '../expr/nodes.ts';
import type { Schema } from '../schema/types.ts';

interface Base {
  readonly schema: Schema;
}

export type FileFormat = 'parquet' | 'csv' | 'jsonl' | 'arrow';

/** One input of a scan, found and probed. */
export interface FileSpec {
  readonly source:
    | { readonly kind: 'file'; readonly path: string; readonly sizeBytes: number; readonly modifiedMs: number }
    | {
        readonly kind: 'http';
        readonly url: string;
        readonly sizeBytes: number;
        readonly etag: string | null;
        readonly ranges: boolean;
      }
    | { readonly kind: 'bytes'; readonly id: number; readonly sizeBytes: number };
  /** Values of the hive partition columns, as the text of the folder names; null for the default partition. */
  readonly partition?: { readonly [column: string]: string | null };
  /** Rows, or about how many, when the metadata says so. */
  readonly rows?: number;
}

/** A file source. `schema` is the projected one; `fileSchema` is what the files hold, partition columns included. */
export interface ScanNode extends Base {
  readonly node: 'scan';
  readonly format: FileFormat;
  readonly files: readonly FileSpec[];
  readonly fileSchema: Schema;
  /** Reader options, JSON; the format's own type is in source/<format>-options.ts. */
  readonly options: { readonly [name: string]: unknown };
  /** Predicates the scan may use to skip data; the filter above stays, so skipping need not be exact. */
  readonly predicate: ExprNode | null;
  /** Stop after this many rows. */
  readonly limit: number | null;
}
/** A resident table, by id. */
export interface TableNode extends Base {
  readonly node: 'table';
  readonly tableId: number;
  readonly rows: number;
}
/** Row-wise expressions (and `over`): covers select, withColumns, drop, rename. */
export interface ProjectNode extends Base {
  readonly node: 'project';
  readonly input: PlanNode;
  readonly exprs: readonly NamedExpr[];
}
export interface FilterNode extends Base {
  readonly node: 'filter';
  readonly input: PlanNode;
  readonly predicate: ExprNode;
}
/** `aggs` are calls of kind 'agg' over row expressions; keys are row expressions. No keys: one row. */
export interface AggregateNode extends Base {
  readonly node: 'aggregate';
  readonly input: PlanNode;
  readonly keys: readonly NamedExpr[];
  readonly aggs: readonly NamedExpr[];
  readonly maintainOrder: boolean;
}
export type JoinHow = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'cross';
/**
 * `leftOn[i]` equals `rightOn[i]`, of one dtype. Output: the left's columns, then the right's without its keys; names
 * taken from `schema` in that order. Key columns hold the coalesced key for right and full joins.
 */
export interface JoinNode extends Base {
  readonly node: 'join';
  readonly left: PlanNode;
  readonly right: PlanNode;
  readonly how: JoinHow;
  readonly leftOn: readonly string[];
  readonly rightOn: readonly string[];
  readonly suffix: string;
  readonly nullsEqual: boolean;
  readonly maintainOrder: boolean;
  /** Which side the hash table is built on; the optimizer chooses. */
  readonly build: 'left' | 'right';
}
export interface SortNode extends Base {
  readonly node: 'sort';
  readonly input: PlanNode;
  readonly keys: readonly OrderKey[];
  /** Only the first `limit` rows are wanted (top k). */
  readonly limit: number | null;
}
/** A negative offset counts from the end; length null = to the end. */
export interface SliceNode extends Base {
  readonly node: 'slice';
  readonly input: PlanNode;
  readonly offset: number;
  readonly length: number | null;
}
export interface DistinctNode extends Base {
  readonly node: 'distinct';
  readonly input: PlanNode;
  readonly subset: readonly string[];
  readonly keep: 'any' | 'first' | 'last' | 'none';
  readonly maintainOrder: boolean;
}
/** Inputs of a vertical union have equal schemas (building a diagonal one projects the missing columns). */
export interface UnionNode extends Base {
  readonly node: 'union';
  readonly inputs: readonly PlanNode[];
  readonly how: 'vertical' | 'horizontal';
}
export interface WriteNode extends Base {
  readonly node: 'write';
  readonly input: PlanNode;
  readonly format: FileFormat;
  readonly path: string;
  readonly options: { readonly [name: string]: unknown };
}
/** A JavaScript function over batches; the runner runs it between two plans and no backend sees it. */
export interface HostNode extends Base {
  readonly node: 'host';
  readonly input: PlanNode;
  /** Stands for the function in the runner's registry of this process, which keeps it as long as this object lives. */
  readonly functionKey: FunctionKey;
}
/** What a plan holds of a JavaScript function. */
export interface FunctionKey {
  readonly id: number;
}

export type PlanNode =
  | ScanNode
  | TableNode
  | ProjectNode
  | FilterNode
  | AggregateNode
  | JoinNode
  | SortNode
  | SliceNode
  | DistinctNode
  | UnionNode
  | WriteNode
  | HostNode;

const NONE: readonly PlanNode[] = Object.freeze([]);

/** The inputs of a node. */
export function inputsOf(p: PlanNode): readonly PlanNode[] {
  switch (p.node) {
    case 'scan':
    case 'table':
      return NONE;
    case 'join':
      return [p.left, p.right];
    case 'union':
      return p.inputs;
    default:
      return [p.input];
  }
}

/** The same node over other inputs; the node itself when none changed. */
export function withInputs(p: PlanNode, next: readonly PlanNode[]): PlanNode {
  const old = inputsOf(p);
  if (old.every((c, i) => c === next[i])) return p;
  switch (p.node) {
    case 'scan':
    case 'table':
      return p;
    case 'join':
      return Object.freeze({ ...p, left: next[0] as PlanNode, right: next[1] as PlanNode });
    case 'union':
      return Object.freeze({ ...p, inputs: Object.freeze([...next]) });
    default:
      return Object.freeze({ ...p, input: next[0] as PlanNode });
  }
}
