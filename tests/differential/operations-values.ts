// Arithmetic, maths, comparison, logic, nulls, casts.

import { affine, lookup } from '../../ts/expr/builders.ts';
import { commonType } from '../../ts/expr/promote.ts';
import {
  Bool,
  coalesce,
  Decimal,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  Utf8,
  when,
} from '../../ts/index.ts';
import { bitsOf, isSigned, type LogicalType } from '../../ts/schema/types.ts';
import { asTyped, beside, comparable, type Excluded, type Gen, literalFor, mix, type Operation } from './operations.ts';
import {
  built,
  call,
  double,
  floorDivide,
  handMade,
  is64,
  isBool,
  isDecimal,
  isFlat,
  isFloat,
  isInt,
  isNumber,
  isText,
  isUnsignedInt,
  perSecond,
  q,
  sqlType,
  type Typed,
  unitOf,
  widen,
  wrapped,
} from './typed.ts';

/** a ∘ b in a result dtype. */
function arithmetic(symbol: '+' | '-' | '*', a: Typed, b: Typed, t: LogicalType): string {
  if (isFloat(t)) return `(${widen(a, t)} ${symbol} ${widen(b, t)})`;
  if (isDecimal(t))
    return symbol === '*' ? `((${a.sql})::HUGEINT * (${b.sql})::HUGEINT)` : `(${widen(a, t)} ${symbol} ${widen(b, t)})`;
  const wide = symbol === '*' && isUnsignedInt(t) ? 'UHUGEINT' : 'HUGEINT';
  return wrapped(`(${a.sql})::${wide} ${symbol} (${b.sql})::${wide}`, t);
}
/** Decimals of few digits only: a product must fit. */
const narrow = (t: LogicalType): boolean => !isDecimal(t) || t.precision <= 18;

const arithmeticOf = (fn: 'add' | 'sub' | 'mul', symbol: '+' | '-' | '*'): Operation => ({
  fn,
  draw(g) {
    const a = g.value((t) => isNumber(t) && (fn !== 'mul' || narrow(t)));
    if (a === null) return null;
    const b = beside(g, a, (t) => isNumber(t) && mix(a.type, t) && (fn !== 'mul' || narrow(t)));
    return b === null ? null : call(g.scope, a, fn, [b.arg], (t) => arithmetic(symbol, a, asTyped(b), t));
  },
});

/** Moments and durations. */
const temporalSum: Operation = {
  fn: 'add',
  draw(g) {
    const { draw, scope } = { draw: g.scope.draw, scope: g.scope };
    const a = g.value((t) => t.dtype === 'Datetime' || t.dtype === 'Duration' || t.dtype === 'Time');
    if (a === null) return null;
    const fn = draw.pick(['add', 'sub'] as const);
    const symbol = fn === 'add' ? '+' : '-';
    if (a.type.dtype === 'Time') {
      const minutes = draw.int(0, 3000);
      const ticks = BigInt(minutes) * 60_000_000_000n;
      return call(
        scope,
        a,
        fn,
        [`${minutes}m`],
        `(((${a.sql}) ${symbol} ${ticks}) % 86400000000000 + 86400000000000) % 86400000000000`,
      );
    }
    const b = draw.chance(0.5) ? g.value((t) => t.dtype === 'Duration') : null;
    if (b === null) {
      const hours = draw.int(0, 100);
      const ticks = BigInt(hours) * 3600n * perSecond(unitOf(a.type));
      return call(scope, a, fn, [`${hours}h`], `((${a.sql}) ${symbol} ${ticks})`);
    }
    return call(
      scope,
      a,
      fn,
      [b],
      (t) => `(${widen(a, t)} ${symbol} ${widen(b, { dtype: 'Duration', unit: unitOf(t) })})`,
    );
  },
};
const temporalDifference: Operation = {
  fn: 'sub',
  draw(g) {
    const a = g.value((t) => t.dtype === 'Datetime' || t.dtype === 'Date32');
    if (a === null) return null;
    const b = g.value((t) => (t.dtype === 'Datetime' || t.dtype === 'Date32') && comparable(a.type, t));
    if (b === null) return null;
    const like = (t: LogicalType): LogicalType => ({ dtype: 'Datetime', unit: unitOf(t), zone: null });
    return call(g.scope, a, 'sub', [b], (t) => `(${widen(a, like(t))} - ${widen(b, like(t))})`);
  },
};
const durationTimes: Operation = {
  fn: 'mul',
  draw(g) {
    const a = g.column((t) => t.dtype === 'Duration');
    const n = g.scope.draw.int(-9, 9);
    return a === null
      ? null
      : call(g.scope, a, 'mul', [n], wrapped(`(${a.sql})::HUGEINT * (${n})`, { dtype: 'Int64' }));
  },
};

