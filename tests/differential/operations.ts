// How each function of the registry is drawn through the public API, and what it is in SQL.

import type { FunctionName } from '../../ts/expr/functions.ts';
import { DecimalValue } from '../../ts/index.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import {
  isBool,
  isDecimal,
  isFloat,
  isInt,
  isMoment,
  isNumber,
  isText,
  isUnsignedInt,
  q,
  type Scope,
  sqlType,
  type Typed,
} from './typed.ts';

export type Want = (t: LogicalType) => boolean;

export interface Operation {
  readonly fn: FunctionName;
  /** Null where the frame has nothing that fits. */
  draw(g: Gen): Typed | null;
}
/** A function left out: its topic in semantics.md, and why. */
export interface Excluded {
  readonly fn: FunctionName;
  readonly excluded: { readonly topic: string; readonly reason: string };
}

/** What operations draw their arguments from. */
export interface Gen {
  readonly scope: Scope;
  /** A column of a dtype. */
  column(want: Want): Typed | null;
  /** A column or a row expression of a dtype. */
  value(want: Want): Typed | null;
  /** `OVER (…)` of an aggregate, or nothing inside agg(). */
  readonly over: string;
  /** `OVER (…)` up to the frame clause, with a row order. */
  window(frame?: string): string;
}

/** A bare JavaScript value that takes the dtype of its neighbour, and its SQL. */
export function literalFor(g: Gen, t: LogicalType): { js: unknown; sql: string } | null {
  const { draw } = g.scope;
  if (isInt(t)) {
    const n = isUnsignedInt(t) ? draw.int(0, 100) : draw.int(-100, 100);
    return { js: t.dtype.endsWith('64') && draw.chance(0.5) ? BigInt(n) : n, sql: `(${n})::${sqlType(t)}` };
  }
  if (isFloat(t)) {
    const n = draw.pick([0, 1, -1, 0.5, 2.25, -10, 1000, draw.int(-400, 400) / 4]);
    return { js: n, sql: `(${n})::${sqlType(t)}` };
  }
  if (isDecimal(t)) {
    const n = draw.int(-100, 100);
    return { js: n, sql: `((${n})::HUGEINT * ${10n ** BigInt(t.scale)})` };
  }
  if (isText(t)) {
    const s = draw.pick([
      '',
      'a',
      'ab',
      'Rome',
      'o',
      'naïve',
      '日本語',
      '🙂',
      'w7',
      'The quick brown fox jumps over the lazy dog',
      "it's",
      '-7',
      ' ',
    ]);
    return { js: s, sql: q(s) };
  }
  if (isBool(t)) {
    const b = draw.chance(0.5);
    return { js: b, sql: String(b) };
  }
  if (t.dtype === 'Date32') {
    const day = draw.pick(['1970-01-01', '2000-02-29', '1960-12-31', '2024-07-15']);
    return { js: new Date(day), sql: `DATE '${day}'` };
  }
  if (t.dtype === 'Datetime') {
    const ms = Date.UTC(draw.int(1950, 2040), draw.int(0, 11), draw.int(1, 28), draw.int(0, 23), 30);
    const factor = { ms: 1n, us: 1000n, ns: 1000000n }[t.unit];
    return { js: new Date(ms), sql: `(${BigInt(ms) * factor})::BIGINT` };
  }
  return null;
}
export const decimalOf = (unscaled: bigint, scale: number): DecimalValue => new DecimalValue(unscaled, scale);

/** A second operand of the very dtype: another value, or a literal. */
export function beside(g: Gen, a: Typed, want: Want): { arg: unknown; sql: string; type: LogicalType } | null {
  if (g.scope.draw.chance(0.35)) {
    const l = literalFor(g, a.type);
    if (l !== null) return { arg: l.js, sql: l.sql, type: a.type };
  }
  const b = g.value(want);
  return b === null ? null : { arg: b, sql: b.sql, type: b.type };
}
export const asTyped = (a: { sql: string; type: LogicalType }): Typed => a as Typed;

/** Whether an integer operation of two dtypes exists: no UInt64 with signed integers. */
export const mix = (a: LogicalType, b: LogicalType): boolean => {
  const signed = (t: LogicalType) => isInt(t) && !isUnsignedInt(t);
  return !((a.dtype === 'UInt64' && signed(b)) || (b.dtype === 'UInt64' && signed(a)));
};
/** Whether two values compare, and in which dtype. */
export function comparable(a: LogicalType, b: LogicalType): boolean {
  if (isNumber(a) && isNumber(b)) return mix(a, b);
  if (isText(a) && isText(b)) return true;
  if (isMoment(a) && isMoment(b)) {
    const zoned = (t: LogicalType) => t.dtype === 'Datetime' && t.zone !== null;
    return zoned(a) === zoned(b) && !(a.dtype === 'Date32' && zoned(b)) && !(b.dtype === 'Date32' && zoned(a));
  }
  return a.dtype === b.dtype && a.dtype !== 'List' && a.dtype !== 'Struct';
}
