// A frame's schema with a column of every dtype, and shorthands for binding against it.
import { BROADCAST, bindExpr } from '../../ts/expr/bind.ts';
import type { Kind } from '../../ts/expr/expr.ts';
import type { ExprNode } from '../../ts/expr/nodes.ts';
import { exprText } from '../../ts/expr/text.ts';
import {
  Binary,
  Bool,
  Categorical,
  Date32,
  Datetime,
  Decimal,
  Duration,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Null,
  nullable,
  Struct,
  schemaFromSpec,
  Time,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  Utf8,
} from '../../ts/schema/dtypes.ts';
import { typeText } from '../../ts/schema/types.ts';

export const schema = schemaFromSpec({
  i8: Int8,
  i16: Int16,
  i32: Int32,
  i64: Int64,
  u8: UInt8,
  u16: UInt16,
  u32: UInt32,
  u64: UInt64,
  f32: Float32,
  f64: Float64,
  dec: Decimal(10, 2),
  dec4: Decimal(18, 4),
  ok: Bool,
  maybe: nullable(Bool),
  text: Utf8,
  note: nullable(Utf8),
  cat: Categorical,
  bytes: Binary,
  day: Date32,
  ts: Datetime,
  tsMs: Datetime('ms'),
  rome: Datetime('ms', 'Europe/Rome'),
  tokyo: Datetime('us', 'Asia/Tokyo'),
  time: Time,
  dur: Duration('ms'),
  durNs: Duration('ns'),
  some: nullable(Int32),
  nothing: nullable(Null),
  tags: List(nullable(Utf8)),
  geo: Struct({ lat: Float64, lon: nullable(Float64) }),
  'odd name': Int32,
});

export type AnyCallback = (c: any) => any;

export const bind = (item: unknown, allow: readonly Kind[] = BROADCAST, verb = 'withColumns'): ExprNode =>
  bindExpr(item, schema, { verb, name: 'x', allow });

/** `text :: dtype`, with a question mark where the result may be null. */
export function shown(item: AnyCallback, allow?: readonly Kind[]): string {
  const e = bind(item, allow);
  return `${exprText(e)} :: ${typeText(e.type)}${e.nullable ? '?' : ''}`;
}

/** The dtype of the result, with a question mark where it may be null. */
export const typeOf = (item: AnyCallback, allow?: readonly Kind[]): string =>
  shown(item, allow).split(' :: ')[1] as string;
