// What rules need to know of joins: which side's rows a filter above may drop, and what columns are called below.
import type { ExprNode } from '../expr/nodes.ts';
import { colNode } from '../plan/build.ts';
import type { JoinHow, JoinNode } from '../plan/nodes.ts';
import type { Field } from '../schema/types.ts';

interface Sides {
  readonly left: boolean;
  readonly right: boolean;
}

/** Sides whose own predicates may be applied below the join instead of above it. */
const THROUGH: Record<JoinHow, Sides> = {
  inner: { left: true, right: true },
  cross: { left: true, right: true },
  left: { left: true, right: false },
  semi: { left: true, right: false },
  anti: { left: true, right: false },
  right: { left: false, right: true },
  full: { left: false, right: false },
};

export const joinThrough = (how: JoinHow): Sides => THROUGH[how];

/** The right side's columns that are not keys, each with its name in the output. */
export function rightOutputs(join: JoinNode): [Field, string][] {
  const rest = join.right.schema.filter((f) => !join.rightOn.includes(f.name));
  const out = join.schema.slice(join.left.schema.length);
  return out.map((f, i) => [rest[i] as Field, f.name]);
}

/** Output name → column of the right side, for those that are not keys. */
export function rightColumns(join: JoinNode): Map<string, ExprNode> {
  return new Map(rightOutputs(join).map(([f, name]) => [name, colNode(f)]));
}
