// The bytes of a model file as a document: JSON or UBJSON, told apart by their beginning.
import { CorruptFileError } from '../../../errors.ts';
import { decodeUbjson } from './ubjson.ts';

/** XGBoost writes NaN and infinities bare, which JSON does not have. Texts are matched whole, so that none is changed. */
const BARE = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity|inf|nan)\b/g;

/** True where the bytes begin like a model that XGBoost wrote. */
export function looksLikeXgboost(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 64)).toString('latin1').trimStart();
  return head.startsWith('{') && /learner|version|Config/.test(head);
}

/** Reads JSON or UBJSON. */
export function parseDocument(bytes: Uint8Array, path: string): unknown {
  const start = bytes.findIndex((b) => b !== 0x20 && b !== 0x0a && b !== 0x0d && b !== 0x09);
  if (start < 0 || bytes[start] !== 0x7b)
    throw new CorruptFileError(`${path} is not an XGBoost model: it begins neither as JSON nor as UBJSON.`, {
      path,
      offset: Math.max(0, start),
    });
  const next = bytes[start + 1];
  // A JSON object goes on with a key or blanks, a UBJSON one with the type of a length.
  const isJson = next === 0x22 || next === 0x7d || next === 0x20 || next === 0x0a || next === 0x0d || next === 0x09;
  if (!isJson) return decodeUbjson(start === 0 ? bytes : bytes.subarray(start), path);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CorruptFileError(
      `${path} is not an XGBoost model: its text is not UTF-8.`,
      { path, offset: 0 },
      { cause },
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    try {
      return JSON.parse(text.replace(BARE, (m) => (m.startsWith('"') ? m : quoted(m))));
    } catch {
      throw new CorruptFileError(
        `${path} is not an XGBoost model: ${(cause as Error).message}.`,
        { path, offset: 0 },
        { cause },
      );
    }
  }
}

const quoted = (m: string): string => {
  const sign = m.startsWith('-') ? '-' : '';
  return /nan/i.test(m) ? '"NaN"' : `"${sign}Infinity"`;
};
