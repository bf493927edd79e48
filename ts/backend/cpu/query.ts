// One request from start to result, on whichever thread the context belongs to.

import type { PlanNode, WriteNode } from '../../plan/nodes.ts';
import { parsePlan } from '../../plan/serialize.ts';
import { walkPlan } from '../../plan/walk.ts';
import { constantVector } from './columns/constant.ts';
import type { ExecContext } from './context.ts';
import { runPipelines } from './executor.ts';
import { packColumns } from './memory/pack.ts';
import { runKernel } from './ml/run-kernel.ts';
import { createCollect } from './operators/union.ts';
import { createWriteSink } from './operators/write.ts';
import type { Sink } from './pipeline.ts';
import { type PhysicalPlan, planPipelines, type ResidentTable } from './planner.ts';
import { inferSchema } from './scan/infer.ts';
import type { Vector } from './vector.ts';
import { extractWindows } from './windows.ts';
import type { Crew } from './worker/crew.ts';
import type { EngineRequest, ExecuteRequest, ResultJson } from './worker/protocol.ts';

/** Sends one batch of a stream to the caller and returns when it has been copied. */
export type SendBatch = (rows: number, columns: readonly Vector[]) => void;

/** Runs a request. The result's regions are out of `ctx.arena`; everything else is left for the caller to release. */
export function runRequest(ctx: ExecContext, crew: () => Crew, request: EngineRequest, send: SendBatch): ResultJson {
  if (request.kind === 'invoke') return runKernel(ctx, crew(), request);
  if (request.kind === 'infer') {
    const bytes = ctx.control.open(request.source);
    try {
      const schema = inferSchema(ctx, request.format, bytes, request.options);
      return { rows: 0, columns: [], regions: [], reports: [], peakBytes: ctx.arena.peakBytes, schema };
    } finally {
      bytes.close();
    }
  }
  const plan = parsePlan(request.plan);
  const tables = tablesOf(request);
  return request.kind === 'stream' ? streamPlan(ctx, plan, tables, send) : executePlan(ctx, plan, tables);
}

const tablesOf = (request: ExecuteRequest): Map<number, ResidentTable> =>
  new Map(Object.entries(request.tables).map(([id, t]) => [Number(id), t]));

/** Whether a request that ran out of memory may succeed with the disk's help. */
export function spillsWhenShort(request: EngineRequest): boolean {
  if (request.kind !== 'execute' && request.kind !== 'stream') return false;
  let found = false;
  walkPlan(parsePlan(request.plan), (node) => {
    if (node.node === 'aggregate') found ||= node.keys.length > 0;
    else if (node.node === 'join') found ||= node.how !== 'cross';
    else found ||= node.node === 'sort' || node.node === 'distinct' || hasPartitions(node);
  });
  return found;
}

/** Whether a node has windows over partitions. */
function hasPartitions(node: PlanNode): boolean {
  const exprs =
    node.node === 'project' ? node.exprs.map((e) => e.expr) : node.node === 'filter' ? [node.predicate] : [];
  return extractWindows(exprs).rounds.some((round) => round.some(({ over }) => over.partitionBy.length > 0));
}

/**
 * Whether a request spills from the first try on. A stream that had to begin anew would send its rows in another order:
 * one that grows while it sends cannot wait for memory to run out.
 */
export function spillsFromStart(request: EngineRequest): boolean {
  if (request.kind !== 'execute' && request.kind !== 'stream') return false;
  if (request.tuning.spillBytes !== undefined) return true;
  if (request.kind !== 'stream') return false;
  let found = false;
  walkPlan(parsePlan(request.plan), (node) => {
    found ||= node.node === 'distinct' && node.maintainOrder;
  });
  return found;
}

/** The pipelines of a request as the engine thread has them, for a helper. */
export function planRequest(request: ExecuteRequest, spills: boolean): PhysicalPlan {
  const plan = parsePlan(request.plan);
  const sink = request.kind === 'stream' ? NO_SINK : createCollect(plan.schema, true);
  return planPipelines(plan, sink, tablesOf(request), () => NO_SINK, spills);
}

/** Stands for what only the engine thread does. */
const NO_SINK: Sink = { push() {}, finish: () => ({ next: () => null, close() {} }) };

/** Runs a plan to a packed table; a plan that ends in `write` gives its row count, an Int64 column of one row. */
export function executePlan(ctx: ExecContext, plan: PlanNode, tables: ReadonlyMap<number, ResidentTable>): ResultJson {
  let written: number | null = null;
  const collect = createCollect(plan.schema, true);
  const openWrite = (node: WriteNode): Sink =>
    createWriteSink(node, (rows) => {
      written = rows;
    });
  const physical = planPipelines(plan, collect, tables, openWrite, ctx.spill?.isOn);
  ctx.spill?.share(physical.spillingSteps);
  return runPipelines(ctx, physical, () => {
    const columns =
      written === null
        ? collect.store.finish(ctx)
        : [constantVector(ctx, { dtype: 'Int64' }, BigInt(written), 1, ctx.arena)];
    const packed = packColumns(ctx, columns);
    return {
      rows: written === null ? collect.store.length : 1,
      columns: packed.columns,
      regions: packed.regions,
      reports: physical.reports,
      peakBytes: ctx.arena.peakBytes,
    };
  });
}

function streamPlan(
  ctx: ExecContext,
  plan: PlanNode,
  tables: ReadonlyMap<number, ResidentTable>,
  send: SendBatch,
): ResultJson {
  let rows = 0;
  const sink: Sink = {
    waits: true,
    push(_, batch) {
      rows += batch.length;
      send(batch.length, batch.columns);
    },
    finish: () => ({ next: () => null, close() {} }),
  };
  const physical = planPipelines(plan, sink, tables, () => sink, ctx.spill?.isOn);
  ctx.spill?.share(physical.spillingSteps);
  return runPipelines(ctx, physical, () => ({
    rows,
    columns: [],
    regions: [],
    reports: physical.reports,
    peakBytes: ctx.arena.peakBytes,
  }));
}
