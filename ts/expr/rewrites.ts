// Sugar that needs the dtypes of its operands: each rewrite turns a call into the canonical functions of functions.ts,
// or returns null to leave the call as it is.
import { DTypeError, ParameterError } from '../errors.ts';
import { columnNotFound, namesOf } from '../schema/schema.ts';
import {
  isFloat,
  isInteger,
  isNumeric,
  isTemporal,
  isUnsigned,
  type LogicalType,
  type TimeUnit,
  typeText,
} from '../schema/types.ts';
import { DAY_NANOSECONDS, finerUnit, fixedTicks, unitFor } from './durations.ts';
import { litNode, naturalLiteral, typedLiteral, valueText } from './literals.ts';
import { callNode, castNode } from './make.ts';
import type { ExprNode, LiteralValue, Options } from './nodes.ts';
import { asDecimal, commonDecimal, commonType, decimal, isMixedSign, signedFor } from './promote.ts';
import { BOOL, DATE32, FLOAT64, INT64, TIME } from './row-rules.ts';
import { exprText } from './text.ts';

/** An argument: bound, or a value that takes the dtype of its neighbour. */
export type Operand = ExprNode | FreeLiteral;
export interface FreeLiteral {
  readonly free: unknown;
}
export const isFree = (o: Operand): o is FreeLiteral => 'free' in o;

type Rewrite = (operands: readonly Operand[], options: Options, fn: string) => ExprNode | null;

/** A free operand as a literal of its own dtype. */
export const settled = (o: Operand): ExprNode => (isFree(o) ? naturalLiteral(o.free) : o);

/** An operand as a message shows it. */
const textOf = (o: Operand): string => (isFree(o) ? valueText(o.free) : `${exprText(o)} (${typeText(o.type)})`);

/** The error for operands that no dtype holds. */
export function noCommonType(fn: string, a: ExprNode, b: ExprNode): DTypeError {
  const detail = { left: typeText(a.type), right: typeText(b.type) };
  if (isMixedSign(a.type, b.type)) {
    return new DTypeError(
      `${fn}() has UInt64 with a signed integer: ${textOf(a)} and ${textOf(b)}. No integer dtype holds both: cast one side, for example .cast(Int64).`,
      detail,
    );
  }
  if (a.type.dtype === 'Datetime' && b.type.dtype === 'Datetime' && (a.type.zone === null) !== (b.type.zone === null)) {
    return new DTypeError(
      `${fn}() has a wall clock with an instant: ${textOf(a)} and ${textOf(b)}. Use dt.replaceTimeZone() on one side.`,
      detail,
    );
  }
  return new DTypeError(`${fn}() cannot take ${textOf(a)} with ${textOf(b)}. Cast one side.`, detail);
}

/** Operands in the one dtype that holds all of them. `nulls`: whether a bare null may be among them. */
export function unify(fn: string, operands: readonly Operand[], nulls: boolean): ExprNode[] {
  let type: LogicalType | null = null;
  let first: ExprNode | null = null;
  for (const o of operands) {
    if (isFree(o)) continue;
    const next: LogicalType | null = type === null ? o.type : commonType(type, o.type);
    if (next === null) throw noCommonType(fn, first as ExprNode, o);
    type = next;
    first ??= o;
  }
  if (type === null || first === null || type.dtype === 'Null') return unifySettled(fn, operands);
  return operands.map((o) => {
    if (!isFree(o)) return castNode(o, type);
    if (o.free === null && !nulls) {
      throw new DTypeError(`${fn}() with null is null in every row. Use isNull(), isNotNull() or eqMissing(null).`);
    }
    return typedLiteral(o.free, type, exprText(first));
  });
}

/** Bare values only, or beside nothing but nulls: each in its own dtype first. */
function unifySettled(fn: string, operands: readonly Operand[]): ExprNode[] {
  const nodes = operands.map(settled);
  let type = nodes[0]?.type ?? { dtype: 'Null' };
  for (const n of nodes) {
    const next = commonType(type, n.type);
    if (next === null) throw noCommonType(fn, nodes[0] as ExprNode, n);
    type = next;
  }
  return nodes.map((n) => castNode(n, type));
}

