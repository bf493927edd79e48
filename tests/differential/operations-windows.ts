// Window functions.

import type { LogicalType } from '../../ts/schema/types.ts';
import type { Excluded, Operation } from './operations.ts';
import { literalFor } from './operations.ts';
import { moment, summable } from './operations-groups.ts';
import { call, double, isBool, isFlat, isFloat, isInt, isNumber, keySql, q, type Typed } from './typed.ts';

const SO_FAR = 'ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW';
const orNull = (a: Typed, sql: string): string => `(CASE WHEN (${a.sql}) IS NULL THEN NULL ELSE ${sql} END)`;

const rolling = (
  fn: 'rollingSum' | 'rollingMean' | 'rollingMin' | 'rollingMax' | 'rollingVar' | 'rollingStd' | 'rollingMedian',
): Operation => ({
  fn: fn === 'rollingStd' ? 'rollingVar' : fn,
  draw(g) {
    const { draw } = g.scope;
    // Values whose sums are exact: a sliding sum meets no rounding that a fresh one would not.
    const fit = (t: LogicalType): boolean => (isInt(t) && !t.dtype.endsWith('64')) || t.dtype === 'Float64';
    const extreme = fn === 'rollingMin' || fn === 'rollingMax';
    const a = extreme ? g.value(isNumber) : g.column(fit);
    // Half way from minus infinity to a number is NaN here, as in a quantile; DuckDB says minus infinity.
    if (a === null || (fn === 'rollingMedian' && isFloat(a.type) && a.sql !== '"g"')) return null;
    const windowRows = draw.pick([1, 2, 3, 5, 50]);
    const minPeriods = draw.pick([undefined, 1, 2, windowRows]);
    if (minPeriods !== undefined && minPeriods > windowRows) return null;
    const center = draw.chance(0.25);
    const back = center ? Math.floor(windowRows / 2) : windowRows - 1;
    const ahead = windowRows - 1 - back;
    const frame = g.window(`ROWS BETWEEN ${back} PRECEDING AND ${ahead} FOLLOWING`);
    const x = isFloat(a.type) || fn !== 'rollingSum' ? double(a) : `(${a.sql})::HUGEINT`;
    const count = `count(${a.sql}) ${frame}`;
    const odd = `count(CASE WHEN NOT isfinite(${double(a)}) THEN 1 END) ${frame} > 0`;
    const squares = `${moment(a.sql, a.sql, ` ${frame}`)} / ${count} / (${count} - 1)`;
    const clean = `CASE WHEN isfinite(${double(a)}) THEN ${double(a)} END`;
    const sql = {
      rollingSum: `coalesce(sum(${x}) ${frame}, 0)`,
      rollingMean: `avg(${x}) ${frame}`,
      rollingMin: `min(${a.sql}) ${frame}`,
      rollingMax: `max(${a.sql}) ${frame}`,
      rollingVar: isInt(a.type)
        ? `CASE WHEN ${count} >= 2 THEN ${squares} END`
        : `CASE WHEN ${count} < 2 THEN NULL WHEN ${odd} THEN 'NaN'::DOUBLE ELSE var_samp(${clean}) ${frame} END`,
      rollingStd: isInt(a.type)
        ? `CASE WHEN ${count} >= 2 THEN sqrt(${squares}) END`
        : `CASE WHEN ${count} < 2 THEN NULL WHEN ${odd} THEN 'NaN'::DOUBLE ELSE stddev_samp(${clean}) ${frame} END`,
      rollingMedian: `median(${x}) ${frame}`,
    }[fn];
    const options = { windowRows, ...(minPeriods === undefined ? {} : { minPeriods }), ...(center ? { center } : {}) };
    return call(g.scope, a, fn, [options], `(CASE WHEN ${count} >= ${minPeriods ?? windowRows} THEN ${sql} END)`);
  },
});

const running = (fn: 'cumMin' | 'cumMax', sql: string): Operation => ({
  fn,
  draw(g) {
    const a = g.value(isFlat);
    return a === null ? null : call(g.scope, a, fn, [], orNull(a, `${sql}(${a.sql}) ${g.window(SO_FAR)}`));
  },
});
const fill = (fn: 'forwardFill' | 'backwardFill'): Operation => ({
  fn,
  draw(g) {
    const a = g.value(isFlat);
    if (a === null) return null;
    const limit = g.scope.draw.pick([undefined, 1, 2, 10]);
    const reach = limit === undefined ? 'UNBOUNDED' : String(limit);
    const sql =
      fn === 'forwardFill'
        ? `last_value(${a.sql} IGNORE NULLS) ${g.window(`ROWS BETWEEN ${reach} PRECEDING AND CURRENT ROW`)}`
        : `first_value(${a.sql} IGNORE NULLS) ${g.window(`ROWS BETWEEN CURRENT ROW AND ${reach} FOLLOWING`)}`;
    return call(g.scope, a, fn, limit === undefined ? [] : [{ limit }], sql);
  },
});

