// The addon and libxgboost for tests: built and fetched once, or the reason why they cannot be here.
import crypto from 'node:crypto';
import path from 'node:path';
// @ts-ignore: a build script
import { buildNative, placeXgboost, whyNoBuild } from '../../scripts/build-native.mjs';
// @ts-ignore: a build script
import { whyNoXgboost } from '../../scripts/fetch-xgboost.mjs';

/** Where libxgboost is, or why it is not here: without a network it cannot be fetched, which only CI takes for a fault. */
async function place(): Promise<{ library: string; why?: string }> {
  const why = whyNoBuild() ?? whyNoXgboost();
  if (why !== undefined) return { library: '', why };
  try {
    return { library: await placeXgboost() };
  } catch (error) {
    if ((error as { code?: string }).code !== 'PYTHON_FAILED' || process.env['CI']) throw error;
    return { library: '', why: (error as Error).message };
  }
}
const placed = await place();

/** Why tests of the native engine are skipped, or undefined when it is built and in place. */
export const skipReason: string | undefined =
  placed.why === undefined ? undefined : `no native engine here: ${placed.why}`;
if (skipReason !== undefined) console.warn(`tests of the native engine are skipped: ${skipReason}`);

export const addonFile: string = skipReason === undefined ? (await buildNative({ quiet: true })).file : '';
export const libraryFile: string = placed.library;

export const root = path.resolve(import.meta.dirname, '../..');
export const fixture = (name: string): string => path.join(root, 'tests/fixtures/ml', name);
export const sha256 = (bytes: Uint8Array): string => crypto.createHash('sha256').update(bytes).digest('hex');
export const bytesOf = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** `n` elements in shared memory, as an engine's table has them. */
export function shared(values: ArrayLike<number>): Float64Array {
  const copy = new Float64Array(new SharedArrayBuffer(values.length * 8 + 64), 64, values.length);
  copy.set(values);
  return copy;
}
