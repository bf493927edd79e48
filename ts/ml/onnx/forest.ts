// Random forests as graphs: features are rounded to Float32 before they are compared, leaves are double.
import { type Fitted, featureNamesOf } from '../core/fitted.ts';
import { arrayOf } from '../core/model.ts';
import type { OnnxColumns } from './columns.ts';
import { labelsOf, type OnnxExporter } from './exporter.ts';
import type { OnnxGraph, OnnxValue } from './graph.ts';
import { type OnnxTrees, treesMean } from './trees.ts';

const MISSING_LEFT = 0x80000000;
const FEATURE = 0x3fffffff;

/** What the trees' leaves hold, averaged: (nSamples, width). */
function forestMean(graph: OnnxGraph, input: OnnxColumns, fitted: Fitted, width: number): OnnxValue {
  const nodes = arrayOf<Uint32Array>(fitted, 'nodes');
  const thresholds = new Float32Array(nodes.buffer, nodes.byteOffset, nodes.length);
  const count = nodes.length / 4;
  const all = (pick: (node: number) => number): Float64Array => Float64Array.from({ length: count }, (_, i) => pick(i));
  // A node is { threshold, feature and flags, left child, leaf }; the children of a leaf are itself, siblings neighbours.
  const trees: OnnxTrees = {
    roots: arrayOf<Uint32Array>(fitted, 'roots'),
    feature: all((i) => (nodes[4 * i + 2] === i ? -1 : nodes[4 * i + 1]! & FEATURE)),
    threshold: all((i) => thresholds[4 * i]!),
    left: all((i) => nodes[4 * i + 2]!),
    right: all((i) => nodes[4 * i + 2]! + 1),
    missingLeft: all((i) => ((nodes[4 * i + 1]! & MISSING_LEFT) === 0 ? 0 : 1)),
    test: 'lt',
  };
  const x = graph.cast(graph.cast(input.matrix(featureNamesOf(fitted.memory)), 'float'), 'double');
  return treesMean(graph, x, trees, arrayOf<Float64Array>(fitted, 'values'), width, (node) => nodes[4 * node + 3]!);
}

export const exportForestClasses: OnnxExporter = (graph, input, fitted) => {
  const labels = labelsOf(fitted);
  const probabilities = forestMean(graph, input, fitted, labels.length);
  return { kind: 'classes', labels, probabilities, winner: graph.argMax(probabilities, 1) };
};

export const exportForestNumber: OnnxExporter = (graph, input, fitted) => ({
  kind: 'number',
  value: forestMean(graph, input, fitted, 1),
});
