// Makes plan nodes: checks what the schemas show, computes the output schema, freezes. Every error a verb can raise
// about its frame is raised here, on the user's line.
import { DTypeError, ParameterError, SchemaMismatchError } from '../errors.ts';
import type { ColNode, ExprNode, NamedExpr, OrderKey } from '../expr/nodes.ts';
import { checkUnique, duplicateColumn, fieldOf, fieldText, sameSchema } from '../schema/schema.ts';
import { type Field, type LogicalType, type Schema, sameType, typeText } from '../schema/types.ts';
import type {
  AggregateNode,
  DistinctNode,
  FileFormat,
  FilterNode,
  FunctionKey,
  HostNode,
  JoinHow,
  JoinNode,
  PlanNode,
  ProjectNode,
  SliceNode,
  SortNode,
  TableNode,
  UnionNode,
  WriteNode,
} from './nodes.ts';

/** A frozen field. */
export const field = (name: string, type: LogicalType, nullable: boolean): Field =>
  Object.freeze({ name, type, nullable });

/** A column of a schema as an expression. */
export const colNode = (f: Field): ColNode =>
  Object.freeze({ node: 'col', name: f.name, type: f.type, nullable: f.nullable });

/** A named expression. */
export const named = (name: string, expr: ExprNode): NamedExpr => Object.freeze({ name, expr });

/** A column kept under its name. */
export const keep = (f: Field): NamedExpr => named(f.name, colNode(f));

const made = (e: NamedExpr): Field => field(e.name, e.expr.type, e.expr.nullable);

export function tableNode(tableId: number, rows: number, schema: Schema): TableNode {
  return Object.freeze({ node: 'table', tableId, rows, schema: Object.freeze([...schema]) });
}

export function projectNode(input: PlanNode, exprs: readonly NamedExpr[], where = 'select()'): ProjectNode {
  if (exprs.length > 1)
    checkUnique(
      exprs.map((e) => e.name),
      where,
    );
  return Object.freeze({
    node: 'project',
    input,
    exprs: Object.freeze([...exprs]),
    schema: Object.freeze(exprs.map(made)),
  });
}

/** `notNull` names columns that the predicate proves to hold no null: the output schema says so. */
export function filterNode(input: PlanNode, predicate: ExprNode, notNull?: ReadonlySet<string>): FilterNode {
  if (predicate.type.dtype !== 'Bool' && predicate.type.dtype !== 'Null') {
    throw new DTypeError(
      `Expected a Bool predicate in filter but received ${typeText(predicate.type)}. Compare it: .gt(0), .isNotNull().`,
      { dtype: typeText(predicate.type) },
    );
  }
  const schema =
    notNull === undefined
      ? input.schema
      : Object.freeze(input.schema.map((f) => (notNull.has(f.name) && f.nullable ? field(f.name, f.type, false) : f)));
  return Object.freeze({ node: 'filter', input, predicate, schema });
}

export function aggregateNode(
  input: PlanNode,
  keys: readonly NamedExpr[],
  aggs: readonly NamedExpr[],
  maintainOrder = false,
): AggregateNode {
  checkUnique(
    [...keys, ...aggs].map((e) => e.name),
    'agg()',
  );
  return Object.freeze({
    node: 'aggregate',
    input,
    keys: Object.freeze([...keys]),
    aggs: Object.freeze([...aggs]),
    maintainOrder,
    schema: Object.freeze([...keys, ...aggs].map(made)),
  });
}

export interface JoinSpec {
  readonly how: JoinHow;
  readonly leftOn: readonly string[];
  readonly rightOn: readonly string[];
  readonly suffix?: string;
  readonly nullsEqual?: boolean;
  readonly maintainOrder?: boolean;
}

export function joinNode(left: PlanNode, right: PlanNode, spec: JoinSpec): JoinNode {
  const { how, leftOn, rightOn, suffix = '_right', nullsEqual = false, maintainOrder = false } = spec;
  if (how === 'cross' ? leftOn.length > 0 : leftOn.length === 0 || leftOn.length !== rightOn.length) {
    throw new ParameterError(
      how === 'cross'
        ? "The 'on' parameter of join must be absent for how: 'cross'."
        : "The 'on' parameter of join must name at least one key column.",
      { parameter: 'on' },
    );
  }
  checkUnique(leftOn, 'the left keys of join()');
  checkUnique(rightOn, 'the right keys of join()');
  leftOn.forEach((name, i) => {
    const l = fieldOf(left.schema, name);
    const r = fieldOf(right.schema, rightOn[i] as string);
    if (!sameType(l.type, r.type)) {
      throw new DTypeError(
        `Join keys differ in dtype: left "${l.name}" is ${typeText(l.type)}, right "${r.name}" is ${typeText(r.type)}. Cast one side first.`,
        { left: l.name, right: r.name },
      );
    }
  });
  return Object.freeze({
    node: 'join',
    left,
    right,
    how,
    leftOn: Object.freeze([...leftOn]),
    rightOn: Object.freeze([...rightOn]),
    suffix,
    nullsEqual,
    maintainOrder,
    build: 'right',
    schema: Object.freeze(joinSchema(left.schema, right.schema, how, leftOn, rightOn, suffix)),
  });
}

