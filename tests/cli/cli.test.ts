import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { main } from '../../ts/cli/main.ts';

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-cli-'));
  fs.writeFileSync(
    path.join(folder, 'sales-2024.csv'),
    'id,city,unit price,day\n1,Oslo,1.5,2024-01-02\n2,,2,2024-01-03\n',
  );
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await main(
    args,
    (t) => (out += t),
    (t) => (err += t),
  );
  return { code, out, err };
}

test('schema prints a declaration', async () => {
  const { code, out } = await run('schema', path.join(folder, 'sales-2024.csv'));
  expect(code).toBe(0);
  expect(out).toContain("import { Date32, Float64, Int64, nullable, Utf8 } from 'warpframe';");
  expect(out).toContain('export const sales2024Schema = {');
  expect(out).toMatch(/city: nullable\(Utf8\),\n {2}'unit price': nullable\(Float64\),\n {2}day: nullable\(Date32\),/);
});
test('the flights of the demo', async () => {
  const { out } = await run('schema', 'node_modules/vega-datasets/data/flights-3m.parquet', '--name', 'flights');
  expect(out).toContain('export const flights = {\n  date: ');
});
test('mistakes are one line and an exit code', async () => {
  expect(await run('schema', 'none.parquet')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/^ERR_FILE_NOT_FOUND: No file none\.parquet/),
  });
  expect(await run('schema', 'x.dat')).toMatchObject({ code: 1, err: expect.stringContaining('names no format') });
  expect(await run('schema', 'x.csv', '--wrong')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Usage: warpframe schema'),
  });
  expect(await run('schema')).toMatchObject({ code: 1, err: expect.stringContaining('Expected one file') });
  expect(await run('nope')).toMatchObject({ code: 2, err: expect.stringContaining('Unknown command "nope"') });
});
test('help and info', async () => {
  expect(await run('--help')).toMatchObject({ code: 0, out: expect.stringContaining('warpframe schema FILE') });
  expect((await run('info')).out).toMatch(
    /cpu {4}available: SIMD WebAssembly.*\nxgboost (available: libxgboost 3|not available, .*: local build: )/s,
  );
});
