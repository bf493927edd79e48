// What a user installs: the packed package alone says why there is no native engine; with the platform package it trains.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
// @ts-ignore: a build script
import { prebuildCpu } from '../../scripts/prebuild-native.mjs';
import { root, skipReason } from './support.ts';

const built = fs.existsSync(path.join(root, 'dist/native/xgboost.js'));
const skip = skipReason !== undefined || !built;
if (skipReason === undefined && !built)
  console.warn('the package test is skipped: dist is not built, run npm run build');

const APP = `
import { pathToFileURL } from 'node:url';
const { openXgboost, xgboostStatus } = await import(pathToFileURL(process.argv[2]).href);
const status = await xgboostStatus();
let error, rmse;
try {
  const engine = await openXgboost();
  const x = Float64Array.from({ length: 100 }, (_, i) => i % 10);
  const data = { columns: [{ values: x }], label: x.map((v) => v * v) };
  const training = await engine.train({ params: { objective: 'reg:squarederror', eta: 1 }, train: data, evals: [data] });
  for (let i = 0; i < 10; i++) rmse = (await training.step())[0].value;
  (await training.finish()).dispose();
} catch (e) {
  error = { code: e.code, message: e.message, rejected: e.detail.rejected };
}
console.log(JSON.stringify({ status, error, rmse }));
`;

describe.skipIf(skip)('installed from packed files', () => {
  test('with and without the platform package', { timeout: 180_000 }, async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-native-'));
    try {
      const platform = path.basename(await prebuildCpu());
      const npm = (args: string[], cwd: string): string =>
        execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      const pack = (cwd: string): string =>
        path.join(
          folder,
          JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], cwd))[0].filename,
        );
      fs.writeFileSync(path.join(folder, 'package.json'), '{"name":"app","private":true,"type":"module"}');
      fs.writeFileSync(path.join(folder, 'app.mjs'), APP);
      const install = (file: string): string =>
        npm(['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', file], folder);
      const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WARPFRAME_')));
      const run = () =>
        JSON.parse(
          execFileSync(process.execPath, ['app.mjs', 'node_modules/warpframe/dist/native/xgboost.js'], {
            cwd: folder,
            encoding: 'utf8',
            env,
          }),
        );

      install(pack(root));
      const alone = run();
      expect(alone.status).toMatchObject({ available: false });
      expect(alone.error.code).toBe('ERR_MISSING_DEPENDENCY');
      expect(alone.error.message).toContain(`npm install @warpframe/${platform}`);
      expect(alone.error.rejected.map((r: { candidate: string }) => r.candidate)).toEqual([
        'local build',
        `@warpframe/${platform}`,
      ]);

      install(pack(path.join(root, 'out/npm', platform)));
      const both = run();
      expect(both.error).toBeUndefined();
      expect(both.status).toMatchObject({ available: true, version: '3.4.1' });
      expect(both.status.library).toContain(path.join('node_modules', '@warpframe', platform));
      expect(both.rmse).toBeLessThan(0.1);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});
