// Job files: YAML 1.2 (and so JSON) to plain values, with the line of every key and environment variables put in.
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from 'yaml';
import { ParseError } from '../errors.ts';
import type { KeyPath, Places } from './places.ts';

/** Where variables of the environment are looked up. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Most values a job file may hold, aliases counted each time: against files that unfold without end. */
const MAX_VALUES = 100_000;
const MAX_DEPTH = 64;

/**
 * Reads a job file's text. In a scalar, `${NAME}` stands for a variable of the environment, `${NAME:-text}` for the same
 * with a default, `$${` for `${`. A plain scalar is typed after the variables are in (`maxDepth: ${DEPTH:-8}` is a
 * number), a quoted one stays text; a variable cannot add keys or lists.
 *
 * @throws {ERR_PARSE} text that is no YAML, a key given twice, a variable that is not set, with path and line
 */
export function readYaml(text: string, places: Places, environment: Environment): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, version: '1.2', schema: 'core', strict: true });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const fail = (line: number, problem: string): ParseError =>
    new ParseError(`${places.source}:${line}: ${problem}`, { path: places.source, line });
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) {
    throw fail(lineAt(error.pos[0]), `${(error.message.split(/ at line \d+/)[0] as string).replace(/\.$/, '')}.`);
  }
  let values = 0;

  const read = (node: unknown, path: KeyPath, depth: number): unknown => {
    const line = lineAt((node as Node | null)?.range?.[0] ?? 0);
    if (++values > MAX_VALUES) throw fail(line, `More than ${MAX_VALUES} values, aliases counted each time.`);
    if (depth > MAX_DEPTH) throw fail(line, `Nested deeper than ${MAX_DEPTH} levels.`);
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return read(node.resolve(document), path, depth + 1);
    if (isScalar(node)) return scalar(node, line);
    if (isSeq(node)) {
      return node.items.map((item, i) => {
        const at = [...path, i];
        places.setLine(at, lineAt((item as Node | null)?.range?.[0] ?? node.range?.[0] ?? 0));
        return read(item, at, depth + 1);
      });
    }
    if (!isMap(node)) throw fail(line, 'Expected a value, a list or a mapping.');
    const result: Record<string, unknown> = {};
    for (const pair of node.items) {
      const key = isPair(pair) && isScalar(pair.key) ? String(pair.key.value ?? '') : '';
      const keyLine = lineAt((pair.key as Node | null)?.range?.[0] ?? node.range?.[0] ?? 0);
      if (key === '') throw fail(keyLine, 'Expected a key of text.');
      if (key === '<<') throw fail(keyLine, 'Merge keys (<<) are not YAML 1.2: write the keys out.');
      const at = [...path, key];
      places.setLine(at, keyLine);
      // A key named __proto__ is data like any other.
      Object.defineProperty(result, key, {
        value: read(pair.value, at, depth + 1),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return result;
  };

  const scalar = (node: Scalar, line: number): unknown => {
    if (typeof node.value !== 'string' || !node.value.includes('${')) return node.value;
    const put = substitute(node.value, environment, (problem) => fail(line, problem));
    return node.type === 'PLAIN' ? typedText(put) : put;
  };

  return read(document.contents, [], 0);
}

function substitute(text: string, environment: Environment, fail: (problem: string) => Error): string {
  return text.replace(/\$?\$\{([^}]*)(\}?)/g, (all, inside: string, close: string) => {
    if (all.startsWith('$$')) return all.slice(1);
    const m = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inside);
    if (m === null || close === '') {
      throw fail(
        `Expected \${NAME} or \${NAME:-default} but found ${JSON.stringify(all)}. Write $\${ for the characters.`,
      );
    }
    const value = environment[m[1] as string];
    if (value !== undefined && value !== '') return value;
    if (m[2] !== undefined) return m[2];
    throw fail(`The environment variable ${m[1]} is not set. Set it, or give a default: \${${m[1]}:-…}.`);
  });
}

/** The core schema of YAML 1.2 for one scalar: what a variable brings in is never more than that. */
export function typedText(text: string): unknown {
  if (/^(?:null|Null|NULL|~|)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (/^[-+]?(?:\d+|\d*\.\d+|\d+\.\d*)(?:[eE][-+]?\d+)?$/.test(text)) return Number(text);
  return text;
}
