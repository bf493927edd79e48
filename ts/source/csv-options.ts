// Options of readCsv and writeCsv: what users write, and the checked form the engine reads.
import {
  OptionReader,
  type OptionValues,
  TEXT_READ_OPTIONS,
  type TextCompression,
  type TextReadOptions,
  type TextSettings,
  textSettings,
} from './text-options.ts';

/**
 * How a CSV file is read.
 *
 * An empty field is null; in a string column a quoted empty field is the empty string. Around numbers, dates and
 * booleans, quotes and blanks are ignored. Lines end with LF or CRLF (or CR, in a file without LF). Blank lines are
 * skipped; in a file of one column each is a null.
 */
export interface CsvReadOptions extends TextReadOptions {
  /** Between fields: one ASCII character. Default `,`. */
  delimiter?: string;
  /** Around fields that hold delimiters or line ends; doubled within one. Default `"`; null = quotes mean nothing. */
  quote?: string | null;
  /** Makes the next character plain, within quotes. Default null: only doubling does. */
  escape?: string | null;
  /** true (default): the first row holds the names. false: `column_1`, … An array: the names, and no such row. */
  header?: boolean | readonly string[];
  /** Lines to skip before the header, whatever they hold. Default 0. */
  skipRows?: number;
  /** A line that begins with this character is skipped. Default null. */
  comment?: string | null;
  /** Unquoted texts that are null, besides the empty one: `['NA', '-']`. In columns that are not strings, quoted too. */
  nullValues?: readonly string[];
  /** Numbers are written `1,5`. Default false. Needs another delimiter, like `;`. */
  decimalComma?: boolean;
  /** Rows with too few or too many fields. `error` (default); `pad`: missing fields are null; `truncate`: and excess ones dropped. */
  ragged?: 'error' | 'pad' | 'truncate';
}

/** CsvReadOptions, checked and complete. */
export interface CsvSettings extends TextSettings {
  readonly delimiter: string;
  readonly quote: string | null;
  readonly escape: string | null;
  readonly header: boolean | readonly string[];
  readonly skipRows: number;
  readonly comment: string | null;
  readonly nullValues: readonly string[];
  readonly decimalComma: boolean;
  readonly ragged: 'error' | 'pad' | 'truncate';
}

const READ_OPTIONS = [
  'delimiter',
  'quote',
  'escape',
  'header',
  'skipRows',
  'comment',
  'nullValues',
  'decimalComma',
  'ragged',
  ...TEXT_READ_OPTIONS,
];

/** Checks the options of readCsv. Throws ParameterError. */
export function csvSettings(options: OptionValues): CsvSettings {
  const o = new OptionReader(options, 'readCsv', READ_OPTIONS);
  const delimiter = o.mark('delimiter', ',', false) as string; // null is not allowed
  const quote = o.mark('quote', '"', true);
  const escapeMark = o.mark('escape', null, true);
  const comment = o.mark('comment', null, true);
  const decimalComma = o.boolean('decimalComma', false);
  if (quote === delimiter) throw o.fail('quote', `must differ from the delimiter ${JSON.stringify(delimiter)}.`);
  if (escapeMark === delimiter) throw o.fail('escape', `must differ from the delimiter ${JSON.stringify(delimiter)}.`);
  if (escapeMark !== null && quote === null) throw o.fail('escape', 'works within quotes, and quote is null.');
  if (comment !== null && (comment === delimiter || comment === quote))
    throw o.fail('comment', 'must differ from the delimiter and the quote.');
  if (decimalComma && delimiter === ',') throw o.fail('decimalComma', "needs another delimiter: set delimiter: ';'.");
  const header = o.value<boolean | readonly string[]>(
    'header',
    true,
    'true, false or an array of names',
    (v) => typeof v === 'boolean' || (Array.isArray(v) && v.length > 0 && v.every((t) => typeof t === 'string')),
  );
  return {
    ...textSettings(o),
    delimiter,
    quote,
    escape: escapeMark === quote ? null : escapeMark,
    header,
    skipRows: o.count('skipRows', 0),
    comment,
    nullValues: o.texts('nullValues'),
    decimalComma,
    ragged: o.choice('ragged', 'error', ['error', 'pad', 'truncate']),
  };
}

/**
 * How a CSV file is written. Dates and times are ISO 8601 (UTC instants end in `Z`), durations whole ticks of their
 * unit, floats the shortest text that reads back the same, with `NaN` and `Infinity`.
 */
export interface CsvWriteOptions {
  /** Between fields: one ASCII character. Default `,`. */
  delimiter?: string;
  /** Around fields that need it. Default `"`. */
  quote?: string;
  /** `needed` (default): only where the text holds a delimiter, quote or line end, or would read as null. */
  quoting?: 'needed' | 'strings' | 'always';
  /** Whether the first row holds the names. Default true. */
  header?: boolean;
  /** Text of a null. Default empty. */
  nullValue?: string;
  /** Default `\n`. */
  lineTerminator?: '\n' | '\r\n';
  /** Write numbers as `1,5`. Default false. Needs another delimiter, like `;`. */
  decimalComma?: boolean;
  /** Begin the file with a byte order mark, as some spreadsheets want. Default false. */
  bom?: boolean;
  /** Default `auto`: by the end of the path, `.gz` or `.zst`. */
  compression?: TextCompression;
}

/** CsvWriteOptions, checked and complete. */
export interface CsvWriteSettings {
  readonly delimiter: string;
  readonly quote: string;
  readonly quoting: 'needed' | 'strings' | 'always';
  readonly header: boolean;
  readonly nullValue: string;
  readonly lineTerminator: '\n' | '\r\n';
  readonly decimalComma: boolean;
  readonly bom: boolean;
  readonly compression: TextCompression;
}

/** Checks the options of writeCsv. Throws ParameterError. */
export function csvWriteSettings(options: OptionValues): CsvWriteSettings {
  const o = new OptionReader(options, 'writeCsv', [
    'delimiter',
    'quote',
    'quoting',
    'header',
    'nullValue',
    'lineTerminator',
    'decimalComma',
    'bom',
    'compression',
  ]);
  const delimiter = o.mark('delimiter', ',', false) as string; // null is not allowed
  const quote = o.mark('quote', '"', false) as string; // null is not allowed
  const decimalComma = o.boolean('decimalComma', false);
  const nullValue = o.text('nullValue', '');
  if (quote === delimiter) throw o.fail('quote', `must differ from the delimiter ${JSON.stringify(delimiter)}.`);
  if (decimalComma && delimiter === ',') throw o.fail('decimalComma', "needs another delimiter: set delimiter: ';'.");
  if (/[\r\n]/.test(nullValue) || nullValue.includes(delimiter) || nullValue.includes(quote))
    throw o.fail('nullValue', 'must hold no delimiter, quote or line end.');
  return {
    delimiter,
    quote,
    quoting: o.choice('quoting', 'needed', ['needed', 'strings', 'always']),
    header: o.boolean('header', true),
    nullValue,
    lineTerminator: o.choice('lineTerminator', '\n', ['\n', '\r\n']),
    decimalComma,
    bom: o.boolean('bom', false),
    compression: o.choice('compression', 'auto', ['auto', 'none', 'gzip', 'zstd']),
  };
}
