// The target of a fit: numbers for a regressor, sorted classes for a classifier.
import { ParameterError, TargetError } from '../../errors.ts';
import { col, len } from '../../expr/builders.ts';
import { fromColumns } from '../../frame/create.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { Float64, fromLogical } from '../../schema/dtypes.ts';
import { type Field, isFloat, typeText } from '../../schema/types.ts';
import { isNumericFeature } from './features.ts';
import type { ClassWeight } from './params.ts';

/** A class label, as rows hold it. */
export type Label = string | number | bigint | boolean;

/** The classes of a target, sorted, and their dtype. */
export interface Classes {
  readonly field: Field;
  readonly labels: readonly Label[];
}

/** A target for a regressor must be numbers without nulls; checked by dtype here, by value when the rows are read. */
export function checkNumericTarget(estimator: string, target: Field): void {
  if (!isNumericFeature(target.type))
    throw new TargetError(
      `The target "${target.name}" of ${estimator} is ${typeText(target.type)}, but a regressor needs numbers. Use a classifier for classes.`,
      { column: target.name },
    );
}

/** Finds the classes of a target. */
export async function findClasses(
  estimator: string,
  frame: DataFrame<any>,
  target: Field,
  options: RunOptions,
): Promise<Classes> {
  const { name, type } = target;
  const counted = frame.select({ [name]: col(name) } as never).unique();
  using table = await counted.collect(options);
  const labels = [...table.column(name as never)] as (Label | null)[];
  if (labels.some((v) => v === null))
    throw new TargetError(
      `The target "${name}" of ${estimator} has nulls. Drop those rows first: frame.dropNulls("${name}").`,
      { column: name },
    );
  const found = labels as Label[];
  if (found.some((v) => typeof v === 'object'))
    throw new TargetError(
      `The target "${name}" of ${estimator} is ${typeText(type)}; classes are numbers, text or Bool.`,
      { column: name },
    );
  if (isFloat(type)) {
    const odd = (found as number[]).find((v) => !Number.isInteger(v));
    if (odd !== undefined)
      throw new TargetError(
        Number.isFinite(odd)
          ? `The target "${name}" of ${estimator} holds ${odd}, which is no class. Use a regressor, or bin it first.`
          : `The target "${name}" of ${estimator} holds ${odd}. Filter those rows first.`,
        { column: name },
      );
  }
  found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (found.length === 0)
    throw new TargetError(`${estimator} needs rows to learn from; the frame has none.`, { column: name });
  if (found.length === 1)
    throw new TargetError(
      `The target "${name}" of ${estimator} has one class only, ${String(found[0])}; at least two are needed.`,
      { column: name },
    );
  return { field: target, labels: Object.freeze(found) };
}

/**
 * The frame with two more columns: the position of the target's class (Float64) as `as`, and with `weights` the weight of
 * that class as `weightAs`. Keeps the rows' order.
 */
export function withCodes(
  frame: DataFrame<any>,
  classes: Classes,
  as: string,
  weights?: { readonly as: string; readonly values: Float64Array },
): DataFrame<any> {
  const { name, type } = classes.field;
  const codes = fromColumns(
    {
      [name]: classes.labels as never,
      [as]: Float64Array.from(classes.labels, (_, i) => i),
      ...(weights ? { [weights.as]: weights.values } : {}),
    },
    { schema: { [name]: fromLogical(type), [as]: Float64, ...(weights ? { [weights.as]: Float64 } : {}) } },
  );
  return frame.join(codes as never, { on: name, how: 'left', maintainOrder: true } as never) as DataFrame<any>;
}

/**
 * The weight of each class: given ones by label, or `nSamples / (nClasses × count)` where balanced; with `counted`, a column
 * of weights, sums of it are in the place of counts.
 */
export async function weightsOfClasses(
  estimator: string,
  frame: DataFrame<any>,
  classes: Classes,
  weight: Exclude<ClassWeight, null>,
  counted: string | null,
  options: RunOptions,
): Promise<Float64Array> {
  const { labels, field } = classes;
  if (weight !== 'balanced') {
    const unknown = Object.keys(weight).find((label) => !labels.some((l) => String(l) === label));
    if (unknown !== undefined)
      throw new ParameterError(
        `The 'classWeight' parameter of ${estimator} names the class '${unknown}', which the target does not have. Classes: ${labels.join(', ')}.`,
        { estimator, parameter: 'classWeight' },
      );
    return Float64Array.from(labels, (l) => weight[String(l)] ?? 1);
  }
  const sum = counted === null ? len() : (col('#weight') as any).cast(Float64).sum();
  using table = await frame
    .select({ label: col(field.name), ...(counted === null ? {} : { '#weight': col(counted) }) } as never)
    .groupBy('label' as never)
    .agg({ '#sum': sum } as never)
    .collect(options);
  const counts = new Map<unknown, number>();
  for (const row of table.toRecords() as Record<string, unknown>[]) counts.set(row['label'], Number(row['#sum']));
  const total = [...counts.values()].reduce((a, b) => a + b, 0);
  const empty = labels.find((l) => counts.get(l) === 0);
  if (empty !== undefined)
    throw new ParameterError(
      `The sample weights of ${estimator}.fit of the class ${String(empty)} are all 0, so it cannot be balanced. Drop those rows, or give weights by class.`,
      { estimator, parameter: 'classWeight' },
    );
  return Float64Array.from(labels, (l) => total / (labels.length * counts.get(l)!));
}
