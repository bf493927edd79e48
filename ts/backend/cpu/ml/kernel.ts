// What a kernel of training, prediction or measuring is to the CPU engine.
import type { JsonObject, NumberArray } from '../../backend.ts';
import type { ExecContext } from '../context.ts';
import type { Arena } from '../memory/arena.ts';
import type { ResidentTable } from '../planner.ts';
import type { Batch } from '../vector.ts';
import type { Crew } from '../worker/crew.ts';
import type { HeapArray } from '../worker/protocol.ts';

export interface KernelContext extends ExecContext {
  /** Memory that stays with the state this call makes or goes on with, until the state is released. */
  readonly keep: Arena;
  /** The threads there are, this one included. */
  readonly crew: Crew;
}

/** What a kernel is given. Columns of tables and batches are flat; text columns may be dictionary-encoded. */
export interface KernelInput {
  readonly params: any;
  readonly tables: readonly ResidentTable[];
  /** The JSON of each state: sizes and addresses of what it keeps. */
  readonly states: readonly any[];
  readonly arrays: { readonly [name: string]: HeapArray };
}

/** What a kernel gives back. Arrays are copied to the caller's memory before anything else may happen to them. */
export interface KernelOutput {
  readonly json?: JsonObject;
  readonly arrays?: { readonly [name: string]: NumberArray | HeapArray };
  /** JSON of a new state, or the new JSON of the only state that was given. Memory of `keep` belongs to it. */
  readonly state?: JsonObject;
}

/** Takes the rows of a plan batch by batch. */
export interface RowsKernel {
  push(batch: Batch): void;
  finish(): KernelOutput;
}

/** Works on resident tables and states, or on the rows of a plan. Synchronous, on the engine thread or inline. */
export type KernelHandler =
  | { readonly run: (ctx: KernelContext, input: KernelInput) => KernelOutput }
  | { readonly open: (ctx: KernelContext, input: KernelInput) => RowsKernel };
