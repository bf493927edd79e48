// What a kernel makes of the rows of a plan, batch by batch, as one array in the end.
import type { HeapArray } from '../worker/protocol.ts';
import type { KernelContext } from './kernel.ts';

/** Parts in the heap: nothing passes through host memory before the caller's own copy. */
export class HeapRows {
  readonly #ctx: KernelContext;
  readonly #rowBytes: number;
  readonly #parts: { readonly address: number; readonly rows: number }[] = [];
  #rows = 0;

  /** `rowBytes` is of all columns of a row together. */
  constructor(ctx: KernelContext, rowBytes: number) {
    this.#ctx = ctx;
    this.#rowBytes = rowBytes;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Room for the columns of a batch, each behind the one before; 16 bytes more may be written. */
  add(rows: number): number {
    const address = this.#ctx.arena.alloc(rows * this.#rowBytes + 16);
    this.#parts.push({ address, rows });
    this.#rows += rows;
    return address;
  }

  /** All rows, column after column. */
  finish(dtype: 'Float64Array' | 'Int32Array', columns: number): HeapArray {
    const [only] = this.#parts;
    const length = this.#rows * columns;
    if (!only) return { dtype, length: 0, address: this.#ctx.arena.alloc(16) };
    if (this.#parts.length === 1) return { dtype, length, address: only.address };
    const width = this.#rowBytes / columns;
    const address = this.#ctx.arena.alloc(this.#rows * this.#rowBytes);
    this.#ctx.heap.refresh();
    const { copyBytes } = this.#ctx.kernels.get('core');
    let done = 0;
    for (const part of this.#parts) {
      for (let c = 0; c < columns; c++)
        copyBytes(address + (c * this.#rows + done) * width, part.address + c * part.rows * width, part.rows * width);
      done += part.rows;
      this.#ctx.arena.free(part.address);
    }
    return { dtype, length, address };
  }
}