export const WINDOW_OPERATIONS: readonly (Operation | Excluded)[] = [
  {
    fn: 'cumSum',
    draw(g) {
      const a = summable(g, (t) => t.dtype === 'Duration');
      if (a === null) return null;
      const x = isFloat(a.type) ? double(a) : `(${a.sql})::HUGEINT`;
      return call(g.scope, a, 'cumSum', [], orNull(a, `sum(${x}) ${g.window(SO_FAR)}`));
    },
  },
  {
    fn: 'cumProd',
    draw(g) {
      const a = g.column((t) => isInt(t) || t.dtype === 'Float64');
      if (a === null) return null;
      const small = call(
        g.scope,
        a,
        'clip',
        isInt(a.type) && !a.type.dtype.startsWith('U') ? [-1, 1] : [0, 1],
        isFloat(a.type)
          ? `(CASE WHEN (${a.sql}) IS NULL OR isnan(${a.sql}) THEN ${a.sql} ELSE least(greatest(${a.sql}, 0), 1) END)`
          : `(CASE WHEN ${a.sql} IS NULL THEN NULL ELSE least(greatest(${a.sql}, ${a.type.dtype.startsWith('U') ? 0 : -1}), 1) END)`,
      );
      return call(g.scope, small, 'cumProd', [], orNull(small, `product(${double(small)}) ${g.window(SO_FAR)}`));
    },
  },
  running('cumMin', 'min'),
  running('cumMax', 'max'),
  {
    fn: 'cumCount',
    draw(g) {
      const a = g.value(() => true);
      return a === null ? null : call(g.scope, a, 'cumCount', [], `count(${a.sql}) ${g.window(SO_FAR)}`);
    },
  },
  {
    fn: 'shift',
    draw(g) {
      const a = g.value(() => true);
      if (a === null) return null;
      const rows = g.scope.draw.pick([1, 1, 2, -1, -3, 0, 400]);
      const filler = g.scope.draw.chance(0.4) ? literalFor(g, a.type) : null;
      const sql = `${rows >= 0 ? 'lag' : 'lead'}(${a.sql}, ${Math.abs(rows)}${filler === null ? '' : `, ${filler.sql}`}) ${g.window()}`;
      return call(g.scope, a, 'shift', filler === null ? [rows] : [rows, { fill: filler.js }], sql);
    },
  },
  {
    fn: 'shift',
    draw(g) {
      const a = g.column((t) => isInt(t) && !t.dtype.endsWith('64'));
      if (a === null) return null;
      const rows = g.scope.draw.pick([1, 2, -1]);
      const lag = `${rows >= 0 ? 'lag' : 'lead'}(${a.sql}, ${Math.abs(rows)}) ${g.window()}`;
      const [name, sql] = g.scope.draw.pick([
        ['diff', 'diff'],
        ['pctChange', `(${double(a)} / (${lag})::DOUBLE - 1)`],
      ] as const);
      if (name === 'pctChange') return call(g.scope, a, name, [rows], sql);
      return call(g.scope, a, name, [rows], (t) => {
        const bits = BigInt(t.dtype.replace(/\D/g, ''));
        const half = 2n ** (bits - 1n);
        return `((((${a.sql})::HUGEINT - (${lag})::HUGEINT + ${half}) & ${2n * half - 1n}) - ${half})`;
      });
    },
  },
  {
    fn: 'rank',
    draw(g) {
      const a = g.column((t) => isFlat(t) || isBool(t));
      if (a === null) return null;
      const method = g.scope.draw.pick(['min', 'max', 'dense', 'ordinal', 'average'] as const);
      const descending = g.scope.draw.chance(0.3);
      const partition = g.scope.partition.map(keySql);
      const over = (order: string, frame = '') =>
        `OVER (${partition.length === 0 ? '' : `PARTITION BY ${partition.join(', ')}`} ORDER BY ${order} ${frame})`;
      const by = `${keySql(a)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`;
      const min = `rank() ${over(by)}`;
      const max = `count(*) ${over(by, 'RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW')}`;
      const sql = {
        min,
        max,
        dense: `dense_rank() ${over(by)}`,
        ordinal: `row_number() ${over(`${by}, ${g.scope.rowOrder ?? '__o'}`)}`,
        average: `(${min} + ${max})::DOUBLE / 2`,
      }[method];
      return call(g.scope, a, 'rank', [{ method, ...(descending ? { descending } : {}) }], orNull(a, sql));
    },
  },
  rolling('rollingSum'),
  rolling('rollingMean'),
  rolling('rollingMin'),
  rolling('rollingMax'),
  rolling('rollingVar'),
  rolling('rollingStd'),
  rolling('rollingMedian'),
  {
    fn: 'ewmMean',
    draw(g) {
      const a = g.column((t) => isInt(t) && !t.dtype.endsWith('64'));
      if (a === null) return null;
      // Σ xᵢ·(1−α)^(n−i) / Σ (1−α)^(n−i) over the rows so far, oldest first, as a fold over the list of values.
      const alpha = g.scope.draw.pick([0.5, 0.25, 0.9]);
      const x = `list((${double(a)})) FILTER (true) ${g.window(SO_FAR)}`;
      const values = `list_transform(${x}, lambda v: {'s': coalesce(v, 0), 'w': CASE WHEN v IS NULL THEN 0::DOUBLE ELSE 1::DOUBLE END})`;
      const fold = `list_reduce(${values}, lambda m, v: {'s': m.s * ${1 - alpha} + v.s, 'w': m.w * ${1 - alpha} + v.w})`;
      return call(g.scope, a, 'ewmMean', [{ alpha }], orNull(a, `(${fold}).s / (${fold}).w`));
    },
  },
  fill('forwardFill'),
  fill('backwardFill'),
];
export { q };
