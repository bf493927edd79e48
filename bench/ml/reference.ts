// scikit-learn and XGBoost in a Python process that answers JSON lines.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

const VENV = '.cache/bench-python';

/** A Python with the pinned packages: the one given, or an environment made once. */
export function findPython(given: string | undefined): string {
  if (given) return given;
  const python = path.join(VENV, 'bin/python');
  if (!fs.existsSync(python)) {
    const made = spawnSync('python3', ['-m', 'venv', VENV], { stdio: 'inherit' });
    const installed =
      made.status === 0 &&
      spawnSync(path.join(VENV, 'bin/pip'), ['install', '-q', '-r', 'bench/ml/requirements.txt'], { stdio: 'inherit' })
        .status === 0;
    if (!installed) {
      fs.rmSync(VENV, { recursive: true, force: true });
      throw new Error('No Python environment for the reference: needs Python ≥ 3.12, or --python.');
    }
  }
  return python;
}

/** The files of a data set. */
export interface DataFiles {
  readonly train: string;
  readonly test: string | null;
  readonly rows: number;
  readonly testRows: number;
  readonly features: number;
}

/** A question with an answer per line. */
export class Reference implements Disposable {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #folder: string;

  constructor(python: string, folder: string, threads: number, scale: number) {
    this.#folder = folder;
    const env = { ...process.env };
    // These choose an old kernel where set; without them OpenBLAS takes the one of this processor.
    delete env['OPENBLAS_CORETYPE'];
    delete env['OPENBLAS_L2_SIZE'];
    const threading = {
      OMP_NUM_THREADS: `${threads}`,
      OPENBLAS_NUM_THREADS: `${threads}`,
      BENCH_THREADS: `${threads}`,
    };
    this.#process = spawn(python, ['bench/ml/reference.py'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...env, ...threading, BENCH_SCALE: `${scale}` },
    });
    this.#lines = readline.createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  async #ask(question: object): Promise<any> {
    this.#process.stdin!.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('The reference process ended.');
    const answer = JSON.parse(value);
    if (answer.error) throw new Error(`${JSON.stringify(question)}: ${answer.error}`);
    return answer;
  }

  info = (): Promise<Record<string, any>> => this.#ask({ do: 'info' });
  data = (name: string): Promise<DataFiles> => this.#ask({ do: 'data', name, folder: this.#folder });
  load = (name: string): Promise<void> => this.#ask({ do: 'load', name, folder: this.#folder });
  run = (data: string, task: string, step: string): Promise<{ ms: number; peakBytes: number }> =>
    this.#ask({ do: 'run', data, task, step });
  score = async (data: string, task: string): Promise<number> => (await this.#ask({ do: 'score', data, task })).score;
  drop = (): Promise<void> => this.#ask({ do: 'drop' });

  [Symbol.dispose](): void {
    this.#process.stdin!.end();
    this.#process.kill();
  }
}
