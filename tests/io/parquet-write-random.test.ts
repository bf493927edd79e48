// Seeded random schemas, values, batches and options: what is written comes back, and DuckDB counts the same.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Field, type ItemType, type LogicalType, sameType, typeText } from '../../ts/schema/types.ts';
import { duckRows } from '../support/duck.ts';
import { readParquetValues } from '../support/parquet.ts';
import { writeColumns } from '../support/parquet-write.ts';
import { randomSource, randomValue, SORTABLE } from '../support/random-columns.ts';

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-parquet-random-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const FLAT: readonly LogicalType[] = [
  ...SORTABLE,
  { dtype: 'Categorical' },
  { dtype: 'Null' },
  { dtype: 'Datetime', unit: 'ns', zone: 'Asia/Tokyo' },
  { dtype: 'Decimal', precision: 5, scale: 5 },
];

type Random = () => number;
const below = (random: Random, n: number): number => Math.floor(random() * n);
const oneOf = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)]!;

function randomType(random: Random, depth: number): LogicalType {
  const kind = depth === 0 ? 9 : below(random, 10);
  if (kind < 2) return { dtype: 'List', inner: randomItem(random, depth - 1) };
  if (kind === 2) return { dtype: 'FixedSizeList', inner: randomItem(random, depth - 1), length: 1 + below(random, 3) };
  if (kind < 5) {
    const fields = Array.from({ length: 1 + below(random, 3) }, (_, i) => ({
      name: oneOf(random, ['a', 'b.c', 'list', 'ünï', '']) + i,
      ...randomItem(random, depth - 1),
    }));
    return { dtype: 'Struct', fields };
  }
  return oneOf(random, FLAT);
}

function randomItem(random: Random, depth: number): ItemType {
  const type = randomType(random, depth);
  return { type, nullable: type.dtype === 'Null' || random() < 0.7 };
}

/** Values of one column: how many are null, and how many differ. */
interface Spread {
  readonly nulls: number;
  readonly distinct: number;
  readonly longest: number;
}

function randomOf(random: Random, { type, nullable }: ItemType, spread: Spread): unknown {
  if (type.dtype === 'Null' || (nullable && random() < spread.nulls)) return null;
  switch (type.dtype) {
    case 'List':
      return Array.from({ length: below(random, spread.longest) }, () => randomOf(random, type.inner, spread));
    case 'FixedSizeList':
      return Array.from({ length: type.length }, () => randomOf(random, type.inner, spread));
    case 'Struct':
      return type.fields.map((f) => randomOf(random, f, spread));
    default:
      // decimals of few digits
      return randomValue(type, random, type.dtype === 'Decimal' ? Math.min(spread.distinct, 5000) : spread.distinct);
  }
}

test.each(Array.from({ length: 80 }, (_, seed) => seed))('seed %i', async (seed) => {
  const random = randomSource(seed * 7919 + 1);
  const rows = oneOf(random, [1, 2, 9, 100, 1000, 3000]);
  const schema: Field[] = Array.from({ length: 1 + below(random, 6) }, (_, i) => ({
    name: `c${i}`,
    ...randomItem(random, below(random, 4)),
  }));
  const columns = schema.map((field) => {
    const spread = {
      nulls: oneOf(random, [0, 0.05, 0.5, 0.98]),
      distinct: oneOf(random, [1, 5, 300, 100_000]),
      longest: oneOf(random, [1, 3, 12]),
    };
    return Array.from({ length: rows }, () => randomOf(random, field, spread));
  });
  const sizes: number[] = [];
  for (let left = rows; left > 0; left -= sizes.at(-1)!) sizes.push(Math.min(left, below(random, rows) + 1));
  const options = {
    compression: oneOf(random, ['zstd', 'snappy', 'gzip', 'lz4', 'none']),
    rowGroupRows: oneOf(random, [1_000_000, rows, 1 + below(random, rows), Math.max(1, rows >> 2)]),
    dataPageBytes: oneOf(random, [1 << 20, 64, 1000]),
    dictionary: oneOf<boolean | number>(random, [true, true, false, 500]),
    statistics: random() < 0.9,
  };
  const bytes = writeColumns(schema, columns, options, sizes);
  const back = await readParquetValues(bytes);
  expect(back.rows).toBe(rows);
  schema.forEach((f, i) => {
    const what = `${typeText(f.type)} ${JSON.stringify({ options, sizes: sizes.slice(0, 9) })}`;
    expect(sameType(back.schema[i]!.type, f.type), `${typeText(back.schema[i]!.type)} for ${what}`).toBe(true);
    if (isDeepStrictEqual(back.columns[i], columns[i])) return;
    const row = columns[i]!.findIndex((v, r) => !isDeepStrictEqual(back.columns[i]![r], v));
    expect(back.columns[i]![row], `${what} row ${row}`).toEqual(columns[i]![row]);
  });
  const file = path.join(folder, `${seed}.parquet`);
  fs.writeFileSync(file, bytes);
  const [counts] = await duckRows(`SELECT ${schema.map((f) => `count(${f.name})`).join(', ')} FROM '${file}'`);
  expect(counts).toEqual(columns.map((c) => BigInt(c.filter((v) => v !== null).length)));
});
