// CSV files of other makers, read equal to DuckDB.
import { describe, expect, it } from 'vitest';
import { inferCsv } from '../../ts/backend/cpu/scan/csv/infer-csv.ts';
import { openCsv } from '../../ts/backend/cpu/scan/csv/open-csv.ts';
import { duckRows } from '../support/duck.ts';
import { fileBytes, testContext } from '../support/engine.ts';
import { readAll, rowsOf } from '../support/text.ts';

const DATA = 'node_modules/vega-datasets/data';

describe('real files', () => {
  it('reads airports.csv equal to DuckDB', async () => {
    const ctx = testContext();
    const bytes = fileBytes(ctx.heap, `${DATA}/airports.csv`);
    const schema = inferCsv(ctx, bytes, {});
    expect(schema.map((f) => [f.name, f.type.dtype])).toEqual([
      ['iata', 'Utf8'],
      ['name', 'Utf8'],
      ['city', 'Utf8'],
      ['state', 'Utf8'],
      ['country', 'Utf8'],
      ['latitude', 'Float64'],
      ['longitude', 'Float64'],
    ]);
    const rows = rowsOf(readAll(ctx, openCsv, bytes, schema));
    expect(rows).toEqual(await duckRows(`select * from read_csv('${DATA}/airports.csv')`));
    expect(rows).toHaveLength(3376);
  });
});
