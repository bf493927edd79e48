// What a user of a GPU package installs: main and variant package packed, installed in an empty folder with and without a
// compiler on the path. Here, without a GPU, the addon is found and says what it misses, and plans fall back by their mode.
// A build takes minutes: what is not built from these sources is skipped by name, or built where
// WARPFRAME_TEST_CUDA_BUILDS is set.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// @ts-ignore: a build script
import { buildNative, whyNoBuild, whyNotBuilt } from '../../scripts/build-native.mjs';
// @ts-ignore: a build script
import { prebuild } from '../../scripts/prebuild-native.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const asked = process.env['WARPFRAME_TEST_CUDA_BUILDS'] !== undefined;
const VARIANTS = ['cuda13', 'cuda12'] as const;
const index = path.join(root, 'dist/cli/run.js');
const hasGpu = fs.existsSync('/dev/nvidiactl');
const npmCli = fs.realpathSync(
  spawnSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).stdout.trim() || process.execPath,
);
function whyNot(variant: string): string | undefined {
  if (!fs.existsSync(index)) return 'dist is not built: run npm run build';
  if (hasGpu) return 'there is a GPU: this test is about machines without one';
  if (!npmCli.endsWith('.js')) return 'npm was not found';
  return asked ? whyNoBuild(variant) : whyNotBuilt(variant);
}

const APP = `
import { fromColumns } from 'warpframe';
const warnings = [];
process.on('warning', (w) => warnings.push(w.message));
const df = fromColumns({ x: [1, 2, 3] }).filter((c) => c.x.gt(1));
const out = {};
for (const options of [{}, ...['error', 'cpu', 'degraded'].map((fallback) => ({ engine: 'cuda', fallback }))])
  try {
    out[options.fallback ?? 'auto'] = { rows: (await df.collect(options)).toRecords() };
  } catch (e) {
    out[options.fallback ?? 'auto'] = { code: e.code, message: e.message };
  }
await new Promise((resolve) => setImmediate(resolve));
console.log(JSON.stringify({ ...out, warnings }));
`;

describe.each(VARIANTS)('the package of %s', (variant) => {
  const why = whyNot(variant);
  if (why !== undefined) console.warn(`the package test of ${variant} is skipped: ${why}`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `warpframe-${variant}-`));
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
  /** Only Node and a shell: nothing that could compile. */
  const bare = path.join(folder, 'bin');
  const outside = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(WARPFRAME_|CUDA_|CONDA_|VIRTUAL_ENV|LD_LIBRARY_PATH|npm_)/.test(name),
    ),
  );
  const npm = (args: string[], cwd: string, env: NodeJS.ProcessEnv = outside): string =>
    execFileSync(process.execPath, [npmCli, ...args], {
      cwd,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  let name = '';
  let files: { path: string; size: number }[] = [];
  const packed: Record<string, string> = {};

  beforeAll(async () => {
    if (why !== undefined) return;
    if (asked) await buildNative({ variant, quiet: true });
    fs.mkdirSync(bare);
    fs.symlinkSync(process.execPath, path.join(bare, 'node'));
    fs.symlinkSync('/bin/sh', path.join(bare, 'sh'));
    const contents: string = await prebuild(variant);
    name = `@warpframe/${path.basename(contents)}`;
    for (const [key, cwd] of [
      ['main', root],
      ['variant', contents],
    ] as const) {
      const [made] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], cwd));
      packed[key] = path.join(folder, made.filename);
      if (key === 'variant') files = made.files;
    }
  }, 3_600_000);

  test.skipIf(why !== undefined)(
    'has the addon, the engine library, and nothing that runs when it is installed',
    () => {
      const names = files.map((f) => f.path).sort();
      expect(names.filter((n) => !n.startsWith('prebuilds/'))).toEqual([
        ...['LICENSE', 'README.md', 'engine/libwarpframe_cudf.so', 'index.cjs', 'package.json'],
      ]);
      expect(names.filter((n) => n.startsWith('prebuilds/'))).toEqual([
        expect.stringMatching(/^prebuilds\/[\w-]+\/[\w.-]+\.node$/),
      ]);
      const manifest = JSON.parse(
        fs.readFileSync(path.join(root, 'out/npm', path.basename(name), 'package.json'), 'utf8'),
      );
      expect(manifest).toMatchObject({ name, os: [process.platform], cpu: [process.arch] });
      expect(manifest.version).toBe(JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version);
      expect(manifest.scripts).toBeUndefined();
      expect(Object.keys(manifest.dependencies)).toEqual(['node-gyp-build']);
      const total = files.reduce((sum, f) => sum + f.size, 0);
      expect(total).toBeGreaterThan(1e6);
      expect(total).toBeLessThan(4e7);
    },
  );

  test.skipIf(why !== undefined).each([
    ['with the compiler on the path', false],
    ['without a compiler', true],
  ])('installs %s, is found, and says what it misses', { timeout: 300_000 }, (_, isBare) => {
    const env = isBare ? { ...outside, PATH: bare } : outside;
    if (isBare) {
      const tools = spawnSync('sh', ['-c', 'command -v cc c++ gcc g++ clang cmake make python3'], {
        env,
        encoding: 'utf8',
      });
      expect(tools.stdout).toBe('');
    }
    const app = fs.mkdtempSync(path.join(folder, 'app-'));
    fs.writeFileSync(path.join(app, 'package.json'), '{"name":"app","private":true,"type":"module"}');
    fs.writeFileSync(path.join(app, 'app.mjs'), APP);
    const install = (file: string): string =>
      npm(['install', '--prefer-offline', '--no-audit', '--no-fund', file], app, env);
    const node = (...args: string[]): any =>
      JSON.parse(
        execFileSync(process.execPath, args, { cwd: app, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
      );
    const doctor = (): any => node('node_modules/warpframe/dist/cli/run.js', 'doctor', '--json').gpu;
    const rows = [{ x: 2 }, { x: 3 }];
    const falls = (reason: RegExp): void => {
      const out = node('app.mjs');
      expect(out.auto.rows).toEqual(rows);
      expect(out.cpu.rows).toEqual(rows);
      expect(out.degraded.rows).toEqual(rows);
      expect(out.error).toMatchObject({ code: 'ERR_UNSUPPORTED', message: expect.stringMatching(reason) });
      expect(out.warnings).toEqual([expect.stringMatching(reason)]);
    };

    install(packed['main']!);
    falls(/no addon with CUDA is installed \(npm install @warpframe\/[\w-]+-cuda13\)/);

    install(packed['variant']!);
    const own = doctor().addons.find((a: { candidate: string }) => a.candidate === name);
    expect(own).toMatchObject({ variant, absent: false });
    expect(own.path).toContain(path.join('node_modules', '@warpframe'));
    expect(own.device).toMatchObject({ usable: false, codeName: 'cudaErrorInsufficientDriver' });
    falls(/no NVIDIA driver is installed/);
  });
});
