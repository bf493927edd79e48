// Frames over files: metadata is read now, rows when a plan runs.
import { ParameterError } from '../errors.ts';
import type { FileFormat } from '../plan/nodes.ts';
import { warmUp } from '../runner/runner.ts';
import { type SchemaOf, type SchemaSpec, schemaFromSpec } from '../schema/dtypes.ts';
import type { Source } from '../source/find.ts';
import { DataFrame } from './dataframe.ts';
import type { CsvReadOptions, JsonlReadOptions } from './io-options.ts';

/** Options that every reader takes. */
export interface ReadOptions<Spec> {
  /**
   * Declared columns: checked against the file when it is opened, and the type of the frame. Columns that are not
   * declared are not read.
   */
  readonly schema?: Spec;
  /** Stops opening; the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
}

/** Looked up once: a loader may take longer to find a module than a file takes to be opened. */
let loading: Promise<typeof import('../runner/probe.ts')> | null = null;

async function read(format: FileFormat, source: Source, options: ReadOptions<any>): Promise<DataFrame<any>> {
  const { schema, signal, ...reader } = options;
  signal?.throwIfAborted();
  // Text formats check their own options; the others have none.
  const unknown = format === 'parquet' || format === 'arrow' ? Object.keys(reader)[0] : undefined;
  if (unknown !== undefined) {
    throw new ParameterError(
      `Unknown option '${unknown}' of ${format === 'parquet' ? 'readParquet' : 'readArrow'}. Options: schema, signal.`,
      { parameter: unknown },
    );
  }
  // Loaded here: importing the package should not pay for what reads files.
  loading ??= import('../runner/probe.ts');
  const scan = loading.then(({ probeScan }) =>
    probeScan(format, source, {
      reader,
      ...(schema === undefined ? {} : { schema: schemaFromSpec(schema) }),
      ...(signal === undefined ? {} : { run: { signal } }),
    }),
  );
  // The dtypes of a text are found by the engine's thread.
  const isText = format === 'csv' || format === 'jsonl';
  warmUp(isText ? undefined : scan);
  return new DataFrame(await scan);
}

/**
 * Opens Parquet files: a path, a glob, a folder, a URL, bytes or a list of paths. Only their metadata is read.
 *
 * @throws {ERR_FILE_NOT_FOUND} no such file
 * @throws {ERR_SCHEMA_MISMATCH} a declared column that the file lacks or holds in another dtype
 * @throws {ERR_CORRUPT_FILE} a file that is not Parquet
 * @example
 * ```ts
 * await fromColumns({ city: ['Oslo', 'Rome'], price: [10, 20] }).writeParquet(`${tmp}/sales.parquet`);
 * const sales = await readParquet(`${tmp}/sales.parquet`, { schema: { city: Utf8, price: Float64 } });
 * await sales.filter((c) => c.price.gt(15)).show();
 * // ┌──────┬─────────┐
 * // │ city │   price │
 * // │ Utf8 │ Float64 │
 * // ├──────┼─────────┤
 * // │ Rome │      20 │
 * // └──────┴─────────┘
 * // 1 row × 2 columns
 * ```
 */
export function readParquet<const Spec extends SchemaSpec = any>(
  source: Source,
  options: ReadOptions<Spec> = {},
): Promise<DataFrame<SchemaOf<Spec>>> {
  return read('parquet', source, options);
}

/**
 * Opens CSV files. Without a declared schema the dtypes are inferred from a sample of the rows.
 *
 * @throws {ERR_FILE_NOT_FOUND} no such file
 * @throws {ERR_SCHEMA_MISMATCH} a declared column that the file lacks
 * @throws {ERR_PARSE} while reading: a value that is not of the column's dtype, with row, column and text
 * @example
 * ```ts
 * const df = await readCsv(new TextEncoder().encode('city,price\nOslo,10\nRome,\n'));
 * await df.show();
 * // ┌──────┬───────┐
 * // │ city │ price │
 * // │ Utf8 │ Int64 │
 * // ├──────┼───────┤
 * // │ Oslo │    10 │
 * // │ Rome │  null │
 * // └──────┴───────┘
 * // 2 rows × 2 columns
 * ```
 */
export function readCsv<const Spec extends SchemaSpec = any>(
  source: Source,
  options: CsvReadOptions & ReadOptions<Spec> = {},
): Promise<DataFrame<SchemaOf<Spec>>> {
  return read('csv', source, options);
}

/**
 * Opens JSON Lines files: one object a line. Without a declared schema the dtypes are inferred from a sample.
 *
 * @throws {ERR_FILE_NOT_FOUND} no such file
 * @throws {ERR_PARSE} while reading: a malformed line, with line and column
 * @example
 * ```ts
 * const df = await readJsonl(new TextEncoder().encode('{"city":"Oslo","tags":["a","b"]}\n{"city":"Rome","tags":[]}\n'));
 * await df.show();
 * // ┌──────┬──────────────────────┐
 * // │ city │ tags                 │
 * // │ Utf8 │ List(nullable(Utf8)) │
 * // ├──────┼──────────────────────┤
 * // │ Oslo │ ['a', 'b']           │
 * // │ Rome │ []                   │
 * // └──────┴──────────────────────┘
 * // 2 rows × 2 columns
 * ```
 */
export function readJsonl<const Spec extends SchemaSpec = any>(
  source: Source,
  options: JsonlReadOptions & ReadOptions<Spec> = {},
): Promise<DataFrame<SchemaOf<Spec>>> {
  return read('jsonl', source, options);
}

/**
 * Opens Arrow IPC files and streams.
 *
 * @throws {ERR_FILE_NOT_FOUND} no such file
 * @throws {ERR_CORRUPT_FILE} a file that is not Arrow IPC
 * @throws {ERR_UNSUPPORTED} a column type that has no dtype here
 * @example
 * ```ts
 * await fromColumns({ city: ['Oslo', 'Rome'] }).writeArrow(`${tmp}/cities.arrow`);
 * const df = await readArrow(`${tmp}/cities.arrow`);
 * await df.show();
 * // ┌──────┐
 * // │ city │
 * // │ Utf8 │
 * // ├──────┤
 * // │ Oslo │
 * // │ Rome │
 * // └──────┘
 * // 2 rows × 1 column
 * ```
 */
export function readArrow<const Spec extends SchemaSpec = any>(
  source: Source,
  options: ReadOptions<Spec> = {},
): Promise<DataFrame<SchemaOf<Spec>>> {
  return read('arrow', source, options);
}
