// Codes back to the values they stand for: a join with the small table of a feature's categories.
import { col, lit } from '../../expr/builders.ts';
import { fromColumns } from '../../frame/create.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import { Float64, fromLogical, nullable } from '../../schema/dtypes.ts';
import type { Schema } from '../../schema/types.ts';
import type { Category } from './categories.ts';
import { type Outputs, replaced } from './columns.ts';

/** A feature to be made: its code as an expression or a number, and the columns it is made of. */
export interface CodeOf {
  readonly code: unknown;
  readonly from: readonly string[];
}

/** The frame with the columns of codes replaced by the features; a code that stands for nothing becomes null. */
export function valuesOfCodes(
  estimator: string,
  frame: DataFrame<any>,
  features: Schema,
  categories: readonly (readonly Category[])[],
  codes: readonly CodeOf[],
): DataFrame<any> {
  const temporary = features.map((_, j) => {
    let name = `code${j}`;
    while (frame.columns.includes(name) || features.some((f) => f.name === name)) name += '_';
    return name;
  });
  // Each feature takes the place of the first of its columns.
  const places = new Map<string, Outputs>();
  codes.forEach(({ code, from }, j) => {
    const expr = typeof code === 'number' ? lit(code, Float64) : (code as any).cast(Float64);
    from.forEach((name, k) => {
      places.set(name, k === 0 ? [[temporary[j]!, expr]] : []);
    });
  });
  const alone = codes.flatMap(
    ({ code, from }, j): Outputs => (from.length > 0 ? [] : [[temporary[j]!, lit(code as number, Float64)]]),
  );
  const coded = replaced(`${estimator} inverseTransform`, frame, places, alone);
  let result = coded;
  const values = features.map((f, j) => {
    const value = `${temporary[j]}value`;
    const table = fromColumns(
      { [temporary[j]!]: Float64Array.from(categories[j]!, (_, k) => k), [value]: categories[j]! as never },
      { schema: { [temporary[j]!]: Float64, [value]: nullable(fromLogical(f.type)) } } as never,
    );
    result = result.join(table as never, { on: temporary[j]!, how: 'left', maintainOrder: true } as never) as never;
    return value;
  });
  const items = coded.columns.map((name) => {
    const j = temporary.indexOf(name);
    return j < 0 ? { [name]: col(name) } : { [features[j]!.name]: col(values[j]!) };
  });
  return result.select(...(items as never[]));
}
