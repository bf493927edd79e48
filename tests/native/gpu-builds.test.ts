// The builds for GPUs as they would be shipped: what they need is exported by NVIDIA's libraries, they hold every kernel,
// and without a driver each says so. Nothing is compiled here: a build takes minutes, so one that is not there, or is of
// other sources, is skipped by name. Not a GPU run.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
// @ts-ignore: a build script
import { whyNotBuilt } from '../../scripts/build-native.mjs';
// @ts-ignore: a build script
import { toolchainSettings } from '../../scripts/toolchain.mjs';
import { invoke, type NativeAddon } from '../../ts/native/addon.ts';
import type { CudaMajor } from '../../ts/native/runtime-files.ts';
import { runtimeIn } from '../../ts/native/runtime-files.ts';
import { installedRuntime } from '../../ts/native/runtime-search.ts';

const root = path.resolve(import.meta.dirname, '../..');
const nm = (...args: string[]): string[] =>
  execFileSync('nm', ['-D', '--format=just-symbols', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 })
    .split('\n')
    .map((line) => line.replace(/@.*/, ''))
    .filter((line) => line !== '' && !line.endsWith(':'));
const kernels = fs
  .readdirSync(path.join(root, 'native/kernels'))
  .filter((name) => name.endsWith('.cu'))
  .flatMap((name) => [
    ...fs.readFileSync(path.join(root, 'native/kernels', name), 'utf8').matchAll(/^WF_KERNEL\((\w+)/gm),
  ])
  .map((match) => match[1]!);
const hasGpu = fs.existsSync('/dev/nvidiactl');

describe.each([13, 12] as const)('the build for CUDA %i', (major: CudaMajor) => {
  const variant = `cuda${major}`;
  const why: string | undefined = whyNotBuilt(variant);
  if (why !== undefined) console.warn(`tests of the build for CUDA ${major} are skipped: ${why}`);
  const folder = path.join(root, 'out/native', variant);
  const library = path.join(folder, 'libwarpframe_cudf.so');
  const file = path.join(folder, 'warpframe.node');
  const addon = (): NativeAddon => createRequire(import.meta.url)(file) as NativeAddon;
  // The wheels of both CUDA versions export the same C++ symbols; those of 12 are taken where they are installed.
  const own = installedRuntime(major);
  const runtime = (): readonly string[] =>
    fs.existsSync(own)
      ? runtimeIn(own, major).libraries
      : runtimeIn(toolchainSettings(variant).WARPFRAME_SITE, 13).libraries;

  test.skipIf(why !== undefined)('needs nothing that NVIDIA’s libraries do not export', () => {
    const needed = nm('-u', library).filter((name) => /^_ZN?[KVRO]*(4cudf|3rmm)/.test(name));
    expect(needed.length).toBeGreaterThan(100);
    const exported = new Set(nm('--defined-only', ...runtime()));
    expect(needed.filter((name) => !exported.has(name))).toEqual([]);
  });

  test.skipIf(why !== undefined)(
    'exports one entry, names no path of this machine, never needs libcuda or cudart',
    () => {
      const named = nm('--defined-only', library).filter((name) => !/^(_Z.*|__bss_start|_edata|_end)$/.test(name));
      expect(named).toEqual(['warpframe_engine']);
      for (const each of [library, file]) {
        const dynamic = execFileSync('readelf', ['-d', each], { encoding: 'utf8' });
        expect(dynamic).not.toMatch(/R(UN)?PATH/);
        expect(dynamic).not.toMatch(/NEEDED.*(libcuda\.|libcudart|libnvrtc)/);
      }
    },
  );

  test.skipIf(why !== undefined)('holds every kernel, in the addon and in the engine library', () => {
    expect(kernels.length).toBeGreaterThan(10);
    for (const each of [library, file]) {
      const bytes = fs.readFileSync(each);
      expect(kernels.filter((name) => !bytes.includes(name))).toEqual([]);
    }
  });

  test.skipIf(why !== undefined || hasGpu)('says of a machine without a driver that there is none', async () => {
    const list = await invoke<{ device: string | null; why: string; names: string[] }>(addon(), 'kernels.list', {});
    expect(list).toMatchObject({ device: null, simulated: false });
    expect(list.why).toMatch(/cudaErrorInsufficientDriver/);
    expect(list.names).toHaveLength(11);
    const call = { name: 'philox.uniform', params: JSON.stringify({ seed: 1, count: 4 }) };
    await expect(invoke(addon(), 'kernels.run', call)).rejects.toMatchObject({
      code: 'ERR_DEVICE',
      message: expect.stringContaining('cudaErrorInsufficientDriver'),
    });
  });

  const opens = why === undefined && !hasGpu && (major === 13 || fs.existsSync(own));
  if (why === undefined && !opens && !hasGpu)
    console.warn(`the engine library for CUDA ${major} is not opened: there is no libcudf of CUDA ${major} (${own})`);
  test.skipIf(!opens)('opens over NVIDIA’s libraries, and refuses a device by a typed error', async () => {
    // A process has room for one engine library of that name.
    const program = `
      const addon = require(${JSON.stringify(file)});
      const libraries = ${JSON.stringify(runtime())};
      const path = ${JSON.stringify(library)};
      (async () => {
        const described = JSON.parse(await addon.invoke('engine.check', { libraries, path }));
        const options = JSON.stringify({ deviceId: 0 });
        const error = await addon.invoke('engine.open', { libraries, path, deviceId: 0, options }).catch((e) => e);
        console.log(JSON.stringify({ described, code: error.code, message: error.message }));
      })();`;
    const out = JSON.parse(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }));
    expect(out.described).toMatchObject({ library: 'libcudf', host: false });
    expect(out.described.kernels).toHaveLength(11);
    expect(out).toMatchObject({ code: 'ERR_DEVICE', message: expect.stringMatching(/driver|InsufficientDriver/i) });
  });
});
