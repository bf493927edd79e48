// What may be given as rows: a frame, a table, or arrays.
import { ParameterError, ShapeError } from '../../errors.ts';
import { fromColumns } from '../../frame/create.ts';
import { concat, DataFrame } from '../../frame/dataframe.ts';
import { Table } from '../../frame/table.ts';

/** Features in memory, row by row: `data` is `(nSamples, nFeatures)`, row-major. */
export interface MatrixLike {
  /** The values, nSamples × nFeatures of them. */
  readonly data: Float64Array | Float32Array;
  /** Values in a row. */
  readonly nFeatures: number;
}
/** Rows with named columns, or arrays whose columns become `x0`, `x1`, …. */
export type Rows<S = any> = DataFrame<S> | Table<S> | MatrixLike | readonly ArrayLike<number>[];

/**
 * The rows as a frame. Arrays are rows of numbers.
 *
 * @param names - what the columns of arrays are called: a model's features, in the order of the fit
 */
export function frameOf(rows: Rows, where: string, names?: readonly string[]): DataFrame<any> {
  if (rows instanceof DataFrame) return rows;
  if (rows instanceof Table) return rows.lazy();
  if (Array.isArray(rows)) return fromColumns(columnsOfRows(rows as readonly ArrayLike<number>[], where, names));
  const { data, nFeatures } = (rows ?? {}) as MatrixLike;
  if (!(data instanceof Float64Array || data instanceof Float32Array) || !Number.isSafeInteger(nFeatures))
    throw new ParameterError(
      `Expected a DataFrame, a Table, an array of rows or { data, nFeatures } for ${where} but received ${rows === null ? 'null' : typeof rows}.`,
      { where },
    );
  if (nFeatures < 1 || data.length % nFeatures !== 0)
    throw new ShapeError(
      `Expected ${where} to have nFeatures × nSamples values but ${data.length} are not a multiple of ${nFeatures}.`,
      { where },
    );
  const n = data.length / nFeatures;
  checkWidth(nFeatures, where, names);
  return fromColumns(
    Object.fromEntries(
      Array.from({ length: nFeatures }, (_, j) => {
        const column = new Float64Array(n);
        for (let i = 0; i < n; i++) column[i] = data[i * nFeatures + j]!;
        return [names?.[j] ?? `x${j}`, column];
      }),
    ),
  );
}

/** Whether a list is rows of numbers, not a list of frames or of more rows. */
export const isRowArray = (v: readonly unknown[]): boolean =>
  v.length > 0 && typeof (v[0] as ArrayLike<number> | null)?.[0] === 'number';

/** Arrays have no names: they must have as many columns as there are features. */
function checkWidth(width: number, where: string, names: readonly string[] | undefined): void {
  if (names === undefined || width === names.length) return;
  throw new ShapeError(
    `Expected ${names.length} values in every row for ${where}, one a feature (${names.join(', ')}), but received ${width}.`,
    { where },
  );
}

function columnsOfRows(
  rows: readonly ArrayLike<number>[],
  where: string,
  names?: readonly string[],
): Record<string, Float64Array> {
  const width = rows[0]?.length ?? (rows.length === 0 ? (names?.length ?? 0) : 0);
  if (width === 0)
    throw new ShapeError(`Expected ${where} to have at least one row and one column but it is empty.`, { where });
  checkWidth(width, where, names);
  const columns = Array.from({ length: width }, () => new Float64Array(rows.length));
  // Not forEach, which skips holes.
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (row?.length !== width)
      throw new ShapeError(`Expected ${width} values in every row of ${where} but row ${i} has ${row?.length}.`, {
        where,
        row: i,
      });
    for (let j = 0; j < width; j++) {
      const v = row[j];
      if (typeof v !== 'number')
        throw new ParameterError(`Expected numbers in ${where} but row ${i} has ${String(v)} at ${j}.`, {
          where,
          row: i,
        });
      columns[j]![i] = v;
    }
  }
  return Object.fromEntries(columns.map((c, j) => [names?.[j] ?? `x${j}`, c]));
}

/** The frame with an array beside it as a column of a free name. */
export function withArray(
  frame: DataFrame<any>,
  values: ArrayLike<unknown>,
  stem: string,
): { frame: DataFrame<any>; name: string } {
  let name = stem;
  while (frame.columns.includes(name)) name += '_';
  const plain = ArrayBuffer.isView(values) || Array.isArray(values) ? values : Array.from(values);
  return { frame: concat([frame, fromColumns({ [name]: plain as ArrayLike<unknown> })], { how: 'horizontal' }), name };
}
