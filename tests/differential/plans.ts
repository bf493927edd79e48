// Random plans: verbs over a frame, in both languages.
import type { DataFrame } from '../../ts/index.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import type { Draw } from './draw.ts';
import type { RandomFrame } from './frames.ts';
import { aggregate, rowExpression, windowExpression } from './registry.ts';
import { column, GROUP, id, isBool, isFlat, isFloat, isNested, keySql, type Scope, type Typed } from './typed.ts';

/** A relation under construction. */
export interface State {
  readonly df: DataFrame;
  readonly columns: readonly Typed[];
  /** The hidden column __o holds the order of rows. */
  readonly ordered: boolean;
  readonly rows: number;
  /** CTEs: `s1 AS (…)`. */
  readonly steps: readonly string[];
  readonly relation: string;
  readonly code: string;
}

export const startOf = (frame: RandomFrame): State => ({
  df: frame.df,
  columns: frame.columns,
  ordered: true,
  rows: frame.rows,
  steps: [],
  relation: frame.name,
  code: frame.name,
});

export const scopeOf = (draw: Draw, s: State, partition: readonly Typed[] = []): Scope => ({
  draw,
  frame: s.df,
  columns: s.columns,
  ordered: s.ordered,
  partition,
  prepared: new Map(),
});
const typesOf = (df: DataFrame, before: readonly Typed[]): Typed[] =>
  df.columns.map((name) => {
    const { nullable: _, ...type } = df.schema[name] as LogicalType & { nullable: boolean };
    const old = before.find((c) => c.sql === id(name));
    return column(name, type as LogicalType, old?.plain ?? false, old?.exact ?? !isFloat(type as LogicalType));
  });

/** The next state: the frame a verb gives, and the SQL that selects from `s.relation`. */
export function next(s: State, df: DataFrame, code: string, sql: string, more: Partial<State> = {}): State {
  const relation = `s${s.steps.length + 1}`;
  return {
    ...s,
    df,
    columns: typesOf(df, more.columns ?? s.columns),
    steps: [...(more.steps ?? s.steps), `${relation} AS (${sql})`],
    relation,
    code: `${s.code}\n  ${code}`,
    ...without(more),
  };
}
const without = ({ columns: _c, steps: _s, ...rest }: Partial<State>): Partial<State> => rest;

export const order = (s: State): string => (s.ordered ? ', __o' : '');

const named = (made: readonly [string, Typed][]): Typed[] => made.map(([n, e]) => ({ ...e, sql: id(n) }));

export type Verb = (draw: Draw, s: State) => State | null;

/** Names that no step before has given. */
const fresh = (stem: string, s: State, n: number): string[] =>
  Array.from({ length: n }, (_, i) => `${stem}${s.steps.length}${'abcdef'[i]}`);
/** A row expression, or a window over keys where the rows have an order. */
function anyExpression(draw: Draw, s: State): Typed | null {
  if (!draw.chance(0.3)) return rowExpression(scopeOf(draw, s), 2);
  const keys = partitionKeys(draw, s);
  const by = draw.chance(0.25) ? draw.pick(s.columns.filter((c) => isFlat(c.type) && c.exact)) : undefined;
  const descending = draw.chance(0.4);
  const orderBy =
    by === undefined || !s.ordered
      ? null
      : {
          sql: `${keySql(by)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`,
          arg: { expr: by.expr, code: by.code, descending },
        };
  return windowExpression(scopeOf(draw, s, keys), orderBy);
}
function partitionKeys(draw: Draw, s: State): Typed[] {
  const named = s.columns.filter((c) => ['"k"', '"w"', '"p"', '"cat"', '"j32"', '"bin"', '"f64"'].includes(c.sql));
  return draw.some(named, draw.pick([0, 1, 1, 2]));
}

