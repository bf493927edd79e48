// when … then … otherwise: the first branch whose condition is true; a null condition counts as false.
import type { WhenNode } from '../../../expr/nodes.ts';
import type { ExecContext } from '../context.ts';
import { type Lowering, type Value, value } from '../emit/lower.ts';
import type { Vector } from '../vector.ts';
import { chooseVectors } from './choose.ts';

/** `args` as in `childrenOf`: condition, value, condition, value, …, otherwise. */
export function lowerWhen({ b }: Lowering, args: readonly Value[], when: WhenNode): Value {
  let result = args[args.length - 1]!;
  for (let i = args.length - 3; i >= 0; i -= 2) {
    const condition = args[i]!.node;
    const then = args[i + 1]!;
    const node = b.choose(condition, then.node, result.node);
    const ones = b.constantMask(true);
    const valid =
      then.valid === null && result.valid === null
        ? null
        : b.choose(condition, then.valid ?? ones, result.valid ?? ones);
    result = value(b, when.type, node, valid);
  }
  return { ...result, type: when.type };
}

/** The same over vectors. Conditions are zero under null already. */
export function whenVectors(ctx: ExecContext, when: WhenNode, args: readonly Vector[], length: number): Vector {
  const masks: number[] = [];
  const branches: Vector[] = [];
  for (let i = 0; i + 1 < args.length; i += 2) {
    masks.push(args[i]!.data);
    branches.push(args[i + 1]!);
  }
  branches.push(args[args.length - 1]!);
  return chooseVectors(ctx, when.type, masks, branches, length);
}
