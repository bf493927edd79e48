// Sums of columns times numbers, all in one pass: what models of rows are as an expression.
import { missingError } from '../../missing-values.ts';
import { flatten } from '../columns/flatten.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';
import type { CpuFunction, ElementwiseKernel } from './contracts.ts';
import { bothValid, zeroUnderNulls } from './operands.ts';

/** Numbers of a call, in the heap for the length of a query. */
interface Maps {
  readonly coef: number;
  readonly intercept: number;
}

const affine: ElementwiseKernel = (ctx, call, args, length, state) => {
  const { names, model, columns } = call.options as {
    names: readonly string[];
    model: string | null;
    columns: readonly string[];
  };
  const made = (state.get(call) as Maps | undefined) ?? placed(ctx, call.options);
  state.set(call, made);
  const flat = args.map((v) => flatten(ctx, v, ctx.scratch));
  const matrix = ctx.kernels.get('matrix');
  const list = ctx.scratch.alloc(4 * flat.length);
  const stride = Math.ceil(length / 8) * 64 + 64;
  const out = ctx.scratch.alloc(stride * names.length);
  const scratch = ctx.scratch.alloc(matrix.affineScratchBytes(flat.length));
  ctx.heap.refresh().u32.set(
    flat.map((v) => v.data),
    list >>> 2,
  );
  matrix.affine(list, flat.length, made.coef, made.intercept, names.length, 0, length, out, stride, scratch);
  if (model !== null) refuseMissing(ctx, model, columns, flat, out, length);
  const validity =
    model === null
      ? bothValid(
          ctx,
          flat.map((v) => v.validity),
          length,
        )
      : 0;
  const type = { dtype: 'Float64' } as const;
  const children = names.map((_, k) => zeroUnderNulls(ctx, { type, length, data: out + k * stride, validity }));
  return { type: call.type, length, data: 0, validity: 0, children };
};

function placed(ctx: ExecContext, options: { readonly [name: string]: unknown }): Maps {
  const numbers = (list: unknown): number => {
    const values = list as readonly number[];
    const at = ctx.arena.alloc(8 * values.length + 16);
    ctx.heap.refresh().f64.set(values, at >>> 3);
    return at;
  };
  return { coef: numbers(options['coef']), intercept: numbers(options['intercept']) };
}

/** What is unusual in features shows in their sums: ordinary rows are not looked at a second time. */
function refuseMissing(
  ctx: ExecContext,
  model: string,
  columns: readonly string[],
  args: readonly Vector[],
  out: number,
  length: number,
): void {
  const matrix = ctx.kernels.get('matrix');
  const block = ctx.scratch.alloc(24 * (args.length + 1));
  const { f64 } = ctx.heap.refresh();
  const at = block >>> 3;
  f64.fill(0, at, at + 3 * (args.length + 1));
  // One sum is enough: NaN and infinities times any number, zero too, are not finite.
  matrix.countUnusual(out, 0, 0, length, block);
  if (f64[at + 1]! + f64[at + 2]! === 0 && args.every((v) => v.validity === 0)) return;
  args.forEach((v, j) => {
    matrix.countUnusual(v.data, v.validity, 0, length, block + 24 * (j + 1));
  });
  const counts = (kind: number): Float64Array =>
    Float64Array.from(args, (_, j) => ctx.heap.refresh().f64[at + 3 * (j + 1) + kind]!);
  const error = missingError(model, columns, { nulls: counts(0), nans: counts(1), infinities: counts(2) });
  if (error) throw error;
}

export const affineFunctions: Readonly<Record<string, CpuFunction>> = {
  affine: { kernel: affine, perRow: true },
};
