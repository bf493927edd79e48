// Options of writeParquet: what users write, and the checked form the engine reads.
import { OptionReader, type OptionValues } from './text-options.ts';

/** How the pages of a Parquet file can be packed. */
export type ParquetCompression = 'zstd' | 'snappy' | 'gzip' | 'brotli' | 'lz4' | 'none';

/**
 * How a Parquet file is written: data pages of version 1 with checksums, bounds of row groups and of pages, and the Arrow
 * schema beside Parquet's own, so that readers that know it restore time zones, durations, categories and
 * lists of a fixed size.
 */
export interface ParquetWriteOptions {
  /** Of each page. Default `zstd`. `lz4` is Parquet's LZ4_RAW. */
  readonly compression?: ParquetCompression;
  /** For `zstd` 1 to 22 (default 1), `gzip` 0 to 9 (default 6) and `brotli` 0 to 11 (default 5). */
  readonly compressionLevel?: number;
  /**
   * Most rows of a row group, the unit that readers skip and read in parallel. Default 1,048,576; where all rows of a
   * table or file are written, row groups then have about 262,144 and are encoded by all threads, with the same bytes for
   * any number of them. A number that is given is kept to, by one thread. A row group also ends when 64 MiB of it,
   * compressed, wait in memory.
   */
  readonly rowGroupRows?: number;
  /**
   * About how many bytes a page holds before compression. Default 1 MiB. It also ends after 65,536 rows, and of more than
   * 64 columns each has smaller pages, so that all of them fit into 64 MiB.
   */
  readonly dataPageBytes?: number;
  /**
   * Whether columns may be stored as codes into a dictionary of their distinct values, which is done where it pays.
   * A number: the most bytes of one dictionary. Default 1 MiB, less for more than 64 columns.
   */
  readonly dictionary?: boolean | number;
  /** Whether the least and greatest values and the number of nulls are stored, by which readers skip. Default true. */
  readonly statistics?: boolean;
}

/** ParquetWriteOptions, checked and complete. */
export interface ParquetWriteSettings {
  readonly compression: ParquetCompression;
  readonly compressionLevel: number;
  readonly rowGroupRows: number;
  readonly dataPageBytes: number;
  /** 0 = no dictionaries. */
  readonly dictionaryBytes: number;
  readonly statistics: boolean;
}

const OPTIONS = [
  'compression',
  'compressionLevel',
  'rowGroupRows',
  'dataPageBytes',
  'dictionary',
  'statistics',
] as const satisfies readonly (keyof ParquetWriteOptions)[];

/** Least, greatest and usual level of the codecs that have levels. */
const LEVELS = { zstd: [1, 22, 1], gzip: [0, 9, 6], brotli: [0, 11, 5] } as const;
const DEFAULT_GROUP_ROWS = 1 << 20;
const DEFAULT_PAGE_BYTES = 1 << 20;
const DEFAULT_DICTIONARY_BYTES = 1 << 20;
const MOST_BYTES = 1 << 30;

/** Checks the options of writeParquet. Throws ParameterError. */
export function parquetWriteSettings(options: OptionValues): ParquetWriteSettings {
  const o = new OptionReader(options, 'writeParquet', OPTIONS);
  const compression = o.choice<ParquetCompression>('compression', 'zstd', [
    'zstd',
    'snappy',
    'gzip',
    'brotli',
    'lz4',
    'none',
  ]);
  const dictionary = o.value<boolean | number>(
    'dictionary',
    true,
    `true, false or a number of bytes up to ${MOST_BYTES}`,
    (v) => typeof v === 'boolean' || isWithin(v, 1, MOST_BYTES),
  );
  return {
    compression,
    compressionLevel: levelOf(o, compression),
    rowGroupRows: o.value('rowGroupRows', DEFAULT_GROUP_ROWS, 'an integer from 1 to 2147483647', (v) =>
      isWithin(v, 1, 2 ** 31 - 1),
    ),
    dataPageBytes: o.value('dataPageBytes', DEFAULT_PAGE_BYTES, `an integer from 64 to ${MOST_BYTES}`, (v) =>
      isWithin(v, 64, MOST_BYTES),
    ),
    dictionaryBytes: typeof dictionary === 'number' ? dictionary : dictionary ? DEFAULT_DICTIONARY_BYTES : 0,
    statistics: o.boolean('statistics', true),
  };
}

const isWithin = (v: unknown, least: number, most: number): boolean =>
  typeof v === 'number' && Number.isInteger(v) && v >= least && v <= most;

function levelOf(o: OptionReader, compression: ParquetCompression): number {
  const range = compression in LEVELS ? LEVELS[compression as keyof typeof LEVELS] : null;
  if (range === null) {
    if (o.has('compressionLevel')) throw o.fail('compressionLevel', `means nothing with compression '${compression}'.`);
    return 0;
  }
  const [least, most, usual] = range;
  const what = `an integer from ${least} to ${most} with compression '${compression}'`;
  return o.value('compressionLevel', usual, what, (v) => isWithin(v, least, most));
}
