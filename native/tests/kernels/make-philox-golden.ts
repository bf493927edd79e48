// npx tsx native/tests/kernels/make-philox-golden.ts: writes philox-golden.tsv, the random numbers of ts/ that kernels must
// give bit for bit. A line: what, seed, two more numbers, how many, values. Doubles are written as their bits.
import fs from 'node:fs';
import path from 'node:path';
import { shuffled } from '../../../ts/ml/selection/allocate.ts';
import { philox4x32, uniform } from '../../../ts/util/philox.ts';

const SEEDS = [0, 1, 42, 123_456_789, 4_294_967_295];
/** Where allocate.ts takes its numbers from. */
const BEYOND_ROWS = 2 ** 33;

const bitsOf = (value: number): string => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
};

/** Draw i of a bootstrap sample: word i mod 4 of counter (i / 4, sample), as a row number. */
function bootstrap(seed: number, sample: number, rows: number, draws: number): number[] {
  const counter = new Uint32Array(4);
  return Array.from({ length: draws }, (_, i) => {
    counter.set([i >>> 2, sample, 0, 0]);
    philox4x32(counter, seed, 0);
    return Number((BigInt(counter[i & 3]!) * BigInt(rows)) >> 32n);
  });
}

/** The file's text. */
export function philoxGolden(): string {
  const lines: string[] = [];
  const add = (what: string, seed: number, a: number, b: number, values: readonly (string | number)[]): void => {
    lines.push([what, seed, a, b, values.length, values.join(' ')].join('\t'));
  };
  for (const seed of SEEDS) {
    for (const start of [0, 4_294_967_290, BEYOND_ROWS, 2 ** 52])
      add(
        'uniform',
        seed,
        start,
        0,
        Array.from({ length: 12 }, (_, i) => bitsOf(uniform(seed, start + i))),
      );
    for (const rows of [1, 7, 100]) add('permutation', seed, BEYOND_ROWS, rows, shuffled(rows, seed));
    for (const [sample, rows] of [
      [0, 10],
      [3, 1000],
      [99, 2_147_483_647],
    ] as const)
      add('bootstrap', seed, sample, rows, bootstrap(seed, sample, rows, 21));
  }
  return `${lines.join('\n')}\n`;
}

if (process.argv[1] === import.meta.filename)
  fs.writeFileSync(path.join(import.meta.dirname, 'philox-golden.tsv'), philoxGolden());
