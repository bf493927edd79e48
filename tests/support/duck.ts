// DuckDB as an oracle: rows in the forms that `vectorOf` and `valuesOf` use.
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

let connection: Promise<DuckDBConnection> | undefined;

/** One in-memory database per test file. */
export function duck(): Promise<DuckDBConnection> {
  connection ??= DuckDBInstance.create().then((i) => i.connect());
  return connection;
}

/** All rows of a query as arrays of JavaScript values: bigint for BIGINT, strings for dates when cast to VARCHAR. */
export async function duckRows(sql: string): Promise<unknown[][]> {
  const reader = await (await duck()).runAndReadAll(sql);
  return reader.getRows() as unknown[][];
}
