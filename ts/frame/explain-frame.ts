// What `explain` prints: the plan, and what its last run did.
import type { NodeTrace, Trace } from '../backend/backend.ts';
import { memoryPlan, memoryStages } from '../optimize/memory-plan.ts';
import { explainPlan, nodeLabel } from '../plan/explain.ts';
import type { PlanNode } from '../plan/nodes.ts';
import { lastTraceOf, optimizedPlan } from '../runner/runner.ts';
import { bytesText } from '../util/bytes-text.ts';
import { readyPlan } from './host-tables.ts';

const runs = new WeakMap<PlanNode, PlanNode>();

/** Notes what last ran for a frame's plan: `show` runs its first rows, a write runs it into a file. */
export const noteRun = (plan: PlanNode, ran: PlanNode): void => {
  if (plan === ran) runs.delete(plan);
  else runs.set(plan, ran);
};

/** The plan as a tree; the optimised one with the rows and milliseconds of its last run. */
export function explainFrame(plan: PlanNode, optimized: boolean, memory = false): string {
  if (memory) return explainMemory(optimized ? optimizedPlan(readyPlan(plan)) : plan);
  if (!optimized) return explainPlan(plan);
  const ready = readyPlan(plan);
  const trace = lastTraceOf(runs.get(plan) ?? ready);
  if (trace === undefined) return explainPlan(optimizedPlan(ready));
  return `${explainPlan(optimizedPlan(ready), notesOf(trace))}\n${traceLine(trace)}`;
}

/** The plan with the rows and bytes that each step is guessed to hold. */
function explainMemory(plan: PlanNode): string {
  const { inputBytes, resultBytes, peakBytes } = memoryPlan(plan);
  const { stages } = memoryStages(plan);
  const text = explainPlan(plan, (node) => {
    const stage = stages.get(node)!;
    const work = stage.workBytes === 0 ? '' : ` + ${bytesText(stage.workBytes)} at work`;
    const spills = maySpill(node) ? ', may spill' : '';
    return `about ${stage.rows.toLocaleString('en-US')} rows, ${bytesText(stage.bytes)}${work}${spills}`;
  });
  const sum = `reads about ${bytesText(inputBytes)}, gives ${bytesText(resultBytes)}, holds ${bytesText(peakBytes)} at most`;
  return `${text}\n${sum}`;
}

/** Whether the CPU engine goes on with a step on disk when it would pass its memory limit. */
function maySpill(node: PlanNode): boolean {
  switch (node.node) {
    case 'aggregate':
      return node.keys.length > 0;
    case 'join':
      return node.how !== 'cross';
    case 'sort':
    case 'distinct':
      return true;
    default:
      return false;
  }
}

/** Each node takes the steps of its name, in order; a step in parts (a join's build side) shows all of them. */
function notesOf(trace: Trace): (node: PlanNode) => string {
  const steps = new Map<string, NodeTrace[]>();
  for (const step of trace.nodes) {
    const known = steps.get(step.label);
    if (known === undefined) steps.set(step.label, [step]);
    else known.push(step);
  }
  const take = (label: string): string => {
    const step = steps.get(label)?.shift();
    return step === undefined ? '' : stepText(step);
  };
  return (node) => {
    const label = nodeLabel(node);
    const build = take(`${label} (build)`);
    const main = take(label);
    return build === '' ? main : `${main}; build: ${build}`;
  };
}

function stepText(step: NodeTrace): string {
  const note = step.note === undefined || step.note === '' ? '' : `, ${step.note}`;
  return `${step.rows.toLocaleString('en-US')} rows, ${step.ms.toFixed(step.ms < 10 ? 2 : 0)} ms${note}`;
}

/** `ran on cpu (thread) in 12.3 ms, 4.2 MB at most: first choice`; `degraded: ` before the reason where that was the mode. */
export function traceLine(trace: Trace): string {
  const mb = (bytes: number): string => `${(bytes / 1048576).toFixed(1)} MB`;
  const spilled = trace.spilledBytes === undefined ? '' : `, ${mb(trace.spilledBytes)} spilled to disk`;
  const how = trace.degraded === undefined ? '' : 'degraded: ';
  return `ran on ${trace.backend} (${trace.where}) in ${trace.totalMs.toFixed(1)} ms, ${mb(trace.peakBytes)} at most${spilled}: ${how}${trace.why}`;
}
