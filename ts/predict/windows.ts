// Rows of a plan in windows that fit into memory, with the engine free between them. A stream holds the engine's thread
// until its reader is done, and predictions need that thread; so rows that exceed one window are first written to files
// of their own, a window each, and read back one by one.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { RecordBatch } from '../backend/arrow.ts';
import { IpcEncoder } from '../backend/ipc.ts';
import { IoError } from '../errors.ts';
import { DataFrame } from '../frame/dataframe.ts';
import { hostTable } from '../frame/host-tables.ts';
import { readArrow } from '../frame/read.ts';
import { Table } from '../frame/table.ts';
import type { RunOptions } from '../runner/runner.ts';

/** A folder of temporary files, gone when it is disposed. */
export class Scratch implements AsyncDisposable {
  readonly folder: string;
  #made = false;

  /** `beside` is a file in whose folder there is room. */
  constructor(beside: string) {
    this.folder = `${beside}.${randomBytes(6).toString('hex')}.tmp`;
  }

  /** A path in the folder, which is made at first use. */
  async file(name: string): Promise<string> {
    if (!this.#made) {
      await writing(this.folder, () => fs.mkdir(this.folder, { recursive: true }));
      this.#made = true;
    }
    return path.join(this.folder, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await fs.rm(this.folder, { recursive: true, force: true });
  }
}

/** Runs a write and gives its error a code and the path. */
export async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) throw error;
    const why = code === 'ENOSPC' ? 'the disk is full' : code;
    throw new IoError('ERR_IO', `Cannot write ${path}: ${why}.`, { path, reason: code }, { cause: error });
  }
}

/** The rows of a streamed batch: host memory of its own. */
const batchOf = (table: Table<any>): RecordBatch => Table.sourceOf(table).host();

/**
 * Gives the rows of a frame as tables of at most about `windowRows` rows, in order. Each is disposed when the next one is
 * asked for. Between two of them the engine is free.
 */
export async function* windowsOf(
  frame: DataFrame<any>,
  windowRows: number,
  scratch: Scratch,
  options: RunOptions,
): AsyncGenerator<Table<any>> {
  const files: string[] = [];
  const first: RecordBatch[] = [];
  let rows = 0;
  const writer = new WindowWriter(windowRows, scratch, files);
  try {
    for await (const table of frame.batches(options)) {
      rows += table.height;
      first.push(batchOf(table));
      // Most inputs end within the first window; only others go through files.
      if (rows <= windowRows) continue;
      for (const batch of first.splice(0)) await writer.add(batch);
    }
    if (files.length > 0) await writer.finish();
  } finally {
    await writer.close();
  }
  if (files.length === 0) {
    using table = await new DataFrame(hostTable(first, DataFrame.planOf(frame).schema)).collect(options);
    yield table;
  }
  for (const file of files) {
    {
      using table = await (await readArrow(file)).collect(options);
      yield table;
    }
    await fs.rm(file, { force: true });
  }
}

interface OpenFile {
  readonly file: fs.FileHandle;
  readonly path: string;
  readonly encoder: IpcEncoder;
}

/** Writes batches to files of about `windowRows` rows. */
class WindowWriter {
  readonly #windowRows: number;
  readonly #scratch: Scratch;
  readonly #files: string[];
  #open: OpenFile | null = null;
  #parts: Uint8Array[] = [];
  #rows = 0;

  constructor(windowRows: number, scratch: Scratch, files: string[]) {
    this.#windowRows = windowRows;
    this.#scratch = scratch;
    this.#files = files;
  }

  async add(batch: RecordBatch): Promise<void> {
    if (this.#open === null) {
      const path = await this.#scratch.file(`in-${String(this.#files.length).padStart(6, '0')}.arrows`);
      this.#files.push(path);
      const file = await writing(path, () => fs.open(path, 'wx'));
      this.#open = {
        file,
        path,
        encoder: new IpcEncoder(batch.schema, { kind: 'stream' }, (b) => this.#parts.push(b)),
      };
    }
    this.#open.encoder.batch(batch);
    await this.#flush();
    this.#rows += batch.length;
    if (this.#rows >= this.#windowRows) await this.finish();
  }

  async #flush(): Promise<void> {
    const { file, path } = this.#open as OpenFile;
    const parts = this.#parts;
    this.#parts = [];
    // writev takes 1,024 buffers at a time on Linux; what the encoder hands over may be a view of the batch.
    await writing(path, async () => {
      for (let i = 0; i < parts.length; i += 512) await file.writev(parts.slice(i, i + 512));
    });
  }

  /** Ends the file that is open. */
  async finish(): Promise<void> {
    if (this.#open === null) return;
    this.#open.encoder.finish();
    await this.#flush();
    await this.close();
  }

  async close(): Promise<void> {
    await this.#open?.file.close();
    this.#open = null;
    this.#rows = 0;
  }
}
