// What an exporter of a model gets and gives.

import { UnsupportedError } from '../../errors.ts';
import type { Fitted } from '../core/fitted.ts';
import type { Label } from '../core/target.ts';
import type { OnnxColumns } from './columns.ts';
import type { OnnxGraph, OnnxValue } from './graph.ts';
import type { ClassScores } from './predictors.ts';

/** What a model's part of a graph gives, by its kind. */
export type OnnxResult =
  | { readonly kind: 'columns'; readonly columns: OnnxColumns }
  /** One number a row: (nSamples, 1) or (nSamples,). */
  | { readonly kind: 'number'; readonly value: OnnxValue }
  | ({ readonly kind: 'classes'; readonly labels: readonly Label[] } & ClassScores)
  | { readonly kind: 'clusters'; readonly distances: OnnxValue; readonly nearest: OnnxValue };

/** Adds a fitted model to a graph; the input holds its features by name. `inner` finds the exporters of models in it. */
export type OnnxExporter = (
  graph: OnnxGraph,
  input: OnnxColumns,
  fitted: Fitted,
  inner: (fitted: Fitted) => OnnxExporter,
) => OnnxResult;

/** The class labels of a fitted classifier. */
export function labelsOf(fitted: Fitted): readonly Label[] {
  if (!fitted.classes) throw new UnsupportedError(`The model of ${fitted.estimator} has no classes.`);
  return fitted.classes.labels;
}
