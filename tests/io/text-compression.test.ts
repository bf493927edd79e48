// Compressed text: read in bounded pieces, written, damaged.
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inferCsv } from '../../ts/backend/cpu/scan/csv/infer-csv.ts';
import { openCsv } from '../../ts/backend/cpu/scan/csv/open-csv.ts';
import { zstdOf } from '../../ts/backend/cpu/scan/zstd.ts';
import { openCsvWriter } from '../../ts/backend/cpu/write/csv.ts';
import { compressionFor } from '../../ts/source/text-options.ts';
import { uniform } from '../../ts/util/philox.ts';
import { memoryBytes, testContext } from '../support/engine.ts';
import { field, readAll, writeAll } from '../support/text.ts';

const ROWS = 60_000;
const TEXT = `a,b\n${Array.from({ length: ROWS }, (_, i) => `${i},${Math.floor(uniform(1, i) * 1e9)}`).join('\n')}\n`;

function sumOf(bytes: Uint8Array, options: Record<string, unknown> = {}): [number, bigint] {
  const ctx = testContext();
  const source = memoryBytes(ctx.heap, bytes, 'test.csv.gz');
  const schema = inferCsv(ctx, source, options);
  const { a = [] } = readAll(ctx, openCsv, source, schema, options).columns;
  return [a.length, (a as bigint[]).reduce((x, y) => x + y, 0n)];
}
const EXPECTED: [number, bigint] = [ROWS, BigInt((ROWS * (ROWS - 1)) / 2)];

describe('gzip', () => {
  const packed = zlib.gzipSync(TEXT);
  it('is recognised by its first bytes', () => {
    expect(sumOf(packed)).toEqual(EXPECTED);
    expect(sumOf(packed, { compression: 'gzip', blockBytes: 5000 })).toEqual(EXPECTED);
  });
  it('may have several members, and zeros behind them', () => {
    for (const cut of [1, 100, 300_000, TEXT.length - 1]) {
      const members = Buffer.concat([
        zlib.gzipSync(TEXT.slice(0, cut)),
        zlib.gzipSync(TEXT.slice(cut)),
        Buffer.alloc(50),
      ]);
      expect(sumOf(members)).toEqual(EXPECTED);
    }
  });
  it('is expanded a bounded piece at a time', () => {
    // 300 MB of rows in 300 kB, read with 24 MB: the first rows are looked at, a few more are read.
    const rows = Buffer.from('1,2\n'.repeat(250_000));
    const bomb = zlib.gzipSync(Buffer.concat([Buffer.from('a,b\n'), ...Array.from({ length: 100 }, () => rows)]), {
      level: 9,
    });
    expect(bomb.length).toBeLessThan(400_000);
    const ctx = testContext(24 << 20);
    const source = memoryBytes(ctx.heap, bomb);
    const schema = inferCsv(ctx, source, {});
    const file = openCsv(ctx, {
      bytes: source,
      columns: schema,
      fileSchema: schema,
      options: {},
      predicate: null,
      limit: null,
    });
    const reader = file.openUnit(ctx, 0);
    let n = 0;
    for (let batch = reader.next(ctx); batch !== null; batch = reader.next(ctx)) {
      n += batch.length;
      ctx.scratch.reset();
    }
    expect(n).toBe(25_000_000);
  });
  it('names the file when it is cut off or damaged', () => {
    expect(() => sumOf(packed.subarray(0, packed.length - 20))).toThrow(
      /test\.csv\.gz: the gzip data is damaged or cut off before byte \d+: unexpected end of file/,
    );
    const bad = Buffer.from(packed);
    bad.fill(0x55, 1000, 1100);
    expect(() => sumOf(bad)).toThrow(/the gzip data is damaged/);
    expect(() => sumOf(Buffer.from(TEXT), { compression: 'gzip' })).toThrow(/incorrect header check/);
  });
});

describe('zstd', () => {
  it('is recognised by its first bytes, in one frame or many', () => {
    const ctx = testContext();
    const zstd = zstdOf(ctx.kernels);
    const frame = (text: string): Uint8Array => zstd.compress(Buffer.from(text), 3);
    expect(sumOf(frame(TEXT))).toEqual(EXPECTED);
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const frames = Buffer.concat([frame(TEXT.slice(0, 1000)), frame(''), skippable, frame(TEXT.slice(1000))]);
    expect(sumOf(frames, { blockBytes: 700 })).toEqual(EXPECTED);
  });
  it('names the file when it is cut off or damaged', () => {
    const ctx = testContext();
    const packed = Buffer.from(zstdOf(ctx.kernels).compress(Buffer.from(TEXT), 3));
    expect(() => sumOf(packed.subarray(0, packed.length - 20))).toThrow(/the zstd data is damaged or cut off/);
    packed.fill(0xff, 5, 30);
    expect(() => sumOf(packed)).toThrow(/the zstd data is damaged/);
  });
});

describe('writing', () => {
  const schema = [field('a', { dtype: 'Int64' }), field('b', { dtype: 'Utf8' })];
  const columns = [
    Array.from({ length: 150_000 }, (_, i) => BigInt(i)),
    Array.from({ length: 150_000 }, (_, i) => `row ${i % 1000}, "quoted"`),
  ];
  const plain = (): string => writeAll(testContext(), openCsvWriter, schema, columns).text();
  it('writes gzip that zlib reads', () => {
    const packed = writeAll(testContext(), openCsvWriter, schema, columns, { compression: 'gzip' }).bytes();
    expect(zlib.gunzipSync(packed).toString()).toBe(plain());
  });
  it('writes zstd that reads back', () => {
    const ctx = testContext();
    const packed = writeAll(ctx, openCsvWriter, schema, columns, { compression: 'zstd' }).bytes();
    expect(packed.readUInt32LE(0)).toBe(0xfd2fb528);
    const source = memoryBytes(ctx.heap, packed);
    expect(readAll(ctx, openCsv, source, schema).columns).toEqual({ a: columns[0], b: columns[1] });
  });
  it('takes the compression from the end of a path', () => {
    expect(['a.csv', 'a.csv.gz', 'a.csv.ZST', 'gz'].map((p) => compressionFor(p, 'auto'))).toEqual([
      'none',
      'gzip',
      'zstd',
      'none',
    ]);
    expect(compressionFor('a.csv.gz', 'none')).toBe('none');
  });
});
