// Verbs as plan nodes: what the frame offers beyond the closed node set is rewritten here, so no backend sees it.

import { ParameterError } from '../errors.ts';
import { BROADCAST, bindExpr, PER_ROW } from '../expr/bind.ts';
import { col, len, random, rowIndex } from '../expr/builders.ts';
import type { ExprNode, NamedExpr, OrderKey } from '../expr/nodes.ts';
import { FLOAT64 } from '../expr/row-rules.ts';
import { Float64 } from '../schema/dtypes.ts';
import { checkUnique, duplicateColumn, fieldOf, mergeSchemas, namesOf, sameSchema } from '../schema/schema.ts';
import { type Field, isNested, isNumeric, type Schema, sameType } from '../schema/types.ts';
import { refuseUnknown } from '../util/known-options.ts';
import { drawSeed } from '../util/philox.ts';
import { aggregateOver, selected } from './aggregates.ts';
import * as build from './build.ts';
import { colNode, keep, named } from './build.ts';
import type { FunctionKey, JoinHow, PlanNode } from './nodes.ts';

const lookUp = (plan: PlanNode, names: readonly string[], where: string): Field[] =>
  names.map((name) => fieldOf(plan.schema, name, where));

export function select(plan: PlanNode, columns: readonly unknown[]): PlanNode {
  return selected(plan, columns);
}

export function withColumns(plan: PlanNode, columns: object): PlanNode {
  if (typeof columns !== 'object' || columns === null || Array.isArray(columns))
    throw new ParameterError(
      `Expected an object of new columns for withColumns but received ${typeof columns}. Write withColumns({ name: (c) => … }).`,
      { verb: 'withColumns' },
    );
  const added = new Map<string, ExprNode>();
  for (const [name, item] of Object.entries(columns))
    added.set(name, bindExpr(item, plan.schema, { verb: 'withColumns', name, allow: BROADCAST }));
  const exprs = plan.schema.map((f) => {
    const expr = added.get(f.name);
    if (expr === undefined) return keep(f);
    added.delete(f.name);
    return named(f.name, expr);
  });
  return build.projectNode(plan, [...exprs, ...[...added].map(([name, expr]) => named(name, expr))], 'withColumns()');
}

export function drop(plan: PlanNode, names: readonly string[]): PlanNode {
  lookUp(plan, names, 'drop()');
  return build.projectNode(plan, plan.schema.filter((f) => !names.includes(f.name)).map(keep), 'drop()');
}

export function rename(plan: PlanNode, names: Readonly<Record<string, string>>): PlanNode {
  lookUp(plan, Object.keys(names), 'rename()');
  const exprs = plan.schema.map((f) =>
    named(Object.hasOwn(names, f.name) ? (names[f.name] as string) : f.name, colNode(f)),
  );
  return build.projectNode(plan, exprs, 'rename()');
}

export function filter(plan: PlanNode, predicate: unknown): PlanNode {
  return build.filterNode(plan, bindExpr(predicate, plan.schema, { verb: 'filter', allow: PER_ROW }));
}

interface UserKey {
  readonly by: unknown;
  readonly descending?: boolean;
  readonly nullsFirst?: boolean;
}

export function sort(plan: PlanNode, keys: readonly unknown[]): PlanNode {
  return build.sortNode(
    plan,
    keys.map((key): OrderKey => {
      if (typeof key !== 'string') refuseUnknown('a key of sort()', key as object, ['by', 'descending', 'nullsFirst']);
      const { by, descending = false, nullsFirst = false } = typeof key === 'string' ? { by: key } : (key as UserKey);
      const expr =
        typeof by === 'string'
          ? colNode(fieldOf(plan.schema, by, 'sort()'))
          : bindExpr(by, plan.schema, { verb: 'sort', allow: PER_ROW });
      return { expr, descending, nullsFirst };
    }),
  );
}

export function head(plan: PlanNode, rows: number): PlanNode {
  build.checkCount('rows', 'head', rows);
  return build.sliceNode(plan, 0, rows);
}

export function tail(plan: PlanNode, rows: number): PlanNode {
  build.checkCount('rows', 'tail', rows);
  return rows === 0 ? build.sliceNode(plan, 0, 0) : build.sliceNode(plan, -rows, null);
}

export function slice(plan: PlanNode, offset: number, length: number | undefined): PlanNode {
  return build.sliceNode(plan, offset, length ?? null);
}

export function withRowIndex(plan: PlanNode, name: string, offset: number): PlanNode {
  build.checkCount('offset', 'withRowIndex', offset);
  if (plan.schema.some((f) => f.name === name)) throw duplicateColumn(name, 'withRowIndex()');
  return build.projectNode(plan, [
    named(name, bindExpr(rowIndex(offset), plan.schema, { verb: 'withRowIndex', allow: PER_ROW })),
    ...plan.schema.map(keep),
  ]);
}

