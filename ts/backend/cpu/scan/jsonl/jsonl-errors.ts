// What goes wrong in a JSON Lines file, said with line, column, text and a way out.
import { ParseError } from '../../../../errors.ts';
import { typeText } from '../../../../schema/types.ts';
import type { JsonNode } from './json-nodes.ts';

/** Where in a file something is wrong; both count from 1, the column in characters. */
export interface JsonPlace {
  readonly path: string;
  readonly line: number;
  readonly position: number;
}

/** By the kernels' number (wasm/_json.ts). */
const EXPECTED = [
  'a value',
  'an object',
  'a key in double quotes',
  "':' after the key",
  "',' or '}' after a value",
  "',' or ']' after a value",
  'the end of the string',
  'a character after the backslash',
  'the end of the line',
  'a number as JSON writes it',
  'fewer than 64 levels',
];

const where = (at: JsonPlace): string => `${at.path}, line ${at.line}, column ${at.position}`;
const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** A line that is not a JSON object. */
export function malformed(at: JsonPlace, wanted: number, rest: string): ParseError {
  const found = rest === '' ? 'the end of the line' : shown(rest.slice(0, 20));
  const advice =
    rest.startsWith('[') && at.position === 1
      ? 'JSON Lines has one object a line, not an array of them.'
      : `Mend the line, or read with { malformed: 'skip' }.`;
  return new ParseError(`${where(at)}: expected ${EXPECTED[wanted] ?? 'JSON'} but found ${found}. ${advice}`, {
    path: at.path,
    line: at.line,
    text: rest,
  });
}

/** A value that its column does not take. `code` as in csv-column.ts. */
export function wrongValue(at: JsonPlace, node: JsonNode, text: string, code: number): ParseError {
  const type = typeText(node.field.type);
  const [what, advice] = explain(node, code);
  return new ParseError(`${where(at)}, "${node.path}": ${shown(text)} ${what} ${type}. ${advice}`, {
    path: at.path,
    line: at.line,
    column: node.path,
    text,
  });
}

function explain(node: JsonNode, code: number): [string, string] {
  const type = node.field.type;
  const wider = `Declare the column wider in the schema, or read with { onTypeMismatch: 'widen' }.`;
  if (type.dtype === 'FixedSizeList' && code === 2) return [`has not ${type.length} items, as in`, 'Declare a List.'];
  switch (code) {
    case 2:
      return ['is out of the range of', wider];
    case 3:
      return ['has more fraction digits than', 'Declare a larger scale.'];
    case 4:
      return ['has a UTC offset, which does not fit', `Declare the column Datetime('us', 'UTC').`];
    case 5:
      return [
        'has no UTC offset, so its instant is not known in',
        `Declare Datetime('us') and set the zone afterwards.`,
      ];
    case 6:
      return ['has more fraction digits than', `Declare Datetime('ns').`];
    default:
      return [/^[AEIO]/.test(typeText(type)) ? 'is not an' : 'is not a', wider];
  }
}

/** A null, or a missing key, in a column declared without nulls. */
export function unexpectedNull(path: string, row: number, node: JsonNode): ParseError {
  const type = typeText(node.field.type);
  return new ParseError(
    `${path}, row ${row}: "${node.path}" is null or missing, and the declared ${type} holds no nulls. Declare it nullable(${type}).`,
    { path, row, column: node.path },
  );
}

/** Bytes that are not UTF-8. */
export function badText(at: JsonPlace, text: string): ParseError {
  return new ParseError(
    `${where(at)}: ${shown(text)} is not valid UTF-8. Name the file's encoding, like { encoding: 'windows-1252' }, or read with { encoding: 'utf8-lossy' }.`,
    { path: at.path, line: at.line, text },
  );
}
