import { describe, expect, test } from 'vitest';
import { Float64, Int32, Int64, len, nullable, Utf8 } from '../../ts/index.ts';
import { applyRule, optimize, RULES, type Rule } from '../../ts/optimize/optimizer.ts';
import { sliceNode } from '../../ts/plan/build.ts';
import { checkPlan } from '../../ts/plan/check.ts';
import { explainPlan } from '../../ts/plan/explain.ts';
import type { PlanNode } from '../../ts/plan/nodes.ts';
import { parsePlan, serializePlan } from '../../ts/plan/serialize.ts';
import { planOf, scanOf, text } from '../support/plans.ts';
import { randomFrame } from '../support/random-frames.ts';

const flights = scanOf(
  'flights',
  { date: Utf8, delay: nullable(Int32), distance: Int32, origin: Utf8, destination: Utf8 },
  3_000_000,
);
const airports = scanOf('airports', { iata: Utf8, name: Utf8, city: Utf8, state: Utf8 }, 3376);

describe('the optimizer', () => {
  test('brings the rules together', () => {
    const frame = flights
      .dropNulls('delay')
      .withColumns({ late: (c) => c.delay.gt(15), hour: (c) => c.date.str.slice(8, 2) })
      .join(airports, { on: { origin: 'iata' } })
      .filter((c) => c.state.eq('CA').and(c.distance.gt(100)))
      .groupBy('origin', 'city')
      .agg({ n: len(), spread: (c) => c.delay.max().sub(c.delay.min()), late: (c) => c.late.sum() })
      .sort({ by: 'late', descending: true })
      .head(10);
    expect(explainPlan(optimize(planOf(frame)))).toBe(text`
      SORT late descending (first 10)
        PROJECT origin, city, n, spread = c['#0'].sub(c['#1']), late
          AGGREGATE by origin, city: n = len(), late = c.late.sum(), #0 = c.delay.max(), #1 = c.delay.min()
            JOIN inner on origin = iata (build right)
              PROJECT delay, origin, late = c.delay.gt(15)
                FILTER c.delay.isNotNull().and(c.distance.gt(100))
                  SCAN parquet flights.parquet, 3,000,000 rows: 3 of 5 columns (delay, distance, origin); skip unless c.delay.isNotNull().and(c.distance.gt(100))
              PROJECT iata, city
                FILTER c.state.eq('CA')
                  SCAN parquet airports.parquet, 3,376 rows: 3 of 4 columns (iata, city, state); skip unless c.state.eq('CA')
    `);
  });

  test('has nothing left to do on its own result', () => {
    const again = RULES.filter((rule) => !rule.once);
    for (let seed = 0; seed < 100; seed++) {
      const once = optimize(planOf(randomFrame(seed, 6)));
      expect(explainPlan(optimize(once, again)), `seed ${seed}`).toBe(explainPlan(once));
    }
  });

  test('every rule keeps every random plan valid, its columns, and its JSON', () => {
    for (let seed = 0; seed < 400; seed++) {
      let plan = planOf(randomFrame(1000 + seed, 8));
      checkPlan(plan);
      expect(parsePlan(serializePlan(plan)), `seed ${seed}`).toEqual(plan);
      for (const rule of [...RULES, ...RULES]) {
        const next = applyRule(rule, plan);
        try {
          checkPlan(next);
        } catch (error) {
          throw new Error(`seed ${seed}, ${rule.name}:\n${explainPlan(plan)}\n→\n${explainPlan(next)}`, {
            cause: error,
          });
        }
        plan = next;
      }
      expect(parsePlan(serializePlan(plan)), `seed ${seed}`).toEqual(plan);
    }
  });

  test('a rule that changes the columns is a fault, not a result', () => {
    const bad: Rule = { name: 'bad', needs: [], apply: () => planOf(airports) };
    expect(() => applyRule(bad, planOf(flights))).toThrow(
      /^The optimizer rule bad changed the columns from date: Utf8, .* to iata/,
    );
    const good: Rule = { name: 'good', needs: [], apply: (p: PlanNode) => sliceNode(p, 0, 1) };
    expect(applyRule(good, planOf(flights)).node).toBe('slice');
  });

  test('rules are skipped when their nodes are absent', () => {
    let calls = 0;
    const apply = (p: PlanNode): PlanNode => {
      calls++;
      return p;
    };
    const rule: Rule = { name: 'count', needs: ['join'], apply };
    optimize(planOf(flights.filter((c) => c.delay.gt(1))), [rule]);
    expect(calls).toBe(0);
    optimize(planOf(flights.join(airports, { on: { origin: 'iata' } })), [rule]);
    expect(calls).toBe(1);
  });

  test('keys stay where aggregates are over expressions', () => {
    const frame = scanOf('t', { k: Int64, x: Float64 })
      .groupBy('k')
      .agg({ a: (c) => c.x.sum().div(c.x.count()) });
    expect(frame.columns).toEqual(['k', 'a']);
    expect(optimize(planOf(frame)).schema).toEqual(planOf(frame).schema);
  });
});
