// Class labels as codes: 0, 1, … in the order of the sorted classes.
import { DTypeError, MissingValuesError, ParameterError } from '../../../errors.ts';
import type { Label } from '../../core/target.ts';
import { STEP_ROWS, type Steps } from './steps.ts';

/** Labels that can be read in pieces. */
export interface LabelSource {
  /** What messages call it: `yTrue of accuracyScore`, or the column's name. */
  readonly name: string;
  readonly length: number;
  /** Set where the values are the distinct ones of a column: their numbers are no row numbers. */
  readonly distinct?: boolean;
  /** Values from row `start` on, at least up to row `end`; the first is at index 0. */
  read(start: number, end: number): ArrayLike<unknown>;
}

/** Labels of several sources under one numbering. */
export interface EncodedLabels {
  /** The distinct labels, sorted: numbers by value, text by code points, false before true. */
  readonly classes: readonly Label[];
  /** Codes of each source, shape (nSamples). */
  readonly codes: readonly Int32Array[];
}

/** Labels numbered between two yields. */
const PIECE = STEP_ROWS >> 1;
/** Whole numbers below this are looked up in a table instead of a map. */
const SMALL = 1024;

type Kind = 'string' | 'number' | 'bigint' | 'boolean';

interface Numbering {
  readonly map: Map<unknown, number>;
  readonly small: Int32Array;
  /** Room for the numbers of one piece. */
  readonly numbers: Float64Array;
  readonly labels: Label[];
  readonly kinds: Map<Kind, string>;
}

/**
 * Numbers the labels of all sources together. Numbers and bigints are one kind.
 *
 * @throws {ERR_MISSING_VALUES} null, undefined or NaN
 * @throws {ERR_DTYPE} labels of different kinds, or values that are no labels
 * @throws {ERR_PARAMETER} numbers with a fraction
 */
export function* encodeLabels(sources: readonly LabelSource[]): Steps<EncodedLabels> {
  const numbering: Numbering = {
    map: new Map(),
    small: new Int32Array(SMALL).fill(-1),
    numbers: new Float64Array(PIECE),
    labels: [],
    kinds: new Map(),
  };
  const codes: Int32Array[] = [];
  for (const source of sources) {
    const out = new Int32Array(source.length);
    for (let start = 0; start < source.length; start += PIECE) {
      const end = Math.min(source.length, start + PIECE);
      encodeRange(source, source.read(start, end), start, end, numbering, out);
      yield;
    }
    codes.push(out);
  }
  const { labels, order } = sorted(numbering.labels, numbering.kinds);
  const positions = new Int32Array(order.length);
  order.forEach((from, to) => {
    positions[from] = to;
  });
  if (order.some((from, to) => from !== to)) {
    for (const out of codes) {
      for (let start = 0; start < out.length; start += STEP_ROWS) {
        const end = Math.min(out.length, start + STEP_ROWS);
        for (let i = start; i < end; i++) out[i] = positions[out[i] as number] as number;
        yield;
      }
    }
  }
  return { classes: labels, codes };
}

function encodeRange(
  source: LabelSource,
  values: ArrayLike<unknown>,
  start: number,
  end: number,
  numbering: Numbering,
  out: Int32Array,
): void {
  if (ArrayBuffer.isView(values) && !(values instanceof BigInt64Array) && !(values instanceof BigUint64Array)) {
    // One loop over one kind of array: it stays fast whatever arrays were read before.
    const numbers = numbering.numbers.subarray(0, end - start);
    numbers.set(values as unknown as Float64Array);
    encodeNumbers(source, numbers, start, numbering, out);
    return;
  }
  const { map } = numbering;
  for (let i = start; i < end; i++) {
    const v = values[i - start];
    out[i] = map.get(v) ?? numberOf(source, v, i, numbering);
  }
}

function encodeNumbers(
  source: LabelSource,
  values: Float64Array,
  start: number,
  numbering: Numbering,
  out: Int32Array,
): void {
  const { map, small } = numbering;
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    const k = v | 0;
    if (k === v && k >= 0 && k < SMALL) {
      const known = small[k] as number;
      out[start + i] = known >= 0 ? known : (small[k] = numberOf(source, k, start + i, numbering));
    } else out[start + i] = map.get(v) ?? numberOf(source, v, start + i, numbering);
  }
}

