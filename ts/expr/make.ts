// Makes bound nodes: casts, and calls whose arguments are coerced and checked by their registry row.
import { DTypeError } from '../errors.ts';
import { digitsOf, rescale } from '../schema/decimal.ts';
import { isNumeric, type LogicalType, sameType, typeText } from '../schema/types.ts';
import { nanosecondsOf } from './durations.ts';
import { checkOptions, functionRow } from './functions.ts';
import { litNode, typedLiteral } from './literals.ts';
import type { CallNode, ExprNode, LitNode, Options } from './nodes.ts';
import { canCast } from './promote.ts';
import { type ArgFamily, FAMILIES, type RegistryRow } from './row-rules.ts';
import { exprText } from './text.ts';

/** The expression in another dtype; itself when it has it. */
export function castNode(expr: ExprNode, type: LogicalType, strict = true): ExprNode {
  if (sameType(expr.type, type)) return expr;
  if (!canCast(expr.type, type)) {
    throw new DTypeError(`There is no cast from ${typeText(expr.type)} to ${typeText(type)} (${exprText(expr)}).`, {
      from: typeText(expr.type),
      to: typeText(type),
    });
  }
  const folded = expr.node === 'lit' ? foldedLiteral(expr, type) : null;
  return folded ?? Object.freeze({ node: 'cast', type, nullable: expr.nullable || !strict, expr, strict });
}

/** A literal in another dtype, where that is exact and cheap to say here; null otherwise. */
function foldedLiteral(lit: LitNode, type: LogicalType): LitNode | null {
  const { value, type: from } = lit;
  if (Array.isArray(value)) return null;
  if (value === null) return litNode(null, type);
  if (typeof value === 'bigint') {
    if (from.dtype === 'Decimal' && type.dtype === 'Decimal') {
      const unscaled = rescale(value, from.scale, type.scale);
      return unscaled === null || digitsOf(unscaled) > type.precision ? null : litNode(unscaled, type);
    }
    // Ticks are ticks, in Int64 or in a temporal dtype; a finer unit has more of them.
    if (from.dtype === 'Int64' && holdsTicks(type)) return litNode(value, type);
    if (holdsTicks(from) && type.dtype === 'Int64') return litNode(value, type);
    if (from.dtype === type.dtype && 'unit' in from && 'unit' in type) {
      const ticks = value * nanosecondsOf(from.unit);
      const unit = nanosecondsOf(type.unit);
      return ticks % unit === 0n && fitsInt64(ticks / unit) ? litNode(ticks / unit, type) : null;
    }
  }
  const plain = (t: LogicalType) => isNumeric(t) && t.dtype !== 'Decimal';
  if (!plain(from) || !plain(type)) return null;
  // Rounding to Float32 belongs to the engine.
  if (type.dtype === 'Float32' && typeof value === 'number' && Math.fround(value) !== value) return null;
  try {
    return typedLiteral(value, type, '');
  } catch {
    return null;
  }
}

const holdsTicks = (t: LogicalType): boolean => t.dtype === 'Datetime' || t.dtype === 'Duration' || t.dtype === 'Time';
const fitsInt64 = (n: bigint): boolean => BigInt.asIntN(64, n) === n;

/** A call of the registry. Arguments that must have one dtype have it already; here each meets its family. */
export function callNode(fn: string, args: readonly ExprNode[], options: Options = {}): CallNode {
  const row = functionRow(fn);
  checkCount(fn, row, args.length);
  const coerced = Object.freeze(args.map((arg, i) => coerce(fn, row, arg, i)));
  const checked = checkOptions(fn, options);
  return Object.freeze({
    node: 'call',
    type: row.returns(
      coerced.map((a) => a.type),
      checked,
    ),
    nullable: nullableOf(row, coerced, checked),
    fn,
    args: coerced,
    options: checked,
  });
}

function checkCount(fn: string, row: RegistryRow, count: number): void {
  const most = row.variadic ? Infinity : row.args.length;
  const least = row.args.length - (row.optional ?? 0);
  if (count < least || count > most) {
    throw new DTypeError(
      `${fn}() takes ${least === most ? least : `${least} or more`} operands but received ${count}.`,
    );
  }
}

const ORDINALS = ['first', 'second', 'third'];

function coerce(fn: string, row: RegistryRow, arg: ExprNode, index: number): ExprNode {
  const name = row.args[Math.min(index, row.args.length - 1)];
  const family: ArgFamily = FAMILIES[name as keyof typeof FAMILIES];
  if (arg.type.dtype === 'Null' && family.accepts(arg.type) === false) {
    throw new DTypeError(`Expected ${family.text} for ${fn}() but received a column of nulls. Cast it first.`);
  }
  if (!family.accepts(arg.type)) {
    throw new DTypeError(
      `Expected ${family.text} for the ${ORDINALS[index] ?? 'last'} operand of ${fn}() but ${exprText(arg)} is ${typeText(arg.type)}.`,
      { function: fn, actual: typeText(arg.type) },
    );
  }
  return family.coerce === undefined ? arg : castNode(arg, family.coerce(arg.type));
}

function nullableOf(row: RegistryRow, args: readonly ExprNode[], options: Options): boolean {
  if (row.nullable !== undefined) return row.nullable(args, options);
  if (row.nulls === 'propagate') return args.some((a) => a.nullable);
  return row.nulls === 'skip';
}
