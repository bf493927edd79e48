// Vectors handed out morsel by morsel.
import type { ExecContext } from '../context.ts';
import type { Pieces, Source, WholeRows } from '../pipeline.ts';
import { DEFAULT_TUNING } from '../tuning.ts';
import { type Batch, MORSEL_ROWS, type Vector } from '../vector.ts';
import { slice } from './slice.ts';

/** What another thread needs to read the same columns. */
interface SharedVectors {
  readonly columns: readonly Vector[];
  readonly length: number;
}

/** Batches of rows [from, to). */
class RangeSource implements Source {
  readonly columns: readonly Vector[];
  #at: number;
  readonly #to: number;
  #ordinal = 0;

  constructor(columns: readonly Vector[], from: number, to: number) {
    this.columns = columns;
    this.#at = from;
    this.#to = to;
  }

  next(): Batch | null {
    const from = this.#at;
    if (from >= this.#to) return null;
    const length = Math.min(MORSEL_ROWS, this.#to - from);
    this.#at += length;
    return { length, columns: this.columns.map((v) => slice(v, from, length)), ordinal: this.#ordinal++ };
  }

  close(_ctx: ExecContext): void {}
}

/** All rows of whole columns, or pieces of them. */
class VectorsSource extends RangeSource {
  readonly length: number;
  readonly #onClose: ((ctx: ExecContext) => void) | undefined;

  constructor(columns: readonly Vector[], length: number, onClose?: (ctx: ExecContext) => void) {
    super(columns, 0, length);
    this.length = length;
    this.#onClose = onClose;
  }

  override close(ctx: ExecContext): void {
    this.#onClose?.(ctx);
  }

  whole(): WholeRows {
    return this;
  }

  pieces({ tuning = DEFAULT_TUNING }: ExecContext): Pieces {
    const { columns, length } = this;
    const { pieceRows } = tuning;
    return {
      count: Math.ceil(length / pieceRows),
      rows: length,
      isResident: true,
      mostRows: () => rowsOfPieces(length, pieceRows),
      open: (_, piece) => new RangeSource(columns, piece * pieceRows, Math.min(length, (piece + 1) * pieceRows)),
      share: (): SharedVectors => ({ columns, length }),
    };
  }
}

class OwnedSource extends VectorsSource {
  take(_ctx: ExecContext, picks: readonly number[]): WholeRows | null {
    if (picks.length !== this.columns.length || new Set(picks).size < picks.length) return null;
    return { columns: picks.map((i) => this.columns[i]!), length: this.length };
  }
}

/** A source over whole columns; `onClose` frees what holds them. */
export const vectorsSource = (
  columns: readonly Vector[],
  length: number,
  onClose?: (ctx: ExecContext) => void,
): Source => new VectorsSource(columns, length, onClose);

/** A source over whole columns of blocks of `ctx.arena` that nothing else uses: whoever wants all of them may have them. */
export const ownedSource = (columns: readonly Vector[], length: number): Source => new OwnedSource(columns, length);

/** Rows of pieces that are all of `pieceRows` but the last. */
export function rowsOfPieces(length: number, pieceRows: number): number[] {
  const rows: number[] = [];
  for (let from = 0; from < length; from += pieceRows) rows.push(Math.min(pieceRows, length - from));
  return rows;
}

/** The same source on another thread. */
export function restoreVectors(shared: unknown): Source {
  const { columns, length } = shared as SharedVectors;
  return vectorsSource(columns, length);
}