const floorDiv: Operation = {
  fn: 'floorDiv',
  draw(g) {
    const a = g.value(isNumber);
    if (a === null) return null;
    const b = beside(g, a, (t) => isNumber(t) && mix(a.type, t));
    if (b === null) return null;
    return call(g.scope, a, 'floorDiv', [b.arg], (t) => {
      if (isFloat(t)) return floatFloor(widen(a, t), widen(asTyped(b), t));
      const common = commonType(a.type, b.type) as LogicalType;
      const [x, y] = isDecimal(t)
        ? [widen(a, common), widen(asTyped(b), common)]
        : [a.sql, b.sql].map((s) => `(${s})::HUGEINT`);
      const whole = `CASE WHEN (${y}) = 0 THEN NULL ELSE ${floorDivide(x as string, y as string)} END`;
      return isDecimal(t) ? `(${whole})` : wrapped(whole, t);
    });
  },
};
// Our floored division of floats is floor(x / y), of the quotient rounded once; what is negative and too small to show is -1.
const floatFloor = (x: string, y: string): string =>
  `(CASE WHEN isfinite(${x}) AND isinf(${y}) AND sign(${x}) * sign(${y}) < 0 THEN -1 ELSE floor((${x}) / (${y})) END)`;

const mod: Operation = {
  fn: 'mod',
  draw(g) {
    const a = g.value(isNumber);
    if (a === null) return null;
    const b = beside(g, a, (t) => isNumber(t) && mix(a.type, t));
    if (b === null) return null;
    return call(g.scope, a, 'mod', [b.arg], (t) => {
      const [x, y] = [widen(a, t), widen(asTyped(b), t)];
      if (isFloat(t)) {
        // Floored: the remainder takes the sign of the divisor.
        const r = `fmod((${x})::DOUBLE, (${y})::DOUBLE)`;
        return `(CASE WHEN (${x}) IS NULL OR (${y}) IS NULL THEN NULL WHEN isinf(${y}) AND isfinite(${x}) THEN (CASE WHEN (${x}) = 0 OR ((${x}) < 0) = ((${y}) < 0) THEN (${x}) ELSE (${y}) END)
          WHEN isnan(${x}) OR isnan(${y}) OR (${y}) = 0 OR isinf(${x}) THEN 'NaN'::DOUBLE ELSE (CASE WHEN ${r} <> 0 AND ((${r}) < 0) <> ((${y}) < 0) THEN ${r} + (${y}) ELSE ${r} END) END)::${sqlType(t)}`;
      }
      const [i, j] = [`(${x})::HUGEINT`, `(${y})::HUGEINT`];
      const r = `(${i} % ${j})`;
      const rest = `CASE WHEN (${j}) = 0 THEN NULL WHEN ${r} <> 0 AND ((${r} < 0) <> (${j} < 0)) THEN ${r} + ${j} ELSE ${r} END`;
      return isDecimal(t) ? `(${rest})` : wrapped(rest, t);
    });
  },
};

