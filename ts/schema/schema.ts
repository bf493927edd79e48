// Helpers over schemas: finding, comparing and merging columns, with the errors that users read.
import { ColumnNotFoundError, DuplicateColumnError, SchemaMismatchError } from '../errors.ts';
import { suggest } from '../util/suggest.ts';
import { type Field, type LogicalType, type Schema, sameType, typeText } from './types.ts';

/** The column of that name, or undefined. */
export const findField = (schema: Schema, name: string): Field | undefined => schema.find((f) => f.name === name);

/** The names of the columns, in order. */
export const namesOf = (schema: Schema): string[] => schema.map((f) => f.name);

/** The column of that name; throws ColumnNotFoundError. `where` is the verb for the message: "select()". */
export function fieldOf(schema: Schema, name: string, where?: string): Field {
  const field = findField(schema, name);
  if (field === undefined) throw columnNotFound(name, namesOf(schema), where);
  return field;
}

/** Columns a message lists; a frame may have thousands. */
const LISTED = 20;

/** The error for a name that is not a column, with the nearest name and what there is. */
export function columnNotFound(name: string, columns: readonly string[], where?: string): ColumnNotFoundError {
  const near = suggest(name, columns);
  const listed = columns.slice(0, LISTED).join(', ');
  const rest = columns.length > LISTED ? ` and ${columns.length - LISTED} more` : '';
  return new ColumnNotFoundError(
    `Column "${name}" not found${where === undefined ? '' : ` in ${where}`}.${near === null ? '' : ` Did you mean "${near}"?`} Columns: ${columns.length === 0 ? 'none' : listed + rest}.`,
    { name, columns },
  );
}

/** The error for a result that would hold one name twice. */
export function duplicateColumn(name: string, where: string): DuplicateColumnError {
  return new DuplicateColumnError(`Column "${name}" would appear twice in the result of ${where}. Rename one.`, {
    name,
  });
}

/** Throws DuplicateColumnError if a name appears twice. */
export function checkUnique(names: readonly string[], where: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw duplicateColumn(name, where);
    seen.add(name);
  }
}

/** Whether two schemas have the same names and dtypes in the same order; nullability is not compared. */
export const sameSchema = (a: Schema, b: Schema): boolean =>
  a.length === b.length && a.every((f, i) => f.name === b[i]?.name && sameType(f.type, (b[i] as Field).type));

/** A column as a message shows it: `city: nullable(Utf8)`. */
export const fieldText = (f: Field): string =>
  `${f.name}: ${f.nullable ? `nullable(${typeText(f.type)})` : typeText(f.type)}`;

/** A schema as a message shows it. */
export const schemaText = (schema: Schema): string => schema.map(fieldText).join(', ');

/**
 * The schema of frames put below each other: columns in the order they are first seen, nullable where one of them is or
 * where a frame lacks the column. `missing: 'throw'` refuses a column that a frame lacks. A Null column fits any dtype.
 */
export function mergeSchemas(schemas: readonly Schema[], where: string, missing: 'throw' | 'null'): Schema {
  const merged = new Map<string, { type: LogicalType; nullable: boolean; from: number; seen: number }>();
  schemas.forEach((schema, i) => {
    for (const field of schema) {
      const known = merged.get(field.name);
      if (known === undefined) {
        merged.set(field.name, { type: field.type, nullable: field.nullable, from: i, seen: 1 });
        continue;
      }
      known.seen++;
      known.nullable ||= field.nullable;
      if (known.type.dtype === 'Null') known.type = field.type;
      else if (field.type.dtype !== 'Null' && !sameType(known.type, field.type)) {
        throw new SchemaMismatchError(
          `Column "${field.name}" is ${typeText(known.type)} in frame ${known.from} and ${typeText(field.type)} in frame ${i} of ${where}. Cast one.`,
          { column: field.name, expected: typeText(known.type), actual: typeText(field.type) },
        );
      }
    }
  });
  for (const [name, column] of merged) {
    if (column.seen === schemas.length) continue;
    if (missing === 'throw') {
      const lacking = schemas.findIndex((s) => findField(s, name) === undefined);
      throw new SchemaMismatchError(
        `Column "${name}" is missing in frame ${lacking} of ${where}. Add it, or use { how: 'diagonal' }.`,
        { column: name, frame: lacking },
      );
    }
    column.nullable = true;
  }
  return Object.freeze([...merged].map(([name, { type, nullable }]): Field => Object.freeze({ name, type, nullable })));
}
