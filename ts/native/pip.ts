// pip, the registry's own client: fetches pinned wheels. Python is needed to fetch, not to run.
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { IoError, MissingDependencyError } from '../errors.ts';
import wheels from './wheels.json' with { type: 'json' };

/** A wheel, by name, version and content. */
export interface PinnedWheel {
  /** `libcudf-cu13==26.10.2` */
  readonly requirement: string;
  readonly bytes: number;
  readonly sha256: string;
}

interface Ended {
  readonly status: number | null;
  readonly log: string;
}

interface RunOptions {
  readonly signal?: AbortSignal;
  /** Where the command puts its temporary files. */
  readonly temporary?: string;
}

function run(command: string, args: readonly string[], { signal, temporary }: RunOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(temporary === undefined ? {} : { env: { ...process.env, TMPDIR: temporary } }),
      ...(signal ? { signal } : {}),
    });
    let log = '';
    child.stdout.on('data', (data) => {
      log += data;
    });
    child.stderr.on('data', (data) => {
      log += data;
    });
    child.on('error', (error) => {
      if ((error as { code?: string }).code === 'ENOENT') resolve({ status: null, log: `${command} was not found` });
      else reject(error);
    });
    child.on('close', (status) => resolve({ status, log }));
  });
}

/**
 * The Python whose pip is used.
 * @throws {ERR_MISSING_DEPENDENCY} where there is none
 */
export async function pythonWithPip(): Promise<string> {
  for (const name of ['python3', 'python']) if ((await run(name, ['-m', 'pip', '--version'])).status === 0) return name;
  throw new MissingDependencyError(
    'Fetching needs pip: neither python3 nor python has it. Install Python 3 with pip (python3-pip), or fetch on another machine and set WARPFRAME_RAPIDS_DIR to the folder.',
    { packageName: 'pip' },
  );
}

async function sha256Of(file: string): Promise<string> {
  const hash = crypto.createHash('sha256');
  for await (const chunk of fs.createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

const WATCH_MS = 250;

function bytesBelow(folder: string): number {
  let bytes = 0;
  for (const name of fs.readdirSync(folder, { recursive: true }) as string[])
    bytes += fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}

const prefixOf = (wheel: PinnedWheel): string => `${wheel.requirement.replaceAll('-', '_').replace('==', '-')}-`;

/**
 * Fetches one wheel into a folder, unless it is there; the hash is checked by pip and again here.
 * @returns the wheel's file
 * @throws {ERR_IO} where pip fails, or brings another file
 */
export async function fetchWheel(
  python: string,
  wheel: PinnedWheel,
  folder: string,
  { signal, onBytes }: { readonly signal?: AbortSignal; readonly onBytes?: (bytes: number) => void } = {},
): Promise<string> {
  const present = async (): Promise<string | undefined> => {
    const name = fs.readdirSync(folder).find((f) => f.startsWith(prefixOf(wheel)) && f.endsWith('.whl'));
    const file = name === undefined ? undefined : path.join(folder, name);
    return file !== undefined && (await sha256Of(file)) === wheel.sha256 ? file : undefined;
  };
  const before = await present();
  if (before !== undefined) return before;
  const requirements = path.join(folder, `${prefixOf(wheel)}requirements.txt`);
  fs.writeFileSync(requirements, `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`);
  const args = [
    '-m',
    'pip',
    'download',
    '--quiet',
    ...wheels.pip,
    '--require-hashes',
    '--dest',
    folder,
    '-r',
    requirements,
  ];
  // pip says nothing of a download under way that a program could read; the file it is writing does.
  const temporary = fs.mkdtempSync(path.join(folder, 'partial-'));
  const watch = setInterval(() => onBytes?.(bytesBelow(temporary)), WATCH_MS);
  let ended: Ended;
  try {
    ended = await run(python, args, { temporary, ...(signal ? { signal } : {}) });
  } finally {
    clearInterval(watch);
    fs.rmSync(temporary, { recursive: true, force: true });
    fs.rmSync(requirements, { force: true });
  }
  const { status, log } = ended;
  const file = status === 0 ? await present() : undefined;
  if (file === undefined)
    throw new IoError(
      'ERR_IO',
      `pip could not fetch ${wheel.requirement}: ${log.trim().split('\n').at(-1) || 'it brought another file'}. Check the network and pip's settings (pip config list), and run the command again: what was fetched is kept.`,
      { requirement: wheel.requirement, log },
    );
  return file;
}
