// Schemas of text files, found from their first rows.

import { UnsupportedError } from '../../../errors.ts';
import type { FileFormat } from '../../../plan/nodes.ts';
import type { Schema } from '../../../schema/types.ts';
import type { ExecContext, SyncBytes } from '../context.ts';
import { inferCsv } from './csv/infer-csv.ts';
import { inferJsonl } from './jsonl/infer-jsonl.ts';

/** The schema that `openFile` will use with the same options. */
export function inferSchema(
  ctx: ExecContext,
  format: FileFormat,
  bytes: SyncBytes,
  options: { readonly [name: string]: unknown },
): Schema {
  if (format === 'csv') return inferCsv(ctx, bytes, options);
  if (format === 'jsonl') return inferJsonl(ctx, bytes, options);
  throw new UnsupportedError(`The schema of a ${format} file is in its metadata and needs no inference.`);
}
