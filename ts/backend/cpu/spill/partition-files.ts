// Rows divided by the hash of their keys into files, so that rows with equal keys are in one file, in their order.
import type { Schema } from '../../../schema/types.ts';
import { gather } from '../columns/gather.ts';
import { type Chunk, PieceStore } from '../columns/piece-store.ts';
import { RowStore } from '../columns/row-store.ts';
import type { ExecContext } from '../context.ts';
import type { Batch } from '../vector.ts';
import { rowHashes } from './row-hash.ts';
import { inScratch, ownMemory } from './spill.ts';
import { SpillFile } from './spill-file.ts';

const PART_BITS = 5;
const PARTS = 1 << PART_BITS;
/** Levels of division: each takes bits of its own. Rows that no level parts have one key. */
export const MOST_LEVELS = 10;
/** Files of fewer rows are not divided any more: each part costs more than its rows. */
const LEAST_ROWS = 256;
/** Rows of a part that are written at once, unless there is no room for so many. */
const BATCH_ROWS = 16384;
/** Of a step's budget, what rows that wait to be written may take. */
const BUFFER_SHARE = 0.25;
const LEAST_BUFFER_BYTES = 1 << 20;
/** Divisions that leave all rows of a file together: they have one key, or nearly so. */
const MOST_FRUITLESS = 2;

/** Where the keys are, and whether nulls are one key. */
export interface PartKeys {
  readonly columns: readonly number[];
  /** Rows with a null in their key match nothing: they may be anywhere. */
  readonly spreadsNulls?: boolean;
}

/** Files of rows by hash. */
export class PartitionFiles {
  readonly #schema: Schema;
  readonly #keys: PartKeys;
  readonly #level: number;
  readonly #files: SpillFile[];
  readonly #waiting: (RowStore | null)[];
  #memory: ExecContext | null = null;
  #batches = 0;
  #rows = 0;

  constructor(schema: Schema, keys: PartKeys, level: number) {
    this.#schema = schema;
    this.#keys = keys;
    this.#level = level;
    this.#files = Array.from({ length: PARTS }, () => new SpillFile(schema));
    this.#waiting = this.#files.map(() => null);
  }

  get rows(): number {
    return this.#rows;
  }

  push(ctx: ExecContext, batch: Batch): void {
    const n = batch.length;
    if (n === 0) return;
    this.#memory ??= ownMemory(ctx);
    this.#rows += n;
    const spread = this.#keys.spreadsNulls ? ++this.#batches : 0;
    inScratch(ctx, () => {
      const keys = this.#keys.columns.map((k) => batch.columns[k]!);
      const hashes = rowHashes(ctx, keys, n, spread);
      const rows = ctx.scratch.alloc(n * 4);
      const ends = ctx.scratch.alloc(PARTS * 4);
      const shift = 64 - PART_BITS * (this.#level + 1);
      ctx.kernels.get('spill').arrange(hashes, n, shift, PART_BITS, rows, ends);
      const endOf = [...ctx.heap.refresh().u32.subarray(ends >>> 2, (ends >>> 2) + PARTS)];
      endOf.forEach((end, part) => {
        const from = part === 0 ? 0 : endOf[part - 1]!;
        if (end > from) this.#add(ctx, part, batch, rows + from * 4, end - from);
      });
    });
    const { arena } = this.#memory;
    if (arena.usedBytes > Math.max(LEAST_BUFFER_BYTES, ctx.spill!.budgetBytes * BUFFER_SHARE)) this.#flushAll();
  }

  #add(ctx: ExecContext, part: number, batch: Batch, rows: number, n: number): void {
    const memory = this.#memory!;
    inScratch(ctx, () => {
      const columns = batch.columns.map((v) => gather(ctx, v, rows, n, ctx.scratch));
      const store = this.#waiting[part] ?? new RowStore(this.#schema);
      this.#waiting[part] = store;
      store.append(memory, { length: n, columns, ordinal: 0 });
    });
    if (this.#waiting[part]!.length >= BATCH_ROWS) this.#flush(part);
  }

  #flush(part: number): void {
    const store = this.#waiting[part];
    const memory = this.#memory;
    if (!store || !memory) return;
    this.#waiting[part] = null;
    this.#files[part]!.write(memory, { length: store.length, columns: store.finish(memory), ordinal: 0 });
    store.free(memory);
  }

