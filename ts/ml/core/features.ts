// Which columns are features, and the plan that makes Float64 columns of them.
import type { MissingPolicy } from '../../backend/missing-values.ts';
import { ColumnNotFoundError, DTypeError, ParameterError, SchemaMismatchError } from '../../errors.ts';
import { col } from '../../expr/builders.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import { Float64, UInt8 } from '../../schema/dtypes.ts';
import { type Field, isFloat, isInteger, type LogicalType, type Schema, typeText } from '../../schema/types.ts';
import { suggest } from '../../util/suggest.ts';

/** Whether a column can be a feature as it is. */
export const isNumericFeature = (type: LogicalType): boolean =>
  isFloat(type) || isInteger(type) || type.dtype === 'Decimal' || type.dtype === 'Bool';

const schemaOf = (frame: DataFrame<any>): Schema => DataFrame.planOf(frame).schema;

/** A column of the frame, or the error that names what is there. */
export function columnField(frame: DataFrame<any>, name: unknown, where: string): Field {
  const schema = schemaOf(frame);
  const found = schema.find((f) => f.name === name);
  if (found) return found;
  const columns = schema.map((f) => f.name);
  const near = typeof name === 'string' ? suggest(name, columns) : null;
  throw new ColumnNotFoundError(
    `Column ${JSON.stringify(name)} of ${where} not found.${near === null ? '' : ` Did you mean "${near}"?`} Columns: ${columns.join(', ')}`,
    { name: String(name), columns },
  );
}

/** The features of a fit: named ones as they are, else every column that `takes` but those left out. */
export function chooseFeatures(
  estimator: string,
  frame: DataFrame<any>,
  options: { readonly features?: readonly string[]; readonly exclude?: readonly string[] },
  reserved: readonly string[],
  takes: (type: LogicalType) => boolean,
  what: string,
  takesNamed: (type: LogicalType) => boolean = takes,
): Field[] {
  const { features, exclude = [] } = options;
  for (const name of exclude) columnField(frame, name, `the 'exclude' option of ${estimator}.fit`);
  if (features === undefined) {
    const chosen = schemaOf(frame).filter(
      (f) => takes(f.type) && !reserved.includes(f.name) && !exclude.includes(f.name),
    );
    if (chosen.length > 0) return chosen;
    const there = schemaOf(frame).map((f) => `${f.name}: ${typeText(f.type)}`);
    throw new ParameterError(
      `${estimator}.fit found no features: of the columns ${there.join(', ')} none is ${what} and free. Name them with the 'features' option.`,
      { estimator },
    );
  }
  if (!Array.isArray(features) || features.length === 0)
    throw new ParameterError(
      `The 'features' option of ${estimator}.fit must be a list of column names. Got ${JSON.stringify(features)}.`,
      { estimator },
    );
  const named = features.map((name) => columnField(frame, name, `the 'features' option of ${estimator}.fit`));
  const chosen = named.filter((f) => !exclude.includes(f.name));
  if (chosen.length === 0)
    throw new ParameterError(
      `The 'exclude' option of ${estimator}.fit leaves none of the 'features': ${features.join(', ')}.`,
      { estimator },
    );
  chosen.forEach((f, i) => {
    if (reserved.includes(f.name))
      throw new ParameterError(
        `Column "${f.name}" is the target or the weight of ${estimator}.fit and cannot be a feature too.`,
        { estimator, column: f.name },
      );
    if (chosen.findIndex((g) => g.name === f.name) !== i)
      throw new ParameterError(`Column "${f.name}" is named twice among the features of ${estimator}.fit.`, {
        estimator,
        column: f.name,
      });
    if (!takesNamed(f.type)) throw wrongDType(estimator, f, what);
  });
  return chosen;
}

export function wrongDType(where: string, f: Field, what: string): DTypeError {
  const mend =
    f.type.dtype === 'Utf8' || f.type.dtype === 'Categorical'
      ? ` Encode it first, with OneHotEncoder or OrdinalEncoder.`
      : '';
  return new DTypeError(`Feature "${f.name}" of ${where} is ${typeText(f.type)}, but ${what} is needed.${mend}`, {
    column: f.name,
  });
}

/** A column as Float64. Bool becomes 0 and 1; with `nan` nulls become NaN. */
export function asFloat64(f: Field, missing: MissingPolicy): unknown {
  let e = col(f.name) as any;
  if (f.type.dtype === 'Bool') e = e.cast(UInt8);
  if (f.type.dtype !== 'Float64') e = e.cast(Float64);
  return missing === 'nan' && f.nullable ? e.fillNull(Number.NaN) : e;
}

/** The features of a frame as Float64 columns of the same names, in order. */
export function featureFrame(
  frame: DataFrame<any>,
  features: readonly Field[],
  missing: MissingPolicy,
): DataFrame<any> {
  return frame.select(Object.fromEntries(features.map((f) => [f.name, asFloat64(f, missing)])) as never);
}

/** What a model remembers of its fit's columns, to check those of a prediction. */
export interface FeatureMemory {
  readonly features: readonly Field[];
  /** Names of all columns of the training frame, where the features were not named: an unknown numeric column is then an error. */
  readonly known: readonly string[] | null;
}

/** Checks a frame against the features of a fit. */
export function checkFeatures(model: string, frame: DataFrame<any>, memory: FeatureMemory): Field[] {
  const found = memory.features.map((f) => {
    const own = columnField(frame, f.name, `a feature of this ${model}`);
    if (isNumericFeature(f.type) ? !isNumericFeature(own.type) : own.type.dtype !== f.type.dtype && !bothText(own, f))
      throw new SchemaMismatchError(
        `Feature "${f.name}" of this ${model} was ${typeText(f.type)} in fit but is ${typeText(own.type)} now. Cast it first.`,
        { column: f.name },
      );
    return own;
  });
  if (memory.known) {
    const extra = schemaOf(frame).find((f) => isNumericFeature(f.type) && !memory.known!.includes(f.name));
    if (extra)
      throw new SchemaMismatchError(
        `Column "${extra.name}" was not in the frame that this ${model} was fitted on, where every numeric column was a feature. Drop it, or name the features in fit.`,
        { column: extra.name },
      );
  }
  return found;
}

const bothText = (a: Field, b: Field): boolean =>
  [a, b].every((f) => f.type.dtype === 'Utf8' || f.type.dtype === 'Categorical');