function joinSchema(
  left: Schema,
  right: Schema,
  how: JoinHow,
  leftOn: readonly string[],
  rightOn: readonly string[],
  suffix: string,
): Field[] {
  if (how === 'semi' || how === 'anti') return [...left];
  const leftMayMiss = how === 'right' || how === 'full';
  const rightMayMiss = how === 'left' || how === 'full';
  const out = left.map((f) => {
    const key = leftOn.indexOf(f.name);
    if (!leftMayMiss) return f;
    if (key < 0) return field(f.name, f.type, true);
    return field(f.name, f.type, f.nullable || fieldOf(right, rightOn[key] as string).nullable);
  });
  const taken = new Set(left.map((f) => f.name));
  for (const f of right) {
    if (rightOn.includes(f.name)) continue;
    const name = left.some((l) => l.name === f.name) ? f.name + suffix : f.name;
    if (taken.has(name)) {
      throw duplicateColumn(name, `join() with the suffix "${suffix}"`);
    }
    taken.add(name);
    out.push(field(name, f.type, f.nullable || rightMayMiss));
  }
  return out;
}

const UNSORTABLE = new Set(['List', 'FixedSizeList', 'Struct']);

export function sortNode(input: PlanNode, keys: readonly OrderKey[], limit: number | null = null): SortNode {
  if (keys.length === 0) {
    throw new ParameterError('The keys of sort must name at least one column.', { parameter: 'keys' });
  }
  for (const key of keys) {
    if (UNSORTABLE.has(key.expr.type.dtype)) {
      throw new DTypeError(`Expected sort keys with an order but received ${typeText(key.expr.type)}.`);
    }
  }
  return Object.freeze({ node: 'sort', input, keys: Object.freeze(keys.map(freeze)), limit, schema: input.schema });
}

const freeze = <T extends object>(x: T): Readonly<T> => Object.freeze(x);

export function sliceNode(input: PlanNode, offset: number, length: number | null): SliceNode {
  checkCount('offset', 'slice', offset, true);
  if (length !== null) checkCount('length', 'slice', length);
  return Object.freeze({ node: 'slice', input, offset, length, schema: input.schema });
}

export function distinctNode(
  input: PlanNode,
  subset: readonly string[],
  keepRow: DistinctNode['keep'],
  maintainOrder: boolean,
): DistinctNode {
  for (const name of subset) fieldOf(input.schema, name);
  checkUnique(subset, 'the subset of unique()');
  return Object.freeze({
    node: 'distinct',
    input,
    subset: Object.freeze([...subset]),
    keep: keepRow,
    maintainOrder,
    schema: input.schema,
  });
}

/** Inputs must hold the same columns (vertical) or share none (horizontal). */
export function unionNode(inputs: readonly PlanNode[], how: 'vertical' | 'horizontal'): UnionNode {
  const first = inputs[0];
  if (first === undefined) {
    throw new ParameterError('The frames of concat must be at least one. Got none.', { parameter: 'frames' });
  }
  let schema: Schema;
  if (how === 'horizontal') {
    schema = inputs.flatMap((p) => p.schema);
    checkUnique(
      schema.map((f) => f.name),
      'concat()',
    );
  } else {
    const other = inputs.find((p) => !sameSchema(first.schema, p.schema));
    if (other !== undefined) {
      throw new SchemaMismatchError(
        `Expected every input of a union to have the columns ${first.schema.map(fieldText).join(', ')} but received ${other.schema.map(fieldText).join(', ')}.`,
      );
    }
    schema = first.schema.map((f, i) => (inputs.some((p) => p.schema[i]?.nullable) ? field(f.name, f.type, true) : f));
  }
  return Object.freeze({ node: 'union', inputs: Object.freeze([...inputs]), how, schema: Object.freeze(schema) });
}

/** What a write gives: one row, the number of rows written. */
export const WRITE_SCHEMA: Schema = Object.freeze([field('rows', Object.freeze({ dtype: 'Int64' }), false)]);

export function writeNode(
  input: PlanNode,
  format: FileFormat,
  path: string,
  options: { readonly [name: string]: unknown },
): WriteNode {
  return Object.freeze({
    node: 'write',
    input,
    format,
    path,
    options: Object.freeze({ ...options }),
    schema: WRITE_SCHEMA,
  });
}

export function hostNode(input: PlanNode, functionKey: FunctionKey, schema: Schema): HostNode {
  return Object.freeze({ node: 'host', input, functionKey, schema: Object.freeze([...schema]) });
}

/** Throws unless `value` is a whole number (not negative unless `signed`). */
export function checkCount(parameter: string, verb: string, value: unknown, signed = false): asserts value is number {
  if (Number.isSafeInteger(value) && (signed || (value as number) >= 0)) return;
  const want = signed ? 'a whole number' : 'a whole number of at least 0';
  throw new ParameterError(`The '${parameter}' parameter of ${verb} must be ${want}. Got ${String(value)}.`, {
    parameter,
  });
}
