// A whole verification: every section in processes of its own, gathered into a report.
import fs from 'node:fs';
import os from 'node:os';
import { SECTIONS, type SectionName, type VerifySettings } from './check.ts';
import { Gathered } from './gathered.ts';
import type { VerifiedEngine, VerifyReport } from './report.ts';
import { type CheckEnd, runSection } from './section-process.ts';

/** The version of the package, whose file is two folders above this one, bundled or not. */
const packageVersion = (): string =>
  (JSON.parse(fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

/** What to verify; what is left out fits the engine. */
export interface VerifyOptions {
  readonly only?: readonly SectionName[];
  /** Rows: plans and drills take the first, the benchmark all. */
  readonly rows?: readonly number[];
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** Told how far it is. */
export interface VerifyListener {
  engine?(engine: VerifiedEngine): void;
  begin?(section: SectionName, group: string, name: string): void;
  end?(section: SectionName, check: CheckEnd): void;
  section?(section: SectionName, ms: number): void;
}

const ON_GPU: Omit<VerifySettings, 'named' | 'seed'> = {
  rows: 200_000,
  benchRows: [100_000, 1_000_000, 10_000_000, 100_000_000],
  every: 1,
  trees: 2000,
  plans: 500,
  queries: 1000,
};
/** What shows in a minute that everything runs. */
const ON_HOST: Omit<VerifySettings, 'named' | 'seed'> = {
  rows: 2000,
  benchRows: [1000],
  every: 3,
  trees: 60,
  plans: 60,
  queries: 60,
};

/** The settings of an engine, with what was asked for. */
export function settingsFor(host: boolean, { only = [], rows, seed = 1 }: VerifyOptions): VerifySettings {
  const usual = host ? ON_HOST : ON_GPU;
  const first = rows?.[0];
  return {
    ...usual,
    ...(rows === undefined || first === undefined ? {} : { rows: first, benchRows: [...rows].sort((a, b) => a - b) }),
    seed,
    named: only,
  };
}

/** Runs everything that was asked for, to the end; failures are in the report. */
export async function runVerify(options: VerifyOptions = {}, listener: VerifyListener = {}): Promise<VerifyReport> {
  const started = performance.now();
  const { only = SECTIONS, signal } = options;
  let engine: VerifiedEngine = { label: null, host: false, reason: 'the engine did not answer', facts: [] };
  const gathered = new Gathered();
  const probe = {
    engine: (found: VerifiedEngine): void => {
      engine = found;
    },
    end: (end: CheckEnd): void => gathered.add('addon', end),
  };
  await runSection('engine', settingsFor(true, options), probe, signal);
  listener.engine?.(engine);
  const settings = settingsFor(engine.host, options);
  for (const section of SECTIONS) {
    if (!only.includes(section)) continue;
    const begun = performance.now();
    const told = {
      begin: (group: string, name: string): void => listener.begin?.(section, group, name),
      end: (end: CheckEnd): void => {
        gathered.add(section, end);
        listener.end?.(section, end);
      },
    };
    await runSection(section, settings, told, signal);
    listener.section?.(section, performance.now() - begun);
  }
  const { named, benchRows, ...numbers } = settings;
  return gathered.report({
    tool: 'warpframe verify-gpu',
    version: packageVersion(),
    engine,
    machine: machineFacts(),
    settings: { ...numbers, benchRows: benchRows.join(', '), only: only.join(',') },
    ms: performance.now() - started,
  });
}

const machineFacts = (): { name: string; value: string }[] => [
  { name: 'processor', value: `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown'}` },
  { name: 'memory', value: `${(os.totalmem() / 2 ** 30).toFixed(1)} GiB` },
  { name: 'system', value: `${os.type()} ${os.release()}, ${process.platform}-${process.arch}` },
  { name: 'Node', value: process.version },
  { name: 'load', value: os.loadavg()[0]!.toFixed(2) },
];
