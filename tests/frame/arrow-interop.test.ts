// Tables of apache-arrow and flechette in, tables of apache-arrow out: by buffer, equal to what was in them.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as flechette from '@uwdata/flechette';
import * as apache from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import type { RecordBatch } from '../../ts/backend/arrow.ts';
import { downloadVector } from '../../ts/backend/cpu/host/download.ts';
import { uploadBatch } from '../../ts/backend/cpu/host/upload.ts';
import { encodeIpc } from '../../ts/backend/ipc.ts';
import { fromArrowTable, toArrowTable } from '../../ts/frame/arrow-interop.ts';
import { apacheValues } from '../support/arrow-oracles.ts';
import { testContext, valuesOf, vectorOf } from '../support/engine.ts';
import { EVERY_TYPE, everySchema, valueAt } from '../support/frames.ts';
import { hostValues } from '../support/host-columns.ts';
import { integrationJson } from '../support/integration-json.ts';

const corpora = path.join(process.env['WARPFRAME_CORPORA'] ?? '../shared/corpora', 'arrow-testing/ipc');
const found = fs.existsSync(corpora);

const columnsOf = (batches: readonly RecordBatch[]): unknown[][] =>
  batches[0]!.schema.map((_, i) => batches.flatMap((b) => hostValues(b.columns[i]!)));

/** Every dtype, in host memory. */
function everyBatch(length: number, nulls = true): { batch: RecordBatch; values: unknown[][] } {
  const ctx = testContext();
  const values = EVERY_TYPE.map(([, at]) => Array.from({ length }, (_, i) => valueAt(at, i, nulls)));
  const columns = EVERY_TYPE.map(([type], c) => downloadVector(ctx, vectorOf(ctx, type, values[c]!), 'x', true));
  return { batch: { schema: everySchema(), length, columns }, values };
}

describe.skipIf(!found)('tables that the libraries read from arrow-testing (set WARPFRAME_CORPORA)', () => {
  const files = found
    ? ['1.0.0-littleendian', 'cpp-21.0.0'].flatMap((version) =>
        fs
          .readdirSync(path.join(corpora, version))
          .filter((f) => f.endsWith('.stream') && !/union|interval|decimal256|generated_duration/.test(f))
          .map((f) => `${version}/${f}`),
      )
    : [];
  const truth = (file: string) => integrationJson(path.join(corpora, file.replace('.stream', '.json.gz')));
  const bytesOf = (file: string) => new Uint8Array(fs.readFileSync(path.join(corpora, file)));

  // What apache-arrow does not read, or mixes up.
  const notApache = /list_view|run_end|duplicate/;

  test.each(files.filter((f) => !notApache.test(f)))('apache-arrow: %s', (file) => {
    const { columns } = truth(file);
    const batches = fromArrowTable(apache.tableFromIPC(bytesOf(file)));
    expect(columnsOf(batches)).toEqual(columns.map((c) => c.values));
  });

  test.each(files)('flechette: %s', (file) => {
    const { columns } = truth(file);
    const batches = fromArrowTable(flechette.tableFromIPC(bytesOf(file)));
    expect(columnsOf(batches)).toEqual(columns.map((c) => c.values));
  });
});