const div: Operation = {
  fn: 'div',
  draw(g) {
    const a = g.value(isNumber);
    if (a === null) return null;
    const b = beside(g, a, isNumber);
    return b === null ? null : call(g.scope, a, 'div', [b.arg], `(${double(a)} / ${double(asTyped(b))})`);
  },
};
const pow: Operation = {
  fn: 'pow',
  draw(g) {
    const a = g.value(isNumber);
    const n = g.scope.draw.pick([0, 1, 2, 3, -1]);
    return a === null ? null : call(g.scope, a, 'pow', [n], `pow(${double(a)}, ${n}::DOUBLE)`);
  },
};

const unary = (
  fn: Operation['fn'],
  want: (t: LogicalType) => boolean,
  sql: (a: Typed, t: LogicalType) => string,
): Operation => ({
  fn,
  draw(g) {
    const a = g.value(want);
    return a === null ? null : call(g.scope, a, fn, [], (t) => sql(a, t));
  },
});
/** A float function; the argument in the result dtype. Where DuckDB throws, the CASE gives NaN. */
const maths = (fn: Operation['fn'], sql: (x: string) => string, want = isNumber): Operation =>
  unary(fn, want, (a, t) => `(${sql(`(${widen(a, t)})::DOUBLE`)})::${sqlType(t)}`);
const NAN = `'NaN'::DOUBLE`;

const round: Operation = {
  fn: 'round',
  draw(g) {
    const a = g.value(isNumber);
    if (a === null) return null;
    const decimals = isInt(a.type)
      ? g.scope.draw.pick([-1, -2])
      : isFloat(a.type)
        ? g.scope.draw.pick([0, 0, 1, 2, -1])
        : g.scope.draw.pick([0, 1, 2, -1]);
    return call(g.scope, a, 'round', decimals === 0 ? [] : [decimals], (t) => {
      if (isFloat(t))
        return `(CASE WHEN isfinite(${a.sql}) THEN round((${a.sql})::DOUBLE, ${decimals}) ELSE (${a.sql})::DOUBLE END)::${sqlType(t)}`;
      const scale = isDecimal(t) ? t.scale : 0;
      if (decimals >= scale) return widen(a, t);
      const step = 10n ** BigInt(scale - decimals);
      const up = `((${a.sql})::HUGEINT + sign((${a.sql})::HUGEINT)::HUGEINT * ${step / 2n}) // ${step} * ${step}`;
      return isInt(t) ? wrapped(up, t) : `(${up})`;
    });
  },
};
const floorOrCeil = (fn: 'floor' | 'ceil'): Operation =>
  // Integers have no floor: binding drops it.
  unary(
    fn,
    (t) => isFloat(t) || isDecimal(t),
    (a, t) => {
      if (isInt(t)) return a.sql;
      if (isFloat(t)) return `${fn}(${a.sql})`;
      const step = 10n ** BigInt(isDecimal(t) ? t.scale : 0);
      return fn === 'floor'
        ? `(${floorDivide(a.sql, step)} * ${step})`
        : `(-(${floorDivide(`-(${a.sql})`, step)}) * ${step})`;
    },
  );

const clip = (fn: 'clipMin' | 'clipMax'): Operation => ({
  fn,
  draw(g) {
    const a = g.value(isNumber);
    const bound = a === null ? null : literalFor(g, a.type);
    if (a === null || bound === null) return null;
    const [args, cut] = fn === 'clipMin' ? [[bound.js, null], '<'] : [[null, bound.js], '>'];
    return call(
      g.scope,
      a,
      'clip',
      args,
      `(CASE WHEN ${isFloat(a.type) ? `NOT isnan(${a.sql}) AND ` : ''}(${a.sql}) ${cut} (${bound.sql}) THEN (${bound.sql}) ELSE (${a.sql}) END)`,
    );
  },
});