const withColumns: Verb = (draw, s) => {
  const made: [string, Typed][] = [];
  for (const name of fresh('n', s, draw.int(1, 4))) {
    const e = anyExpression(draw, s);
    if (e !== null)
      made.push([
        draw.chance(0.15)
          ? (draw.pick(s.df.columns.filter((n) => n !== 'r' && !made.some(([m]) => m === n)).concat(name)) as string)
          : name,
        e,
      ]);
  }
  if (made.length === 0) return null;
  const df = s.df.withColumns(Object.fromEntries(made.map(([n, e]) => [n, e.expr])) as never);
  const kept = s.df.columns.filter((n) => !made.some(([m]) => m === n)).map(id);
  const sql = `SELECT ${[...kept, ...made.map(([n, e]) => `${e.sql} AS ${id(n)}`)].join(', ')}${order(s)} FROM ${s.relation}`;
  return next(s, df, `.withColumns({ ${made.map(([n, e]) => `${n}: ${e.code}`).join(', ')} })`, sql, {
    columns: [...s.columns.filter((c) => !made.some(([m]) => id(m) === c.sql)), ...named(made)],
  });
};
const select: Verb = (draw, s) => {
  const kept = draw.some(s.df.columns, draw.int(1, 6));
  const made = fresh('m', s, draw.int(0, 3)).flatMap((n): [string, Typed][] => {
    const e = anyExpression(draw, s);
    return e === null ? [] : [[n, e]];
  });
  const df = s.df.select(
    ...(kept as never[]),
    ...((made.length === 0 ? [] : [Object.fromEntries(made.map(([n, e]) => [n, e.expr]))]) as never[]),
  );
  const sql = `SELECT ${[...kept.map(id), ...made.map(([n, e]) => `${e.sql} AS ${id(n)}`)].join(', ')}${order(s)} FROM ${s.relation}`;
  return next(
    s,
    df,
    `.select(${[...kept.map((k) => JSON.stringify(k)), ...(made.length === 0 ? [] : [`{ ${made.map(([n, e]) => `${n}: ${e.code}`).join(', ')} }`])].join(', ')})`,
    sql,
    { columns: [...s.columns.filter((c) => kept.some((k) => id(k) === c.sql)), ...named(made)] },
  );
};
/** A predicate; a window in one is computed in a step before it. */
export const filter: Verb = (draw, s) => {
  for (let i = 0; i < 30; i++) {
    const e = i < 15 ? anyExpression(draw, s) : draw.pick(s.columns);
    if (e === null || !isBool(e.type)) continue;
    const inner = `SELECT *, ${e.sql} AS __keep FROM ${s.relation}`;
    return next(
      s,
      s.df.filter(e.expr as never),
      `.filter(${e.code})`,
      `SELECT * EXCLUDE (__keep) FROM (${inner}) WHERE __keep`,
    );
  }
  return null;
};
const groupBy: Verb = (draw, s) => {
  const scope = scopeOf(draw, s, GROUP);
  const flat = s.columns.filter((c) => isFlat(c.type) && c.exact);
  const few = flat.filter((c) => ['"k"', '"w"', '"p"', '"cat"', '"j32"', '"bin"', '"f64"', '"f32"'].includes(c.sql));
  const keys = draw.some(draw.chance(0.7) && few.length > 0 ? few : flat, draw.pick([1, 1, 2, 3]));
  if (keys.length === 0) return null;
  const names = keys.map((k) => k.sql.slice(1, -1));
  const made: [string, Typed][] = [];
  for (const name of fresh('a', s, draw.int(1, 5))) {
    const e = aggregate(scope);
    if (e !== null) made.push([name, e]);
  }
  if (made.length === 0) return null;
  const maintainOrder = s.ordered && draw.chance(0.3);
  const options = maintainOrder ? { maintainOrder } : {};
  // One more key, computed.
  const computed = draw.chance(0.2) ? rowExpression(scopeOf(draw, s), 1) : null;
  const extra = computed?.exact && isFlat(computed.type) ? computed : null;
  const keyName = `key${s.steps.length}`;
  const df = s.df
    .groupBy(...([...names, ...(extra === null ? [] : [{ [keyName]: extra.expr }])] as never[]))
    .agg(Object.fromEntries(made.map(([n, e]) => [n, e.expr])) as never, options);
  const by = [...keys.map((k) => k.sql), ...(extra === null ? [] : [id(keyName)])];
  const from = extra === null ? s.relation : `(SELECT *, ${extra.sql} AS ${id(keyName)} FROM ${s.relation})`;
  const sql = `SELECT ${[...by, ...made.map(([n, e]) => `${e.sql} AS ${id(n)}`)].join(', ')}${maintainOrder ? ', min(__o) AS __o' : ''} FROM ${from} GROUP BY ${by.join(', ')}`;
  const keyCode = [
    ...names.map((k) => JSON.stringify(k)),
    ...(extra === null ? [] : [`{ ${keyName}: ${extra.code} }`]),
  ];
  return next(
    s,
    df,
    `.groupBy(${keyCode.join(', ')}).agg({ ${made.map(([n, e]) => `${n}: ${e.code}`).join(', ')} }${maintainOrder ? ', { maintainOrder: true }' : ''})`,
    sql,
    {
      columns: [...keys, ...named(made)],
      ordered: maintainOrder,
    },
  );
};

/** Nulls of every column: one row. */
export const nullCount = (s: State): State => {
  const counts = s.df.columns.map((n) => `count(*) - count(${id(n)}) AS ${id(n)}`).join(', ');
  return next(s, s.df.nullCount(), '.nullCount()', `SELECT ${counts}, 0 AS __o FROM ${s.relation}`, { ordered: true });
};
export const dropNested = (s: State): State => {
  const kept = s.columns.filter((c) => !isNested(c.type) || c.type.dtype === 'List').map((c) => c.sql.slice(1, -1));
  if (kept.length === s.columns.length) return s;
  // Structs alone: their nulls at least.
  if (kept.length === 0) return nullCount(s);
  return next(
    s,
    s.df.select(...(kept as never[])),
    `.select(${kept.map((k) => JSON.stringify(k)).join(', ')})`,
    `SELECT ${kept.map(id).join(', ')}${order(s)} FROM ${s.relation}`,
  );
};

/** Aggregates of all rows: one row. */
const reduce: Verb = (draw, s) => {
  const made = fresh('t', s, draw.int(1, 4)).flatMap((n): [string, Typed][] => {
    const e = aggregate(scopeOf(draw, s, GROUP));
    return e === null ? [] : [[n, e]];
  });
  if (made.length === 0) return null;
  const df = s.df.select(Object.fromEntries(made.map(([n, e]) => [n, e.expr])) as never);
  const sql = `SELECT ${made.map(([n, e]) => `${e.sql} AS ${id(n)}`).join(', ')}, 0 AS __o FROM ${s.relation}`;
  return next(s, df, `.select({ ${made.map(([n, e]) => `${n}: ${e.code}`).join(', ')} })`, sql, {
    columns: [],
    ordered: true,
    rows: 1,
  });
};
export const EXPRESSION_VERBS: readonly Verb[] = [
  withColumns,
  withColumns,
  withColumns,
  select,
  select,
  filter,
  filter,
  groupBy,
  groupBy,
  groupBy,
  reduce,
];
