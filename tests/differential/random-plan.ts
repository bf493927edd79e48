// One to five verbs over one frame.
import type { Draw } from './draw.ts';
import type { RandomFrame } from './frames.ts';
import { dropNested, EXPRESSION_VERBS, type State, startOf } from './plans.ts';
import { joinWith, ROW_VERBS, sort } from './plans-verbs.ts';

/** A plan over one of the frames, the first `large` of which have 65,535 to 65,537 rows. */
export function randomPlan(draw: Draw, frames: readonly RandomFrame[], large: number): State {
  const big = large > 0 && draw.chance(0.02);
  const small = frames.slice(large);
  let s = startOf(draw.pick(big ? frames.slice(0, large) : small));
  const join = joinWith(small);
  const verbs = draw.int(1, big ? 2 : 4);
  for (let i = 0; i < verbs; i++) {
    const kind = draw.next();
    const verb = kind < 0.55 ? draw.pick(EXPRESSION_VERBS) : kind < 0.87 ? draw.pick(ROW_VERBS) : join;
    s = verb(draw, s) ?? s;
  }
  s = dropNested(s);
  return draw.chance(0.2) ? (sort(draw, s) ?? s) : s;
}
