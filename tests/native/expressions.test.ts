// Every function over rows on the host libcudf (not a GPU): the native program evaluates the cases of
// ts/verify/cases/expression-cases.ts and compares them with the CPU engine row by row.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// @ts-ignore: a build script
import { buildNative, whyNoBuild } from '../../scripts/build-native.mjs';
// @ts-ignore: a build script
import { caseRuns } from '../../scripts/generate-case-table.mjs';
import { FUNCTIONS } from '../../ts/expr/functions.ts';
import { caseLines } from '../support/expression-cases.ts';

const root = path.resolve(import.meta.dirname, '../..');
// A program that is there already: for work on the executor.
const given = process.env['EXPRESSIONS_PROGRAM'];
const skipReason: string | null | undefined = given === undefined ? whyNoBuild('sim') : undefined;
if (skipReason) console.warn(`expressions on the host libcudf are skipped: ${skipReason}`);
else if (given === undefined) await buildNative({ variant: 'sim', quiet: true });

const program = given ?? path.join(root, 'out/native/sim-build/tests/expressions_tests');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-expressions-'));
const cases = path.join(folder, 'cases.jsonl');

it('the table of case mappings is that of the running Node', () => {
  const source = fs.readFileSync(path.join(root, 'native/exec/case_table.cc'), 'utf8');
  const numbers = (part: string): number[][] =>
    [...part.matchAll(/\{(0x[0-9a-f]+), (\d+), (\d+), (-?\d+)\}/g)].map((m) => m.slice(1).map(Number));
  const [, upper, lower] = source.split('constexpr CaseRun');
  expect(numbers(upper!)).toEqual(caseRuns(true));
  expect(numbers(lower!)).toEqual(caseRuns(false));
});

describe.skipIf(skipReason)('host-cudf, not a GPU', () => {
  beforeAll(() => {
    fs.writeFileSync(cases, [...caseLines()].join('\n'));
  }, 300_000);
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  it('has a row for every elementwise function of the registry', () => {
    const { stdout } = spawnSync(program, ['--functions'], { encoding: 'utf8' });
    const wanted = Object.entries(FUNCTIONS).flatMap(([name, row]) => (row.kind === 'elementwise' ? [name] : []));
    expect(stdout.trim().split('\n').sort()).toEqual(wanted.sort());
  });

  it.each(['1', '2'])('gives the rows of the CPU engine, with seed %s', { timeout: 600_000 }, (seed) => {
    const { status, stdout, stderr } = spawnSync(program, [cases], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, HOSTCUDF_SEED: seed },
    });
    expect(status, `${stdout}${stderr}`.slice(0, 20_000)).toBe(0);
  });
});
