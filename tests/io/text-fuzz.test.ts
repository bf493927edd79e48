// Damaged and random text: a typed error or a result, never a trap, a hang or memory out of proportion.
import { describe, expect, it } from 'vitest';
import { inferCsv } from '../../ts/backend/cpu/scan/csv/infer-csv.ts';
import { openCsv } from '../../ts/backend/cpu/scan/csv/open-csv.ts';
import { inferJsonl } from '../../ts/backend/cpu/scan/jsonl/infer-jsonl.ts';
import { openJsonl } from '../../ts/backend/cpu/scan/jsonl/open-jsonl.ts';
import { WarpError } from '../../ts/errors.ts';
import type { LogicalType, Schema } from '../../ts/schema/types.ts';
import { uniform } from '../../ts/util/philox.ts';
import { memoryBytes, testContext } from '../support/engine.ts';
import { field, readAll } from '../support/text.ts';

const TYPES: LogicalType[] = [
  { dtype: 'Int64' },
  { dtype: 'Int8' },
  { dtype: 'UInt64' },
  { dtype: 'Float64' },
  { dtype: 'Float32' },
  { dtype: 'Bool' },
  { dtype: 'Utf8' },
  { dtype: 'Date32' },
  { dtype: 'Datetime', unit: 'ns', zone: 'UTC' },
  { dtype: 'Time' },
  { dtype: 'Decimal', precision: 38, scale: 3 },
  { dtype: 'Decimal', precision: 9, scale: 0 },
  { dtype: 'Binary' },
];
const VALUES = [
  '1',
  '-5',
  '18446744073709551615',
  '1.5e300',
  '0.1',
  'true',
  'text',
  '2024-02-29',
  '2024-02-29T01:02:03.5Z',
  '12:00:00',
  '123.456',
  '7',
  'AAEC',
];

/** Bytes with a few changed, cut out, doubled or put in. */
function mutate(bytes: Buffer, u: () => number): Buffer {
  let b = Buffer.from(bytes);
  for (let k = 1 + Math.floor(u() * 6); k > 0; k--) {
    const at = Math.floor(u() * b.length);
    const marks = [
      '"',
      ',',
      '\n',
      '\r',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ':',
      '0',
      '.',
      '-',
      'e',
      '\0',
      '\xff',
      '\x80',
      '"""',
      '999999999999999999999999',
    ];
    const what = Buffer.from(marks[Math.floor(u() * marks.length)] as string, 'latin1');
    const kind = Math.floor(u() * 4);
    if (kind === 0) b = Buffer.concat([b.subarray(0, at), what, b.subarray(at + 1)]);
    else if (kind === 1) b = Buffer.concat([b.subarray(0, at), what, b.subarray(at)]);
    else if (kind === 2) b = Buffer.concat([b.subarray(0, at), b.subarray(at + Math.floor(u() * 20))]);
    else b = Buffer.concat([b.subarray(0, at), b.subarray(Math.floor(u() * at), at), b.subarray(at)]);
  }
  return b;
}

function attempt(work: () => void): 'read' | 'refused' {
  try {
    work();
    return 'read';
  } catch (error) {
    if (error instanceof WarpError) return 'refused';
    throw error;
  }
}

describe('damaged CSV', () => {
  it('is read or refused, 4,000 times', () => {
    const schema: Schema = TYPES.map((t, i) => field(`c${i}`, t));
    const lines = Array.from({ length: 8 }, (_, r) =>
      VALUES.map((v, k) => (r === 3 || k === 6 ? `"${v} ""q"""` : v))
        .map((v, k) => (r === 3 && k !== 6 ? `"${VALUES[k]}"` : v))
        .join(','),
    );
    const good = Buffer.from(`${schema.map((f) => f.name).join(',')}\n${lines.join('\r\n')}\n`);
    const ctx = testContext(64 << 20);
    const seen = { read: 0, refused: 0 };
    for (let seed = 0; seed < 4000; seed++) {
      let i = 0;
      const u = (): number => uniform(seed, i++);
      const options = {
        blockBytes: 1 + Math.floor(u() * 300),
        ragged: ['error', 'pad', 'truncate'][seed % 3],
        encoding: seed % 5 === 0 ? 'utf8-lossy' : 'utf8',
        comment: seed % 7 === 0 ? '#' : null,
        escape: seed % 4 === 0 ? '\\' : null,
      };
      const bytes = memoryBytes(ctx.heap, mutate(good, u));
      const result = attempt(() => {
        readAll(ctx, openCsv, bytes, seed % 2 ? schema : inferCsv(ctx, bytes, options), options);
      });
      seen[result]++;
      ctx.scratch.reset();
    }
    expect(seen.read).toBeGreaterThan(100);
    expect(seen.refused).toBeGreaterThan(500);
  });
});

