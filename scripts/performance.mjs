// Writes docs/performance.md and its pictures from the recorded runs in bench/results: no number without a run. A run that
// was repeated with another Node (`ops-node24.json`) stands in the columns beside the first.
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
const { comparison, learning, loop, memory, scaling, threads } = await import('./performance/sections.mjs');

const OTHER = '-node24.json';
const read = (file) => ({ file, ...JSON.parse(fs.readFileSync(`bench/results/${file}`, 'utf8')) });
const files = fs
  .readdirSync('bench/results')
  .filter((f) => f.endsWith('.json'))
  .sort();
const reports = files
  .filter((f) => !f.endsWith(OTHER))
  .map((f) => {
    const other = f.replace(/\.json$/, OTHER);
    return files.includes(other) ? { ...read(f), other: read(other) } : read(f);
  });

const PICTURES = 'docs/performance';
fs.rmSync(PICTURES, { recursive: true, force: true });
fs.mkdirSync(PICTURES);
const SECTIONS = { loop, ml: learning, memory, scaling, threads };
const sections = [];
for (const report of reports) sections.push(await (SECTIONS[report.suite] ?? comparison)(report));
const text = [
  '# Performance',
  '',
  'Where this version stands, winning or not. Every round runs each engine in turn; medians; answers are compared first. Each',
  'section says with how many threads.',
  '',
  ...sections,
  'Again: `npm run bench -- ops --json bench/results/ops.json`, then `node scripts/performance.mjs`. With another Node:',
  '`npm run bench -- ops --node path/to/node --json bench/results/ops-node24.json`.',
  '',
].join('\n');
fs.writeFileSync('docs/performance.md', text);
