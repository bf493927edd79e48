// CSV rows that are read to where the result has them: against the same rows taken batch by batch, and against the values
// that the texts were made of.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mostLines } from '../../ts/backend/cpu/scan/text/text-units.ts';
import { DEFAULT_TUNING } from '../../ts/backend/cpu/tuning.ts';
import { type DataFrame, Int64, readCsv, Utf8 } from '../../ts/index.ts';
import { uniform } from '../../ts/util/philox.ts';
import { ipcOf } from '../support/ipc-of.ts';
import { tuneEngine } from '../support/tuning.ts';

const ROWS = 90_000;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-csv-placed-'));
const file = (name: string): string => path.join(folder, name);
const save = (name: string, text: string): string => {
  fs.writeFileSync(file(name), text);
  return file(name);
};

// Some twenty pieces, which three threads share.
beforeAll(() => tuneEngine({ ...DEFAULT_TUNING, minRows: 1, pieceBytes: 256 << 10 }));
afterAll(async () => {
  await tuneEngine(DEFAULT_TUNING);
  fs.rmSync(folder, { recursive: true, force: true });
});

const rows = (make: (i: number) => string, n = ROWS): string =>
  `k,x,b,day,t\n${Array.from({ length: n }, (_, i) => make(i)).join('')}`;
const pick = (seed: number, i: number, n: number): number => Math.floor(uniform(seed, i) * n);
const texts = [
  '',
  'short',
  'twelve bytes',
  'thirteen bytes',
  '"with, comma"',
  '"and ""quotes"" of its own"',
  '""',
  'é',
];
const plain = (i: number): string =>
  [
    pick(1, i, 11) === 0 ? '' : pick(2, i, 3) === 0 ? -i : i,
    pick(3, i, 7) === 0 ? '' : pick(4, i, 5) === 0 ? `-${i / 7}` : `${pick(5, i, 1000)}.${pick(6, i, 1000)}`,
    ['true', 'false', ''][pick(7, i, 3)],
    pick(8, i, 9) === 0 ? '' : new Date(86_400_000 * pick(9, i, 20_000)).toISOString().slice(0, 10),
    `${texts[pick(10, i, texts.length)]}`,
  ].join(',');

/** Reads a file in place, by several numbers of threads, and batch by batch: a filter that keeps all rows sees to that. */
async function same(from: string | string[], count: number, options = {}): Promise<void> {
  const df = (await readCsv(from, options)) as DataFrame<any>;
  const want = await ipcOf(
    df.filter((c) => c.k.isNull().or(c.k.isNotNull())),
    1,
  );
  expect(await df.count()).toBe(count);
  for (const threads of [1, 2, 3]) expect((await ipcOf(df, threads)).equals(want), `${threads} threads`).toBe(true);
}

