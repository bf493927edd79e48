// Runs pipelines morsel by morsel, on one thread or with the help of others.
import { chainSteps, sinkOf, timed } from './chain.ts';
import type { ExecContext } from './context.ts';
import { runShared, whereToCut } from './parallel.ts';
import type { Pieces, Source } from './pipeline.ts';
import { aimSteps, placedOf, placeRows } from './place-rows.ts';
import type { PhysicalPlan, Pipeline, Step } from './planner.ts';
import { sharedSteps, unitOf } from './stage.ts';

/** Runs all pipelines in order and takes the result from the last sink. Sources are closed whatever happens. */
export function runPipelines<T>(ctx: ExecContext, plan: PhysicalPlan, takeResult: () => T): T {
  const open = new Set<Source>();
  try {
    plan.pipelines.forEach((pipeline, number) => {
      try {
        const sources = pipeline.inputs.map((input) => {
          const source = input.open(ctx);
          // Of a blocking step, what comes out counts, not what went in.
          input.report.rows = 0;
          open.add(source);
          return source;
        });
        const close = (source: Source): void => {
          source.close(ctx);
          open.delete(source);
        };
        if (adopts(ctx, pipeline, sources)) {
          pipeline.result = timed(pipeline.report, () => pipeline.sink.finish(ctx));
          open.add(pipeline.result);
          return;
        }
        const pieces = sources.map((s) => (ctx.isWhole ? null : (s.pieces?.(ctx) ?? null)));
        const cut = ctx.team ? whereToCut(ctx, pipeline, pieces) : null;
        if (cut === null) runAlone(ctx, pipeline, sources, pieces, close);
        else {
          runShared(ctx, plan, number, pieces, cut);
          for (const source of sources) close(source);
        }
        pipeline.result = timed(pipeline.report, () => pipeline.sink.finish(ctx));
        ctx.scratch.reset();
        open.add(pipeline.result);
      } catch (error) {
        pipeline.sink.discard?.();
        throw error;
      }
    });
    return takeResult();
  } finally {
    for (const source of open) source.close(ctx);
  }
}

/**
 * Where nothing but picking stands between columns that are there and a sink that keeps or reads them whole, they change
 * their owner or are read where they are.
 */
function adopts(ctx: ExecContext, { inputs, steps, sink, report }: Pipeline, [source]: readonly Source[]): boolean {
  if (inputs.length > 1 || !(sink.adopt || sink.borrow)) return false;
  const input = inputs[0]!;
  const between = [...input.steps, ...steps];
  if (between.some((s) => !s.operator.picks)) return false;
  const whole = source!.whole?.();
  if (!whole) return false;
  const { length } = whole;
  const picks = between.reduce(
    (at: readonly number[], s) => s.operator.picks!.map((i) => at[i]!),
    whole.columns.map((_, i) => i),
  );
  if (sink.borrow) {
    const columns = picks.map((i) => whole.columns[i]!);
    timed(report, () => sink.borrow!(ctx, columns, length));
  } else {
    const taken = source!.take?.(ctx, picks);
    if (!taken) return false;
    sink.adopt!(ctx, taken.columns, length);
  }
  for (const r of [input.report, ...between.map((s) => s.report), report]) r.rows += length;
  return true;
}

/** All batches in order, on this thread. */
function runAlone(
  ctx: ExecContext,
  pipeline: Pipeline,
  sources: readonly Source[],
  allPieces: readonly (Pieces | null)[],
  close: (source: Source) => void,
): void {
  const { sink } = pipeline;
  const shared = chainSteps(ctx, pipeline.steps, sinkOf(ctx, pipeline));
  const stopped = (steps: readonly Step[]): boolean => steps.some((s) => s.operator.done?.() ?? false);
  const lastDone = (steps: readonly Step[]): number => steps.findLastIndex((s) => s.operator.done?.() ?? false);
  const left = (): boolean => (sink.done?.() ?? false) || stopped(pipeline.steps);
  const count = allPieces.reduce((sum, p) => sum + (p?.count ?? 1), 0);
  const rows = allPieces.reduce((sum, p) => sum + (p?.rows ?? 0), 0);
  sink.expect?.(count, rows);
  const unit = unitOf(pipeline, count, rows);
  let ended = 0;
  const endPiece = (): void => {
    if (++ended % unit !== 0) return;
    shared.endUnit(sharedSteps(pipeline));
    ctx.scratch.reset();
  };
  let piece = 0;
  if (placeRows(ctx, pipeline, allPieces)) {
    const { report } = pipeline.inputs[0]!;
    const { count } = allPieces[0]!;
    const placed = placedOf(pipeline, allPieces);
    for (; piece < count; piece++) {
      ctx.control.checkAbort();
      sink.begin?.(ctx, piece);
      report.rows += timed(report, () => placed!.read(ctx, piece, sink.into!));
      ctx.scratch.reset();
    }
    close(sources[0]!);
    return;
  }
  aimSteps(pipeline);
  pipeline.inputs.forEach((input, i) => {
    const own = chainSteps(ctx, input.steps, shared.emit);
    const source = sources[i]!;
    const isOver = (): boolean => stopped(input.steps) || left();
    /** True when the part was read to its end. */
    const read = (part: Source): boolean => {
      sink.begin?.(ctx, piece++);
      while (!isOver()) {
        ctx.control.checkAbort();
        const batch = timed(input.report, () => part.next(ctx));
        if (!batch) return true;
        input.report.rows += batch.length;
        own.emit(batch);
        ctx.scratch.reset();
      }
      return false;
    };
    const pieces = allPieces[i]!;
    let isRead = true;
    if (!pieces) isRead = read(source);
    else
      for (let p = 0; p < pieces.count && isRead; p++) {
        if (isOver()) {
          isRead = false;
          break;
        }
        const part = timed(input.report, () => pieces.open(ctx, p));
        try {
          isRead = read(part);
        } finally {
          part.close(ctx);
        }
        endPiece();
      }
    // Steps behind one that stopped the source have seen all of their rows too.
    own.finish(isRead ? 0 : left() ? input.steps.length : lastDone(input.steps) + 1);
    ctx.scratch.reset();
    // The input's memory is not needed beyond its last batch.
    close(source);
  });
  // What operators still have after the last piece is a unit of its own, as with several threads.
  if (ended % unit !== 0) shared.endUnit(sharedSteps(pipeline));
  sink.begin?.(ctx, piece);
  shared.finish((sink.done?.() ?? false) ? pipeline.steps.length : lastDone(pipeline.steps) + 1);
  ctx.scratch.reset();
}
