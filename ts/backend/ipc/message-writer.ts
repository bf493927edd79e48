// Messages one after another: the framing of an Arrow IPC file or stream.
import {
  type ArrowBlock,
  type IpcCompression,
  writeBatchMessage,
  writeDictionaryMessage,
  writeFooter,
  writeSchemaMessage,
} from '../../source/arrow-flatbuffer.ts';
import type { ArrowField } from '../../source/arrow-schema.ts';
import type { ArrowColumn } from '../arrow.ts';
import { BUFFER_ALIGNMENT, type Compress, type EncodedBatch, encodeBatch, padded } from './encode-batch.ts';

export type IpcKind = 'file' | 'stream';

export interface MessageWriterOptions {
  readonly kind: IpcKind;
  readonly compression: IpcCompression | null;
  readonly compress: Compress;
  /** Takes the bytes in order; they may be views of memory that changes afterwards. */
  readonly put: (bytes: Uint8Array) => void;
}

const MAGIC = new TextEncoder().encode('ARROW1');
const ZEROS = new Uint8Array(BUFFER_ALIGNMENT);

/** Writes a schema, dictionaries and batches; a file ends with a footer that says where they are. */
export class MessageWriter {
  readonly #fields: readonly ArrowField[];
  readonly #options: MessageWriterOptions;
  readonly #batches: ArrowBlock[] = [];
  readonly #dictionaries: ArrowBlock[] = [];
  #position = 0;

  constructor(fields: readonly ArrowField[], options: MessageWriterOptions) {
    this.#fields = fields;
    this.#options = options;
    if (options.kind === 'file') {
      this.#put(MAGIC);
      this.#put(ZEROS.subarray(0, 2));
    }
    this.#prefixed(writeSchemaMessage(fields));
  }

  batch(length: number, columns: readonly ArrowColumn[]): void {
    const { compression, compress } = this.#options;
    const encoded = encodeBatch(length, columns, this.#fields, compression, compress);
    this.#batches.push(this.#message(writeBatchMessage(encoded.header, encoded.bodyBytes), encoded));
  }

  /** The words of a dictionary: in a stream before the batches that use them, in a file anywhere, once. */
  dictionary(field: ArrowField, words: ArrowColumn): void {
    const { compression, compress } = this.#options;
    const encoded = encodeBatch(words.length, [words], [{ ...field, dictionary: null }], compression, compress);
    const metadata = writeDictionaryMessage(field.dictionary!.id, false, encoded.header, encoded.bodyBytes);
    this.#dictionaries.push(this.#message(metadata, encoded));
  }

  finish(): void {
    const end = new Uint8Array(8);
    end.fill(255, 0, 4);
    this.#put(end);
    if (this.#options.kind === 'stream') return;
    const footer = writeFooter({ fields: this.#fields, dictionaries: this.#dictionaries, batches: this.#batches });
    this.#put(footer);
    const tail = new Uint8Array(10);
    new DataView(tail.buffer).setInt32(0, footer.length, true);
    tail.set(MAGIC, 4);
    this.#put(tail);
  }

  #message(metadata: Uint8Array, { buffers, bodyBytes }: EncodedBatch): ArrowBlock {
    const offset = this.#position;
    this.#prefixed(metadata);
    const metadataBytes = this.#position - offset;
    for (const b of buffers) {
      this.#put(b);
      this.#put(ZEROS.subarray(0, padded(b.length) - b.length));
    }
    return { offset, metadataBytes, bodyBytes };
  }

  /** Metadata behind its length, padded so that the body starts on an aligned byte. */
  #prefixed(metadata: Uint8Array): void {
    const end = this.#position + 8 + metadata.length;
    const padding = padded(end) - end;
    const prefix = new Uint8Array(8);
    const view = new DataView(prefix.buffer);
    view.setUint32(0, 0xffffffff, true);
    view.setInt32(4, metadata.length + padding, true);
    this.#put(prefix);
    this.#put(metadata);
    this.#put(ZEROS.subarray(0, padding));
  }

  #put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#position += bytes.length;
    this.#options.put(bytes);
  }
}
