// What a model says about its features.
import type { Model } from '../ml/core/model.ts';
import type { ReportModel } from '../report/report-data.ts';

/** Importances or coefficients by feature; null for models that have neither. */
export function importancesOf(model: Model, names: readonly string[]): ReportModel['importances'] {
  const { featureImportances, coef } = model as unknown as {
    featureImportances?: ArrayLike<number>;
    coef?: ArrayLike<number>;
  };
  if (featureImportances?.length === names.length) {
    return { title: 'Share of the gain in all splits', values: readings(names, featureImportances) };
  }
  if (coef && names.length > 0 && coef.length === names.length) {
    return { title: 'Coefficients, per unit of the feature', values: readings(names, coef) };
  }
  return null;
}

const readings = (names: readonly string[], values: ArrayLike<number>) =>
  names.map((name, i) => ({ name, value: values[i] ?? null }));
