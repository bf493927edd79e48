// What a model says about its features.
import type { ResolvedModel } from '../config/resolved-job.ts';
import { partsOf } from '../ml/compose/prepared-models.ts';
import type { ReportModel } from '../report/report-data.ts';
import type { JobModel } from './score-model.ts';

/** Importances or coefficients by feature; null for models that have neither. */
export function importancesOf(model: JobModel, resolved: ResolvedModel): ReportModel['importances'] {
  const { final } = partsOf(model);
  const names = final.featureNamesIn;
  const { featureImportances, coef } = final as unknown as {
    featureImportances?: ArrayLike<number> | (() => ArrayLike<number>);
    coef?: unknown;
  };
  const shares = typeof featureImportances === 'function' ? featureImportances.call(final) : featureImportances;
  if (shares?.length === names.length) {
    return { title: 'Share of what the splits on it gained', values: readings(names, shares) };
  }
  if (isNumbers(coef) && coef.length === names.length) {
    const unit = resolved.scale === null ? 'per unit of the feature' : 'features scaled';
    return { title: `Coefficients, ${unit}`, values: readings(names, coef) };
  }
  return null;
}

const isNumbers = (value: unknown): value is ArrayLike<number> =>
  (ArrayBuffer.isView(value) && !(value instanceof DataView)) || Array.isArray(value);

const readings = (names: readonly string[], values: ArrayLike<number>) =>
  names.map((name, i) => ({ name, value: values[i] ?? null }));
