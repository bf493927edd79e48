// Only the columns that somebody reads are scanned, joined, sorted and aggregated. Two walks: from the root down, what
// each node must give (a node with several readers gives what any of them needs); then from the sources up, each node
// narrowed to that.
import { columnsOf, type NamedExpr } from '../../expr/nodes.ts';
import { field, keep, projectNode } from '../../plan/build.ts';
import { inputsOf, type JoinNode, type PlanNode, withInputs } from '../../plan/nodes.ts';
import { walkPlan } from '../../plan/walk.ts';
import { namesOf } from '../../schema/schema.ts';
import type { Field, Schema } from '../../schema/types.ts';
import { rightOutputs } from '../join-columns.ts';
import type { Rule } from '../optimizer.ts';
import { unshared } from '../shared-work.ts';

type Names = ReadonlySet<string>;

export const projectionPushdown: Rule = {
  name: 'projection-pushdown',
  needs: ['scan', 'project', 'aggregate', 'join'],
  apply(given) {
    // A scan that two readers share would give both what either needs.
    const plan = unshared(given);
    const needed = requirements(plan);
    const done = new Map<PlanNode, PlanNode>();
    const narrow = (node: PlanNode): PlanNode => {
      let result = done.get(node);
      if (result === undefined) {
        result = narrowed(node, needed.get(node) as Names, inputsOf(node).map(narrow));
        done.set(node, result);
      }
      return result;
    };
    return exactly(narrow(plan), namesOf(plan.schema));
  },
};

/** The columns that each node must give. */
function requirements(plan: PlanNode): Map<PlanNode, Set<string>> {
  const order: PlanNode[] = [];
  walkPlan(plan, (node) => order.push(node));
  const needed = new Map<PlanNode, Set<string>>([[plan, new Set(namesOf(plan.schema))]]);
  const ask = (node: PlanNode, names: Iterable<string>): void => {
    const known = needed.get(node);
    if (known === undefined) needed.set(node, new Set(names));
    else for (const name of names) known.add(name);
  };
  for (const node of order.reverse()) askInputs(node, needed.get(node) as Set<string>, ask);
  return needed;
}

function askInputs(node: PlanNode, needed: Names, ask: (input: PlanNode, names: Iterable<string>) => void): void {
  switch (node.node) {
    case 'scan':
    case 'table':
      return;
    case 'project':
      ask(node.input, readBy(node.exprs.filter((e) => needed.has(e.name))));
      return;
    case 'filter':
      ask(node.input, columnsOf(node.predicate, new Set(needed)));
      return;
    case 'aggregate':
      ask(node.input, readBy([...node.keys, ...keptAggs(node, needed)]));
      return;
    case 'join': {
      const hidden = node.how === 'semi' || node.how === 'anti';
      ask(node.left, [...namesOf(node.left.schema).filter((name) => needed.has(name)), ...node.leftOn]);
      const right = rightNames(node).filter(([, out]) => needed.has(out));
      ask(node.right, [...(hidden ? [] : right.map(([name]) => name)), ...node.rightOn]);
      return;
    }
    case 'sort': {
      const names = new Set(needed);
      for (const key of node.keys) columnsOf(key.expr, names);
      ask(node.input, names);
      return;
    }
    case 'slice':
      ask(node.input, needed);
      return;
    case 'distinct':
      ask(node.input, [...needed, ...node.subset]);
      return;
    case 'union':
      for (const input of node.inputs) {
        const own = node.how === 'vertical' ? needed : namesOf(input.schema).filter((name) => needed.has(name));
        ask(input, own);
      }
      return;
    case 'write':
    case 'host':
      ask(node.input, namesOf(node.input.schema));
  }
}

function readBy(exprs: readonly NamedExpr[]): Set<string> {
  const names = new Set<string>();
  for (const e of exprs) columnsOf(e.expr, names);
  return names;
}

const keptAggs = (node: Extract<PlanNode, { node: 'aggregate' }>, needed: Names): readonly NamedExpr[] =>
  node.aggs.filter((a) => needed.has(a.name));

/** Right column → output name, for those that are not keys. */
const rightNames = (node: JoinNode): [string, string][] => rightOutputs(node).map(([f, name]) => [f.name, name]);

