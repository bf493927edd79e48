// How operations change types: a few named rules over look-up tables. No recursion; the only conditionals are on null and
// on literals, so that checking stays cheap and hovers stay short.
import type { DecimalValue } from '../schema/decimal.ts';
import type {
  Binary,
  Bool,
  Date32,
  Datetime,
  Decimal,
  DType,
  Duration,
  FixedSizeList,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Null,
  Struct,
  Time,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  Utf8,
} from '../schema/dtypes.ts';
import type { ExprLike } from './expr.ts';

/** The message that an impossible operation leaves in a type. */
export interface TypeProblem<out Message extends string> {
  readonly problem: Message;
}
/** UInt64 with a signed integer: no integer dtype holds both. */
export type MixedSign64 = DType<'Error'> & TypeProblem<'UInt64 with a signed integer: cast one side'>;

/**
 * The dtype name: 'Int32' of `Int32 | null`. Distributive, so that it has a constraint even for `S['city']` of a generic
 * S, which `(T & HasName)['dtype']` has not.
 */
export type NameOf<T> = T extends HasName ? T['dtype'] : never;
interface HasName {
  readonly dtype: DTypeName;
}
export type DTypeName = keyof LiteralTable;
/** null if T is nullable, else never. */
export type NullIn<T> = Extract<T, null>;
export type NonNull<T> = Exclude<T, null>;

export type Integer = Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | UInt64;
export type Float = Float32 | Float64;
export type Numeric = Integer | Float | Decimal;
export type Temporal = Date32 | Datetime | Time | Duration;
type NumberName = Numeric['dtype'];

/** The smallest dtype that holds both operands. */
// biome-ignore format: a table
export interface ArithTable {
  Int8: { Int8: Int8; Int16: Int16; Int32: Int32; Int64: Int64; UInt8: Int16; UInt16: Int32; UInt32: Int64; UInt64: MixedSign64; Float32: Float32; Float64: Float64; Decimal: Decimal };
  Int16: { Int8: Int16; Int16: Int16; Int32: Int32; Int64: Int64; UInt8: Int16; UInt16: Int32; UInt32: Int64; UInt64: MixedSign64; Float32: Float32; Float64: Float64; Decimal: Decimal };
  Int32: { Int8: Int32; Int16: Int32; Int32: Int32; Int64: Int64; UInt8: Int32; UInt16: Int32; UInt32: Int64; UInt64: MixedSign64; Float32: Float64; Float64: Float64; Decimal: Decimal };
  Int64: { Int8: Int64; Int16: Int64; Int32: Int64; Int64: Int64; UInt8: Int64; UInt16: Int64; UInt32: Int64; UInt64: MixedSign64; Float32: Float64; Float64: Float64; Decimal: Decimal };
  UInt8: { Int8: Int16; Int16: Int16; Int32: Int32; Int64: Int64; UInt8: UInt8; UInt16: UInt16; UInt32: UInt32; UInt64: UInt64; Float32: Float32; Float64: Float64; Decimal: Decimal };
  UInt16: { Int8: Int32; Int16: Int32; Int32: Int32; Int64: Int64; UInt8: UInt16; UInt16: UInt16; UInt32: UInt32; UInt64: UInt64; Float32: Float32; Float64: Float64; Decimal: Decimal };
  UInt32: { Int8: Int64; Int16: Int64; Int32: Int64; Int64: Int64; UInt8: UInt32; UInt16: UInt32; UInt32: UInt32; UInt64: UInt64; Float32: Float64; Float64: Float64; Decimal: Decimal };
  UInt64: { Int8: MixedSign64; Int16: MixedSign64; Int32: MixedSign64; Int64: MixedSign64; UInt8: UInt64; UInt16: UInt64; UInt32: UInt64; UInt64: UInt64; Float32: Float64; Float64: Float64; Decimal: Decimal };
  Float32: { Int8: Float32; Int16: Float32; Int32: Float64; Int64: Float64; UInt8: Float32; UInt16: Float32; UInt32: Float64; UInt64: Float64; Float32: Float32; Float64: Float64; Decimal: Float64 };
  Float64: { Int8: Float64; Int16: Float64; Int32: Float64; Int64: Float64; UInt8: Float64; UInt16: Float64; UInt32: Float64; UInt64: Float64; Float32: Float64; Float64: Float64; Decimal: Float64 };
  Decimal: { Int8: Decimal; Int16: Decimal; Int32: Decimal; Int64: Decimal; UInt8: Decimal; UInt16: Decimal; UInt32: Decimal; UInt64: Decimal; Float32: Float64; Float64: Float64; Decimal: Decimal };
}
/** The dtype sums run in. */
export interface SumTable {
  Bool: UInt32;
  Int8: Int64;
  Int16: Int64;
  Int32: Int64;
  Int64: Int64;
  UInt8: UInt64;
  UInt16: UInt64;
  UInt32: UInt64;
  UInt64: UInt64;
  Float32: Float64;
  Float64: Float64;
  Decimal: Decimal;
  Duration: Duration;
}
/** sqrt, log, sin …: Float32 stays, everything else is Float64. */
export interface FloatTable {
  Int8: Float64;
  Int16: Float64;
  Int32: Float64;
  Int64: Float64;
  UInt8: Float64;
  UInt16: Float64;
  UInt32: Float64;
  UInt64: Float64;
  Float32: Float32;
  Float64: Float64;
  Decimal: Float64;
}
/** A row minus an earlier one: unsigned integers go to the next signed dtype. */
export interface DiffTable {
  Int8: Int8;
  Int16: Int16;
  Int32: Int32;
  Int64: Int64;
  UInt8: Int16;
  UInt16: Int32;
  UInt32: Int64;
  UInt64: Int64;
  Float32: Float32;
  Float64: Float64;
  Decimal: Decimal;
  Date32: Duration;
  Datetime: Duration;
  Time: Duration;
  Duration: Duration;
}
/** A temporal value minus another. */
export interface TemporalSubTable {
  Date32: { Date32: Duration; Duration: Date32; Datetime: Duration; Time: never };
  Datetime: { Datetime: Duration; Date32: Duration; Duration: Datetime; Time: never };
  Time: { Time: Duration; Duration: Time; Date32: never; Datetime: never };
  Duration: { Duration: Duration; Date32: never; Datetime: never; Time: never };
}

