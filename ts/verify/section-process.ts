// Runs a section in processes of its own: one that dies or falls silent fails the check under way, and the next begins
// behind it.
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { failed, type Outcome, type SectionName, type VerifySettings } from './check.ts';
import type { Assignment, VerifyEvent } from './events.ts';
import type { VerifiedEngine } from './report.ts';

/** Deaths after which a section is given up. */
const MOST_DEATHS = 20;
/** Kept of what a process wrote before it died. */
const KEPT_TEXT = 2000;
/** For what happens before the first check: opening libcudf. */
const START_LIMIT_MS = 300_000;

/** The entry beside this file; of the package, its bundle. */
function entry(): string {
  const here = fileURLToPath(import.meta.url);
  return here.endsWith('.ts')
    ? path.join(path.dirname(here), 'child.ts')
    : path.join(path.dirname(here), '../verify/child.js');
}

/** The command line of a section without a channel: its events are lines of its output. */
export const sectionCommand = (assignment: Assignment): string[] => [
  process.execPath,
  ...process.execArgv,
  entry(),
  JSON.stringify(assignment),
];

/** A check that ended. */
export interface CheckEnd {
  readonly group: string;
  readonly name: string;
  readonly outcome: Outcome;
  readonly ms: number;
}
export interface SectionListener {
  readonly begin?: (group: string, name: string) => void;
  readonly end?: (end: CheckEnd) => void;
  readonly engine?: (engine: VerifiedEngine) => void;
}

interface Under {
  readonly index: number;
  readonly group: string;
  readonly name: string;
  readonly started: number;
}

/** One process. @returns the check that it died in, if it did, and how */
function runProcess(
  assignment: Assignment,
  listener: SectionListener,
  signal: AbortSignal | undefined,
): Promise<{ readonly death: { readonly under: Under | null; readonly how: string } | null }> {
  const child: ChildProcess = fork(entry(), [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let text = '';
  const keep = (part: Buffer): void => {
    text = `${text}${part.toString()}`.slice(-KEPT_TEXT);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const abort = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', abort, { once: true });
  return new Promise((resolve) => {
    let under: Under | null = null;
    let done = false;
    let stuck = '';
    let timer: NodeJS.Timeout | undefined;
    const watch = (limitMs: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        stuck = `no answer for ${Math.round(limitMs / 1000)} s; the process was ended`;
        child.kill('SIGKILL');
      }, limitMs);
    };
    watch(START_LIMIT_MS);
    child.on('message', (message) => {
      const event = message as VerifyEvent;
      if (event.type === 'engine') listener.engine?.(event.engine);
      else if (event.type === 'begin') {
        under = { ...event, started: performance.now() };
        watch(event.limitMs);
        listener.begin?.(event.group, event.name);
      } else if (event.type === 'end' && under) {
        listener.end?.({ group: under.group, name: under.name, outcome: event.outcome, ms: event.ms });
        // A lost device fails everything in its process.
        if (event.outcome.status === 'failed' && event.outcome.message.startsWith('ERR_DEVICE')) {
          stuck = 'lost';
          child.kill('SIGKILL');
        } else under = null;
      } else if (event.type === 'done') done = true;
    });
    child.once('error', (error) => {
      stuck = error.message;
    });
    child.once('close', (code, how) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      if (done && stuck === '') return resolve({ death: null });
      const end = how === null ? `the process ended with code ${code}` : `the process ended by ${how}`;
      const tail = text.trim() === '' ? '' : `; it wrote: ${text.trim()}`;
      resolve({ death: { under, how: stuck === 'lost' ? '' : stuck || `${end}${tail}` } });
    });
    child.send(assignment);
  });
}

/** Runs a section to its end, whatever its processes do. */
export async function runSection(
  section: SectionName | 'engine',
  settings: VerifySettings,
  listener: SectionListener,
  signal?: AbortSignal,
): Promise<void> {
  let skip = 0;
  for (let deaths = 0; ; deaths++) {
    const { death } = await runProcess({ section, settings, skip }, listener, signal);
    signal?.throwIfAborted();
    if (death === null) return;
    const { under, how } = death;
    const group = under?.group ?? section;
    const ms = under ? performance.now() - under.started : 0;
    if (how !== '') listener.end?.({ group, name: under?.name ?? 'the section', outcome: failed(how), ms });
    if (under === null) return;
    skip = under.index + 1;
    if (deaths + 1 >= MOST_DEATHS) {
      const message = `${MOST_DEATHS} processes died or lost the device: the section was given up`;
      listener.end?.({ group, name: 'the rest', outcome: failed(message), ms: 0 });
      return;
    }
  }
}
