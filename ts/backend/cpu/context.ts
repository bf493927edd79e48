// What every operator, function and scanner of the CPU engine is given.
import type { Kernels } from './kernels.ts';
import type { Arena, Scratch } from './memory/arena.ts';
import type { Heap } from './memory/heap.ts';
import type { RegionPool } from './memory/regions.ts';
import type { Spill } from './spill/spill.ts';
import type { Tuning } from './tuning.ts';

/** A query on one thread. */
export interface ExecContext {
  readonly heap: Heap;
  readonly kernels: Kernels;
  /** Operator state: lives until the query ends, or until freed. */
  readonly arena: Arena;
  /** The current morsel: everything is gone when the pipeline asks for the next one. */
  readonly scratch: Scratch;
  readonly control: QueryControl;
  /** Absent: the default. */
  readonly tuning?: Tuning;
  /** Threads that help with pipelines; absent: there are none. */
  readonly team?: Team;
  /** What may go to disk when memory runs short; absent: nothing. */
  readonly spill?: Spill;
  /** Sources are not taken in pieces: a query that failed is run again like this, for the error of the first row. */
  readonly isWhole?: boolean;
}

/** The helpers of a query, as its engine thread sees them. */
export interface Team {
  /** Helpers that may take part. */
  readonly helpers: number;
  /** The request, for helpers to read. */
  readonly request: {
    readonly seq: number;
    readonly address: number;
    readonly length: number;
    /** The plan is made so that its steps may spill. */
    readonly spills: boolean;
  };
  readonly pool: RegionPool;
}

/** The query's line to its caller. */
export interface QueryControl {
  /** Throws the abort marker when the caller has aborted. Called at least once a morsel. */
  checkAbort(): void;
  /** Reports rows taken from sources. */
  progress(rows: number): void;
  /** Opens a file source for synchronous reading. */
  open(source: import('../../plan/nodes.ts').FileSpec['source']): SyncBytes;
}

/** Bytes read synchronously, by the engine thread. */
export interface SyncBytes {
  /** Path or URL for messages. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Copies `[start, start + length)` to heap address `to`. Throws IoError; a short file is a CorruptFileError. */
  readInto(to: number, start: number, length: number): void;
  /** Copies `[start, start + length)` into memory of its own: for headers and footers. */
  read(start: number, length: number): Uint8Array;
  close(): void;
}
