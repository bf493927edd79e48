// The folder of one run. Files appear when they are complete; status.json says what became of the run.
import fs from 'node:fs/promises';
import path from 'node:path';
import { ParameterError } from '../errors.ts';
import { writing } from '../predict/windows.ts';

/** What became of a run. */
export type RunStatus = 'running' | 'finished' | 'failed' | 'aborted';

interface StatusFile {
  readonly status: RunStatus;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly error?: { readonly code: string; readonly message: string };
  /** Files of this run, for the next one in the same folder to remove. */
  readonly files: readonly string[];
}

const STATUS = 'status.json';

/** A run's folder. */
export class RunFolder {
  readonly path: string;
  readonly #startedAt = new Date().toISOString();
  readonly #files = new Set<string>();

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes the folder: `runs/<time>`, or the given one, which may be that of an earlier run: its files are replaced.
   *
   * @throws {ERR_PARAMETER} a folder with files that no run wrote
   * @throws {ERR_IO} a folder that cannot be made
   */
  static async create(given: string | null): Promise<RunFolder> {
    const folder = new RunFolder(given ?? (await freeFolder()));
    await writing(folder.path, () => fs.mkdir(folder.path, { recursive: true }));
    await folder.#clear();
    await folder.status('running');
    return folder;
  }

  /** Removes the files of an earlier run. */
  async #clear(): Promise<void> {
    const found = await fs.readdir(this.path);
    if (found.length === 0) return;
    let earlier: StatusFile | null = null;
    try {
      earlier = JSON.parse(await fs.readFile(path.join(this.path, STATUS), 'utf8')) as StatusFile;
    } catch {
      // Not readable is not ours: the next line says so.
    }
    if (!Array.isArray(earlier?.files)) {
      throw new ParameterError(
        `The folder ${this.path} has files that no run wrote. Empty it, or name another one with output.folder.`,
        { key: 'output.folder' },
      );
    }
    for (const name of earlier.files) {
      // Names only: a file of another folder is not ours, whatever status.json says.
      if (typeof name === 'string' && path.basename(name) === name)
        await fs.rm(path.join(this.path, name), { force: true });
    }
  }

  /** The path of a file of this run. Whoever asks writes it, complete or not at all. */
  file(name: string): string {
    this.#files.add(name);
    return path.join(this.path, name);
  }

  /** Writes a file. */
  async write(name: string, content: string): Promise<string> {
    const target = this.file(name);
    const partial = path.join(this.path, `.${name}.partial`);
    await writing(target, async () => {
      try {
        await fs.writeFile(partial, content);
        await fs.rename(partial, target);
      } catch (error) {
        await fs.rm(partial, { force: true });
        throw error;
      }
    });
    return target;
  }

  /** Says what became of the run. */
  async status(status: RunStatus, error?: unknown): Promise<void> {
    const ended = status === 'running' ? {} : { endedAt: new Date().toISOString() };
    const e = error as { code?: string; name?: string; message?: string } | undefined;
    const file: StatusFile = {
      status,
      startedAt: this.#startedAt,
      ...ended,
      ...(e === undefined ? {} : { error: { code: e.code ?? e.name ?? 'Error', message: e.message ?? String(error) } }),
      files: [...this.#files],
    };
    await this.write(STATUS, `${JSON.stringify(file, null, 2)}\n`);
  }

  /**
   * Ends a run that did not come to its end: what it had written goes, but for the job and the status that says why.
   * Never throws: the error that led here is the one to report.
   */
  async fail(status: 'failed' | 'aborted', error: unknown): Promise<void> {
    for (const name of this.#files) {
      if (name === STATUS || name === 'config.yaml' || name === 'environment.json') continue;
      await fs.rm(path.join(this.path, name), { force: true }).catch(() => undefined);
      this.#files.delete(name);
    }
    await this.status(status, error).catch(() => undefined);
  }
}

/** `runs/2026-01-31T12-00-00`, or with a number behind it. */
async function freeFolder(): Promise<string> {
  const stem = path.join('runs', new Date().toISOString().slice(0, 19).replaceAll(':', '-'));
  await writing('runs', () => fs.mkdir('runs', { recursive: true }));
  for (let n = 1; ; n++) {
    const name = n === 1 ? stem : `${stem}-${n}`;
    try {
      await fs.mkdir(name);
      return name;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return writing(name, () => Promise.reject(error));
    }
  }
}
