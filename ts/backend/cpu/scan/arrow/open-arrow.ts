// Arrow IPC in the engine: a record batch of a file is a unit of work, a stream is one unit.
import { CorruptFileError, SchemaMismatchError, WarpError } from '../../../../errors.ts';
import { type Schema, sameType, typeText } from '../../../../schema/types.ts';
import type { ArrowBatchHeader } from '../../../../source/arrow-flatbuffer.ts';
import {
  type ArrowLayout,
  type ByteSteps,
  messageAt,
  messageOfBlock,
  type PlacedMessage,
  readLayout,
  runSteps,
} from '../../../../source/arrow-framing.ts';
import { type ArrowField, schemaOf } from '../../../../source/arrow-schema.ts';
import type { ArrowColumn } from '../../../arrow.ts';
import { decodeBatch, placesOf } from '../../../ipc/decode-batch.ts';
import { Dictionaries } from '../../../ipc/dictionaries.ts';
import type { PlacedColumns } from '../../columns/placed-columns.ts';
import { slice } from '../../columns/slice.ts';
import type { ExecContext, SyncBytes } from '../../context.ts';
import { type DictionaryCache, uploadColumn } from '../../host/upload.ts';
import { type Batch, MORSEL_ROWS, type Vector } from '../../vector.ts';
import type { OpenFile, ScanRequest, UnitReader } from '../scanner.ts';
import { heapBody } from './heap-body.ts';
import { placeableColumns, placeColumn } from './place-batch.ts';
import { type BatchWindow, windowsOf } from './windows.ts';

export const openArrow: OpenFile = (ctx, request) => {
  const file = new ArrowReader(request);
  const { layout } = file;
  return {
    unitCount: layout.kind === 'file' ? layout.batches.length : 1,
    unitRows: (unit) => (layout.kind === 'file' ? file.rowsOf(unit) : null),
    openUnit(_, unit) {
      return layout.kind === 'file' ? batchUnit(file, unit) : streamUnit(file, layout.firstMessage);
    },
    placeUnit: (c, unit, into) => file.place(c, unit, into),
    close() {
      file.close(ctx);
    },
  };
};

/** The rows of one record batch, and the blocks of the arena that hold them. */
interface LoadedBatch {
  readonly length: number;
  readonly columns: readonly Vector[];
  readonly blocks: readonly number[];
}

/** An opened file or stream: its fields, the ones wanted, and the dictionaries met so far. */
class ArrowReader {
  readonly layout: ArrowLayout;
  readonly #bytes: SyncBytes;
  readonly #fields: readonly ArrowField[];
  readonly #wanted: readonly number[];
  readonly #columns: Schema;
  /** Places of all wanted columns. */
  readonly #all: readonly number[];
  readonly #messages = new Map<number, PlacedMessage>();
  #dictionaries = new Dictionaries();
  #filled = false;
  /** Dictionaries in the heap, and their blocks. */
  #cache: DictionaryCache['vectors'] = new Map();
  #blocks: number[] = [];

  constructor(request: ScanRequest) {
    this.#bytes = request.bytes;
    this.#columns = request.columns;
    this.layout = this.run(readLayout(this.input));
    this.#fields = this.layout.fields;
    this.#wanted = wantedFields(schemaOf(this.#fields), request);
    this.#all = this.#wanted.map((_, k) => k);
  }

  get input(): { name: string; sizeBytes: number } {
    return { name: this.#bytes.name, sizeBytes: this.#bytes.sizeBytes };
  }

  run<T>(steps: ByteSteps<T>): T {
    return runSteps(steps, (start, end) => {
      const bytes = this.#bytes.read(start, end - start);
      if (bytes.length !== end - start)
        throw new CorruptFileError(`${this.#bytes.name} is corrupt: it ends at byte ${start + bytes.length}.`, {
          path: this.#bytes.name,
          offset: start + bytes.length,
        });
      return bytes;
    });
  }

  /** The message of a record batch of a file, read once. */
  #messageOf(unit: number): PlacedMessage | null {
    if (this.layout.kind !== 'file') return null;
    let placed = this.#messages.get(unit);
    if (!placed) {
      placed = this.run(messageOfBlock(this.input, this.layout.batches[unit]!));
      this.#messages.set(unit, placed);
    }
    return placed;
  }

