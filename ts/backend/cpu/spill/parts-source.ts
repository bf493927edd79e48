// Sources one after another, each opened when the one before has ended.
import type { ExecContext } from '../context.ts';
import type { Source } from '../pipeline.ts';

export function partsSource(parts: Iterable<(ctx: ExecContext) => Source>): Source {
  const rest = parts[Symbol.iterator]();
  let current: Source | null = null;
  let ordinal = 0;
  return {
    next(ctx) {
      for (;;) {
        if (!current) {
          const part = rest.next();
          if (part.done) return null;
          current = part.value(ctx);
        }
        const batch = current.next(ctx);
        if (batch) return { ...batch, ordinal: ordinal++ };
        current.close(ctx);
        current = null;
      }
    },
    close(ctx) {
      current?.close(ctx);
      current = null;
    },
  };
}
