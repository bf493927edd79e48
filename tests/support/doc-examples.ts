// The examples of doc comments and of the guide: found, run, and their printed output compared with the comment lines
// that end them. UPDATE=1 writes the output into the files.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import esbuild from 'esbuild';
import * as warpframe from '../../ts/index.ts';
import * as ml from '../../ts/ml/index.ts';
import * as predict from '../../ts/predict/index.ts';

export interface Example {
  readonly file: string;
  /** Line of the `@example` tag, from 1. */
  readonly line: number;
  readonly code: string;
  /** Expected output; null when the example states none. */
  readonly output: string | null;
  /** First line and number of lines of the output in the file, from 0. */
  readonly outputAt: number;
  readonly outputLines: number;
  /** What stands before the lines of the example: ` * ` in a comment. */
  readonly indent: string;
}

/** All examples of a TypeScript source, or the blocks of TypeScript in a page of the guide. */
export function examplesOf(file: string): Example[] {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  if (file.endsWith('.md')) return blocksOf(file, lines);
  const found: Example[] = [];
  for (let i = 0; i < lines.length; i++) {
    const m = /^(\s*)\* @example\s*$/.exec(lines[i]!);
    if (!m) continue;
    let end = i + 1;
    while (end < lines.length && !/^\s*\*\//.test(lines[end]!) && !/^\s*\* @\w/.test(lines[end]!)) end++;
    const text = lines.slice(i + 1, end).map((l) => l.replace(/^\s*\* ?/, ''));
    const fenced = text.findIndex((l) => l.startsWith('```'));
    const from = fenced >= 0 ? fenced + 1 : 0;
    let to = fenced >= 0 ? text.findIndex((l, k) => k > fenced && l.startsWith('```')) : text.length;
    if (to < 0) to = text.length;
    while (to > from && text[to - 1]!.trim() === '') to--;
    let code = to;
    while (code > from && text[code - 1]!.startsWith('//')) code--;
    found.push({
      file,
      line: i + 1,
      code: text.slice(from, code).join('\n'),
      output:
        code === to
          ? null
          : text
              .slice(code, to)
              .map((l) => l.replace(/^\/\/ ?/, ''))
              .join('\n'),
      outputAt: i + 1 + code,
      outputLines: to - code,
      indent: `${m[1]!}* `,
    });
  }
  return found;
}

/** Blocks that begin with ```ts. Their imports are for the reader: the names are in scope. */
function blocksOf(file: string, lines: readonly string[]): Example[] {
  const found: Example[] = [];
  for (let i = 0; i < lines.length; i++) {
    if (lines[i] !== '```ts') continue;
    const end = lines.indexOf('```', i + 1);
    let code = end;
    while (code > i + 1 && lines[code - 1]!.startsWith('//')) code--;
    const output = lines.slice(code, end).map((l) => l.replace(/^\/\/ ?/, ''));
    found.push({
      file,
      line: i + 1,
      code: lines
        .slice(i + 1, code)
        .filter((l) => !/^import .* from 'warpframe/.test(l))
        .join('\n'),
      output: code === end ? null : output.join('\n'),
      outputAt: code,
      outputLines: end - code,
      indent: '',
    });
    i = end;
  }
  return found;
}

/** Runs an example with every public name in scope and `tmp`, a folder of its own; returns what it printed. */
export async function runExample(example: Example): Promise<string> {
  const tmp = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-doc-'));
  const printed: string[] = [];
  const log = (...values: unknown[]): void => {
    printed.push(values.map((v) => (typeof v === 'string' ? v : inspect(v))).join(' '));
  };
  const original = console.log;
  try {
    const { code } = await esbuild.transform(`async function example() {\n${example.code}\n}`, {
      loader: 'ts',
      target: 'node20',
    });
    const scope: Record<string, unknown> = { ...warpframe, ...ml, ...predict, tmp, console: { ...console, log } };
    const names = Object.keys(scope);
    // show() prints through the process's console.
    console.log = log;
    const make = new Function(...names, `${code}; return example;`) as (...values: unknown[]) => () => Promise<void>;
    await make(...names.map((n) => scope[n]))();
  } finally {
    console.log = original;
    fs.rmSync(tmp, { recursive: true, force: true });
  }
  return printed
    .join('\n')
    .replaceAll(tmp, 'tmp')
    .replace(/[ \t]+$/gm, '');
}

/** Writes outputs into a file, last example first so that line numbers stay right. */
export function writeOutputs(file: string, outputs: readonly { example: Example; output: string }[]): void {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  for (const { example, output } of [...outputs].sort((a, b) => b.example.outputAt - a.example.outputAt)) {
    const text = output === '' ? [] : output.split('\n').map((l) => `${example.indent}//${l === '' ? '' : ` ${l}`}`);
    lines.splice(example.outputAt, example.outputLines, ...text);
  }
  fs.writeFileSync(file, lines.join('\n'));
}

/** Every TypeScript source of the package, and the guide. */
export function sources(): string[] {
  const guide = fs.existsSync('docs/guide') ? fs.readdirSync('docs/guide').map((f) => path.join('docs/guide', f)) : [];
  const code = fs.readdirSync('ts', { recursive: true }).map((f) => path.join('ts', String(f)));
  return [
    ...guide.filter((f) => f.endsWith('.md')),
    ...code.filter((f) => f.endsWith('.ts') && !f.endsWith('.gen.ts') && !f.includes('/wasm/')),
  ].sort();
}
