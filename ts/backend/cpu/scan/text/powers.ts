// Powers of ten in 128 bits, for the kernels that read and write floats.
import type { ExecContext } from '../../context.ts';

const MIN_POWER = -342;
const MAX_POWER = 325;

let table: Uint8Array | undefined;

/**
 * 10^-342 … 10^325 as the top 128 bits of 5^q, the high word first. Made at first use, in about a millisecond.
 */
export function powersOfTen(): Uint8Array {
  if (table) return table;
  const words = new BigUint64Array(2 * (MAX_POWER - MIN_POWER + 1));
  const low = (1n << 64n) - 1n;
  let five = 1n;
  for (let q = 0; q <= -MIN_POWER; q++, five *= 5n) {
    const bits = BigInt(five.toString(2).length);
    if (q <= MAX_POWER) {
      const up = bits <= 128n ? five << (128n - bits) : five >> (bits - 128n);
      words.set([up >> 64n, up & low], 2 * (q - MIN_POWER));
    }
    if (q === 0) continue;
    // 2^(bits + 127) / 5^q lies between 2^127 and 2^128. Down to 10^-27, whose quotients matter exactly, it is rounded up.
    const down = (1n << (bits + 127n)) / five + (q <= 27 ? 1n : 0n);
    words.set([down >> 64n, down & low], 2 * (-q - MIN_POWER));
  }
  table = new Uint8Array(words.buffer);
  return table;
}

/** The table in the arena. */
export function powersInHeap(ctx: ExecContext): number {
  const bytes = powersOfTen();
  const address = ctx.arena.alloc(bytes.length);
  ctx.heap.refresh().u8.set(bytes, address);
  return address;
}
