// Plans as JSON, version 1: what crosses to another thread, a native backend or a file. Parsing gives frozen nodes
// equal to the ones written. Literals that JSON would lose are `{ dtype, value: text }`; a schema that follows from the
// inputs is left out.
import { ParameterError } from '../errors.ts';
import type { ExprNode, LiteralValue, LitNode, NamedExpr, OrderKey } from '../expr/nodes.ts';
import type { Field, LogicalType, Schema } from '../schema/types.ts';
import { inputsOf, type PlanNode } from './nodes.ts';

type Json = { readonly [key: string]: unknown };

/** The plan as JSON text. A node that the plan reaches twice is written once, under `shared`, and named by its index. */
export function serializePlan(plan: PlanNode): string {
  return JSON.stringify(planToJson(plan));
}

/** The plan as plain JSON objects. */
export function planToJson(plan: PlanNode): Json {
  const readers = new Map<PlanNode, number>();
  const count = (node: PlanNode): void => {
    const seen = readers.get(node) ?? 0;
    readers.set(node, seen + 1);
    if (seen === 0) for (const input of inputsOf(node)) count(input);
  };
  count(plan);
  const shared: unknown[] = [];
  const indexOf = new Map<PlanNode, number>();
  const write = (node: PlanNode): unknown => {
    if ((readers.get(node) ?? 0) < 2) return nodeToJson(node, write);
    let index = indexOf.get(node);
    if (index === undefined) {
      const json = nodeToJson(node, write);
      index = shared.push(json) - 1;
      indexOf.set(node, index);
    }
    return { ref: index };
  };
  const root = write(plan);
  return shared.length === 0 ? { v: 1, plan: root } : { v: 1, shared, plan: root };
}

/** A plan from JSON text of `serializePlan`. */
export function parsePlan(text: string): PlanNode {
  return planFromJson(JSON.parse(text) as Json);
}

/** A plan from the objects of `planToJson`. */
export function planFromJson(document: Json): PlanNode {
  if (document['v'] !== 1) {
    throw new ParameterError(`Expected a plan of version 1 but received version ${String(document['v'])}.`);
  }
  const shared: PlanNode[] = [];
  const read = (json: unknown): PlanNode => {
    const node = json as Json;
    const ref = node['ref'];
    return ref === undefined ? nodeFromJson(node, read) : (shared[ref as number] as PlanNode);
  };
  for (const json of (document['shared'] as Json[] | undefined) ?? []) shared.push(read(json));
  return read(document['plan']);
}

function nodeToJson(p: PlanNode, write: (node: PlanNode) => unknown): Json {
  switch (p.node) {
    case 'scan':
      return { ...p, predicate: p.predicate === null ? null : exprToJson(p.predicate) };
    case 'table':
      return p as unknown as Json;
    case 'project':
      return { node: p.node, input: write(p.input), exprs: p.exprs.map(namedToJson) };
    case 'filter':
      return { node: p.node, input: write(p.input), predicate: exprToJson(p.predicate), ...ownSchema(p) };
    case 'aggregate':
      return {
        node: p.node,
        input: write(p.input),
        keys: p.keys.map(namedToJson),
        aggs: p.aggs.map(namedToJson),
        maintainOrder: p.maintainOrder,
      };
    case 'join':
      return { ...p, left: write(p.left), right: write(p.right) };
    case 'sort':
      return { node: p.node, input: write(p.input), keys: p.keys.map(keyToJson), limit: p.limit, ...ownSchema(p) };
    case 'slice':
      return { node: p.node, input: write(p.input), offset: p.offset, length: p.length, ...ownSchema(p) };
    case 'distinct': {
      const { schema: _, ...rest } = p;
      return { ...rest, input: write(p.input), ...ownSchema(p) };
    }
    case 'union':
      return { node: p.node, inputs: p.inputs.map(write), how: p.how, schema: p.schema };
    case 'write':
    case 'host':
      return { ...p, input: write(p.input) };
  }
}

/** The schema of a node that gives its input's rows, where it knows more about nulls than its input. */
const ownSchema = (p: PlanNode & { readonly input: PlanNode }): Json =>
  p.schema === p.input.schema ? {} : { schema: p.schema };