  /** Rows of a record batch, by its header. */
  rowsOf(unit: number): number | null {
    const message = this.#messageOf(unit)?.message;
    return message?.kind === 'batch' ? message.batch.length : null;
  }

  /** Reads all dictionaries of a file, which may lie behind the batches that use them. */
  fillDictionaries(ctx: ExecContext): void {
    if (this.#filled || this.layout.kind !== 'file') return;
    this.#filled = true;
    for (const block of this.layout.dictionaries) {
      const placed = this.run(messageOfBlock(this.input, block));
      const { message } = placed;
      if (message.kind !== 'dictionary') throw this.corrupt(placed, `a ${message.kind} among the dictionaries`);
      if (!message.isDelta && this.#dictionaries.has(message.id))
        throw this.corrupt(placed, `a second dictionary ${message.id}, which a file cannot have`);
      this.#add(ctx, placed, message.id, message.isDelta, message.batch);
    }
  }

  /** Takes a dictionary of a stream. Returns the blocks of those it replaces, which batches in use may still need. */
  addDictionary(ctx: ExecContext, placed: PlacedMessage): readonly number[] {
    const { message } = placed;
    if (message.kind !== 'dictionary') return [];
    this.#add(ctx, placed, message.id, message.isDelta, message.batch);
    const retired = this.#blocks;
    this.#blocks = [];
    this.#cache = new Map();
    return retired;
  }

  #add(ctx: ExecContext, placed: PlacedMessage, id: number, isDelta: boolean, header: ArrowBatchHeader): void {
    // A body is read when it is needed, and again after another dictionary has come: its blocks are those of that time.
    const body = (): ReturnType<typeof heapBody> =>
      heapBody({
        ctx,
        bytes: this.#bytes,
        header,
        offset: placed.offset,
        bodyOffset: placed.bodyOffset,
        bodyBytes: placed.message.bodyBytes,
        blocks: this.#blocks,
      });
    let current = body();
    let blocks = this.#blocks;
    const fresh = () => {
      if (blocks !== this.#blocks) {
        blocks = this.#blocks;
        current = body();
      }
      return current;
    };
    this.#dictionaries.add(id, isDelta, header, {
      path: current.path,
      offset: current.offset,
      buffer: (index) => fresh().buffer(index),
      room: (bytes) => fresh().room(bytes),
    });
  }

  /** A record batch of a file. */
  batchAt(unit: number): { placed: PlacedMessage; header: ArrowBatchHeader } {
    const placed = this.#messageOf(unit);
    if (placed === null) throw new Error('the batches of a stream come one after another');
    if (placed.message.kind !== 'batch') throw this.corrupt(placed, `a ${placed.message.kind} among the batches`);
    return { placed, header: placed.message.batch };
  }

  /** Reads a batch to where its rows belong; null when it has to be read by `openUnit`. */
  place(ctx: ExecContext, unit: number, into: PlacedColumns): number | null {
    if (this.layout.kind !== 'file') return null;
    const { placed, header } = this.batchAt(unit);
    const places = placeableColumns(header, this.#fields, this.#wanted, this.#columns, placed.message.bodyBytes);
    if (places === null) return null;
    const nulls: number[] = [];
    for (const [k, place] of places.entries()) {
      nulls[k] = place ? placeColumn(ctx, this.#bytes, placed.bodyOffset, place, header.length, k, into) : 0;
      if (nulls[k] < 0) return null;
    }
    for (const [k, n] of nulls.entries()) into.addNulls(k, n);
    const others = places.flatMap((place, k) => (place ? [] : [k]));
    if (others.length === 0) return header.length;
    const next = this.parts(placed, header, others);
    let row = 0;
    for (let part = next(); part; part = next()) {
      ctx.control.checkAbort();
      const mark = ctx.scratch.mark();
      const batch = this.load(ctx, placed, part, others);
      for (const [i, k] of others.entries()) into.putColumn(ctx, k, row, batch.columns[i]!);
      free(ctx, batch.blocks);
      ctx.scratch.rewind(mark);
      row += batch.length;
    }
    return row;
  }

  /** A batch, part by part when it is large; `of`: places of the columns to read among the wanted ones. */
  parts(placed: PlacedMessage, header: ArrowBatchHeader, of = this.#all): () => BatchWindow | null {
    const fields = of.map((k) => this.#wanted[k]!);
    const windows = windowsOf(header, this.#fields, fields, (place, width) => {
      if (place + width > placed.message.bodyBytes) return -1;
      const bytes = this.#bytes.read(placed.bodyOffset + place, width);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return width === 4 ? view.getInt32(0, true) : Number(view.getBigInt64(0, true));
    });
    if (windows) return windows;
    let whole: BatchWindow | null = { header, firstByte: new Map() };
    return () => {
      const part = whole;
      whole = null;
      return part;
    };
  }

  /** Reads and decodes columns of a batch into the heap. */
  load(ctx: ExecContext, placed: PlacedMessage, { header, firstByte }: BatchWindow, of = this.#all): LoadedBatch {
    const blocks: number[] = [];
    const { offset, bodyOffset } = placed;
    const body = heapBody({
      ctx,
      bytes: this.#bytes,
      header,
      offset,
      bodyOffset,
      bodyBytes: placed.message.bodyBytes,
      blocks,
    });
    try {
      const starts = placesOf(header, this.#fields)?.buffers;
      const wanted = new Set(of.map((k) => this.#wanted[k]!));
      // Neighbouring columns are one read.
      for (let i = 0; starts && i < this.#fields.length; i++) {
        if (!wanted.has(i)) continue;
        const from = i;
        while (wanted.has(i + 1)) i++;
        body.load(starts[from]!, starts[i + 1]!);
      }
      const decoded = decodeBatch(
        header,
        this.#fields,
        (i) => wanted.has(i),
        body,
        (field) => this.#dictionary(ctx, field, body),
      );
      for (const [field, first] of firstByte) rebase(decoded[field]!, first);
      const columns = of.map((k) => this.#upload(ctx, this.#columns[k]!, decoded[this.#wanted[k]!]!, blocks));
      return { length: header.length, columns, blocks };
    } catch (error) {
      free(ctx, blocks);
      throw this.#misfit(error, placed);
    }
  }

  #dictionary(ctx: ExecContext, field: ArrowField, reader: { path: string; offset: number }): ArrowColumn {
    this.fillDictionaries(ctx);
    const column = this.#dictionaries.of(field, reader);
    if (!this.#cache.has(column)) this.#cache.set(column, null);
    return column;
  }

  #upload(ctx: ExecContext, as: Schema[number], column: ArrowColumn, blocks: number[]): Vector {
    const vector = uploadColumn(ctx, as.name, column, owner(ctx, blocks), {
      resident: true,
      storedDigits: true,
      dictionaries: { alloc: owner(ctx, this.#blocks), vectors: this.#cache },
    });
    return sameType(vector.type, as.type) ? vector : { ...vector, type: as.type };
  }

  corrupt(placed: { offset: number }, what: string): CorruptFileError {
    const path = this.#bytes.name;
    return new CorruptFileError(
      `${path} is corrupt: ${what} in the Arrow message at byte ${placed.offset}. Write the file again.`,
      { path, offset: placed.offset },
    );
  }

  /** Buffers that do not fit together are, in a file, corruption. */
  #misfit(error: unknown, placed: PlacedMessage): unknown {
    if (error instanceof WarpError && (error.code === 'ERR_SHAPE' || error.code === 'ERR_EVALUATION')) {
      const path = this.#bytes.name;
      return new CorruptFileError(
        `${path} is corrupt in the Arrow batch at byte ${placed.offset}: ${error.message}`,
        { path, offset: placed.offset },
        { cause: error },
      );
    }
    return error;
  }

  close(ctx: ExecContext): void {
    free(ctx, this.#blocks);
    this.#blocks = [];
  }
}

/** Offsets from the first string of a part instead of the batch's. */
function rebase(column: ArrowColumn, first: number): void {
  const offsets = column.offsets!;
  for (let i = 0; first > 0 && i <= column.length; i++) offsets[i]! -= first;
}

const owner = (ctx: ExecContext, blocks: number[]) => ({
  alloc(bytes: number): number {
    const address = ctx.arena.alloc(bytes);
    blocks.push(address);
    return address;
  },
});

function free(ctx: ExecContext, blocks: readonly number[]): void {
  for (const address of blocks) ctx.arena.free(address);
}

/** Positions of the requested columns among the file's. */
function wantedFields(schema: Schema, { columns, bytes }: ScanRequest): number[] {
  return columns.map((c) => {
    const index = schema.findIndex((f) => f.name === c.name);
    const found = schema[index]?.type;
    const text = (name: string | undefined) => name === 'Utf8' || name === 'Categorical';
    if (found && (sameType(found, c.type) || (text(found.dtype) && text(c.type.dtype)))) return index;
    throw new SchemaMismatchError(
      `Expected column "${c.name}" of ${typeText(c.type)} in ${bytes.name} but ${found ? `it is ${typeText(found)}` : 'it has none'}. All files of a scan need the same columns.`,
      { column: c.name, path: bytes.name },
    );
  });
}

/** Hands out batches by morsels. A batch's blocks are freed when the one after the next is asked for. */
function morsels(nextBatch: (ctx: ExecContext) => LoadedBatch | null, retire: () => readonly number[]): UnitReader {
  let batch: LoadedBatch | null = null;
  let retired: number[] = [];
  let at = 0;
  let ordinal = 0;
  return {
    next(ctx): Batch | null {
      free(ctx, retired);
      retired = [];
      while (batch === null || at >= batch.length) {
        if (batch) retired.push(...batch.blocks);
        batch = null;
        batch = nextBatch(ctx);
        retired.push(...retire());
        at = 0;
        if (batch === null) return null;
      }
      const from = at;
      const length = Math.min(MORSEL_ROWS, batch.length - from);
      at += length;
      ctx.control.checkAbort();
      return { length, columns: batch.columns.map((v) => slice(v, from, length)), ordinal: ordinal++ };
    },
    close(ctx) {
      free(ctx, retired);
      free(ctx, retire());
      if (batch) free(ctx, batch.blocks);
      batch = null;
      retired = [];
    },
  };
}

function batchUnit(file: ArrowReader, unit: number): UnitReader {
  let parts: (() => BatchWindow | null) | null = null;
  let placed: PlacedMessage;
  return morsels(
    (ctx) => {
      if (parts === null) {
        const found = file.batchAt(unit);
        placed = found.placed;
        parts = file.parts(placed, found.header);
      }
      const part = parts();
      return part && file.load(ctx, placed, part);
    },
    () => [],
  );
}

function streamUnit(file: ArrowReader, firstMessage: number): UnitReader {
  let at = firstMessage;
  let retired: number[] = [];
  let parts: (() => BatchWindow | null) | null = null;
  let placed: PlacedMessage | null = null;
  return morsels(
    (ctx) => {
      for (;;) {
        const part = parts?.();
        if (placed && part) return file.load(ctx, placed, part);
        placed = file.run(messageAt(file.input, at));
        if (placed === null) return null;
        at = placed.end;
        const { message } = placed;
        parts = message.kind === 'batch' ? file.parts(placed, message.batch) : null;
        if (message.kind === 'schema') throw file.corrupt(placed, 'a second schema');
        if (message.kind === 'dictionary') retired.push(...file.addDictionary(ctx, placed));
      }
    },
    () => {
      const blocks = retired;
      retired = [];
      return blocks;
    },
  );
}