/** The JavaScript values that stand for a column of a dtype where an operand is expected. */
export interface LiteralTable {
  Bool: boolean;
  Int8: number;
  Int16: number;
  Int32: number;
  Int64: number | bigint;
  UInt8: number;
  UInt16: number;
  UInt32: number;
  UInt64: number | bigint;
  Float32: number;
  Float64: number;
  Decimal: number | bigint | DecimalValue;
  Utf8: string;
  Categorical: string;
  Binary: Uint8Array;
  Date32: Date;
  Datetime: Date;
  Time: string;
  Duration: number | string;
  Null: null;
  List: never;
  FixedSizeList: never;
  Struct: never;
  Error: never;
}
export type Literal<T> = LiteralTable[NameOf<T>];

/** The dtype of a literal that stands alone, decidable from its TypeScript type. */
export type DTypeOfValue<V> = V extends boolean
  ? Bool
  : V extends number
    ? Float64
    : V extends bigint
      ? Int64
      : V extends string
        ? Utf8
        : V extends Date
          ? Datetime
          : V extends Uint8Array
            ? Binary
            : V extends DecimalValue
              ? Decimal
              : V extends null
                ? Null
                : never;

/** The dtype of an operand: an expression's own; for a literal the one of the column it meets; any for an untyped one. */
export type OperandType<T, O> = 0 extends 1 & O ? any : O extends ExprLike<infer B, any> ? B : NonNull<T>;
/** The kinds an operand adds: none for a literal. */
export type KindOf<O> = 0 extends 1 & O ? any : O extends ExprLike<any, infer K> ? K : never;

/** + − × floorDiv mod. */
export type Arith<A, B> = null extends A | B
  ? ArithTable[NameOf<A> & NumberName][NameOf<B> & NumberName] | null
  : ArithTable[NameOf<A> & NumberName][NameOf<B> & NumberName];
/** A dtype, nullable if any of From is. */
export type Propagate<To, From> = null extends From ? To | null : To;
export type SumOf<T> = SumTable[NameOf<T> & keyof SumTable];
export type FloatOf<T> = Propagate<FloatTable[NameOf<T> & keyof FloatTable], T>;
export type DiffOf<T> = Propagate<DiffTable[NameOf<T> & keyof DiffTable], null>;
export type TemporalSub<A, B> = TemporalSubTable[NameOf<A> & keyof TemporalSubTable][NameOf<B> &
  keyof TemporalSubTable] extends infer D
  ? Propagate<D, A | B>
  : never;
/** The operand of a temporal subtraction: text is a Duration. */
/** The dtype of an expression; any for an untyped one. */
export type TypeOf<E> = 0 extends 1 & E ? any : E extends ExprLike<infer T, any> ? T : never;
export type TemporalOperand<T, O> = O extends string ? Duration : OperandType<T, O>;
/** An aggregate of K: a bare window inside stays visible, so `agg` refuses it. */
export type AggKind<K> = Exclude<K, 'row'> | 'agg';

/** The one dtype of several branches; mixed numbers promote. */
export type Common<A, B> = [A, B] extends [Numeric | null, Numeric | null]
  ? Arith<A, B>
  : [NameOf<A>] extends [NameOf<B>]
    ? A | B
    : Mismatch;
export type Mismatch = TypeProblem<'The branches differ in type: cast one'>;

export type AnyList = List<any> | FixedSizeList<any>;
export type InnerOf<T> = NonNull<T> extends { readonly inner: infer I } ? I : any;
export type FieldsOf<T> = NonNull<T> extends Struct<infer F> ? F : any;
