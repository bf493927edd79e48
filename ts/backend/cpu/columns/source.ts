// Vectors handed out morsel by morsel.
import type { ExecContext } from '../context.ts';
import type { Source } from '../pipeline.ts';
import { DEFAULT_TUNING } from '../tuning.ts';
import { MORSEL_ROWS, type Vector } from '../vector.ts';
import { slice } from './slice.ts';

/** What another thread needs to read the same columns. */
interface SharedVectors {
  readonly columns: readonly Vector[];
  readonly length: number;
}

/** Batches of rows [from, to). */
function rangeSource(
  columns: readonly Vector[],
  from: number,
  to: number,
  onClose: (ctx: ExecContext) => void,
): Source {
  let at = from;
  let ordinal = 0;
  return {
    next() {
      if (at >= to) return null;
      const n = Math.min(MORSEL_ROWS, to - at);
      const batch = { length: n, columns: columns.map((v) => slice(v, at, n)), ordinal: ordinal++ };
      at += n;
      return batch;
    },
    close: onClose,
  };
}

/** A source over whole columns; `onClose` frees what holds them. */
export function vectorsSource(
  columns: readonly Vector[],
  length: number,
  onClose: (ctx: ExecContext) => void = () => {},
): Source {
  return {
    ...rangeSource(columns, 0, length, onClose),
    pieces: ({ tuning = DEFAULT_TUNING }) => {
      const { pieceRows } = tuning;
      return {
        count: Math.ceil(length / pieceRows),
        rows: length,
        mostRows: () => rowsOfPieces(length, pieceRows),
        open: (_, piece) =>
          rangeSource(columns, piece * pieceRows, Math.min(length, (piece + 1) * pieceRows), () => {}),
        share: (): SharedVectors => ({ columns, length }),
      };
    },
  };
}

/** A source over whole columns of blocks of `ctx.arena` that nothing else uses: whoever wants all of them may have them. */
export const ownedSource = (columns: readonly Vector[], length: number): Source => ({
  ...vectorsSource(columns, length),
  take: () => ({ columns, length }),
});

/** Rows of pieces that are all of `pieceRows` but the last. */
export const rowsOfPieces = (length: number, pieceRows: number): number[] =>
  Array.from({ length: Math.ceil(length / pieceRows) }, (_, i) => Math.min(pieceRows, length - i * pieceRows));

/** The same source on another thread. */
export function restoreVectors(shared: unknown): Source {
  const { columns, length } = shared as SharedVectors;
  return vectorsSource(columns, length);
}
