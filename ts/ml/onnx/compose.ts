// Models in a row: each step replaces the columns it learned from, the others stay beside them.
import { UnsupportedError } from '../../errors.ts';
import { withReplaced } from '../compose/steps.ts';
import { type Fitted, featureNamesOf } from '../core/fitted.ts';
import { OnnxColumns } from './columns.ts';
import type { OnnxExporter, OnnxResult } from './exporter.ts';
import type { OnnxGraph } from './graph.ts';

/** The columns after a transformer: what it made where its features were, and what it did not touch. */
function replacedBy(graph: OnnxGraph, input: OnnxColumns, fitted: Fitted, made: OnnxColumns): OnnxColumns {
  const used = featureNamesOf(fitted.memory);
  const rest = input.names.filter((name) => !used.includes(name));
  if (rest.length === 0) return made;
  const both = OnnxColumns.beside(graph, [input.select(rest), made]);
  return both.select(withReplaced(input.names, used, made.names));
}

/** Models one after another; the result is the last one's. */
function inOrder(
  graph: OnnxGraph,
  input: OnnxColumns,
  steps: readonly Fitted[],
  inner: (fitted: Fitted) => OnnxExporter,
): OnnxResult {
  let columns = input;
  for (const [i, step] of steps.entries()) {
    const result = inner(step)(graph, columns, step, inner);
    if (result.kind === 'columns') columns = replacedBy(graph, columns, step, result.columns);
    else if (i === steps.length - 1) return result;
    else
      throw new UnsupportedError(`A ${step.estimator} model before the last step of another has no ONNX form.`, {
        estimator: step.estimator,
      });
  }
  return { kind: 'columns', columns };
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

export const exportPipeline: OnnxExporter = (graph, input, fitted, inner) =>
  // What is beside its features is none of its business: a part of a column transformer gives its own columns only.
  inOrder(graph, input.select(featureNamesOf(fitted.memory)), partsOf(fitted), inner);

/** Each part changes columns of its own; what no part took is left out or kept behind them. */
export const exportColumnTransformer: OnnxExporter = (graph, input, fitted, inner) => {
  const parts = partsOf(fitted).map((part) => inner(part)(graph, input, part, inner));
  const made = parts.flatMap((result) => (result.kind === 'columns' ? [result.columns] : []));
  const used = new Set(partsOf(fitted).flatMap((part) => featureNamesOf(part.memory)));
  const rest = featureNamesOf(fitted.memory).filter((name) => !used.has(name));
  const kept = fitted.json['remainder'] === 'drop' || rest.length === 0 ? [] : [input.select(rest)];
  return { kind: 'columns', columns: OnnxColumns.beside(graph, [...made, ...kept]) };
};

/** The models of a pipeline or a column transformer, in order. */
function partsOf(fitted: Fitted): Fitted[] {
  return (fitted.json['steps'] as readonly string[]).map((name) => fitted.models![name]!);
}
