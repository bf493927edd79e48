// What the coordinator asks of an engine thread and what it answers, as JSON.
import type { ErrorJson } from '../../../errors.ts';
import type { FileFormat, FileSpec } from '../../../plan/nodes.ts';
import type { Schema } from '../../../schema/types.ts';
import type { JsonObject, NumberArray } from '../../backend.ts';
import type { Heap } from '../memory/heap.ts';
import type { Region } from '../memory/regions.ts';
import type { ResidentTable } from '../planner.ts';
import type { Tuning } from '../tuning.ts';
import type { Vector } from '../vector.ts';

/** Bytes that the coordinator has put into the heap for a scan. */
export interface HeapBytes {
  readonly address: number;
  readonly length: number;
}

interface Base {
  readonly seq: number;
  /** Free regions that are the thread's until it answers. */
  readonly lease: readonly Region[];
  /** Most bytes that may be in use at a time, resident tables included. */
  readonly limitBytes: number;
  /** Bytes in use outside the query. */
  readonly usedElsewhereBytes: number;
  readonly bytes: { readonly [id: number]: HeapBytes };
  readonly tuning: Tuning;
}
export interface ExecuteRequest extends Base {
  readonly kind: 'execute' | 'stream';
  /** A serialized plan. */
  readonly plan: string;
  readonly tables: { readonly [id: number]: ResidentTable };
  /** Helper threads that may take part; some may still be starting. */
  readonly helpers: number;
  /** The folder that rows may be spilled to; it is not there yet. */
  readonly spillPath: string;
}
export interface InferRequest extends Base {
  readonly kind: 'infer';
  readonly format: FileFormat;
  readonly source: FileSpec['source'];
  readonly options: { readonly [name: string]: unknown };
}
export type ArrayDType =
  | 'Float64Array'
  | 'Float32Array'
  | 'Int32Array'
  | 'Uint32Array'
  | 'Int16Array'
  | 'Uint16Array'
  | 'Int8Array'
  | 'Uint8Array'
  | 'BigInt64Array'
  | 'BigUint64Array';

/** Numbers in the heap. */
export interface HeapArray {
  readonly dtype: ArrayDType;
  readonly length: number;
  readonly address: number;
}

/** The view of a heap array, good until the heap grows. */
export function heapView(heap: Heap, block: HeapArray): NumberArray {
  const { buffer } = heap.refresh().u8;
  return new VIEWS[block.dtype](buffer as ArrayBuffer, block.address, block.length);
}

/** Copies an array to an address of the heap. */
export function toHeap(heap: Heap, values: NumberArray, address: number): HeapArray {
  const block: HeapArray = { dtype: values.constructor.name as ArrayDType, length: values.length, address };
  (heapView(heap, block) as { set(from: unknown): void }).set(values);
  return block;
}

const VIEWS = {
  Float64Array,
  Float32Array,
  Int32Array,
  Uint32Array,
  Int16Array,
  Uint16Array,
  Int8Array,
  Uint8Array,
  BigInt64Array,
  BigUint64Array,
} as const;

export interface InvokeRequest extends Base {
  readonly kind: 'invoke';
  readonly name: string;
  readonly params: JsonObject;
  readonly inputs: readonly ResidentTable[];
  readonly states: readonly JsonObject[];
  readonly arrays: { readonly [name: string]: HeapArray };
  /** A serialized plan whose rows feed the kernel, and the tables it reads. */
  readonly plan?: string;
  readonly tables: { readonly [id: number]: ResidentTable };
  /** Helper threads that are up. */
  readonly helpers: number;
}
export type EngineRequest = ExecuteRequest | InferRequest | InvokeRequest;

/** What a step did. */
export interface ReportJson {
  readonly label: string;
  readonly rows: number;
  readonly ms: number;
  readonly note: string;
}

/** A finished table and the regions that hold it. */
export interface ResultJson {
  readonly rows: number;
  readonly columns: readonly Vector[];
  readonly regions: readonly Region[];
  readonly reports: readonly ReportJson[];
  readonly peakBytes: number;
  /** Bytes written to disk because memory ran short. */
  readonly spilledBytes?: number;
  /** Of an infer request. */
  readonly schema?: Schema;
  /** Of an invoke request; `regions` are those of its state. */
  readonly kernel?: {
    readonly json: JsonObject;
    readonly arrays: { readonly [name: string]: HeapArray };
    readonly state?: JsonObject;
  };
}

export type EngineEvent =
  | { readonly type: 'done'; readonly result: ResultJson }
  | { readonly type: 'failed'; readonly error: ErrorJson }
  | { readonly type: 'aborted' }
  /** Rows are about to be spilled: the folder needs someone who outlives the thread. */
  | { readonly type: 'spill' }
  | {
      /** The thread waits for the reader; `free` is memory that others may use meanwhile. */
      readonly type: 'batch';
      readonly rows: number;
      readonly columns: readonly Vector[];
      readonly free: readonly Region[];
    }
  | {
      readonly type: 'fetch';
      readonly source: Extract<FileSpec['source'], { kind: 'http' }>;
      readonly start: number;
      readonly length: number;
      readonly to: number;
    };
/** The answer to a batch: memory for the thread to go on with. */
export interface BatchReply {
  readonly lease: readonly Region[];
}
/** The answer to a fetch. */
export type FetchReply = { readonly ok: true } | { readonly ok: false; readonly error: ErrorJson };
