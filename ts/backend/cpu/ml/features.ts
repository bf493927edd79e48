// Kernels that look at feature matrices.
import { chunks, UnusualCounts } from './columns.ts';
import type { KernelHandler } from './kernel.ts';

export const featuresKernels: Readonly<Record<string, KernelHandler>> = {
  'features.check': {
    run(ctx, { tables }) {
      const table = tables[0]!;
      const counts = new UnusualCounts(ctx, table.columns.length);
      for (const { from, to } of chunks(table.rows)) {
        ctx.control.checkAbort();
        counts.add(table.columns, from, to);
      }
      return { arrays: counts.result() };
    },
  },
};
