// Arrow IPC on the host: bytes to batches and back, without an engine.
import { CorruptFileError, WarpError } from '../errors.ts';
import type { Schema } from '../schema/types.ts';
import type { ArrowBatchHeader } from '../source/arrow-flatbuffer.ts';
import {
  type ArrowInput,
  type ByteSteps,
  messageAt,
  messageOfBlock,
  type PlacedMessage,
  readLayout,
  runSteps,
} from '../source/arrow-framing.ts';
import { schemaOf } from '../source/arrow-schema.ts';
import type { RecordBatch } from './arrow.ts';
import { hostColumn } from './arrow-columns.ts';
import { decodeBatch } from './ipc/decode-batch.ts';
import { Dictionaries } from './ipc/dictionaries.ts';
import { hostBody } from './ipc/host-body.ts';

/** What bytes are called in messages. */
const NAME = '<bytes>';

/**
 * Reads an Arrow IPC file or stream. Columns are views of `bytes` where the layout is ours: do not change them.
 *
 * @throws {CorruptFileError} bytes that are not Arrow IPC
 * @throws {UnsupportedError} unions, intervals, 256-bit decimals, big-endian data; zstd where Node has none
 */
export function decodeIpc(bytes: Uint8Array, name = NAME): { schema: Schema; batches: RecordBatch[] } {
  const input: ArrowInput = { name, sizeBytes: bytes.length };
  const run = <T>(steps: ByteSteps<T>): T => runSteps(steps, (start, end) => bytes.subarray(start, end));
  const layout = run(readLayout(input));
  const schema = schemaOf(layout.fields);
  const dictionaries = new Dictionaries();
  const batches: RecordBatch[] = [];
  const bodyOf = (placed: PlacedMessage, header: ArrowBatchHeader) =>
    hostBody({
      name,
      header,
      offset: placed.offset,
      body: bytes.subarray(placed.bodyOffset, placed.bodyOffset + placed.message.bodyBytes),
    });
  const take = (placed: PlacedMessage): void => {
    const { message } = placed;
    if (message.kind === 'schema') throw corrupt(placed, 'a second schema');
    const body = bodyOf(placed, message.batch);
    if (message.kind === 'dictionary') {
      if (layout.kind === 'file' && !message.isDelta && dictionaries.has(message.id))
        throw corrupt(placed, `a second dictionary ${message.id}, which a file cannot have`);
      dictionaries.add(message.id, message.isDelta, message.batch, body);
      return;
    }
    const columns = decodeBatch(
      message.batch,
      layout.fields,
      () => true,
      body,
      (field) => dictionaries.of(field, body),
    );
    batches.push({ schema, length: message.batch.length, columns: columns.map((c) => hostColumn(c!)) });
  };
  const corrupt = (placed: PlacedMessage, what: string): CorruptFileError =>
    new CorruptFileError(`${name} is corrupt: ${what} in the Arrow message at byte ${placed.offset}.`, {
      path: name,
      offset: placed.offset,
    });
  const guarded = (placed: PlacedMessage): void => {
    try {
      take(placed);
    } catch (error) {
      if (!(error instanceof WarpError) || error.code !== 'ERR_SHAPE') throw error;
      throw corrupt(placed, error.message);
    }
  };
  if (layout.kind === 'file')
    for (const block of [...layout.dictionaries, ...layout.batches]) guarded(run(messageOfBlock(input, block)));
  else
    for (let at = layout.firstMessage; ; ) {
      const placed = run(messageAt(input, at));
      if (placed === null) break;
      guarded(placed);
      at = placed.end;
    }
  return { schema, batches };
}
