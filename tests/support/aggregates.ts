// Aggregates run without a plan: columns of JavaScript values in, one value per group out.
import type { ExecContext } from '../../ts/backend/cpu/context.ts';
import { aggregatorOf } from '../../ts/backend/cpu/functions/agg/index.ts';
import type { Aggregator } from '../../ts/backend/cpu/functions/contracts.ts';
import { functionRow } from '../../ts/expr/functions.ts';
import type { CallNode, Options } from '../../ts/expr/nodes.ts';
import { aggregateNode, sortNode } from '../../ts/plan/build.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import { batchOfValues, queuePlan } from './device-cases.ts';
import { testContext, valuesOf, vectorOf } from './engine.ts';

export interface AggregateCall {
  readonly fn: string;
  readonly args: readonly LogicalType[];
  readonly options?: Options;
}

/** The call node over columns a, b … of the given dtypes. */
export function callOf({ fn, args, options = {} }: AggregateCall): CallNode {
  const nodes = args.map((type, i) => ({ node: 'col', name: 'ab'[i]!, type, nullable: true }) as const);
  return { node: 'call', fn, args: nodes, options, type: functionRow(fn).returns(args, options), nullable: true };
}

/** Rows in batches of the given sizes, the last one repeated. */
function* batchesOf(length: number, sizes: readonly number[]): Generator<[number, number]> {
  for (let from = 0, b = 0; from < length || b === 0; b++) {
    const to = Math.min(length, from + (sizes[Math.min(b, sizes.length - 1)] ?? length));
    yield [from, to];
    from = to;
  }
}

function u32s(ctx: ExecContext, values: readonly number[]): number {
  const address = ctx.scratch.alloc(values.length * 4);
  ctx.heap.refresh().u32.set(values, address >>> 2);
  return address;
}

/** One aggregator over all rows; `gids` null means one group without numbers. */
function run(
  ctx: ExecContext,
  call: AggregateCall,
  columns: readonly (readonly unknown[])[],
  gids: readonly number[] | null,
  length: number,
  sizes: readonly number[],
): Aggregator {
  const aggregator = aggregatorOf(call.fn)!(ctx, callOf(call));
  aggregator.ensure(ctx, 1);
  let groups = 1;
  for (const [from, to] of batchesOf(length, sizes)) {
    const part = gids?.slice(from, to);
    for (const g of part ?? []) groups = Math.max(groups, g + 1);
    aggregator.ensure(ctx, groups);
    const args = columns.map((c, i) => vectorOf(ctx, call.args[i]!, c.slice(from, to)));
    aggregator.update(ctx, args, part ? u32s(ctx, part) : 0, to - from);
    ctx.scratch.reset();
  }
  return aggregator;
}

/** The results of groups [0, groups). */
export function aggregate(
  call: AggregateCall,
  columns: readonly (readonly unknown[])[],
  gids: readonly number[] | null,
  groups: number,
  {
    sizes = [100, 7, 0, 1000],
    length = columns[0]?.length ?? 0,
    onDevice = true,
  }: { sizes?: number[]; length?: number; onDevice?: boolean } = {},
): unknown[] {
  const ctx = testContext();
  const aggregator = run(ctx, call, columns, gids, length, sizes);
  aggregator.ensure(ctx, groups);
  const values = valuesOf(ctx, aggregator.finish(ctx, groups));
  if (onDevice) queueAggregate(call, columns, gids, length, values);
  return values;
}

/** The same as a plan: the groups that have rows, by their number. */
function queueAggregate(
  call: AggregateCall,
  columns: readonly (readonly unknown[])[],
  gids: readonly number[] | null,
  length: number,
  values: readonly unknown[],
): void {
  queuePlan(length, () => {
    const group = { name: 'group', type: { dtype: 'UInt32' }, nullable: false } as const;
    const schema = [group, ...call.args.map((type, i) => ({ name: 'ab'[i]!, type, nullable: true }))];
    const rows = gids ?? new Array<number>(length).fill(0);
    const key = { node: 'col', ...group } as const;
    const present = [...new Set(rows)].sort((a, b) => a - b);
    return {
      inputs: [batchOfValues(schema, [rows, ...columns])],
      plan: ([table]) => {
        const keys = gids === null ? [] : [{ name: 'group', expr: key }];
        const grouped = aggregateNode(table!, keys, [{ name: 'value', expr: callOf(call) }], false);
        return gids === null ? grouped : sortNode(grouped, [{ expr: key, descending: false, nullsFirst: false }]);
      },
      expected: gids === null ? [values.slice(0, 1)] : [present, present.map((g) => values[g])],
      relative: call.args[0]?.dtype === 'Float32' ? 1e-6 : 1e-9,
    };
  });
}

/** The same through several aggregators with group numbers of their own, merged in row order. */
export function aggregateMerged(
  call: AggregateCall,
  columns: readonly (readonly unknown[])[],
  gids: readonly number[] | null,
  groups: number,
  parts = 3,
): unknown[] {
  const ctx = testContext();
  const length = columns[0]?.length ?? 0;
  const whole = aggregatorOf(call.fn)!(ctx, callOf(call));
  whole.ensure(ctx, Math.max(1, groups));
  const size = Math.ceil(length / parts) || 1;
  for (let from = 0; from < length; from += size) {
    const rows = columns.map((c) => c.slice(from, from + size));
    const own = gids?.slice(from, from + size);
    const order = own ? [...new Set(own)] : [0];
    const part = run(ctx, call, rows, own ? own.map((g) => order.indexOf(g)) : null, rows[0]!.length, [64]);
    whole.merge(ctx, part, u32s(ctx, order), order.length);
    ctx.scratch.reset();
  }
  return valuesOf(ctx, whole.finish(ctx, groups));
}

/** The rows of each group. */
export function groupsOf(
  columns: readonly (readonly unknown[])[],
  gids: readonly number[] | null,
  groups: number,
): unknown[][][] {
  const result = Array.from({ length: groups }, (): unknown[][] => []);
  const length = columns[0]?.length ?? 0;
  for (let i = 0; i < length; i++) result[gids?.[i] ?? 0]!.push(columns.map((c) => c[i]));
  return result;
}