describe('rows read in place', () => {
  test('values of every kind', async () => {
    const from = save(
      'plain.csv',
      rows((i) => `${plain(i)}\n`),
    );
    await same(from, ROWS);
    const table = await (await readCsv(from)).collect({ threads: 3 });
    const records = table.toRecords() as Record<string, unknown>[];
    table.dispose();
    for (let i = 0; i < ROWS; i++) {
      const [k, x, b, day, ...t] = plain(i).split(',');
      const text = t.join(',');
      const bare = text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text === '' ? null : text;
      const want = [
        k === '' ? null : BigInt(k!),
        x === '' ? null : Number(x),
        b === '' ? null : b === 'true',
        day,
        bare,
      ];
      const r = records[i]!;
      const at = r['day'] === null ? '' : new Date(r['day'] as Date).toISOString().slice(0, 10);
      const got = [r['k'] === null ? null : BigInt(r['k'] as bigint), r['x'], r['b'], at, r['t']];
      if (got.some((v, c) => !Object.is(v, want[c]))) expect(got, `row ${i}`).toEqual(want);
    }
  });

  test('line ends of two bytes, no line end at the end', async () => {
    const all = rows((i) => `${plain(i)}\r\n`);
    await same(save('crlf.csv', all.slice(0, -2)), ROWS);
  });

  test('line ends of one carriage return', async () => {
    await same(save('cr.csv', rows((i) => `${plain(i)}\r`).replace('\n', '\r')), ROWS);
  });

  test('line ends within quotes: pieces have fewer rows than lines', async () => {
    await same(
      save(
        'quoted.csv',
        rows((i) => `${i},${i}.5,true,2020-01-01,${pick(1, i, 20) === 0 ? `"two\nlines ${i}, long"` : 'one'}\n`),
      ),
      ROWS,
    );
  });

  test('blank lines, quotes within plain text, comments', async () => {
    const make = (i: number): string =>
      `${plain(i)}\n${pick(21, i, 5000) === 0 ? '\n' : ''}${pick(22, i, 9000) === 0 ? `${i},1,true,,say "so"\n` : ''}`;
    const all = rows(make);
    const odd = Array.from({ length: ROWS }, (_, i) => pick(22, i, 9000)).filter((n) => n === 0).length;
    await same(save('odd.csv', all), ROWS + odd);
    const noted = all.replaceAll('\n\n', '\n# a note, with, many, commas, in, it\n');
    await same(save('comments.csv', noted), ROWS + odd, { comment: '#' });
  });

  test('short and long rows', async () => {
    const make = (i: number): string => (pick(23, i, 3000) === 0 ? `${i},1\n` : `${plain(i)}\n`);
    await same(save('ragged.csv', rows(make)), ROWS, { ragged: 'pad' });
    await same(
      save(
        'cut.csv',
        rows((i) => `${plain(i)}${pick(24, i, 3000) === 0 ? ',more,and more' : ''}\n`),
      ),
      ROWS,
      { ragged: 'truncate' },
    );
  });

  test('more rows than samples of the file promise', async () => {
    // Samples lie at each sixteenth of the file: at every other one there are no short lines.
    const part = 60_000;
    const segment = (s: number): string => {
      const head = `${s === 0 ? 'k,t\n' : ''}1,${s % 2 === 0 ? 'long'.repeat(2500) : ''}\n`;
      const short = Math.floor((part - head.length) / 4) - 2;
      const begun = head + Array.from({ length: short }, (_, i) => `${i % 10},s\n`).join('');
      return `${begun}2,${'t'.repeat(part - begun.length - 3)}\n`;
    };
    const all = Array.from({ length: 16 }, (_, s) => segment(s)).join('');
    const count = all.split('\n').length - 2;
    const bytes = Buffer.from(all);
    const read = (at: number, length: number): Uint8Array => bytes.subarray(at, at + length);
    const most = mostLines({ name: '', sizeBytes: bytes.length, readInto() {}, read, close() {} });
    expect(most).toBeGreaterThan(100_000);
    expect(count).toBeGreaterThan(most);
    await same(save('samples.csv', all), count);
  });

  test('several files', async () => {
    const names = ['a', 'b', 'c'].map((n, f) =>
      save(
        `several-${n}.csv`,
        rows((i) => `${plain(i + f)}\n`, 40_000 + f),
      ),
    );
    await same(names, 120_003);
  });

  test('a null where none may be, and a value of another type, are named with their rows', async () => {
    const schema = { k: Int64, t: Utf8 };
    const bad = (row: string): string =>
      save('bad.csv', `k,t\n${Array.from({ length: ROWS }, (_, i) => (i === 77_777 ? row : `${i},t\n`)).join('')}`);
    for (const threads of [1, 3]) {
      const open = async (row: string) => (await readCsv(bad(row), { schema })).collect({ threads });
      await expect(open(',t\n')).rejects.toThrow(/row 77778, column "k" is empty/);
      await expect(open('1x,t\n')).rejects.toThrow(/row 77778 \(line 77779\), column "k": "1x" is not an Int64/);
      await expect(open('1,"open\n')).rejects.toThrow(/a quote is opened and never closed/);
      await expect(open('1\n')).rejects.toThrow(/row 77778 \(line 77779\) has 1 field where 2 are expected/);
    }
  });
});
