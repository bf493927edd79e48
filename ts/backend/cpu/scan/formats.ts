// The file formats the engine reads: one row each.
import type { FileFormat } from '../../../plan/nodes.ts';
import { openArrow } from './arrow/open-arrow.ts';
import { openCsv } from './csv/open-csv.ts';
import { openJsonl } from './jsonl/open-jsonl.ts';
import { openParquet } from './parquet/open-parquet.ts';
import type { OpenFile } from './scanner.ts';

const OPENERS: Partial<Record<FileFormat, OpenFile>> = {
  parquet: openParquet,
  csv: openCsv,
  jsonl: openJsonl,
  arrow: openArrow,
};

/** How a format is opened. */
export function openerOf(format: FileFormat): OpenFile {
  return OPENERS[format]!;
}
