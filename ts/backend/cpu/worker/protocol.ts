// What the coordinator asks of an engine thread and what it answers, as JSON.
import type { ErrorJson } from '../../../errors.ts';
import type { FileFormat, FileSpec } from '../../../plan/nodes.ts';
import type { Schema } from '../../../schema/types.ts';
import type { Region } from '../memory/regions.ts';
import type { ResidentTable } from '../planner.ts';
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
}
export interface ExecuteRequest extends Base {
  readonly kind: 'execute' | 'stream';
  /** A serialized plan. */
  readonly plan: string;
  readonly tables: { readonly [id: number]: ResidentTable };
}
export interface InferRequest extends Base {
  readonly kind: 'infer';
  readonly format: FileFormat;
  readonly source: FileSpec['source'];
  readonly options: { readonly [name: string]: unknown };
}
export type EngineRequest = ExecuteRequest | InferRequest;

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
  /** Of an infer request. */
  readonly schema?: Schema;
}

export type EngineEvent =
  | { readonly type: 'done'; readonly result: ResultJson }
  | { readonly type: 'failed'; readonly error: ErrorJson }
  | { readonly type: 'aborted' }
  | { readonly type: 'batch'; readonly rows: number; readonly columns: readonly Vector[] }
  | {
      readonly type: 'fetch';
      readonly source: Extract<FileSpec['source'], { kind: 'http' }>;
      readonly start: number;
      readonly length: number;
      readonly to: number;
    };
/** The answer to a fetch. */
export type FetchReply = { readonly ok: true } | { readonly ok: false; readonly error: ErrorJson };
