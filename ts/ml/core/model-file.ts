// The model file: `WFMODEL1`, the header's length (u32, little-endian), the header (JSON), padding to 8 bytes, the arrays
// one behind the other (each padded to 8 bytes), and the SHA-256 of all before it. Reading runs no code and allocates no
// more than the file holds.
import { createHash } from 'node:crypto';
import type { JsonObject, NumberArray } from '../../backend/backend.ts';
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import type { FeatureMemory } from './features.ts';
import { type Fitted, labelsFromJson, labelsToJson } from './fitted.ts';

const MAGIC = Buffer.from('WFMODEL1', 'latin1');
const VERSION = 1;
const HASH_BYTES = 32;
/** Pipelines in pipelines beyond this are no model anyone made. */
const MAX_DEPTH = 32;

const ARRAYS = {
  Float64Array,
  Float32Array,
  Int32Array,
  Uint32Array,
  Int16Array,
  Uint16Array,
  Int8Array,
  Uint8Array,
  BigInt64Array,
  BigUint64Array,
} as const;

interface ArrayEntry {
  readonly dtype: keyof typeof ARRAYS;
  readonly length: number;
  readonly offset: number;
}
interface Header {
  readonly version: number;
  readonly model: FittedJson;
}
interface FittedJson {
  readonly estimator: string;
  readonly params: JsonObject;
  readonly memory: JsonObject;
  readonly json: JsonObject;
  readonly arrays: { readonly [name: string]: ArrayEntry };
  readonly classes?: { readonly field: JsonObject; readonly labels: { type: string; values: unknown[] } };
  readonly targetName: string | null;
  readonly models?: { readonly [name: string]: FittedJson };
}

const pad8 = (n: number): number => (n + 7) & ~7;

/** The bytes of a model file. */
export function writeModel(fitted: Fitted): Uint8Array {
  const parts: NumberArray[] = [];
  let offset = 0;
  const toJson = (f: Fitted): FittedJson => ({
    estimator: f.estimator,
    params: f.params,
    memory: f.memory as unknown as JsonObject,
    json: f.json,
    arrays: Object.fromEntries(
      Object.entries(f.arrays).map(([name, a]) => {
        const entry: ArrayEntry = { dtype: a.constructor.name as keyof typeof ARRAYS, length: a.length, offset };
        parts.push(a);
        offset += pad8(a.byteLength);
        return [name, entry];
      }),
    ),
    ...(f.classes
      ? {
          classes: { field: f.classes.field as unknown as JsonObject, labels: labelsToJson(f.classes.labels) as never },
        }
      : {}),
    targetName: f.targetName,
    ...(f.models ? { models: Object.fromEntries(Object.entries(f.models).map(([k, m]) => [k, toJson(m)])) } : {}),
  });
  const header = Buffer.from(JSON.stringify({ version: VERSION, model: toJson(fitted) } satisfies Header));
  const start = pad8(MAGIC.length + 4 + header.length);
  const bytes = Buffer.alloc(start + offset + HASH_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(header.length, MAGIC.length);
  header.copy(bytes, MAGIC.length + 4);
  let at = start;
  for (const part of parts) {
    Buffer.from(part.buffer as ArrayBuffer, part.byteOffset, part.byteLength).copy(bytes, at);
    at += pad8(part.byteLength);
  }
  createHash('sha256').update(bytes.subarray(0, at)).digest().copy(bytes, at);
  return bytes;
}

/** Whether bytes begin as a model file does. */
export const isModelFile = (bytes: Uint8Array): boolean => MAGIC.equals(bytes.subarray(0, MAGIC.length));

/**
 * Reads a model file. Whatever is wrong with it is a CorruptFileError, another version an UnsupportedError.
 *
 * @param path - for messages
 */
export function readModel(bytes: Uint8Array, path: string): Fitted {
  const file = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  const corrupt = (what: string, offset: number, cause?: unknown): CorruptFileError =>
    new CorruptFileError(
      `${path} is not a whole model file: ${what}. Save the model again.`,
      { path, offset },
      { cause },
    );
  if (!isModelFile(file)) throw corrupt('it does not begin as one', 0);
  if (file.length < MAGIC.length + 4 + HASH_BYTES) throw corrupt(`it ends at byte ${file.length}`, file.length);
  const headerBytes = file.readUInt32LE(MAGIC.length);
  const start = pad8(MAGIC.length + 4 + headerBytes);
  const end = file.length - HASH_BYTES;
  if (start > end) throw corrupt(`its header claims ${headerBytes} bytes`, MAGIC.length);
  const hash = createHash('sha256').update(file.subarray(0, end)).digest();
  if (!hash.equals(file.subarray(end))) throw corrupt('its checksum does not match', end);
  let header: Header;
  try {
    header = JSON.parse(file.toString('utf8', MAGIC.length + 4, MAGIC.length + 4 + headerBytes)) as Header;
  } catch (error) {
    throw corrupt('its header is not JSON', MAGIC.length + 4, error);
  }
  if (header?.version !== VERSION)
    throw new UnsupportedError(
      `${path} is a model file of version ${String(header?.version)}; this warpframe reads version ${VERSION}.`,
      { path, version: header?.version ?? null },
    );
  const array = (name: string, entry: ArrayEntry): NumberArray => {
    const type = Object.hasOwn(ARRAYS, entry?.dtype ?? '') ? ARRAYS[entry.dtype] : undefined;
    const { length, offset } = entry ?? {};
    const ok = type && Number.isSafeInteger(length) && length >= 0 && Number.isSafeInteger(offset) && offset >= 0;
    if (!ok || start + offset + length * type.BYTES_PER_ELEMENT > end)
      throw corrupt(`its array "${name}" claims ${length} values at ${offset}`, start);
    const from = start + offset;
    // A copy of its own: aligned, and the file's bytes may go.
    const own = new Uint8Array(file.subarray(from, from + length * type.BYTES_PER_ELEMENT));
    return new type(own.buffer);
  };
  const fromJson = (f: FittedJson, depth: number): Fitted => {
    const isObject = (v: unknown): boolean => typeof v === 'object' && v !== null && !Array.isArray(v);
    const fine =
      isObject(f) &&
      typeof f.estimator === 'string' &&
      [f.params, f.memory, f.json, f.arrays].every(isObject) &&
      Array.isArray((f.memory as unknown as FeatureMemory).features) &&
      (f.targetName === null || typeof f.targetName === 'string') &&
      (f.classes === undefined || (isObject(f.classes.field) && Array.isArray(f.classes.labels?.values))) &&
      (f.models === undefined || isObject(f.models)) &&
      depth < MAX_DEPTH;
    if (!fine) throw corrupt('its header lacks a part', MAGIC.length + 4);
    return {
      estimator: f.estimator,
      params: f.params,
      memory: f.memory as unknown as FeatureMemory,
      json: f.json,
      arrays: Object.fromEntries(Object.entries(f.arrays).map(([name, e]) => [name, array(name, e)])),
      ...(f.classes ? { classes: { field: f.classes.field as never, labels: labelsFromJson(f.classes.labels) } } : {}),
      targetName: f.targetName,
      ...(f.models
        ? { models: Object.fromEntries(Object.entries(f.models).map(([k, m]) => [k, fromJson(m, depth + 1)])) }
        : {}),
    };
  };
  return fromJson(header.model, 0);
}
