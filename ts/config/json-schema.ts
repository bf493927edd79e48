// The JSON Schema of job files, for editors and for `warpframe run --schema`; docs/job.schema.json is made of it.
import { z } from 'zod';
import { ESTIMATORS } from '../ml/core/registry.ts';
import { snakeCase } from './key-names.ts';
import { jobSchema } from './schema.ts';

type Json = { [key: string]: unknown };

const KINDS = new Set(['classifier', 'regressor', 'clusterer']);

/** The schema: keys in camelCase and in snake_case, and the names of the estimators that jobs train. */
export async function jobJsonSchema(): Promise<Json> {
  const schema = z.toJSONSchema(jobSchema, { io: 'input', target: 'draft-2020-12', reused: 'inline' }) as Json;
  const names: string[] = [];
  for (const [name, load] of Object.entries(ESTIMATORS)) {
    const { Estimator } = await load();
    if (KINDS.has(new Estimator().kind)) names.push(name);
  }
  nameEstimators(schema, names.sort());
  return { ...(withSnakeCase(schema) as Json), title: 'warpframe job' };
}

/** Puts the estimators' names where a model has its type, so that editors complete them. */
function nameEstimators(schema: Json, names: readonly string[]): void {
  const { model, models } = schema['properties'] as { model: Json; models: { items: Json } };
  for (const part of [model, models.items]) {
    const { type } = part['properties'] as { type: Json };
    type['enum'] = names;
    delete type['minLength'];
  }
}

/** Every object of known keys takes them in snake_case too. */
function withSnakeCase(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(withSnakeCase);
  if (typeof part !== 'object' || part === null) return part;
  const result: Json = {};
  for (const [key, value] of Object.entries(part)) result[key] = withSnakeCase(value);
  const { properties, required } = result as { properties?: Json; required?: string[] };
  // `properties` of a schema is an object of schemas; a key of a job called so there is none.
  if (typeof properties !== 'object' || result['type'] !== 'object') return result;
  const both: Json = { ...properties };
  for (const [name, value] of Object.entries(properties)) {
    const snake = snakeCase(name);
    if (snake !== name) both[snake] = value;
  }
  result['properties'] = both;
  const renamed = (required ?? []).filter((name) => snakeCase(name) !== name);
  if (renamed.length > 0) {
    result['required'] = (required ?? []).filter((name) => snakeCase(name) === name);
    result['allOf'] = renamed.map((name) => ({ anyOf: [{ required: [name] }, { required: [snakeCase(name)] }] }));
  }
  return result;
}
