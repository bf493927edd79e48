import { describe, expect, test } from 'vitest';
import { Arena, Scratch, sizeClass } from '../../ts/backend/cpu/memory/arena.ts';
import { ARENA_START, Heap, PAGE_BYTES } from '../../ts/backend/cpu/memory/heap.ts';
import { packColumns } from '../../ts/backend/cpu/memory/pack.ts';
import { type Region, RegionPool } from '../../ts/backend/cpu/memory/regions.ts';
import { OutOfMemoryError } from '../../ts/errors.ts';
import { testContext, valuesOf, vectorOf } from '../support/engine.ts';

/** A small generator, so that a failing run can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function overlaps(regions: readonly Region[]): boolean {
  const sorted = [...regions].sort((a, b) => a.address - b.address);
  return sorted.some((r, i) => i > 0 && sorted[i - 1]!.address + sorted[i - 1]!.bytes > r.address);
}

describe('regions', () => {
  test('random takes and releases never overlap and everything merges again', () => {
    const pool = new RegionPool(Heap.create());
    const next = random(1);
    const live: Region[] = [];
    for (let i = 0; i < 500; i++) {
      if (next(3) > 0) live.push(pool.take(1 + next(3_000_000)));
      else if (live.length > 0) pool.release(live.splice(next(live.length), 1)[0]!);
      expect(overlaps([...live, ...pool.free])).toBe(false);
    }
    for (const r of live) pool.release(r);
    expect(pool.usedBytes).toBe(0);
    expect(pool.free).toHaveLength(1);
    expect(pool.free[0]!.address).toBe(ARENA_START);
  });

  test('a lease that kept some regions gives the rest back', () => {
    const pool = new RegionPool(Heap.create());
    const table = pool.take(100_000);
    const before = pool.usedBytes;
    const lease = pool.takeAll();
    const leased = pool.usedBytes - before;
    // The thread's own pool over the lease, growing once.
    const grown: Region[] = [];
    const thread = new RegionPool(Heap.create(), lease);
    const kept = [thread.take(200_000), thread.take(70_000)];
    pool.settle(leased, [...lease, ...grown], kept);
    expect(pool.usedBytes).toBe(before + kept.reduce((s, r) => s + r.bytes, 0));
    expect(overlaps([...pool.free, ...kept, table])).toBe(false);
    for (const r of kept) pool.release(r);
    pool.release(table);
    expect(pool.free).toHaveLength(1);
  });

  test('a limit is a typed error and the pool stays usable', () => {
    const pool = new RegionPool(Heap.create());
    pool.limitBytes = 10 << 20;
    const held = pool.take(8 << 20);
    expect(() => pool.take(4 << 20)).toThrow(OutOfMemoryError);
    expect(() => pool.take(4 << 20)).toThrow(/4\.0 MB requested with 8\.0 MB in use and a limit of 10\.0 MB/);
    pool.release(held);
    expect(pool.take(4 << 20).bytes).toBe(4 << 20);
  });
});

describe('arena', () => {
  test('size classes waste at most a quarter and a spare line', () => {
    for (let n = 1; n < 1e7; n = Math.ceil(n * 1.07) + 1) {
      const size = sizeClass(n);
      expect(size).toBeGreaterThanOrEqual(n + 64);
      expect(size).toBeLessThanOrEqual((n + 64) * 1.25 + 64);
    }
    // Beyond what a signed number of 32 bits holds, too.
    for (let bits = 6; bits <= 33; bits++)
      for (const n of [2 ** bits - 65, 2 ** bits - 64, 2 ** bits - 63]) {
        expect(sizeClass(n)).toBeGreaterThanOrEqual(n + 64);
        if (bits <= 32) expect(sizeClass(n)).toBeLessThanOrEqual((n + 64) * 1.25 + 64);
      }
  });

  test('blocks never overlap, addresses are aligned, freed memory is reused', () => {
    const pool = new RegionPool(Heap.create());
    const arena = new Arena(pool);
    arena.onFreeRegion = (r) => pool.release(r);
    const next = random(2);
    const live: Region[] = [];
    for (let i = 0; i < 2000; i++) {
      if (next(5) > 1) {
        const bytes = 1 + next(next(4) === 0 ? 1_000_000 : 2000);
        const address = arena.alloc(bytes);
        expect(address % 64).toBe(0);
        live.push({ address, bytes: bytes + 64 });
      } else if (live.length > 0) arena.free(live.splice(next(live.length), 1)[0]!.address);
    }
    expect(overlaps(live)).toBe(false);
    const grownTo = arena.usedBytes;
    for (const b of live) arena.free(b.address);
    expect(arena.usedBytes).toBe(0);
    expect(arena.peakBytes).toBeGreaterThanOrEqual(grownTo);
    for (const r of arena.releaseAll()) pool.release(r);
    expect(pool.usedBytes).toBe(0);
  });

  test('room that is reserved counts when it is known what was used, and the rest is free again', () => {
    const pool = new RegionPool(Heap.create());
    const arena = new Arena(pool);
    arena.onFreeRegion = (r) => pool.release(r);
    const block = arena.reserve(10 << 20);
    expect(arena.usedBytes).toBe(0);
    expect(pool.usedBytes).toBeGreaterThan(10 << 20);
    arena.shrink(block, 1 << 20);
    expect(arena.usedBytes).toBe((1 << 20) + PAGE_BYTES);
    expect(arena.peakBytes).toBe(arena.usedBytes);
    expect(pool.usedBytes).toBe(arena.usedBytes);
    arena.free(block);
    expect(arena.usedBytes).toBe(0);
    arena.free(arena.reserve(1 << 20));
    expect([arena.usedBytes, pool.usedBytes]).toEqual([0, 0]);
  });

  test('scratch gives everything back at the end of a morsel', () => {
    const pool = new RegionPool(Heap.create());
    const scratch = new Scratch(new Arena(pool));
    const first = scratch.alloc(1000);
    const mark = scratch.mark();
    const a = scratch.alloc(5000);
    scratch.alloc(10 << 20);
    scratch.rewind(mark);
    expect(scratch.alloc(5000)).toBe(a);
    scratch.reset();
    expect(scratch.alloc(1000)).toBe(first);
    const used = pool.usedBytes;
    for (let i = 0; i < 100; i++) {
      for (let k = 0; k < 20; k++) scratch.alloc(100_000);
      scratch.reset();
    }
    expect(pool.usedBytes).toBe(used);
  });
});

test('a packed result survives the end of its arena', () => {
  const ctx = testContext();
  const words = Array.from({ length: 40_000 }, (_, i) =>
    i % 3 === 0 ? null : i % 3 === 1 ? `w${i}` : `a longer word, number ${i}`,
  );
  const numbers = Array.from({ length: 40_000 }, (_, i) => i / 7);
  const packed = packColumns(ctx, [
    vectorOf(ctx, { dtype: 'Utf8' }, words),
    vectorOf(ctx, { dtype: 'Float64' }, numbers),
  ]);
  const arena = ctx.arena as Arena;
  // Overwrite everything that the arena gives back.
  const u8 = ctx.heap.refresh().u8;
  for (const r of arena.releaseAll()) u8.fill(0xee, r.address, r.address + r.bytes);
  expect(valuesOf(ctx, packed.columns[0]!)).toEqual(words);
  expect(valuesOf(ctx, packed.columns[1]!)).toEqual(numbers);
  expect(overlaps(packed.regions)).toBe(false);
});
