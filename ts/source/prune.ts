// Whether a predicate can be true for any of a set of rows, from what statistics say of their columns. Everything that
// is not known counts as possible: rows may be read in vain, they are never left out in error.
import type { ExprNode, LiteralValue } from '../expr/nodes.ts';
import { bitsOf, isInteger, isUnsigned, type LogicalType, type TimeUnit } from '../schema/types.ts';

/** Rows [from, to). */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/**
 * A bound: integers, ticks, days, unscaled decimals and booleans (0, 1) as bigint, floats as number, strings as their
 * bytes, in the unit of the column's dtype.
 */
export type Bound = bigint | number | Uint8Array;

/** What is known of a column over some rows. */
export interface ColumnBounds {
  /** No value that is neither null nor NaN is below or above; null = not known. */
  readonly min: Bound | null;
  readonly max: Bound | null;
  /** Whether there may be nulls, and values that are not null. */
  readonly nulls: boolean;
  readonly values: boolean;
  /** Whether there may be NaN, which is above every number and which `max` leaves out. */
  readonly nan: boolean;
}

/** What is known of a column of that dtype; null = nothing. */
export type BoundsOf = (column: string, type: LogicalType) => ColumnBounds | null;

/** Which results some row may have. */
interface Outcomes {
  readonly isTrue: boolean;
  readonly isFalse: boolean;
  readonly isNull: boolean;
}
const ANY: Outcomes = { isTrue: true, isFalse: true, isNull: true };

/** False only if the predicate is true for none of the rows. */
export function mayMatch(predicate: ExprNode, bounds: BoundsOf): boolean {
  return outcomes(predicate, bounds).isTrue;
}

function outcomes(e: ExprNode, bounds: BoundsOf): Outcomes {
  if (e.node === 'lit') {
    return { isTrue: e.value === true, isFalse: e.value === false, isNull: e.value === null };
  }
  if (e.node === 'col' && e.type.dtype === 'Bool') {
    const r = range(e, bounds);
    return {
      isTrue: r.values && (r.max === null || r.max !== 0n),
      isFalse: r.values && (r.min === null || r.min !== 1n),
      isNull: r.nulls,
    };
  }
  if (e.node !== 'call') return ANY;
  const [a, b] = e.args;
  if (a === undefined) return ANY;
  switch (e.fn) {
    case 'and': {
      const parts = e.args.map((x) => outcomes(x, bounds));
      return {
        isTrue: parts.every((p) => p.isTrue),
        isFalse: parts.some((p) => p.isFalse),
        isNull: parts.some((p) => p.isNull),
      };
    }
    case 'or': {
      const parts = e.args.map((x) => outcomes(x, bounds));
      return {
        isTrue: parts.some((p) => p.isTrue),
        isFalse: parts.every((p) => p.isFalse),
        isNull: parts.some((p) => p.isNull),
      };
    }
    case 'not': {
      const o = outcomes(a, bounds);
      return { isTrue: o.isFalse, isFalse: o.isTrue, isNull: o.isNull };
    }
    case 'isNull': {
      const r = range(a, bounds);
      return { isTrue: r.nulls, isFalse: r.values, isNull: false };
    }
    case 'isNotNull': {
      const r = range(a, bounds);
      return { isTrue: r.values, isFalse: r.nulls, isNull: false };
    }
    case 'isIn':
      return b === undefined ? ANY : isIn(range(a, bounds), b);
    case 'startsWith':
      return b === undefined ? ANY : startsWith(range(a, bounds), b);
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
    case 'eqMissing':
      return b === undefined ? ANY : compare(e.fn, range(a, bounds), range(b, bounds));
    default:
      return ANY;
  }
}

const UNKNOWN: ColumnBounds = { min: null, max: null, nulls: true, values: true, nan: true };

/** NaN has no upper bound. */
const top = (r: ColumnBounds): Bound | null => (r.nan ? null : r.max);

/** −1, 0, 1; null when the two are not of one kind. */
function order(a: Bound, b: Bound): number | null {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : a === b ? 0 : null;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  return null;
}
const mayBeBelow = (a: Bound | null, b: Bound | null): boolean => a === null || b === null || (order(a, b) ?? -1) < 0;
const mayBeAtMost = (a: Bound | null, b: Bound | null): boolean => a === null || b === null || (order(a, b) ?? 0) <= 0;

function compare(fn: string, a: ColumnBounds, b: ColumnBounds): Outcomes {
  const both = a.values && b.values;
  const isNull = a.nulls || b.nulls;
  const below = both && mayBeBelow(a.min, top(b));
  const above = both && mayBeBelow(b.min, top(a));
  const atMost = both && mayBeAtMost(a.min, top(b));
  const atLeast = both && mayBeAtMost(b.min, top(a));
  const equal = atMost && atLeast;
  const single = (r: ColumnBounds): boolean => !r.nan && r.min !== null && r.max !== null && order(r.min, r.max) === 0;
  const different = both && !(equal && single(a) && single(b));
  switch (fn) {
    case 'lt':
      return { isTrue: below, isFalse: atLeast, isNull };
    case 'le':
      return { isTrue: atMost, isFalse: above, isNull };
    case 'gt':
      return { isTrue: above, isFalse: atMost, isNull };
    case 'ge':
      return { isTrue: atLeast, isFalse: below, isNull };
    case 'eq':
      return { isTrue: equal, isFalse: different, isNull };
    case 'ne':
      return { isTrue: different, isFalse: equal, isNull };
    default: // eqMissing
      return { isTrue: equal || (a.nulls && b.nulls), isFalse: different || a.nulls || b.nulls, isNull: false };
  }
}

