// Runs stages one after the other, each with its time, rows and memory, and tells whoever listens.
import type { OnProgress } from '../backend/backend.ts';
import type { StageName, StageResult } from './job-result.ts';

/** What happens in a job, as it happens. */
export type JobEvent =
  | { readonly type: 'start'; readonly stage: StageName }
  /** `fraction` is 0 to 1 where it is known. */
  | {
      readonly type: 'progress';
      readonly stage: StageName;
      readonly label: string;
      readonly doneRows: number;
      readonly fraction: number | null;
    }
  | { readonly type: 'note'; readonly stage: StageName; readonly text: string }
  | { readonly type: 'end'; readonly stage: StageName; readonly result: StageResult };

/** How often the memory of the process is looked at. */
const SAMPLE_MS = 50;

/** What a stage may say while it runs. */
export interface StageTalk {
  /** A callback for `onProgress` of anything that runs in this stage. */
  progress(label: string): OnProgress;
  note(text: string): void;
  /** Rows at the end of the stage. */
  rows: number | null;
}

/** The stages of one job. */
export class Stages {
  readonly results: StageResult[] = [];
  readonly #tell: (event: JobEvent) => void;
  readonly #signal: AbortSignal | undefined;

  constructor(onEvent: ((event: JobEvent) => void) | undefined, signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.#tell = (event) => {
      try {
        onEvent?.(event);
      } catch (error) {
        process.emitWarning(`onEvent threw: ${String(error)}`, { code: 'WARPFRAME_PROGRESS' });
      }
    };
  }

  /** Runs a stage. Rejects with `signal.reason` when the job is aborted. */
  async run<T>(stage: StageName, work: (talk: StageTalk) => Promise<T>): Promise<T> {
    this.#signal?.throwIfAborted();
    const started = performance.now();
    let memoryBytes = process.memoryUsage.rss();
    const look = (): void => {
      memoryBytes = Math.max(memoryBytes, process.memoryUsage.rss());
    };
    const timer = setInterval(look, SAMPLE_MS);
    this.#tell({ type: 'start', stage });
    const talk: StageTalk = {
      rows: null,
      progress: (label) => (p) =>
        this.#tell({ type: 'progress', stage, label, doneRows: p.doneRows, fraction: p.fraction ?? null }),
      note: (text) => this.#tell({ type: 'note', stage, text }),
    };
    try {
      const value = await work(talk);
      look();
      const result = { name: stage, ms: performance.now() - started, rows: talk.rows, memoryBytes };
      this.results.push(result);
      this.#tell({ type: 'end', stage, result });
      this.#signal?.throwIfAborted();
      return value;
    } finally {
      clearInterval(timer);
    }
  }
}
