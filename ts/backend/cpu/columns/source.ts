// Vectors handed out morsel by morsel.
import type { ExecContext } from '../context.ts';
import type { Source } from '../pipeline.ts';
import { MORSEL_ROWS, type Vector } from '../vector.ts';
import { slice } from './slice.ts';

/** A source over whole columns; `onClose` frees what holds them. */
export function vectorsSource(
  columns: readonly Vector[],
  length: number,
  onClose: (ctx: ExecContext) => void = () => {},
): Source {
  let at = 0;
  let ordinal = 0;
  return {
    next() {
      if (at >= length) return null;
      const n = Math.min(MORSEL_ROWS, length - at);
      const batch = { length: n, columns: columns.map((v) => slice(v, at, n)), ordinal: ordinal++ };
      at += n;
      return batch;
    },
    close: onClose,
  };
}

/** Sources one after another. */
export function chainSources(sources: readonly Source[]): Source {
  let current = 0;
  let ordinal = 0;
  return {
    next(ctx) {
      for (; current < sources.length; current++) {
        const batch = sources[current]!.next(ctx);
        if (batch) return { ...batch, ordinal: ordinal++ };
      }
      return null;
    },
    close(ctx) {
      for (const s of sources) s.close(ctx);
    },
  };
}
