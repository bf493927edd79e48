// The data sets of db-benchmark (https://github.com/duckdblabs/db-benchmark), made by DuckDB from hashes of row numbers:
// the same shape, cardinalities and value ranges on every machine, not the bytes of the R generator.
import fs from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';

export interface GroupData {
  readonly rows: number;
  /** Values of id1, id2, id4 and id5; id3 and id6 have rows / k. */
  readonly k: number;
  /** Share of nulls in every column, in percent. */
  readonly nulls: number;
  readonly sorted: boolean;
}

const draw = (salt: number, values: number): string => `(hash(i, ${salt}) % ${values})::BIGINT + 1`;

/** The name of a group-by data set's file. */
export const groupName = ({ rows, k, nulls, sorted }: GroupData): string =>
  `G1_${rows.toExponential(0)}_${k}_${nulls}_${sorted ? 1 : 0}.parquet`;

/** The file of a group-by data set, made at first need. */
export async function groupFile(duckdb: DuckDBConnection, folder: string, data: GroupData): Promise<string> {
  const { rows, k, nulls, sorted } = data;
  const file = path.join(folder, groupName(data));
  const many = Math.max(1, Math.floor(rows / k));
  const orNull = (salt: number, sql: string): string =>
    nulls === 0 ? sql : `CASE WHEN hash(i, ${salt}) % 100 < ${nulls} THEN NULL ELSE ${sql} END`;
  const text = (salt: number, digits: number, values: number): string =>
    orNull(salt + 50, `'id' || lpad((${draw(salt, values)})::VARCHAR, ${digits}, '0')`);
  const whole = (salt: number, values: number): string => orNull(salt + 50, `(${draw(salt, values)})::INT`);
  await write(
    duckdb,
    file,
    `SELECT ${text(1, 3, k)} AS id1, ${text(2, 3, k)} AS id2, ${text(3, 10, many)} AS id3, ${whole(4, k)} AS id4,
      ${whole(5, k)} AS id5, ${whole(6, many)} AS id6, ${whole(7, 5)} AS v1, ${whole(8, 15)} AS v2,
      ${orNull(59, `round((hash(i, 9) % 100000000) / 1000000.0::DOUBLE, 6)`)} AS v3
    FROM range(${rows}) t(i)${sorted ? ' ORDER BY ALL' : ''}`,
  );
  return file;
}

export const JOIN_TABLES = ['x', 'small', 'medium', 'big'] as const;
export type JoinTable = (typeof JOIN_TABLES)[number];
/** The name of a join table's file. */
export const joinName = (rows: number, table: JoinTable): string => `J1_${rows.toExponential(0)}_${table}.parquet`;

/** The files of the join data sets: `big` has as many rows as `x`; nine keys in ten are on both sides. */
export async function joinFiles(
  duckdb: DuckDBConnection,
  folder: string,
  rows: number,
): Promise<Record<JoinTable, string>> {
  const fileOf = (table: JoinTable): string => path.join(folder, joinName(rows, table));
  const sizes = { small: Math.max(10, rows / 1e6), medium: Math.max(10, rows / 1e3), big: rows };
  // Key sets as ranges: x has 1 … n, the other side 0.1 n + 1 … 1.1 n; both are drawn in an order made by hashing.
  const key = (level: keyof typeof sizes, right: boolean, salt: number, tableRows: number): string => {
    const n = sizes[level];
    const shift = right ? Math.floor(n / 10) : 0;
    // Every key once where the table has as many rows as there are keys; else at random.
    return tableRows === n ? `(i + 1 + ${shift})::INT` : `((hash(i, ${salt}) % ${n})::BIGINT + 1 + ${shift})::INT`;
  };
  const columns = (levels: readonly (keyof typeof sizes)[], right: boolean, tableRows: number): string =>
    levels
      .map((level, k) => {
        const id = key(level, right, k + 11, tableRows);
        return `${id} AS id${k + 1}, 'id' || ${id} AS id${k + 4}`;
      })
      .join(', ');
  const make = (table: JoinTable, levels: readonly (keyof typeof sizes)[], value: string, n: number): Promise<void> =>
    write(
      duckdb,
      fileOf(table),
      `SELECT * EXCLUDE i FROM (SELECT i, ${columns(levels, table !== 'x', n)},
        round((hash(i, 31) % 100000000) / 1000000.0::DOUBLE, 6) AS ${value} FROM range(${n}) t(i)) ORDER BY hash(i, 41)`,
    );
  await make('x', ['small', 'medium', 'big'], 'v1', rows);
  await make('small', ['small'], 'v2', sizes.small);
  await make('medium', ['small', 'medium'], 'v2', sizes.medium);
  await make('big', ['small', 'medium', 'big'], 'v2', rows);
  return Object.fromEntries(JOIN_TABLES.map((t) => [t, fileOf(t)])) as Record<JoinTable, string>;
}

async function write(duckdb: DuckDBConnection, file: string, sql: string): Promise<void> {
  if (fs.existsSync(file)) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  await duckdb.run(`COPY (${sql}) TO '${file}.part' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 1000000)`);
  fs.renameSync(`${file}.part`, file);
}
