// A fitted model as an ONNX file: one input per feature, the model's graph, named outputs.
import { UnsupportedError } from '../../errors.ts';
import type { Field } from '../../schema/types.ts';
import type { Fitted } from '../core/fitted.ts';
import type { Model } from '../core/model.ts';
import type { Label } from '../core/target.ts';
import { OnnxColumns } from './columns.ts';
import type { OnnxExporter, OnnxResult } from './exporter.ts';
import { EXPORTERS } from './exporters.ts';
import { OnnxGraph, type OnnxType, type OnnxValue } from './graph.ts';

const isText = (f: Field): boolean => f.type.dtype === 'Utf8' || f.type.dtype === 'Categorical';

/**
 * Writes a fitted model as ONNX (IR version 10, operator sets ai.onnx 21 and ai.onnx.ml 5).
 *
 * Inputs are one tensor `(nSamples, 1)` per feature, by the feature's name: double for numeric and Bool features, string
 * for text. A missing number is NaN, a missing text the empty string. Outputs: `prediction` (nSamples) of a regressor;
 * `label` (nSamples) and `probabilities` (nSamples, nClasses) of a classifier; `cluster` and `distances` of a clustering;
 * `transformed` (nSamples, nColumns) of a transformer. An output whose name an input has ends in `_1`.
 *
 * @throws {ERR_UNSUPPORTED} a model, or a step of a pipeline, that has no ONNX form
 */
export function modelToOnnx(model: Model): Uint8Array {
  const fitted = model.toFitted();
  const graph = new OnnxGraph();
  const blocks = fitted.memory.features.map((f) => ({
    names: [f.name],
    value: graph.input(f.name, isText(f) ? 'string' : 'double', ['nSamples', 1]),
  }));
  const result = exporterOf(fitted)(graph, new OnnxColumns(graph, blocks), fitted, exporterOf);
  const metadata: Record<string, string> = {
    estimator: fitted.estimator,
    features: JSON.stringify(fitted.memory.features.map((f) => f.name)),
  };
  writeOutputs(graph, result, metadata);
  return graph.toBytes(fitted.estimator, metadata);
}

/** The exporter of a fitted model. */
export function exporterOf(fitted: Fitted): OnnxExporter {
  const found = EXPORTERS[fitted.estimator];
  if (!found)
    throw new UnsupportedError(
      `A model of ${fitted.estimator} has no ONNX form. Models that have: ${Object.keys(EXPORTERS).join(', ')}.`,
      { estimator: fitted.estimator },
    );
  return found;
}

function writeOutputs(graph: OnnxGraph, result: OnnxResult, metadata: Record<string, string>): void {
  switch (result.kind) {
    case 'number':
      graph.output('prediction', graph.reshape(result.value, -1), ['nSamples']);
      return;
    case 'classes': {
      const { labels } = result;
      metadata['classes'] = JSON.stringify(labels.map(String));
      graph.output('label', graph.gather(labelsTensor(graph, labels), result.winner, 0), ['nSamples']);
      graph.output('probabilities', result.probabilities, ['nSamples', labels.length]);
      return;
    }
    case 'clusters':
      graph.output('cluster', result.nearest, ['nSamples']);
      graph.output('distances', result.distances, ['nSamples', 'nClusters']);
      return;
    case 'columns': {
      const { columns } = result;
      metadata['columns'] = JSON.stringify(columns.names);
      const text = columns.names.filter((name) => columns.column(name).type === 'string');
      const numbers = columns.names.filter((name) => !text.includes(name));
      if (numbers.length > 0) graph.output('transformed', columns.matrix(numbers), ['nSamples', numbers.length]);
      for (const name of text) graph.output(`transformed_${name}`, columns.column(name), ['nSamples', 1]);
    }
  }
}

/** Class labels as a constant: text, whole numbers, other numbers or truth values. */
function labelsTensor(graph: OnnxGraph, labels: readonly Label[]): OnnxValue {
  const whole = labels.every((l) => typeof l === 'bigint' || Number.isSafeInteger(l));
  const type: OnnxType =
    typeof labels[0] === 'string' ? 'string' : typeof labels[0] === 'boolean' ? 'bool' : whole ? 'int64' : 'double';
  return graph.constant({ type, dims: [labels.length], data: labels });
}
