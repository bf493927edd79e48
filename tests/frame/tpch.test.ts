// The 22 TPC-H questions against DuckDB on the same files.
import { beforeAll, describe, expect } from 'vitest';
import { type Cell, cellOf, firstDifference } from '../../bench/tpch/compare.ts';
import { QUERIES } from '../../bench/tpch/queries.ts';
import { openTables, TABLE_NAMES, type Tables } from '../../bench/tpch/tables.ts';
import { onBackends } from '../support/backends.ts';
import { duck } from '../support/duck.ts';
import { tuneEngine } from '../support/tuning.ts';

const FOLDER = 'tests/fixtures/tpch';
/** Questions that ask for one number, or have fewer answers whatever the parameters. */
const SMALL: Readonly<Record<string, number>> = { q1: 4, q5: 5, q6: 1, q8: 2, q14: 1, q17: 1, q19: 1 };

let tables: Tables;
beforeAll(async () => {
  // Small enough for two threads to have something to share.
  await tuneEngine({ minRows: 1, pieceRows: 1024, pieceBytes: 4096 });
  tables = await openTables(FOLDER);
  const c = await duck();
  for (const name of TABLE_NAMES) await c.run(`CREATE VIEW ${name} AS FROM '${FOLDER}/${name}.parquet'`);
});

describe('TPC-H at scale 0.01', () =>
  onBackends((_, test) =>
    test.each(QUERIES)('$name', async ({ name, run, sql }) => {
      const table = await run(tables).collect();
      const ours = table.toRecords().map((r: Record<string, unknown>) => Object.values(r).map(cellOf));
      const theirs = (await (await duck()).runAndReadAll(sql)).getRowsJson() as Cell[][];
      expect(theirs.length).toBeGreaterThanOrEqual(SMALL[name] ?? 5);
      expect(firstDifference(ours, theirs)).toBeNull();
      table.dispose();
    }),
  ));
