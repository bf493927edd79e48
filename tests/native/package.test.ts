// What a user installs: the packed package alone says why there is no native engine; with the platform package it trains.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
// @ts-ignore: a build script
import { prebuildCpu } from '../../scripts/prebuild-native.mjs';
import { root, skipReason } from './support.ts';

const index = path.join(root, 'dist/ml/index.js');
const built = fs.existsSync(index) && fs.readFileSync(index, 'utf8').includes('xgboostStatus');
const skip = skipReason !== undefined || !built;
if (skipReason === undefined && !built)
  console.warn('the package test is skipped: dist is not built or old, run npm run build');

const APP = `
import { fromColumns } from 'warpframe';
import { XgbRegressor, xgboostStatus } from 'warpframe/ml';
const df = fromColumns({ x: Float64Array.from({ length: 100 }, (_, i) => i % 10), y: Float64Array.from({ length: 100 }, (_, i) => (i % 10) ** 2) });
const out = { status: await xgboostStatus(), engines: {} };
for (const engine of ['auto', 'libxgboost'])
  try {
    const model = await new XgbRegressor({ engine, nEstimators: 10, learningRate: 1, randomState: 1 }).fit(df, 'y');
    out.engines[engine] = model.engine;
    out.predicted = [...await model.predict(fromColumns({ x: [3, 9] }))];
  } catch (e) {
    out.error = { code: e.code, message: e.message, rejected: e.detail.rejected };
  }
console.log(JSON.stringify(out));
`;

describe.skipIf(skip)('installed from packed files', () => {
  test('with and without the platform package', async () => {
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
      const run = () => JSON.parse(execFileSync(process.execPath, ['app.mjs'], { cwd: folder, encoding: 'utf8', env }));

      install(pack(root));
      const alone = run();
      expect(alone.status).toMatchObject({ available: false });
      expect(alone.engines).toEqual({ auto: 'wasm' });
      expect(alone.error.code).toBe('ERR_MISSING_DEPENDENCY');
      expect(alone.error.message).toContain(`npm install @warpframe/${platform}`);
      expect(alone.error.rejected).toMatchObject([
        { candidate: 'local build', absent: true },
        { candidate: `@warpframe/${platform}`, absent: true },
      ]);

      install(pack(path.join(root, 'out/npm', platform)));
      const both = run();
      expect(both.error).toBeUndefined();
      expect(both.status).toMatchObject({ available: true, version: '3.4.1' });
      expect(both.status.library).toContain(path.join('node_modules', '@warpframe', platform));
      expect(both.engines).toEqual({ auto: 'libxgboost', libxgboost: 'libxgboost' });
      expect(both.predicted[0]).toBeCloseTo(9, 0);
      expect(both.predicted[1]).toBeCloseTo(81, 0);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});
