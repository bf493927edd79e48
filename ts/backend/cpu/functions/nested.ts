// Parts of structs and lists.
import { gatherOrNull } from '../columns/gather.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';
import type { CpuFunction, ElementwiseKernel } from './contracts.ts';
import { zeroUnderNulls } from './operands.ts';

/** The field's vector; rows of null structs are null in it. */
const field: ElementwiseKernel = (ctx, call, args, length) => {
  const struct = args[0]!;
  const fields = struct.type.dtype === 'Struct' ? struct.type.fields : [];
  const child = struct.children?.[fields.findIndex((f) => f.name === call.options['name'])];
  if (!child) throw new Error(`no field ${String(call.options['name'])}`);
  if (struct.validity === 0) return child;
  const rows = ctx.scratch.alloc(length * 4);
  ctx.kernels.get('values').presentRows(struct.validity, length, rows);
  return gatherRows(ctx, child, rows, length);
};

function gatherRows(ctx: ExecContext, v: Vector, rows: number, length: number): Vector {
  const result = gatherOrNull(ctx, v, rows, length, ctx.scratch);
  ctx.heap.refresh();
  return result;
}

const listLen: ElementwiseKernel = (ctx, call, args, length) => {
  const list = args[0]!;
  const data = ctx.scratch.alloc(length * 4);
  const result = { type: call.type, length, data, validity: list.validity };
  if (list.type.dtype === 'FixedSizeList') {
    ctx.heap.refresh().u32.fill(list.type.length, data >>> 2, (data >>> 2) + length);
    return zeroUnderNulls(ctx, result);
  }
  ctx.kernels.get('values').listLengths(list.data, length, data);
  return zeroUnderNulls(ctx, result);
};

const listGet: ElementwiseKernel = (ctx, call, args, length) => {
  const list = args[0]!;
  const rows = ctx.scratch.alloc(length * 4);
  const fixed = list.type.dtype === 'FixedSizeList';
  const size = list.type.dtype === 'FixedSizeList' ? list.type.length : 0;
  const index = call.options['index'] as number;
  ctx.kernels.get('values').listItems(fixed ? 0 : list.data, list.validity, length, size, index, rows);
  return gatherRows(ctx, list.children![0]!, rows, length);
};

export const nestedFunctions: Readonly<Record<string, CpuFunction>> = {
  field: { kernel: field, perRow: true },
  listLen: { kernel: listLen, perRow: true },
  listGet: { kernel: listGet, perRow: true },
};
