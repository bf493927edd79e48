// Files of 1e5 to 1e8 rows, made by DuckDB from hashes of row numbers: few columns, so that the largest stay small.
import fs from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';

export interface ScalingFiles {
  /** `k` of 1,000 values, `id` of rows / 100, `v` of a million. */
  readonly x: string;
  /** One in ten of the ids of `x`, each once, with `w`. */
  readonly right: string;
}

/** The two files of a size, made at first need. */
export async function scalingFiles(duckdb: DuckDBConnection, folder: string, rows: number): Promise<ScalingFiles> {
  const name = rows.toExponential(0);
  const files = { x: path.join(folder, `x_${name}.parquet`), right: path.join(folder, `right_${name}.parquet`) };
  const ids = Math.max(1, Math.floor(rows / 100));
  await write(
    duckdb,
    files.x,
    `SELECT (hash(i) % 1000)::INT AS k, (hash(i, 1) % ${ids})::INT AS id, (hash(i, 2) % 1000000) / 8.0::DOUBLE AS v
     FROM range(${rows}) t(i)`,
  );
  await write(
    duckdb,
    files.right,
    `SELECT (i * 10)::INT AS id, (hash(i, 3) % 1000) / 4.0::DOUBLE AS w FROM range(${Math.ceil(ids / 10)}) t(i) ORDER BY hash(i, 4)`,
  );
  return files;
}

async function write(duckdb: DuckDBConnection, file: string, sql: string): Promise<void> {
  if (fs.existsSync(file)) return;
  await duckdb.run(`COPY (${sql}) TO '${file}.part' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 1000000)`);
  fs.renameSync(`${file}.part`, file);
}
