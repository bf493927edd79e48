// How verbs change S, the type of a frame's columns. Every helper resolves at once (Keep) so that long chains stay
// shallow and a hover shows fields, and gives `any` for an untyped frame.
import type { AliasedExpr, Cols, ExprLike } from '../expr/expr.ts';
import type { Literal, NonNull, NullIn, Numeric, TypeProblem } from '../expr/result-types.ts';
import type { JoinHow } from '../plan/nodes.ts';
import type {
  Binary,
  Bool,
  Datetime,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Struct,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  Utf8,
  Value,
} from '../schema/dtypes.ts';

export type { JoinHow };

/** A column's new values: an expression, or a function of the frame's columns. K is the kinds allowed. */
export type Item<S, T, K = any> = ExprLike<T, K> | ((c: Cols<S>) => ExprLike<T, K>);
/** An object of items; E is inferred as name → dtype. */
export type Items<S, E, K = any> = { readonly [N in keyof E]: Item<S, E[N], K> };

/**
 * R, but any for an untyped frame. Being a conditional it is resolved at once; in a generic helper the checker takes
 * R as its constraint (a branch that is any is ignored), so bodies are checked too.
 */
export type Keep<S, R> = 0 extends 1 & S ? any : R;
/** A mapped type, resolved at once. */
export type Flat<T> = T extends infer O ? { [K in keyof O]: O[K] } : never;

/** withColumns. */
export type With<S, E> = Keep<S, { [K in keyof (S & E)]: K extends keyof E ? E[K] : (S & E)[K] }>;
/** Columns left by name. */
export type Without<S, N> = Keep<S, { [K in keyof S as K extends N ? never : K]: S[K] }>;
export type Renamed<S, M> = Keep<
  S,
  { [K in keyof S as K extends keyof M ? (M[K] extends string ? M[K] : never) : K]: S[K] }
>;

/** One object of computed columns among names. A single signature: overloads would answer a wrong name with TS2769. */
export interface Computed<S, K = any> {
  readonly [name: string]: Item<S, any, K>;
}
/** select and groupBy: names and computed columns together. An untyped expression with its own name makes it any. */
export type Selected<S, A> = [Extract<A, AliasedExpr>] extends [never] ? SelectedTyped<S, A> : any;
type SelectedTyped<S, A> = Picked<
  S,
  Extract<A, string>,
  [Exclude<A, string>] extends [never] ? unknown : Exclude<A, string>
>;
type Picked<S, N, E> = Keep<S, { [K in (N & keyof S) | keyof E]: K extends keyof E ? ItemType<E[K]> : S[K & keyof S] }>;
type ItemType<I> = I extends (c: any) => ExprLike<infer T, any> ? T : I extends ExprLike<infer T, any> ? T : any;

/** dropNulls. */
export type NotNull<S, N> = Keep<S, { [K in keyof S]: K extends N ? NonNull<S[K]> : S[K] }>;
/** fillNull({ city: '' }). */
export type Filled<S, F> = Keep<S, { [K in keyof S]: K extends keyof F ? NonNull<S[K]> : S[K] }>;
export type Fills<S> = { readonly [K in keyof S]?: Literal<S[K]> };

/** Names that both sides of a join have. */
export type JoinKeys<S, R> = keyof (S & {}) & keyof (R & {}) & string;
type LeftKeys<On> = On extends string ? On : On extends readonly (infer N)[] ? N : keyof On;
type RightKeys<On> = On extends string ? On : On extends readonly (infer N)[] ? N : On[keyof On];
type MaybeNull<T, H, When> = H extends When ? T | null : T;
/** Key columns once (left name), the rest nullable on the side that may be missing; clashes get the suffix. */
export type Joined<S, R, On, How, X extends string> = JoinedHow<S, R, On, JoinHow extends How ? 'inner' : How, X>;
type JoinedHow<S, R, On, H, X extends string> = H extends 'semi' | 'anti'
  ? S
  : 0 extends 1 & (S | R)
    ? any
    : JoinFlat<
        {
          [K in keyof S]: K extends LeftKeys<On>
            ? H extends 'right' | 'full'
              ? S[K] | KeyNull<R, On, K>
              : S[K]
            : MaybeNull<S[K], H, 'right' | 'full'>;
        },
        {
          [K in Exclude<keyof R, RightKeys<On>> as K extends keyof S ? `${K & string}${X}` : K]: MaybeNull<
            R[K],
            H,
            'left' | 'full'
          >;
        }
      >;
type KeyNull<R, On, K> = K extends keyof On ? NullIn<R[On[K] & keyof R]> : NullIn<R[K & keyof R]>;
// Keep sits here, not around the call: an alias that names a mapped type would show in hovers.
type JoinFlat<A, B> = Keep<A | B, { [K in keyof A | keyof B]: K extends keyof A ? A[K] : B[K & keyof B] }>;

/** A column name, or a name or expression with its direction. */
export type SortKey<S> =
  | (keyof S & string)
  | {
      readonly by: (keyof S & string) | ((c: Cols<S>) => ExprLike<any, 'row' | 'window'>);
      readonly descending?: boolean;
      readonly nullsFirst?: boolean;
    };

export type NumericNames<S> = 0 extends 1 & S
  ? string
  : { [K in keyof S]: NonNull<S[K]> extends Numeric | Bool ? K : never }[keyof S] & string;
