// What a model is made of, in a form that can be written to a file: JSON, arrays, and models inside models.
import type { JsonObject, NumberArray } from '../../backend/backend.ts';
import type { Schema } from '../../schema/types.ts';
import type { FeatureMemory } from './features.ts';
import type { Classes, Label } from './target.ts';

/** Everything of a fitted model. */
export interface Fitted {
  /** The name of the estimator's class: `KMeans`. */
  readonly estimator: string;
  readonly params: JsonObject;
  readonly memory: FeatureMemory;
  /** Fitted values that are JSON: counts, names, small numbers (no NaN or infinities; those go to arrays). */
  readonly json: JsonObject;
  readonly arrays: { readonly [name: string]: NumberArray };
  /** Of a classifier. */
  readonly classes?: Classes;
  /** The target's column name in fit; null for an array or no target. */
  readonly targetName: string | null;
  /** The models of a pipeline, by name. */
  readonly models?: { readonly [name: string]: Fitted };
}

/** Labels as JSON: bigint and non-finite numbers as tagged text. */
export const labelsToJson = (labels: readonly Label[]): JsonObject => ({
  type: typeof labels[0],
  values: labels.map((l) => (typeof l === 'bigint' ? String(l) : l)),
});

export function labelsFromJson(json: { readonly type: string; readonly values: readonly unknown[] }): Label[] {
  return json.values.map((v) => (json.type === 'bigint' ? BigInt(v as string) : (v as Label)));
}

/** The columns a model was fitted on, by name. */
export const featureNamesOf = (memory: FeatureMemory): string[] => (memory.features as Schema).map((f) => f.name);
