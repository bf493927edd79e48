// Aggregates: inside agg(), and over partitions.
import { corr, cov, len } from '../../ts/index.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import type { Excluded, Gen, Operation } from './operations.ts';
import {
  built,
  call,
  double,
  is64,
  isBool,
  isDecimal,
  isFlat,
  isFloat,
  isInt,
  isNumber,
  sqlType,
  type Typed,
} from './typed.ts';

/** A sum that does not pass 64 bits, or 38 digits, in any group: wide dtypes only as plain columns. */
export function summable(g: Gen, more: (t: LogicalType) => boolean = () => false): Typed | null {
  const wide = (t: LogicalType) => is64(t) || isDecimal(t) || t.dtype === 'Duration';
  const want = (t: LogicalType) => isNumber(t) || more(t);
  const a = g.value((t) => want(t) && !wide(t));
  const b = g.scope.columns.filter((c) => c.plain && want(c.type) && wide(c.type));
  return b.length > 0 && (a === null || g.scope.draw.chance(0.4)) ? g.scope.draw.pick(b) : a;
}
const agg = (
  fn: Operation['fn'],
  want: (t: LogicalType) => boolean,
  sql: (a: Typed, over: string) => string,
): Operation => ({
  fn,
  draw(g) {
    const a = g.value(want);
    return a === null ? null : call(g.scope, a, fn, [], sql(a, g.over));
  },
});
/** A statistic of doubles: any NaN or infinity makes it NaN, where DuckDB throws. */
const finite = (x: string, over: string, sql: (x: string) => string): string =>
  `(CASE WHEN count(CASE WHEN NOT isfinite(${x}) THEN 1 END)${over} > 0 THEN 'NaN'::DOUBLE ELSE ${sql(`CASE WHEN isfinite(${x}) THEN ${x} END`)} END)`;
/** n·Σxy − Σx·Σy of integers of up to 46 bits: exact, where DuckDB's own moments lose the digits of a large mean. */
export const moment = (x: string, y: string, over: string): string =>
  `(count(${x})${over}::HUGEINT * sum((${x})::HUGEINT * (${y})::HUGEINT)${over} - sum((${x})::HUGEINT)${over} * sum((${y})::HUGEINT)${over})::DOUBLE`;
const spread = (name: 'var' | 'std'): Operation => ({
  fn: 'var',
  draw(g) {
    // Wide integers are left out: near 2^45 a double has seven bits for what differs.
    const a = g.value((t) => isNumber(t) && !is64(t) && !(isDecimal(t) && t.precision > 18));
    if (a === null || (isDecimal(a.type) && a.type.precision > 14 && !a.plain)) return null;
    const ddof = g.scope.draw.pick([undefined, 0, 1]);
    const sql = `${name === 'var' ? 'var' : 'stddev'}_${ddof === 0 ? 'pop' : 'samp'}`;
    const x = double(a);
    const few = ddof === 0 ? 1 : 2;
    const options = ddof === undefined ? [] : [{ ddof }];
    if (isInt(a.type) || isDecimal(a.type)) {
      const scale = isDecimal(a.type) ? a.type.scale : 0;
      const n = `count(${a.sql})${g.over}`;
      const exact = `${moment(a.sql, a.sql, g.over)} / ${n} / (${n} - ${few - 1})${scale === 0 ? '' : ` / 1e${2 * scale}::DOUBLE`}`;
      const value = name === 'var' ? exact : `sqrt(${exact})`;
      return call(g.scope, a, name, options, `(CASE WHEN ${n} >= ${few} THEN ${value} END)`);
    }
    return call(
      g.scope,
      a,
      name,
      options,
      `(CASE WHEN count(${x})${g.over} >= ${few} THEN ${finite(x, g.over, (y) => `${sql}(${y})${g.over}`)} END)`,
    );
  },
});
const quantile: Operation = {
  fn: 'quantile',
  draw(g) {
    // Interpolating between infinities is left to tests/ops.
    const a = g.value((t) => isInt(t) || isDecimal(t));
    if (a === null) return null;
    const x = double(a);
    const p = g.scope.draw.pick([0, 0.1, 0.25, 0.5, 0.9, 1]);
    return call(g.scope, a, 'quantile', [p], `quantile_cont(${x}, ${p})${g.over}`);
  },
};

