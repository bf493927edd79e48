// Several text files read as one: the dtypes inferred for each, widened until they hold all.
import { type Field, type LogicalType, type Schema, sameType } from '../schema/types.ts';

const UTF8: LogicalType = { dtype: 'Utf8' };

/**
 * The columns of text files read as one, in the order they are first seen. `optional`: a file may lack a column (JSON
 * Lines); otherwise only the first file's columns are kept, and the caller checks that each file has them.
 */
export function mergeInferred(schemas: readonly Schema[], optional: boolean): Schema {
  const merged = new Map<string, Field>();
  schemas.forEach((schema, i) => {
    for (const field of schema) {
      const known = merged.get(field.name);
      if (known) merged.set(field.name, { ...known, type: widerType(known.type, field.type) });
      else if (i === 0 || optional) merged.set(field.name, field);
    }
  });
  return [...merged.values()];
}

/** The dtype that holds the texts of both: the one their file would be given, had it both in it. */
export function widerType(a: LogicalType, b: LogicalType): LogicalType {
  if (sameType(a, b)) return a;
  const pair = [a.dtype, b.dtype];
  if (pair.includes('Float64') && pair.every((t) => t === 'Float64' || t === 'Int64')) return { dtype: 'Float64' };
  if (a.dtype === 'Date32' && b.dtype === 'Datetime') return b.zone === null ? b : UTF8;
  if (b.dtype === 'Date32' && a.dtype === 'Datetime') return a.zone === null ? a : UTF8;
  if (a.dtype === 'Datetime' && b.dtype === 'Datetime' && a.zone === b.zone) return a.unit === 'ns' ? a : b;
  if (a.dtype === 'List' && b.dtype === 'List')
    return { dtype: 'List', inner: { type: widerType(a.inner.type, b.inner.type), nullable: true } };
  if (a.dtype === 'Struct' && b.dtype === 'Struct')
    return { dtype: 'Struct', fields: mergeInferred([a.fields, b.fields], true) };
  return UTF8;
}
