// Three-valued logic over masks. A mask is zero under null, which the formulas rely on.
import type { Builder, Node } from '../emit/ir.ts';
import { type EmitRow, type Value, value } from '../emit/lower.ts';
import type { CpuFunction } from './contracts.ts';

/** False is known: valid and not set. */
const knownFalse = (b: Builder, v: Value): Node => b.andNot(v.valid ?? b.constantMask(true), v.node);

const and: EmitRow = {
  lower({ b }, args, call) {
    const [x, y] = args as [Value, Value];
    const both = b.both(x.valid, y.valid);
    const valid = both === null ? null : b.or(both, b.or(knownFalse(b, x), knownFalse(b, y)));
    return value(b, call.type, b.and(x.node, y.node), valid);
  },
};
const or: EmitRow = {
  lower({ b }, args, call) {
    const [x, y] = args as [Value, Value];
    const both = b.both(x.valid, y.valid);
    const valid = both === null ? null : b.or(both, b.or(x.node, y.node));
    return value(b, call.type, b.or(x.node, y.node), valid);
  },
};
const xor: EmitRow = {
  lower({ b }, args, call) {
    const [x, y] = args as [Value, Value];
    return value(b, call.type, b.xor(x.node, y.node), b.both(x.valid, y.valid));
  },
};
const not: EmitRow = {
  lower({ b }, [x], call) {
    return value(b, call.type, b.not(x!.node), x!.valid);
  },
};

export const logicFunctions: Readonly<Record<string, CpuFunction>> = {
  and: { emit: and },
  or: { emit: or },
  xor: { emit: xor },
  not: { emit: not },
};
