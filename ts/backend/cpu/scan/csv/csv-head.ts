// The start of a CSV file: lines to skip, the names of the columns, where the rows begin.
import { ParseError, SchemaMismatchError } from '../../../../errors.ts';
import type { CsvSettings } from '../../../../source/csv-options.ts';
import type { ExecContext } from '../../context.ts';
import type { TextWindow } from '../text/text-window.ts';

/** One row as texts; quotes are taken off. */
export interface CsvRecord {
  readonly fields: readonly string[];
  /** Just after the row's line end. */
  readonly next: number;
}

/** Reads the row at `at` in plain JavaScript: for headers. Null when it does not end before `end`. */
export function parseRecord(
  u8: Uint8Array,
  at: number,
  end: number,
  settings: CsvSettings,
  newline: number,
): CsvRecord | null {
  const delimiter = settings.delimiter.charCodeAt(0);
  const quote = settings.quote?.charCodeAt(0) ?? -1;
  const escapeMark = settings.escape?.charCodeAt(0) ?? -1;
  const fields: string[] = [];
  let bytes: number[] = [];
  let quoted = false;
  let p = at;
  const finish = (): void => {
    fields.push(Buffer.from(bytes).toString('utf8'));
    bytes = [];
    quoted = false;
  };
  let atStart = true;
  while (p < end) {
    const c = u8[p++] as number;
    if (atStart && c === quote) {
      atStart = false;
      quoted = true;
      for (;;) {
        if (p >= end) return null;
        const q = u8[p++] as number;
        if (q === escapeMark) {
          if (p >= end) return null;
          bytes.push(u8[p++] as number);
        } else if (q !== quote) bytes.push(q);
        else if (p < end && u8[p] === quote) bytes.push(u8[p++] as number);
        else break;
      }
    } else if (c === delimiter) {
      finish();
      atStart = true;
    } else if (c === newline) {
      if (newline === 10 && bytes.at(-1) === 13 && (!quoted || u8[p - 2] === 13)) bytes.pop();
      finish();
      return { fields, next: p };
    } else {
      bytes.push(c);
      atStart = false;
    }
  }
  return null;
}

/** Column names as they are used: empty ones are numbered, repeated ones get `_1`, `_2`, … */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names.filter((n) => n !== ''));
  const seen = new Set<string>();
  return names.map((given, i) => {
    let name = given === '' ? `column_${i + 1}` : given;
    if (seen.has(name) || (given === '' && taken.has(name))) {
      let k = 1;
      while (taken.has(`${name}_${k}`) || seen.has(`${name}_${k}`)) k++;
      name = `${name}_${k}`;
    }
    seen.add(name);
    return name;
  });
}

/** Skips what comes before the rows and returns the names of the columns; the window is left at the first row. */
export function readHead(ctx: ExecContext, window: TextWindow, settings: CsvSettings, path: string): string[] {
  window.begin(ctx, true);
  for (let i = 0; i < settings.skipRows; i++) if (!skipLine(ctx, window)) break;
  const { header } = settings;
  if (typeof header !== 'boolean') return uniqueNames(header);
  skipEmpty(ctx, window, settings);
  let record: CsvRecord | null;
  for (;;) {
    record = parseRecord(ctx.heap.refresh().u8, window.at, window.end, settings, window.newline);
    if (record !== null || !window.more(ctx, 0)) break;
  }
  if (record === null) {
    if (window.at < window.end)
      throw new ParseError(`${path}: the first row has a quote that is never closed. Check the 'quote' option.`, {
        path,
      });
    if (!header && settings.schema !== null) return settings.schema.map((f) => f.name);
    throw new ParseError(
      `${path} has no ${header ? 'header' : 'rows'}: it is empty. Give the names in the 'header' option if that is meant.`,
      { path, line: 1 },
    );
  }
  if (header) {
    window.at = record.next;
    return uniqueNames(record.fields);
  }
  const { schema } = settings;
  if (schema === null) return uniqueNames(record.fields.map(() => ''));
  if (schema.length !== record.fields.length) {
    throw new SchemaMismatchError(
      `${path} has ${record.fields.length} columns and the declared schema ${schema.length}. Without a header every column must be declared, in order.`,
      { path, expected: schema.length, actual: record.fields.length },
    );
  }
  return schema.map((f) => f.name);
}

/** Moves past the next line end. False when there is none. */
function skipLine(ctx: ExecContext, window: TextWindow): boolean {
  for (;;) {
    const at = ctx.heap.refresh().u8.subarray(window.at, window.end).indexOf(window.newline);
    if (at >= 0) {
      window.at += at + 1;
      return true;
    }
    // A skipped line may be longer than any row: nothing of it is kept.
    window.at = window.end;
    if (!window.more(ctx, 0)) return false;
  }
}

/** Moves past blank lines and comments. */
function skipEmpty(ctx: ExecContext, window: TextWindow, settings: CsvSettings): void {
  const comment = settings.comment?.charCodeAt(0) ?? -1;
  for (;;) {
    while (window.end - window.at < 2 && window.more(ctx, 0));
    const u8 = ctx.heap.refresh().u8;
    if (window.at >= window.end) return;
    const c = u8[window.at];
    const blank = c === window.newline || (c === 13 && window.newline === 10 && u8[window.at + 1] === 10);
    if (!blank && c !== comment) return;
    skipLine(ctx, window);
  }
}
