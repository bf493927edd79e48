// Several text files read as one.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCsv, readJsonl } from '../../ts/index.ts';
import { type LogicalType, typeText } from '../../ts/schema/types.ts';
import { widerType } from '../../ts/source/merge-inferred.ts';

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-merge-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

describe('files whose dtypes differ', () => {
  it('widen to what holds all of them', async () => {
    fs.writeFileSync(path.join(folder, 'a.csv'), 'n,d,s\n1,2020-01-01,x\n');
    fs.writeFileSync(path.join(folder, 'b.csv'), 's,n,d\n5,2.5,2020-01-02T10:00:00\n');
    const rows = await (await readCsv(path.join(folder, '*.csv'))).collect().then((t) => t.toRecords());
    expect(rows).toEqual([
      { n: 1, d: new Date('2020-01-01'), s: 'x' },
      { n: 2.5, d: new Date('2020-01-02T10:00:00Z'), s: '5' },
    ]);
  });
  it('may lack keys in JSON Lines, and columns not in CSV', async () => {
    fs.writeFileSync(path.join(folder, '1.jsonl'), '{"a":1,"o":{"x":1}}\n');
    fs.writeFileSync(path.join(folder, '2.jsonl'), '{"b":[1.5],"o":{"y":"q"}}\n');
    const rows = await (await readJsonl(path.join(folder, '*.jsonl'))).collect().then((t) => t.toRecords());
    expect(rows).toEqual([
      { a: 1n, o: { x: 1n, y: null }, b: null },
      { a: null, o: { x: null, y: 'q' }, b: [1.5] },
    ]);
    fs.writeFileSync(path.join(folder, 'c.csv'), 'n,d\n1,2\n');
    await expect(readCsv(path.join(folder, '*.csv'))).rejects.toThrow(/"s".*missing/);
  });
});

describe('widerType', () => {
  const CASES: [LogicalType, LogicalType, string][] = [
    [{ dtype: 'Int64' }, { dtype: 'Float64' }, 'Float64'],
    [{ dtype: 'Int64' }, { dtype: 'UInt64' }, 'Utf8'],
    [{ dtype: 'Bool' }, { dtype: 'Int64' }, 'Utf8'],
    [{ dtype: 'Date32' }, { dtype: 'Datetime', unit: 'us', zone: null }, "Datetime('us')"],
    [{ dtype: 'Date32' }, { dtype: 'Datetime', unit: 'us', zone: 'UTC' }, 'Utf8'],
    [
      { dtype: 'Datetime', unit: 'us', zone: 'UTC' },
      { dtype: 'Datetime', unit: 'ns', zone: 'UTC' },
      "Datetime('ns', 'UTC')",
    ],
    [
      { dtype: 'List', inner: { type: { dtype: 'Int64' }, nullable: true } },
      { dtype: 'List', inner: { type: { dtype: 'Float64' }, nullable: true } },
      'List(nullable(Float64))',
    ],
    [{ dtype: 'List', inner: { type: { dtype: 'Int64' }, nullable: true } }, { dtype: 'Int64' }, 'Utf8'],
  ];
  it.each(CASES)('of %j and %j', (a, b, expected) => {
    expect(typeText(widerType(a, b))).toBe(expected);
    expect(typeText(widerType(b, a))).toBe(expected);
  });
});
