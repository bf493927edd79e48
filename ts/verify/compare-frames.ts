// One frame, collected by both engines.
import type { DataFrame } from '../frame/dataframe.ts';
import { failed, isRefusal, type Outcome, PASSED } from './check.ts';
import { differenceOf, type Tolerance, type Values, valuesOfBatch } from './compare.ts';

/** Sums come in another order on a device; what cancels leaves an absolute rest. */
export const SUMS: Tolerance = { relative: 1e-9, absolute: 1e-9 };

type Collected = { readonly rows: Values } | { readonly code: string; readonly message: string };

/** The rows, or the typed error; a plan that libcudf cannot run is thrown. */
export async function collectedOn(df: DataFrame<any>, engine: 'cpu' | 'cuda'): Promise<Collected> {
  try {
    using table = await df.collect({ engine, seed: 1 });
    return { rows: table.borrowArrow(valuesOfBatch) };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === undefined || isRefusal(error)) throw error;
    return { code, message };
  }
}

/** Passes where both engines give the same rows, or the same error. */
export async function sameOnBoth(df: DataFrame<any>, ordered: boolean, tolerance = SUMS): Promise<Outcome> {
  const got = await collectedOn(df, 'cuda');
  const wanted = await collectedOn(df, 'cpu');
  if ('code' in wanted)
    return 'code' in got && got.code === wanted.code
      ? PASSED
      : failed(
          `the CPU engine gave ${wanted.code}: ${wanted.message}; the GPU ${'code' in got ? `${got.code}: ${got.message}` : 'rows'}`,
        );
  if ('code' in got) return failed(`${got.code}: ${got.message}`);
  const different = differenceOf(got.rows, wanted.rows, { ordered, tolerance });
  return different === null ? PASSED : failed(different);
}
