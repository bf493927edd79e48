// What surrounds our own kernels and needs no compiler: the checked-in random numbers, the budgets, the list in the README.
// The kernels themselves are tested by native/tests/kernels.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
// @ts-expect-error a script without types
import { budgetFaults, parseReport, readBudgets } from '../../native/kernels/check-budgets.mjs';
import { philoxGolden } from '../../native/tests/kernels/make-philox-golden.ts';

const native = path.resolve(import.meta.dirname, '../../native');
const read = (...parts: string[]): string => fs.readFileSync(path.join(native, ...parts), 'utf8');
const sources = fs.readdirSync(path.join(native, 'kernels')).filter((name) => name.endsWith('.cu'));

test('the random numbers that kernels are held against are those of ts/', () => {
  expect(read('tests/kernels/philox-golden.tsv')).toBe(philoxGolden());
});

describe('budgets of registers and shared memory', () => {
  test('every kernel has a row, every row a kernel', () => {
    const kernels = sources.flatMap((name) =>
      [...read('kernels', name).matchAll(/^WF_KERNEL\((\w+)/gm)].map((m) => m[1]),
    );
    expect(kernels.length).toBeGreaterThan(10);
    expect([...readBudgets().keys()].sort()).toEqual(kernels.sort());
  });

  const report = (registers: number, spilled: number): string => `ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function 'wf_a' for 'sm_90'
ptxas info    : Function properties for wf_a
    0 bytes stack frame, ${spilled} bytes spill stores, 0 bytes spill loads
ptxas info    : Used ${registers} registers, used 1 barriers, 128 bytes smem, 380 bytes cmem[0]
`;
  const budgets = readBudgets('kernel\tregisters\tsharedBytes\tspillBytes\nwf_a\t40\t128\t0\n');

  test('a report within its budget has no fault', () => {
    expect(parseReport(report(40, 0))).toEqual([
      { kernel: 'wf_a', architecture: '90', registers: 40, sharedBytes: 128, spillBytes: 0 },
    ]);
    expect(budgetFaults(parseReport(report(40, 0)), budgets)).toEqual([]);
  });

  test('what is over, unknown or gone is named', () => {
    expect(budgetFaults(parseReport(report(41, 8)), budgets)).toEqual([
      'wf_a on sm_90: registers 41, at most 40',
      'wf_a on sm_90: spillBytes 8, at most 0',
    ]);
    expect(budgetFaults(parseReport(report(9, 0).replaceAll('wf_a', 'wf_b')), budgets)).toEqual([
      'wf_b has no row in budgets.tsv',
      'wf_a of budgets.tsv is no kernel',
    ]);
    expect(budgetFaults([], budgets)).toEqual(['wf_a of budgets.tsv is no kernel']);
  });
});

test('the README lists every kernel of the table', () => {
  const names = [...read('kernels/table.cc').matchAll(/\{"(\w+\.\w+)", \w+\}/g)].map((m) => m[1]!);
  const listed = [...read('kernels/README.md').matchAll(/^\| `(\w+\.\w+)` \|/gm)].map((m) => m[1]!);
  expect(names.length).toBeGreaterThan(5);
  expect(listed).toEqual(names);
});