describe('apache-arrow', () => {
  test('every dtype goes out and comes in', () => {
    for (const rows of [0, 1, 9, 500])
      for (const nulls of [true, false]) {
        const { batch, values } = everyBatch(rows, nulls);
        const table = toArrowTable(batch);
        expect(table).toBeInstanceOf(apache.Table);
        expect(table.numRows).toBe(rows);
        if (rows > 0) expect(apacheValues(table).columns).toEqual(values);
        const again = fromArrowTable(table);
        expect(again[0]!.schema).toEqual(batch.schema);
        expect(columnsOf(again)).toEqual(values);
        const ctx = testContext();
        expect(again.map((b) => uploadBatch(ctx, b, ctx.arena).map((v) => valuesOf(ctx, v)))).toEqual([values]);
      }
  });

  test('its own accessors agree', () => {
    const { batch } = everyBatch(20, false);
    const table = toArrowTable(batch);
    expect(table.getChild('c5')!.get(3)).toBe(2);
    expect(table.getChild('c21')!.get(2)).toBe('xx');
    expect(table.getChild('c23')!.get(0)).toBe('c0');
    expect(table.getChild('c13')!.get(1)).toBe(86400000);
    expect(table.getChild('c25')!.get(1)!.toArray()).toHaveLength(1);
  });

  test('no buffer is copied', () => {
    const { batch } = everyBatch(300);
    const table = toArrowTable(batch);
    const [back] = fromArrowTable(table);
    for (const name of ['c5', 'c10', 'c21', 'c20']) {
      const i = batch.schema.findIndex((f) => f.name === name);
      expect(back!.columns[i]!.values!.buffer).toBe(batch.columns[i]!.values!.buffer);
    }
  });

  test('slices, several batches, and vectors made from JavaScript values', () => {
    const { batch, values } = everyBatch(100);
    const table = toArrowTable(batch);
    for (const [from, to] of [
      [3, 90],
      [8, 9],
      [50, 50],
    ] as const)
      expect(columnsOf(fromArrowTable(table.slice(from, to)))).toEqual(values.map((v) => v.slice(from, to)));
    const two = table.slice(5, 20).concat(table.slice(40, 71));
    expect(columnsOf(fromArrowTable(two))).toEqual(values.map((v) => [...v.slice(5, 20), ...v.slice(40, 71)]));

    const built = apache.tableFromArrays({
      n: Int32Array.of(1, 2, 3),
      s: ['x', 'y', 'x'],
      f: Float64Array.of(1.5, Number.NaN, 3),
      b: BigInt64Array.of(1n, -2n, 3n),
    });
    const batches = fromArrowTable(built);
    expect(batches[0]!.schema.map((f) => f.type.dtype)).toEqual(['Int32', 'Categorical', 'Float64', 'Int64']);
    expect(columnsOf(batches)).toEqual([
      [1, 2, 3],
      ['x', 'y', 'x'],
      [1.5, Number.NaN, 3],
      [1n, -2n, 3n],
    ]);
  });

  test('dates, half floats, seconds and large strings become ours', () => {
    const when = new Date('2024-02-29T12:34:56.789Z');
    const vectors = {
      date: apache.vectorFromArray([when, null], new apache.DateMillisecond()),
      second: apache.vectorFromArray([new Date('2024-02-29T12:34:56Z'), null], new apache.TimestampSecond()),
      half: apache.vectorFromArray([1.5, null], new apache.Float16()),
      large: apache.vectorFromArray(['large', null], new apache.LargeUtf8()),
      time: apache.vectorFromArray([3600, null], new apache.TimeSecond()),
    };
    const [batch] = fromArrowTable(new apache.Table(vectors));
    expect(Object.fromEntries(batch!.schema.map((f) => [f.name, f.type.dtype]))).toEqual({
      date: 'Datetime',
      second: 'Datetime',
      half: 'Float32',
      large: 'Utf8',
      time: 'Time',
    });
    expect(columnsOf([batch!])).toEqual([
      [BigInt(when.getTime()), null],
      [BigInt(Math.floor(when.getTime() / 1000)) * 1000n, null],
      [1.5, null],
      ['large', null],
      [3_600_000_000_000n, null],
    ]);
  });

  test('a table without batches keeps its columns', () => {
    const schema = new apache.Schema([
      new apache.Field('x', new apache.Utf8()),
      new apache.Field('y', new apache.Int8()),
    ]);
    const batches = fromArrowTable(new apache.Table(schema));
    expect(batches.map((b) => b.length)).toEqual([0]);
    expect(batches[0]!.schema.map((f) => f.name)).toEqual(['x', 'y']);
    expect(encodeIpc(batches, batches[0]!.schema).length).toBeGreaterThan(0);
  });

  test('its absence is named', () => {
    const { batch } = everyBatch(1);
    expect(() => toArrowTable(batch, [path.join(os.tmpdir(), 'index.js')])).toThrow(
      expect.objectContaining({
        code: 'ERR_MISSING_DEPENDENCY',
        message: expect.stringMatching(/npm install apache-arrow/),
        detail: { packageName: 'apache-arrow' },
      }),
    );
  });
});

describe('flechette', () => {
  test('every dtype comes in', () => {
    const { batch, values } = everyBatch(100);
    const bytes = encodeIpc([batch, batch], batch.schema, { kind: 'stream' });
    for (const options of [{}, { useDate: true, useBigInt: true, useDecimalInt: true, useMap: true, useProxy: true }]) {
      const batches = fromArrowTable(flechette.tableFromIPC(bytes, options));
      expect(batches.map((b) => b.length)).toEqual([100, 100]);
      expect(columnsOf(batches)).toEqual(values.map((v) => [...v, ...v]));
    }
  });
  test('tables from arrays', () => {
    const table = flechette.tableFromArrays({ a: [1, null, 3], s: ['x', 'y', null], l: [[1], null, [2, 3]] });
    const [batch] = fromArrowTable(table);
    expect(columnsOf([batch!])).toEqual([
      [1, null, 3],
      ['x', 'y', null],
      [[1], null, [2, 3]],
    ]);
  });
});

test.each([null, undefined, 5, 'table', [1, 2], new Uint8Array(8), { schema: {} }])('%o is refused', (value) => {
  expect(() => fromArrowTable(value)).toThrow(
    expect.objectContaining({
      code: 'ERR_PARAMETER',
      message: expect.stringMatching(/apache-arrow or @uwdata\/flechette/),
    }),
  );
});

test('types without a dtype are refused by name', () => {
  const union = apache.vectorFromArray([null], new apache.IntervalYearMonth());
  expect(() => fromArrowTable(new apache.Table({ x: union }))).toThrow(
    expect.objectContaining({ code: 'ERR_UNSUPPORTED', message: expect.stringMatching(/interval \(year-month\)/) }),
  );
});
