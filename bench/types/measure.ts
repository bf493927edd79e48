// What programs over the public types cost the type checker: instantiations (the same on every machine), types and time.
// `npx tsx bench/types/measure.ts` prints the table; tests/types/budget.test.ts holds the limits.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { chain, empty, joins, wide } from './cases.ts';

const root = path.resolve(import.meta.dirname, '../..');

const CONSUMER: ts.CompilerOptions = {
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

/** Writes the package's declarations, as the build does, and returns their folder; callers that run side by side name their own. */
export function emitDeclarations(name = 'bench'): string {
  const folder = path.join(root, 'out/declarations', name);
  const config = ts.getParsedCommandLineOfConfigFile(
    path.join(root, 'tsconfig.build.json'),
    {
      outDir: folder,
      declarationDir: folder,
      emitDeclarationOnly: true,
      noEmitOnError: false,
      incremental: true,
      tsBuildInfoFile: path.join(folder, '.tsbuildinfo'),
    },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (d) => fail([d]) },
  );
  if (config === undefined) throw new Error('tsconfig.build.json cannot be read');
  const host = ts.createIncrementalCompilerHost(config.options);
  const program = ts.createIncrementalProgram({
    rootNames: [path.join(root, 'ts/index.ts')],
    options: config.options,
    host,
  });
  program.emit();
  return folder;
}

export interface Cost {
  readonly name: string;
  readonly instantiations: number;
  readonly types: number;
  readonly ms: number;
  readonly errors: readonly string[];
}

/** Checks programs that import 'warpframe' from the declarations; several files are one program. */
export function measure(name: string, texts: readonly string[], declarations: string): Cost {
  const files = texts.map((text, i) => {
    const file = path.join(declarations, `case-${name.replaceAll(' ', '-')}-${i}.ts`);
    fs.writeFileSync(file, text);
    return file;
  });
  return check(name, files, declarations);
}

function check(name: string, files: readonly string[], declarations: string): Cost {
  const options = {
    ...CONSUMER,
    allowImportingTsExtensions: true,
    paths: { warpframe: [path.join(declarations, 'index.d.ts')] },
  };
  const program = ts.createProgram(files, options);
  const start = performance.now();
  const errors = files.flatMap((file) => program.getSemanticDiagnostics(program.getSourceFile(file)));
  return {
    name,
    instantiations: program.getInstantiationCount(),
    types: program.getTypeCount(),
    ms: performance.now() - start,
    errors: errors.map((d) => ts.flattenDiagnosticMessageText(d.messageText, '\n')),
  };
}

function fail(diagnostics: readonly ts.Diagnostic[]): never {
  throw new Error(diagnostics.map((d) => ts.flattenDiagnosticMessageText(d.messageText, '\n')).join('\n'));
}

/** The 22 TPC-H queries of bench/tpch, as one program over the declarations. */
export function measureTpch(declarations: string): Cost {
  const from = path.join(root, 'bench/tpch');
  const folder = path.join(declarations, 'tpch');
  fs.mkdirSync(folder, { recursive: true });
  // Only the queries and what they import: comparing answers is not part of the cost.
  const files = fs.readdirSync(from).filter((f) => /^(q\d\d-|queries|query|tables)/.test(f));
  const copies = files.map((f) => {
    const text = fs.readFileSync(path.join(from, f), 'utf8').replaceAll("'../../ts/index.ts'", "'warpframe'");
    fs.writeFileSync(path.join(folder, f), text);
    return path.join(folder, f);
  });
  return check('tpch', copies, declarations);
}

if (process.argv[1] !== undefined && import.meta.filename === fs.realpathSync(process.argv[1])) {
  const declarations = emitDeclarations();
  const base = measure('empty', [empty()], declarations);
  const costs = [
    base,
    measure('chain of 40', [chain(40)], declarations),
    measure('chain of 80', [chain(80)], declarations),
    measure('joins', [joins()], declarations),
    measure('wide', [wide()], declarations),
    measureTpch(declarations),
  ];
  console.log(
    `typescript ${ts.version}, node ${process.version}; instantiations include the import (${base.instantiations})`,
  );
  for (const c of costs) {
    console.log(
      `${c.name.padEnd(12)} ${String(c.instantiations).padStart(9)} instantiations ${String(c.types).padStart(8)} types ${c.ms.toFixed(0).padStart(6)} ms${c.errors.length === 0 ? '' : `  ${c.errors.length} errors: ${c.errors[0]}`}`,
    );
  }
}
