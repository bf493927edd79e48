// One kernel call from request to result, on whichever thread the context belongs to.
import { UnsupportedError } from '../../../errors.ts';
import { parsePlan } from '../../../plan/serialize.ts';
import type { NumberArray } from '../../backend.ts';
import type { Alloc } from '../columns/alloc.ts';
import { flatten } from '../columns/flatten.ts';
import type { ExecContext } from '../context.ts';
import { runPipelines } from '../executor.ts';
import { Arena } from '../memory/arena.ts';
import { RegionPool } from '../memory/regions.ts';
import type { Sink } from '../pipeline.ts';
import { planPipelines, type ResidentTable } from '../planner.ts';
import type { Vector } from '../vector.ts';
import type { Crew } from '../worker/crew.ts';
import { type HeapArray, type InvokeRequest, type ResultJson, toHeap } from '../worker/protocol.ts';
import { KERNELS } from './index.ts';
import type { KernelContext, KernelOutput, RowsKernel } from './kernel.ts';

export type KernelJob = Pick<InvokeRequest, 'name' | 'params' | 'inputs' | 'states' | 'arrays' | 'plan' | 'tables'>;

export type RunKernel = typeof runKernel;

/** Runs a kernel. The regions of the result are out of the context's arenas; the rest is the caller's to release. */
export function runKernel(ctx: ExecContext, crew: Crew, job: KernelJob): ResultJson {
  const handler = KERNELS[job.name];
  if (!handler) throw new UnsupportedError(`The CPU backend has no kernel "${job.name}".`, { kernel: job.name });
  const keep = new Arena({ take: (bytes) => ctx.arena.takeRegion(bytes) });
  const inner: KernelContext = { ...ctx, keep, crew };
  const input = {
    params: job.params,
    tables: job.inputs.map(
      (t): ResidentTable => ({ rows: t.rows, columns: t.columns.map((v) => flat(ctx, v, ctx.arena)) }),
    ),
    states: job.states,
    arrays: job.arrays,
  };
  let output: KernelOutput;
  if ('run' in handler) output = handler.run(inner, input);
  else {
    if (job.plan === undefined)
      throw new UnsupportedError(`Kernel "${job.name}" takes the rows of a plan; none was given.`, {
        kernel: job.name,
      });
    const kernel = handler.open(inner, input);
    output = feed(inner, job, kernel);
  }
  return {
    rows: 0,
    columns: [],
    reports: [],
    peakBytes: ctx.arena.peakBytes + keep.peakBytes,
    kernel: {
      json: output.json ?? {},
      arrays: Object.fromEntries(
        Object.entries(output.arrays ?? {}).map(([name, values]) => [name, inHeap(ctx, values)]),
      ),
      ...(output.state ? { state: output.state } : {}),
    },
    // A pool merges what touches: fewer to keep account of.
    regions: [...new RegionPool(ctx.heap, keep.releaseAll()).free],
  };
}

/** What kernels read: no dictionaries but those of text. */
const flat = (ctx: ExecContext, v: Vector, alloc: Alloc): Vector =>
  v.type.dtype === 'Utf8' || v.type.dtype === 'Categorical' ? v : flatten(ctx, v, alloc);

function feed(ctx: KernelContext, job: KernelJob, kernel: RowsKernel): KernelOutput {
  const sink: Sink = {
    push(_, batch) {
      kernel.push({
        ...batch,
        columns: batch.columns.map((v) => flat(ctx, v, ctx.scratch)),
      });
    },
    finish: () => ({ next: () => null, close() {} }),
  };
  const tables = new Map(Object.entries(job.tables).map(([id, t]) => [Number(id), t]));
  const physical = planPipelines(parsePlan(job.plan!), sink, tables, () => sink);
  return runPipelines(ctx, physical, () => kernel.finish());
}

/** An array as a block of the heap. */
function inHeap(ctx: ExecContext, values: NumberArray | HeapArray): HeapArray {
  if ('address' in values) return values;
  const address = ctx.arena.alloc(values.byteLength);
  return toHeap(ctx.heap, values, address);
}