describe('damaged JSON Lines', () => {
  it('is read or refused, 4,000 times', () => {
    const item: LogicalType = {
      dtype: 'Struct',
      fields: [
        field('k', { dtype: 'Int64' }),
        field('l', { dtype: 'List', inner: { type: { dtype: 'Utf8' }, nullable: true } }),
      ],
    };
    const schema: Schema = [
      ...TYPES.map((t, i) => field(`c${i}`, t)),
      field('o', item),
      field('a', { dtype: 'List', inner: { type: item, nullable: true } }),
      field('f', { dtype: 'FixedSizeList', inner: { type: { dtype: 'Int8' }, nullable: true }, length: 2 }),
    ];
    const row = Object.fromEntries(TYPES.map((t, i) => [`c${i}`, t.dtype === 'Bool' ? true : VALUES[i]]));
    const nested = { o: { k: 1, l: ['é', null, 'q"\\\n'] }, a: [{ k: 2 }, null, { l: [] }], f: [1, null] };
    const good = Buffer.from(`${JSON.stringify({ ...row, ...nested })}\n`.repeat(5));
    const ctx = testContext(64 << 20);
    const seen = { read: 0, refused: 0 };
    for (let seed = 0; seed < 4000; seed++) {
      let i = 0;
      const u = (): number => uniform(seed, i++);
      const options = {
        blockBytes: 1 + Math.floor(u() * 500),
        malformed: ['error', 'skip', 'null'][seed % 3],
        encoding: seed % 5 === 0 ? 'utf8-lossy' : 'utf8',
      };
      const bytes = memoryBytes(ctx.heap, mutate(good, u));
      const result = attempt(() => {
        readAll(ctx, openJsonl, bytes, seed % 2 ? schema : inferJsonl(ctx, bytes, options), options);
      });
      seen[result]++;
      ctx.scratch.reset();
    }
    expect(seen.read).toBeGreaterThan(500);
    expect(seen.refused).toBeGreaterThan(500);
  });

  it('agrees with JSON.parse on what is JSON', () => {
    const ctx = testContext();
    const good = Buffer.from('{"a":[1,-2.5e3,"x\\u00e9\\n",null,true,{"b":{}}],"c":0.5}');
    let valid = 0;
    for (let seed = 0; seed < 6000; seed++) {
      let i = 0;
      const line = mutate(good, () => uniform(seed, i++));
      const text = new TextDecoder().decode(line);
      // Other line ends and blanks are not part of one line of JSON; NaN and Infinity are taken on purpose.
      if (/[\n\r\0]/.test(text) || text.trim() === '' || /NaN|Infinity/.test(text)) continue;
      let parsed: unknown;
      let isJson = true;
      try {
        parsed = JSON.parse(text);
      } catch {
        isJson = false;
      }
      const expected = isJson && typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
      const bytes = memoryBytes(ctx.heap, Buffer.from(text));
      // A column that takes anything: only the syntax can be refused.
      const got = attempt(() => {
        readAll(ctx, openJsonl, bytes, [field('a', { dtype: 'Utf8' })]);
      });
      expect({ text, got }).toEqual({ text, got: expected ? 'read' : 'refused' });
      if (expected) valid++;
      ctx.scratch.reset();
    }
    expect(valid).toBeGreaterThan(100);
  });
});

describe('memory', () => {
  it('of a quote that is never closed is bounded, with a typed error', () => {
    const ctx = testContext(256 << 20);
    const size = 300 << 20;
    const bytes = {
      name: 'open.csv',
      sizeBytes: size,
      close() {},
      read: () => new Uint8Array(16).fill(97),
      readInto(to: number, start: number, length: number) {
        const { u8 } = ctx.heap.refresh();
        u8.fill(97, to, to + length);
        if (start === 0) u8.set(Buffer.from('a,b\n1,"'), to);
      },
    };
    const schema = [field('a', { dtype: 'Int64' } as const), field('b', { dtype: 'Utf8' } as const)];
    expect(() => readAll(ctx, openCsv, bytes, schema)).toThrow(/longer than 64 MB. A quote may be open|Out of memory/);
  });
});
