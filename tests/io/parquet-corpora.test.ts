// The Parquet project's own test files against what pyarrow reads from them (scripts/fixtures/parquet-goldens.py).
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { WarpError } from '../../ts/errors.ts';
import { typeText } from '../../ts/schema/types.ts';
import { testContext } from '../support/engine.ts';
import { readParquetValues, scanParquet } from '../support/parquet.ts';
import { differences, loadGoldens } from '../support/parquet-golden.ts';

const corpora = process.env.WARPFRAME_CORPORA ?? '../shared/corpora';
const base = path.join(corpora, 'parquet-testing');
const missing = fs.existsSync(base) ? null : `no ${base}: set WARPFRAME_CORPORA`;

const goldens = loadGoldens('tests/fixtures/parquet-corpora');

/** Good files that are not read equal to pyarrow. This table only shrinks. */
const NOT_EQUAL: Record<string, { code: string; reason: string } | { differs: string }> = {
  'data/int96_from_spark.parquet': {
    differs: 'pyarrow wraps years outside the nanosecond range; ours are those of int96_from_spark.md, pinned below',
  },
};

/** Malformed files: code and message of the one error each gives. */
const BAD: Record<string, { code: string; message: RegExp }> = {
  'bad_data/ARROW-GH-41317.parquet': { code: 'ERR_CORRUPT_FILE', message: /an integer was expected/ },
  'bad_data/ARROW-GH-41321.parquet': { code: 'ERR_CORRUPT_FILE', message: /the levels of a page end before/ },
  'bad_data/ARROW-GH-45185.parquet': { code: 'ERR_CORRUPT_FILE', message: /continues a record that has not begun/ },
  'bad_data/ARROW-GH-47662.parquet': { code: 'ERR_CORRUPT_FILE', message: /the page ends before its last value/ },
  'bad_data/ARROW-RS-GH-6229-DICTHEADER.parquet': { code: 'ERR_CORRUPT_FILE', message: /outside the file/ },
  'bad_data/ARROW-RS-GH-6229-LEVELS.parquet': {
    code: 'ERR_CORRUPT_FILE',
    message: /a page of 21 values in a column chunk with 1 left/,
  },
  'bad_data/PARQUET-1481.parquet': { code: 'ERR_CORRUPT_FILE', message: /unknown physical type -7/ },
  'data/datapage_v1-corrupt-checksum.parquet': { code: 'ERR_CORRUPT_FILE', message: /checksum of a page/ },
  'data/rle-dict-uncompressed-corrupt-checksum.parquet': { code: 'ERR_CORRUPT_FILE', message: /checksum of a page/ },
};
/** Called bad, but pyarrow reads it and so do we: indices of no bits into a dictionary of one value. */
const FINE = 'bad_data/ARROW-GH-43605.parquet';

const files = missing
  ? []
  : (fs.readdirSync(base, { recursive: true }) as string[]).filter((f) => f.endsWith('.parquet')).sort();

async function compare(name: string): Promise<string[]> {
  return differences(await readParquetValues(path.join(base, name), name), goldens[name]!);
}

describe.skipIf(missing !== null)(`parquet corpora${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const good = files.filter((f) => f.startsWith('data/') && goldens[f]?.refused === undefined);

  test.each(good.filter((f) => !(f in NOT_EQUAL)))('%s equals pyarrow', async (name) => {
    expect(await compare(name)).toEqual([]);
  });

  test.each(Object.entries(NOT_EQUAL))('%s is still listed rightly', async (name, listed) => {
    if ('differs' in listed) expect(await compare(name)).not.toEqual([]);
    else await expect(compare(name)).rejects.toMatchObject({ code: listed.code });
  });

  test('at least 68 of the files that pyarrow reads are read equal', () => {
    expect(good).toHaveLength(71);
    expect(Object.keys(NOT_EQUAL).length).toBeLessThanOrEqual(3);
  });

  test('years outside the nanosecond range are right (int96_from_spark.md)', async () => {
    const file = await readParquetValues(path.join(base, 'data/int96_from_spark.parquet'));
    expect(typeText(file.schema[0]!.type)).toBe("Datetime('us')");
    expect(file.columns[0]).toEqual([
      1704141296123456n,
      1704070800000000n,
      253402225200000000n,
      1735599600000000n,
      null,
      9089380393200000000n,
    ]);
  });

  test('map keys that are wrongly optional are read', async () => {
    const file = await readParquetValues(path.join(base, 'data/incorrect_map_schema.parquet'));
    expect(file.columns).toEqual([
      [
        [
          ['parent', 'another'],
          ['name', 'report'],
        ],
      ],
    ]);
  });

  test('every malformed file is in a table', () => {
    const bad = files.filter((f) => f.startsWith('bad_data/'));
    expect(bad.filter((f) => !(f in BAD))).toEqual([FINE]);
  });

  test.each(Object.entries(BAD))('%s gives one typed error', async (name, expected) => {
    const error = await readParquetValues(path.join(base, name), name).then(
      () => null,
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(WarpError);
    expect(error).toMatchObject({ code: expected.code, detail: { path: name, offset: expect.any(Number) } });
    expect((error as WarpError).message).toMatch(expected.message);
  });

  test(`${FINE} equals pyarrow`, async () => {
    expect(await compare(FINE)).toEqual([]);
  });

  test('4 kB that expand to 2 GB are refused within the memory limit', async () => {
    const name = 'data/large_string_map.brotli.parquet';
    const bytes = fs.readFileSync(path.join(base, name));
    const ctx = testContext(512 * 2 ** 20);
    await expect(scanParquet(bytes, name, { ctx })).rejects.toMatchObject({ code: 'ERR_OUT_OF_MEMORY' });
    expect(ctx.arena.usedBytes).toBeLessThan(64 * 2 ** 20);
  });

  const encrypted = missing
    ? []
    : (fs.readdirSync(base, { recursive: true }) as string[]).filter((f) => f.endsWith('.parquet.encrypted'));
  test.each(encrypted)('%s is refused by name', async (name) => {
    await expect(readParquetValues(path.join(base, name), name)).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringContaining('encrypt'),
    });
  });
});
