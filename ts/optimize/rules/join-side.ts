// The hash table of a join is built on the side that is expected to be smaller.
import { transformPlan } from '../../plan/walk.ts';
import { estimator } from '../estimate.ts';
import type { Rule } from '../optimizer.ts';

/** How much smaller the left side must look before it is chosen: estimates are rough, and the right is the default. */
const MARGIN = 0.8;

export const joinSide: Rule = {
  name: 'join-side',
  needs: ['join'],
  apply(plan) {
    const estimate = estimator();
    return transformPlan(plan, (node) => {
      if (node.node !== 'join') return node;
      // In left order the left side streams.
      const left = !node.maintainOrder && estimate(node.left).rows < estimate(node.right).rows * MARGIN;
      const build = left ? 'left' : 'right';
      return build === node.build ? node : Object.freeze({ ...node, build });
    });
  },
};
