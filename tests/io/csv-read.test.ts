// CSV files of other makers, read equal to DuckDB or to the truth beside them.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { inferCsv } from '../../ts/backend/cpu/scan/csv/infer-csv.ts';
import { openCsv } from '../../ts/backend/cpu/scan/csv/open-csv.ts';
import type { LogicalType, Schema } from '../../ts/schema/types.ts';
import { duckRows } from '../support/duck.ts';
import { fileBytes, testContext } from '../support/engine.ts';
import { field, readAll, rowsOf } from '../support/text.ts';

const DATA = 'node_modules/vega-datasets/data';
const CORPORA = process.env.WARPFRAME_CORPORA ?? '../shared/corpora';
const hasCorpora = fs.existsSync(CORPORA);

function readFile(file: string, options: Record<string, unknown> = {}): { schema: Schema; rows: unknown[][] } {
  const ctx = testContext();
  const bytes = fileBytes(ctx.heap, file);
  const schema = inferCsv(ctx, bytes, options);
  const result = readAll(ctx, openCsv, bytes, schema, options);
  bytes.close();
  return { schema, rows: rowsOf(result) };
}

const SQL: Partial<Record<LogicalType['dtype'], string>> = {
  Int64: 'BIGINT',
  UInt64: 'UBIGINT',
  Float64: 'DOUBLE',
  Bool: 'BOOLEAN',
  Utf8: 'VARCHAR',
  Date32: 'DATE',
  Datetime: 'TIMESTAMP',
};

/** DuckDB's rows with the dtypes that we found, dates as days and timestamps as microseconds. */
async function duckFile(file: string, schema: Schema, extra = ''): Promise<unknown[][]> {
  const columns = schema.map((f) => `'${f.name.replaceAll("'", "''")}': '${SQL[f.type.dtype]}'`).join(', ');
  const select = schema.map((f) => {
    const name = `"${f.name.replaceAll('"', '""')}"`;
    if (f.type.dtype === 'Date32') return `(${name} - DATE '1970-01-01')::INT`;
    return f.type.dtype === 'Datetime' ? `epoch_us(${name})` : name;
  });
  return duckRows(
    `select ${select.join(', ')} from read_csv('${file}', columns = {${columns}}, header = true, null_padding = false${extra})`,
  );
}

describe('files of vega-datasets', () => {
  const files = fs.readdirSync(DATA).filter((f) => /\.(csv|tsv)$/.test(f));
  it.each(files)('reads %s equal to DuckDB', async (name) => {
    const file = `${DATA}/${name}`;
    const tab = name.endsWith('.tsv');
    const { schema, rows } = readFile(file, tab ? { delimiter: '\t' } : {});
    const expected = await duckFile(file, schema, tab ? ", delim = '\t'" : ", delim = ','");
    expect(rows.length).toBe(expected.length);
    expect(rows).toEqual(expected);
    expect(rows.length).toBeGreaterThan(5);
  });

  it('finds the dtypes of airports.csv', () => {
    const { schema, rows } = readFile(`${DATA}/airports.csv`);
    expect(schema.map((f) => `${f.name}: ${f.type.dtype}`)).toEqual([
      'iata: Utf8',
      'name: Utf8',
      'city: Utf8',
      'state: Utf8',
      'country: Utf8',
      'latitude: Float64',
      'longitude: Float64',
    ]);
    expect(rows).toHaveLength(3376);
  });

  it('finds dates', () => {
    const { schema } = readFile(`${DATA}/sp500-2000.csv`);
    expect(schema[0]?.type).toEqual({ dtype: 'Date32' });
    const weather = readFile(`${DATA}/seattle-weather.csv`);
    expect(weather.schema[0]?.type).toEqual({ dtype: 'Date32' });
  });
});

