// A file that XGBoost saved (or that we saved in its form) as one of our models.
import type { JsonObject } from '../../backend/backend.ts';
import type { Field } from '../../schema/types.ts';
import type { FeatureMemory } from '../core/features.ts';
import { type Fitted, labelsFromJson } from '../core/fitted.ts';
import type { Model } from '../core/model.ts';
import type { XgbModel } from './model/ensemble.ts';
import { readXgboostModel } from './model/read-xgboost.ts';
import { corrupt } from './model/reading.ts';
import { writeUbjsonModel } from './model/write-xgboost.ts';
import { ATTRIBUTE } from './save.ts';

/**
 * Makes a model of XGBoost's JSON or UBJSON. Features without names are `f0`, `f1`, …; classes of a model that Python saved
 * are 0, 1, …, as Python's scikit-learn face gives them.
 */
export async function modelOfXgboost(bytes: Uint8Array, path: string): Promise<Model> {
  const model = readXgboostModel(bytes, path);
  const { [ATTRIBUTE]: ours, ...attributes } = model.attributes;
  const kind = model.objective.startsWith('rank:')
    ? 'XgbRanker'
    : /^(binary|multi):/.test(model.objective)
      ? 'XgbClassifier'
      : 'XgbRegressor';
  const own = ours === undefined ? null : ownParts(ours, model, path);
  const base = {
    json: { engine: 'file', evalsResult: {} },
    arrays: { model: writeUbjsonModel({ ...model, attributes }) },
  };
  const fitted: Fitted = own
    ? { ...own, ...base }
    : {
        estimator: kind,
        params: {},
        memory: { features: featuresOf(model), known: null },
        targetName: null,
        ...(kind === 'XgbClassifier' ? { classes: countedClasses(Math.max(2, model.numClass)) } : {}),
        ...base,
      };
  switch (fitted.estimator) {
    case 'XgbClassifier': {
      const { XgbClassifierModel } = await import('./xgb-classifier.ts');
      return new XgbClassifierModel(fitted);
    }
    case 'XgbRanker': {
      const { XgbRankerModel } = await import('./xgb-ranker.ts');
      return new XgbRankerModel(fitted);
    }
    default: {
      const { XgbRegressorModel } = await import('./xgb-regressor.ts');
      return new XgbRegressorModel(fitted);
    }
  }
}

function featuresOf(m: XgbModel): Field[] {
  return Array.from({ length: m.ensemble.nFeatures }, (_, i): Field => {
    const categories = m.categories[i] ?? null;
    const text = categories?.some((c) => typeof c === 'string') ?? false;
    return { name: m.featureNames[i] ?? `f${i}`, type: { dtype: text ? 'Utf8' : 'Float64' }, nullable: true };
  });
}

const countedClasses = (n: number): NonNullable<Fitted['classes']> => ({
  field: { name: 'prediction', type: { dtype: 'Int32' }, nullable: false },
  labels: Array.from({ length: n }, (_, k) => k),
});

/** What our own save added, checked against the trees. */
function ownParts(text: string, model: XgbModel, path: string): Omit<Fitted, 'json' | 'arrays'> {
  const fail = (what: string): never => corrupt(path, `attribute ${ATTRIBUTE}`, what);
  let json: Record<string, any>;
  try {
    json = JSON.parse(text);
  } catch {
    return fail('is not JSON');
  }
  const features = json?.['memory']?.features;
  if (!Array.isArray(features) || features.length !== model.ensemble.nFeatures)
    return fail('does not name the features of the trees');
  if (features.some((f) => typeof f?.name !== 'string' || typeof f?.type?.dtype !== 'string'))
    return fail('has a feature without a name or dtype');
  const labels = json['classes']?.labels;
  if (json['classes'] !== undefined && (!Array.isArray(labels?.values) || typeof json['classes'].field !== 'object'))
    return fail('has no labels in its classes');
  const binary = model.objective.startsWith('binary:');
  if (labels && labels.values.length !== (binary ? 2 : model.numClass))
    return fail('has as many labels as no objective');
  return {
    estimator: String(json['estimator']),
    params: (json['params'] ?? {}) as JsonObject,
    memory: json['memory'] as FeatureMemory,
    targetName: typeof json['targetName'] === 'string' ? json['targetName'] : null,
    ...(labels ? { classes: { field: json['classes'].field as Field, labels: labelsFromJson(labels) } } : {}),
  };
}
