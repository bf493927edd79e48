// npm run build: kernels and engine thread embedded, then dist/ by tsc.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { buildEmbedded } from './build-embedded.mjs';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
await buildEmbedded();
fs.rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/lib/tsc.js', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
const cli = 'dist/cli/run.js';
if (fs.existsSync(cli)) fs.chmodSync(cli, 0o755);
