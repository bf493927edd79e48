// The checker that other tests rely on finds what is wrong.
import { expect, test } from 'vitest';
import type { ExprNode } from '../../ts/expr/nodes.ts';
import { FLOAT64, UINT32 } from '../../ts/expr/row-rules.ts';
import { concat, Float64, Int64, len, Utf8 } from '../../ts/index.ts';
import { checkPlan } from '../../ts/plan/check.ts';
import type { PlanNode } from '../../ts/plan/nodes.ts';
import { planOf, scanOf } from '../support/plans.ts';

const sales = scanOf('sales', { id: Int64, city: Utf8, price: Float64 });
const other = scanOf('other', { id: Int64, rate: Float64 });

/** A frozen copy with other parts. */
const changed = (node: PlanNode, parts: object): PlanNode => Object.freeze({ ...node, ...parts }) as PlanNode;
const problem = (node: PlanNode): string => {
  try {
    checkPlan(node);
  } catch (error) {
    return (error as Error).message.replace(/^Invalid plan at ".*": /, '');
  }
  return 'none';
};
const price: ExprNode = Object.freeze({ node: 'col', name: 'price', type: FLOAT64, nullable: false });

test('valid plans pass', () => {
  checkPlan(
    planOf(
      sales
        .filter((c) => c.price.gt(1))
        .join(other, { on: 'id' })
        .groupBy('city')
        .agg({ n: len() }),
    ),
  );
});

test('each broken rule is named', () => {
  const filter = planOf(sales.filter((c) => c.price.gt(1)));
  const project = planOf(sales.select('id', 'price'));
  const join = planOf(sales.join(other, { on: 'id' }));
  const group = planOf(sales.groupBy('city').agg({ n: len() }));
  const union = planOf(concat([sales, sales.head(1)]));
  const unique = planOf(sales.unique({ subset: ['id'] }));
  const scan = planOf(sales);
  expect(problem({ ...filter } as PlanNode)).toBe('it is not frozen.');
  expect(problem(changed(filter, { predicate: price }))).toBe('the predicate is not a Bool.');
  expect(problem(changed(project, { schema: Object.freeze([project.schema[0], project.schema[0]]) }))).toBe(
    'a column name appears twice.',
  );
  expect(problem(changed(project, { schema: Object.freeze([project.schema[0]]) }))).toBe(
    'its schema does not follow from its parts.',
  );
  expect(problem(changed(project, { input: planOf(other) }))).toBe('column "price" is not in its input.');
  expect(problem(changed(filter, { input: changed(scan, { schema: Object.freeze([]) }) }))).toMatch(/schema|input/);
  expect(problem(changed(join, { leftOn: Object.freeze(['price']) }))).toBe('key "price" has two dtypes.');
  expect(problem(changed(join, { rightOn: Object.freeze(['nope']) }))).toBe('key "id" is missing.');
  expect(problem(changed(join, { schema: join.schema.slice(1) }))).toMatch(/frozen|number of columns/);
  expect(problem(changed(group, { aggs: Object.freeze([Object.freeze({ name: 'n', expr: price })]) }))).toMatch(
    /schema|aggregate/,
  );
  expect(problem(changed(union, { inputs: Object.freeze([planOf(sales), planOf(other)]) }))).toBe('its inputs differ.');
  expect(problem(changed(unique, { subset: Object.freeze(['nope']) }))).toBe('column "nope" is missing.');
  const window: ExprNode = Object.freeze({
    node: 'call',
    fn: 'rank',
    args: Object.freeze([price]),
    options: Object.freeze({}),
    type: UINT32,
    nullable: false,
  });
  const ranked = planOf(sales.select({ r: (c) => c.price.rank() }));
  expect(problem(changed(ranked, { exprs: Object.freeze([Object.freeze({ name: 'r', expr: window })]) }))).toBe(
    'window "rank" stands outside over.',
  );
  expect(problem(changed(scan, { fileSchema: Object.freeze(scan.schema.slice(1)) }))).toBe(
    'column "id" is not in the file.',
  );
});
