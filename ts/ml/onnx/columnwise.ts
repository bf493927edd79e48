// Graphs of transformers that work column by column: scalers, imputers, encoders.
import type { OnnxGraph, OnnxValue } from './graph.ts';

/** (x − shift) / scale, each a vector over the columns; either may be absent. */
export function standardGraph(
  graph: OnnxGraph,
  x: OnnxValue,
  model: { readonly shift?: ArrayLike<number> | null; readonly scale?: ArrayLike<number> | null },
): OnnxValue {
  const centred = model.shift ? graph.sub(x, graph.doubles([model.shift.length], model.shift)) : x;
  return model.scale ? graph.div(centred, graph.doubles([model.scale.length], model.scale)) : centred;
}

/** x · scale + offset, then kept in a range where asked. */
export function affineGraph(
  graph: OnnxGraph,
  x: OnnxValue,
  model: {
    readonly scale: ArrayLike<number>;
    readonly offset: ArrayLike<number>;
    readonly range?: readonly [number, number];
  },
): OnnxValue {
  const scaled = graph.mul(x, graph.doubles([model.scale.length], model.scale));
  const moved = graph.add(scaled, graph.doubles([model.offset.length], model.offset));
  if (!model.range) return moved;
  const [low, high] = model.range.map((v) => graph.scalar('double', v)) as [OnnxValue, OnnxValue];
  // NaN is neither below nor above: it stays.
  const raised = graph.where(graph.node('Less', [moved, low], 'bool'), low, moved);
  return graph.where(graph.node('Greater', [raised, high], 'bool'), high, raised);
}

/** Fills what is missing in numbers (NaN), one value a column. */
export function fillNumbers(graph: OnnxGraph, x: OnnxValue, values: ArrayLike<number>): OnnxValue {
  return graph.where(graph.node('IsNaN', [x], 'bool'), graph.doubles([values.length], values), x);
}

/** Where a value is missing: NaN in numbers, the empty string in text. */
export function missingIn(graph: OnnxGraph, x: OnnxValue): OnnxValue {
  if (x.type === 'double') return graph.node('IsNaN', [x], 'bool');
  return graph.node('Equal', [x, graph.constant({ type: 'string', dims: [1], data: [''] })], 'bool');
}

/** Fills what is missing in a column of text. */
export function fillText(graph: OnnxGraph, x: OnnxValue, value: string): OnnxValue {
  return graph.where(missingIn(graph, x), graph.constant({ type: 'string', dims: [1], data: [value] }), x);
}

/**
 * Looks every value of a column (nSamples, 1) up among categories and gives that category's row of `table`
 * (nRows, width): (nSamples, width). What is not among them gives row `unknown`; a number beyond the table makes
 * running the model an error, which is how unknown categories are refused.
 *
 * @param categories Texts, or numbers where NaN is the missing value.
 */
export function lookupGraph(
  graph: OnnxGraph,
  column: OnnxValue,
  categories: readonly (string | number)[],
  table: ArrayLike<number>,
  width: number,
  unknown: number,
): OnnxValue {
  const text = column.type === 'string';
  const codes = categories.map((_, i) => i);
  const found = graph.node('LabelEncoder', [text ? column : graph.cast(column, 'double')], 'double', {
    domain: 'ai.onnx.ml',
    attributes: {
      keys_tensor: { tensor: { type: text ? 'string' : 'double', dims: [categories.length], data: categories } },
      values_tensor: { tensor: { type: 'double', dims: [codes.length], data: codes } },
      default_tensor: { tensor: { type: 'double', dims: [1], data: [unknown] } },
    },
  });
  const index = graph.reshape(graph.cast(found, 'int64'), -1);
  return graph.gather(graph.doubles([table.length / width, width], table), index, 0);
}
