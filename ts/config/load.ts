// A job file, or an object in code, to a checked job. Loads zod and yaml: imported only when a job runs.
import fs from 'node:fs/promises';
import { IoError, ParameterError } from '../errors.ts';
import { problemsOf, shownValue } from './issues.ts';
import type { JobConfig } from './job-config.ts';
import { canonicalPath, withCanonicalKeys } from './key-names.ts';
import { readOverride, withOverride } from './overrides.ts';
import { Places, problemsError } from './places.ts';
import { type Environment, readYaml } from './read-yaml.ts';
import { jobSchema } from './schema.ts';

/** A job whose keys are known and of the right types, with where each came from. */
export interface LoadedJob {
  readonly config: JobConfig;
  readonly places: Places;
}

/** Options of loading. */
export interface LoadOptions {
  /** Overrides such as `model.params.maxDepth=8`, the last one wins. */
  readonly set?: readonly string[];
  /** Variables for `${NAME}` in a file (default the process's). */
  readonly environment?: Environment;
}

/**
 * Loads a job from a file (YAML or JSON) or takes an object, puts overrides in and checks every key.
 *
 * @throws {ERR_FILE_NOT_FOUND} no such file
 * @throws {ERR_PARSE} a file that is no YAML, a variable that is not set
 * @throws {ERR_PARAMETER} unknown keys (with a suggestion), missing keys, values of the wrong type: all of them at once
 */
export async function loadJob(source: string | object, options: LoadOptions = {}): Promise<LoadedJob> {
  const places = new Places(typeof source === 'string' ? source : 'The job');
  let value: unknown = source;
  if (typeof source === 'string') value = readYaml(await textOf(source), places, options.environment ?? process.env);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ParameterError(`Expected a mapping of keys in ${places.source} but received ${shownValue(value)}.`);
  }
  value = withCanonicalKeys(jobSchema, value, places);
  for (const text of options.set ?? []) {
    const override = readOverride(text);
    value = withOverride(value, { ...override, path: canonicalPath(jobSchema, override.path) }, places);
  }
  const checked = jobSchema.safeParse(value);
  if (!checked.success) throw problemsError(places.source, problemsOf(checked.error, value, jobSchema, places));
  // JobConfig is the schema's type without `| undefined`, which a parsed value does not hold (tests/job compares the two).
  return { config: checked.data as JobConfig, places };
}

async function textOf(path: string): Promise<string> {
  try {
    return await fs.readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new IoError('ERR_FILE_NOT_FOUND', `No job file ${path}.`, { path }, { cause: error });
    throw new IoError(
      'ERR_IO',
      `The job file ${path} cannot be read: ${code ?? String(error)}.`,
      { path },
      { cause: error },
    );
  }
}
