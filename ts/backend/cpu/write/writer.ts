// What a file format gives the engine for writing: batches in, a finished file out.
import type { Schema } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import type { Batch } from '../vector.ts';

/** Where encoded bytes go; a finished file appears under its name at once, a failed one not at all. */
export interface ByteSink {
  /** Writes heap bytes `[address, address + length)`. */
  writeHeap(address: number, length: number): void;
  write(bytes: Uint8Array): void;
  /** Bytes written so far. */
  readonly position: number;
  /** The name the finished file will have, for formats that compress by it. */
  readonly target?: string;
}

export interface FileWriter {
  write(ctx: ExecContext, batch: Batch): void;
  /** Gives what is buffered to the sink: for text, whose rows stand by themselves. */
  flush?(ctx: ExecContext): void;
  /** Writes what is buffered and the footer. The sink is closed by its owner. */
  finish(ctx: ExecContext): void;
}

export type OpenWriter = (
  ctx: ExecContext,
  sink: ByteSink,
  schema: Schema,
  options: { readonly [name: string]: unknown },
) => FileWriter;
