// States of several aggregates in one entry per group, filled by one pass over group numbers: an entry is found once for
// all, a sum that two of them need is kept once, and so is the number of rows. Aggregates take theirs over in the end.
import type { CallNode } from '../../../../expr/nodes.ts';
import { type Physical, physicalOf } from '../../../../schema/types.ts';
import type { ExecContext } from '../../context.ts';
import { ACCUMULATE_ARGS, canAccumulate, emitAccumulate, type SumField, sumBytes } from '../../emit/accumulate.ts';
import type { Kernels } from '../../kernels.ts';
import type { Vector } from '../../vector.ts';
import type { Aggregator } from '../contracts.ts';
import { isSmallInteger } from './mean.ts';
import { GroupArray, kindOf, plain } from './state.ts';

/** What one aggregate has in an entry: places, −1 for none. */
interface Part {
  /** Which aggregate. */
  readonly aggregate: number;
  readonly physical: Physical | null;
  readonly sum: number;
  readonly counts: boolean;
  readonly nulls: number;
}

/** The entries of a list of aggregates. */
export interface FusedShape {
  readonly key: string;
  readonly stride: number;
  readonly rows: number;
  readonly parts: readonly Part[];
  /** Which argument each sum and each number of nulls is of. */
  readonly sums: readonly (SumField & { readonly arg: number })[];
  readonly nulls: readonly { readonly arg: number; readonly at: number }[];
}

/** Where the part of an aggregate lies. Addresses of the first group; `nulls` 0: every row has a value. */
export interface FusedPart {
  readonly kind: number;
  readonly sums: number;
  readonly rows: number;
  readonly nulls: number;
  readonly stride: number;
  readonly groups: number;
}

/** What a call needs: a sum, counts, or both; null where its state is of another kind. */
function needsOf({ fn, args }: CallNode): { physical: Physical | null; counts: boolean } | null {
  if (fn === 'len') return { physical: null, counts: true };
  const type = args[0]!.type;
  if (fn === 'count') return type.dtype === 'Null' ? null : { physical: null, counts: true };
  const physical = physicalOf(type);
  if (!canAccumulate(physical)) return null;
  if (fn === 'sum') return { physical, counts: false };
  const isMean = fn === 'mean' && (type.dtype === 'Float64' || type.dtype === 'Decimal' || isSmallInteger(type));
  return isMean ? { physical, counts: true } : null;
}

/** The entries for aggregates of which at least two can be kept together; null for others. */
export function fusedShape(columns: readonly { call: CallNode; args: readonly number[] }[]): FusedShape | null {
  const wanted = columns.flatMap(({ call, args }, aggregate) => {
    const needs = needsOf(call);
    return needs ? [{ ...needs, aggregate, arg: args[0] ?? -1, nullable: call.args[0]?.nullable ?? false }] : [];
  });
  if (wanted.length < 2) return null;
  let bytes = 0;
  const place = (size: number): number => {
    bytes += size;
    return bytes - size;
  };
  const sumOf = new Map<number, SumField & { arg: number }>();
  const needsSum = wanted.filter((w) => w.physical !== null);
  for (const size of [16, 8])
    for (const { arg, physical } of needsSum)
      if (sumBytes(physical!) === size && !sumOf.has(arg))
        sumOf.set(arg, { arg, physical: physical!, at: place(size) });
  const sums = [...sumOf.values()];
  const rows = wanted.some((w) => w.counts) || sums.some((s) => s.physical === 'i64') ? place(4) : -1;
  const nullsOf = new Map<number, number>();
  for (const { arg, counts, nullable } of wanted)
    if (counts && nullable && !nullsOf.has(arg)) nullsOf.set(arg, place(4));
  const stride = Math.ceil(bytes / 8) * 8;
  const parts = wanted.map(({ aggregate, arg, physical, counts }): Part => {
    const nulls = counts ? (nullsOf.get(arg) ?? -1) : -1;
    return { aggregate, physical, sum: physical === null ? -1 : sumOf.get(arg)!.at, counts, nulls };
  });
  const key = `${stride} ${rows} ${sums.map((s) => `${s.physical}@${s.at}`).join()}`;
  return { key, stride, rows, parts, sums, nulls: [...nullsOf].map(([arg, at]) => ({ arg, at })) };
}

type Run = (args: number) => void;
/** Modules emitted so far, by shape, and instances, by heap. */
const emitted = new Map<string, Uint8Array>();
const instances = new WeakMap<Kernels, Map<string, Run>>();
const MOST_SHAPES = 500;

function loopOf(kernels: Kernels, shape: FusedShape): Run {
  let known = instances.get(kernels);
  if (!known) {
    known = new Map();
    instances.set(kernels, known);
  }
  let run = known.get(shape.key);
  if (run) return run;
  const bytes = emitted.get(shape.key) ?? emitAccumulate(shape);
  if (emitted.size >= MOST_SHAPES) emitted.clear();
  emitted.set(shape.key, bytes);
  run = kernels.instantiate(bytes)['f'] as Run;
  if (known.size >= MOST_SHAPES) known.clear();
  known.set(shape.key, run);
  return run;
}

/** The entries of some rows' groups. */
export class FusedGroups {
  readonly #shape: FusedShape;
  readonly #entries: GroupArray;

  constructor(shape: FusedShape) {
    this.#shape = shape;
    this.#entries = new GroupArray(shape.stride);
  }

  ensure(ctx: ExecContext, groups: number): void {
    this.#entries.ensure(ctx, groups);
  }

  /** Adds a morsel; `vectors` are what the aggregates' arguments are numbers of. */
  update(ctx: ExecContext, vectors: readonly Vector[], gids: number, length: number): void {
    const { sums, nulls, stride } = this.#shape;
    const values = sums.map(({ arg }) => plain(ctx, vectors[arg]!).data);
    const args = ctx.scratch.alloc(ACCUMULATE_ARGS.values + 4 * values.length);
    const entries = this.#entries.address;
    const run = loopOf(ctx.kernels, this.#shape);
    ctx.heap.refresh().u32.set([length, gids, entries, ...values], args >>> 2);
    run(args);
    for (const { arg, at } of nulls) {
      const { validity } = vectors[arg]!;
      if (validity !== 0) ctx.kernels.get('accumulate').countNulls(validity, gids, length, entries + at, stride);
    }
  }

  /** Leaves the states to the aggregates; none of them has any yet. */
  settle(ctx: ExecContext, aggregators: readonly Aggregator[], groups: number): void {
    const { parts, rows, stride } = this.#shape;
    const at = this.#entries.address;
    for (const { aggregate, physical, sum, nulls } of parts) {
      const aggregator = aggregators[aggregate]!;
      aggregator.ensure(ctx, groups);
      aggregator.take!(ctx, {
        kind: physical === null ? -1 : kindOf(physical),
        sums: at + sum,
        rows: at + rows,
        nulls: nulls < 0 ? 0 : at + nulls,
        stride,
        groups,
      });
    }
    this.#entries.free(ctx);
  }
}
