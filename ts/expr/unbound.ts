// What users build: expressions without a schema. bind.ts turns them into the bound nodes of nodes.ts.
import type { LogicalType } from '../schema/types.ts';
import type { Options } from './nodes.ts';

export interface UnboundCol {
  readonly node: 'col';
  readonly name: string;
}
/** A JavaScript value. `type` null: it takes the dtype of the column it meets. */
export interface UnboundLit {
  readonly node: 'lit';
  readonly value: unknown;
  readonly type: LogicalType | null;
}
/** A function of the registry, or a name of sugar.ts that binding rewrites. */
export interface UnboundCall {
  readonly node: 'call';
  readonly fn: string;
  readonly args: readonly Unbound[];
  readonly options: Options;
}
export interface UnboundCast {
  readonly node: 'cast';
  readonly expr: Unbound;
  readonly type: LogicalType;
  readonly strict: boolean;
}
/** `otherwise` null: null. */
export interface UnboundWhen {
  readonly node: 'when';
  readonly branches: readonly { readonly when: Unbound; readonly then: Unbound }[];
  readonly otherwise: Unbound | null;
}
export interface UnboundOver {
  readonly node: 'over';
  readonly expr: Unbound;
  readonly partitionBy: readonly Unbound[];
  readonly orderBy: readonly { readonly expr: Unbound; readonly descending: boolean; readonly nullsFirst: boolean }[];
}
/** A name for the result; only at the top. */
export interface UnboundAlias {
  readonly node: 'alias';
  readonly expr: Unbound;
  readonly name: string;
}

export type Unbound = UnboundCol | UnboundLit | UnboundCall | UnboundCast | UnboundWhen | UnboundOver | UnboundAlias;

const NO_OPTIONS: Options = Object.freeze({});

/** A call. */
export const callOf = (fn: string, args: readonly Unbound[], options: Options = NO_OPTIONS): UnboundCall =>
  Object.freeze({ node: 'call', fn, args: Object.freeze([...args]), options: Object.freeze(options) });

/** A literal that takes the dtype of its neighbour. */
export const freeLit = (value: unknown): UnboundLit => Object.freeze({ node: 'lit', value, type: null });

/** A literal of a dtype. */
export const typedLit = (value: unknown, type: LogicalType): UnboundLit => Object.freeze({ node: 'lit', value, type });

/** A cast. */
export const castOf = (expr: Unbound, type: LogicalType, strict = true): UnboundCast =>
  Object.freeze({ node: 'cast', expr, type, strict });
