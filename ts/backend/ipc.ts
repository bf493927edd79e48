// Arrow IPC on the host: bytes to batches and back, without an engine.
import { CorruptFileError, WarpError } from '../errors.ts';
import type { Schema } from '../schema/types.ts';
import type { ArrowBatchHeader, IpcCompression } from '../source/arrow-flatbuffer.ts';
import {
  type ArrowInput,
  type ByteSteps,
  messageAt,
  messageOfBlock,
  type PlacedMessage,
  readLayout,
  runSteps,
} from '../source/arrow-framing.ts';
import { type ArrowField, fieldsOf, schemaOf } from '../source/arrow-schema.ts';
import type { ArrowColumn, RecordBatch } from './arrow.ts';
import { hostColumn } from './arrow-columns.ts';
import { decodeBatch } from './ipc/decode-batch.ts';
import { Dictionaries } from './ipc/dictionaries.ts';
import { hostBody, hostCompress } from './ipc/host-body.ts';
import { HostWords } from './ipc/host-words.ts';
import { type IpcKind, MessageWriter } from './ipc/message-writer.ts';

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
  const hosted = new Map<ArrowColumn, ArrowColumn>();
  /** A dictionary as a host column, made once for all batches. */
  const wordsOf = (given: ArrowColumn): ArrowColumn => {
    let words = hosted.get(given);
    if (!words) hosted.set(given, (words = hostColumn(given)));
    return words;
  };
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
      (field) => wordsOf(dictionaries.of(field, body)),
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

export interface IpcOptions {
  readonly kind?: IpcKind;
  /** zstd needs Node 22.15 here. */
  readonly compression?: IpcCompression | null;
}

/** Writes batches of one schema as an Arrow IPC file or stream: one copy. */
export function encodeIpc(batches: Iterable<RecordBatch>, schema: Schema, options: IpcOptions = {}): Uint8Array {
  const parts: Uint8Array[] = [];
  const encoder = new IpcEncoder(schema, options, (bytes) => parts.push(bytes));
  encoder.all(batches);
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** Writes batches as they come: `put` takes the bytes, which are views of the batches where nothing had to be changed. */
export class IpcEncoder {
  readonly #fields: readonly ArrowField[];
  readonly #kind: IpcKind;
  readonly #writer: MessageWriter;
  /** Dictionaries of a file, by id: they are written once, at its end. */
  readonly #words = new Map<number, { field: ArrowField; words: HostWords }>();
  /** The last dictionaries of a stream, by id: one that has not changed is not written again. */
  readonly #last = new Map<number, ArrowColumn>();

  constructor(schema: Schema, { kind = 'stream', compression = null }: IpcOptions, put: (bytes: Uint8Array) => void) {
    this.#fields = fieldsOf(schema);
    this.#kind = kind;
    this.#writer = new MessageWriter(this.#fields, { kind, compression, compress: hostCompress, put });
  }

  batch(batch: RecordBatch): void {
    const columns = this.#fields.map((field, i) => this.#coded(field, batch.columns[i]!));
    this.#writer.batch(batch.length, columns);
  }

  finish(): void {
    this.#dictionaries();
    this.#writer.finish();
  }

  /** All batches and the end. The dictionaries of a file come first: not every reader finds them behind the batches. */
  all(batches: Iterable<RecordBatch>): void {
    if (this.#kind === 'stream') for (const batch of batches) this.batch(batch);
    else {
      const list = [...batches];
      const coded = list.map((b) => this.#fields.map((field, i) => this.#coded(field, b.columns[i]!)));
      this.#dictionaries();
      list.forEach((b, i) => {
        this.#writer.batch(b.length, coded[i]!);
      });
    }
    this.finish();
  }

  #dictionaries(): void {
    for (const { field, words } of this.#words.values()) this.#writer.dictionary(field, words.column());
    this.#words.clear();
  }

  /** A column whose Categorical parts hold codes of what is, or will be, in the dictionary messages. */
  #coded(field: ArrowField, column: ArrowColumn): ArrowColumn {
    if (!field.dictionary) {
      if (!column.children) return column;
      return { ...column, children: column.children.map((c, k) => this.#coded(field.children[k]!, c)) };
    }
    const { id } = field.dictionary;
    if (this.#kind === 'file') {
      let entry = this.#words.get(id);
      if (!entry) this.#words.set(id, (entry = { field, words: new HostWords() }));
      return entry.words.encode(column);
    }
    const given = column.dictionary?.validity === null ? column.dictionary : null;
    if (given && this.#last.get(id) === given) return column;
    const own = new HostWords();
    const coded = given ? column : own.encode(column);
    const words = given ?? own.column();
    this.#last.set(id, words);
    this.#writer.dictionary(field, words);
    return coded;
  }
}
