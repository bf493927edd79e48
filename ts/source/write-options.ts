// Options of writers checked before a query runs for them.
import type { FileFormat } from '../plan/nodes.ts';
import { arrowWriteSettings } from './arrow-options.ts';
import { csvWriteSettings } from './csv-options.ts';
import { jsonlWriteSettings } from './jsonl-options.ts';
import { parquetWriteSettings } from './parquet-options.ts';
import type { OptionValues } from './text-options.ts';

const CHECKS: Record<FileFormat, (options: OptionValues) => unknown> = {
  csv: csvWriteSettings,
  jsonl: jsonlWriteSettings,
  arrow: arrowWriteSettings,
  parquet: parquetWriteSettings,
};

/** Throws ParameterError for options that the writer of a format does not take. */
export function checkWriteOptions(format: FileFormat, options: OptionValues): void {
  CHECKS[format](options);
}