const schemaFrom = (j: Json, input: PlanNode): Schema =>
  j['schema'] === undefined ? input.schema : (deepFreeze(j['schema']) as Schema);

function nodeFromJson(json: Json, read: (node: unknown) => PlanNode): PlanNode {
  const j = json as Record<string, any>;
  switch (j['node'] as PlanNode['node']) {
    case 'scan':
      return deepFreeze({ ...j, predicate: j['predicate'] === null ? null : exprFromJson(j['predicate']) }) as never;
    case 'table':
      return deepFreeze({ ...j }) as never;
    case 'project': {
      const exprs = freezeAll(j['exprs'].map(namedFromJson)) as readonly NamedExpr[];
      return frozen({ node: 'project', input: read(j['input']), exprs, schema: fieldsOf(exprs) });
    }
    case 'filter': {
      const input = read(j['input']);
      return frozen({ node: 'filter', input, predicate: exprFromJson(j['predicate']), schema: schemaFrom(j, input) });
    }
    case 'aggregate': {
      const keys = freezeAll(j['keys'].map(namedFromJson)) as readonly NamedExpr[];
      const aggs = freezeAll(j['aggs'].map(namedFromJson)) as readonly NamedExpr[];
      return frozen({
        node: 'aggregate',
        input: read(j['input']),
        keys,
        aggs,
        maintainOrder: j['maintainOrder'],
        schema: fieldsOf([...keys, ...aggs]),
      });
    }
    case 'join':
      return frozen({ ...freezeParts(j, 'left', 'right'), left: read(j['left']), right: read(j['right']) } as never);
    case 'sort': {
      const input = read(j['input']);
      const keys = freezeAll(j['keys'].map(keyFromJson)) as readonly OrderKey[];
      return frozen({ node: 'sort', input, keys, limit: j['limit'], schema: schemaFrom(j, input) });
    }
    case 'slice': {
      const input = read(j['input']);
      return frozen({ node: 'slice', input, offset: j['offset'], length: j['length'], schema: schemaFrom(j, input) });
    }
    case 'distinct': {
      const input = read(j['input']);
      return frozen({ ...freezeParts(j, 'input'), input, schema: schemaFrom(j, input) } as never);
    }
    case 'union':
      return frozen({ ...freezeParts(j, 'inputs'), inputs: freezeAll(j['inputs'].map(read)) } as never);
    case 'write':
    case 'host':
      return frozen({ ...freezeParts(j, 'input'), input: read(j['input']) } as never);
    default:
      throw new ParameterError(`Unknown plan node "${String(j['node'])}".`);
  }
}

const frozen = (node: PlanNode): PlanNode => Object.freeze(node);
const freezeAll = <T>(items: T[]): readonly T[] => Object.freeze(items);

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}

/** Every part but the named ones, frozen. */
function freezeParts(j: Json, ...inputs: string[]): Json {
  return Object.fromEntries(
    Object.entries(j)
      .filter(([key]) => !inputs.includes(key))
      .map(([key, value]) => [key, deepFreeze(value)]),
  );
}

const fieldsOf = (exprs: readonly NamedExpr[]): Schema =>
  Object.freeze(exprs.map((e): Field => Object.freeze({ name: e.name, type: e.expr.type, nullable: e.expr.nullable })));

const namedToJson = (e: NamedExpr): Json => ({ name: e.name, expr: exprToJson(e.expr) });
const namedFromJson = (j: Json): NamedExpr =>
  Object.freeze({ name: j['name'] as string, expr: exprFromJson(j['expr'] as Json) });
const keyToJson = (k: OrderKey): Json => ({ ...k, expr: exprToJson(k.expr) });
const keyFromJson = (j: Json): OrderKey =>
  Object.freeze({ ...j, expr: exprFromJson(j['expr'] as Json) }) as unknown as OrderKey;

const PLAIN: Record<string, LogicalType> = {};

