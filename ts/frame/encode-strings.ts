// Strings to UTF-8 columns: as codes into their distinct values where those are few, else all texts encoded at once.
import type { ArrowColumn } from '../backend/arrow.ts';

type Strings = ArrayLike<string | null | undefined>;

/** The parts of a string column besides its validity. */
export interface EncodedStrings {
  readonly offsets?: Int32Array;
  readonly values: Uint8Array | Int32Array;
  readonly dictionary?: ArrowColumn;
}

/** Rows looked at before deciding. */
const PROBE = 2048;
/** Most distinct values worth a dictionary. */
const MOST_DISTINCT = 65_536;

/** A column's text. `always` makes a dictionary however many distinct values there are. */
export function encodeStrings(values: Strings, always: boolean): EncodedStrings {
  return (always || fewDistinct(values) ? withDictionary(values, always) : null) ?? plain(values);
}

function fewDistinct(values: Strings): boolean {
  if (values.length < 256) return false;
  const seen = new Set<string>();
  const step = Math.max(1, Math.floor(values.length / PROBE));
  let looked = 0;
  for (let i = 0; i < values.length; i += step) {
    const v = values[i];
    if (v == null) continue;
    looked++;
    seen.add(v);
  }
  return seen.size * 4 < looked;
}

function withDictionary(values: Strings, always: boolean): EncodedStrings | null {
  const n = values.length;
  const limit = always ? Number.POSITIVE_INFINITY : MOST_DISTINCT;
  const codes = new Int32Array(n);
  const known = new Map<string, number>();
  for (let i = 0; i < n; i++) {
    const v = values[i];
    if (v == null) continue;
    let code = known.get(v);
    if (code === undefined) {
      code = known.size;
      if (code >= limit) return null;
      known.set(v, code);
    }
    codes[i] = code;
  }
  const distinct = known.size === 0 ? [''] : [...known.keys()];
  const dictionary: ArrowColumn = {
    type: Object.freeze({ dtype: 'Utf8' }),
    length: distinct.length,
    validity: null,
    ...plain(distinct),
  };
  return { values: codes, dictionary };
}

const encoder = new TextEncoder();
/** Texts joined and encoded at a time. */
const CHUNK = 8192;

function plain(values: Strings): { offsets: Int32Array; values: Uint8Array } {
  const n = values.length;
  const offsets = new Int32Array(n + 1);
  let bytes = new Uint8Array(Math.max(64, n * 16));
  let used = 0;
  for (let start = 0; start < n; start += CHUNK) {
    const end = Math.min(n, start + CHUNK);
    const parts = new Array<string>(end - start);
    for (let i = start; i < end; i++) parts[i - start] = values[i] ?? '';
    const text = parts.join('');
    // UTF-8 takes at most three bytes for a UTF-16 unit.
    if (used + text.length * 3 > bytes.length) bytes = grown(bytes, used, used + text.length * 3);
    const { written } = encoder.encodeInto(text, bytes.subarray(used));
    if (written === text.length) {
      let at = used;
      for (let i = start; i < end; i++) {
        at += (parts[i - start] as string).length;
        offsets[i + 1] = at;
      }
    } else {
      // Measured one by one; a lone surrogate is encoded as U+FFFD, three bytes either way. Surrogates that only meet
      // at a seam of the joined text would make four bytes of six: encode those chunks text by text.
      let at = used;
      for (let i = start; i < end; i++) {
        at += Buffer.byteLength(parts[i - start] as string, 'utf8');
        offsets[i + 1] = at;
      }
      if (at !== used + written) {
        at = used;
        for (let i = start; i < end; i++) {
          at += encoder.encodeInto(parts[i - start] as string, bytes.subarray(at)).written;
          offsets[i + 1] = at;
        }
        used = at;
        continue;
      }
    }
    used += written;
  }
  return { offsets, values: bytes.subarray(0, used) };
}

function grown(bytes: Uint8Array<ArrayBuffer>, used: number, atLeast: number): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(Math.max(bytes.length * 2, atLeast));
  next.set(bytes.subarray(0, used));
  return next;
}
