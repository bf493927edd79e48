// LZ4 frames and xxHash32 against the reference libraries (scripts/fixtures/lz4-goldens.py).
import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  compressLz4Frame,
  expandLz4Block,
  expandLz4Frame,
  lz4FrameRoom,
  writeLz4Frame,
} from '../../ts/backend/ipc/lz4.ts';
import { xxhash32 } from '../../ts/util/xxhash32.ts';
import { testContext } from '../support/engine.ts';

const golden = JSON.parse(fs.readFileSync(new URL('../fixtures/lz4.json', import.meta.url), 'utf8')) as {
  frames: Record<string, string>;
  xxh32: Record<string, number>;
};
const words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
function noise(n: number): Uint8Array {
  let s = 1;
  return Uint8Array.from({ length: n }, () => (s = (Math.imul(s, 1664525) + 1013904223) >>> 0) >>> 24);
}
const utf8 = (text: string) => new TextEncoder().encode(text);
const data: Record<string, Uint8Array> = {
  empty: new Uint8Array(0),
  short: utf8('abc'),
  runs: utf8('a'.repeat(3000) + 'b'.repeat(70000)),
  text: utf8(Array.from({ length: 11000 }, (_, i) => words[Number(BigInt(i) ** 3n % 5n)]! + (i % 91)).join(' ')),
  noise: noise(3000),
};

test.each(Object.keys(data))('xxHash32 of %s', (name) => {
  expect(xxhash32(data[name]!)).toBe(golden.xxh32[name]);
});

describe.each(Object.keys(golden.frames))('%s', (name) => {
  const frame = new Uint8Array(Buffer.from(golden.frames[name]!, 'base64'));
  const whole = data[name.split(' ')[0]!]!;

  test('expands', () => {
    const out = new Uint8Array(whole.length);
    expect(expandLz4Frame(frame, out)).toBe(true);
    expect(Buffer.compare(out, whole)).toBe(0);
  });
  test('expands in the heap', () => {
    const ctx = testContext();
    const src = ctx.arena.alloc(frame.length);
    const dst = ctx.arena.alloc(whole.length);
    const { u8 } = ctx.heap.refresh();
    u8.set(frame, src);
    const good = expandLz4Frame(
      u8.subarray(src, src + frame.length),
      u8.subarray(dst, dst + whole.length),
      (at, end, start, floor) =>
        ctx.kernels.get('codecs').lz4Decode(src + at, end - at, dst + start, whole.length - start, dst + floor),
    );
    expect(good).toBe(true);
    expect(Buffer.compare(u8.slice(dst, dst + whole.length), whole)).toBe(0);
  });
  test('another length, a cut and wrong bytes are noticed', () => {
    expect(expandLz4Frame(frame, new Uint8Array(whole.length + 1))).toBe(false);
    if (whole.length > 0) expect(expandLz4Frame(frame, new Uint8Array(whole.length - 1))).toBe(false);
    for (let cut = 0; cut < frame.length - 8; cut += 97)
      expect(expandLz4Frame(frame.subarray(0, cut), new Uint8Array(whole.length))).toBe(false);
    for (let at = 0; at < frame.length; at += 13) {
      const broken = frame.slice();
      broken[at]! ^= 1 << (at & 7);
      const out = new Uint8Array(whole.length);
      const accepted = expandLz4Frame(broken, out);
      // With a sum of the content nothing wrong can pass; the frame's own head has a sum of its own always.
      if (/sum/.test(name) && at < frame.length - 4 && at > 6)
        expect(accepted && Buffer.compare(out, whole) !== 0).toBe(false);
      if (at === 0 || at === 4) expect(accepted).toBe(false);
    }
  });
});

describe('our frames', () => {
  const more: Record<string, Uint8Array> = {
    ...data,
    large: new Uint8Array(9 << 20).map((_, i) => (i % 1000 < 500 ? i >> 9 : i * 7)),
    zeros: new Uint8Array(5 << 20),
    tail: utf8(`${'abcd'.repeat(5)}xyz`),
  };
  test.each(Object.keys(more))('%s comes back', (name) => {
    const bytes = more[name]!;
    const frame = compressLz4Frame(bytes);
    const out = new Uint8Array(bytes.length);
    expect(expandLz4Frame(frame, out)).toBe(true);
    expect(Buffer.compare(out, bytes)).toBe(0);
  });
  test.each(Object.keys(more))('%s comes back from the kernel', (name) => {
    const bytes = more[name]!;
    const ctx = testContext();
    const src = ctx.arena.alloc(bytes.length);
    const dst = ctx.arena.alloc(lz4FrameRoom(bytes.length));
    const table = ctx.arena.alloc(32768);
    const { u8 } = ctx.heap.refresh();
    u8.set(bytes, src);
    const { lz4Encode } = ctx.kernels.get('arrow');
    const n = writeLz4Frame(
      u8.subarray(src, src + bytes.length),
      u8.subarray(dst, dst + lz4FrameRoom(bytes.length)),
      (at, end, start) => lz4Encode(src + at, end - at, dst + start, table),
    );
    const out = new Uint8Array(bytes.length);
    expect(expandLz4Frame(u8.slice(dst, dst + n), out)).toBe(true);
    expect(Buffer.compare(out, bytes)).toBe(0);
    expect(n).toBeLessThan(compressLz4Frame(bytes).length * 1.1 + 64);
  });
  test('random lengths, the ends of blocks', () => {
    const ctx = testContext();
    const [src, dst, table] = [1000, 2000, 32768].map((n) => ctx.arena.alloc(n)) as [number, number, number];
    const { u8 } = ctx.heap.refresh();
    const { lz4Encode } = ctx.kernels.get('arrow');
    const salt = noise(3000);
    for (let n = 0; n < 700; n++) {
      const bytes = salt.slice(n, n + (n % 90)).map((b) => b & (n % 3 === 0 ? 1 : 3));
      u8.set(bytes, src);
      const length = lz4Encode(src, bytes.length, dst, table);
      const out = new Uint8Array(bytes.length);
      expect(expandLz4Block(u8.slice(dst, dst + length), 0, length, out, 0, 0)).toBe(bytes.length);
      expect(Buffer.compare(out, bytes)).toBe(0);
    }
  });
  test('they are small where the reference’s are', () => {
    for (const name of ['runs', 'text'])
      expect(compressLz4Frame(data[name]!).length).toBeLessThan(
        Buffer.from(golden.frames[`${name} default`]!, 'base64').length * 1.3,
      );
    expect(compressLz4Frame(data['noise']!).length).toBeLessThan(data['noise']!.length + 32);
  });
});
