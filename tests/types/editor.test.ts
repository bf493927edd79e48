// What an editor shows: completions, hovers and error texts, recorded. `UPDATE=1` writes the records anew.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';
import { emitDeclarations } from '../../bench/types/measure.ts';

const folder = path.join(import.meta.dirname, 'editor');
let declarations = '';
beforeAll(() => {
  declarations = emitDeclarations('editor');
}, 600_000);

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.es2024.sharedmemory.d.ts'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
};

/** A language service over one file. */
function editor(name: string): { service: ts.LanguageService; file: string; text: string } {
  const text = fs.readFileSync(path.join(folder, `${name}.ts.txt`), 'utf8');
  const file = path.join(declarations, `editor-${name}.ts`);
  const options = { ...OPTIONS, paths: { warpframe: [path.join(declarations, 'index.d.ts')] } };
  const service = ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (f) => {
      const content = f === file ? text : ts.sys.readFile(f);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => declarations,
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (f) => f === file || ts.sys.fileExists(f),
    readFile: (f) => (f === file ? text : ts.sys.readFile(f)),
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
  return { service, file, text };
}

function record(name: string, got: string): void {
  const file = path.join(folder, `${name}.golden.txt`);
  if (process.env['UPDATE'] === '1') fs.writeFileSync(file, got);
  expect(got).toBe(fs.readFileSync(file, 'utf8'));
}

const lineAt = (text: string, at: number): string =>
  text.slice(text.lastIndexOf('\n', at) + 1, text.indexOf('\n', at)).trim();

/** Few names in full; of many only the first, so that a new method does not change every record. */
function namesText(names: readonly string[]): string {
  return names.length <= 10 ? names.join(' ') : `${names.slice(0, 6).join(' ')} … ${names.at(-1)}`;
}

describe('an editor', () => {
  test('completes and shows types', () => {
    const { service, file, text } = editor('session');
    const lines: string[] = [];
    for (const match of text.matchAll(/\/\*([?^])\*\//g)) {
      const source = lineAt(text, match.index).replaceAll('/*^*/', '');
      if (match[1] === '?') {
        const found = service.getCompletionsAtPosition(file, match.index, {});
        const names = (found?.entries ?? []).filter((e) => e.sortText <= '12').map((e) => e.name);
        lines.push(source, `    offers ${names.length === 0 ? 'NOTHING' : namesText(names)}`);
        expect(names, source).not.toEqual([]);
      } else {
        const info = service.getQuickInfoAtPosition(file, match.index + 5);
        const shown = ts.displayPartsToString(info?.displayParts).replace(/\s+/g, ' ');
        lines.push(`${source.slice(0, 100)}`, `    ${shown}`);
      }
    }
    record('session', `${lines.join('\n')}\n`);
  });

  test('refuses wrong lines with texts that help', () => {
    const { service, file, text } = editor('errors');
    const wrong = text
      .split('\n')
      .slice(3)
      .filter((l) => l !== '' && !l.startsWith('const rows') && !l.startsWith('void'));
    const found = new Map<string, string>();
    for (const d of service.getSemanticDiagnostics(file)) {
      const source = lineAt(text, d.start ?? 0);
      const message = ts.flattenDiagnosticMessageText(d.messageText, '\n').split('\n');
      const last = (message.at(-1) ?? '').trim();
      found.set(source, [`    TS${d.code} ${message[0]}`, ...(message.length > 1 ? [`    … ${last}`] : [])].join('\n'));
    }
    record('errors', `${wrong.map((l) => `${l}\n${found.get(l) ?? '    NOTHING'}`).join('\n')}\n`);
    expect(wrong.filter((l) => !found.has(l))).toEqual([]);
  });
});