/** A literal of ticks, days or a whole number. */
const lit = (value: LiteralValue, type: LogicalType): ExprNode => litNode(value, type);
const int64 = (e: ExprNode): ExprNode => castNode(e, INT64);
const duration = (unit: TimeUnit): LogicalType => Object.freeze({ dtype: 'Duration', unit });
const datetime = (unit: TimeUnit, zone: string | null = null): LogicalType =>
  Object.freeze({ dtype: 'Datetime', unit, zone });
const unitOf = (t: LogicalType): TimeUnit | null => (t.dtype === 'Datetime' || t.dtype === 'Duration' ? t.unit : null);

/** Text beside a temporal operand is a duration; a Date beside one is a Datetime. */
function temporalOperand(o: Operand, beside: LogicalType): ExprNode {
  if (!isFree(o)) return o;
  if (typeof o.free === 'string' || (typeof o.free === 'number' && beside.dtype === 'Duration')) {
    const unit = unitOf(beside) ?? (beside.dtype === 'Time' ? 'ns' : 'ms');
    if (typeof o.free === 'number') return typedLiteral(o.free, beside, 'a Duration');
    const fine = unitFor(o.free, unit);
    return lit(fixedTicks(o.free, fine), duration(fine));
  }
  if (o.free instanceof Date && (beside.dtype === 'Datetime' || beside.dtype === 'Date32')) {
    const type = beside.dtype === 'Datetime' ? datetime(finerUnit(beside.unit, 'ms'), beside.zone) : datetime('ms');
    return typedLiteral(o.free, type, 'a Date');
  }
  if (typeof o.free === 'number' || typeof o.free === 'bigint') {
    throw new DTypeError(
      `Expected a duration such as '1d2h' or a Duration expression beside ${typeText(beside)} but received ${valueText(o.free)}.`,
    );
  }
  return naturalLiteral(o.free);
}

function shiftTime(fn: string, time: ExprNode, by: ExprNode): ExprNode {
  const ticks = callNode(fn, [int64(time), int64(castNode(by, duration('ns')))]);
  const wrapped = callNode('mod', [ticks, lit(DAY_NANOSECONDS, INT64)]);
  // The divisor is a day, not zero: null only where an operand is.
  return castNode(Object.freeze({ ...wrapped, nullable: ticks.nullable }), TIME);
}

function moment(fn: string, at: ExprNode, by: ExprNode): ExprNode {
  const byUnit = unitOf(by.type) as TimeUnit;
  if (at.type.dtype === 'Time') return shiftTime(fn, at, by);
  if (at.type.dtype === 'Date32') {
    return castNode(callNode(fn, [castNode(at, datetime(byUnit)), by]), DATE32);
  }
  const { unit, zone } = at.type as Extract<LogicalType, { dtype: 'Datetime' }>;
  const finer = finerUnit(unit, byUnit);
  return callNode(fn, [castNode(at, datetime(finer, zone)), castNode(by, duration(finer))]);
}

function difference(a: ExprNode, b: ExprNode): ExprNode | null {
  if (a.type.dtype === 'Time' && b.type.dtype === 'Time') {
    return castNode(callNode('sub', [int64(a), int64(b)]), duration('ns'));
  }
  const isDay = (e: ExprNode) => e.type.dtype === 'Date32' || e.type.dtype === 'Datetime';
  if (!isDay(a) || !isDay(b)) return null;
  const unit = finerUnit(unitOf(a.type) ?? 'ms', unitOf(b.type) ?? 'ms');
  const zoneOf = (e: ExprNode) => (e.type.dtype === 'Datetime' ? e.type.zone : null);
  if ((zoneOf(a) === null) !== (zoneOf(b) === null)) throw noCommonType('sub', a, b);
  // Instants of two zones share their ticks: showing both in one zone changes nothing.
  return callNode('sub', [castNode(a, datetime(unit, zoneOf(a))), castNode(b, datetime(unit, zoneOf(a)))]);
}

const additive: Rewrite = (operands, _options, fn) => {
  const temporal = operands.find((o) => !isFree(o) && isTemporal(o.type));
  if (temporal === undefined || isFree(temporal)) return additiveDecimal(fn, operands);
  const [a, b] = operands.map((o) => temporalOperand(o, temporal.type)) as [ExprNode, ExprNode];
  if (a.type.dtype === 'Duration' && b.type.dtype === 'Duration') return null;
  if (isTemporal(a.type) && b.type.dtype === 'Duration') return moment(fn, a, b);
  if (fn === 'add' && a.type.dtype === 'Duration' && isTemporal(b.type)) return moment(fn, b, a);
  const result = fn === 'sub' ? difference(a, b) : null;
  if (result === null) throw noCommonType(fn, a, b);
  return result;
};

