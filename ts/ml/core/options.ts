// Options of fitting and predicting, and how work under them reaches a backend.
import type { Handle, JsonObject, NumberArray } from '../../backend/backend.ts';
import type { ArraysInOf, ArraysOf, JsonOf, KernelName, ParamsOf } from '../../backend/kernel-calls.ts';
import type { PlanNode } from '../../plan/nodes.ts';
import { invokeKernel, type RunOptions } from '../../runner/runner.ts';

/** Options of `fit`. */
export interface FitOptions<S = any> extends RunOptions {
  /** Columns to learn from; default: every numeric or Bool column but the target, the weight and `exclude`. */
  readonly features?: readonly (keyof S & string)[];
  /** Columns not to learn from, also where `features` names them. */
  readonly exclude?: readonly (keyof S & string)[];
  /** A weight per row, at least 0: a numeric column of the frame, or an array of nSamples. */
  readonly sampleWeight?: (keyof S & string) | ArrayLike<number>;
}

/** The run options among others. */
export function runOptionsOf(options: RunOptions): RunOptions {
  const { signal, onProgress, engine, fallback, memoryLimitBytes, spillFolder, seed, threads } = options;
  return Object.fromEntries(
    Object.entries({ signal, onProgress, engine, fallback, memoryLimitBytes, spillFolder, seed, threads }).filter(
      ([, v]) => v !== undefined,
    ),
  );
}

/** What a kernel call takes beside its name and parameters. */
export interface InvokeMore<N extends KernelName> {
  readonly inputs?: readonly Handle[];
  readonly arrays?: ArraysInOf<N>;
  /** Rows to feed the kernel with. */
  readonly plan?: PlanNode;
  readonly workNanoseconds?: number;
}

/** Runs a kernel: the typed face of the backend's `invoke`. */
export async function invoke<N extends KernelName>(
  name: N,
  params: ParamsOf<N>,
  more: InvokeMore<N>,
  options: RunOptions,
): Promise<{ json: JsonOf<N>; arrays: ArraysOf<N>; outputs: readonly Handle[] }> {
  const result = await invokeKernel(
    {
      name,
      params: params as unknown as JsonObject,
      inputs: more.inputs ?? [],
      ...(more.arrays ? { arrays: more.arrays as unknown as { readonly [name: string]: NumberArray } } : {}),
      ...(more.plan ? { plan: more.plan } : {}),
      ...(more.workNanoseconds === undefined ? {} : { workNanoseconds: more.workNanoseconds }),
    },
    options,
  );
  return result as unknown as { json: JsonOf<N>; arrays: ArraysOf<N>; outputs: readonly Handle[] };
}
