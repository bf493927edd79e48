// Tests for null and the first value that is not null.
import { bytesFor } from '../../../schema/types.ts';
import type { Node } from '../emit/ir.ts';
import { type EmitRow, type Value, value } from '../emit/lower.ts';
import { chooseVectors } from './choose.ts';
import type { CpuFunction, ElementwiseKernel } from './contracts.ts';

const presence = (wanted: boolean): EmitRow => ({
  validityOnly: true,
  lower({ b }, [x], call) {
    const present = x!.type.dtype === 'Null' ? b.constantMask(false) : (x!.valid ?? b.constantMask(true));
    return value(b, call.type, wanted ? present : b.not(present), null);
  },
});

const coalesce: EmitRow = {
  lower({ b }, args, call) {
    let result = args[args.length - 1] as Value;
    for (const v of args.slice(0, -1).reverse()) {
      if (v.valid === null) result = v;
      else {
        const node: Node = b.choose(v.valid, v.node, result.node);
        result = value(b, call.type, node, result.valid === null ? null : b.or(v.valid, result.valid));
      }
    }
    return { ...result, type: call.type };
  },
};

/** Layouts that do not fuse: rows of the first argument that has one. */
const coalesceVectors: ElementwiseKernel = (ctx, call, args, length) => {
  const masks: number[] = [];
  const rest = [...args];
  for (const v of args.slice(0, -1)) {
    if (v.type.dtype === 'Null') masks.push(0);
    else if (v.validity === 0) {
      // Never null: what follows is not looked at.
      rest.length = masks.length + 1;
      break;
    } else masks.push(v.validity);
  }
  const none = masks.includes(0) ? ctx.scratch.alloc(bytesFor('bit', length)) : 0;
  if (none !== 0) ctx.heap.refresh().u8.fill(0, none, none + bytesFor('bit', length));
  return chooseVectors(
    ctx,
    call.type,
    masks.map((m) => (m === 0 ? none : m)),
    rest,
    length,
  );
};

export const nullFunctions: Readonly<Record<string, CpuFunction>> = {
  isNull: { emit: presence(false) },
  isNotNull: { emit: presence(true) },
  coalesce: { emit: coalesce, kernel: coalesceVectors, perRow: true },
};
