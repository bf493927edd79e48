// Random bound expressions over a fixed set of columns: every fixed-width dtype and strings, trees of any shape.
import type { ExprNode, LiteralValue } from '../../expr/nodes.ts';
import { isFloat, isInteger, type LogicalType, sameType } from '../../schema/types.ts';
import { call, cast, col, datetimeType, decimalType, durationType, lit, T, when } from './nodes.ts';
import { sample } from './samples.ts';

export const COLUMN_TYPES: { readonly [name: string]: LogicalType } = {
  p: T.Bool,
  q: T.Bool,
  i8: T.Int8,
  i16: T.Int16,
  i: T.Int32,
  j: T.Int32,
  l: T.Int64,
  u8: T.UInt8,
  u: T.UInt32,
  v: T.UInt64,
  f: T.Float32,
  x: T.Float64,
  y: T.Float64,
  s: T.Utf8,
  d: T.Date32,
  t: datetimeType('us'),
  g: durationType('us'),
  m: decimalType(9, 2),
  n: decimalType(30, 4),
};
const TYPES = Object.values(COLUMN_TYPES).filter((t, i, all) => all.findIndex((o) => sameType(o, t)) === i);

const isNumber = (t: LogicalType): boolean => isInteger(t) || isFloat(t);
/** Casts that the interpreter knows. */
const castable = (from: LogicalType, to: LogicalType): boolean => {
  const plain = (t: LogicalType): boolean => isNumber(t) || t.dtype === 'Bool' || t.dtype === 'Decimal';
  if (plain(from) && plain(to)) return true;
  return (from.dtype === 'Date32' && to.dtype === 'Datetime') || (from.dtype === 'Datetime' && to.dtype === 'Date32');
};

export class RandomExpr {
  readonly #next: () => number;
  readonly #strict: boolean;

  /** With `strict` some casts fail the query. */
  constructor(next: () => number, strict: boolean) {
    this.#next = next;
    this.#strict = strict;
  }

  #pick<V>(of: readonly V[]): V {
    return of[Math.floor(this.#next() * of.length)]!;
  }

  /** An expression of any dtype. */
  any(depth: number): ExprNode {
    return this.of(this.#pick(TYPES), depth);
  }

  of(type: LogicalType, depth: number): ExprNode {
    if (depth <= 0 || this.#next() < 0.1) return this.#leaf(type);
    const r = this.#next();
    const sub = (): ExprNode => this.of(type, depth - 1);
    if (r < 0.12) {
      const branches = Array.from({ length: this.#next() < 0.3 ? 2 : 1 }, () => ({
        when: this.of(T.Bool, depth - 1),
        then: sub(),
      }));
      return when(branches, sub(), type);
    }
    if (r < 0.2) return call('coalesce', Array.from({ length: 2 + Math.floor(this.#next() * 2) }, sub), type);
    if (r < 0.35) {
      const from = this.#pick(TYPES.filter((t) => castable(t, type)));
      if (from) return cast(this.of(from, depth - 1), type, this.#strict && this.#next() < 0.2);
    }
    return this.#function(type, depth) ?? this.#leaf(type);
  }

  #leaf(type: LogicalType): ExprNode {
    const columns = Object.entries(COLUMN_TYPES).filter(([, t]) => sameType(t, type));
    if (columns.length > 0 && this.#next() < 0.75) return col(this.#pick(columns)[0], type);
    return lit(this.#next() < 0.08 ? null : (sample(type, this.#next) as LiteralValue), type);
  }

  #function(type: LogicalType, depth: number): ExprNode | null {
    const sub = (t = type): ExprNode => this.of(t, depth - 1);
    if (type.dtype === 'Bool') return this.#predicate(depth);
    if (type.dtype === 'UInt64' && this.#next() < 0.2) {
      return call('hash', [this.any(depth - 1)], type, { seed: String(Math.floor(this.#next() * 1000)) });
    }
    if (isNumber(type) || type.dtype === 'Decimal') {
      const pairs = ['add', 'sub', 'mul', 'mod', 'clipMin', 'clipMax'];
      if (type.dtype !== 'Decimal') pairs.push('floorDiv');
      const ones = ['neg', 'abs', 'sign', 'round'];
      if (isFloat(type) || type.dtype === 'Decimal') ones.push('floor', 'ceil');
      if (isFloat(type)) ones.push('sqrt');
      const fn = this.#pick([...pairs, ...pairs, ...ones]);
      if (fn === 'round') {
        const decimals = Math.floor(this.#next() * 5) - 2;
        return call(fn, [sub()], type, { decimals });
      }
      return call(fn, pairs.includes(fn) ? [sub(), sub()] : [sub()], type);
    }
    if (type.dtype === 'Datetime') return call(this.#pick(['add', 'sub']), [sub(), sub(durationType('us'))], type);
    if (type.dtype === 'Duration') {
      return this.#next() < 0.5
        ? call('sub', [sub(datetimeType('us')), sub(datetimeType('us'))], type)
        : call('add', [sub(), sub()], type);
    }
    return null;
  }

  #predicate(depth: number): ExprNode {
    const sub = (t: LogicalType): ExprNode => this.of(t, depth - 1);
    const r = this.#next();
    if (r < 0.3) return call(this.#pick(['and', 'or', 'xor']), [sub(T.Bool), sub(T.Bool)], T.Bool);
    if (r < 0.36) return call('not', [sub(T.Bool)], T.Bool);
    const type = this.#pick(TYPES);
    if (r < 0.46) return call(this.#pick(['isNull', 'isNotNull']), [sub(type)], T.Bool);
    if (r < 0.54) {
      const items = Array.from({ length: Math.floor(this.#next() * 12) }, () => sample(type, this.#next));
      return call('isIn', [sub(type), lit(items as LiteralValue[], type)], T.Bool);
    }
    if (r < 0.6) return call(this.#pick(['isNan', 'isFinite']), [sub(this.#pick([T.Float32, T.Float64]))], T.Bool);
    return call(this.#pick(['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'eqMissing']), [sub(type), sub(type)], T.Bool);
  }
}
