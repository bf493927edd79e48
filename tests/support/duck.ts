// DuckDB as an oracle: rows in the forms that `vectorOf` and `valuesOf` use.
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

let connection: Promise<DuckDBConnection> | undefined;

/**
 * One in-memory database per test file. It works on one thread: on several, DuckDB 1.5's window functions race over
 * small input ("Attempted to access index 0 within vector of size 0", duckdb issues 22846 and 25713), and the whole
 * database is lost.
 */
export function duck(): Promise<DuckDBConnection> {
  connection ??= DuckDBInstance.create(':memory:', { threads: '1' }).then((i) => i.connect());
  return connection;
}

/** All rows of a query as arrays of JavaScript values: bigint for BIGINT, strings for dates when cast to VARCHAR. */
export async function duckRows(sql: string): Promise<unknown[][]> {
  const reader = await (await duck()).runAndReadAll(sql);
  return reader.getRows() as unknown[][];
}
