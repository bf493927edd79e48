// Running sums, products and counts.
import { UnsupportedError } from '../../../../errors.ts';
import { physicalOf, typeText } from '../../../../schema/types.ts';
import { allocVector } from '../../columns/alloc.ts';
import type { WindowKernel } from '../contracts.ts';
import { checkOverflow, copyValidity } from './rows.ts';

const refuse = (fn: string, type: Parameters<typeof typeText>[0]): never => {
  throw new UnsupportedError(`${fn}() of a column of type ${typeText(type)} is not supported.`, { backend: 'cpu' });
};

export const cumSum: WindowKernel = (ctx, call, [v], partitions) => {
  const { starts, count, length } = partitions;
  const { data, validity } = v!;
  const out = { ...allocVector(ctx, call.type, length, ctx.arena, false), validity: copyValidity(ctx, v!) };
  const kernels = ctx.kernels.get('rolling');
  switch (physicalOf(v!.type)) {
    case 'f64':
      kernels.sumFloats(data, validity, starts, count, out.data);
      return out;
    case 'i64':
      checkOverflow(ctx, call, partitions, kernels.sumSigned(data, validity, starts, count, out.data));
      return out;
    case 'u64':
      checkOverflow(ctx, call, partitions, kernels.sumUnsigned(data, validity, starts, count, out.data));
      return out;
    case 'i128': {
      const sum = ctx.arena.alloc(24);
      checkOverflow(ctx, call, partitions, kernels.sumDecimals(data, validity, starts, count, sum, out.data));
      ctx.arena.free(sum);
      return out;
    }
    default:
      return refuse('cumSum', v!.type);
  }
};

export const cumProd: WindowKernel = (ctx, call, [v], partitions) => {
  const { starts, count, length } = partitions;
  const { data, validity } = v!;
  const out = { ...allocVector(ctx, call.type, length, ctx.arena, false), validity: copyValidity(ctx, v!) };
  const kernels = ctx.kernels.get('rolling');
  switch (physicalOf(v!.type)) {
    case 'f64':
      kernels.multiplyFloats(data, validity, starts, count, out.data);
      return out;
    case 'i64':
      checkOverflow(ctx, call, partitions, kernels.multiplySigned(data, validity, starts, count, out.data));
      return out;
    case 'u64':
      checkOverflow(ctx, call, partitions, kernels.multiplyUnsigned(data, validity, starts, count, out.data));
      return out;
    default:
      return refuse('cumProd', v!.type);
  }
};

export const cumCount: WindowKernel = (ctx, call, [v], { starts, count, length }) => {
  const out = allocVector(ctx, call.type, length, ctx.arena, false);
  // A column of dtype Null has no bitmap and no values.
  if (v!.type.dtype === 'Null') ctx.heap.refresh().u8.fill(0, out.data, out.data + length * 4);
  else ctx.kernels.get('window').countRows(v!.validity, starts, count, out.data);
  return out;
};

export const ewmMean: WindowKernel = (ctx, call, [v], { starts, count, length }) => {
  const out = { ...allocVector(ctx, call.type, length, ctx.arena, false), validity: copyValidity(ctx, v!) };
  const alpha = call.options['alpha'] as number;
  ctx.kernels.get('rolling').ewmMean(v!.data, v!.validity, starts, count, alpha, out.data);
  return out;
};