/** A name that no column has. */
export function freeName(schema: Schema, stem: string): string {
  let name = stem;
  for (let i = 1; schema.some((f) => f.name === name); i++) name = `${stem}${i}`;
  return name;
}

export type SampleArguments = ({ readonly n: number } | { readonly fraction: number }) & {
  readonly randomState?: number;
};

/** Every row draws a number; the rows with the smallest numbers stay, in their order. */
export function sample(plan: PlanNode, options: SampleArguments): PlanNode {
  refuseUnknown('sample()', options, ['n', 'fraction', 'randomState']);
  if ('n' in options === 'fraction' in options)
    throw new ParameterError(
      'The options of sample() must have either n or fraction: `{ n: 100 }` or `{ fraction: 0.1 }`.',
      {
        parameter: 'n',
      },
    );
  const seed = options.randomState ?? drawSeed();
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new ParameterError(
      `The 'randomState' parameter of sample must be a whole number in [0, 2^32). Got ${seed}.`,
      {
        parameter: 'randomState',
      },
    );
  }
  const draw = freeName(plan.schema, 'draw');
  const drawn = build.projectNode(plan, [
    ...plan.schema.map(keep),
    named(draw, bindExpr(random(seed), plan.schema, { verb: 'sample', allow: PER_ROW })),
  ]);
  const restored = (input: PlanNode): PlanNode => build.projectNode(input, plan.schema.map(keep));
  const place = col(draw).rank({ method: 'ordinal' });
  if ('n' in options) {
    build.checkCount('n', 'sample', options.n);
    return restored(
      build.filterNode(drawn, bindExpr(place.le(options.n), drawn.schema, { verb: 'sample', allow: BROADCAST })),
    );
  }
  const { fraction } = options;
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new ParameterError(`The 'fraction' parameter of sample must be a number in [0, 1]. Got ${fraction}.`, {
      parameter: 'fraction',
    });
  }
  const wanted = len().cast(Float64).mul(fraction).round();
  return restored(
    build.filterNode(
      drawn,
      bindExpr(place.cast(Float64).le(wanted), drawn.schema, { verb: 'sample', allow: BROADCAST }),
    ),
  );
}

export interface UniqueArguments {
  readonly subset?: readonly string[];
  readonly keep?: 'any' | 'first' | 'last' | 'none';
  readonly maintainOrder?: boolean;
}

export function unique(plan: PlanNode, options: UniqueArguments): PlanNode {
  refuseUnknown('unique()', options, ['subset', 'keep', 'maintainOrder']);
  const { subset = namesOf(plan.schema), keep: keepRow = 'any', maintainOrder = false } = options;
  if (!['any', 'first', 'last', 'none'].includes(keepRow)) {
    throw new ParameterError(
      `The 'keep' parameter of unique must be 'any', 'first', 'last' or 'none'. Got ${String(keepRow)}.`,
      {
        parameter: 'keep',
      },
    );
  }
  return build.distinctNode(plan, subset, keepRow, maintainOrder);
}

export function topK(plan: PlanNode, k: number, by: string, descending: boolean): PlanNode {
  const verb = descending ? 'topK' : 'bottomK';
  build.checkCount('k', verb, k);
  const expr = colNode(fieldOf(plan.schema, by, `${verb}()`));
  return build.sortNode(plan, [{ expr, descending, nullsFirst: false }], k);
}

export function dropNulls(plan: PlanNode, names: readonly string[]): PlanNode {
  const fields = names.length === 0 ? plan.schema : lookUp(plan, names, 'dropNulls()');
  const nullable = fields.filter((f) => f.nullable);
  if (nullable.length === 0) return plan;
  const predicate = nullable.map((f) => col(f.name).isNotNull()).reduce((all, next) => all.and(next));
  return build.filterNode(
    plan,
    bindExpr(predicate, plan.schema, { verb: 'dropNulls', allow: PER_ROW }),
    new Set(nullable.map((f) => f.name)),
  );
}

export function fillNull(plan: PlanNode, values: object): PlanNode {
  lookUp(plan, Object.keys(values), 'fillNull()');
  const filled = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, col(name).fillNull(value)]);
  return withColumns(plan, Object.fromEntries(filled));
}

export function groupBy(
  plan: PlanNode,
  keys: readonly unknown[],
  aggregates: object,
  maintainOrder: boolean,
): PlanNode {
  return aggregateOver(plan, keys, Object.entries(aggregates), maintainOrder);
}

export interface JoinArguments {
  readonly on?: string | readonly string[] | Readonly<Record<string, string>>;
  readonly how?: JoinHow;
  readonly suffix?: string;
  readonly nullsEqual?: boolean;
  readonly maintainOrder?: boolean;
}

const HOWS: readonly string[] = ['inner', 'left', 'right', 'full', 'semi', 'anti', 'cross'];

