// What the schema found wrong, in the words of the rest of the program.
import type { z } from 'zod';
import type { ParameterError } from '../errors.ts';
import { suggest } from '../util/suggest.ts';
import { keysOf, schemaOf } from './key-names.ts';
import { type KeyPath, type Places, pathText } from './places.ts';

type Issue = z.core.$ZodIssue;

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
  json: 'a value of YAML',
};

/** A value as messages show it. */
export function shownValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function valueAt(root: unknown, path: KeyPath): unknown {
  let at = root;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string | number, unknown>)[part];
  }
  return at;
}

function schemaAt(schema: z.ZodType, path: KeyPath): z.ZodType | null {
  let at: z.ZodType | null = schema;
  for (const part of path) at = at === null ? null : schemaOf(at, part);
  return at;
}

/** One sentence part per problem, each with where it is. */
export function problemsOf(error: z.ZodError, root: unknown, schema: z.ZodType, places: Places): ParameterError[] {
  return error.issues.flatMap((issue) => describe(issue, [], root, schema, places));
}

function describe(issue: Issue, before: KeyPath, root: unknown, schema: z.ZodType, places: Places): ParameterError[] {
  const path = [...before, ...(issue.path as KeyPath)];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(path, key, schemaAt(schema, path), places));
  }
  const value = valueAt(root, path);
  if (value === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_union')) {
    const about = schemaAt(schema, path)?.description;
    return [places.error(path, `is missing${about === undefined ? '.' : `: ${about}`}`)];
  }
  if (issue.code === 'invalid_union') {
    const deeper = issue.errors.find((errors) =>
      errors.some((e) => e.path.length > 0 || e.code === 'unrecognized_keys'),
    );
    if (deeper !== undefined && typeof value === 'object') {
      return deeper.flatMap((inside) => describe(inside, path, root, schema, places));
    }
    const wanted = [...new Set(issue.errors.flatMap((errors) => errors.map(expected)))];
    return [places.error(path, problem(wanted.join(' or '), value))];
  }
  const near =
    issue.code === 'invalid_value' && typeof value === 'string' ? suggest(value, issue.values.map(String)) : null;
  return [places.error(path, problem(expected(issue), value, near))];
}

const problem = (wanted: string, value: unknown, near: string | null = null): string =>
  `must be ${wanted}. Got ${shownValue(value)}.${near === null ? '' : ` Did you mean "${near}"?`}`;

/** What an issue asks for, to follow `must be`. */
function expected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      if (issue.origin === 'array') return `a list of ${issue.minimum} or more`;
      if (issue.origin === 'string') return 'text that is not empty';
      return `${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}`;
    case 'invalid_format':
      return 'a number of bytes or text such as 8GB';
    default:
      return `different (${issue.message})`;
  }
}

function unknownKey(path: KeyPath, key: string, schema: z.ZodType | null, places: Places): ParameterError {
  const known = (schema === null ? null : keysOf(schema)) ?? [];
  const near = suggest(key, known);
  const around = path.length === 0 ? 'a job' : pathText(path);
  return places.error(
    [...path, key],
    `is not a key of ${around}.${near === null ? '' : ` Did you mean "${near}"?`} Keys: ${known.join(', ')}.`,
  );
}
