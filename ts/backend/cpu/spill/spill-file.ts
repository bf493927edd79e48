// Rows in a temporary file: an Arrow IPC stream, written in batches and read from front to back.
import { bytesFor, type LogicalType, physicalOf, type Schema } from '../../../schema/types.ts';
import type { ArrowField } from '../../../source/arrow-schema.ts';
import { fieldsOf } from '../../../source/arrow-schema.ts';
import { MessageWriter } from '../../ipc/message-writer.ts';
import type { Alloc } from '../columns/alloc.ts';
import { flatten } from '../columns/flatten.ts';
import type { ExecContext } from '../context.ts';
import { downloadVector } from '../host/download.ts';
import type { Source } from '../pipeline.ts';
import { openArrow } from '../scan/arrow/open-arrow.ts';
import type { Batch, Vector } from '../vector.ts';
import { openLocalFile } from '../worker/sync-files.ts';
import type { SpillHandle } from './spill.ts';

/** Small pieces of a message are written together. */
const BUFFER_BYTES = 1 << 16;

const UTF8: LogicalType = { dtype: 'Utf8' };

/** How a dtype lies in the file: categories as their text, so that files have no dictionaries. */
function storedType(type: LogicalType): LogicalType {
  switch (type.dtype) {
    case 'Categorical':
      return UTF8;
    case 'List':
    case 'FixedSizeList':
      return { ...type, inner: { ...type.inner, type: storedType(type.inner.type) } };
    case 'Struct':
      return { ...type, fields: type.fields.map((f) => ({ ...f, type: storedType(f.type) })) };
    default:
      return type;
  }
}

/** The same values under another name of their type, at every depth. */
function retyped(v: Vector, type: LogicalType): Vector {
  if (!v.children) return { ...v, type };
  const inner =
    type.dtype === 'List' || type.dtype === 'FixedSizeList'
      ? [type.inner.type]
      : type.dtype === 'Struct'
        ? type.fields.map((f) => f.type)
        : [];
  return { ...v, type, children: v.children.map((c, i) => retyped(c, inner[i]!)) };
}

/** Flat at every depth. */
function plain(ctx: ExecContext, v: Vector): Vector {
  if (v.dict) return flatten(ctx, v, ctx.scratch);
  return v.children ? { ...v, children: v.children.map((c) => plain(ctx, c)) } : v;
}

export class SpillFile {
  readonly #schema: Schema;
  readonly #stored: Schema;
  readonly #fields: readonly ArrowField[];
  readonly #changes: boolean;
  #handle: SpillHandle | null = null;
  #writer: MessageWriter | null = null;
  #buffer: Uint8Array | null = null;
  #filled = 0;
  #rows = 0;
  #heapBytes = 0;
  /** How often its rows were to be divided and stayed together. */
  fruitless = 0;

  constructor(schema: Schema) {
    this.#schema = schema;
    // Names may repeat here; they mean nothing.
    this.#stored = schema.map((f, i) => ({ name: `c${i}`, type: storedType(f.type), nullable: true }));
    this.#changes = schema.some((f, i) => JSON.stringify(f.type) !== JSON.stringify(this.#stored[i]!.type));
    this.#fields = fieldsOf(this.#stored);
  }

  get rows(): number {
    return this.#rows;
  }
  /** What all rows take in the heap, about. */
  get heapBytes(): number {
    return this.#heapBytes;
  }

  /** Writes a batch; what it needs in the heap meanwhile comes from `ctx`. */
  write(ctx: ExecContext, batch: Batch): void {
    if (batch.length === 0) return;
    const mark = ctx.scratch.mark();
    const blocks: number[] = [];
    const alloc: Alloc = {
      alloc(bytes) {
        const address = ctx.arena.alloc(bytes);
        blocks.push(address);
        return address;
      },
    };
    const writer = this.#start(ctx);
    const columns = batch.columns.map((v, i) => {
      const flat = plain(ctx, v);
      this.#heapBytes += heapBytes(ctx, flat);
      const stored = this.#changes ? retyped(flat, this.#stored[i]!.type) : flat;
      return downloadVector(ctx, stored, '', false, alloc);
    });
    writer.batch(batch.length, columns);
    this.#rows += batch.length;
    for (const address of blocks) ctx.arena.free(address);
    ctx.scratch.rewind(mark);
  }

  #start(ctx: ExecContext): MessageWriter {
    if (this.#writer) return this.#writer;
    this.#handle = ctx.spill!.create();
    this.#buffer = new Uint8Array(BUFFER_BYTES);
    this.#writer = new MessageWriter(this.#fields, {
      kind: 'stream',
      compression: null,
      compress: (_, bytes) => bytes,
      put: (bytes) => this.#put(bytes),
    });
    return this.#writer;
  }

  #put(bytes: Uint8Array): void {
    const buffer = this.#buffer!;
    if (this.#filled + bytes.length > buffer.length) this.#flush();
    if (bytes.length >= buffer.length) {
      this.#handle!.write(bytes);
      return;
    }
    buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  #flush(): void {
    if (this.#filled > 0) this.#handle!.write(this.#buffer!.subarray(0, this.#filled));
    this.#filled = 0;
  }

  /** Everything is written. */
  end(): void {
    this.#writer?.finish();
    this.#flush();
    this.#handle?.end();
    this.#writer = null;
    this.#buffer = null;
  }

  /** All batches as they were written; their memory, in the arena of `ctx`, is there until the batch after the next. */
  open(ctx: ExecContext): Source {
    const handle = this.#handle;
    if (!handle) return { next: () => null, close() {} };
    const source = { kind: 'file', path: handle.path, sizeBytes: handle.bytes, modifiedMs: 0 } as const;
    const bytes = openLocalFile(ctx.heap, source);
    const file = openArrow(ctx, {
      bytes,
      columns: this.#stored,
      fileSchema: this.#stored,
      options: {},
      predicate: null,
      limit: null,
    });
    const unit = file.openUnit(ctx, 0);
    let isOpen = true;
    return {
      next: () => {
        const batch = unit.next(ctx);
        if (!batch || !this.#changes) return batch;
        return { ...batch, columns: batch.columns.map((v, i) => retyped(v, this.#schema[i]!.type)) };
      },
      close() {
        if (!isOpen) return;
        isOpen = false;
        unit.close(ctx);
        file.close(ctx);
        bytes.close();
      },
    };
  }

  /** The file is not needed any more. */
  remove(): void {
    this.#handle?.remove();
    this.#handle = null;
    this.#writer = null;
    this.#buffer = null;
  }
}

/** What a vector takes in a store. */
export function heapBytes(ctx: ExecContext, v: Vector): number {
  if (v.dict) return v.length * 16 + heapBytes(ctx, v.dict);
  const physical = physicalOf(v.type);
  const strings = physical === 'view' ? ctx.kernels.get('core').longViewBytes(v.data, v.length) : 0;
  const own = bytesFor(physical, v.length) + (v.validity === 0 ? 0 : bytesFor('bit', v.length)) + strings;
  return (v.children ?? []).reduce((sum, c) => sum + heapBytes(ctx, c), own);
}
