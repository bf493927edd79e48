// Every encoding, codec, page version and nesting, written by pyarrow (scripts/fixtures/parquet-made.py).
import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readParquetValues } from '../support/parquet.ts';
import { differences, loadGoldens } from '../support/parquet-golden.ts';

const folder = 'tests/fixtures/parquet';
const goldens = loadGoldens(folder);

describe('parquet files made by pyarrow', () => {
  test.each(Object.keys(goldens))('%s', async (name) => {
    const file = await readParquetValues(`${folder}/${name}`);
    expect(differences(file, goldens[name]!)).toEqual([]);
  });

  test('every file has a golden', () => {
    expect(fs.readdirSync(folder).filter((f) => f.endsWith('.parquet') && !(f in goldens))).toEqual([]);
  });
});
