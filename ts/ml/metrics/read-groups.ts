// Numbers with the group of each row: queries, clusters.

import { encodeLabels } from './core/encode-labels.ts';
import { runSliced } from './core/steps.ts';
import type { MetricCall } from './metric-call.ts';
import { frameRows, labelSource } from './read-labels.ts';
import { checkLengths, lengthOf, type NumberInput, withNumbers } from './read-numbers.ts';

/** Reads numbers and the group of each row as codes, and lends them to `use`. Without groups all rows are one. */
export async function withGroups<T>(
  call: MetricCall<object>,
  group: unknown,
  inputs: readonly NumberInput[],
  use: (groups: Int32Array, nGroups: number, arrays: readonly Float64Array[]) => Promise<T>,
): Promise<T> {
  if (group === undefined)
    return withNumbers(call, inputs, (arrays) => use(new Int32Array(arrays[0]?.length ?? 0), 1, arrays));
  const labels: NumberInput = { role: 'group', value: group };
  if (call.frame !== null)
    return frameRows(call, call.frame, labels, inputs, (classes, codes, arrays) => use(codes, classes.length, arrays));
  checkLengths(
    call.call,
    [...inputs, labels],
    [...inputs, labels].map((input) => lengthOf(call.call, input)),
  );
  const { classes, codes } = await runSliced(encodeLabels([labelSource(call.call, labels)]), call.run.signal);
  return withNumbers(call, inputs, (arrays) => use(codes[0] as Int32Array, classes.length, arrays));
}
