// Three million real rows, against DuckDB and, value by value for a part, hyparquet.
import fs from 'node:fs';
import { parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { expect, test } from 'vitest';
import { openParquet } from '../../ts/backend/cpu/scan/parquet/open-parquet.ts';
import { duckRows } from '../support/duck.ts';
import { fileBytes, testContext, valuesOf } from '../support/engine.ts';
import { scanParquet } from '../support/parquet.ts';

const file = 'node_modules/vega-datasets/data/flights-3m.parquet';

test('sums and counts of all rows equal DuckDB', async () => {
  const sums = { date: 0n, delay: 0n, distance: 0n };
  const origins = new Map<string, bigint>();
  let rows = 0n;
  const total = (values: BigInt64Array): bigint => values.reduce((a, b) => a + b, 0n);
  await scanParquet(fs.readFileSync(file), file, {
    onBatch(ctx, { columns: [date, delay, distance, origin], length }) {
      const { i64, u32 } = ctx.heap.refresh();
      const longs = (at: number) => i64.subarray(at / 8, at / 8 + length);
      sums.date += total(longs(date!.data));
      sums.delay += total(longs(delay!.data));
      sums.distance += total(longs(distance!.data));
      expect([date, delay, distance, origin].every((v) => v!.validity === 0)).toBe(true);
      // a dictionary: count the codes, then name them
      const counts = new Uint32Array(origin!.dict!.length);
      for (const code of u32.subarray(origin!.data / 4, origin!.data / 4 + length)) counts[code]!++;
      valuesOf(ctx, origin!.dict!).forEach((name, i) => {
        if (counts[i]! > 0) origins.set(name as string, (origins.get(name as string) ?? 0n) + BigInt(counts[i]!));
      });
      rows += BigInt(length);
    },
  });
  const [expected] = await duckRows(`SELECT count(*), sum(epoch_us(date)), sum(delay), sum(distance) FROM '${file}'`);
  expect([rows, sums.date, sums.delay, sums.distance]).toEqual(expected);
  const named = await duckRows(`SELECT origin, count(*) FROM '${file}' GROUP BY origin`);
  expect(Object.fromEntries(origins)).toEqual(Object.fromEntries(named));
});

test('a row group equals hyparquet value by value', async () => {
  const bytes = fs.readFileSync(file);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const expected: Record<string, unknown>[] = [];
  await parquetRead({
    file: buffer,
    compressors,
    rowFormat: 'object',
    rowStart: 0,
    rowEnd: 50_000,
    onComplete: (rows) => expected.push(...(rows as Record<string, unknown>[])),
  });
  const ctx = testContext();
  const source = fileBytes(ctx.heap, file);
  const { schema } = await scanParquet(bytes, file, { limit: 1 });
  const opened = openParquet(ctx, {
    bytes: source,
    columns: schema,
    fileSchema: schema,
    options: {},
    predicate: null,
    limit: 50_000,
  });
  expect(opened.unitCount).toBe(1);
  const unit = opened.openUnit(ctx, 0);
  const batch = unit.next(ctx)!;
  expect(batch.length).toBe(50_000);
  const [date, delay, distance, origin, destination] = batch.columns.map((v) => valuesOf(ctx, v));
  const wrong = expected.filter(
    (row, i) =>
      BigInt((row.date as Date).getTime()) * 1000n !== date![i] ||
      row.delay !== delay![i] ||
      row.distance !== distance![i] ||
      row.origin !== origin![i] ||
      row.destination !== destination![i],
  );
  expect(expected).toHaveLength(50_000);
  expect(wrong).toEqual([]);
  unit.close(ctx);
  opened.close(ctx);
  source.close();
  ctx.scratch.reset();
});