/** A dtype without parameters is its name. */
const typeToJson = (t: LogicalType): unknown => (Object.keys(t).length === 1 ? t.dtype : t);
function typeFromJson(json: unknown): LogicalType {
  if (typeof json !== 'string') return deepFreeze(json) as LogicalType;
  return (PLAIN[json] ??= Object.freeze({ dtype: json }) as LogicalType);
}

/** An expression as plain JSON. */
export function exprToJson(e: ExprNode): Json {
  const typed = { type: typeToJson(e.type), nullable: e.nullable };
  switch (e.node) {
    case 'col':
      return { node: 'col', name: e.name, ...typed };
    case 'lit':
      return { node: 'lit', value: literalToJson(e.value, e.type), ...typed };
    case 'call':
      return { node: 'call', fn: e.fn, args: e.args.map(exprToJson), options: e.options, ...typed };
    case 'cast':
      return { node: 'cast', expr: exprToJson(e.expr), strict: e.strict, ...typed };
    case 'when':
      return {
        node: 'when',
        branches: e.branches.map((b) => ({ when: exprToJson(b.when), then: exprToJson(b.then) })),
        otherwise: exprToJson(e.otherwise),
        ...typed,
      };
    case 'over':
      return {
        node: 'over',
        expr: exprToJson(e.expr),
        partitionBy: e.partitionBy.map(exprToJson),
        orderBy: e.orderBy.map(keyToJson),
        ...typed,
      };
  }
}

/** An expression from the JSON of `exprToJson`. */
export function exprFromJson(json: Json): ExprNode {
  const j = json as Record<string, any>;
  const typed = { type: typeFromJson(j['type']), nullable: j['nullable'] as boolean };
  switch (j['node'] as ExprNode['node']) {
    case 'col':
      return Object.freeze({ node: 'col', name: j['name'], ...typed });
    case 'lit':
      return Object.freeze({ node: 'lit', value: literalFromJson(j['value']), ...typed }) as LitNode;
    case 'call':
      return Object.freeze({
        node: 'call',
        fn: j['fn'],
        args: freezeAll(j['args'].map(exprFromJson)) as readonly ExprNode[],
        options: deepFreeze(j['options']),
        ...typed,
      });
    case 'cast':
      return Object.freeze({ node: 'cast', expr: exprFromJson(j['expr']), strict: j['strict'], ...typed });
    case 'when':
      return Object.freeze({
        node: 'when',
        branches: freezeAll(
          j['branches'].map((b: Json) =>
            Object.freeze({ when: exprFromJson(b['when'] as Json), then: exprFromJson(b['then'] as Json) }),
          ),
        ) as never,
        otherwise: exprFromJson(j['otherwise']),
        ...typed,
      });
    case 'over':
      return Object.freeze({
        node: 'over',
        expr: exprFromJson(j['expr']),
        partitionBy: freezeAll(j['partitionBy'].map(exprFromJson)) as readonly ExprNode[],
        orderBy: freezeAll(j['orderBy'].map(keyFromJson)) as readonly OrderKey[],
        ...typed,
      });
    default:
      throw new ParameterError(`Unknown expression node "${String(j['node'])}".`);
  }
}

/** Strings, booleans, null and numbers that JSON keeps stand for themselves; the rest is `{ dtype, value: text }`. */
function literalToJson(value: LiteralValue, type: LogicalType): unknown {
  if (Array.isArray(value)) return value.map((v: LiteralValue) => literalToJson(v, type));
  const dtype = type.dtype;
  if (typeof value === 'bigint') return { dtype, value: value.toString() };
  if (value instanceof Uint8Array) return { dtype, value: Buffer.from(value).toString('base64') };
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return { dtype, value: Object.is(value, -0) ? '-0' : String(value) };
  }
  return value;
}

function literalFromJson(json: unknown): LiteralValue {
  if (Array.isArray(json)) return Object.freeze(json.map(literalFromJson));
  if (typeof json !== 'object' || json === null) return json as LiteralValue;
  const { dtype, value } = json as { dtype: string; value: string };
  if (dtype === 'Float32' || dtype === 'Float64') return Number(value);
  return dtype === 'Binary' ? new Uint8Array(Buffer.from(value, 'base64')) : BigInt(value);
}
