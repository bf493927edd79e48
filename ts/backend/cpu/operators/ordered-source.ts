// Rows fetched in an order that is known: by one thread from front to back, or by several in pieces.
import { rowsOfPieces } from '../columns/source.ts';
import type { ExecContext } from '../context.ts';
import type { Shared, Source } from '../pipeline.ts';
import { DEFAULT_TUNING } from '../tuning.ts';
import { MORSEL_ROWS, type Vector } from '../vector.ts';

/** `fetch` gives `n` rows from position `at` on, in scratch; `share` is what another thread needs to do the same. */
export function orderedSource(
  length: number,
  fetch: (ctx: ExecContext, at: number, n: number) => Vector[],
  onClose: (ctx: ExecContext) => void,
  share: () => Shared,
): Source {
  const range = (from: number, to: number, close: (ctx: ExecContext) => void): Source => {
    let at = from;
    let ordinal = 0;
    return {
      next(ctx) {
        if (at >= to) return null;
        const n = Math.min(MORSEL_ROWS, to - at);
        const columns = fetch(ctx, at, n);
        at += n;
        return { length: n, columns, ordinal: ordinal++ };
      },
      close,
    };
  };
  const { next, close } = range(0, length, onClose);
  return {
    next,
    close,
    pieces: ({ tuning = DEFAULT_TUNING }) => ({
      count: Math.ceil(length / tuning.pieceRows),
      rows: length,
      mostRows: () => rowsOfPieces(length, tuning.pieceRows),
      isCostly: true,
      open: (_, piece) => range(piece * tuning.pieceRows, Math.min(length, (piece + 1) * tuning.pieceRows), () => {}),
      share,
    }),
  };
}
