// Runs pipelines on one thread, morsel by morsel.
import { EvaluationError, errorFromJson, errorToJson } from '../../errors.ts';
import type { ExecContext } from './context.ts';
import type { Emit, Source } from './pipeline.ts';
import type { PhysicalPlan, Pipeline, Step, StepReport } from './planner.ts';

/** Runs all pipelines in order and takes the result from the last sink. Sources are closed whatever happens. */
export function runPipelines<T>(ctx: ExecContext, plan: PhysicalPlan, takeResult: () => T): T {
  const open = new Set<Source>();
  try {
    for (const pipeline of plan.pipelines) {
      try {
        runPipeline(ctx, pipeline, open);
      } catch (error) {
        pipeline.sink.discard?.();
        throw error;
      }
    }
    return takeResult();
  } finally {
    for (const source of open) source.close(ctx);
  }
}

function runPipeline(ctx: ExecContext, pipeline: Pipeline, open: Set<Source>): void {
  const toSink: Emit = (batch) => {
    if (batch.length === 0) return;
    const started = performance.now();
    pipeline.report.rows += batch.length;
    inNode(pipeline.report, () => pipeline.sink.push(ctx, batch));
    pipeline.report.ms += performance.now() - started;
  };
  const shared = chainSteps(ctx, pipeline.steps, toSink);
  const stopped = (steps: readonly Step[]): boolean => steps.some((s) => s.operator.done?.() ?? false);
  const lastDone = (steps: readonly Step[]): number => steps.findLastIndex((s) => s.operator.done?.() ?? false);
  const left = (): boolean => (pipeline.sink.done?.() ?? false) || stopped(pipeline.steps);
  for (const input of pipeline.inputs) {
    const own = chainSteps(ctx, input.steps, shared.emit);
    const source = input.open(ctx);
    // Of a blocking step, what comes out counts, not what went in.
    input.report.rows = 0;
    open.add(source);
    let read = false;
    while (!(stopped(input.steps) || left())) {
      ctx.control.checkAbort();
      const started = performance.now();
      const batch = inNode(input.report, () => source.next(ctx));
      input.report.ms += performance.now() - started;
      if (!batch) {
        read = true;
        break;
      }
      input.report.rows += batch.length;
      own.emit(batch);
      ctx.scratch.reset();
    }
    // Steps behind one that stopped the source have seen all of their rows too.
    own.finish(read ? 0 : left() ? input.steps.length : lastDone(input.steps) + 1);
    ctx.scratch.reset();
    // The input's memory is not needed beyond its last batch.
    source.close(ctx);
    open.delete(source);
  }
  shared.finish((pipeline.sink.done?.() ?? false) ? pipeline.steps.length : lastDone(pipeline.steps) + 1);
  ctx.scratch.reset();
  const started = performance.now();
  pipeline.result = inNode(pipeline.report, () => pipeline.sink.finish(ctx));
  pipeline.report.ms += performance.now() - started;
  ctx.scratch.reset();
  open.add(pipeline.result);
}

/** Runs a step; an error of evaluation learns the plan node it happened in, the innermost one. */
function inNode<T>(report: StepReport, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof EvaluationError) || error.detail['node'] !== undefined) throw error;
    const { code, message, detail } = errorToJson(error);
    throw errorFromJson({
      code,
      message: `${message} In: ${report.label}.`,
      detail: { ...detail, node: report.label },
    });
  }
}

/**
 * Calls through a list of operators; each step's time is its own, without that of the steps behind it. `finish` is told
 * the first step that has seen all of its rows.
 */
function chainSteps(
  ctx: ExecContext,
  steps: readonly Step[],
  last: Emit,
): { emit: Emit; finish: (firstEnded: number) => void } {
  let inner = 0;
  let emit = last;
  const finishers: ((hasEnded: boolean) => void)[] = [];
  for (let i = steps.length - 1; i >= 0; i--) {
    const { operator, report } = steps[i]!;
    const next = emit;
    const timed = (work: (emit: Emit) => void): void => {
      const outer = inner;
      inner = 0;
      const started = performance.now();
      work((batch) => {
        if (batch.length === 0) return;
        report.rows += batch.length;
        const at = performance.now();
        next(batch);
        inner += performance.now() - at;
      });
      const spent = performance.now() - started;
      report.ms += spent - inner;
      inner = outer;
    };
    emit = (batch) => inNode(report, () => timed((forward) => operator.push(ctx, batch, forward)));
    finishers.unshift((hasEnded) =>
      inNode(report, () => {
        if (hasEnded) operator.ended?.();
        timed((forward) => operator.finish?.(ctx, forward));
      }),
    );
  }
  return {
    emit,
    finish: (firstEnded) => {
      for (const [i, f] of finishers.entries()) f(i >= firstEnded);
    },
  };
}
