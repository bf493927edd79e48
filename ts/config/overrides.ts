// `--set model.params.maxDepth=8`: one key of a job from the command line.
import { parseDocument } from 'yaml';
import { ParameterError } from '../errors.ts';
import type { KeyPath, Places } from './places.ts';

/** An override: where it goes and its value. */
export interface Override {
  readonly path: KeyPath;
  readonly value: unknown;
  /** As given, for messages. */
  readonly text: string;
}

/**
 * Reads an override. Names are joined by dots, list items are numbers, a name with other characters stands in quotes; the
 * value is YAML: `data.exclude=[delay, date]`, `data.derive."is late"=delay > 15`.
 *
 * @throws {ERR_PARAMETER} text that is no override
 */
export function readOverride(text: string): Override {
  const m = /^\s*((?:"(?:[^"\\]|\\.)*"|[^=".\s]+)(?:\.(?:"(?:[^"\\]|\\.)*"|[^=".\s]+))*)\s*=(.*)$/s.exec(text);
  if (m === null) {
    throw new ParameterError(
      `Expected --set key=value, such as model.params.maxDepth=8, but received ${JSON.stringify(text)}.`,
    );
  }
  const path = [...(m[1] as string).matchAll(/"(?:[^"\\]|\\.)*"|[^.]+/g)].map(([part]) => {
    if (part.startsWith('"')) return JSON.parse(part) as string;
    return /^\d+$/.test(part) ? Number(part) : part;
  });
  const document = parseDocument(m[2] as string, { version: '1.2', schema: 'core' });
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) {
    throw new ParameterError(`The value of --set ${text} is not YAML: ${error.message.split(/ at line \d+/)[0]}.`);
  }
  return { path, value: document.toJS({ maxAliasCount: 0 }) as unknown, text };
}

/** A copy of a job's values with one override in place. */
export function withOverride(root: unknown, override: Override, places: Places): unknown {
  const { path, value, text } = override;
  const put = (at: unknown, depth: number): unknown => {
    if (depth === path.length) return value;
    const part = path[depth] as string | number;
    if (Array.isArray(at) || (typeof part === 'number' && at === undefined)) {
      const list = Array.isArray(at) ? [...(at as unknown[])] : [];
      if (typeof part !== 'number' || part > list.length) {
        throw new ParameterError(
          `--set ${text}: Expected an item of the list, 0 to ${list.length}, but received ${JSON.stringify(part)}.`,
        );
      }
      list[part] = put(list[part], depth + 1);
      return list;
    }
    if (at !== undefined && at !== null && typeof at !== 'object') {
      throw new ParameterError(
        `--set ${text}: ${path.slice(0, depth).join('.')} is ${JSON.stringify(at)}, so it has no key "${part}".`,
      );
    }
    const object = (at ?? {}) as Record<string, unknown>;
    const inside = Object.hasOwn(object, part) ? object[part] : undefined;
    return { ...object, [part]: put(inside, depth + 1) };
  };
  const result = put(root, 0);
  places.setOption(path, `--set ${text}`);
  return result;
}
