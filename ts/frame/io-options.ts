// Options of readers and writers as the frame's signatures name them; each format defines its own.
export type { ArrowWriteOptions } from '../source/arrow-options.ts';
export type { CsvReadOptions, CsvWriteOptions } from '../source/csv-options.ts';
export type { JsonlReadOptions, JsonlWriteOptions } from '../source/jsonl-options.ts';
export type { ParquetWriteOptions } from '../source/parquet-options.ts';
