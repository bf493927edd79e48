// Errors of values that fail while a query runs.
import { EvaluationError } from '../../../errors.ts';
import type { ExprNode } from '../../../expr/nodes.ts';
import { exprText } from '../../../expr/text.ts';
import { typeText } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';
import { textOfValue } from './cast-text.ts';
import { overflowError } from './operands.ts';

const MOST_CHARS = 60;

/** What failed at a row: a cast of `operand`'s value, or a result past its dtype. */
export function faultError(ctx: ExecContext, e: ExprNode, row: number, operand: Vector | null): EvaluationError {
  if (e.node !== 'cast' || !operand) return overflowError(e, e.type, row, typeText(e.type));
  return castError(ctx, e, row, operand);
}

/** A strict cast of a value that its dtype does not hold. */
export function castError(ctx: ExecContext, e: ExprNode, row: number, operand: Vector): EvaluationError {
  const expression = exprText(e);
  let value = textOfValue(ctx, operand, row);
  if (value.length > MOST_CHARS) value = `${value.slice(0, MOST_CHARS)}…`;
  const shown = operand.type.dtype === 'Utf8' || operand.type.dtype === 'Categorical' ? JSON.stringify(value) : value;
  const column = e.node === 'cast' && e.expr.node === 'col' ? { column: e.expr.name } : {};
  return new EvaluationError(
    'ERR_CAST',
    `Cannot cast ${shown} to ${typeText(e.type)} in row ${row} of ${expression}. Use cast(${typeText(e.type)}, { strict: false }) to make such values null.`,
    { expression, row, ...column },
  );
}
