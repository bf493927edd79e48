// The engines we compare with, loaded when asked for.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';

/** By the folder benchmarks run in: this file may be part of a bundle elsewhere. */
const require = createRequire(path.resolve('bench/run.ts'));

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
  const { DuckDBInstance } = await import('@duckdb/node-api');
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
