// The engines we compare with, loaded when asked for.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

const require = createRequire(import.meta.url);

/** nodejs-polars, from bench/versus. */
export function loadPolars(): any {
  try {
    return require('./versus/node_modules/nodejs-polars').default;
  } catch (cause) {
    throw new Error(
      'nodejs-polars is not installed: run `npm ci --force` in bench/versus, or leave it out with --versus duckdb',
      {
        cause,
      },
    );
  }
}

export async function openDuckdb(): Promise<DuckDBConnection> {
  return (await DuckDBInstance.create(':memory:')).connect();
}

const versionOf = (folder: string): string =>
  fs.existsSync(`${folder}/package.json`)
    ? (JSON.parse(fs.readFileSync(`${folder}/package.json`, 'utf8')) as { version: string }).version
    : 'absent';

export const versions = (): Record<string, string> => ({
  warpframe: versionOf('.'),
  polars: versionOf('bench/versus/node_modules/nodejs-polars'),
  duckdb: versionOf('node_modules/@duckdb/node-api'),
});
