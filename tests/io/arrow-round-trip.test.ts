// What we write is read back equal by us, by apache-arrow and by flechette: every dtype, files and streams.
import { describe, expect, test } from 'vitest';
import type { RecordBatch } from '../../ts/backend/arrow.ts';
import type { ExecContext } from '../../ts/backend/cpu/context.ts';
import { downloadVector } from '../../ts/backend/cpu/host/download.ts';
import { openArrow } from '../../ts/backend/cpu/scan/arrow/open-arrow.ts';
import { openArrowWriter } from '../../ts/backend/cpu/write/arrow.ts';
import type { ByteSink } from '../../ts/backend/cpu/write/writer.ts';
import { decodeIpc, encodeIpc } from '../../ts/backend/ipc.ts';
import type { Schema } from '../../ts/schema/types.ts';
import { probeArrow } from '../../ts/source/probe-arrow.ts';
import { apacheColumns, flechetteColumns } from '../support/arrow-oracles.ts';
import { batchOf, dictVectorOf, memoryBytes, testContext, vectorOf } from '../support/engine.ts';
import { EVERY_TYPE, everySchema, valueAt } from '../support/frames.ts';
import { hostValues } from '../support/host-columns.ts';
import { byteSource, scanAll } from '../support/scan.ts';

const schema = everySchema();

/** A sink that keeps the bytes. */
function memorySink(ctx: ExecContext): ByteSink & { bytes(): Uint8Array } {
  const parts: Uint8Array[] = [];
  let position = 0;
  const write = (bytes: Uint8Array): void => {
    parts.push(new Uint8Array(bytes));
    position += bytes.length;
  };
  return {
    write,
    writeHeap: (address, length) => write(ctx.heap.refresh().u8.subarray(address, address + length)),
    get position() {
      return position;
    },
    bytes: () => new Uint8Array(Buffer.concat(parts)),
  };
}

/** Rows [0, rows) in batches, written by the engine. */
function written(
  batches: readonly number[],
  options: { readonly [name: string]: unknown },
  nulls = true,
  types = EVERY_TYPE,
): { bytes: Uint8Array; values: unknown[][] } {
  const ctx = testContext();
  const sink = memorySink(ctx);
  const of = everySchema(types.map(([t]) => t));
  const writer = openArrowWriter(ctx, sink, of, options);
  const values: unknown[][] = types.map(() => []);
  let row = 0;
  for (const n of batches) {
    const columns = types.map(([type, at], c) => {
      const part = Array.from({ length: n }, (_, i) => valueAt(at, row + i, nulls));
      values[c]!.push(...part);
      return vectorOf(ctx, type, part);
    });
    writer.write(ctx, batchOf(columns));
    ctx.scratch.reset();
    row += n;
  }
  const before = ctx.arena.usedBytes;
  writer.finish(ctx);
  expect(ctx.arena.usedBytes).toBeLessThanOrEqual(before);
  expect(sink.position).toBe(sink.bytes().length);
  return { bytes: sink.bytes(), values };
}

function readBack(bytes: Uint8Array, of: Schema = schema): unknown[][] {
  const ctx = testContext();
  return scanAll(ctx, openArrow, memoryBytes(ctx.heap, bytes), of).columns;
}

const hostColumns = (bytes: Uint8Array): unknown[][] => {
  const { batches, schema: found } = decodeIpc(bytes);
  return found.map((_, i) => batches.flatMap((b) => hostValues(b.columns[i]!)));
};

