// How the CPU engine computes a function of the registry. One row per function, in the file of its family; index.ts
// gathers the rows, and a test compares them with expr/functions.ts.
import type { CallNode } from '../../../expr/nodes.ts';
import type { ExecContext } from '../context.ts';
import type { EmitRow } from '../emit/lower.ts';
import type { Vector } from '../vector.ts';
import type { FusedPart } from './agg/fused-groups.ts';

/**
 * Computes an elementwise call for one morsel: `args` are equal-length flat vectors (with `perRow`: dictionary-encoded
 * ones as well), the result lives in `ctx.scratch` or shares an argument's buffers. `state` is the evaluator's: what a kernel keeps from one morsel to the next (by its call), for one query.
 */
export type ElementwiseKernel = (
  ctx: ExecContext,
  call: CallNode,
  args: readonly Vector[],
  length: number,
  state: Map<object, unknown>,
) => Vector;

/**
 * A row: how one elementwise function is computed. With `emit` it can be part of a fused module; `kernel` computes it
 * over whole vectors, and is needed unless `emit` takes every layout the function accepts.
 */
export interface CpuFunction {
  /** Lowers a call of fixed-width or Bool arguments. */
  readonly emit?: EmitRow;
  readonly kernel?: ElementwiseKernel;
  /**
   * The kernel reads literal arguments after the first from `call.args`; `args` still has one vector per argument, but
   * those are empty (length 0) and not to be read. The first argument is always a vector of `length` rows. With 'all'
   * the first one is no exception.
   */
  readonly literals?: true | 'all';
  /**
   * The kernel is not to be run on the dictionary of its only column argument. Without this a call whose other
   * arguments are literals gets the dictionary's entries as its vector (no nulls) and a nulls-propagate result is made.
   */
  readonly perRow?: true;
  /** The call over arguments as they were before binding widened them, where the kernel takes those. */
  readonly narrowed?: (call: CallNode) => CallNode;
}

/**
 * One aggregate over many groups. State lies in `ctx.arena`, indexed by group number. Nulls are skipped unless the
 * function's doc says otherwise.
 */
export interface Aggregator {
  /** Makes room for groups [0, groups) and initialises new ones; called before `update` names them. */
  ensure(ctx: ExecContext, groups: number): void;
  /** Adds a morsel: row i belongs to group `u32[gids + 4 i]`; `gids` 0 means every row belongs to group 0. */
  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void;
  /** Adds another aggregator's groups: its group g is ours `u32[map + 4 g]`. `ensure` has been called. */
  merge(ctx: ExecContext, other: this, map: number, groups: number): void;
  /** The results of groups [0, groups), in `ctx.arena`. */
  finish(ctx: ExecContext, groups: number): Vector;
  /** Takes over states that were kept together with those of other aggregates; it has none yet. */
  take?(ctx: ExecContext, part: FusedPart): void;
  /** What an aggregator of another thread needs to stand for this one as the other of a `merge`: addresses, as JSON. */
  share?(): unknown;
  restore?(shared: unknown): void;
}
export type AggregatorFactory = (ctx: ExecContext, call: CallNode) => Aggregator;

/** Rows arranged by partition and, within one, in window order. */
export interface Partitions {
  readonly count: number;
  /** Address of count + 1 u32 row numbers: partition p is rows [starts[p], starts[p + 1]). */
  readonly starts: number;
  readonly length: number;
  /** Address of the rows' numbers in the input, for messages; 0 or absent when they are in order. */
  readonly rows?: number;
}
/**
 * Computes a window call over arranged rows; the result lives in `ctx.arena` and shares nothing with the arguments.
 * They are flat; in the place of a literal after the first argument stands an empty vector: read `call.args`.
 */
export type WindowKernel = (
  ctx: ExecContext,
  call: CallNode,
  args: readonly Vector[],
  partitions: Partitions,
) => Vector;
