// The executor's very object files, linked with NVIDIA's own libraries: every symbol is exported by the wheels, the
// libraries open in the documented order on a machine without a GPU, and what needs one is a typed error. Not a GPU run.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
// @ts-ignore: a build script
import { buildNative, whyNoBuild } from '../../scripts/build-native.mjs';
// @ts-ignore: a build script
import { toolchainSettings } from '../../scripts/toolchain.mjs';
// @ts-ignore: a build script
import { withLock } from '../../scripts/with-lock.mjs';
import { invoke, type NativeAddon } from '../../ts/native/addon.ts';
import { runtimeIn } from '../../ts/native/runtime-files.ts';

const root = path.resolve(import.meta.dirname, '../..');
const skip: string | undefined = whyNoBuild('sim') ?? whyNoBuild('cuda13');
if (skip !== undefined) console.warn(`tests with NVIDIA's libraries are skipped: ${skip}`);
const build = path.join(root, 'out/native/sim-build');
const library = path.join(build, 'wheels/libwarpframe_cudf.so');
let addon = '';
if (skip === undefined) {
  await buildNative({ variant: 'sim', quiet: true });
  addon = (await buildNative({ variant: 'cuda13', engine: false, quiet: true })).file;
  // Linked with -z defs: a symbol that the wheels do not export fails here by name.
  await withLock(path.join(root, 'out/native/sim.lock'), () =>
    execFileSync('cmake', ['--build', build, '--target', 'warpframe_cudf_wheels'], { encoding: 'utf8' }),
  );
}

const nm = (...args: string[]): string[] =>
  execFileSync('nm', ['-D', '--format=just-symbols', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 })
    .split('\n')
    .map((line) => line.replace(/@.*/, ''))
    .filter((line) => line !== '' && !line.endsWith(':'));

describe.skipIf(skip !== undefined)("NVIDIA's libraries", () => {
  test('export every symbol of theirs that the engine library needs', () => {
    const needed = nm('-u', library).filter((name) => /^_ZN?[KVRO]*(4cudf|3rmm)/.test(name));
    expect(needed.length).toBeGreaterThan(100);
    const files = runtimeIn(toolchainSettings('cuda13').WARPFRAME_SITE, 13).libraries;
    const exported = new Set(nm('--defined-only', ...files));
    expect(needed.filter((name) => !exported.has(name))).toEqual([]);
  });
  test('the engine library exports its one entry, and names no path of this machine', () => {
    // Besides marks of the linker.
    const named = nm('--defined-only', library).filter((name) => !/^(_Z.*|__bss_start|_edata|_end)$/.test(name));
    expect(named).toEqual(['warpframe_engine']);
    expect(execFileSync('readelf', ['-d', library], { encoding: 'utf8' })).not.toMatch(/R(UN)?PATH/);
  });
  test('open in order; without a GPU the device is refused by a typed error', async () => {
    if (fs.existsSync('/dev/nvidiactl')) return;
    const { libraries } = runtimeIn(toolchainSettings('cuda13').WARPFRAME_SITE, 13);
    const loaded = createRequire(import.meta.url)(addon) as NativeAddon;
    const text = await invoke<string>(loaded, 'engine.check', { libraries, path: library });
    expect(JSON.parse(text)).toMatchObject({ library: 'libcudf' });
    expect(JSON.parse(text).host ?? false).toBe(false);
    const params = { libraries, path: library, deviceId: 0, options: JSON.stringify({ deviceId: 0 }) };
    await expect(invoke(loaded, 'engine.open', params)).rejects.toMatchObject({
      code: 'ERR_DEVICE',
      message: expect.stringMatching(/driver|cudaErrorInsufficientDriver/i),
    });
  });
});
