// The shape of execution: a pipeline takes batches from a source, passes each through streaming operators, and ends in
// a sink; a sink's result is the source of the next pipeline. Nothing here knows which operators there are.
import type { ExecContext } from './context.ts';
import type { Batch } from './vector.ts';

/** Hands out batches of at most MORSEL_ROWS rows, in order. Their vectors live until the morsel ends. */
export interface Source {
  /** The next batch, or null at the end. */
  next(ctx: ExecContext): Batch | null;
  /** Releases files and buffers; called once, also after an error. */
  close(ctx: ExecContext): void;
}

export type Emit = (batch: Batch) => void;

/** A streaming step. It may emit none, one or several batches per input; empty ones are dropped. */
export interface Operator {
  push(ctx: ExecContext, batch: Batch, emit: Emit): void;
  /** When the input has ended, rather than been left because a later step has enough: for checks of all rows. */
  ended?(): void;
  /** After the last input. */
  finish?(ctx: ExecContext, emit: Emit): void;
  /** True when no further input can change the result: the pipeline stops reading. */
  done?(): boolean;
}

/**
 * The end of a pipeline. It copies what it keeps (strings longer than a view included) into `ctx.arena`: batches are
 * gone when the morsel ends. `finish` gives the result as a source.
 */
export interface Sink {
  push(ctx: ExecContext, batch: Batch): void;
  finish(ctx: ExecContext): Source;
  done?(): boolean;
  /** Instead of a `finish` that returns, when the pipeline fails anywhere: for sinks that hold more than memory. */
  discard?(): void;
}