function additiveDecimal(fn: string, operands: readonly Operand[]): ExprNode | null {
  const [a, b] = decimalsOf(fn, operands) ?? [];
  if (a === undefined || b === undefined) return null;
  const type = commonDecimal(asDecimal(a.type), asDecimal(b.type), 1);
  return callNode(fn, [castNode(a, type), castNode(b, type)]);
}

/** The two operands, if the call is one of Decimal arithmetic: a Decimal with another one or with an integer. */
function decimalsOf(fn: string, operands: readonly Operand[]): [ExprNode, ExprNode] | null {
  const beside = operands.find((o) => !isFree(o));
  const types = operands.map((o) => (isFree(o) ? null : o.type));
  if (beside === undefined || isFree(beside)) return null;
  if (!types.some((t) => t?.dtype === 'Decimal')) return null;
  if (!types.every((t) => t === null || t.dtype === 'Decimal' || isInteger(t))) return null;
  return operands.map((o) => (isFree(o) ? unify(fn, [beside, o], false)[1] : o)) as [ExprNode, ExprNode];
}

const product: Rewrite = (operands, _options, fn) => {
  const span = operands.find((o) => !isFree(o) && o.type.dtype === 'Duration');
  if (span !== undefined && !isFree(span)) {
    const factor = operands.find((o) => o !== span) as Operand;
    const bound = isFree(factor) ? typedLiteral(factor.free, INT64, exprText(span)) : factor;
    if (!isInteger(bound.type) || bound.type.dtype === 'UInt64') throw noCommonType(fn, span, bound);
    return castNode(callNode('mul', [int64(span), int64(bound)]), span.type);
  }
  const [a, b] = decimalsOf(fn, operands) ?? [];
  if (a === undefined || b === undefined) return null;
  const [left, right] = [asDecimal(a.type), asDecimal(b.type)];
  if (left.scale + right.scale > 38) {
    throw new DTypeError(
      `mul() would give a Decimal of scale ${left.scale + right.scale}, but the largest is 38. Cast ${exprText(a)} or ${exprText(b)} to a smaller scale, or to Float64.`,
    );
  }
  const precision = Math.min(38, left.precision + right.precision);
  const wide = (e: ExprNode, scale: number) => castNode(e, decimal(precision, scale));
  return callNode('mul', [wide(a, left.scale), wide(b, right.scale)]);
};

/** Functions of integers that change nothing. */
const unlessInteger: Rewrite = ([x]) => {
  const e = settled(x as Operand);
  return isInteger(e.type) ? e : null;
};

const isIn: Rewrite = ([x, values]) => {
  const e = settled(x as Operand);
  const list = (values as FreeLiteral).free as readonly unknown[];
  const text = exprText(e);
  const items = list.map((value) => {
    if (value === null || value === undefined) {
      throw new ParameterError(`The list of isIn() holds ${valueText(value)}. Test for null with isNull().`);
    }
    return typedLiteral(value, e.type, text).value;
  });
  return callNode('isIn', [
    e,
    Object.freeze({ node: 'lit', type: e.type, nullable: false, value: Object.freeze(items) }),
  ]);
};

const lookup: Rewrite = ([x, keys, values], options) => {
  const e = settled(x as Operand);
  const text = exprText(e);
  const listOf = (list: unknown, type: LogicalType): ExprNode =>
    Object.freeze({
      node: 'lit',
      type,
      nullable: false,
      value: Object.freeze((list as readonly unknown[]).map((value) => typedLiteral(value, type, text).value)),
    });
  return callNode(
    'lookup',
    [e, listOf((keys as FreeLiteral).free, e.type), listOf((values as FreeLiteral).free, FLOAT64)],
    options,
  );
};

const diff: Rewrite = ([x], options) => {
  const e = settled(x as Operand);
  const signed = castNode(e, signedFor(e.type));
  return rewritten('sub', [signed, callNode('shift', [signed], { rows: options['rows'] ?? 1 })]);
};

/** Mean and median of temporal columns: in Float64, over ticks, rounded. */
const temporalStatistic =
  (fn: string, options: Options = {}): Rewrite =>
  ([x], given) => {
    const e = settled(x as Operand);
    const statistic = (of: ExprNode) => callNode(fn, [of], { ...options, ...given });
    if (!isTemporal(e.type)) return fn === 'mean' ? null : statistic(e);
    const mean = statistic(castNode(int64(e), FLOAT64));
    return castNode(int64(callNode('round', [mean])), e.type);
  };

