// The columns of an Arrow IPC file or stream, and the rows of a file, from its metadata alone.
import type { Schema } from '../schema/types.ts';
import { type ArrowLayout, type ByteSteps, messageOfBlock, readLayout } from './arrow-framing.ts';
import { schemaOf } from './arrow-schema.ts';
import type { ByteSource } from './byte-source.ts';

/** Of files of more batches the rows are guessed: reading the header of every batch would take longer than they do. */
const MOST_HEADERS = 4;
/** Small reads are served from blocks of this size, for sources where each read is a request. */
const BLOCK_BYTES = 64 * 1024;

/**
 * Finds the schema, and the number of rows, or about how many there are, where a few reads tell it.
 *
 * @throws {CorruptFileError} what is not Arrow IPC
 * @throws {UnsupportedError} types, byte orders and versions that are not read
 */
export async function probeArrow(source: ByteSource): Promise<{ schema: Schema; rows?: number }> {
  const read = cached(source);
  const input = { name: source.name, sizeBytes: source.sizeBytes };
  const layout = await run(readLayout(input), read);
  const schema = schemaOf(layout.fields);
  const rows = await countRows(layout, input, read);
  return rows === null ? { schema } : { schema, rows };
}

type Read = (start: number, end: number) => Promise<Uint8Array>;

/** The rows of a file; of many batches about as many, by the bytes of the first one. */
async function countRows(
  layout: ArrowLayout,
  input: { name: string; sizeBytes: number },
  read: Read,
): Promise<number | null> {
  if (layout.kind === 'stream') return null;
  const { batches } = layout;
  const few = batches.length <= MOST_HEADERS;
  let rows = 0;
  for (const block of few ? batches : batches.slice(0, 1)) {
    const { message } = await run(messageOfBlock(input, block), read);
    if (message.kind === 'batch') rows += message.batch.length;
  }
  if (few) return rows;
  const bytes = batches.reduce((sum, b) => sum + b.bodyBytes, 0);
  return Math.round((rows * bytes) / Math.max(1, batches[0]!.bodyBytes));
}

async function run<T>(steps: ByteSteps<T>, read: Read): Promise<T> {
  let next = steps.next();
  while (!next.done) next = steps.next(await read(...next.value));
  return next.value;
}

/** Reads through the last block read: the pieces of metadata often lie together. */
function cached(source: ByteSource): Read {
  let at = 0;
  let block: Uint8Array = new Uint8Array(0);
  return async (start, end) => {
    if (start < at || end > at + block.length) {
      if (end - start >= BLOCK_BYTES) return source.read(start, end);
      // Ends are read backwards: the tail comes before the footer that it points to.
      const atEnd = end === source.sizeBytes;
      at = atEnd ? Math.max(0, end - BLOCK_BYTES) : start;
      block = await source.read(at, atEnd ? end : Math.min(source.sizeBytes, at + BLOCK_BYTES));
    }
    return block.subarray(start - at, end - at);
  };
}
