// snake_case and camelCase: both are read, camelCase is what the rest of the program sees.
import { z } from 'zod';
import type { KeyPath, Places } from './places.ts';

/** `training_path` → `trainingPath` */
export const camelCase = (name: string): string =>
  name.replace(/([a-z0-9])_([a-z0-9])/g, (_, a: string, b: string) => a + b.toUpperCase());

/** `trainingPath` → `training_path` */
export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** A schema without what makes it optional. */
export function inner(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
    ? inner(schema.unwrap() as z.ZodType)
    : schema;
}

/** The keys that an object of a schema may have; null where keys are the user's own. */
export function keysOf(schema: z.ZodType): readonly string[] | null {
  const s = inner(schema);
  if (s instanceof z.ZodObject) return Object.keys(s.shape);
  if (s instanceof z.ZodUnion) {
    const lists = s.options.map((o) => keysOf(o as z.ZodType)).filter((keys) => keys !== null);
    return lists.length === 0 ? null : lists.flat();
  }
  return null;
}

/** The schema of a key of an object, or of an item of a list. */
export function schemaOf(schema: z.ZodType, key: string | number): z.ZodType | null {
  const s = inner(schema);
  if (s instanceof z.ZodObject) return (Object.hasOwn(s.shape, key) ? s.shape[key] : null) as z.ZodType | null;
  if (s instanceof z.ZodArray) return s.element as z.ZodType;
  if (s instanceof z.ZodRecord) return s.valueType as z.ZodType;
  if (s instanceof z.ZodUnion) {
    for (const option of s.options) {
      const found = schemaOf(option as z.ZodType, key);
      if (found !== null) return found;
    }
  }
  return null;
}

/** Keys of the user's own that are names of parameters: they are camelCase too. */
const PARAMETERS = new Set(['params', 'readOptions']);

/** The name of a key as the schema has it. */
function canonical(schema: z.ZodType | null, parent: string | number | undefined, key: string): string {
  const keys = schema === null ? null : keysOf(schema);
  if (keys !== null) return !keys.includes(key) && keys.includes(camelCase(key)) ? camelCase(key) : key;
  return typeof parent === 'string' && PARAMETERS.has(parent) ? camelCase(key) : key;
}

/** A path with camelCase names. */
export function canonicalPath(schema: z.ZodType, path: KeyPath): (string | number)[] {
  const result: (string | number)[] = [];
  let at: z.ZodType | null = schema;
  for (const part of path) {
    const name: string | number = typeof part === 'number' ? part : canonical(at, result.at(-1), part);
    result.push(name);
    at = at === null ? null : schemaOf(at, name);
  }
  return result;
}

/**
 * A copy of a job's values with camelCase keys wherever the keys are the schema's or a model's parameters. Columns keep
 * their names.
 *
 * @throws {ERR_PARAMETER} one key in both spellings
 */
export function withCanonicalKeys(schema: z.ZodType, value: unknown, places: Places): unknown {
  const walk = (at: unknown, part: z.ZodType | null, from: KeyPath, to: KeyPath): unknown => {
    if (Array.isArray(at)) {
      const element = part === null ? null : schemaOf(part, 0);
      return at.map((item, i) => {
        places.move([...from, i], [...to, i]);
        return walk(item, element, [...from, i], [...to, i]);
      });
    }
    if (typeof at !== 'object' || at === null) return at;
    const result: Record<string, unknown> = {};
    for (const [key, inside] of Object.entries(at)) {
      const name = canonical(part, to.at(-1), key);
      places.move([...from, key], [...to, name]);
      if (Object.hasOwn(result, name)) {
        throw places.error([...to, name], `is given twice: as "${snakeCase(name)}" and as "${name}".`);
      }
      const value = walk(inside, part === null ? null : schemaOf(part, name), [...from, key], [...to, name]);
      Object.defineProperty(result, name, { value, enumerable: true, writable: true, configurable: true });
    }
    return result;
  };
  return walk(value, schema, [], []);
}
