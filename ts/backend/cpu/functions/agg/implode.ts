// implode: the values of each group as a list, in row order, nulls kept.
import type { CallNode } from '../../../../expr/nodes.ts';
import { allocZeroed } from '../../columns/alloc.ts';
import { gather } from '../../columns/gather.ts';
import { RowStore } from '../../columns/row-store.ts';
import { slice } from '../../columns/slice.ts';
import type { ExecContext } from '../../context.ts';
import { MORSEL_ROWS, type Vector } from '../../vector.ts';
import type { Aggregator, AggregatorFactory } from '../contracts.ts';

class Implode implements Aggregator {
  readonly #call: CallNode;
  readonly #values: RowStore;
  /** The group of every row, batch by batch; address 0: all in group 0. */
  readonly #gids: { address: number; length: number }[] = [];

  constructor(call: CallNode) {
    this.#call = call;
    this.#values = new RowStore([{ name: '', type: call.args[0]!.type, nullable: true }]);
  }

  ensure(): void {}

  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void {
    this.#values.append(ctx, { length, columns: [args[0]!], ordinal: 0 });
    const address = gids === 0 ? 0 : ctx.arena.alloc(length * 4);
    if (gids !== 0) ctx.heap.refresh().u8.copyWithin(address, gids, gids + length * 4);
    this.#gids.push({ address, length });
  }

  merge(ctx: ExecContext, other: this, map: number, _groups: number): void {
    const [values] = other.#values.finish(ctx);
    const gids = other.#allGids(ctx);
    for (let from = 0; from < values!.length; from += MORSEL_ROWS) {
      const mark = ctx.scratch.mark();
      const n = Math.min(MORSEL_ROWS, values!.length - from);
      const mapped = ctx.scratch.alloc(n * 4);
      ctx.kernels.get('core').gather4(map, gids + from * 4, n, mapped);
      this.update(ctx, [slice(values!, from, n)], mapped, n);
      ctx.scratch.rewind(mark);
    }
    ctx.arena.free(gids);
  }

  /** The group of every row, in one block. */
  #allGids(ctx: ExecContext): number {
    const all = ctx.arena.alloc(this.#values.length * 4);
    const { u8 } = ctx.heap.refresh();
    let at = all;
    for (const { address, length } of this.#gids) {
      if (address === 0) u8.fill(0, at, at + length * 4);
      else u8.copyWithin(at, address, address + length * 4);
      at += length * 4;
    }
    return all;
  }

  finish(ctx: ExecContext, groups: number): Vector {
    const agg = ctx.kernels.get('agg');
    const [values] = this.#values.finish(ctx);
    const rows = values!.length;
    const starts = ctx.arena.alloc((groups + 1) * 4);
    const base = { type: this.#call.type, length: groups, data: starts, validity: 0 };
    const counts = allocZeroed(ctx, groups * 4, ctx.arena);
    if (this.#gids.every((g) => g.address === 0)) {
      // One group: the values lie in order already.
      if (groups > 0) ctx.heap.refresh().u32[counts >>> 2] = rows;
      agg.startsOf(counts, groups, starts);
      ctx.arena.free(counts);
      return { ...base, children: [values!] };
    }
    const gids = this.#allGids(ctx);
    agg.countRows(gids, rows, counts);
    agg.startsOf(counts, groups, starts);
    ctx.heap.refresh().u8.copyWithin(counts, starts, starts + groups * 4);
    const order = ctx.arena.alloc(rows * 4);
    for (let from = 0; from < rows; from += MORSEL_ROWS)
      agg.scatterRows(gids + from * 4, Math.min(MORSEL_ROWS, rows - from), from, counts, order);
    const items = gather(ctx, values!, order, rows, ctx.arena);
    for (const block of [counts, gids, order]) ctx.arena.free(block);
    for (const g of this.#gids) if (g.address !== 0) ctx.arena.free(g.address);
    return { ...base, children: [items] };
  }
}

export const implode: AggregatorFactory = (_ctx, call) => new Implode(call);
