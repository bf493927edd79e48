// The operators of a pipeline called one through the other, each with its own time.
import { EvaluationError, errorFromJson, errorToJson } from '../../errors.ts';
import { nowMs } from '../../util/clock.ts';
import type { ExecContext } from './context.ts';
import type { Emit } from './pipeline.ts';
import type { Pipeline, Step } from './planner.ts';
import type { StepReport } from './step-report.ts';

/** Runs a step; an error of evaluation learns the plan node it happened in, the innermost one. */
export function inNode<T>(report: StepReport, work: () => T): T {
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

/** Same, and its time and rows are counted. */
export function timed<T>(report: StepReport, work: () => T): T {
  const started = nowMs();
  const result = inNode(report, work);
  report.ms += nowMs() - started;
  return result;
}

export interface Chain {
  readonly emit: Emit;
  /** After the last batch of a unit, for the steps before the given one. */
  readonly endUnit: (before: number) => void;
  /** After the last batch; told the first step that has seen all of its rows. */
  readonly finish: (firstEnded: number) => void;
}

/** Calls through a list of operators; each step's time is its own, without that of the steps behind it. */
export function chainSteps(ctx: ExecContext, steps: readonly Step[], last: Emit): Chain {
  let inner = 0;
  let emit = last;
  const finishers: ((hasEnded: boolean) => void)[] = [];
  const enders: (() => void)[] = [];
  for (let i = steps.length - 1; i >= 0; i--) {
    const { operator, report } = steps[i]!;
    const next = emit;
    const apart = (work: (emit: Emit) => void): void => {
      const outer = inner;
      inner = 0;
      const started = nowMs();
      work((batch) => {
        if (batch.length === 0) return;
        report.rows += batch.length;
        const at = nowMs();
        next(batch);
        inner += nowMs() - at;
      });
      const spent = nowMs() - started;
      report.ms += spent - inner;
      inner = outer;
    };
    emit = (batch) => inNode(report, () => apart((forward) => operator.push(ctx, batch, forward)));
    enders.unshift(() => {
      if (operator.endUnit) inNode(report, () => apart((forward) => operator.endUnit!(ctx, forward)));
    });
    finishers.unshift((hasEnded) =>
      inNode(report, () => {
        if (hasEnded) operator.ended?.();
        apart((forward) => operator.finish?.(ctx, forward));
      }),
    );
  }
  return {
    emit,
    endUnit: (before) => {
      for (const end of enders.slice(0, before)) end();
    },
    finish: (firstEnded) => {
      for (const [i, f] of finishers.entries()) f(i >= firstEnded);
    },
  };
}

/** The end of a chain: the sink. */
export function sinkOf(ctx: ExecContext, pipeline: Pipeline): Emit {
  return (batch) => {
    if (batch.length === 0) return;
    pipeline.report.rows += batch.length;
    timed(pipeline.report, () => pipeline.sink.push(ctx, batch));
  };
}
