// What the options of the text formats share: compression, encoding, checks with the errors users read.
import { ParameterError } from '../errors.ts';
import type { Schema } from '../schema/types.ts';
import { suggest } from '../util/suggest.ts';

/** How text is packed. Reading with `auto` looks at the first bytes; writing with `auto` at the end of the path. */
export type TextCompression = 'auto' | 'none' | 'gzip' | 'zstd';

/** Options as they travel in a plan: JSON. */
export type OptionValues = { readonly [name: string]: unknown };

/** Options that every text reader has. */
export interface TextReadOptions {
  /** Default `auto`: gzip and zstd are recognised by their first bytes. */
  compression?: TextCompression;
  /**
   * Default `utf8`: bytes that are not UTF-8 are an error. `utf8-lossy` puts U+FFFD in their place. Any other name that
   * `TextDecoder` knows (`utf-16le`, `windows-1252`, `shift_jis`) is converted while reading, which is slower.
   */
  encoding?: string;
  /** Rows looked at to find the dtypes. Default 10,000. */
  inferRows?: number;
  /**
   * What a later value does that breaks a dtype found from the first rows. `error` (default): the query fails and names
   * row, column and text. `widen`: the whole file is looked at when it is opened, so the dtypes fit every row.
   */
  onTypeMismatch?: 'error' | 'widen';
}

/** The same, checked and complete. `schema` is the declared one. */
export interface TextSettings {
  readonly compression: TextCompression;
  readonly encoding: string;
  readonly inferRows: number;
  readonly schema: Schema | null;
  /** Bytes of a block of text; tests make it small. */
  readonly blockBytes: number;
}

/** A checked view of one function's options. */
export class OptionReader {
  readonly #values: OptionValues;
  readonly #of: string;

  constructor(values: OptionValues, of: string, known: readonly string[]) {
    this.#values = values;
    this.#of = of;
    for (const name of Object.keys(values)) {
      if (known.includes(name) || values[name] === undefined) continue;
      const near = suggest(name, known);
      throw new ParameterError(
        `Option '${name}' is not known to ${of}.${near === null ? '' : ` Did you mean '${near}'?`} Options: ${known.filter((k) => k !== 'blockBytes').join(', ')}.`,
        { name, got: String(values[name]) },
      );
    }
  }

  #refuse(name: string, what: string): ParameterError {
    const got = this.#values[name];
    const text = typeof got === 'string' ? JSON.stringify(got) : Array.isArray(got) ? JSON.stringify(got) : String(got);
    return new ParameterError(`The '${name}' option of ${this.#of} must be ${what}. Got ${text}.`, { name, got: text });
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  /** A value that passes `test`, or the default. */
  value<T>(name: string, fallback: T, what: string, test: (v: unknown) => boolean): T {
    const v = this.#values[name];
    if (v === undefined) return fallback;
    if (!test(v)) throw this.#refuse(name, what);
    return v as T; // passed the caller's test
  }

  choice<T extends string>(name: string, fallback: T, choices: readonly T[]): T {
    const what = choices.map((c) => `'${c}'`).join(' or ');
    return this.value(name, fallback, what, (v) => choices.includes(v as T));
  }

  boolean(name: string, fallback: boolean): boolean {
    return this.value(name, fallback, 'true or false', (v) => typeof v === 'boolean');
  }

  text(name: string, fallback: string): string {
    return this.value(name, fallback, 'a string', (v) => typeof v === 'string');
  }

  texts(name: string): readonly string[] {
    return this.value(
      name,
      [],
      'an array of strings',
      (v) => Array.isArray(v) && v.every((t) => typeof t === 'string'),
    );
  }

  count(name: string, fallback: number, least = 0): number {
    return this.value(
      name,
      fallback,
      `an integer of at least ${least}`,
      (v) => typeof v === 'number' && Number.isInteger(v) && v >= least,
    );
  }

  /** One ASCII character that is no letter, digit or line end; null means none. */
  mark(name: string, fallback: string | null, nullAllowed: boolean): string | null {
    return this.value(
      name,
      fallback,
      `one ASCII character${nullAllowed ? ' or null' : ''}, not a letter, digit or line end`,
      (v) => (v === null ? nullAllowed : typeof v === 'string' && /^[^\dA-Za-z\r\n\0\x80-\uffff]$/.test(v)),
    );
  }

  /** For combinations that make no sense. */
  fail(name: string, why: string): ParameterError {
    return new ParameterError(`The '${name}' option of ${this.#of} ${why}`, {
      name,
      got: String(this.#values[name]),
    });
  }
}

export const TEXT_READ_OPTIONS = [
  'compression',
  'encoding',
  'inferRows',
  'onTypeMismatch',
  'schema',
  'blockBytes',
] as const;

const DEFAULT_BLOCK_BYTES = 4 << 20;

/** Checks the options that every text reader has. */
export function textSettings(o: OptionReader): TextSettings {
  const widen = o.choice('onTypeMismatch', 'error', ['error', 'widen']) === 'widen';
  const inferRows = o.count('inferRows', 10_000, 1);
  return {
    compression: o.choice('compression', 'auto', ['auto', 'none', 'gzip', 'zstd']),
    encoding: checkEncoding(o),
    inferRows: widen ? Number.POSITIVE_INFINITY : inferRows,
    schema: o.value<Schema | null>('schema', null, 'a schema', (v) => v === null || Array.isArray(v)),
    blockBytes: o.count('blockBytes', DEFAULT_BLOCK_BYTES, 1),
  };
}

function checkEncoding(o: OptionReader): string {
  const encoding = o.text('encoding', 'utf8').toLowerCase();
  if (encoding === 'utf-8' || encoding === 'utf8') return 'utf8';
  if (encoding === 'utf8-lossy') return encoding;
  try {
    new TextDecoder(encoding);
    return encoding;
  } catch {
    throw o.fail('encoding', "must be 'utf8', 'utf8-lossy' or a name that TextDecoder knows, like 'windows-1252'.");
  }
}

/** The compression to write with: as asked, or by the end of the path (`.gz`, `.zst`). */
export function compressionFor(path: string, asked: TextCompression): 'none' | 'gzip' | 'zstd' {
  if (asked !== 'auto') return asked;
  if (/\.gz(ip)?$/i.test(path)) return 'gzip';
  return /\.zst(d)?$/i.test(path) ? 'zstd' : 'none';
}
