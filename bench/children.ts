// Measurements in processes of their own: a child is bundled once, without a loader that would count, and says what it took.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import esbuild from 'esbuild';

/** Bundles a program into out/bench; what it imports only for one engine is a file of its own. */
export async function bundleChild(entry: string): Promise<string> {
  const outdir = path.resolve('out/bench', path.basename(path.dirname(entry)));
  await esbuild.build({
    entryPoints: [entry],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
  return path.join(outdir, `${path.basename(entry, '.ts')}.mjs`);
}

/** Runs a child and gives what its last line says, or the reason why it has nothing to say. */
export function runChild<T>(program: string, args: readonly string[], threads: number): T | string {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    env: { ...process.env, POLARS_MAX_THREADS: String(threads) },
  });
  if (status === 0) return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
  return stderr.split('\n').find((l) => /error|panicked/i.test(l)) ?? `ended by ${signal ?? status}`;
}
