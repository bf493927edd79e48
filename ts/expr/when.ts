// The types of `when(…).then(…).otherwise(…)`.
import type { Bool } from '../schema/dtypes.ts';
import type { Expr, ExprLike } from './expr.ts';
import type { Common, DTypeOfValue, KindOf, Literal, Mismatch, TypeProblem } from './result-types.ts';

/** An unfinished branch is an expression too, so that completion works while `when(c.` is being typed. */
export interface When<K> extends ExprLike<TypeProblem<'when() needs then()'>, K> {
  /** Gives the value for rows where the condition is true; null conditions count as false. */
  then<const O extends ExprLike | BranchValue>(value: O): Then<TypeOrLiteral<O>, K | KindOf<O>>;
}
/** A chain of branches; without `otherwise` the rest is null. */
export interface Then<T, K> extends ExprLike<Finish<T> | null, K> {
  /** Adds a branch for rows that no earlier one took. */
  when<C extends ExprLike<Bool | null>>(condition: C): WhenNext<T, K | KindOf<C>>;
  /** Gives the value for all other rows. */
  otherwise<const O extends ExprLike | BranchValue>(value: O): Chosen<CommonBranch<T, TypeOrLiteral<O>>, K | KindOf<O>>;
}
export interface WhenNext<T, K> extends ExprLike<TypeProblem<'when() needs then()'>, K> {
  /** Gives the value for rows where the condition is true; null conditions count as false. */
  then<const O extends ExprLike | BranchValue>(value: O): Then<CommonBranch<T, TypeOrLiteral<O>>, K | KindOf<O>>;
}
type BranchValue = number | bigint | string | boolean | Date | null;
/** A bare literal branch takes the dtype of another branch where it fits. */
interface Free<out V> {
  readonly free: V;
}
type TypeOrLiteral<O> = 0 extends 1 & O ? any : O extends ExprLike<infer T, any> ? T : Free<O>;
type CommonBranch<A, B> =
  A extends Free<infer V>
    ? B extends Free<infer W>
      ? FreePair<V, W>
      : Adopt<B, V>
    : [B] extends [Free<infer W>]
      ? Adopt<A, W>
      : Common<A, B>;
type Adopt<T, V> = V extends null ? T | null : V extends Literal<T> ? T : Mismatch;
type Finish<T> = T extends Free<infer V> ? FreeType<V> : T;
// A mismatch is no expression: withColumns, select and agg refuse it on the spot, with its text.
type Chosen<T, K> = 0 extends 1 & T ? any : [T] extends [Mismatch] ? Mismatch : Expr<T, K>;
type FreePair<V, W> = null extends V
  ? FreeType<W> | null
  : null extends W
    ? FreeType<V> | null
    : [FreeType<V>] extends [FreeType<W>]
      ? FreeType<V>
      : Mismatch;
type FreeType<V> = V extends null ? null : DTypeOfValue<V>;
