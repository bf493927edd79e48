// Import direction and file sizes: what keeps the tree readable.
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
/** Each area may import itself and the areas named. */
const BELOW = ['util', 'env', 'errors', 'schema'];
const ALLOWED = {
  util: ['errors'],
  env: ['errors'],
  errors: [],
  schema: ['util', 'errors'],
  expr: BELOW,
  plan: [...BELOW, 'expr'],
  optimize: [...BELOW, 'expr', 'plan'],
  source: [...BELOW, 'expr', 'plan'],
  backend: [...BELOW, 'expr', 'plan', 'source', 'native'],
  runner: [...BELOW, 'expr', 'plan', 'optimize', 'source', 'backend'],
  frame: [...BELOW, 'expr', 'plan', 'optimize', 'source', 'backend', 'runner'],
  ml: [...BELOW, 'expr', 'plan', 'source', 'backend', 'runner', 'frame', 'native'],
  native: BELOW,
  predict: [...BELOW, 'expr', 'plan', 'source', 'backend', 'runner', 'frame', 'ml', 'native'],
  report: [...BELOW, 'frame', 'ml', 'predict', 'verify'],
  config: [...BELOW, 'expr', 'plan', 'source', 'backend', 'runner', 'frame', 'ml', 'native'],
  job: [
    ...BELOW,
    'expr',
    'plan',
    'source',
    'backend',
    'runner',
    'frame',
    'ml',
    'native',
    'predict',
    'report',
    'config',
  ],
  verify: [...BELOW, 'expr', 'plan', 'source', 'optimize', 'backend', 'native', 'runner', 'frame', 'index'],
  cli: [
    ...BELOW,
    'verify',
    'expr',
    'plan',
    'source',
    'backend',
    'runner',
    'frame',
    'ml',
    'native',
    'predict',
    'report',
    'config',
    'job',
    'index',
  ],
  index: null,
};
/** Facades whose bulk is documentation. */
const LONG = new Set(['ts/frame/dataframe.ts', 'ts/expr/expr.ts']);
const MAX_LINES = 600;

const problems = [];
const sizes = [];
const imports = new Map();
const files = fs
  .readdirSync(path.join(root, 'ts'), { recursive: true })
  .map((f) => `ts/${f.replaceAll(path.sep, '/')}`)
  .filter((f) => f.endsWith('.ts') && !f.endsWith('.gen.ts'));
for (const file of files) {
  const text = fs.readFileSync(path.join(root, file), 'utf8');
  const lines = text.split('\n').length - 1;
  sizes.push(lines);
  if (lines > MAX_LINES && !LONG.has(file))
    problems.push(`${file} has ${lines} lines; ${MAX_LINES} at most. Is there one thing in it?`);
  if (file.includes('/cpu/wasm/')) continue;
  const area = file.split('/')[1].replace(/\.ts$/, '');
  if (!(area in ALLOWED) && !file.endsWith('.d.ts'))
    problems.push(`${file}: the area "${area}" has no row in check-structure.mjs`);
  const found = [];
  // Type-only and run-time imports alike; dynamic ones too: direction is about knowing, not loading.
  for (const m of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
    const target = path.posix.join(path.posix.dirname(file), m[1]);
    found.push(target);
    const to = target.split('/')[1].replace(/\.ts$/, '');
    if (ALLOWED[area] !== null && to !== area && !ALLOWED[area]?.includes(to))
      problems.push(`${file} imports ${target}: ${area} must not know ${to}`);
  }
  // Only imports that exist at run time can make a load cycle.
  imports.set(
    file,
    [...text.matchAll(/^(?:import|export)(?! type)[^;]*?from '(\.[^']+)'/gm)].map((m) =>
      path.posix.join(path.posix.dirname(file), m[1]),
    ),
  );
}
const state = new Map();
const visit = (file, trail) => {
  if (state.get(file) === 2 || !imports.has(file)) return;
  if (state.get(file) === 1) {
    problems.push(`import cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' → ')}`);
    return;
  }
  state.set(file, 1);
  for (const next of imports.get(file)) visit(next, [...trail, file]);
  state.set(file, 2);
};
for (const file of imports.keys()) visit(file, []);

sizes.sort((a, b) => a - b);
console.log(`${files.length} source files, median ${sizes[sizes.length >> 1]} lines, longest ${sizes.at(-1)}`);
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
