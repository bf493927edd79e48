// The fixture engine library (native/tests/fixture_engine), compiled once, and a backend over it: it gives rows back as
// they came and computes nothing.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { CudaBackend } from '../../ts/backend/cuda/cuda-backend.ts';
import { invoke, type NativeAddon } from '../../ts/native/addon.ts';
import { addonFile, root, skipReason } from './support.ts';

const source = path.join(root, 'native/tests/fixture_engine/engine.c');
export const engineFile: string = skipReason === undefined ? compiled() : '';

function compiled(): string {
  const file = path.join(root, 'out/native', `fixture-engine-${process.pid}.so`);
  const flags = ['-shared', '-fPIC', '-O1', '-g', '-Wall', '-Wextra', '-Wno-sign-compare', '-Werror'];
  const run = spawnSync('cc', [...flags, '-o', file, source], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  process.on('exit', () => fs.rmSync(file, { force: true }));
  return file;
}

/** A backend over the fixture. */
export async function fixtureBackend(
  uploadBytes?: number,
): Promise<{ backend: CudaBackend; addon: NativeAddon; engine: number }> {
  const { createRequire } = await import('node:module');
  const addon = createRequire(import.meta.url)(addonFile) as NativeAddon;
  const opened = await invoke<{ engine: number; description: string }>(addon, 'engine.open', {
    libraries: [],
    path: engineFile,
    options: '{}',
  });
  const device = {
    usable: true,
    host: true,
    code: 0,
    codeName: '',
    driver: null,
    runtime: null,
    devices: [],
    reason: null,
    fix: null,
  };
  const description = JSON.parse(opened.description) as never;
  const gpu = { addon, addonPath: addonFile, variant: 'none', device, library: engineFile, needed: [], description };
  return { backend: new CudaBackend(gpu, opened, 0, uploadBytes), addon, engine: opened.engine };
}