const SQL_OF = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=', eqMissing: 'IS NOT DISTINCT FROM' } as const;
/** Both sides in the dtype they compare in. */
function bothSides(a: Typed, b: { sql: string; type: LogicalType }): [string, string] {
  const common = commonType(a.type, b.type);
  if (common === null || isText(common)) return [a.sql, b.sql];
  return [widen(a, common), widen(asTyped(b), common)];
}
const compare = (fn: keyof typeof SQL_OF): Operation => ({
  fn,
  draw(g) {
    const a = g.value(isFlat);
    const b = a === null ? null : beside(g, a, (t) => comparable(a.type, t));
    if (a === null || b === null) return null;
    const [x, y] = bothSides(a, b);
    return call(g.scope, a, fn, [b.arg], `((${x}) ${SQL_OF[fn]} (${y}))`);
  },
});
const between: Operation = {
  fn: 'ge',
  draw(g) {
    const a = g.value((t) => isFlat(t) && !isBool(t));
    const [low, high] = a === null ? [null, null] : [literalFor(g, a.type), literalFor(g, a.type)];
    if (a === null || low === null || high === null) return null;
    const [closed, left, right] = g.scope.draw.pick([
      ['both', '>=', '<='],
      ['left', '>=', '<'],
      ['right', '>', '<='],
      ['none', '>', '<'],
    ] as const);
    return call(
      g.scope,
      a,
      'isBetween',
      [low.js, high.js, { closed }],
      `((${a.sql}) ${left} (${low.sql}) AND (${a.sql}) ${right} (${high.sql}))`,
    );
  },
};
const isIn: Operation = {
  fn: 'isIn',
  draw(g) {
    const a = g.value((t) => isFlat(t) && t.dtype !== 'Time' && t.dtype !== 'Duration' && t.dtype !== 'Binary');
    if (a === null) return null;
    const items = Array.from({ length: g.scope.draw.int(1, 40) }, () => literalFor(g, a.type));
    if (items.some((i) => i === null)) return null;
    return call(
      g.scope,
      a,
      'isIn',
      [items.map((i) => i?.js)],
      `((${a.sql}) IN (${items.map((i) => i?.sql).join(', ')}))`,
    );
  },
};

const lookupOperation: Operation = {
  fn: 'lookup',
  draw(g) {
    const a = g.value((t) => isFlat(t) && t.dtype !== 'Time' && t.dtype !== 'Duration' && t.dtype !== 'Binary');
    if (a === null) return null;
    const items = Array.from({ length: g.scope.draw.int(1, 40) }, () => literalFor(g, a.type));
    // Of equal keys the first counts, in SQL as here.
    if (items.some((i) => i === null)) return null;
    const numbers = items.map((_, i) => i * 1.5 - 3);
    return built(
      g.scope,
      'lookup',
      lookup as never,
      [a, items.map((i) => i?.js), numbers, null],
      `(CASE ${items.map((i, k) => `WHEN (${a.sql}) = (${i?.sql}) THEN CAST(${numbers[k]} AS DOUBLE)`).join(' ')} END)`,
    );
  },
};

const affineOperation: Operation = {
  fn: 'affine',
  draw(g) {
    const inputs = [isNumber, isNumber, isFloat].map((want) => g.value(want)).filter((a) => a !== null);
    if (inputs.length === 0) return null;
    const outputs = g.scope.draw.int(1, 6);
    const names = Array.from({ length: outputs }, (_, k) => `y${k}`);
    const quarters = (length: number): number[] => Array.from({ length }, () => g.scope.draw.int(-40, 40) / 4);
    const maps = { names, coef: quarters(outputs * inputs.length), intercept: quarters(outputs) };
    const k = g.scope.draw.int(0, outputs - 1);
    const sum = inputs.reduce(
      (sql, a, j) => `(${sql} + CAST(${maps.coef[k * inputs.length + j]} AS DOUBLE) * ${double(a)})`,
      `CAST(${maps.intercept[k]} AS DOUBLE)`,
    );
    return handMade(
      g.scope,
      affine(
        inputs.map((a) => a.expr),
        maps,
        null,
      ).struct.field(`y${k}`) as never,
      `affine([${inputs.map((a) => a.code).join(', ')}], ${JSON.stringify(maps)}, null).struct.field('y${k}')`,
      sum,
    );
  },
};

