// Options of readers and writers as the frame's signatures name them; each format defines its own.

import type { ArrowWriteOptions } from '../source/arrow-options.ts';
import type { CsvReadOptions, CsvWriteOptions } from '../source/csv-options.ts';
import type { ParquetWriteOptions } from '../source/parquet-options.ts';

export type { ArrowWriteOptions, CsvReadOptions, CsvWriteOptions, ParquetWriteOptions };

export interface JsonlWriteOptions {
  readonly [name: string]: unknown;
}
export interface ParquetReadOptions {
  readonly [name: string]: unknown;
}
export interface JsonlReadOptions {
  readonly [name: string]: unknown;
}
export interface ArrowReadOptions {
  readonly [name: string]: unknown;
}
