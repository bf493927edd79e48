// Arrow IPC files and streams out of the engine.
import type { Schema } from '../../../schema/types.ts';
import { arrowWriteSettings } from '../../../source/arrow-options.ts';
import { type ArrowField, fieldsOf } from '../../../source/arrow-schema.ts';
import type { Compress } from '../../ipc/encode-batch.ts';
import { lz4FrameRoom, writeLz4Frame } from '../../ipc/lz4.ts';
import { type IpcKind, MessageWriter } from '../../ipc/message-writer.ts';
import type { Alloc } from '../columns/alloc.ts';
import { RowStore } from '../columns/row-store.ts';
import type { ExecContext } from '../context.ts';
import { WordEncoder } from '../host/dictionary.ts';
import { downloadVector } from '../host/download.ts';
import { zstdOf } from '../scan/zstd.ts';
import type { Vector } from '../vector.ts';
import type { ByteSink, FileWriter, OpenWriter } from './writer.ts';

/** Batches of fewer rows are put together: a reader pays for each. */
const FEW_ROWS = 16384;
const MOST_ROWS = 65536;
const ZSTD_LEVEL = 1;
/** Work memory of the LZ4 kernel. */
const LZ4_TABLE_BYTES = 32768;

export const openArrowWriter: OpenWriter = (ctx, sink, schema, options) => {
  const { kind, compression } = arrowWriteSettings(options);
  const compress: Compress = (codec, bytes) =>
    codec === 'lz4' ? lz4Frame(ctx, bytes) : zstdOf(ctx.kernels).compress(bytes, ZSTD_LEVEL);
  const fields = fieldsOf(schema);
  const messages = new MessageWriter(fields, { kind, compression, compress, put: putTo(sink) });
  return new ArrowFileWriter(schema, fields, kind, messages);
};

/** Bytes of the heap, or of the host, as a frame in memory of its own. */
function lz4Frame(ctx: ExecContext, bytes: Uint8Array): Uint8Array {
  const resident = bytes.buffer instanceof SharedArrayBuffer;
  const src = resident ? bytes.byteOffset : ctx.arena.alloc(bytes.length);
  const room = lz4FrameRoom(bytes.length);
  const dst = ctx.arena.alloc(room);
  const table = ctx.arena.alloc(LZ4_TABLE_BYTES);
  const { u8 } = ctx.heap.refresh();
  if (!resident) u8.set(bytes, src);
  const { lz4Encode } = ctx.kernels.get('arrow');
  const length = writeLz4Frame(u8.subarray(src, src + bytes.length), u8.subarray(dst, dst + room), (at, end, start) =>
    lz4Encode(src + at, end - at, dst + start, table),
  );
  const frame = u8.slice(dst, dst + length);
  for (const address of resident ? [dst, table] : [src, dst, table]) ctx.arena.free(address);
  return frame;
}

/** Bytes of the heap are handed over by address. */
const putTo =
  (sink: ByteSink) =>
  (bytes: Uint8Array): void => {
    if (bytes.buffer instanceof SharedArrayBuffer) sink.writeHeap(bytes.byteOffset, bytes.length);
    else sink.write(bytes);
  };

class ArrowFileWriter implements FileWriter {
  readonly #schema: Schema;
  readonly #fields: readonly ArrowField[];
  readonly #kind: IpcKind;
  readonly #messages: MessageWriter;
  /** Dictionaries of a file, by id: they grow with the file and are written at its end. */
  readonly #encoders = new Map<number, { field: ArrowField; encoder: WordEncoder }>();
  #store: RowStore | null = null;

  constructor(schema: Schema, fields: readonly ArrowField[], kind: IpcKind, messages: MessageWriter) {
    this.#schema = schema;
    this.#fields = fields;
    this.#kind = kind;
    this.#messages = messages;
  }

  write(ctx: ExecContext, batch: { length: number; columns: readonly Vector[]; ordinal: number }): void {
    if (batch.length === 0) return;
    if (this.#store && this.#store.length + batch.length > MOST_ROWS) this.#flush(ctx);
    if (!this.#store && batch.length >= FEW_ROWS) {
      this.#put(ctx, batch.length, batch.columns);
      return;
    }
    this.#store ??= new RowStore(this.#schema);
    this.#store.append(ctx, batch);
    if (this.#store.length >= FEW_ROWS) this.#flush(ctx);
  }

  finish(ctx: ExecContext): void {
    this.#flush(ctx);
    for (const { field, encoder } of this.#encoders.values()) {
      this.#messages.dictionary(field, downloadVector(ctx, encoder.words(), field.name, true));
      encoder.free(ctx);
    }
    this.#messages.finish();
  }

  #flush(ctx: ExecContext): void {
    if (!this.#store) return;
    this.#put(ctx, this.#store.length, this.#store.finish(ctx));
    this.#store.free(ctx);
    this.#store = null;
  }

  #put(ctx: ExecContext, length: number, columns: readonly Vector[]): void {
    const blocks: number[] = [];
    const alloc: Alloc = {
      alloc(bytes) {
        const address = ctx.arena.alloc(bytes);
        blocks.push(address);
        return address;
      },
    };
    try {
      const encoded = this.#fields.map((field, i) =>
        downloadVector(ctx, this.#coded(ctx, field, columns[i]!, alloc), field.name, false, alloc),
      );
      this.#messages.batch(length, encoded);
    } finally {
      for (const address of blocks) ctx.arena.free(address);
    }
  }

  /** A vector whose Categorical parts hold codes of the dictionary that is written. */
  #coded(ctx: ExecContext, field: ArrowField, v: Vector, alloc: Alloc): Vector {
    if (!hasWords(field)) return v;
    if (!field.dictionary) {
      const children = (v.children ?? []).map((c, k) => this.#coded(ctx, field.children[k]!, c, alloc));
      return { ...v, children };
    }
    const { id } = field.dictionary;
    const entry = this.#encoders.get(id) ?? { field, encoder: new WordEncoder() };
    const data = entry.encoder.encode(ctx, v, alloc);
    if (this.#kind === 'file') {
      this.#encoders.set(id, entry);
      entry.encoder.keep(ctx);
    } else {
      this.#messages.dictionary(field, downloadVector(ctx, entry.encoder.words(), field.name, true));
      entry.encoder.free(ctx);
    }
    // The words are in their own message; the column refers to them by the field's number.
    const dict: Vector = { type: v.type, length: 0, data, validity: 0 };
    return { type: v.type, length: v.length, data, validity: v.validity, dict };
  }
}

const hasWords = (field: ArrowField): boolean => field.dictionary !== null || field.children.some(hasWords);
