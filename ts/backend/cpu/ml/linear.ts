// Kernels that predict with linear models.
import { chunks, pointers, readF64 } from './columns.ts';
import type { KernelHandler } from './kernel.ts';

export const linearKernels: Readonly<Record<string, KernelHandler>> = {
  'linear.predict': {
    run(ctx, { params, tables, arrays }) {
      const { outputs } = params as { outputs: number };
      const table = tables[0]!;
      const count = table.columns.length;
      const intercept = readF64(ctx, arrays['intercept']!.address, outputs);
      const out = ctx.arena.alloc(8 * table.rows * outputs + 16);
      const list = pointers(ctx, table.columns);
      for (let k = 0; k < outputs; k++) {
        const coef = arrays['coef']!.address + 8 * k * count;
        ctx.crew.run(
          chunks(table.rows).map(({ from, to }) => [
            'matrix',
            'linearValues',
            list,
            count,
            coef,
            intercept[k]!,
            from,
            to,
            out + 8 * (k * table.rows + from),
          ]),
        );
        ctx.control.checkAbort();
      }
      return { arrays: { values: { dtype: 'Float64Array', length: table.rows * outputs, address: out } } };
    },
  },
};
