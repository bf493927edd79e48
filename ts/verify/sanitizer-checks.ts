// Sections run again, in small, under NVIDIA's compute-sanitizer, where it is on the path.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type Check, failed, notRun, type Outcome, passed, type SectionName, type VerifySettings } from './check.ts';
import { engineFacts } from './engine-facts.ts';
import type { VerifyEvent } from './events.ts';
import { sectionCommand } from './section-process.ts';

export const TOOLS = ['memcheck', 'racecheck', 'initcheck', 'synccheck'] as const;
/** What the sanitizer ends with where it found something. */
const FOUND = 86;
const LIMIT_MS = 3_600_000;
/** It slows kernels a hundredfold. */
const SMALL = { rows: 500, benchRows: [], every: 20, trees: 5, plans: 5, queries: 5 };
const KEPT_TEXT = 4000;

/** The sanitizer's path, if it is on PATH. */
export function sanitizerOnPath(folders = process.env['PATH'] ?? ''): string | null {
  for (const folder of folders.split(path.delimiter)) {
    const file = path.join(folder, 'compute-sanitizer');
    if (folder !== '' && fs.existsSync(file)) return file;
  }
  return null;
}

/** One section under one tool: what the tool says, and what the section's checks say. */
export async function underSanitizer(
  sanitizer: string,
  tool: string,
  section: SectionName,
  settings: VerifySettings,
): Promise<Outcome> {
  const command = sectionCommand({ section, settings: { ...settings, ...SMALL }, skip: 0 });
  const options = ['--tool', tool, '--error-exitcode', String(FOUND), '--target-processes', 'all'];
  const child = spawn(sanitizer, [...options, ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const take = (part: Buffer): void => {
    text += part.toString();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const code = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (status, signal) => resolve(status ?? signal ?? 'no code'));
  });
  const events: VerifyEvent[] = [];
  const said: string[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith('{"type":')) {
      if (line.trim() !== '') said.push(line);
    } else events.push(JSON.parse(line) as VerifyEvent);
  }
  const ends = events.filter((e) => e.type === 'end');
  const wrong = ends.filter((e) => e.outcome.status === 'failed');
  const tail = said.join('\n').slice(-KEPT_TEXT);
  if (code === FOUND) return failed(`${tool} found something:\n${tail}`);
  if (wrong.length > 0) return failed(`${wrong.length} of ${ends.length} checks failed under ${tool}`);
  if (code !== 0 || !events.some((e) => e.type === 'done')) return failed(`it ended with ${code}:\n${tail}`);
  const ran = ends.filter((e) => e.outcome.status === 'passed').length;
  return ran > 0 ? passed(`${ran} checks`) : notRun('nothing of the section could run');
}

export async function* sanitizerChecks(settings: VerifySettings): AsyncGenerator<Check> {
  const group = 'compute-sanitizer';
  const { host, label } = await engineFacts();
  const sanitizer = sanitizerOnPath();
  const why = host
    ? 'host-cudf is not a GPU: there is nothing for compute-sanitizer to look at'
    : label === null
      ? 'there is no GPU'
      : sanitizer === null
        ? 'compute-sanitizer is not on the path (it is part of the CUDA toolkit)'
        : null;
  if (why !== null || sanitizer === null) {
    yield { group, name: 'all', run: () => notRun(why ?? '') };
    return;
  }
  for (const section of ['kernels', 'plans', 'random'] as const)
    for (const tool of TOOLS)
      yield {
        group,
        name: `${section} under ${tool}`,
        limitMs: LIMIT_MS,
        run: () => underSanitizer(sanitizer, tool, section, settings),
      };
}
