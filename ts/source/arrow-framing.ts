// How Arrow IPC lays messages into files and streams. The steps are generators that ask for ranges of bytes, so that one
// definition serves asynchronous probing, the engine's synchronous reads and bytes in memory.
import { CorruptFileError, UnsupportedError } from '../errors.ts';
import { type ArrowBlock, type ArrowFooter, type ArrowMessage, readFooter, readMessage } from './arrow-flatbuffer.ts';
import type { ArrowField } from './arrow-schema.ts';

/** Asks for bytes [start, end), gets them, and ends with a T. */
export type ByteSteps<T> = Generator<readonly [start: number, end: number], T, Uint8Array>;

/** The name and size of what is read. */
export interface ArrowInput {
  readonly name: string;
  readonly sizeBytes: number;
}

export type ArrowLayout =
  | ({ readonly kind: 'file' } & ArrowFooter)
  /** `firstMessage` is where the message after the schema begins. */
  | { readonly kind: 'stream'; readonly fields: readonly ArrowField[]; readonly firstMessage: number };

/** A message and where its body lies. */
export interface PlacedMessage {
  readonly message: ArrowMessage;
  readonly offset: number;
  readonly bodyOffset: number;
  readonly end: number;
}

const MAGIC = 'ARROW1';
/** Length of the footer and the magic after it. */
const TAIL_BYTES = 10;
/** A file ends in the magic; before it come the footer's length and, at the front, the magic and two zeros. */
const HEAD_BYTES = 8;
const CONTINUATION = 0xffffffff;

const textAt = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

const corrupt = (input: ArrowInput, offset: number, what: string): CorruptFileError =>
  new CorruptFileError(`${input.name} is corrupt: ${what} at byte ${offset}. Write the file again.`, {
    path: input.name,
    offset,
  });

/** Runs steps over bytes that are at hand. */
export function runSteps<T>(steps: ByteSteps<T>, read: (start: number, end: number) => Uint8Array): T {
  let next = steps.next();
  while (!next.done) next = steps.next(read(next.value[0], next.value[1]));
  return next.value;
}

/** Finds out whether it is a file or a stream, and its fields. */
export function* readLayout(input: ArrowInput): ByteSteps<ArrowLayout> {
  if (input.sizeBytes < HEAD_BYTES) throw corrupt(input, 0, `${input.sizeBytes} bytes are no Arrow data`);
  const head = yield [0, HEAD_BYTES];
  if (textAt(head, 0, 6) === MAGIC) return { kind: 'file', ...(yield* fileFooter(input)) };
  if (textAt(head, 0, 4) === 'FEA1')
    throw new UnsupportedError(
      `${input.name} is a Feather version 1 file, which is not supported. Rewrite it as version 2, which is Arrow IPC.`,
      { path: input.name },
    );
  const start = new DataView(head.buffer, head.byteOffset).getUint32(0, true);
  // A stream starts with the continuation mark; before 2020 with the length of the schema.
  if (start !== CONTINUATION && (start === 0 || start > input.sizeBytes - 4))
    throw corrupt(input, 0, 'it starts as neither an Arrow file nor a stream does,');
  const first = yield* messageAt(input, 0);
  if (first === null || first.message.kind !== 'schema') throw corrupt(input, 0, 'no Arrow schema');
  return { kind: 'stream', fields: first.message.fields, firstMessage: first.end };
}

function* fileFooter(input: ArrowInput): ByteSteps<ArrowFooter> {
  const size = input.sizeBytes;
  if (size < HEAD_BYTES + TAIL_BYTES) throw corrupt(input, 0, 'an Arrow file without a footer');
  const tail = yield [size - TAIL_BYTES, size];
  if (textAt(tail, 4, 6) !== MAGIC) throw corrupt(input, size - 6, 'no magic number: the file may be cut off');
  const length = new DataView(tail.buffer, tail.byteOffset).getInt32(0, true);
  const start = size - TAIL_BYTES - length;
  if (length <= 0 || start < HEAD_BYTES) throw corrupt(input, size - TAIL_BYTES, `a footer of ${length} bytes`);
  const footer = readFooter(yield [start, start + length], input.name, start);
  checkBlocks(input, [...footer.dictionaries, ...footer.batches], start);
  return footer;
}

/** Blocks must lie in the file, apart from each other. */
function checkBlocks(input: ArrowInput, blocks: ArrowBlock[], footerStart: number): void {
  let end = HEAD_BYTES;
  for (const b of blocks.sort((x, y) => x.offset - y.offset)) {
    if (b.offset < end) throw corrupt(input, b.offset, 'overlapping blocks');
    end = b.offset + b.metadataBytes + b.bodyBytes;
    if (end > footerStart) throw corrupt(input, b.offset, `a block of ${b.metadataBytes + b.bodyBytes} bytes`);
  }
}

/** The message of a file's block. */
export function* messageOfBlock(input: ArrowInput, block: ArrowBlock): ByteSteps<PlacedMessage> {
  const bytes = yield [block.offset, block.offset + block.metadataBytes];
  const prefix = readPrefix(input, bytes, block.offset);
  if (prefix === null || prefix.start + prefix.length > bytes.length)
    throw corrupt(input, block.offset, 'a block whose message does not fit');
  const message = readMessage(
    bytes.subarray(prefix.start, prefix.start + prefix.length),
    input.name,
    block.offset + prefix.start,
  );
  if (message.bodyBytes > block.bodyBytes)
    throw corrupt(input, block.offset, `a body of ${message.bodyBytes} in a block of ${block.bodyBytes} bytes`);
  const bodyOffset = block.offset + block.metadataBytes;
  return { message, offset: block.offset, bodyOffset, end: bodyOffset + block.bodyBytes };
}

/** The message of a stream that starts at `offset`; null at the end. */
export function* messageAt(input: ArrowInput, offset: number): ByteSteps<PlacedMessage | null> {
  const size = input.sizeBytes;
  if (offset === size) return null;
  const head = yield [offset, Math.min(size, offset + 8)];
  const prefix = readPrefix(input, head, offset);
  if (prefix === null) return null;
  const start = offset + prefix.start;
  const bodyOffset = start + prefix.length;
  if (bodyOffset > size) throw corrupt(input, offset, `a message of ${prefix.length} bytes in ${size - start}`);
  const message = readMessage(yield [start, bodyOffset], input.name, start);
  const end = bodyOffset + message.bodyBytes;
  if (end > size) throw corrupt(input, bodyOffset, `a body of ${message.bodyBytes} bytes in ${size - bodyOffset}`);
  return { message, offset, bodyOffset, end };
}

/** The length of a message's metadata; null where a stream says that it ends. Before 2020 there was no continuation mark. */
function readPrefix(input: ArrowInput, bytes: Uint8Array, offset: number): { start: number; length: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) throw corrupt(input, offset, 'a message that is cut off');
  const first = view.getUint32(0, true);
  if (first === 0) return null;
  const start = first === CONTINUATION ? 8 : 4;
  if (bytes.length < start) throw corrupt(input, offset, 'a message that is cut off');
  const length = view.getInt32(start - 4, true);
  if (length === 0) return null;
  if (length < 8) throw corrupt(input, offset, `a message of ${length} bytes`);
  return { start, length };
}