describe.skipIf(!hasCorpora)('csv-spectrum (needs WARPFRAME_CORPORA)', () => {
  const folder = path.join(CORPORA, 'csv-spectrum');
  const files = hasCorpora ? fs.readdirSync(path.join(folder, 'csvs')) : [];
  it('has the files', () => expect(files.length).toBe(11));
  it.each(files)('reads %s equal to its JSON', (name) => {
    const truth = JSON.parse(fs.readFileSync(path.join(folder, 'json', name.replace('.csv', '.json')), 'utf8'));
    const names = Object.keys(truth[0]);
    const schema = names.map((n) => field(n, { dtype: 'Utf8' }));
    const ctx = testContext();
    const bytes = fileBytes(ctx.heap, path.join(folder, 'csvs', name));
    expect(inferCsv(ctx, bytes, {}).map((f) => f.name)).toEqual(names);
    for (const blockBytes of [1, 7, 64, 4 << 20]) {
      const rows = rowsOf(readAll(ctx, openCsv, bytes, schema, { blockBytes }));
      expect(rows.map((r) => Object.fromEntries(r.map((v, i) => [names[i], v])))).toEqual(truth);
    }
  });
});

describe.skipIf(!hasCorpora)('arrow-testing (needs WARPFRAME_CORPORA)', () => {
  const folder = path.join(CORPORA, 'arrow-testing/csv');
  it.each([
    'aggregate_test_100.csv',
    'aggregate_test_100.csv.gz',
    'aggregate_test_100_with_dates.csv',
  ])('reads %s equal to DuckDB', async (name) => {
    const file = path.join(folder, name);
    const { schema, rows } = readFile(file);
    expect(schema.slice(8, 13).map((f) => f.type.dtype)).toEqual(['Int64', 'UInt64', 'Float64', 'Float64', 'Utf8']);
    if (schema.length > 13) {
      expect(schema.slice(13).map((f) => f.type)).toEqual([
        { dtype: 'Date32' },
        { dtype: 'Datetime', unit: 'us', zone: null },
      ]);
    }
    expect(rows).toEqual(await duckFile(file, schema));
    expect(rows).toHaveLength(100);
  });
});

/** pyarrow's dtypes, as far as the corpora have them. */
const PYARROW: Record<string, LogicalType> = {
  int64: { dtype: 'Int64' },
  double: { dtype: 'Float64' },
  string: { dtype: 'Utf8' },
  'date32[day]': { dtype: 'Date32' },
  'timestamp[ns]': { dtype: 'Datetime', unit: 'ns', zone: null },
};

/** A value of ours in the form of the goldens. */
function goldenText(v: unknown, type: LogicalType): string | number | null {
  if (v === null) return null;
  if (type.dtype === 'Float64') return v as number;
  if (type.dtype === 'Date32') return new Date((v as number) * 86400000).toISOString().slice(0, 10);
  if (type.dtype !== 'Datetime') return String(v);
  // As Python writes it: six digits, or none.
  const iso = new Date(Number((v as bigint) / 1000000n)).toISOString().replace('T', ' ');
  return iso.endsWith('.000Z') ? iso.slice(0, -5) : iso.replace('Z', '000');
}

describe.skipIf(!hasCorpora)('pyarrow (needs WARPFRAME_CORPORA)', () => {
  const goldens = fs.readdirSync('tests/fixtures/csv');
  it.each(goldens)('%s is read equal to it', (name) => {
    const golden = JSON.parse(fs.readFileSync(`tests/fixtures/csv/${name}`, 'utf8')) as {
      types: string[];
      columns: Record<string, (string | null)[]>;
    };
    const base = name.replace(/\.json$/, '');
    const folder = ['arrow-testing/csv', 'csv-spectrum/csvs'].find((d) => fs.existsSync(path.join(CORPORA, d, base)));
    const schema = Object.keys(golden.columns).map((c, i) =>
      field(c, PYARROW[golden.types[i] as string] as LogicalType),
    );
    const ctx = testContext();
    const bytes = fileBytes(ctx.heap, path.join(CORPORA, folder as string, base));
    const { columns } = readAll(ctx, openCsv, bytes, schema);
    for (const f of schema) {
      const truth = golden.columns[f.name]?.map((v) => (f.type.dtype === 'Float64' && v !== null ? Number(v) : v));
      expect(columns[f.name]?.map((v) => goldenText(v, f.type))).toEqual(truth);
    }
    bytes.close();
  });
});
