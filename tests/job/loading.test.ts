// Importing the package loads neither zod nor yaml nor vega nor any training: they are behind dynamic imports.
import esbuild from 'esbuild';
import { expect, test } from 'vitest';

/** Modules that are loaded as soon as an entry is, packages by name. */
async function loadedBy(entry: string): Promise<{ files: Set<string>; packages: Set<string> }> {
  const { metafile } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    write: false,
    metafile: true,
    outdir: 'out/loading',
    splitting: true,
    logLevel: 'error',
  });
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const { path, kind, external } of metafile.inputs[file]?.imports ?? []) {
      if (kind !== 'import-statement') continue;
      if (external) packages.add(path);
      else visit(path);
    }
  };
  visit(entry);
  return { files, packages };
}

test('the package loads what jobs need only when one runs', async () => {
  const { files, packages } = await loadedBy('ts/index.ts');
  expect([...packages].filter((p) => !p.startsWith('node:')).sort()).toEqual([]);
  const early = [...files].filter((f) => /^ts\/(ml|config|predict|report)\//.test(f));
  expect(early).toEqual([]);
  expect([...files].filter((f) => f.startsWith('ts/job/'))).toEqual(['ts/job/run-job.ts']);
});
test('prediction needs neither zod nor yaml', async () => {
  const { packages } = await loadedBy('ts/predict/index.ts');
  expect([...packages].filter((p) => !p.startsWith('node:')).sort()).toEqual([]);
});
test('the command line loads a command when it runs', async () => {
  const { packages } = await loadedBy('ts/cli/run.ts');
  expect([...packages].filter((p) => ['zod', 'yaml', 'vega'].includes(p))).toEqual([]);
});
