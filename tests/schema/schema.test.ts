import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ColumnNotFoundError, DuplicateColumnError, SchemaMismatchError } from '../../ts/errors.ts';
import { declarationName, schemaDeclaration } from '../../ts/schema/declaration.ts';
import {
  Datetime,
  Decimal,
  Float64,
  Int32,
  Int64,
  List,
  Null,
  nullable,
  Struct,
  schemaFromSpec,
  Utf8,
} from '../../ts/schema/dtypes.ts';
import { checkUnique, columnNotFound, fieldOf, mergeSchemas, sameSchema, schemaText } from '../../ts/schema/schema.ts';
import type { Schema } from '../../ts/schema/types.ts';

const sales = schemaFromSpec({ id: Int64, price: Float64, city: nullable(Utf8) });

describe('columns', () => {
  it('are found', () => {
    expect(fieldOf(sales, 'price')).toEqual({ name: 'price', type: { dtype: 'Float64' }, nullable: false });
  });
  it('are suggested when a name is wrong', () => {
    expect(() => fieldOf(sales, 'pricee', 'select()')).toThrow(ColumnNotFoundError);
    expect(() => fieldOf(sales, 'pricee', 'select()')).toThrow(
      'Column "pricee" not found in select(). Did you mean "price"? Columns: id, price, city.',
    );
    expect(() => fieldOf(sales, 'quantity')).toThrow('Column "quantity" not found. Columns: id, price, city.');
    expect(() => fieldOf([], 'x')).toThrow('Columns: none.');
    expect(columnNotFound('x', ['a', 'b'])).toMatchObject({
      code: 'ERR_COLUMN_NOT_FOUND',
      detail: { name: 'x', columns: ['a', 'b'] },
    });
  });
  it('are listed up to twenty', () => {
    const many = Array.from({ length: 25 }, (_, i) => `c${i}`);
    expect(columnNotFound('zzz', many).message).toMatch(/c18, c19 and 5 more\.$/);
  });
  it('have one name each', () => {
    expect(() => checkUnique(['a', 'b', 'a'], 'select()')).toThrow(DuplicateColumnError);
    expect(() => checkUnique(['a', 'b', 'a'], 'select()')).toThrow(
      /Column "a" would appear twice in the result of select\(\)/,
    );
  });
});

describe('schemas', () => {
  it('compare by names and dtypes in order', () => {
    expect(sameSchema(sales, schemaFromSpec({ id: Int64, price: nullable(Float64), city: Utf8 }))).toBe(true);
    expect(sameSchema(sales, schemaFromSpec({ id: Int64, city: Utf8, price: Float64 }))).toBe(false);
    expect(sameSchema(sales, schemaFromSpec({ id: Int32, price: Float64, city: Utf8 }))).toBe(false);
    expect(sameSchema(sales, sales.slice(0, 2))).toBe(false);
  });
  it('print', () => {
    expect(schemaText(sales)).toBe('id: Int64, price: Float64, city: nullable(Utf8)');
  });
  it('merge below each other', () => {
    const other = schemaFromSpec({ city: Utf8, id: nullable(Int64), qty: Int32 });
    expect(schemaText(mergeSchemas([sales, other], 'concat()', 'null'))).toBe(
      'id: nullable(Int64), price: nullable(Float64), city: nullable(Utf8), qty: nullable(Int32)',
    );
    expect(() => mergeSchemas([sales, other], 'concat()', 'throw')).toThrow(SchemaMismatchError);
    expect(() => mergeSchemas([sales, other], 'concat()', 'throw')).toThrow(
      /Column "price" is missing in frame 1 of concat\(\)\. Add it, or use \{ how: 'diagonal' \}/,
    );
  });
  it('merge nulls with any dtype, other dtypes not at all', () => {
    const nulls = schemaFromSpec({ id: nullable(Null), price: Float64, city: Utf8 });
    expect(schemaText(mergeSchemas([nulls, sales], 'concat()', 'throw'))).toBe(
      'id: nullable(Int64), price: Float64, city: nullable(Utf8)',
    );
    expect(() => mergeSchemas([sales, schemaFromSpec({ id: Int32 })], 'concat()', 'null')).toThrow(
      /Column "id" is Int64 in frame 0 and Int32 in frame 1 of concat\(\)\. Cast one/,
    );
  });
});

describe('the declaration of a schema', () => {
  const schema = schemaFromSpec({
    id: Int64,
    'unit price': Decimal(12, 2),
    city: nullable(Utf8),
    ts: Datetime('ms', 'Europe/Rome'),
    tags: List(nullable(Utf8)),
    geo: nullable(Struct({ lat: Float64, "it's": nullable(Int32) })),
  });
  const text = schemaDeclaration(schema, { name: 'salesSchema', source: 'sales.parquet' });

  it('reads as a user writes it', () => {
    expect(
      text,
    ).toBe(`import { Datetime, Decimal, Float64, Int32, Int64, List, nullable, Struct, Utf8 } from 'warpframe';

/** Columns of sales.parquet. */
export const salesSchema = {
  id: Int64,
  'unit price': Decimal(12, 2),
  city: nullable(Utf8),
  ts: Datetime('ms', 'Europe/Rome'),
  tags: List(nullable(Utf8)),
  geo: nullable(Struct({ lat: Float64, 'it\\'s': nullable(Int32) })),
};
`);
  });

  it('is the schema when it is run', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'declaration-'));
    try {
      const dtypes = pathToFileURL(join(import.meta.dirname, '../../ts/schema/dtypes.ts')).href;
      const file = join(folder, 'sales.schema.mjs');
      writeFileSync(file, text.replace("'warpframe'", JSON.stringify(dtypes)));
      const made = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
        salesSchema: Record<string, never>;
      };
      const again: Schema = schemaFromSpec(made.salesSchema);
      expect(again).toEqual(schema);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('manages without columns', () => {
    expect(schemaDeclaration([])).toBe('/** Declared columns. */\nexport const schema = {};\n');
  });

  it.each([
    ['sales.parquet', 'salesSchema'],
    ['/data/Sales-2024_q1.csv.gz', 'sales2024Q1Schema'],
    ['2024.csv', 'schema'],
    ['données.csv', 'donnEsSchema'],
  ])('of %s is named %s', (file, name) => {
    expect(declarationName(file)).toBe(name);
  });
});
