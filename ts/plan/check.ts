// The rules a plan keeps: what tests check after every optimizer rule, and what a rule may rely on.
import { WarpError } from '../errors.ts';
import { findFunction } from '../expr/functions.ts';
import { childrenOf, type ExprNode } from '../expr/nodes.ts';
import { sameSchema } from '../schema/schema.ts';
import { type Schema, sameType, typeText } from '../schema/types.ts';
import { nodeLabel } from './explain.ts';
import type { PlanNode } from './nodes.ts';
import { expressionsOf, walkPlan } from './walk.ts';

/** Throws ERR_INTERNAL when a node breaks a rule: a fault of the library, never of its user. */
export function checkPlan(plan: PlanNode): void {
  walkPlan(plan, (node) => {
    const fail = (why: string): never => {
      throw new WarpError('ERR_INTERNAL', `Invalid plan at "${nodeLabel(node)}": ${why}.`, { node: node.node });
    };
    if (!Object.isFrozen(node) || !Object.isFrozen(node.schema)) fail('it is not frozen');
    const names = new Set(node.schema.map((f) => f.name));
    if (names.size !== node.schema.length) fail('a column name appears twice');
    const expected = derivedSchema(node);
    if (expected !== null && !sameSchema(expected, node.schema)) fail('its schema does not follow from its parts');
    const input = inputSchema(node);
    for (const expr of expressionsOf(node)) checkExpr(expr, input, fail);
    checkNode(node, fail);
  });
}

/** What the node's expressions read. */
function inputSchema(node: PlanNode): Schema {
  if (node.node === 'scan') return node.fileSchema;
  return 'input' in node ? node.input.schema : node.schema;
}

/** The schema that follows from a node's parts, where it does. */
function derivedSchema(node: PlanNode): Schema | null {
  const made = (exprs: readonly { name: string; expr: ExprNode }[]): Schema =>
    exprs.map((e) => ({ name: e.name, type: e.expr.type, nullable: e.expr.nullable }));
  switch (node.node) {
    case 'project':
      return made(node.exprs);
    case 'aggregate':
      return made([...node.keys, ...node.aggs]);
    case 'filter':
    case 'sort':
    case 'slice':
    case 'distinct':
      return node.input.schema;
    case 'union':
      return node.how === 'vertical' ? (node.inputs[0]?.schema ?? []) : node.inputs.flatMap((i) => i.schema);
    default:
      return null;
  }
}

function checkNode(node: PlanNode, fail: (why: string) => never): void {
  switch (node.node) {
    case 'scan':
      for (const f of node.schema) {
        const file = node.fileSchema.find((g) => g.name === f.name);
        if (file === undefined || !sameType(file.type, f.type)) fail(`column "${f.name}" is not in the file`);
      }
      return;
    case 'filter':
      if (node.predicate.type.dtype !== 'Bool' && node.predicate.type.dtype !== 'Null')
        fail('the predicate is not a Bool');
      return;
    case 'aggregate':
      for (const agg of node.aggs) {
        if (agg.expr.node !== 'call' || findFunction(agg.expr.fn)?.kind !== 'agg')
          fail(`"${agg.name}" is not an aggregate`);
      }
      return;
    case 'join': {
      const hidden = node.how === 'semi' || node.how === 'anti';
      const width = node.left.schema.length + (hidden ? 0 : node.right.schema.length - node.rightOn.length);
      if (node.schema.length !== width) fail('its schema has the wrong number of columns');
      node.leftOn.forEach((name, i) => {
        const left = node.left.schema.find((f) => f.name === name);
        const right = node.right.schema.find((f) => f.name === node.rightOn[i]);
        if (left === undefined || right === undefined) fail(`key "${name}" is missing`);
        else if (!sameType(left.type, right.type)) fail(`key "${name}" has two dtypes`);
      });
      return;
    }
    case 'union':
      if (node.how === 'vertical' && node.inputs.some((i) => !sameSchema(i.schema, node.schema)))
        fail('its inputs differ');
      return;
    case 'distinct':
      for (const name of node.subset) {
        if (!node.schema.some((f) => f.name === name)) fail(`column "${name}" is missing`);
      }
      return;
    default:
      return;
  }
}

function checkExpr(e: ExprNode, schema: Schema, fail: (why: string) => never, inOver = false): void {
  if (!Object.isFrozen(e)) fail('an expression is not frozen');
  if (e.node === 'col') {
    const f = schema.find((g) => g.name === e.name);
    if (f === undefined) fail(`column "${e.name}" is not in its input`);
    else if (!sameType(f.type, e.type)) fail(`column "${e.name}" is ${typeText(f.type)}, not ${typeText(e.type)}`);
    // A column may be known not to be null where its input does not say so: a filter that proves it may have moved.
  }
  if (e.node === 'call') {
    const row = findFunction(e.fn);
    if (row === undefined) fail(`function "${e.fn}" does not exist`);
    else if (row.kind === 'window' && !inOver) fail(`window "${e.fn}" stands outside over`);
  }
  for (const child of childrenOf(e)) checkExpr(child, schema, fail, e.node === 'over' && child === e.expr);
}
