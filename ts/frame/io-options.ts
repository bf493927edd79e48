// Options of readers and writers as the frame's signatures name them; each format defines its own.

import type { ArrowWriteOptions } from '../source/arrow-options.ts';
import type { CsvReadOptions, CsvWriteOptions } from '../source/csv-options.ts';

export type { ArrowWriteOptions, CsvReadOptions, CsvWriteOptions };

export interface ParquetWriteOptions {
  readonly compression?: 'none' | 'snappy' | 'gzip' | 'zstd' | 'lz4' | 'brotli';
  readonly [name: string]: unknown;
}
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
