// The host libcudf (native/sim/cudf) is what lets the GPU's executor run where there is no GPU. Its own programs run
// here: what it does by the documentation, and the mistakes with libcudf that it has to bring to light.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
// @ts-ignore: a build script
import { buildNative, whyNoBuild } from '../../scripts/build-native.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const skipReason: string | null | undefined = whyNoBuild('sim');
if (skipReason) console.warn(`tests of the host libcudf are skipped: ${skipReason}`);
else await buildNative({ variant: 'sim', quiet: true });

const programs = path.join(root, 'out/native/sim-build/tests');
const PLANTED = [
  'unstable-sort',
  'order-after-distinct',
  'order-after-groupby',
  'order-after-join',
  'which-duplicate',
  'value-of-invalid-scalar',
  'value-below-null',
  'missing-sync',
  'sentinel-of-left-join',
  'stale-view',
  'head-of-slice',
  'offset-of-mask',
  'wrong-stream',
  'freed-on-another-stream',
  'device-address-on-host',
  'longer-than-its-memory',
  'mask-means-nulls',
];
const SEEDS = ['1', '2', '3'];

function run(program: string, args: readonly string[], env: Record<string, string> = {}) {
  const file = path.join(programs, program);
  expect(fs.existsSync(file), `${file} was built`).toBe(true);
  const { status, signal, stdout, stderr } = spawnSync(file, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, signal, stdout, stderr };
}

describe.skipIf(skipReason)('host-cudf, not a GPU', () => {
  it.each(SEEDS)('does what libcudf documents, with seed %s', (seed) => {
    const { status, stdout, stderr } = run('host_tests', [], { HOSTCUDF_SEED: seed });
    expect(status, stdout + stderr).toBe(0);
  });

  it('does so without chaos', () => {
    const { status, stdout, stderr } = run('host_tests', [], { HOSTCUDF_CHAOS: '0' });
    expect(status, stdout + stderr).toBe(0);
  });

  it.each(PLANTED)('brings %s to light', (bug) => {
    for (const seed of SEEDS) {
      const right = run('planted_tests', ['right', bug], { HOSTCUDF_SEED: seed });
      expect(right.status, right.stderr).toBe(0);
      const wrong = run('planted_tests', ['wrong', bug], { HOSTCUDF_SEED: seed });
      expect(wrong.signal ?? wrong.status, 'the mistake passes').not.toBe(0);
    }
  });

  it('knows of no other planted mistake', () => {
    const { status, stdout } = run('planted_tests', []);
    expect(status, stdout).toBe(0);
    expect(stdout.match(/^noticed +(\S+):/gm)?.length).toBe(PLANTED.length);
  });
});
