// The backend contract. Everything above this file is backend-neutral.
import type { PlanNode } from '../plan/nodes.ts';
import type { Schema } from '../schema/types.ts';
import type { NumberArray, RecordBatch } from './arrow.ts';

export type { NumberArray } from './arrow.ts';

export type BackendName = 'cpu' | 'cuda' | 'spark';
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [k: string]: JsonValue };
export type JsonObject = { readonly [k: string]: JsonValue };

/** Rows done so far; called at most ten times a second, and once at the end. */
export interface Progress {
  readonly phase: string;
  readonly doneRows: number;
  readonly totalRows?: number;
  /** 0 to 1. */
  readonly fraction?: number;
  /** Bytes written to disk so far because memory ran short. */
  readonly spilledBytes?: number;
}
export type OnProgress = (progress: Progress) => void;

/** A table that a backend holds. */
export interface TableHandle {
  readonly kind: 'table';
  readonly id: number;
  readonly backend: BackendName;
  readonly schema: Schema;
  readonly rows: number;
  readonly sizeBytes: number;
  /**
   * Brings columns (all, or by name) to where toHost and borrow read them at once. The CPU's are always there; a device's
   * are copied: one block, one copy. `toHost` and `borrow` of columns that are not there throw ERR_UNSUPPORTED.
   */
  prefetch(columns: readonly string[] | undefined, run: RunContext): Promise<void>;
  /** The columns (all, or by name) in host memory that the garbage collector frees: one copy. */
  toHost(columns?: readonly string[]): RecordBatch;
  /** Lends the columns for the length of `use`: no copy where the layout is Arrow's already. */
  borrow<T>(columns: readonly string[] | undefined, use: (batch: RecordBatch) => T): T;
}
/** A column of a table. */
export interface TableColumn {
  readonly table: TableHandle;
  readonly name: string;
}
/** What a kernel keeps between calls: a training in progress, a fitted model laid out for prediction. */
export interface StateHandle {
  readonly kind: 'state';
  readonly id: number;
  readonly backend: BackendName;
  readonly sizeBytes: number;
}
export type Handle = TableHandle | StateHandle;

/** One named kernel outside the plan: `scan.infer`, `kMeans.step`. The records of all of them are in kernel-calls.ts. */
export interface KernelCall {
  readonly name: string;
  readonly params: JsonObject;
  /** Tables (one whose columns are floats is a column-major matrix) and states. */
  readonly inputs: readonly Handle[];
  /** Host arrays the kernel reads, by name: copied in once. */
  readonly arrays?: { readonly [name: string]: NumberArray };
  /** An optimised plan whose rows the kernel is fed batch by batch, for kernels that take rows. */
  readonly plan?: PlanNode;
  /** A guess of the work; little work runs at once on the calling thread. Unknown: much. */
  readonly workNanoseconds?: number;
}
export interface KernelResult {
  readonly json: JsonObject;
  /** Arrays the kernel made, in host memory: copied out once. */
  readonly arrays: { readonly [name: string]: NumberArray };
  readonly outputs: readonly Handle[];
}

/** What one plan node did, after a run. */
export interface NodeTrace {
  readonly label: string;
  readonly rows: number;
  readonly ms: number;
  readonly note?: string;
}
/** Collects what a run did, for `explain` and the demo. */
export interface Trace {
  backend: BackendName;
  /** `inline`: on the calling thread, `thread`: on the engine's, or the name of the device. */
  where: string;
  /** The engine that was asked for was not there, and what needs it was left out: why. */
  degraded?: readonly string[];
  why: string;
  nodes: NodeTrace[];
  totalMs: number;
  peakBytes: number;
  /** Bytes written to disk because memory ran short. */
  spilledBytes?: number;
}

export interface RunContext {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
  readonly memoryLimitBytes: number;
  /** Where rows that do not fit into memory may be spilled; absent: the system's folder for temporary files. */
  readonly spillFolder?: string;
  readonly seed: number;
  /** Threads that kernels may use, the engine's own included. */
  readonly threads: number;
  readonly trace?: Trace;
  /** Of an upload: the rows come from an engine, which has checked their text and their decimals. */
  readonly checked?: boolean;
  /** Made where the user called: run-time errors carry its stack. */
  readonly callSite?: Error;
}

export interface BackendInfo {
  readonly name: BackendName;
  readonly available: boolean;
  /** Why it is or is not available. */
  readonly reason: string;
  readonly detail: JsonObject;
}

/** Something that can run plans. */
export interface Backend extends AsyncDisposable {
  readonly name: BackendName;
  /** Devices, memory, versions, and why this backend is or is not available. */
  info(): BackendInfo;
  /** null when this backend can run `work`, else one sentence saying why not. Pure: no I/O, no allocation. */
  whyNot(work: PlanNode | KernelCall): string | null;
  /** Host batches → resident table. */
  upload(
    batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
    schema: Schema,
    ctx: RunContext,
  ): Promise<TableHandle>;
  /** Runs an optimised plan to a resident table; a plan that ends in `write` streams to its file and returns its row count as a table. */
  execute(plan: PlanNode, ctx: RunContext): Promise<TableHandle>;
  /** Runs an optimised plan and hands its batches to the host in order, with back-pressure. */
  stream(plan: PlanNode, ctx: RunContext): AsyncIterable<RecordBatch>;
  /** Runs one named kernel. */
  invoke(call: KernelCall, ctx: RunContext): Promise<KernelResult>;
  /**
   * Makes a table of columns of tables with the same rows, without a copy: the memory is freed with the last table that
   * has it. A backend that would have to copy does without.
   */
  assemble?(schema: Schema, columns: readonly TableColumn[]): TableHandle;
  /** Frees a table or state. Idempotent. */
  release(handle: Handle): void;
  /** Starts what takes time to start; given a scan, only where plans over it will need it. */
  warmUp?(scan?: PlanNode): void;
}
