// Bound expressions written by hand.
import type {
  CallNode,
  CastNode,
  ColNode,
  ExprNode,
  LiteralValue,
  LitNode,
  Options,
  WhenNode,
} from '../../expr/nodes.ts';
import type { LogicalType, Schema } from '../../schema/types.ts';

export const T = {
  Bool: { dtype: 'Bool' },
  Int8: { dtype: 'Int8' },
  Int16: { dtype: 'Int16' },
  Int32: { dtype: 'Int32' },
  Int64: { dtype: 'Int64' },
  UInt8: { dtype: 'UInt8' },
  UInt16: { dtype: 'UInt16' },
  UInt32: { dtype: 'UInt32' },
  UInt64: { dtype: 'UInt64' },
  Float32: { dtype: 'Float32' },
  Float64: { dtype: 'Float64' },
  Utf8: { dtype: 'Utf8' },
  Binary: { dtype: 'Binary' },
  Categorical: { dtype: 'Categorical' },
  Date32: { dtype: 'Date32' },
  Time: { dtype: 'Time' },
  Null: { dtype: 'Null' },
} as const satisfies Record<string, LogicalType>;
export const decimalType = (precision: number, scale: number): LogicalType => ({ dtype: 'Decimal', precision, scale });
export const datetimeType = (unit: 'ms' | 'us' | 'ns', zone: string | null = null): LogicalType => ({
  dtype: 'Datetime',
  unit,
  zone,
});
export const durationType = (unit: 'ms' | 'us' | 'ns'): LogicalType => ({ dtype: 'Duration', unit });

export const col = (name: string, type: LogicalType, nullable = true): ColNode => ({
  node: 'col',
  name,
  type,
  nullable,
});
export const lit = (value: LiteralValue, type: LogicalType): LitNode => ({
  node: 'lit',
  value,
  type,
  nullable: value === null,
});
export const call = (fn: string, args: readonly ExprNode[], type: LogicalType, options: Options = {}): CallNode => ({
  node: 'call',
  fn,
  args,
  type,
  options,
  nullable: true,
});
export const cast = (expr: ExprNode, type: LogicalType, strict = true): CastNode => ({
  node: 'cast',
  expr,
  type,
  strict,
  nullable: true,
});
export const when = (
  branches: readonly { when: ExprNode; then: ExprNode }[],
  otherwise: ExprNode,
  type: LogicalType,
): WhenNode => ({ node: 'when', branches, otherwise, type, nullable: true });

export type Columns = { readonly [name: string]: { readonly type: LogicalType; readonly values: readonly unknown[] } };

export const schemaOf = (columns: Columns): Schema =>
  Object.entries(columns).map(([name, c]) => ({ name, type: c.type, nullable: true }));
