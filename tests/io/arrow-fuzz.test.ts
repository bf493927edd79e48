// Files cut off anywhere and with wrong bytes: a typed error or a result, never a crash, a hang or memory without bounds.
import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openArrow } from '../../ts/backend/cpu/scan/arrow/open-arrow.ts';
import { decodeIpc } from '../../ts/backend/ipc.ts';
import { WarpError } from '../../ts/errors.ts';
import { probeArrow } from '../../ts/source/probe-arrow.ts';
import { memoryBytes, testContext } from '../support/engine.ts';
import { byteSource } from '../support/scan.ts';

const folder = new URL('../fixtures/arrow/', import.meta.url);
const files = [
  'flat.arrow',
  'flat.arrows',
  'flat-lz4.arrow',
  'flat-zstd.arrows',
  'nested.arrow',
  'nested.arrows',
  'runs.arrow',
  'dictionaries.arrow',
  'delta.arrows',
  'polars-views.arrow',
  'polars-large.arrows',
  'metadata.arrow',
];
const LIMIT_BYTES = 96 << 20;
const CODES = ['ERR_CORRUPT_FILE', 'ERR_UNSUPPORTED', 'ERR_OUT_OF_MEMORY', 'ERR_OVERFLOW', 'ERR_SCHEMA_MISMATCH'];

/** A small generator, so that a failure can be repeated. */
function random(seed: number): () => number {
  let s = seed;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
}

const ctx = testContext(LIMIT_BYTES);

/** Runs `read`; what it throws must be one of our errors, with a place. Returns its code. */
async function outcome(read: () => unknown): Promise<string> {
  try {
    await read();
    return 'read';
  } catch (error) {
    if (!(error instanceof WarpError)) throw error;
    expect(CODES).toContain(error.code);
    if (error.code === 'ERR_CORRUPT_FILE')
      expect(error.detail).toMatchObject({ path: 'fuzz', offset: expect.any(Number) });
    return error.code;
  }
}

/** Everything that reads bytes. */
async function readAll(bytes: Uint8Array): Promise<string> {
  let schema: Awaited<ReturnType<typeof probeArrow>>['schema'] = [];
  const probed = await outcome(async () => {
    ({ schema } = await probeArrow(byteSource(bytes, 'fuzz')));
  });
  const scanned = await outcome(() => {
    const source = memoryBytes(ctx.heap, bytes, 'fuzz');
    const file = openArrow(ctx, {
      bytes: source,
      columns: schema,
      fileSchema: schema,
      options: {},
      predicate: null,
      limit: null,
    });
    try {
      for (let unit = 0; unit < file.unitCount; unit++) {
        const reader = file.openUnit(ctx, unit);
        try {
          for (let batch = reader.next(ctx); batch; batch = reader.next(ctx)) ctx.scratch.reset();
        } finally {
          reader.close(ctx);
        }
      }
    } finally {
      file.close(ctx);
    }
  });
  await outcome(() => decodeIpc(bytes, 'fuzz'));
  if (probed === 'ERR_CORRUPT_FILE') expect(scanned).not.toBe('read');
  return scanned;
}

describe.each(files)('%s', (name) => {
  const bytes = new Uint8Array(fs.readFileSync(new URL(name, folder)));

  test('cut off', async () => {
    const at = random(1);
    const whole = await readAll(bytes);
    expect(whole).toBe('read');
    const before = ctx.arena.usedBytes;
    for (let k = 0; k < 150; k++) {
      const end = k < 40 ? k : Math.floor(at() * bytes.length);
      const result = await readAll(bytes.subarray(0, end));
      // A file without its end is none; a stream may end between messages.
      if (name.endsWith('.arrow')) expect(result).toBe('ERR_CORRUPT_FILE');
    }
    expect(ctx.arena.usedBytes).toBe(before);
  });

  test('wrong bytes', async () => {
    const at = random(2);
    const before = ctx.arena.usedBytes;
    const results = new Map<string, number>();
    for (let k = 0; k < 400; k++) {
      const broken = bytes.slice();
      for (let n = 1 + Math.floor(at() * 3); n > 0; n--) {
        // Metadata is where the harm is: most hits go to the first and last kilobytes.
        const end = at() < 0.3 ? bytes.length : Math.min(bytes.length, 3000);
        const where = Math.floor(at() * end);
        const place = at() < 0.4 ? bytes.length - 1 - where : where;
        broken[place] = [0, 255, 128, broken[place]! ^ (1 << Math.floor(at() * 8)), Math.floor(at() * 256)][
          Math.floor(at() * 5)
        ]!;
      }
      const result = await readAll(broken);
      results.set(result, (results.get(result) ?? 0) + 1);
    }
    expect(ctx.arena.usedBytes).toBe(before);
    expect(results.get('ERR_CORRUPT_FILE')).toBeGreaterThan(5);
  });
});

test('the heap stayed within its limit', () => {
  expect(ctx.heap.sizeBytes).toBeLessThan(LIMIT_BYTES * 2);
});

describe('hostile files', () => {
  const head = new TextEncoder().encode('ARROW1\0\0');
  test.each<[string, Uint8Array, string, RegExp]>([
    ['nothing', new Uint8Array(0), 'ERR_CORRUPT_FILE', /0 bytes are no Arrow data/],
    ['text', new TextEncoder().encode('id,name\n1,x\n'), 'ERR_CORRUPT_FILE', /corrupt/],
    ['a magic number alone', head, 'ERR_CORRUPT_FILE', /without a footer/],
    [
      'a footer longer than the file',
      Buffer.concat([head, Buffer.from([255, 255, 255, 127]), head]),
      'ERR_CORRUPT_FILE',
      /corrupt/,
    ],
    ['Feather 1', new TextEncoder().encode('FEA1\0\0\0\0FEA1'), 'ERR_UNSUPPORTED', /Feather version 1/],
    [
      'a message of 2 GB',
      new Uint8Array([255, 255, 255, 255, 255, 255, 255, 127]),
      'ERR_CORRUPT_FILE',
      /2147483647 bytes/,
    ],
    ['zeros', new Uint8Array(64), 'ERR_CORRUPT_FILE', /neither an Arrow file nor a stream/],
  ])('%s', async (_, bytes, code, message) => {
    const error = expect.objectContaining({ code, message: expect.stringMatching(message) });
    await expect(probeArrow(byteSource(new Uint8Array(bytes)))).rejects.toThrow(error);
    expect(() => decodeIpc(new Uint8Array(bytes))).toThrow(error);
  });
});
