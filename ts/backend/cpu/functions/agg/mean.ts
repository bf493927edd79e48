// mean: a compensated sum beside the number of values; of integers and decimals, the exact sum.
import type { CallNode } from '../../../../expr/nodes.ts';
import { bitsOf, isInteger, type LogicalType, physicalOf } from '../../../../schema/types.ts';
import { nullCount } from '../../columns/alloc.ts';
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';
import type { Aggregator, AggregatorFactory } from '../contracts.ts';
import type { FusedPart } from './fused-groups.ts';
import { floatResult, GroupArray, kindOf, plain } from './state.ts';

class Mean implements Aggregator {
  readonly #state = new GroupArray(32);

  ensure(ctx: ExecContext, groups: number): void {
    this.#state.ensure(ctx, groups);
  }

  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void {
    const agg = ctx.kernels.get('agg');
    const v = plain(ctx, args[0]!);
    if (gids === 0) agg.meanAll(v.data, length - nullCount(ctx, v), length, this.#state.address);
    else agg.mean(v.data, v.validity, gids, length, this.#state.address);
  }

  take(ctx: ExecContext, { kind, sums, rows, nulls, stride, groups }: FusedPart): void {
    const accumulate = ctx.kernels.get('accumulate');
    const { address } = this.#state;
    accumulate.takeSums(kind, sums, rows, stride, groups, address, 32);
    accumulate.takeCounts(2, rows, nulls, stride, groups, address + 16, 32);
  }

  share(): unknown {
    return this.#state.address;
  }
  restore(shared: unknown): void {
    this.#state.lookAt(shared as number);
  }

  merge(ctx: ExecContext, other: this, map: number, groups: number): void {
    ctx.kernels.get('agg').mergeMeans(this.#state.address, other.#state.address, map, groups);
  }

  finish(ctx: ExecContext, groups: number): Vector {
    const result = floatResult(ctx, groups, (data, seen) =>
      ctx.kernels.get('agg').finishMeans(this.#state.address, groups, data, seen),
    );
    this.#state.free(ctx);
    return result;
  }
}

/** Of integers of up to 32 bits, as they are. */
class IntMean implements Aggregator {
  readonly #kind: number;
  readonly #state = new GroupArray(16);

  constructor(kind: number) {
    this.#kind = kind;
  }

  ensure(ctx: ExecContext, groups: number): void {
    this.#state.ensure(ctx, groups);
  }

  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void {
    const agg = ctx.kernels.get('agg');
    const v = plain(ctx, args[0]!);
    const values = gids === 0 ? length - nullCount(ctx, v) : 0;
    agg.meanInts(this.#kind, v.data, v.validity, gids, values, length, this.#state.address);
  }

  take(ctx: ExecContext, { kind, sums, rows, nulls, stride, groups }: FusedPart): void {
    const accumulate = ctx.kernels.get('accumulate');
    const { address } = this.#state;
    accumulate.takeSums(kind, sums, rows, stride, groups, address, 16);
    accumulate.takeCounts(1, rows, nulls, stride, groups, address + 8, 16);
  }

  share(): unknown {
    return this.#state.address;
  }
  restore(shared: unknown): void {
    this.#state.lookAt(shared as number);
  }

  merge(ctx: ExecContext, other: this, map: number, groups: number): void {
    ctx.kernels.get('agg').mergeIntMeans(this.#state.address, other.#state.address, map, groups);
  }

  finish(ctx: ExecContext, groups: number): Vector {
    const result = floatResult(ctx, groups, (data, seen) =>
      ctx.kernels.get('agg').finishIntMeans(this.#state.address, groups, data, seen),
    );
    this.#state.free(ctx);
    return result;
  }
}

/** Of decimals: the exact sum. */
class DecimalMean implements Aggregator {
  readonly #kind: number;
  readonly #unit: number;
  readonly #state = new GroupArray(32);

  constructor(kind: number, scale: number) {
    this.#kind = kind;
    this.#unit = 10 ** scale;
  }

  ensure(ctx: ExecContext, groups: number): void {
    this.#state.ensure(ctx, groups);
  }

  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void {
    const v = plain(ctx, args[0]!);
    const values = gids === 0 ? length - nullCount(ctx, v) : 0;
    ctx.kernels
      .get('accumulate')
      .decimalMean(this.#kind, v.data, v.validity, gids, values, length, this.#state.address);
  }

  take(ctx: ExecContext, { kind, sums, rows, nulls, stride, groups }: FusedPart): void {
    const accumulate = ctx.kernels.get('accumulate');
    const { address } = this.#state;
    accumulate.takeSums(kind, sums, rows, stride, groups, address, 32);
    accumulate.takeCounts(1, rows, nulls, stride, groups, address + 16, 32);
  }

  share(): unknown {
    return this.#state.address;
  }
  restore(shared: unknown): void {
    this.#state.lookAt(shared as number);
  }

  merge(ctx: ExecContext, other: this, map: number, groups: number): void {
    ctx.kernels.get('accumulate').mergeDecimalMeans(this.#state.address, other.#state.address, map, groups);
  }

  finish(ctx: ExecContext, groups: number): Vector {
    const result = floatResult(ctx, groups, (data, seen) =>
      ctx.kernels.get('accumulate').finishDecimalMeans(this.#state.address, groups, this.#unit, data, seen),
    );
    this.#state.free(ctx);
    return result;
  }
}

export const mean: AggregatorFactory = (_, call) => {
  const { type } = call.args[0]!;
  if (type.dtype === 'Decimal') return new DecimalMean(kindOf(physicalOf(type)), type.scale);
  return isSmallInteger(type) ? new IntMean(kindOf(physicalOf(type))) : new Mean();
};

/** Integers whose sums cannot leave 64 bits. */
export const isSmallInteger = (type: LogicalType): boolean => isInteger(type) && bitsOf(type) <= 32;

/** A mean whose integers or decimals need not become floats first: nothing is lost, and a pass over them is saved. */
export function meanOfExact(call: CallNode): CallNode {
  const [arg] = call.args;
  if (call.fn !== 'mean' || arg?.node !== 'cast' || arg.type.dtype !== 'Float64') return call;
  const from = arg.expr.type;
  return from.dtype === 'Decimal' || isSmallInteger(from) ? Object.freeze({ ...call, args: [arg.expr] }) : call;
}
