// Expressions → steps: stages of fused modules and kernels, each stage reading what earlier ones kept.
import type { ExprNode } from '../../../expr/nodes.ts';
import type { Schema } from '../../../schema/types.ts';
import { elementwiseOf } from '../functions/index.ts';
import { FusedStep } from './fused.ts';
import { type Entry, Graph } from './graph.ts';

/** The steps of a list of expressions: nothing of any run. */
export interface StepPlan {
  readonly roots: readonly Entry[];
  readonly stages: readonly { readonly fused: readonly FusedStep[]; readonly kernels: readonly Entry[] }[];
  readonly slots: number;
}

/** Plans the steps of expressions. `storeValid` false: one predicate, whose bitmap is not wanted. */
export function planSteps(exprs: readonly ExprNode[], input: Schema, storeValid: boolean): StepPlan {
  const graph = new Graph(input, elementwiseOf);
  const roots = exprs.map((e) => graph.add(e));
  for (const r of roots) if (r.how === 'fused') r.kept = true;
  const needed = neededBy(roots);
  const count = needed.reduce((most, e) => Math.max(most, e.stage + 1), 0);
  const predicate = storeValid ? null : roots[0]!;
  const stages: { fused: FusedStep[]; kernels: Entry[] }[] = [];
  let slots = 0;
  for (let stage = 0; stage < count; stage++) {
    const here = needed.filter((e) => e.stage === stage && e.kept);
    const isInput = (e: Entry): boolean => e.how === 'kernel' || (e.how === 'fused' && e.kept && e.stage < stage);
    const fused = groups(
      here.filter((e) => e.how === 'fused'),
      isInput,
    );
    const kernels = here.filter((e) => e.how === 'kernel');
    for (const e of here) if (e.how === 'fused' || e.how === 'kernel') e.slot = slots++;
    stages.push({ fused: fused.map((group) => new FusedStep(group, isInput, predicate)), kernels });
  }
  return { roots, stages, slots };
}

/** The roots and what they are computed from, children first. */
function neededBy(roots: readonly Entry[]): Entry[] {
  const seen = new Set<Entry>();
  const visit = (e: Entry): void => {
    if (seen.has(e)) return;
    for (const c of e.children) visit(c);
    seen.add(e);
  };
  for (const r of roots) visit(r);
  return [...seen];
}

/** Most results in one module. */
const MOST_ROOTS = 16;

/** Results that share a computation go into one module; others have one each, so that shapes repeat. */
function groups(roots: readonly Entry[], isInput: (e: Entry) => boolean): Entry[][] {
  const made: Entry[][] = [];
  const owner = new Map<Entry, Entry[]>();
  for (const r of roots) {
    const inside = new Set<Entry>();
    const visit = (e: Entry): void => {
      if (e.how !== 'fused' || inside.has(e) || (e !== r && isInput(e))) return;
      inside.add(e);
      for (const c of e.children) visit(c);
    };
    visit(r);
    let group: Entry[] | undefined;
    for (const e of inside) {
      const other = owner.get(e);
      if (other && other.length < MOST_ROOTS) group = other;
    }
    if (!group) {
      group = [];
      made.push(group);
    }
    group.push(r);
    for (const e of inside) owner.set(e, group);
  }
  return made;
}
