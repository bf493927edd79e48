import { describe, expect, test } from 'vitest';
import { fillUniform, philox4x32, uniform } from '../../ts/util/philox.ts';

// The known answers published with the generator (Random123, philox4x32 with 10 rounds).
const KNOWN = [
  { counter: [0, 0, 0, 0], key: [0, 0], out: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    out: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    out: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
] as const;

describe('philox 4×32-10', () => {
  test.each(KNOWN)('known answer for key $key', ({ counter, key, out }) => {
    const state = new Uint32Array(counter);
    philox4x32(state, key[0], key[1]);
    expect([...state]).toEqual([...out]);
  });

  test('a block equals single draws and spreads evenly', () => {
    const block = new Float64Array(20_000);
    fillUniform(block, 7, 100);
    for (const i of [0, 1, 999, 19_999]) expect(block[i]).toBe(uniform(7, 100 + i));
    const buckets = new Array<number>(10).fill(0);
    for (const x of block) buckets[Math.floor(x * 10)]!++;
    for (const count of buckets) expect(Math.abs(count - 2000)).toBeLessThan(250);
    expect(uniform(8, 100)).not.toBe(uniform(7, 100));
  });
});
