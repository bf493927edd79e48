// What a job did to the columns of its files before any learning, kept with the model so that it predicts files as they
// are: new names, dtypes, values for nulls, derived columns.

import type { JsonObject } from '../../backend/backend.ts';
import { CorruptFileError } from '../../errors.ts';
import { col } from '../../expr/builders.ts';
import { columnsOf } from '../../expr/language/expression-use.ts';
import { parseDType, parseExpression } from '../../expr/language/parse-expression.ts';
import type { DataFrame } from '../../frame/dataframe.ts';

/** The steps, in the order in which they run. */
export interface SourceColumns {
  readonly rename: { readonly [column: string]: string };
  readonly cast: { readonly [column: string]: string };
  readonly fillNull: { readonly [column: string]: string | number | boolean };
  readonly derive: readonly (readonly [name: string, expression: string])[];
}

/** The steps that `features` need, and the columns that those read. */
export function neededSteps(
  steps: SourceColumns,
  features: readonly string[],
): { steps: SourceColumns; reads: Set<string> } {
  const reads = new Set(features);
  const derive: (readonly [string, string])[] = [];
  for (const [name, text] of [...steps.derive].reverse()) {
    if (!reads.has(name)) continue;
    reads.delete(name);
    for (const column of columnsOf(parseExpression(text))) reads.add(column);
    derive.unshift([name, text]);
  }
  const some = <V>(from: { readonly [column: string]: V }, keep: (column: string, value: V) => boolean) =>
    Object.fromEntries(Object.entries(from).filter(([column, value]) => keep(column, value)));
  return {
    steps: {
      rename: some(steps.rename, (_, to) => reads.has(to as string)),
      cast: some(steps.cast, (column) => reads.has(column)),
      fillNull: some(steps.fillNull, (column) => reads.has(column)),
      derive,
    },
    reads,
  };
}

/** Runs the steps up to the derived columns: what a model's features are checked in. */
export function mended(frame: DataFrame<any>, steps: SourceColumns): DataFrame<any> {
  let out = frame;
  const present = (name: string): boolean => out.columns.includes(name);
  const rename = Object.entries(steps.rename).filter(([from, to]) => present(from) && !present(to));
  if (rename.length > 0) out = out.rename(Object.fromEntries(rename) as never);
  for (const [name, dtype] of Object.entries(steps.cast))
    if (present(name)) out = out.withColumns({ [name]: (col(name) as any).cast(parseDType(dtype)) } as never);
  for (const [name, value] of Object.entries(steps.fillNull))
    if (present(name)) out = out.fillNull({ [name]: value } as never);
  return out;
}

/** Adds the derived columns. */
export function derived(frame: DataFrame<any>, steps: SourceColumns): DataFrame<any> {
  let out = frame;
  for (const [name, text] of steps.derive) out = out.withColumns({ [name]: parseExpression(text) } as never);
  return out;
}

/** The steps of a model file, which anyone may have written. */
export function sourceFromJson(json: unknown, path: string): SourceColumns | null {
  if (json === null || json === undefined) return null;
  const { rename, cast, fillNull, derive } = json as { [name: string]: unknown };
  const record = (part: unknown, ok: (value: unknown) => boolean): boolean =>
    typeof part === 'object' && part !== null && !Array.isArray(part) && Object.values(part).every(ok);
  const text = (value: unknown): boolean => typeof value === 'string';
  const fine =
    record(rename, text) &&
    record(cast, text) &&
    record(fillNull, (v) => ['string', 'number', 'boolean'].includes(typeof v)) &&
    Array.isArray(derive) &&
    derive.every((d) => Array.isArray(d) && d.length === 2 && d.every(text));
  if (!fine) throw new CorruptFileError(`${path} holds steps that no job wrote.`, { path, offset: 0 });
  return json as SourceColumns;
}

/** As JSON, for a model file. */
export const sourceToJson = (steps: SourceColumns | null): JsonObject | null => steps as unknown as JsonObject | null;