describe.each(['file', 'stream'] as const)('a %s from the engine', (format) => {
  for (const batches of [[], [1], [100, 3, 0, 8, 70], [17000, 5]])
    test(`batches of ${batches.join(', ') || 'nothing'}`, async () => {
      const { bytes, values } = written(batches, { format });
      const probed = await probeArrow(byteSource(bytes));
      expect(probed.schema).toEqual(schema);
      const rows = batches.reduce((a, b) => a + b, 0);
      expect(probed.rows).toBe(format === 'file' ? rows : undefined);
      expect(readBack(bytes)).toEqual(values);
      if (rows > 10000) return;
      expect(hostColumns(bytes)).toEqual(values);
      const apache = apacheColumns(bytes);
      expect(apache.names).toEqual(schema.map((f) => f.name));
      expect(apache.columns).toEqual(values);
    });

  test('flechette reads it', () => {
    // It looks for the words of a file before the batches only, which is not where a streaming writer can put them.
    const types = format === 'stream' ? EVERY_TYPE : EVERY_TYPE.filter(([t]) => t.dtype !== 'Categorical');
    const { bytes, values } = written([100, 3, 70], { format }, true, types);
    expect(flechetteColumns(bytes).columns).toEqual(values);
  });

  test.each(['lz4', 'zstd'])('compressed with %s', (compression) => {
    const plain = written([3000], { format });
    const { bytes, values } = written([3000], { format, compression });
    expect(bytes.length).toBeLessThan(plain.bytes.length * 0.7);
    expect(readBack(bytes)).toEqual(values);
    if (compression === 'lz4') expect(hostColumns(bytes)).toEqual(values);
  });

  test('some columns, in another order', () => {
    const { bytes, values } = written([500], { format });
    for (const names of [['c21'], ['c5', 'c2'], ['c28', 'c0', 'c23', 'c27'], []]) {
      const fields = names.map((n) => schema.find((f) => f.name === n)!);
      expect(readBack(bytes, fields)).toEqual(names.map((n) => values[Number(n.slice(1))]));
    }
  });

  test('without nulls there are no bitmaps', () => {
    const { bytes, values } = written([400], { format }, false);
    expect(hostColumns(bytes)).toEqual(values);
    const [batch] = decodeIpc(bytes).batches;
    expect(batch!.columns.map((c) => c.validity === null)).toEqual(EVERY_TYPE.map(() => true));
  });

  test('from the host', () => {
    const ctx = testContext();
    const batches: RecordBatch[] = [50, 0, 9].map((length) => ({
      schema,
      length,
      columns: EVERY_TYPE.map(([type, at]) =>
        downloadVector(
          ctx,
          vectorOf(
            ctx,
            type,
            Array.from({ length }, (_, i) => valueAt(at, i + length)),
          ),
          'x',
          true,
        ),
      ),
    }));
    const values = EVERY_TYPE.map(([_, at]) =>
      batches.flatMap((b) => Array.from({ length: b.length }, (_, i) => valueAt(at, i + b.length))),
    );
    for (const compression of [null, 'lz4'] as const) {
      const bytes = encodeIpc(batches, schema, { kind: format, compression });
      expect(hostColumns(bytes)).toEqual(values);
      expect(readBack(bytes)).toEqual(values);
      if (compression === null) {
        expect(apacheColumns(bytes).columns).toEqual(values);
        expect(flechetteColumns(bytes).columns).toEqual(values);
      }
    }
  });

  test('dictionary-encoded strings: Utf8 is written plainly, Categorical with all its words', () => {
    const ctx = testContext();
    const words = Array.from({ length: 40 }, (_, i) => `word ${'z'.repeat(i)}`);
    const fields: Schema = [
      { name: 'text', type: { dtype: 'Utf8' }, nullable: true },
      { name: 'kind', type: { dtype: 'Categorical' }, nullable: true },
    ];
    const sink = memorySink(ctx);
    const writer = openArrowWriter(ctx, sink, fields, { format });
    const expected: unknown[] = [];
    for (const shift of [0, 11, 22]) {
      const codes = Array.from({ length: 17000 }, (_, i) => (i % 10 === 3 ? null : (i + shift) % (18 + shift)));
      const v = dictVectorOf(ctx, words, codes);
      for (const code of codes) expected.push(code === null ? null : words[code]);
      writer.write(ctx, batchOf([v, { ...v, type: { dtype: 'Categorical' } }]));
    }
    writer.finish(ctx);
    const bytes = sink.bytes();
    for (const columns of [readBack(bytes, fields), hostColumns(bytes), apacheColumns(bytes).columns])
      expect(columns).toEqual([expected, expected]);
    if (format === 'stream') expect(flechetteColumns(bytes).columns).toEqual([expected, expected]);
  });
});

test('options are checked', () => {
  const ctx = testContext();
  const open = (options: object) => () => openArrowWriter(ctx, memorySink(ctx), schema, options as never);
  expect(open({ compression: 'snappy' })).toThrow(
    expect.objectContaining({
      code: 'ERR_PARAMETER',
      message: expect.stringMatching(/'none', 'lz4', 'zstd'. Got "snappy"/),
    }),
  );
  expect(open({ format: 'feather' })).toThrow(expect.objectContaining({ code: 'ERR_PARAMETER' }));
});

test('a batch that shares words with the last one of a stream does not write them again', () => {
  const type = { dtype: 'Categorical' } as const;
  const dictionary = {
    type: { dtype: 'Utf8' },
    length: 2,
    validity: null,
    offsets: Int32Array.of(0, 1, 2),
    values: Uint8Array.of(97, 98),
  } as const;
  const column = { type, length: 2, validity: null, values: Int32Array.of(1, 0), dictionary };
  const batch = { schema: [{ name: 'x', type, nullable: false }], length: 2, columns: [column] };
  const once = encodeIpc([batch], batch.schema);
  const twice = encodeIpc([batch, batch], batch.schema);
  expect(hostColumns(twice)).toEqual([['b', 'a', 'b', 'a']]);
  expect(twice.length - once.length).toBeLessThan(400);
});
