// All operations by kind, and how arguments are drawn.
import { FUNCTIONS } from '../../ts/expr/functions.ts';
import type { Excluded, Gen, Operation, Want } from './operations.ts';
import { GROUP_OPERATIONS } from './operations-groups.ts';
import { TEXT_OPERATIONS } from './operations-text.ts';
import { TIME_OPERATIONS } from './operations-time.ts';
import { VALUE_OPERATIONS } from './operations-values.ts';
import { WINDOW_OPERATIONS } from './operations-windows.ts';
import { GROUP, keySql, type Scope, type Typed } from './typed.ts';

type Row = Operation | Excluded;
const isOperation = (r: Row): r is Operation => 'draw' in r;
export const ROW_TABLE: readonly Row[] = [...VALUE_OPERATIONS, ...TEXT_OPERATIONS, ...TIME_OPERATIONS];
export const ALL_ROWS: readonly Row[] = [...ROW_TABLE, ...GROUP_OPERATIONS, ...WINDOW_OPERATIONS];
const ROWS = ROW_TABLE.filter(isOperation);
const GROUPS = GROUP_OPERATIONS.filter(isOperation);
const WINDOWS = WINDOW_OPERATIONS.filter(isOperation);
export const REGISTRY_NAMES = Object.keys(FUNCTIONS);

/** Functions drawn rarely so far come first: coverage does not wait for luck. */
const drawn = new Map<Operation, number>();
function choose(scope: Scope, from: readonly Operation[]): Operation {
  const few = Array.from({ length: 5 }, () => scope.draw.pick(from));
  few.sort((a, b) => (drawn.get(a) ?? 0) - (drawn.get(b) ?? 0));
  return few[0] as Operation;
}
/** Functions that a last bit of an argument does not turn over; others draw exact arguments only. */
const CALM: ReadonlySet<string> = new Set(
  'add sub mul neg abs coalesce exp sin cos atan isNull isNotNull isNan isFinite clipMin clipMax sum mean min max count first last implode cumSum cumMin cumMax cumCount shift rollingMean rollingMin rollingMax forwardFill backwardFill'.split(
    ' ',
  ),
);
function attempt(scope: Scope, from: readonly Operation[], gen: (exact: boolean) => Gen): Typed | null {
  const operation = choose(scope, from);
  const made = operation.draw(gen(!CALM.has(operation.fn)));
  if (made !== null) drawn.set(operation, (drawn.get(operation) ?? 0) + 1);
  return made;
}

/** SQL that grows past this is not nested further. */
const LONG = 1500;

const genOf =
  (scope: Scope, depth: number, over: string, window: (frame?: string) => string) =>
  (exact: boolean): Gen => {
    const column = (want: Want): Typed | null => {
      const fit = scope.columns.filter((c) => want(c.type) && (c.exact || !exact));
      return fit.length === 0 ? null : scope.draw.pick(fit);
    };
    return {
      scope,
      column,
      over,
      window,
      value(want) {
        if (depth > 0 && scope.draw.chance(0.3)) {
          for (let i = 0; i < 4; i++) {
            const e = rowExpression({ ...scope, partition: [] }, depth - 1);
            if (e !== null && want(e.type) && e.sql.length < LONG && (e.exact || !exact)) return e;
          }
        }
        return column(want);
      },
    };
  };
const none = (): string => '';

/** An expression over one row. */
export function rowExpression(scope: Scope, depth: number): Typed | null {
  const gen = genOf(scope, depth, '', none);
  for (let i = 0; i < 8; i++) {
    const made = attempt(scope, ROWS, gen);
    if (made !== null) return made;
  }
  return null;
}
/** An aggregate for agg(), perhaps combined with another one. */
export function aggregate(scope: Scope): Typed | null {
  const inside = { ...scope, partition: GROUP };
  const plain = (): Typed | null => {
    for (let i = 0; i < 8; i++) {
      const made = attempt(scope, GROUPS, genOf(inside, 1, '', none));
      if (made !== null) return made;
    }
    return null;
  };
  if (!scope.draw.chance(0.25)) return plain();
  // An expression whose operands are aggregates.
  const operand = (want: Want, exact: boolean): Typed | null => {
    for (let i = 0; i < 12; i++) {
      const a = plain();
      if (a !== null && want(a.type) && a.sql.length < LONG && (a.exact || !exact)) return a;
    }
    return null;
  };
  const gen = (exact: boolean): Gen => ({
    scope: inside,
    over: '',
    window: none,
    column: () => null,
    value: (want) => operand(want, exact),
  });
  for (let i = 0; i < 4; i++) {
    const made = attempt(scope, ROWS, gen);
    if (made !== null) return made;
  }
  return plain();
}
const partitionSql = (keys: readonly Typed[]): string =>
  keys.length === 0 ? '' : `PARTITION BY ${keys.map(keySql).join(', ')}`;

/** A window expression over keys, which ends in `.over(…)` itself. */
export function windowExpression(scope: Scope, orderBy: { sql: string; arg: unknown } | null): Typed | null {
  const rowOrder = `${orderBy === null ? '' : `${orderBy.sql}, `}__o`;
  const order = `ORDER BY ${rowOrder}`;
  const partition = partitionSql(scope.partition);
  const window = (frame = ''): string => `OVER (${partition} ${order} ${frame})`;
  const options = orderBy === null ? [] : [orderBy.arg];
  for (let i = 0; i < 8; i++) {
    const isAggregate = scope.draw.chance(0.3);
    const whole = scope.ordered
      ? ` ${window('ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING')}`
      : ` OVER (${partition})`;
    if (!isAggregate && !scope.ordered) continue;
    const made = attempt(
      scope,
      isAggregate ? GROUPS : WINDOWS,
      genOf({ ...scope, rowOrder }, 1, isAggregate ? whole : '', window),
    );
    if (made === null) continue;
    if (scope.partition.length === 0 && options.length === 0 && !isAggregate) return made;
    return {
      ...made,
      expr: made.expr.over(
        scope.partition.map((k) => k.expr),
        ...(options as never[]).map((o: { expr: unknown; descending: boolean }) => ({
          orderBy: o.expr,
          descending: o.descending,
        })),
      ),
      code: `${made.code}.over([${scope.partition.map((k) => k.code).join(', ')}]${options.length > 0 ? `, { orderBy: ${(options[0] as { code: string }).code}, descending: ${(options[0] as { descending: boolean }).descending} }` : ''})`,
    };
  }
  return null;
}
