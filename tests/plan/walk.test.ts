// Walks of plans: chains, and nodes that several others read.
import { describe, expect, test } from 'vitest';
import { concat, Float64, Int64 } from '../../ts/index.ts';
import { inputsOf, type PlanNode } from '../../ts/plan/nodes.ts';
import { sharedNodes, transformPlan, walkPlan } from '../../ts/plan/walk.ts';
import { planOf, scanOf } from '../support/plans.ts';

const sales = scanOf('sales', { id: Int64, price: Float64 });
const base = sales.filter((c) => c.price.gt(1));
const chain = base.sort('id').head(3);
const twice = base.sort('id').join(base.groupBy('id').agg({ s: (c) => c.price.sum() }), { on: 'id' });
const PLANS: readonly (readonly [string, PlanNode])[] = [
  ['a source alone', planOf(sales)],
  ['a chain', planOf(chain)],
  ['a part that two sides read', planOf(twice)],
  ['a chain above it', planOf(twice.filter((c) => c.s.gt(2)).head(5))],
  ['a frame joined with itself', planOf(base.join(base, { on: 'id' }).head(1))],
  ['the same frame under itself', planOf(concat([base, chain, base, base]).sort('id'))],
];

/** Every distinct node and how many edges lead to it, found without the walks under test. */
function readersOf(plan: PlanNode): Map<PlanNode, number> {
  const readers = new Map<PlanNode, number>([[plan, 0]]);
  const open = [plan];
  for (let node = open.pop(); node; node = open.pop())
    for (const input of inputsOf(node)) {
      if (!readers.has(input)) open.push(input);
      readers.set(input, (readers.get(input) ?? 0) + 1);
    }
  return readers;
}

describe.each(PLANS)('%s', (_, plan) => {
  const readers = readersOf(plan);

  test('each node is visited once, after its inputs', () => {
    const seen: PlanNode[] = [];
    walkPlan(plan, (node) => {
      for (const input of inputsOf(node)) expect(seen).toContain(input);
      seen.push(node);
    });
    expect(new Set(seen)).toEqual(new Set(readers.keys()));
    expect(seen).toHaveLength(readers.size);
    expect(seen.at(-1)).toBe(plan);
  });

  test('nodes with several readers', () => {
    const expected = [...readers].filter(([, count]) => count > 1).map(([node]) => node);
    expect(new Set(sharedNodes(plan))).toEqual(new Set(expected));
  });

  test('a rewrite that changes nothing gives the same plan', () => {
    expect(transformPlan(plan, (node) => node)).toBe(plan);
  });

  test('each node is rewritten once, its inputs before it, and what was shared still is', () => {
    const rewritten = new Map<PlanNode, PlanNode>();
    const next = transformPlan(plan, (node) => {
      const copy: PlanNode = Object.freeze({ ...node });
      for (const input of inputsOf(node)) expect([...rewritten.values()]).toContain(input);
      rewritten.set(node, copy);
      return copy;
    });
    expect(rewritten.size).toBe(readers.size);
    const counts = (of: Map<PlanNode, number>): number[] => [...of.values()].sort((a, b) => a - b);
    expect(counts(readersOf(next))).toEqual(counts(readers));
    expect(next).not.toBe(plan);
  });
});
