// Models in a row: each step replaces the columns it learned from, the others stay beside them.
import { UnsupportedError } from '../../errors.ts';
import { type Fitted, featureNamesOf } from '../core/fitted.ts';
import { OnnxColumns } from './columns.ts';
import type { OnnxExporter, OnnxResult } from './exporter.ts';
import type { OnnxGraph } from './graph.ts';

/** The columns after a transformer: what it made, and what it did not touch. */
export function transformed(
  graph: OnnxGraph,
  input: OnnxColumns,
  fitted: Fitted,
  inner: (fitted: Fitted) => OnnxExporter,
): OnnxColumns {
  const result = inner(fitted)(graph, input, fitted, inner);
  if (result.kind !== 'columns')
    throw new UnsupportedError(`A ${fitted.estimator} model before the last step of another has no ONNX form.`, {
      estimator: fitted.estimator,
    });
  const used = new Set(featureNamesOf(fitted.memory));
  const rest = input.names.filter((name) => !used.has(name));
  return rest.length === 0 ? result.columns : OnnxColumns.beside(graph, [input.select(rest), result.columns]);
}

/** Models one after another; the result is the last one's. */
export function inOrder(
  graph: OnnxGraph,
  input: OnnxColumns,
  steps: readonly Fitted[],
  inner: (fitted: Fitted) => OnnxExporter,
): OnnxResult {
  let columns = input;
  for (const step of steps.slice(0, -1)) columns = transformed(graph, columns, step, inner);
  const last = steps[steps.length - 1]!;
  return inner(last)(graph, columns, last, inner);
}

/** A job's model with its encoders, imputer and scaler. */
export const exportPrepared: OnnxExporter = (graph, input, fitted, inner) => {
  const source = fitted.json['source'] as { [step: string]: object } | null;
  const busy = Object.entries(source ?? {}).filter(([, step]) => Object.keys(step).length > 0);
  if (busy.length > 0)
    throw new UnsupportedError(
      `This model changes the columns of its files before it learns from them (${busy.map(([name]) => name).join(', ')}), which has no ONNX form. Change the files instead.`,
      { estimator: String(fitted.json['of']) },
    );
  const models = fitted.models ?? {};
  const steps = Array.from({ length: Number(fitted.json['steps']) }, (_, i) => models[`step${i}`]!);
  return inOrder(graph, input, [...steps, models['final']!], inner);
};