const logic = (fn: 'and' | 'or' | 'xor'): Operation => ({
  fn,
  draw(g) {
    const a = g.value(isBool);
    const b = g.value(isBool);
    if (a === null || b === null) return null;
    return call(
      g.scope,
      a,
      fn,
      [b],
      fn === 'xor' ? `((${a.sql}) <> (${b.sql}))` : `((${a.sql}) ${fn.toUpperCase()} (${b.sql}))`,
    );
  },
});

const fillNull: Operation = {
  fn: 'coalesce',
  draw(g) {
    const a = g.value(isFlat);
    const b =
      a === null ? null : beside(g, a, (t) => t.dtype === a.type.dtype && JSON.stringify(t) === JSON.stringify(a.type));
    return a === null || b === null ? null : call(g.scope, a, 'fillNull', [b.arg], `coalesce(${a.sql}, ${b.sql})`);
  },
};
const coalesceAll: Operation = {
  fn: 'coalesce',
  draw(g) {
    const a = g.value(isFlat);
    if (a === null) return null;
    const same = (t: LogicalType) => JSON.stringify(t) === JSON.stringify(a.type);
    const rest = [g.value(same), g.value(same)].filter((x) => x !== null);
    return built(g.scope, 'coalesce', coalesce, [a, ...rest], `coalesce(${[a, ...rest].map((x) => x.sql).join(', ')})`);
  },
};
const choose: Operation = {
  fn: 'coalesce',
  draw(g) {
    const [p, p2] = [g.value(isBool), g.value(isBool)];
    const a = g.value(isFlat);
    if (p === null || p2 === null || a === null) return null;
    const same = (t: LogicalType) => JSON.stringify(t) === JSON.stringify(a.type);
    const b = g.value(same) ?? a;
    const more = g.scope.draw.chance(0.5);
    const first = when(p.expr).then(a.expr);
    const code = `when(${p.code}).then(${a.code})`;
    if (!more)
      return handMade(
        g.scope,
        first.otherwise(b.expr) as never,
        `${code}.otherwise(${b.code})`,
        `(CASE WHEN ${p.sql} THEN ${a.sql} ELSE ${b.sql} END)`,
      );
    return handMade(
      g.scope,
      first.when(p2.expr).then(b.expr) as never,
      `${code}.when(${p2.code}).then(${b.code})`,
      `(CASE WHEN ${p.sql} THEN ${a.sql} WHEN ${p2.sql} THEN ${b.sql} END)`,
    );
  },
};

