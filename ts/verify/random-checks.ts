// Random plans on both engines.
import { factsOf, framesOf } from './cases/frames.ts';
import { type Check, failed, notRun, type VerifySettings } from './check.ts';
import { sameOnBoth } from './compare-frames.ts';
import { openedCuda } from './opened.ts';
import { randomPlan } from './random-plans.ts';

/** Rows of most frames, and of one in eight: around the ends of the CPU's morsels. */
const ROWS = [0, 1, 7, 64, 300, 300, 1000, 65_537];

export async function* randomChecks({ plans, seed }: VerifySettings): AsyncGenerator<Check> {
  const opened = await openedCuda();
  const group = 'random plans';
  if (!('cuda' in opened)) {
    yield { group, name: 'all', run: () => notRun(opened.reason) };
    return;
  }
  const frames = ROWS.map((rows) => ({ ...framesOf(Math.max(rows, 30)), facts: factsOf(rows, seed + rows) }));
  for (let i = 0; i < plans; i++)
    yield {
      group,
      name: `seed ${seed}, plan ${i}`,
      run: async () => {
        const { df, ordered, verbs } = randomPlan(seed * 1_000_003 + i, frames[i % frames.length]!);
        const outcome = await sameOnBoth(df, ordered);
        return outcome.status === 'failed'
          ? failed(`${verbs.join(' → ')}: ${outcome.message}\n${df.explain()}`)
          : outcome;
      },
    };
}
