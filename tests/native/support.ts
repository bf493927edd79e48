// The addon and libxgboost for tests: built and fetched once, or the reason why they cannot be here.
import crypto from 'node:crypto';
import path from 'node:path';
// @ts-ignore: a build script
import { buildNative, placeXgboost, whyNoBuild } from '../../scripts/build-native.mjs';
// @ts-ignore: a build script
import { whyNoXgboost } from '../../scripts/fetch-xgboost.mjs';

const why: string | undefined = whyNoBuild() ?? whyNoXgboost();

/** Why tests of the native engine are skipped, or undefined when it is built and in place. */
export const skipReason: string | undefined = why === undefined ? undefined : `no native engine here: ${why}`;
if (skipReason !== undefined) console.warn(`tests of the native engine are skipped: ${skipReason}`);

export const addonFile: string = skipReason === undefined ? (await buildNative({ quiet: true })).file : '';
export const libraryFile: string = skipReason === undefined ? await placeXgboost() : '';

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