function isIn(a: ColumnBounds, list: ExprNode): Outcomes {
  if (list.node !== 'lit' || !Array.isArray(list.value)) return ANY;
  const one = (value: LiteralValue): boolean => compare('eq', a, literal(value, list.type)).isTrue;
  return { isTrue: (list.value as readonly LiteralValue[]).some(one), isFalse: a.values, isNull: a.nulls };
}

function startsWith(a: ColumnBounds, prefix: ExprNode): Outcomes {
  if (prefix.node !== 'lit' || typeof prefix.value !== 'string') return ANY;
  const p = Buffer.from(prefix.value);
  const min = a.min instanceof Uint8Array ? a.min : null;
  const max = a.max instanceof Uint8Array ? a.max : null;
  const isBelow = max !== null && Buffer.compare(max, p) < 0;
  const isAbove = min !== null && Buffer.compare(min.subarray(0, p.length), p) > 0;
  return { isTrue: a.values && !isBelow && !isAbove, isFalse: a.values, isNull: a.nulls };
}

/** What is known of a row expression's values. */
function range(e: ExprNode, bounds: BoundsOf): ColumnBounds {
  switch (e.node) {
    case 'col':
      return bounds(e.name, e.type) ?? UNKNOWN;
    case 'lit':
      return literal(e.value, e.type);
    case 'cast':
      return castRange(range(e.expr, bounds), e.expr.type, e.type);
    default:
      return UNKNOWN;
  }
}

function literal(value: LiteralValue, type: LogicalType): ColumnBounds {
  if (value === null) return { min: null, max: null, nulls: true, values: false, nan: false };
  const v = literalBound(value, type);
  return v === null ? { ...UNKNOWN, nulls: false } : { min: v, max: v, nulls: false, values: true, nan: false };
}

function literalBound(value: LiteralValue, type: LogicalType): Bound | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof Uint8Array) return value;
  if (typeof value !== 'number' || Number.isNaN(value)) return null;
  if (type.dtype === 'Float64') return value;
  if (type.dtype === 'Float32') return Math.fround(value);
  return Number.isInteger(value) ? BigInt(value) : null;
}

const TICKS_A_DAY: Record<TimeUnit, bigint> = { ms: 86_400_000n, us: 86_400_000_000n, ns: 86_400_000_000_000n };
const INT64_MAX = 2n ** 63n - 1n;

/** Bounds through casts that keep the order and cannot fail; the others make them unknown. */
function castRange(r: ColumnBounds, from: LogicalType, to: LogicalType): ColumnBounds {
  const map = (f: (b: Bound) => Bound | null): ColumnBounds => {
    const min = r.min === null ? null : f(r.min);
    const max = r.max === null ? null : f(r.max);
    return { ...r, min, max };
  };
  const times = (factor: bigint): ColumnBounds =>
    map((b) => {
      if (typeof b !== 'bigint') return null;
      const v = b * factor;
      return v > INT64_MAX || v < -INT64_MAX ? null : v;
    });
  if (isInteger(from) && isInteger(to)) return holdsAll(from, to) ? r : UNKNOWN;
  if (isInteger(from) && to.dtype === 'Float64') return map((b) => Number(b));
  if (isInteger(from) && to.dtype === 'Float32') return map((b) => Math.fround(Number(b)));
  if (from.dtype === 'Float32' && to.dtype === 'Float64') return r;
  if (from.dtype === 'Categorical' && to.dtype === 'Utf8') return r;
  // an overflow in the middle of the range would be an error anyway, not a wrong answer
  if (from.dtype === 'Date32' && to.dtype === 'Datetime' && (to.zone === null || to.zone === 'UTC'))
    return times(TICKS_A_DAY[to.unit]);
  if (from.dtype === 'Datetime' && to.dtype === 'Datetime' && TICKS_A_DAY[to.unit] >= TICKS_A_DAY[from.unit])
    return from.zone === to.zone ? times(TICKS_A_DAY[to.unit] / TICKS_A_DAY[from.unit]) : UNKNOWN;
  return UNKNOWN;
}

/** Whether every value of one integer dtype is one of another. */
function holdsAll(from: LogicalType, to: LogicalType): boolean {
  const wider = bitsOf(to) - bitsOf(from);
  if (isUnsigned(from) === isUnsigned(to)) return wider >= 0;
  return isUnsigned(from) && wider > 0;
}
