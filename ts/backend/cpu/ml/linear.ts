// Kernels of linear models.
import { chunks, float64Data, pointers, readF64, UnusualCounts, writeF64, zeros } from './columns.ts';
import type { KernelHandler } from './kernel.ts';

export const linearKernels: Readonly<Record<string, KernelHandler>> = {
  'linear.moments': {
    open(ctx, { params }) {
      const { weighted } = params as { weighted: boolean };
      const matrix = ctx.kernels.get('matrix');
      let p = -1;
      let counts: UnusualCounts;
      let shifts = 0;
      let sums = 0;
      let cross = 0;
      let tiles = 0;
      let rows = 0;
      let weightSum = 0;
      return {
        push(batch) {
          const columns = weighted ? batch.columns.slice(0, -1) : batch.columns;
          const weights = weighted ? float64Data(batch.columns.at(-1)!) : 0;
          if (p < 0) {
            p = columns.length;
            counts = new UnusualCounts(ctx, batch.columns.length);
            sums = zeros(ctx, p);
            cross = zeros(ctx, p * p);
            tiles = ctx.arena.alloc(matrix.crossScratchBytes(p));
            // Any value near the means will do: it is taken out of the sums again.
            const first = zeros(ctx, p);
            matrix.weightedSums(pointers(ctx, columns, ctx.scratch), p, 0, 0, batch.length, first);
            const means = readF64(ctx, first, p).map((s) => (Number.isFinite(s) ? s / batch.length : 0));
            shifts = writeF64(ctx, means);
          }
          counts.add(batch.columns, 0, batch.length);
          const list = pointers(ctx, columns, ctx.scratch);
          rows += batch.length;
          weightSum += matrix.weightedSums(list, p, weights, 0, batch.length, sums);
          matrix.addCross(list, p, shifts, weights, 0, batch.length, cross, tiles);
        },
        finish() {
          if (p < 0) {
            const none = new Float64Array(0);
            return {
              json: { rows: 0, weightSum: 0 },
              arrays: { means: none, cross: none, nulls: none, nans: none, infinities: none },
            };
          }
          const shift = readF64(ctx, shifts, p);
          const means = readF64(ctx, sums, p).map((s) => s / weightSum);
          const full = readF64(ctx, cross, p * p);
          for (let i = 0; i < p; i++)
            for (let j = i; j < p; j++) {
              const about = full[i * p + j]! - weightSum * (means[i]! - shift[i]!) * (means[j]! - shift[j]!);
              full[i * p + j] = about;
              full[j * p + i] = about;
            }
          return { json: { rows, weightSum }, arrays: { means, cross: full, ...counts.result() } };
        },
      };
    },
  },
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
