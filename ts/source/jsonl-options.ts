// Options of readJsonl and writeJsonl: what users write, and the checked form the engine reads.
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
 * How a JSON Lines file is read: one object a line.
 *
 * A missing key is null, a key no column is named after is skipped, the last of repeated keys counts. Blank lines are
 * skipped. Objects are Structs and arrays Lists; a string column takes any value, as its JSON text when it is no string.
 * Dates and times are ISO 8601 strings, Binary is base64; numbers may be in quotes, and `NaN` and `Infinity` without.
 */
export interface JsonlReadOptions extends TextReadOptions {
  /**
   * What a line that is not a JSON object does. `error` (default): the query fails and names line and column. `skip`:
   * it is left out. `null`: it is a row of nulls.
   */
  malformed?: 'error' | 'skip' | 'null';
}

/** JsonlReadOptions, checked and complete. */
export interface JsonlSettings extends TextSettings {
  readonly malformed: 'error' | 'skip' | 'null';
}

/** Checks the options of readJsonl. Throws ParameterError. */
export function jsonlSettings(options: OptionValues): JsonlSettings {
  const o = new OptionReader(options, 'readJsonl', ['malformed', ...TEXT_READ_OPTIONS]);
  return { ...textSettings(o), malformed: o.choice('malformed', 'error', ['error', 'skip', 'null']) };
}

/**
 * How a JSON Lines file is written: one object a line, nulls included. Integers and decimals are numbers with all their
 * digits, whatever their size; floats the shortest text that reads back the same; dates and times ISO 8601 strings (UTC
 * instants end in `Z`); durations whole ticks of their unit; Binary base64.
 */
export interface JsonlWriteOptions {
  /**
   * JSON has no NaN and no Infinity. `null` (default): they are written as null. `string`: as `"NaN"`, `"Infinity"`,
   * `"-Infinity"`, which readJsonl takes in float columns. `error`: the query fails.
   */
  nonFinite?: 'null' | 'string' | 'error';
  /** Leave out the keys of nulls. Default false. */
  omitNulls?: boolean;
  /** Default `auto`: by the end of the path, `.gz` or `.zst`. */
  compression?: TextCompression;
}

/** JsonlWriteOptions, checked and complete. */
export interface JsonlWriteSettings {
  readonly nonFinite: 'null' | 'string' | 'error';
  readonly omitNulls: boolean;
  readonly compression: TextCompression;
}

/** Checks the options of writeJsonl. Throws ParameterError. */
export function jsonlWriteSettings(options: OptionValues): JsonlWriteSettings {
  const o = new OptionReader(options, 'writeJsonl', ['nonFinite', 'omitNulls', 'compression']);
  return {
    nonFinite: o.choice('nonFinite', 'null', ['null', 'string', 'error']),
    omitNulls: o.boolean('omitNulls', false),
    compression: o.choice('compression', 'auto', ['auto', 'none', 'gzip', 'zstd']),
  };
}