const paired = (name: 'corr' | 'cov'): Operation => ({
  fn: name,
  draw(g) {
    // Values that make exact sums: elsewhere the last bits decide between 0 and nearly 0.
    const fit = (t: LogicalType) => isInt(t) && !is64(t);
    const [a, b] = [g.value(fit), g.value(fit)];
    if (a === null || b === null) return null;
    const [x, y] = [a.sql, b.sql];
    const n = `count(CASE WHEN ${x} IS NOT NULL AND ${y} IS NOT NULL THEN 1 END)${g.over}`;
    const both = (z: string) => `CASE WHEN ${x} IS NOT NULL AND ${y} IS NOT NULL THEN ${z} END`;
    const exact = (p: string, q: string) => moment(both(p), both(q), g.over);
    if (name === 'cov')
      return built(g.scope, 'cov', cov, [a, b], `(CASE WHEN ${n} > 1 THEN ${exact(x, y)} / ${n} / (${n} - 1) END)`);
    const flat = (z: string) => `min(${both(z)})${g.over} = max(${both(z)})${g.over}`;
    return built(
      g.scope,
      'corr',
      corr,
      [a, b],
      `(CASE WHEN ${n} = 0 THEN NULL WHEN ${flat(x)} OR ${flat(y)} THEN 'NaN'::DOUBLE ELSE ${exact(x, y)} / sqrt(${exact(x, x)}) / sqrt(${exact(y, y)}) END)`,
    );
  },
});
const position = (fn: 'argMin' | 'argMax', pick: 'min' | 'max'): Operation => ({
  fn,
  draw(g) {
    if (!g.scope.ordered || g.over !== '') return null;
    const a = g.value(isFlat);
    return a === null
      ? null
      : call(
          g.scope,
          a,
          fn,
          [],
          `(CASE WHEN count(${a.sql}) > 0 THEN list_position(list(${a.sql} ORDER BY __o), ${pick}(${a.sql})) - 1 END)`,
        );
  },
});
const edge = (fn: 'first' | 'last'): Operation => ({
  fn,
  draw(g) {
    if (!g.scope.ordered) return null;
    const a = g.value(() => true);
    if (a === null) return null;
    // DuckDB sorts the values of its own first and last with their order, and gives -0 back as 0.
    const sql = g.over === '' ? `list(${a.sql} ORDER BY __o)[${fn === 'first' ? 1 : -1}]` : `${fn}(${a.sql})${g.over}`;
    return call(g.scope, a, fn, [], sql);
  },
});
const shape = (fn: 'skew' | 'kurtosis'): Operation => ({
  fn,
  draw(g) {
    // From sums of powers, exact in small integers; DuckDB's own functions cancel digits.
    const a = g.value((t) => t.dtype === 'Int8' || t.dtype === 'UInt8');
    if (a === null) return null;
    const sum = (power: number) => `sum(${Array(power).fill(`(${a.sql})::HUGEINT`).join(' * ')})${g.over}`;
    const n = `count(${a.sql})${g.over}::HUGEINT`;
    const [s1, s2, s3, s4] = [1, 2, 3, 4].map(sum);
    const m2 = `(${n} * ${s2} - ${s1} * ${s1})::DOUBLE`;
    const m3 = `(${n} * ${n} * ${s3} - 3 * ${n} * ${s1} * ${s2} + 2 * ${s1} * ${s1} * ${s1})::DOUBLE`;
    const m4 = `(${n} * ${n} * ${n} * ${s4} - 4 * ${n} * ${n} * ${s1} * ${s3} + 6 * ${n} * ${s1} * ${s1} * ${s2} - 3 * ${s1} * ${s1} * ${s1} * ${s1})::DOUBLE`;
    const sql = fn === 'skew' ? `${m3} / pow(${m2}, 1.5)` : `${m4} / (${m2} * ${m2}) - 3`;
    return call(g.scope, a, fn, [], `(CASE WHEN ${m2} = 0 THEN 'NaN'::DOUBLE ELSE ${sql} END)`);
  },
});

export const GROUP_OPERATIONS: readonly (Operation | Excluded)[] = [
  {
    fn: 'sum',
    draw(g) {
      const a = summable(g, (t) => isBool(t) || t.dtype === 'Duration');
      if (a === null) return null;
      const x = isBool(a.type) ? `(${a.sql})::INTEGER` : isFloat(a.type) ? double(a) : `(${a.sql})::HUGEINT`;
      return call(g.scope, a, 'sum', [], `coalesce(sum(${x})${g.over}, 0)`);
    },
  },
  agg(
    'mean',
    (t) => isNumber(t) || isBool(t),
    (a, over) => `avg(${isBool(a.type) ? `(${a.sql})::INTEGER` : double(a)})${over}`,
  ),
  spread('var'),
  spread('std'),
  agg('min', isFlat, (a, over) => `min(${a.sql})${over}`),
  agg('max', isFlat, (a, over) => `max(${a.sql})${over}`),
  quantile,
  shape('skew'),
  shape('kurtosis'),
  paired('corr'),
  paired('cov'),
  agg(
    'count',
    () => true,
    (a, over) => `count(${a.sql})${over}`,
  ),
  { fn: 'len', draw: (g) => built(g.scope, 'len', len, [], `count(*)${g.over}`) },
  agg(
    'nUnique',
    isFlat,
    (a, over) =>
      `(count(DISTINCT ${a.sql})${over} + (CASE WHEN count(*)${over} > count(${a.sql})${over} THEN 1 ELSE 0 END))`,
  ),
  edge('first'),
  edge('last'),
  {
    fn: 'mode',
    draw(g) {
      if (!g.scope.ordered || g.over !== '') return null;
      const a = g.value(isFlat);
      if (a === null) return null;
      // DuckDB's own counts every NaN by itself.
      const text = `CASE WHEN (${a.sql}) = 0 THEN '0' ELSE (${a.sql})::VARCHAR END`;
      const sql = isFloat(a.type) ? `(mode(${text} ORDER BY __o))::${sqlType(a.type)}` : `mode(${a.sql} ORDER BY __o)`;
      return call(g.scope, a, 'mode', [], sql);
    },
  },
  position('argMin', 'min'),
  position('argMax', 'max'),
  {
    fn: 'implode',
    draw(g) {
      if (!g.scope.ordered || g.over !== '') return null;
      const a = g.value((t) => isFlat(t) && !['Binary', 'Date32', 'Time', 'Datetime', 'Duration'].includes(t.dtype));
      return a === null ? null : call(g.scope, a, 'implode', [], `coalesce(list(${a.sql} ORDER BY __o), [])`);
    },
  },
  agg('max', isBool, (a, over) => `max(${a.sql})${over}`),
  {
    fn: 'max',
    draw: (g) => {
      const a = g.value(isBool);
      return a === null ? null : call(g.scope, a, 'any', [], `coalesce(bool_or(${a.sql})${g.over}, false)`);
    },
  },
  {
    fn: 'min',
    draw: (g) => {
      const a = g.value(isBool);
      return a === null ? null : call(g.scope, a, 'all', [], `coalesce(bool_and(${a.sql})${g.over}, true)`);
    },
  },
];
