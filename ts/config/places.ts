// Where the values of a job come from: lines of its file, `--set` options, or an object in code.
import { ParameterError } from '../errors.ts';

/** A key's position: the names and list indexes that lead to it. */
export type KeyPath = readonly (string | number)[];

/** `data.derive["unit price"]`, `models[0].type` */
export function pathText(path: KeyPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

const keyOf = (path: KeyPath): string => JSON.stringify(path);

/** The places of a job's keys. */
export class Places {
  /** What the job is called in messages: the file's path, or `the job`. */
  readonly source: string;
  readonly #places = new Map<string, string>();

  constructor(source: string) {
    this.source = source;
  }

  /** Notes the line of a key, from 1. */
  setLine(path: KeyPath, line: number): void {
    this.#places.set(keyOf(path), `${this.source}:${line}`);
  }

  /** Notes that a key got another name. */
  move(from: KeyPath, to: KeyPath): void {
    const place = this.#places.get(keyOf(from));
    if (place !== undefined) this.#places.set(keyOf(to), place);
  }

  /** Notes that a key comes from an option of the command line. */
  setOption(path: KeyPath, option: string): void {
    this.#places.set(keyOf(path), option);
  }

  /** `job.yaml:12`, of the key or of the nearest key around it. */
  of(path: KeyPath): string {
    for (let length = path.length; length > 0; length--) {
      const found = this.#places.get(keyOf(path.slice(0, length)));
      if (found !== undefined) return found;
    }
    return this.source;
  }

  /** `job.yaml:12: model.params.maxDepth` */
  label(path: KeyPath): string {
    return path.length === 0 ? this.source : `${this.of(path)}: ${pathText(path)}`;
  }

  /** The error of a key; `problem` goes on after its name: `must be …`. */
  error(path: KeyPath, problem: string): ParameterError {
    return new ParameterError(`${this.label(path)} ${problem}`, { key: pathText(path), place: this.of(path) });
  }
}

/** One error of one or several problems, each already with its place. */
export function problemsError(source: string, problems: readonly ParameterError[]): ParameterError {
  const [first] = problems as [ParameterError];
  if (problems.length === 1) return first;
  const lines = problems.map((p) => `  ${p.message}`);
  return new ParameterError(`${source} has ${problems.length} problems:\n${lines.join('\n')}`, {
    problems: problems.map((p) => p.detail),
  });
}
