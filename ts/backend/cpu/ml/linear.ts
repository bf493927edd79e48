// Kernels that predict with linear models.
import { readF64 } from './columns.ts';
import type { KernelContext, KernelHandler, KernelInput } from './kernel.ts';
import { type ScoreKind, type Scorer, scoreRows, scoreTable } from './score-rows.ts';

function scorerOf(ctx: KernelContext, { params, arrays }: KernelInput): Scorer {
  const { outputs, kind } = params as { outputs: number; kind: ScoreKind };
  const coef = arrays['coef']!;
  const count = coef.length / outputs;
  const intercept = readF64(ctx, arrays['intercept']!.address, outputs);
  return {
    kind,
    outputs,
    cost: coef.length,
    tasks: (list, from, to, out, rows) =>
      Array.from({ length: outputs }, (_, k) => [
        'matrix',
        'linearValues',
        list,
        count,
        coef.address + 8 * k * count,
        intercept[k]!,
        from,
        to,
        out + 8 * (k * rows + from),
      ]),
  };
}

export const linearKernels: Readonly<Record<string, KernelHandler>> = {
  'linear.score': { run: (ctx, input) => scoreTable(ctx, input.tables[0]!, scorerOf(ctx, input)) },
  'linear.scoreRows': { open: (ctx, input) => scoreRows(ctx, scorerOf(ctx, input)) },
};
