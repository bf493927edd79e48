// One function over columns, compared with the interpreter: edges by pairs, random rows with and without nulls, at the
// lengths where loops of eight rows go wrong, each argument once as a literal.
import type { ExecContext } from '../../ts/backend/cpu/context.ts';
import type { ExprNode, LiteralValue, Options } from '../../ts/expr/nodes.ts';
import { type LogicalType, typeText } from '../../ts/schema/types.ts';
import { expectValues, type Tolerance } from './compare-values.ts';
import { interpret } from './interpreter.ts';
import { type Columns, call, col, evaluate, lit } from './nodes.ts';
import { edgePairs, random, sample, samples } from './samples.ts';

export const LENGTHS = [0, 1, 7, 8, 9, 100];
export const LARGE_LENGTHS = [65535, 65536];

/** Compares an expression over columns with the interpreter. */
export function expectInterpreted(ctx: ExecContext, e: ExprNode, columns: Columns, tolerance: Tolerance = {}): void {
  const names = Object.keys(columns);
  const length = columns[names[0]!]?.values.length ?? 0;
  const row: { [name: string]: unknown } = {};
  const expected = Array.from({ length }, (_, i) => {
    for (const n of names) row[n] = columns[n]!.values[i];
    return interpret(e, row);
  });
  const context = (i: number): string => names.map((n) => `${n} = ${String(columns[n]!.values[i])}`).join(', ');
  expectValues(evaluate(ctx, e, columns), expected, context, tolerance);
  ctx.scratch.reset();
}

export interface OpCase {
  readonly fn: string;
  readonly args: readonly LogicalType[];
  readonly returns: LogicalType;
  readonly options?: Options;
  readonly tolerance?: Tolerance;
  /** Makes sampled values legal for the function. */
  readonly limit?: (v: unknown, arg: number) => unknown;
  readonly large?: boolean;
}

export const caseName = (c: OpCase): string => `${c.fn}(${c.args.map(typeText).join(', ')}) → ${typeText(c.returns)}`;

export function runCase(ctx: ExecContext, c: OpCase): void {
  const limit = c.limit ?? ((v: unknown) => v);
  const limited = (values: unknown[], arg: number): unknown[] => values.map((v) => (v === null ? v : limit(v, arg)));
  const names = ['a', 'b', 'c'].slice(0, c.args.length);
  const cols = names.map((n, i) => col(n, c.args[i]!));
  const whole = call(c.fn, cols, c.returns, c.options ?? {});
  const columnsOf = (lists: readonly unknown[][]): Columns =>
    Object.fromEntries(names.map((n, i) => [n, { type: c.args[i]!, values: limited(lists[i]!, i) }]));

  if (c.args.length === 2) expectInterpreted(ctx, whole, columnsOf(edgePairs(c.args[0]!, c.args[1]!)), c.tolerance);
  const next = random(c.fn.length * 1000 + c.args.length);
  for (const length of c.large ? [...LENGTHS, ...LARGE_LENGTHS] : LENGTHS) {
    for (const nulls of length > 1000 ? [0.15] : [0, 0.15, 1]) {
      expectInterpreted(ctx, whole, columnsOf(c.args.map((t) => samples(t, length, next, nulls))), c.tolerance);
    }
  }
  if (c.args.length !== 2) return;
  for (const arg of [0, 1]) {
    for (const value of [sample(c.args[arg]!, next), samples(c.args[arg]!, 4, next, 0)[3], null]) {
      const literal = lit((value === null ? null : limit(value, arg)) as LiteralValue, c.args[arg]!);
      const args = cols.map((x, i) => (i === arg ? literal : x));
      const e = call(c.fn, args, c.returns, c.options ?? {});
      const columns = columnsOf(c.args.map((t) => samples(t, 100, next)));
      expectInterpreted(ctx, e, columns, c.tolerance);
    }
  }
}
