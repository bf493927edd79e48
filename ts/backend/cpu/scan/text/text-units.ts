// Text files cut into units at line ends, so that several threads can read them. A line end within quotes is not the end
// of a row: the guess is checked by the unit before it, which then ends with an open quote and fails; the query is run
// again with the file as one unit.
import type { TextSettings } from '../../../../source/text-options.ts';
import type { SyncBytes } from '../../context.ts';
import { isPlainText } from './text-stream.ts';

const LF = 10;
const CR = 13;
const LOOK_BYTES = 64 * 1024;
/** A file of a few pieces has smaller ones, so that threads end at about the same time. */
const PIECES = 32;
const LEAST_PIECE_BYTES = 1 << 20;
const LEAST_FILE_BYTES = 8 << 20;

/** Where each unit starts is only looked up when it is read. */
export interface TextUnits {
  readonly count: number;
  /** The bytes of one unit. */
  range(unit: number): { readonly start: number; readonly end: number };
}

/** Says whether rows may begin at an offset of the bytes. */
export type MayBegin = (bytes: Uint8Array, at: number) => boolean;

/** Cuts a file into units of at most about `mostBytes`; null when it must be read from its start. */
export function textUnits(
  bytes: SyncBytes,
  settings: TextSettings,
  mostBytes: number | null | undefined,
  mayBegin: MayBegin = () => true,
): TextUnits | null {
  if (!mostBytes || bytes.sizeBytes < Math.min(2 * mostBytes, LEAST_FILE_BYTES)) return null;
  if (!isPlainText(bytes, settings)) return null;
  const pieceBytes = Math.min(mostBytes, Math.max(LEAST_PIECE_BYTES, Math.floor(bytes.sizeBytes / PIECES)));
  const count = Math.floor(bytes.sizeBytes / pieceBytes);
  const starts = new Map<number, number>([
    [0, 0],
    [count, bytes.sizeBytes],
  ]);
  const startOf = (unit: number): number => {
    let start = starts.get(unit);
    if (start === undefined) {
      start = lineStart(bytes, unit * pieceBytes, mayBegin);
      starts.set(unit, start);
    }
    return start;
  };
  return { count, range: (unit) => ({ start: startOf(unit), end: startOf(unit + 1) }) };
}

/** The first position from `from` on where a row may begin, or the end of the file. */
function lineStart(bytes: SyncBytes, from: number, mayBegin: MayBegin): number {
  for (let at = from - 1; at < bytes.sizeBytes; ) {
    const text = bytes.read(at, LOOK_BYTES);
    if (text.length === 0) break;
    let lineEnd = text.indexOf(LF);
    // Of several line ends the first that looks like one is taken.
    while (lineEnd >= 0 && lineEnd + 1 < text.length && !mayBegin(text, lineEnd + 1))
      lineEnd = text.indexOf(LF, lineEnd + 1);
    if (lineEnd >= 0) return Math.min(at + lineEnd + 1, bytes.sizeBytes);
    at += text.length;
  }
  return bytes.sizeBytes;
}

const SAMPLES = 16;
const SAMPLE_BYTES = 8 * 1024;
/** The samples may have found longer lines than there are. */
const SPARE_LINES = 1.25;

/** The most lines that a file has, roughly: from samples all over it. */
export function mostLines(bytes: SyncBytes): number {
  const { sizeBytes } = bytes;
  const step = Math.max(SAMPLE_BYTES, Math.floor(sizeBytes / SAMPLES));
  let lines = 0;
  let carriages = 0;
  let seen = 0;
  for (let at = 0; at < sizeBytes; at += step) {
    const text = bytes.read(at, Math.min(SAMPLE_BYTES, sizeBytes - at));
    for (const c of text) {
      if (c === LF) lines++;
      else if (c === CR) carriages++;
    }
    seen += text.length;
  }
  return Math.ceil(((lines || carriages) / Math.max(seen, 1)) * sizeBytes * SPARE_LINES) + SAMPLE_BYTES;
}

/** A part of a file as bytes of its own. Positions in messages are wrong: a query that fails is run again on the whole. */
export function partOf(bytes: SyncBytes, start: number, end: number): SyncBytes {
  return {
    name: bytes.name,
    sizeBytes: end - start,
    readInto: (to, at, length) => bytes.readInto(to, start + at, length),
    read: (at, length) => bytes.read(start + at, Math.max(0, Math.min(length, end - start - at))),
    close() {},
  };
}