const INTS = { Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64 };
/** Casts that are no function of the registry; they ride on one. */
const castNumber: Operation = {
  fn: 'isNotNull',
  draw(g) {
    const a = g.value((t) => isNumber(t) || isBool(t));
    if (a === null) return null;
    const name = g.scope.draw.pick(Object.keys(INTS) as (keyof typeof INTS)[]);
    const type: LogicalType = { dtype: name };
    const step = isDecimal(a.type) ? 10n ** BigInt(a.type.scale) : 1n;
    const values = 1n << BigInt(bitsOf(type));
    const [least, greatest] = isSigned(type) ? [-values / 2n, values / 2n - 1n] : [0n, values - 1n];
    const whole = isFloat(a.type)
      ? `trunc(CASE WHEN isfinite(${a.sql}) THEN ${a.sql} END)`
      : isDecimal(a.type)
        ? `(${a.sql}) // ${step}`
        : isBool(a.type)
          ? `(${a.sql})::INTEGER`
          : a.sql;
    return handMade(
      g.scope,
      a.expr.cast(INTS[name], { strict: false }),
      `${a.code}.cast(${name}, { strict: false })`,
      // Not TRY_CAST: DuckDB compares what is below the cast where its result is compared, out of range or not.
      `(CASE WHEN (${whole}) BETWEEN ${least} AND ${greatest} THEN (${whole})::${sqlType(type)} END)`,
    );
  },
};
const castFloat: Operation = {
  fn: 'isNull',
  draw(g) {
    const a = g.value(isNumber);
    if (a === null) return null;
    const [dtype, name] = g.scope.draw.pick([
      [Float64, 'Float64'],
      [Float32, 'Float32'],
    ] as const);
    return handMade(
      g.scope,
      a.expr.cast(dtype),
      `${a.code}.cast(${name})`,
      `(${double(a)})::${sqlType({ dtype: name })}`,
    );
  },
};
const castText: Operation = {
  fn: 'isNull',
  draw(g) {
    const a = g.value((t) => isInt(t) || t.dtype === 'Date32' || isBool(t));
    return a === null ? null : handMade(g.scope, a.expr.cast(Utf8), `${a.code}.cast(Utf8)`, `(${a.sql})::VARCHAR`);
  },
};
const castFromText: Operation = {
  fn: 'isNull',
  draw(g) {
    const a = g.value((t) => isInt(t));
    if (a === null) return null;
    return handMade(
      g.scope,
      a.expr.cast(Utf8).cast(Int64, { strict: false }),
      `${a.code}.cast(Utf8).cast(Int64, { strict: false })`,
      `try_cast(${a.sql} AS BIGINT)`,
    );
  },
};
const castDecimal: Operation = {
  fn: 'isNull',
  draw(g) {
    const a = g.column((t) => isInt(t) && !is64(t));
    return a === null
      ? null
      : handMade(
          g.scope,
          a.expr.cast(Decimal(14, 3)),
          `${a.code}.cast(Decimal(14, 3))`,
          `((${a.sql})::HUGEINT * 1000)`,
        );
  },
};
const castBool: Operation = {
  fn: 'not',
  draw(g) {
    const a = g.value(isInt);
    return a === null ? null : handMade(g.scope, a.expr.cast(Bool), `${a.code}.cast(Bool)`, `((${a.sql}) <> 0)`);
  },
};

/** A float test also stands for other numbers, which are always finite. */
const floatTest = (fn: 'isNan' | 'isFinite', other: string): Operation =>
  unary(fn, isNumber, (a) =>
    isFloat(a.type) ? `${fn.toLowerCase()}(${a.sql})` : `(CASE WHEN (${a.sql}) IS NULL THEN NULL ELSE ${other} END)`,
  );

const signed = (t: LogicalType): boolean => (isNumber(t) && !isUnsignedInt(t)) || t.dtype === 'Duration';
const negated = (a: Typed, t: LogicalType): string =>
  isInt(t) ? wrapped(`-((${a.sql})::HUGEINT)`, t) : `(-(${a.sql}))`;

