// sum: integers exactly in 64 or 128 bits, floats with the rounding error of every addition kept beside the sum.
import { EvaluationError } from '../../../../errors.ts';
import type { CallNode } from '../../../../expr/nodes.ts';
import { type LogicalType, physicalOf, typeText, widthOf } from '../../../../schema/types.ts';
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';
import type { Aggregator, AggregatorFactory } from '../contracts.ts';
import type { FusedPart } from './fused-groups.ts';
import { GroupArray, kindOf, plain } from './state.ts';

/** Sums; 0 for nothing. Values under nulls are zero, so that nulls need no look. */
class Sum implements Aggregator {
  readonly #call: CallNode;
  readonly #from: LogicalType;
  readonly #kind: number;
  /** Bytes of an entry: 8 for integers of up to 32 bits, else 16. */
  readonly #width: 8 | 16;
  readonly #sums: GroupArray;

  constructor(call: CallNode) {
    this.#call = call;
    this.#from = call.args[0]!.type;
    const physical = physicalOf(this.#from);
    this.#kind = kindOf(physical);
    this.#width = physical !== 'f32' && widthOf(physical) <= 4 ? 8 : 16;
    this.#sums = new GroupArray(this.#width);
  }

  ensure(ctx: ExecContext, groups: number): void {
    this.#sums.ensure(ctx, groups);
  }

  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void {
    ctx.kernels.get('agg').sum(this.#kind, plain(ctx, args[0]!).data, gids, length, this.#sums.address);
  }

  take(ctx: ExecContext, { kind, sums, rows, stride, groups }: FusedPart): void {
    ctx.kernels.get('accumulate').takeSums(kind, sums, rows, stride, groups, this.#sums.address, this.#width);
  }

  share(): unknown {
    return this.#sums.address;
  }
  restore(shared: unknown): void {
    this.#sums.lookAt(shared as number);
  }

  merge(ctx: ExecContext, other: this, map: number, groups: number): void {
    const agg = ctx.kernels.get('agg');
    const from = other.#sums.address;
    if (this.#width === 8) agg.mergeLongs(this.#sums.address, from, map, groups);
    else if (this.#isFloat) agg.mergeSums(this.#sums.address, from, map, groups);
    else agg.sum(kindOf('i128'), from, map, groups, this.#sums.address);
  }

  get #isFloat(): boolean {
    return this.#from.dtype === 'Float64' || this.#from.dtype === 'Float32';
  }

  finish(ctx: ExecContext, groups: number): Vector {
    const agg = ctx.kernels.get('agg');
    const type = this.#call.type;
    const sums = this.#sums.address;
    if (this.#from.dtype === 'Decimal') {
      if (agg.findWide(sums, groups) >= 0) throw this.#overflow();
      return { type, length: groups, data: this.#sums.give(), validity: 0 };
    }
    if (this.#width === 8 && this.#from.dtype !== 'Bool')
      return { type, length: groups, data: this.#sums.give(), validity: 0 };
    const data = ctx.arena.alloc(groups * 8);
    if (this.#from.dtype === 'Bool') ctx.kernels.get('hash').unpack4(sums, 8, groups, data);
    else if (this.#isFloat) agg.finishSums(sums, groups, data);
    else if (agg.narrowSums(sums, groups, type.dtype === 'UInt64' ? 1 : 0, data) >= 0) throw this.#overflow();
    this.#sums.free(ctx);
    return { type, length: groups, data, validity: 0 };
  }

  #overflow(): EvaluationError {
    const arg = this.#call.args[0]!;
    const column = arg.node === 'col' ? arg.name : undefined;
    const what = column === undefined ? 'A sum' : `The sum of column "${column}"`;
    return new EvaluationError(
      'ERR_OVERFLOW',
      `${what} does not fit ${typeText(this.#call.type)}: cast to Float64 before summing for an approximate result.`,
      column === undefined ? {} : { column },
    );
  }
}

export const sum: AggregatorFactory = (_ctx, call) => new Sum(call);