/** The number of a label met for the first time, checked. */
function numberOf(source: LabelSource, value: unknown, row: number, numbering: Numbering): number {
  const label = checkLabel(value, source.name, source.distinct ? null : row);
  const kind = typeof label as Kind;
  if (!numbering.kinds.has(kind)) numbering.kinds.set(kind, source.name);
  // 1 and 1n are the same class; a bigint stays one when no number needs it otherwise.
  const twin = kind === 'bigint' ? Number(label) : kind === 'number' ? BigInt(label) : undefined;
  const known =
    numbering.map.get(label) ??
    (twin === undefined || BigInt(twin) !== BigInt(label) ? undefined : numbering.map.get(twin));
  const number = known ?? numbering.labels.push(label) - 1;
  numbering.map.set(label, number);
  return number;
}

/** The value as a label, or the error that says why it is none; `row` is null where it is not known. */
export function checkLabel(value: unknown, name: string, row: number | null): Label {
  const place = row === null ? 'there' : `row ${row}`;
  const detail = { column: name, ...(row === null ? {} : { row }) };
  if (value === null || value === undefined || Number.isNaN(value)) {
    const what = Number.isNaN(value) ? 'NaN' : 'null';
    throw new MissingValuesError(`Expected labels in ${name} but ${place} is ${what}. Filter those rows first.`, {
      column: name,
      nulls: what === 'null' ? 1 : 0,
      nans: what === 'NaN' ? 1 : 0,
      infinities: 0,
    });
  }
  if (typeof value === 'number') {
    if (Number.isInteger(value)) return value;
    throw new ParameterError(
      `Expected classes in ${name} but ${place} is ${value}, which is no whole number. Use a regression metric, or bin the values first.`,
      detail,
    );
  }
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  throw new DTypeError(
    `Expected labels (text, whole numbers, bigint or boolean) in ${name} but ${place} is a value of type ${typeof value}.`,
    detail,
  );
}

/** The labels in order, and which of the given ones stands at each place. */
function sorted(
  labels: readonly Label[],
  kinds: ReadonlyMap<Kind, string>,
): { labels: Label[]; order: readonly number[] } {
  const found = [...kinds.keys()];
  const numeric = found.every((k) => k === 'number' || k === 'bigint');
  if (found.length > 1 && !numeric) {
    const texts = found.map((k) => `${kinds.get(k)} has ${k === 'string' ? 'text' : k}`);
    throw new DTypeError(`Expected labels of one kind but ${texts.join(' and ')}. Cast one of them first.`, {
      kinds: found,
    });
  }
  const mixed = numeric && found.length === 2;
  const plain = mixed ? labels.map(asNumber) : [...labels];
  const order = plain.map((_, i) => i).sort((a, b) => compareLabels(plain[a] as Label, plain[b] as Label));
  return { labels: order.map((i) => plain[i] as Label), order };
}

function asNumber(label: Label): Label {
  if (typeof label !== 'bigint') return label;
  if (label >= -9007199254740991n && label <= 9007199254740991n) return Number(label);
  throw new DTypeError(`Cannot compare the label ${label} with numbers: it is past 2^53 − 1. Cast both to Int64.`, {});
}

/** Orders labels of one kind. Text goes by code points, as UTF-8 bytes do. */
export function compareLabels(a: Label, b: Label): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // UTF-16 puts surrogates below U+E000 although they stand for higher code points.
    const high = (c: number): number => (c >= 0xe000 ? c - 0x800 : c >= 0xd800 ? c + 0x2000 : c);
    return high(x) - high(y);
  }
  return a.length - b.length;
}

/** The place of a label among classes, or −1. Numbers and bigints of one value are the same. */
export function codeOfLabel(classes: readonly Label[], label: Label): number {
  const numeric = (l: Label): boolean => typeof l === 'number' || typeof l === 'bigint';
  return classes.findIndex((c) => c === label || (numeric(c) && numeric(label) && String(c) === String(label)));
}

/** A label as messages show it. */
export const labelText = (label: Label): string => (typeof label === 'string' ? `'${label}'` : String(label));
