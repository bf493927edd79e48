// Results written to a file: under a temporary name first, so that a failed query leaves nothing half-written.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import type { WriteNode } from '../../../plan/nodes.ts';
import type { ExecContext } from '../context.ts';
import type { Sink } from '../pipeline.ts';
import { ioError } from '../worker/sync-files.ts';
import { writerOf } from '../write/formats.ts';
import { takeEncoded } from '../write/parquet/encoded-groups.ts';
import { ParquetFileWriter } from '../write/parquet/open-writer.ts';
import type { ByteSink, FileWriter } from '../write/writer.ts';
import { encodesApart, plainRows } from './encode-groups.ts';
import { formatsApart } from './format-text.ts';
import { textsOf } from './text-batch.ts';

const BUFFER_BYTES = 1 << 20;
/** From this size on bytes are not worth a copy. */
const DIRECT_BYTES = 256 << 10;

/**
 * Writes all batches: of rows, of text made of them (format-text.ts), or of row groups (encode-groups.ts). `onDone` is
 * told the number of rows.
 */
export function createWriteSink(node: WriteNode, onDone: (rows: number) => void): Sink {
  const temporary = `${node.path}.${randomBytes(6).toString('hex')}.tmp`;
  let file: FileSink | null = null;
  let writer: FileWriter | null = null;
  let rows = 0;
  const isText = formatsApart(node);
  const isEncoded = encodesApart(node);
  const start = (ctx: ExecContext): FileWriter => {
    if (writer) return writer;
    file = new FileSink(ctx, temporary, node.path);
    writer = writerOf(node.format)(ctx, file, node.input.schema, node.options);
    // What stands before the rows.
    if (isText) writer.flush!(ctx);
    return writer;
  };
  return {
    push(ctx, batch) {
      const to = start(ctx);
      if (isText) {
        for (const text of textsOf(ctx, batch)) {
          file!.writeHeap(text.address, text.length);
          rows += text.rows;
        }
        return;
      }
      if (isEncoded && to instanceof ParquetFileWriter) {
        const plain = plainRows(batch);
        if (plain) {
          to.write(ctx, plain);
          rows += plain.length;
          return;
        }
        to.endRows(ctx);
        for (const sent of textsOf(ctx, batch)) rows += takeEncoded(ctx, sent, file!, to);
        return;
      }
      to.write(ctx, batch);
      rows += batch.length;
    },
    finish(ctx) {
      start(ctx).finish(ctx);
      file!.commit(node.path);
      onDone(rows);
      return { next: () => null, close() {} };
    },
    discard: () => file?.discard(),
  };
}

/** A buffered file. */
class FileSink implements ByteSink {
  readonly #fd: number;
  readonly #path: string;
  readonly #ctx: ExecContext;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #filled = 0;
  #flushed = 0;
  #isOpen = true;

  readonly target: string;

  constructor(ctx: ExecContext, path: string, target: string) {
    this.target = target;
    this.#ctx = ctx;
    this.#path = path;
    try {
      this.#fd = fs.openSync(path, 'wx');
    } catch (error) {
      throw ioError(error, `Cannot write ${path}`, path);
    }
  }

  get position(): number {
    return this.#flushed + this.#filled;
  }

  writeHeap(address: number, length: number): void {
    this.write(this.#ctx.heap.refresh().u8.subarray(address, address + length));
  }

  write(bytes: Uint8Array): void {
    if (bytes.length >= DIRECT_BYTES || this.#filled + bytes.length > BUFFER_BYTES) this.#flush();
    if (bytes.length >= DIRECT_BYTES) {
      this.#put(bytes);
      return;
    }
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  #flush(): void {
    const n = this.#filled;
    this.#filled = 0;
    this.#put(this.#buffer.subarray(0, n));
  }

  #put(bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length; ) done += fs.writeSync(this.#fd, bytes, done, bytes.length - done);
    } catch (error) {
      throw ioError(error, `Cannot write ${this.#path}`, this.#path);
    }
    this.#flushed += bytes.length;
  }

  /** The file appears under its name. */
  commit(path: string): void {
    this.#flush();
    try {
      this.#close();
      fs.renameSync(this.#path, path);
    } catch (error) {
      throw ioError(error, `Cannot write ${path}`, path);
    }
  }

  /** Nothing is left of it, unless it was committed. */
  discard(): void {
    this.#close();
    fs.rmSync(this.#path, { force: true });
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    fs.closeSync(this.#fd);
  }
}
