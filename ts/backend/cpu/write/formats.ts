// The file formats the engine writes: one row each.
import { UnsupportedError } from '../../../errors.ts';
import type { FileFormat } from '../../../plan/nodes.ts';
import { openArrowWriter } from './arrow.ts';
import { openCsvWriter } from './csv.ts';
import { openJsonlWriter } from './jsonl.ts';
import { openParquetWriter } from './parquet/open-writer.ts';
import type { OpenWriter } from './writer.ts';

const WRITERS: Partial<Record<FileFormat, OpenWriter>> = {
  csv: openCsvWriter,
  jsonl: openJsonlWriter,
  arrow: openArrowWriter,
  parquet: openParquetWriter,
};

/** How a format is written. */
export function writerOf(format: FileFormat): OpenWriter {
  const open = WRITERS[format];
  if (!open) throw new UnsupportedError(`Writing ${format} is not supported.`, { format });
  return open;
}
