// Options of writeParquet: what is refused, in which words, and what the accepted ones do.
import { describe, expect, test } from 'vitest';
import { Float64, fromColumns } from '../../ts/index.ts';
import { parquetWriteSettings } from '../../ts/source/parquet-options.ts';
import { readParquetFooter } from '../../ts/source/probe-parquet.ts';
import { everySchema } from '../support/frames.ts';
import { bytesSource } from '../support/parquet.ts';
import { writeColumns } from '../support/parquet-write.ts';

describe('refused', () => {
  test.each<[Record<string, unknown>, RegExp]>([
    [
      { compression: 'lzo' },
      /^The 'compression' option of writeParquet must be 'zstd' or 'snappy' or .*\. Got "lzo"\.$/,
    ],
    [{ compressionLevel: 23 }, /'compressionLevel' option .* an integer from 1 to 22 with compression 'zstd'\. Got 23/],
    [{ compression: 'gzip', compressionLevel: 10 }, /from 0 to 9 with compression 'gzip'\. Got 10/],
    [{ compression: 'brotli', compressionLevel: 1.5 }, /from 0 to 11 with compression 'brotli'\. Got 1\.5/],
    [
      { compression: 'snappy', compressionLevel: 1 },
      /'compressionLevel' option .* means nothing with compression 'snappy'/,
    ],
    [{ rowGroupRows: 0 }, /'rowGroupRows' option .* an integer from 1 to 2147483647\. Got 0/],
    [{ rowGroupRows: '5' }, /'rowGroupRows' option .* Got "5"/],
    [{ dataPageBytes: 10 }, /'dataPageBytes' option .* an integer from 64 to/],
    [{ dictionary: 'yes' }, /'dictionary' option .* true, false or a number of bytes/],
    [{ dictionary: -1 }, /'dictionary' option/],
    [{ statistics: 1 }, /'statistics' option .* true or false\. Got 1/],
    [{ rowGroupSize: 5 }, /Option 'rowGroupSize' is not known to writeParquet\. Did you mean 'rowGroupRows'\?/],
  ])('%o', (options, message) => {
    expect(() => parquetWriteSettings(options)).toThrow(
      expect.objectContaining({ code: 'ERR_PARAMETER', message: expect.stringMatching(message) }),
    );
  });
  test('before anything runs', async () => {
    let batches = 0;
    const df = fromColumns({ a: [1, 2] }).mapBatches(
      (batch) => {
        batches++;
        return { a: batch.column('a').toArray() };
      },
      { schema: { a: Float64 } },
    );
    const options = { compression: 'lzo' } as unknown as { compression: 'zstd' };
    await expect(df.writeParquet('never.parquet', options)).rejects.toMatchObject({ code: 'ERR_PARAMETER' });
    expect(batches).toBe(0);
  });
});

describe('accepted', () => {
  test('defaults', () => {
    expect(parquetWriteSettings({})).toEqual({
      compression: 'zstd',
      compressionLevel: 1,
      rowGroupRows: 1_048_576,
      dataPageBytes: 1_048_576,
      dictionaryBytes: 1_048_576,
      statistics: true,
    });
    expect(parquetWriteSettings({ dictionary: false }).dictionaryBytes).toBe(0);
    expect(parquetWriteSettings({ dictionary: 4096 }).dictionaryBytes).toBe(4096);
    expect(parquetWriteSettings({ compression: undefined }).compression).toBe('zstd');
  });
  const schema = everySchema([{ dtype: 'Utf8' }]);
  const column = Array.from({ length: 20_000 }, (_, i) => `row number ${i} of the file`);
  const footerOf = async (options: Record<string, unknown>) => {
    const bytes = writeColumns(schema, [column], options);
    return (await readParquetFooter(bytesSource(bytes, '<written>'))).footer;
  };
  test.each([
    ['zstd', 'ZSTD', 6],
    ['snappy', 'SNAPPY', 1],
    ['gzip', 'GZIP', 2],
    ['brotli', 'BROTLI', 4],
    ['lz4', 'LZ4_RAW', 7],
    ['none', 'UNCOMPRESSED', 0],
  ])('%s is %s in the file', async (compression, _, number) => {
    const chunk = (await footerOf({ compression })).rowGroups[0]!.columns[0]!;
    expect(chunk.codec).toBe(number);
    if (number === 0) expect(chunk.compressedBytes).toBe(chunk.uncompressedBytes);
    else expect(chunk.compressedBytes).toBeLessThan(chunk.uncompressedBytes / 2);
  });
  test('higher levels make smaller files', async () => {
    for (const [compression, low, high] of [
      ['zstd', 1, 19],
      ['gzip', 1, 9],
      ['brotli', 1, 9],
    ] as const) {
      const size = async (compressionLevel: number): Promise<number> =>
        (await footerOf({ compression, compressionLevel })).rowGroups[0]!.columns[0]!.compressedBytes;
      expect(await size(high), compression).toBeLessThan(await size(low));
    }
  });
  test('row groups of the rows asked for', async () => {
    const { rowGroups } = await footerOf({ rowGroupRows: 6000 });
    expect(rowGroups.map((g) => g.rows)).toEqual([6000, 6000, 6000, 2000]);
  });
  test('who wrote it, and the Arrow schema', async () => {
    const footer = await footerOf({});
    expect(footer.createdBy).toMatch(/^warpframe version \d+\.\d+\.\d+$/);
    expect(footer.version).toBe(2);
    expect(footer.columnOrders).toEqual([1]);
    expect(Buffer.from(footer.keyValues.get('ARROW:schema')!, 'base64').readUInt32LE(0)).toBe(0xffffffff);
  });
});