export type Described<S> = Keep<
  S,
  { [K in 'statistic' | NumericNames<S>]: K extends 'statistic' ? Utf8 : Float64 | null }
>;
export type Counted<S, N extends keyof S> = Keep<
  S,
  { [K in N | 'count']: K extends 'count' ? UInt32 : S[K & keyof S] }
>;
export type NullCounts<S> = Keep<S, { [K in keyof S]: UInt32 }>;

/** A name that is not a column yet. */
export type NewName<S, N> = string extends N | keyof S
  ? N
  : N extends keyof S
    ? TypeProblem<`Column "${N & string}" already exists`>
    : N;
export type NewNames<S, M> = 0 extends 1 & S
  ? unknown
  : {
      readonly [K in keyof M]: K extends keyof S
        ? M[K] extends Exclude<keyof S, keyof M>
          ? TypeProblem<`Column "${M[K] & string}" already exists`>
          : string
        : TypeProblem<`Column "${K & string}" not found`>;
    };

export declare const schema: unique symbol;
/** Carries S as a type only; S is compared here, in one covariant place. */
export interface HasSchema<out S> {
  readonly [schema]: S;
}
export type SchemasOf<F> = F extends readonly (infer D)[] ? (D extends HasSchema<infer S> ? S : never) : never;
type KeysOfUnion<U> = U extends unknown ? keyof U : never;
type VerticalOf<U> = Keep<U, { [K in KeysOfUnion<U>]: U extends unknown ? (K extends keyof U ? U[K] : never) : never }>;
type DiagonalOf<U> = Keep<U, { [K in KeysOfUnion<U>]: U extends unknown ? (K extends keyof U ? U[K] : null) : never }>;
/** Refuses a vertical concat of frames with different column names on the spot. */
export type SameColumns<F, H> = H extends 'vertical'
  ? SameKeys<KeysOfUnion<SchemasOf<F>>, keyof SchemasOf<F>>
  : unknown;
type SameKeys<All, Shared> = [All] extends [Shared]
  ? unknown
  : TypeProblem<`Column "${Exclude<All, Shared> & string}" is missing in one frame`>;
type UnionToIntersection<U> = (U extends unknown ? (u: U) => void : never) extends (u: infer I) => void ? I : never;
export type Concatenated<U, H> = H extends 'horizontal'
  ? Flat<UnionToIntersection<U>>
  : H extends 'diagonal'
    ? DiagonalOf<U>
    : VerticalOf<U>;

/** Rows with 64-bit integers as numbers. */
export type RowNumbers<S> = { [K in keyof S]: Value<S[K]> extends infer V ? (V extends bigint ? number : V) : never };

/** Plain columns: what mapBatches returns and toColumns gives. */
export type Columns<S> = { readonly [K in keyof S]: ArrayLike<Value<S[K]>> };
/** toColumns: typed arrays where the column cannot hold null. */
export type ColumnArrays<S> = { [K in keyof S]: ArrayOf<S[K]> };

/** A typed array when the column cannot hold null, else a plain array. */
export type ArrayOf<T> = 0 extends 1 & T
  ? any
  : null extends T
    ? Value<T>[]
    : T extends { readonly dtype: keyof ArrayTable }
      ? ArrayTable[T['dtype']]
      : Value<T>[];
interface ArrayTable {
  Int8: Int8Array;
  Int16: Int16Array;
  Int32: Int32Array;
  Int64: BigInt64Array;
  UInt8: Uint8Array;
  UInt16: Uint16Array;
  UInt32: Uint32Array;
  UInt64: BigUint64Array;
  Float32: Float32Array;
  Float64: Float64Array;
}

/** The dtype inferred for a JavaScript value, decidable from its TypeScript type. */
export type InferredType<V> = V extends null | undefined
  ? null
  : V extends number
    ? Float64
    : V extends bigint
      ? Int64
      : V extends string
        ? Utf8
        : V extends boolean
          ? Bool
          : V extends Date
            ? Datetime
            : V extends Uint8Array
              ? Binary
              : V extends readonly (infer I)[]
                ? List<InferredType<I>>
                : V extends { readonly unscaled: bigint }
                  ? any
                  : V extends object
                    ? Struct<{ [K in keyof V]: InferredType<V[K]> }>
                    : any;
/** The frame that `fromRecords` makes of objects of type R; an optional property may be null. */
export type InferredRecord<R> = 0 extends 1 & R
  ? any
  : string extends keyof R
    ? any
    : { [K in keyof R]-?: undefined extends R[K] ? InferredType<Exclude<R[K], undefined>> | null : InferredType<R[K]> };

/** The frame that `fromColumns` makes: typed arrays keep their dtype, other arrays are inferred. */
export type InferredColumns<C> = { -readonly [K in keyof C]: InferredColumn<C[K]> };
type InferredColumn<A> = A extends { readonly [Symbol.toStringTag]: infer N }
  ? N extends keyof TypedArrays
    ? TypedArrays[N]
    : any
  : A extends ArrayLike<infer V>
    ? InferredType<V>
    : any;
interface TypedArrays {
  Int8Array: Int8;
  Int16Array: Int16;
  Int32Array: Int32;
  BigInt64Array: Int64;
  Uint8Array: UInt8;
  Uint8ClampedArray: UInt8;
  Uint16Array: UInt16;
  Uint32Array: UInt32;
  BigUint64Array: UInt64;
  Float32Array: Float32;
  Float64Array: Float64;
}