export const VALUE_OPERATIONS: readonly (Operation | Excluded)[] = [
  arithmeticOf('add', '+'),
  arithmeticOf('sub', '-'),
  arithmeticOf('mul', '*'),
  temporalSum,
  temporalDifference,
  durationTimes,
  div,
  floorDiv,
  mod,
  pow,
  unary('neg', signed, negated),
  unary(
    'abs',
    (t) => isNumber(t) || t.dtype === 'Duration',
    (a, t) => (isInt(t) ? wrapped(`abs((${a.sql})::HUGEINT)`, t) : `abs(${a.sql})`),
  ),
  unary('sign', isNumber, (a, t) => {
    if (isFloat(t)) return `(CASE WHEN isnan(${a.sql}) THEN ${NAN} ELSE sign(${a.sql}) END)::${sqlType(t)}`;
    return isDecimal(t) ? `(sign(${a.sql})::HUGEINT * ${10n ** BigInt(t.scale)})` : `sign(${a.sql})::${sqlType(t)}`;
  }),
  round,
  floorOrCeil('floor'),
  floorOrCeil('ceil'),
  clip('clipMin'),
  clip('clipMax'),
  maths('sqrt', (x) => `CASE WHEN ${x} < 0 THEN ${NAN} ELSE sqrt(${x}) END`),
  unary('exp', isNumber, (a, t) => {
    const x = `(${widen(a, t)})::DOUBLE`;
    // A FLOAT that overflows is an error there and infinite here.
    return t.dtype === 'Float32'
      ? `(CASE WHEN ${x} > 88.72 THEN '+Infinity'::DOUBLE ELSE exp(${x}) END)::FLOAT`
      : `exp(${x})`;
  }),
  maths('log', (x) => `CASE WHEN ${x} = 0 THEN '-Infinity'::DOUBLE WHEN ${x} < 0 THEN ${NAN} ELSE ln(${x}) END`),
  {
    fn: 'log',
    draw(g: Gen) {
      const a = g.value(isNumber);
      const base = g.scope.draw.pick([2, 10, 3]);
      if (a === null) return null;
      return call(g.scope, a, 'log', [base], (t) => {
        const x = `(${widen(a, t)})::DOUBLE`;
        return `(CASE WHEN ${x} = 0 THEN '-Infinity'::DOUBLE WHEN ${x} < 0 THEN ${NAN} ELSE ln(${x}) / ln(${base}::DOUBLE) END)::${sqlType(t)}`;
      });
    },
  },
  maths(
    'log1p',
    (x) =>
      `CASE WHEN ${x} = -1 THEN '-Infinity'::DOUBLE WHEN ${x} < -1 THEN ${NAN} WHEN abs(${x}) < 1e-5 THEN ${x} - ${x} * ${x} / 2 ELSE ln(1 + ${x}) END`,
  ),
  ...(['sin', 'cos', 'tan'] as const).map((fn) =>
    // A long decimal is rounded twice on its way to DuckDB's DOUBLE; at 1e12 the last bit of an angle is a thousandth.
    maths(
      fn,
      (x) => `CASE WHEN isinf(${x}) THEN ${NAN} ELSE ${fn}(${x}) END`,
      (t) => isNumber(t) && !(t.dtype === 'Decimal' && t.precision > 18),
    ),
  ),
  ...(['asin', 'acos'] as const).map((fn) =>
    maths(fn, (x) => `CASE WHEN abs(${x}) > 1 THEN ${NAN} ELSE ${fn}(${x}) END`),
  ),
  maths('atan', (x) => `atan(${x})`),
  floatTest('isNan', 'false'),
  floatTest('isFinite', 'true'),
  ...(Object.keys(SQL_OF) as (keyof typeof SQL_OF)[]).map(compare),
  between,
  isIn,
  lookupOperation,
  affineOperation,
  logic('and'),
  logic('or'),
  logic('xor'),
  unary('not', isBool, (a) => `(NOT (${a.sql}))`),
  unary(
    'isNull',
    () => true,
    (a) => `((${a.sql}) IS NULL)`,
  ),
  unary(
    'isNotNull',
    () => true,
    (a) => `((${a.sql}) IS NOT NULL)`,
  ),
  fillNull,
  coalesceAll,
  choose,
  castNumber,
  castFloat,
  castText,
  castFromText,
  castDecimal,
  castBool,
  {
    fn: 'isNan',
    draw(g: Gen) {
      const a = g.value(isFloat);
      return a === null
        ? null
        : call(
            g.scope,
            a,
            'fillNan',
            [1.5],
            `(CASE WHEN isnan(${a.sql}) THEN 1.5::${sqlType(a.type)} ELSE ${a.sql} END)`,
          );
    },
  },
];
export { q };
