// Our Zstandard kernel against the reference library (as WebAssembly), which compressed what it reads.
import { describe, expect, test } from 'vitest';
import { wasmZstd, zstdExpandHere } from '../../ts/backend/cpu/scan/zstd.ts';
import { testContext } from '../support/engine.ts';

const ctx = testContext();
const library = wasmZstd(ctx.kernels.bytesOf('zstd-library'));

/** A small generator that gives the same numbers every time. */
let seed = 5;
const random = (): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

const WORDS = ['the ', 'quick ', 'brown ', 'fox ', 'jumps\n'];
const KINDS: Record<string, (bytes: Buffer) => void> = {
  noise: (b) => {
    for (let i = 0; i < b.length; i++) b[i] = random() * 256;
  },
  letters: (b) => {
    for (let i = 0; i < b.length; i++) b[i] = 97 + random() * random() * 20;
  },
  words: (b) => {
    for (let at = 0; at < b.length; )
      at += b.write(WORDS[Math.floor(random() * 5)]! + Math.floor(random() * 9), at) || 1;
  },
  one: (b) => {
    b.fill(7);
  },
  doubles: (b) => {
    for (let i = 0; i + 8 <= b.length; i += 8) b.writeDoubleLE(random() * 100, i);
  },
  rising: (b) => {
    for (let i = 0; i + 4 <= b.length; i += 4) b.writeInt32LE(i * 3 + Math.floor(random() * 4), i);
  },
  far: (b) => {
    for (let i = 0; i < b.length; i++) b[i] = i > 1000 && random() < 0.9 ? b[i - 1000]! : random() * 256;
  },
};
const make = (kind: string, length: number): Buffer => {
  const b = Buffer.alloc(length);
  KINDS[kind]!(b);
  return b;
};

/** Expands by the kernel; null when it refuses. Bytes behind the output must stay. */
function expand(stored: Uint8Array, length: number): Buffer | null {
  const src = ctx.arena.alloc(stored.length);
  const dst = ctx.arena.alloc(length + 128);
  const heap = ctx.heap.refresh();
  heap.u8.set(stored, src);
  heap.u8.fill(0xee, dst, dst + length + 128);
  const ok = zstdExpandHere(ctx, src, stored.length, dst, length);
  const out = Buffer.from(ctx.heap.refresh().u8.slice(dst, dst + length + 128));
  ctx.arena.free(src);
  ctx.arena.free(dst);
  expect(out.subarray(length + 32).every((b) => b === 0xee)).toBe(true);
  return ok ? out.subarray(0, length) : null;
}

describe('zstd', () => {
  test.each(Object.keys(KINDS))('%s', (kind) => {
    for (const length of [0, 1, 2, 31, 32, 100, 255, 256, 1000, 5000, 65536, 131072, 131073, 400_000])
      for (const level of length > 100_000 ? [1, 3] : [1, 3, 9, 19]) {
        const raw = make(kind, length);
        const got = expand(library.compress(raw, level), length);
        if (got === null || !got.equals(raw)) throw new Error(`${kind}, ${length} bytes, level ${level}`);
      }
  });

  test('several frames, and frames to be passed over', () => {
    const [a, b] = [make('words', 3000), make('letters', 500)];
    const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const stored = Buffer.concat([library.compress(a, 3), skipped, library.compress(b, 1)]);
    expect(expand(stored, 3500)).toEqual(Buffer.concat([a, b]));
  });

  test('what is broken is refused, or what the library makes of it', () => {
    let refused = 0;
    for (let i = 0; i < 1500; i++) {
      const raw = make(Object.keys(KINDS)[i % 7]!, Math.floor(random() * 4000));
      const stored = Buffer.from(library.compress(raw, 1 + (i % 5)));
      for (let k = 0; k <= random() * 2; k++) stored[Math.floor(random() * stored.length)] = random() * 256;
      const got = expand(stored, raw.length);
      if (got === null) refused++;
      else expect(got.equals(library.decompressBytes(stored, raw.length) ?? Buffer.alloc(0))).toBe(true);
    }
    expect(refused).toBeGreaterThan(500);
    expect(expand(Buffer.from('not zstd at all'), 100)).toBeNull();
    expect(expand(library.compress(make('words', 1000), 3).subarray(0, 100), 1000)).toBeNull();
  });

  test('a wrong size is refused', () => {
    const stored = library.compress(make('words', 1000), 3);
    expect(expand(stored, 999)).toBeNull();
    expect(expand(stored, 1001)).toBeNull();
  });
});
