// What goes wrong in a CSV file, said with row, line, column, text and a way out.
import { ParseError } from '../../../../errors.ts';
import { typeText } from '../../../../schema/types.ts';
import { CODE, type CsvColumn } from './csv-column.ts';

/** Where in a file something is wrong. Rows count from 1, without the header. */
export interface CsvPlace {
  readonly path: string;
  readonly row: number;
  /** Absent where it is not known any more. */
  readonly line?: number;
}

const where = (at: CsvPlace): string => `${at.path}, row ${at.row}${at.line === undefined ? '' : ` (line ${at.line})`}`;
const detail = (at: CsvPlace): { path: string; row: number; line?: number } => ({ ...at });

/** A text as a message shows it. */
export const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** A field that is not of its column's dtype. */
export function badValue(at: CsvPlace, column: CsvColumn, text: string, code: number): ParseError {
  const type = typeText(column.field.type);
  const [what, advice] = explain(column, code);
  return new ParseError(`${where(at)}, column "${column.field.name}": ${shown(text)} ${what} ${type}. ${advice}`, {
    ...detail(at),
    column: column.field.name,
    text,
  });
}

function explain(column: CsvColumn, code: number): [string, string] {
  const wider = `Declare the column wider in the schema, read with { onTypeMismatch: 'widen' }, or list the text in nullValues.`;
  const type = column.field.type;
  switch (code) {
    case CODE.range:
      return ['is out of the range of', wider];
    case CODE.hasOffset:
      return ['has a UTC offset, which does not fit', `Declare the column Datetime('us', 'UTC').`];
    case CODE.noOffset:
      return [
        'has no UTC offset, so its instant is not known in',
        `Declare Datetime('us') and set the zone afterwards.`,
      ];
    case CODE.tooFine:
      return ['has more fraction digits than', type.dtype === 'Datetime' ? `Declare Datetime('ns').` : wider];
    case CODE.hard:
      return ['has more fraction digits than', 'Declare a larger scale.'];
    default:
      return [/^[AEIO]/.test(typeText(type)) ? 'is not an' : 'is not a', wider];
  }
}

/** A quoted field with something behind its closing quote. */
export function badQuote(at: CsvPlace, name: string, text: string): ParseError {
  return new ParseError(
    `${where(at)}, column "${name}": ${shown(text)} has text behind its closing quote. Double the quotes within it, or set the 'quote' or 'escape' option.`,
    { ...detail(at), column: name, text },
  );
}

/** A row with the wrong number of fields. */
export function badFields(at: CsvPlace, got: number, wanted: number, text: string): ParseError {
  const advice =
    got < wanted
      ? `Read with { ragged: 'pad' } to make the missing ones null.`
      : `Check delimiter and quote, or read with { ragged: 'truncate' } to drop the excess.`;
  return new ParseError(
    `${where(at)} has ${got} field${got === 1 ? '' : 's'} where ${wanted} ${wanted === 1 ? 'is' : 'are'} expected: ${shown(text)}. ${advice}`,
    { ...detail(at), text },
  );
}

/** Bytes that are not UTF-8. */
export function badText(at: CsvPlace, name: string | null, text: string): ParseError {
  return new ParseError(
    `${where(at)}${name === null ? '' : `, column "${name}"`}: ${shown(text)} is not valid UTF-8. Name the file's encoding, like { encoding: 'windows-1252' }, or read with { encoding: 'utf8-lossy' }.`,
    { ...detail(at), ...(name === null ? {} : { column: name }), text },
  );
}

/** A null in a column declared without nulls. */
export function unexpectedNull(at: CsvPlace, name: string, type: string): ParseError {
  return new ParseError(
    `${where(at)}, column "${name}" is empty, and the declared ${type} holds no nulls. Declare it nullable(${type}).`,
    { ...detail(at), column: name, text: '' },
  );
}

/** The end of the file inside quotes. */
export function openQuote(at: CsvPlace): ParseError {
  return new ParseError(`${where(at)}: a quote is opened and never closed. Check the 'quote' and 'escape' options.`, {
    ...detail(at),
  });
}