export function join(left: PlanNode, right: PlanNode, options: JoinArguments): PlanNode {
  refuseUnknown('join()', options, ['on', 'how', 'suffix', 'nullsEqual', 'maintainOrder']);
  const { on = [], how = 'inner', ...rest } = options;
  if (!HOWS.includes(how)) {
    throw new ParameterError(`The 'how' parameter of join must be one of ${HOWS.join(', ')}. Got ${String(how)}.`, {
      parameter: 'how',
    });
  }
  const pairs: [string, string][] =
    typeof on === 'string' ? [[on, on]] : isList(on) ? on.map((name) => [name, name]) : Object.entries(on);
  return build.joinNode(left, right, {
    how,
    leftOn: pairs.map(([l]) => l),
    rightOn: pairs.map(([, r]) => r),
    ...rest,
  });
}

const isList = (on: readonly string[] | Readonly<Record<string, string>>): on is readonly string[] => Array.isArray(on);

export function concat(plans: readonly PlanNode[], how: 'vertical' | 'diagonal' | 'horizontal'): PlanNode {
  if (how === 'horizontal' || plans.length === 0) return build.unionNode(plans, 'horizontal');
  if (how !== 'vertical' && how !== 'diagonal') {
    throw new ParameterError(
      `The 'how' parameter of concat must be 'vertical', 'diagonal' or 'horizontal'. Got ${String(how)}.`,
      {
        parameter: 'how',
      },
    );
  }
  const schema = mergeSchemas(
    plans.map((p) => p.schema),
    'concat()',
    how === 'vertical' ? 'throw' : 'null',
  );
  return build.unionNode(
    plans.map((p) => aligned(p, schema)),
    'vertical',
  );
}

/** The same rows with the columns of `schema`: reordered, null where the plan has none. */
function aligned(plan: PlanNode, schema: Schema): PlanNode {
  if (sameSchema(plan.schema, schema)) return plan;
  return build.projectNode(
    plan,
    schema.map((f): NamedExpr => {
      const own = plan.schema.find((g) => g.name === f.name);
      if (own !== undefined && sameType(own.type, f.type)) return keep(own);
      return named(f.name, Object.freeze({ node: 'lit', value: null, type: f.type, nullable: true }));
    }),
  );
}

const STATISTICS = ['count', 'nullCount', 'mean', 'std', 'min', '25%', '50%', '75%', 'max'] as const;

/**
 * One row of aggregates, turned by a host function into one row per statistic: `turn` registers it and gives its key.
 * The aggregates' columns are `statistic` × `column`, all of one column's statistics together.
 */
export function describe(
  plan: PlanNode,
  turn: (columns: readonly string[], statistics: readonly string[]) => FunctionKey,
): PlanNode {
  const columns = plan.schema.filter((f) => isNumeric(f.type) || f.type.dtype === 'Bool');
  if (columns.length === 0) {
    throw new ParameterError('Expected at least one numeric or Bool column for describe() but the frame has none.');
  }
  const floats = build.projectNode(
    plan,
    columns.map((f) =>
      named(f.name, bindExpr(col(f.name).cast(Float64), plan.schema, { verb: 'describe', allow: PER_ROW })),
    ),
  );
  const items = columns.flatMap((f) => {
    const x = col(f.name);
    const quartiles = [0.25, 0.5, 0.75].map((q) => x.quantile(q));
    const values = [x.count(), x.isNull().sum(), x.mean(), x.std(), x.min(), ...quartiles, x.max()];
    return values.map((value, i): [string, unknown] => [`${STATISTICS[i]} ${f.name}`, value.cast(Float64)]);
  });
  const one = aggregateOver(floats, [], items, false, 'describe');
  const schema = [
    build.field('statistic', Object.freeze({ dtype: 'Utf8' }), false),
    ...columns.map((f) => build.field(f.name, FLOAT64, true)),
  ];
  return build.hostNode(one, turn(namesOf(columns), STATISTICS), schema);
}

export function valueCounts(plan: PlanNode, names: readonly string[]): PlanNode {
  const keys = names.length === 0 ? namesOf(plan.schema) : names;
  lookUp(plan, keys, 'valueCounts()');
  checkUnique([...keys, 'count'], 'valueCounts()');
  const counted = aggregateOver(plan, keys, [['count', len()]], false, 'valueCounts');
  const sortable = keys.filter((name) => !isNested(fieldOf(counted.schema, name).type));
  return sort(counted, [{ by: 'count', descending: true }, ...sortable]);
}

export function nullCount(plan: PlanNode): PlanNode {
  const items = plan.schema.map((f): [string, unknown] => [f.name, col(f.name).isNull().sum()]);
  return aggregateOver(plan, [], items, false, 'nullCount');
}

/** One row, one column: the number of rows. */
export function count(plan: PlanNode): PlanNode {
  return aggregateOver(plan, [], [['rows', len()]], false, 'count');
}
