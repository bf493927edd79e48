// Errors that say which key of the job they come from.
import type { KeyPath } from '../config/places.ts';
import type { ResolvedJob } from '../config/resolved-job.ts';
import { errorFromJson, WarpError } from '../errors.ts';
import { columnNotFound } from '../schema/schema.ts';

/** Runs something that belongs to a key of the job: its errors say which, and on which line it stands. */
export async function atKey<T>(job: ResolvedJob, path: KeyPath, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw placed(error, job.places.label(path));
  }
}

/** The same error, its message behind a place; what is no WarpError or has its place stays as it is. */
function placed(error: unknown, place: string): unknown {
  if (!(error instanceof WarpError) || 'key' in error.detail) return error;
  const copy = errorFromJson({
    code: error.code,
    message: `${place}: ${error.message}`,
    detail: { ...error.detail, key: place },
  });
  copy.cause = error;
  return copy;
}

/** Throws when a column that a key names is not there. */
export function checkColumn(job: ResolvedJob, path: KeyPath, name: string, columns: readonly string[]): void {
  if (!columns.includes(name)) throw placed(columnNotFound(name, [...columns]), job.places.label(path));
}
