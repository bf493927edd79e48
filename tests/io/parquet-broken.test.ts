// Truncated and altered files: a WarpError or values, never a crash, a hang or memory out of proportion.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { WarpError } from '../../ts/errors.ts';
import type { ExprNode } from '../../ts/expr/nodes.ts';
import { testContext, valuesOf } from '../support/engine.ts';
import { readParquetValues, scanParquet } from '../support/parquet.ts';

const folder = 'tests/fixtures/parquet';
const files = fs
  .readdirSync(folder)
  .filter((f) => f.endsWith('.parquet'))
  .map((f) => ({ name: f, bytes: fs.readFileSync(path.join(folder, f)) }));

/** A small generator that gives the same numbers every time. */
function random(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
}

const LIMIT_BYTES = 128 * 2 ** 20;
const small: ExprNode = {
  node: 'call',
  fn: 'lt',
  args: [
    { node: 'col', name: 'id', type: { dtype: 'Int32' }, nullable: true },
    { node: 'lit', value: 900, type: { dtype: 'Int32' }, nullable: false },
  ],
  options: {},
  type: { dtype: 'Bool' },
  nullable: true,
};

const ctx = testContext(LIMIT_BYTES);

/** Reads a little of everything; returns the code of the error, if any. Any other error passes through. */
async function attempt(bytes: Uint8Array, name: string): Promise<string> {
  try {
    await scanParquet(bytes, name, {
      ctx,
      predicate: small,
      onBatch(c, batch) {
        for (const v of batch.columns) valuesOf(c, { ...v, length: Math.min(v.length, 20) });
      },
    });
    return 'read';
  } catch (e) {
    if (!(e instanceof WarpError)) throw e;
    if (e.code === 'ERR_CORRUPT_FILE') expect(e.detail).toMatchObject({ path: name, offset: expect.any(Number) });
    return e.code;
  } finally {
    // what is still held is the morsel's scratch
    ctx.scratch.reset();
    expect(ctx.arena.usedBytes).toBeLessThan(24 * 2 ** 20);
    expect(ctx.heap.sizeBytes).toBeLessThanOrEqual(LIMIT_BYTES + (64 << 20));
  }
}

describe('broken parquet', () => {
  test('truncated anywhere', async () => {
    const r = random(1);
    const codes: Record<string, number> = {};
    for (let i = 0; i < 150; i++) {
      const f = files[i % files.length]!;
      const cut = Math.floor(r() * f.bytes.length);
      const code = await attempt(f.bytes.subarray(0, cut), f.name);
      codes[code] = (codes[code] ?? 0) + 1;
    }
    expect(codes).toEqual({ ERR_CORRUPT_FILE: 150 });
  });

  test('bytes missing in the middle, the footer intact', async () => {
    const r = random(2);
    for (let i = 0; i < 100; i++) {
      const f = files[i % files.length]!;
      const cut = Math.floor(r() * f.bytes.length);
      const rest = f.bytes.subarray(Math.min(f.bytes.length, cut + 1 + Math.floor(r() * 60)));
      await attempt(Buffer.concat([f.bytes.subarray(0, cut), rest]), f.name);
    }
  });

  test('altered bytes in the data, the page headers and the footer', async () => {
    const r = random(3);
    const codes: Record<string, number> = {};
    for (let i = 0; i < 640; i++) {
      const f = files[i % files.length]!;
      const bytes = Buffer.from(f.bytes);
      const footer = bytes.readUInt32LE(bytes.length - 8) + 8;
      for (let k = 0; k <= r() * 3; k++) {
        const at = r() < 0.5 ? bytes.length - 1 - Math.floor(r() * footer) : Math.floor(r() * bytes.length);
        bytes[at] = r() < 0.5 ? bytes[at]! ^ (1 << Math.floor(r() * 8)) : Math.floor(r() * 256);
      }
      const code = await attempt(bytes, f.name);
      codes[code] = (codes[code] ?? 0) + 1;
    }
    expect(codes.read).toBeGreaterThan(25);
    expect(codes.ERR_CORRUPT_FILE).toBeGreaterThan(200);
  });

  test('a checksum finds every altered byte of a page', async () => {
    const whole = await readParquetValues(path.join(folder, 'crc.parquet'));
    const r = random(4);
    const { bytes } = files.find((f) => f.name === 'crc.parquet')!;
    const dataEnd = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
    for (let i = 0; i < 60; i++) {
      const altered = Buffer.from(bytes);
      altered[4 + Math.floor(r() * (dataEnd - 4))]! ^= 1 << Math.floor(r() * 8);
      const got = await readParquetValues(altered, 'crc.parquet').catch((e: unknown) => e);
      // a bit in the statistics of a page header changes nothing that is read
      if (got instanceof Error) expect(got).toBeInstanceOf(WarpError);
      else expect(got).toMatchObject({ columns: whole.columns });
    }
  });

  test.each([
    ['nothing', Buffer.alloc(0), /only 0 bytes/],
    ['a few bytes', Buffer.from('PAR1'), /only 4 bytes/],
    ['text', Buffer.from('id,name\n1,one\n2,two\n'), /does not end with the bytes PAR1/],
    ['a footer of no length', Buffer.from('PAR1....\0\0\0\0PAR1'), /footer is said to have 0 bytes/],
    ['a footer longer than the file', Buffer.from('PAR1....\xff\xff\xff\x7fPAR1', 'latin1'), /footer is said to have/],
  ])('%s', async (_, bytes, message) => {
    await expect(scanParquet(bytes, 'x.parquet')).rejects.toMatchObject({
      code: 'ERR_CORRUPT_FILE',
      message: expect.stringMatching(message),
    });
  });
});