const anyOrAll =
  (fn: 'max' | 'min', empty: boolean): Rewrite =>
  ([x], _options, name) => {
    const e = settled(x as Operand);
    if (e.type.dtype !== 'Bool') {
      throw new DTypeError(`Expected a Bool for ${name}() but ${exprText(e)} is ${typeText(e.type)}.`);
    }
    return callNode('coalesce', [callNode(fn, [e]), lit(empty, BOOL)]);
  };

const fillNan: Rewrite = ([x, value]) => {
  const e = settled(x as Operand);
  if (!isFloat(e.type)) {
    throw new DTypeError(`Expected Float32 or Float64 for fillNan() but ${exprText(e)} is ${typeText(e.type)}.`);
  }
  const [self, fill] = unify('fillNan', [e, value as Operand], true) as [ExprNode, ExprNode];
  return Object.freeze({
    node: 'when',
    type: self.type,
    nullable: self.nullable || fill.nullable,
    branches: Object.freeze([
      Object.freeze({
        when: callNode('isNan', [self]),
        then: fill,
      }),
    ]),
    otherwise: self,
  });
};

const convertTimeZone: Rewrite = ([x], options) => {
  const e = settled(x as Operand);
  if (e.type.dtype !== 'Datetime') {
    throw new DTypeError(`Expected a Datetime for convertTimeZone() but ${exprText(e)} is ${typeText(e.type)}.`);
  }
  return castNode(e, datetime(e.type.unit, String(options['zone'])));
};

/** Steps of a day and more only, on Date32. */
const wholeDays: Rewrite = ([x], options, fn) => {
  const e = settled(x as Operand);
  if (e.type.dtype === 'Date32' && options['nanoseconds'] !== '0') {
    throw new ParameterError(`${fn}() on Date32 takes days, weeks, months and years. Cast ${exprText(e)} to Datetime.`);
  }
  return null;
};

const field: Rewrite = ([x], options) => {
  const e = settled(x as Operand);
  const name = String(options['name']);
  if (e.type.dtype === 'Struct' && !e.type.fields.some((f) => f.name === name)) {
    throw columnNotFound(name, namesOf(e.type.fields), `struct.field() of ${exprText(e)}`);
  }
  return null;
};

/** Which calls binding rewrites. */
const REWRITES: Readonly<Record<string, Rewrite>> = {
  add: additive,
  sub: additive,
  mul: product,
  floor: unlessInteger,
  ceil: unlessInteger,
  round: (operands, options, fn) =>
    Number(options['decimals'] ?? 0) < 0 ? null : unlessInteger(operands, options, fn),
  abs: ([x]) => (isUnsigned(settled(x as Operand).type) ? settled(x as Operand) : null),
  isNan: ([x]) => exactTest(x as Operand, 'ne'),
  isFinite: ([x]) => exactTest(x as Operand, 'eq'),
  fillNan,
  isIn,
  lookup,
  diff,
  mean: temporalStatistic('mean'),
  median: temporalStatistic('quantile', { q: 0.5 }),
  any: anyOrAll('max', false),
  all: anyOrAll('min', true),
  convertTimeZone,
  truncate: wholeDays,
  dtRound: wholeDays,
  offsetBy: wholeDays,
  field,
};

/** Dtypes without NaN: compared with itself, a value says false or true and null stays null. */
function exactTest(x: Operand, fn: 'eq' | 'ne'): ExprNode | null {
  const e = settled(x);
  return isNumeric(e.type) && !isFloat(e.type) ? callNode(fn, [e, e]) : null;
}

/** The rewritten call, or null if it is canonical as it is. */
export function rewrite(fn: string, operands: readonly Operand[], options: Options): ExprNode | null {
  return Object.hasOwn(REWRITES, fn) ? (REWRITES[fn]?.(operands, options, fn) ?? null) : null;
}

/** The names that only binding knows: they have no row. */
export const rewriteNames = (): string[] => Object.keys(REWRITES);

function rewritten(fn: string, operands: readonly ExprNode[]): ExprNode {
  return rewrite(fn, operands, {}) ?? callNode(fn, unify(fn, operands, false));
}
