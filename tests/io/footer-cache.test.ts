// Files that change under the same name, and footers that are met again.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fromColumns, readParquet } from '../../ts/index.ts';
import { footerOf } from '../../ts/source/footer-cache.ts';
import { footerRange } from '../../ts/source/parquet-footer.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-footers-'));
const file = path.join(folder, 'x.parquet');
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const footerBytes = (): { bytes: Uint8Array; offset: number } => {
  const all = new Uint8Array(fs.readFileSync(file));
  const { offset, length } = footerRange(all.subarray(all.length - 8), all.length, file);
  return { bytes: all.slice(offset, offset + length), offset };
};

test('a file that is written again is read again', async () => {
  // as long as the other, so that footers lie in the same place
  for (const x of [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ]) {
    await fromColumns({ x: Float64Array.from(x) }).writeParquet(file, { compression: 'none', dictionary: false });
    for (let n = 0; n < 2; n++) {
      const df = await readParquet(file);
      expect((await df.collect()).toRecords()).toEqual(x.map((v) => ({ x: v })));
      expect((await df.select({ most: (c) => c.x.max() }).collect()).toRecords()).toEqual([{ most: Math.max(...x) }]);
    }
  }
});

test('the same bytes are parsed once, other bytes at the same place are not taken for them', async () => {
  await fromColumns({ x: Float64Array.from([1, 2, 3]) }).writeParquet(file);
  const { bytes, offset } = footerBytes();
  const first = footerOf(bytes, file, offset);
  expect(footerOf(bytes.slice(), file, offset)).toBe(first);
  const other = bytes.slice();
  const name = Buffer.from(other).indexOf('x');
  expect(name).toBeGreaterThan(0);
  other[name] = 'y'.charCodeAt(0);
  expect(footerOf(other, file, offset).schema.schema[0]!.name).toBe('y');
  expect(footerOf(bytes, file, offset).schema.schema[0]!.name).toBe('x');
});

test('what is kept does not look into the buffer that it came in', () => {
  const { bytes, offset } = footerBytes();
  const large = new Uint8Array(1 << 16);
  large.set(bytes, 100);
  const first = footerOf(large.subarray(100, 100 + bytes.length), 'large', offset);
  large.fill(0);
  expect(footerOf(bytes, 'large', offset)).toBe(first);
  expect(footerOf(bytes, 'small', offset)).toEqual(first);
  const { min } = first.footer.rowGroups[0]!.columns[0]!.statistics!;
  expect(min!.buffer.byteLength).toBeLessThan(large.length);
});

test('what a check refuses is refused again', () => {
  const { bytes, offset } = footerBytes();
  const refuse = (): never => {
    throw new Error('refused');
  };
  footerOf(bytes, file, offset);
  for (let n = 0; n < 2; n++) expect(() => footerOf(bytes, file, offset, refuse)).toThrow('refused');
});

test('what was parsed without a check is checked once, and not parsed again', () => {
  const { bytes, offset } = footerBytes();
  const parsed = footerOf(bytes, 'unchecked', offset);
  let checks = 0;
  const check = (): void => {
    checks++;
  };
  for (let n = 0; n < 2; n++) expect(footerOf(bytes, 'unchecked', offset, check)).toBe(parsed);
  expect(checks).toBe(1);
});

test('only so many bytes are kept', () => {
  const { bytes, offset } = footerBytes();
  const first = footerOf(bytes, 'first', offset);
  const many = Math.ceil((1 << 20) / bytes.length) + 1;
  for (let n = 0; n < many; n++) footerOf(bytes, `file ${n}`, offset);
  const again = footerOf(bytes, 'first', offset);
  expect(again).not.toBe(first);
  expect(again).toEqual(first);
});
