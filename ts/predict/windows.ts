// Rows of a plan in batches of one size, with the engine free between them.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { RecordBatch } from '../backend/arrow.ts';
import { IoError } from '../errors.ts';
import { DataFrame } from '../frame/dataframe.ts';
import { hostTable } from '../frame/host-tables.ts';
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
    // What could not be made needs no removing, and its own error is the one to tell.
    if (this.#made) await fs.rm(this.folder, { recursive: true, force: true });
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

/**
 * Streams the rows of a frame as tables of `batchRows` rows, in order, the last one shorter; one empty table for no rows.
 * Each is disposed when the next one is asked for.
 */
export async function* batchesOf(
  frame: DataFrame<any>,
  batchRows: number,
  options: RunOptions,
): AsyncGenerator<Table<any>> {
  const { schema } = DataFrame.planOf(frame);
  let waiting: RecordBatch[] = [];
  let rows = 0;
  let given = false;
  const gathered = (): Promise<Table<any>> => new DataFrame(hostTable(waiting, schema)).collect(options);
  for await (const batch of frame.batches(options)) {
    waiting.push(Table.sourceOf(batch).host());
    rows += batch.height;
    if (rows < batchRows) continue;
    using all = await gathered();
    let from = 0;
    for (; rows - from >= batchRows; from += batchRows) {
      using part = await all.lazy().slice(from, batchRows).collect(options);
      yield part;
      given = true;
    }
    using rest = await all.lazy().slice(from).collect(options);
    waiting = [Table.sourceOf(rest).host()];
    rows = rest.height;
  }
  if (rows === 0 && given) return;
  using last = await gathered();
  yield last;
}
