// Tables as column-major matrices: what every kernel of training needs.
import { UnsupportedError } from '../../../errors.ts';
import type { ResidentTable } from '../planner.ts';
import type { Batch, Vector } from '../vector.ts';
import type { KernelContext } from './kernel.ts';

/** Rows per call of a kernel, and per task of a crew: fixed, so that results do not depend on the number of threads. */
export const CHUNK_ROWS = 65536;

/** The ranges of `CHUNK_ROWS` rows in `rows`, in order. */
export function chunks(rows: number): { readonly from: number; readonly to: number; readonly index: number }[] {
  return Array.from({ length: Math.ceil(rows / CHUNK_ROWS) }, (_, index) => ({
    from: index * CHUNK_ROWS,
    to: Math.min(rows, (index + 1) * CHUNK_ROWS),
    index,
  }));
}

/** The column's data address; the column must be Float64. */
export function float64Data(v: Vector): number {
  if (v.type.dtype !== 'Float64' || v.dict)
    throw new UnsupportedError(`A kernel expected a Float64 column but received ${v.type.dtype}.`);
  return v.data;
}

/** Writes the data addresses of Float64 columns as u32 to a block of `alloc`: what the matrix kernels call `columns`. */
export function pointers(
  ctx: KernelContext,
  columns: readonly Vector[],
  alloc: { alloc(bytes: number): number } = ctx.arena,
): number {
  const block = alloc.alloc(4 * columns.length);
  ctx.heap.refresh().u32.set(columns.map(float64Data), block >>> 2);
  return block;
}

/** A block of zeroed doubles. */
export function zeros(ctx: KernelContext, length: number, alloc: { alloc(bytes: number): number } = ctx.arena): number {
  const block = alloc.alloc(8 * length);
  ctx.heap.refresh().f64.fill(0, block >>> 3, (block >>> 3) + length);
  return block;
}

/** A copy of `length` doubles of the heap. */
export function readF64(ctx: KernelContext, address: number, length: number): Float64Array {
  const start = address >>> 3;
  return new Float64Array(ctx.heap.refresh().f64.subarray(start, start + length));
}

/** Writes doubles to a new block. */
export function writeF64(
  ctx: KernelContext,
  values: ArrayLike<number>,
  alloc: { alloc(bytes: number): number } = ctx.arena,
): number {
  const block = alloc.alloc(8 * values.length);
  ctx.heap.refresh().f64.set(values, block >>> 3);
  return block;
}

/** A batch as a table, for kernels that work on both. */
export const tableOf = (batch: Batch): ResidentTable => ({ rows: batch.length, columns: batch.columns });

/** Counts nulls, NaN and infinities of each column. */
export class UnusualCounts {
  readonly #ctx: KernelContext;
  readonly #block: number;
  readonly #columns: number;

  constructor(ctx: KernelContext, columns: number) {
    this.#ctx = ctx;
    this.#columns = columns;
    this.#block = zeros(ctx, 3 * columns);
  }

  add(columns: readonly Vector[], from: number, to: number): void {
    const matrix = this.#ctx.kernels.get('matrix');
    columns.forEach((v, j) => {
      matrix.countUnusual(float64Data(v), v.validity, from, to, this.#block + 24 * j);
    });
  }

  result(): { nulls: Float64Array; nans: Float64Array; infinities: Float64Array } {
    const all = readF64(this.#ctx, this.#block, 3 * this.#columns);
    const pick = (k: number): Float64Array => Float64Array.from({ length: this.#columns }, (_, j) => all[3 * j + k]!);
    return { nulls: pick(0), nans: pick(1), infinities: pick(2) };
  }
}