  #flushAll(): void {
    for (let part = 0; part < PARTS; part++) this.#flush(part);
    // Small blocks come back only with the whole arena.
    this.#memory?.arena.release();
  }

  /** The files, when all rows are in. */
  end(): readonly SpillFile[] {
    this.#flushAll();
    this.#memory = null;
    for (const file of this.#files) file.end();
    return this.#files;
  }
}

/** Reads a file batch by batch; what `use` needs in scratch is given back after each. */
export function readFile(ctx: ExecContext, file: SpillFile, use: (batch: Batch) => void): void {
  const memory = ownMemory(ctx);
  const source = file.open(memory);
  try {
    for (let more = true; more; )
      inScratch(ctx, () => {
        ctx.control.checkAbort();
        const batch = source.next(memory);
        if (batch) use(batch);
        else more = false;
      });
  } finally {
    source.close(memory);
    memory.arena.release();
  }
}

/** Whether the rows of a file are to be tried as a whole when they need about `neededBytes` in memory. */
export const isTriedWhole = (ctx: ExecContext, file: SpillFile, level: number, neededBytes: number): boolean =>
  isLast(file, level) || neededBytes <= ctx.spill!.budgetBytes;

/** Whether dividing a file does not help any more. */
export const isLast = (file: SpillFile, level: number): boolean =>
  level >= MOST_LEVELS || file.rows < LEAST_ROWS || file.fruitless >= MOST_FRUITLESS;

/** Divides the rows of a file one level deeper, and removes it. */
export function divideFile(
  ctx: ExecContext,
  file: SpillFile,
  schema: Schema,
  keys: PartKeys,
  level: number,
): readonly SpillFile[] {
  const files = new PartitionFiles(schema, keys, level);
  readFile(ctx, file, (batch) => files.push(ctx, batch));
  file.remove();
  const parts = files.end();
  for (const part of parts) if (part.rows === file.rows) part.fruitless = file.fruitless + 1;
  return parts;
}

/** Rows that are kept as long as there is room, and divided into files from then on. */
export class KeptRows {
  readonly #schema: Schema;
  readonly #keys: PartKeys;
  readonly #moreBytes: (heldBytes: number, rows: number) => number;
  #store: PieceStore;
  #memory: ExecContext | null = null;
  #files: PartitionFiles | null = null;

  /** `moreBytes`: what is needed besides the rows when all of them are there. */
  constructor(schema: Schema, keys: PartKeys, moreBytes: (heldBytes: number, rows: number) => number) {
    this.#schema = schema;
    this.#keys = keys;
    this.#moreBytes = moreBytes;
    this.#store = new PieceStore(schema);
  }

  push(ctx: ExecContext, batch: Batch): void {
    if (this.#files) {
      this.#files.push(ctx, batch);
      return;
    }
    this.#memory ??= ownMemory(ctx);
    this.#store.append(this.#memory, batch);
    const held = this.#memory.arena.usedBytes;
    if (ctx.spill!.mustSpill(held, this.#moreBytes(held, this.#store.length))) this.#spill(ctx);
  }

  #spill(ctx: ExecContext): void {
    const memory = this.#memory!;
    const files = new PartitionFiles(this.#schema, this.#keys, 0);
    for (const { rows, columns } of this.#store.chunks(memory)) {
      files.push(ctx, { length: rows, columns, ordinal: 0 });
      ctx.control.checkAbort();
    }
    this.#store = new PieceStore(this.#schema);
    memory.arena.release();
    this.#memory = null;
    this.#files = files;
  }

  /** The rows in memory, with the arena that has them, or the files. */
  end(): { chunks: readonly Chunk[]; memory: ExecContext | null } | { files: readonly SpillFile[] } {
    if (this.#files) return { files: this.#files.end() };
    const memory = this.#memory;
    return { chunks: memory ? this.#store.chunks(memory) : [], memory };
  }
}