/** The node over narrowed inputs, giving at least what is needed. */
function narrowed(node: PlanNode, needed: Names, inputs: readonly PlanNode[]): PlanNode {
  const of = (schema: Schema): Schema => Object.freeze(schema.filter((f) => needed.has(f.name)));
  switch (node.node) {
    case 'scan': {
      const schema = of(node.schema);
      return schema.length === node.schema.length ? node : Object.freeze({ ...node, schema });
    }
    // Columns that lie in memory cost nothing to read, but steps above would copy what nobody reads.
    case 'table':
      return of(node.schema).length === 0 ? node : atMost(node, needed);
    case 'project': {
      const exprs = node.exprs.filter((e) => needed.has(e.name));
      const next = withInputs(node, inputs);
      if (exprs.length === node.exprs.length) return next;
      return Object.freeze({ ...next, exprs: Object.freeze(exprs), schema: of(node.schema) }) as PlanNode;
    }
    case 'aggregate': {
      const aggs = keptAggs(node, needed);
      const next = withInputs(node, inputs);
      if (aggs.length === node.aggs.length) return next;
      const names = new Set([...node.keys, ...aggs].map((e) => e.name));
      const schema = Object.freeze(node.schema.filter((f) => names.has(f.name)));
      return Object.freeze({ ...next, aggs: Object.freeze(aggs), schema }) as PlanNode;
    }
    case 'join':
      return narrowedJoin(node, needed, inputs[0] as PlanNode, inputs[1] as PlanNode);
    case 'filter': {
      const input = inputs[0] as PlanNode;
      if (input === node.input) return node;
      // Columns that the predicate proves not null stay so.
      const proved = new Set(node.schema.filter((f) => !f.nullable).map((f) => f.name));
      const schema = Object.freeze(
        input.schema.map((f) => (f.nullable && proved.has(f.name) ? field(f.name, f.type, false) : f)),
      );
      return Object.freeze({
        ...node,
        input,
        schema: schema.every((f, i) => f === input.schema[i]) ? input.schema : schema,
      });
    }
    case 'sort': {
      // What only a node below needed is not carried through the sort.
      const wanted = new Set(needed);
      for (const key of node.keys) columnsOf(key.expr, wanted);
      return sameRows(node, atMost(inputs[0] as PlanNode, wanted));
    }
    case 'distinct':
      return sameRows(node, atMost(inputs[0] as PlanNode, new Set([...needed, ...node.subset])));
    case 'slice':
      return sameRows(node, inputs[0] as PlanNode);
    case 'union':
      return narrowedUnion(node, needed, inputs);
    case 'write':
    case 'host':
      return withInputs(node, [exactly(inputs[0] as PlanNode, namesOf(node.input.schema))]);
  }
}

/** A node that gives the rows of its input, over another input. */
function sameRows(node: Extract<PlanNode, { node: 'sort' | 'slice' | 'distinct' }>, input: PlanNode): PlanNode {
  return input === node.input ? node : Object.freeze({ ...node, input, schema: input.schema });
}

function narrowedJoin(node: JoinNode, needed: Names, leftInput: PlanNode, rightInput: PlanNode): PlanNode {
  const outOf = new Map(rightNames(node));
  const left = atMost(leftInput, new Set([...needed, ...node.leftOn]));
  const hidden = node.how === 'semi' || node.how === 'anti';
  const rightWanted = [...outOf].filter(([, out]) => needed.has(out)).map(([name]) => name);
  const right = atMost(rightInput, new Set([...(hidden ? [] : rightWanted), ...node.rightOn]));
  if (left === node.left && right === node.right) return node;
  const known = new Map(node.schema.map((f) => [f.name, f]));
  const rest = hidden ? [] : right.schema.filter((f) => !node.rightOn.includes(f.name));
  const schema = [
    ...left.schema.map((f) => known.get(f.name) as Field),
    ...rest.map((f) => known.get(outOf.get(f.name) as string) as Field),
  ];
  return Object.freeze({ ...node, left, right, schema: Object.freeze(schema) });
}

function narrowedUnion(
  node: Extract<PlanNode, { node: 'union' }>,
  needed: Names,
  inputs: readonly PlanNode[],
): PlanNode {
  if (node.how === 'vertical') {
    const names = namesOf(node.schema).filter((name) => needed.has(name));
    const exact = inputs.map((input) => exactly(input, names));
    if (exact.every((input, i) => input === node.inputs[i])) return node;
    return Object.freeze({
      ...node,
      inputs: Object.freeze(exact),
      schema: Object.freeze(node.schema.filter((f) => needed.has(f.name))),
    });
  }
  if (inputs.every((input, i) => input === node.inputs[i])) return node;
  return Object.freeze({
    ...node,
    inputs: Object.freeze([...inputs]),
    schema: Object.freeze(inputs.flatMap((input) => [...input.schema])),
  });
}

/** The plan with exactly these columns in this order. */
function exactly(plan: PlanNode, names: readonly string[]): PlanNode {
  if (plan.schema.length === names.length && plan.schema.every((f, i) => f.name === names[i])) return plan;
  const fields = new Map(plan.schema.map((f) => [f.name, f]));
  return projectNode(
    plan,
    names.map((name) => keep(fields.get(name) as Field)),
  );
}

/** The plan without columns that are not wanted. */
function atMost(plan: PlanNode, names: Names): PlanNode {
  const wanted = plan.schema.filter((f) => names.has(f.name));
  return wanted.length === plan.schema.length ? plan : projectNode(plan, wanted.map(keep));
}
