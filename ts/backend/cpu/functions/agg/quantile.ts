// quantile: exact, by keeping every value, laying them out group by group and selecting.
import type { CallNode } from '../../../../expr/nodes.ts';
import { allocZeroed } from '../../columns/alloc.ts';
import type { ExecContext } from '../../context.ts';
import { MORSEL_ROWS, type Vector } from '../../vector.ts';
import type { Aggregator, AggregatorFactory } from '../contracts.ts';
import { floatResult, plain } from './state.ts';

/** A block of values, and the group of each (0: all in group 0). */
interface Part {
  readonly values: number;
  readonly gids: number;
  readonly capacity: number;
  length: number;
}

/** Blocks grow to this many rows: just below 5 MiB of values, a size the arena does not round up. */
const MAX_PART_ROWS = 655352;

const INTERPOLATIONS = ['linear', 'lower', 'higher', 'nearest', 'midpoint'];

class Quantile implements Aggregator {
  readonly #q: number;
  readonly #how: number;
  readonly #parts: Part[] = [];

  constructor(call: CallNode) {
    this.#q = call.options['q'] as number;
    this.#how = INTERPOLATIONS.indexOf((call.options['interpolation'] as string | undefined) ?? 'linear');
  }

  ensure(): void {}

  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void {
    const v = plain(ctx, args[0]!);
    const part = this.#roomFor(ctx, length, gids !== 0);
    part.length += ctx.kernels
      .get('agg')
      .appendValues(
        v.data,
        v.validity,
        gids,
        length,
        part.values + part.length * 8,
        part.gids === 0 ? 0 : part.gids + part.length * 4,
      );
  }

  #roomFor(ctx: ExecContext, length: number, isGrouped: boolean): Part {
    const last = this.#parts.at(-1);
    if (last && last.capacity - last.length >= length && (last.gids !== 0) === isGrouped) return last;
    const capacity = Math.max(length, Math.min(MAX_PART_ROWS, 4 * (last?.capacity ?? 1024)));
    const values = ctx.arena.alloc(capacity * 8);
    const part = { values, gids: isGrouped ? ctx.arena.alloc(capacity * 4) : 0, capacity, length: 0 };
    this.#parts.push(part);
    return part;
  }

  share(): unknown {
    return this.#parts;
  }
  restore(shared: unknown): void {
    this.#parts.push(...(shared as Part[]));
  }

  merge(ctx: ExecContext, other: this, map: number, _groups: number): void {
    for (const part of other.#parts) {
      const gids = ctx.arena.alloc(part.length * 4);
      if (part.gids === 0) {
        const to = ctx.heap.refresh().u32[map >>> 2]!;
        ctx.heap.u32.fill(to, gids >>> 2, (gids >>> 2) + part.length);
      } else ctx.kernels.get('core').gather4(map, part.gids, part.length, gids);
      this.#parts.push({ values: part.values, gids, capacity: part.length, length: part.length });
    }
    other.#parts.length = 0;
  }

  finish(ctx: ExecContext, groups: number): Vector {
    const agg = ctx.kernels.get('agg');
    const total = this.#parts.reduce((sum, p) => sum + p.length, 0);
    const counts = allocZeroed(ctx, groups * 4, ctx.arena);
    for (const p of this.#parts) {
      if (p.gids !== 0) agg.countRows(p.gids, p.length, counts);
      else ctx.heap.refresh().u32[counts >>> 2]! += p.length;
    }
    const starts = ctx.arena.alloc((groups + 1) * 4);
    agg.startsOf(counts, groups, starts);
    const next = counts;
    ctx.heap.refresh().u8.copyWithin(next, starts, starts + groups * 4);
    const values = ctx.arena.alloc(total * 8);
    for (const p of this.#parts) {
      for (let from = 0; from < p.length; from += MORSEL_ROWS) {
        const n = Math.min(MORSEL_ROWS, p.length - from);
        agg.scatterValues(p.values + from * 8, p.gids === 0 ? 0 : p.gids + from * 4, n, next, values);
      }
      ctx.arena.free(p.values);
      if (p.gids !== 0) ctx.arena.free(p.gids);
    }
    this.#parts.length = 0;
    const result = floatResult(ctx, groups, (data, seen) =>
      agg.quantiles(values, starts, groups, this.#q, this.#how, data, seen),
    );
    for (const block of [counts, starts, values]) ctx.arena.free(block);
    return result;
  }
}

export const quantile: AggregatorFactory = (_ctx, call) => new Quantile(call);
