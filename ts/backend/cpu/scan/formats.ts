// The file formats the engine reads: one row each.
import type { FileFormat } from '../../../plan/nodes.ts';
import { openArrow } from './arrow/open-arrow.ts';
import { openCsv } from './csv/open-csv.ts';
import { openJsonl } from './jsonl/open-jsonl.ts';
import { openParquet } from './parquet/open-parquet.ts';
import type { OpenFile } from './scanner.ts';

/** Engine threads load all but Parquet at first use. */
const OPENERS: Partial<Record<FileFormat, OpenFile>> = {
  parquet: openParquet,
  csv: (ctx, request) => openCsv(ctx, request),
  jsonl: (ctx, request) => openJsonl(ctx, request),
  arrow: (ctx, request) => openArrow(ctx, request),
};

/** How a format is opened. */
export function openerOf(format: FileFormat): OpenFile {
  return OPENERS[format]!;
}
