// For `node --import`: TypeScript as the package is built, one file at a time. tsx keeps the names of functions by a call
// for each one that is made, which nobody who installs the package pays: a third of a query of 1,000 rows.
import fs from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { typesAway } from '../scripts/types-away.mjs';

if (isMainThread) register(import.meta.url);

export async function load(url, context, next) {
  // Import attributes are newer than the JavaScript that sources become.
  if (url.endsWith('.json')) return next(url, { ...context, importAttributes: { type: 'json' } });
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const file = fileURLToPath(url);
  const { code } = await typesAway.transform(await fs.readFile(file, 'utf8'), file);
  return { format: 'module', source: code, shortCircuit: true };
}
