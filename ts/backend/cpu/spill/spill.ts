// What a query may write to disk when it would pass its memory limit: the budget of each step, and the files.
import fs from 'node:fs';
import type { ExecContext } from '../context.ts';
import { createSpillFolder, diskError, removeFolder } from './spill-folder.ts';

/** The least that a step holds before it writes anything. */
const LEAST_BUDGET_BYTES = 1 << 20;
/** Of the memory there is at the start, what steps that may spill share; scans, morsels and writers need the rest. */
const STEPS_SHARE = 0.5;
/** A step spills early when less than this part of the memory is left. */
const RESERVE_SHARE = 0.12;

/** With less, rows that helpers hand over would take the place of what the steps need. */
const HELPERS_BYTES = 128 << 20;

/** A query's spilling, on the thread that runs its blocking steps. */
export interface Spill {
  /** The plan was made so that its blocking steps may spill. */
  readonly isOn: boolean;
  /** Helpers may hold rows too. */
  readonly hasRoomForHelpers: boolean;
  /** Bytes that one step may hold. */
  readonly budgetBytes: number;
  /** Whether a step that holds `heldBytes` and needs `moreBytes` at a time to finish has to spill now. */
  mustSpill(heldBytes: number, moreBytes: number): boolean;
  /** How many steps of the plan may hold a budget at one time. */
  share(steps: number): void;
  /** A new file, open for writing. */
  create(): SpillHandle;
}

/** One file of a query's folder. */
export interface SpillHandle {
  readonly path: string;
  readonly bytes: number;
  write(bytes: Uint8Array): void;
  /** Closes it for writing. */
  end(): void;
  remove(): void;
}

export interface SpillOptions {
  readonly isOn: boolean;
  /** The folder to make when it is first needed; nobody else's. */
  readonly path: string;
  /** Bytes left under the limit. */
  readonly headroomBytes: () => number;
  /** A fixed budget: for tests. */
  readonly budgetBytes: number | undefined;
  /** Called before the folder is made. */
  readonly onFirst: () => void;
  /** Told of bytes written. */
  readonly onWrite: (bytes: number) => void;
}

/** Spilling of one try at a query; `dispose` leaves nothing behind. */
export class QuerySpill implements Spill {
  readonly isOn: boolean;
  readonly #options: SpillOptions;
  readonly #wholeBytes: number;
  readonly #open = new Set<number>();
  #steps = 1;
  #files = 0;
  #hasFolder = false;

  constructor(options: SpillOptions) {
    this.#options = options;
    this.isOn = options.isOn;
    this.#wholeBytes = options.headroomBytes();
  }

  get hasRoomForHelpers(): boolean {
    return !this.isOn || this.#wholeBytes >= HELPERS_BYTES;
  }

  get budgetBytes(): number {
    return this.#options.budgetBytes ?? Math.max(LEAST_BUDGET_BYTES, (this.#wholeBytes * STEPS_SHARE) / this.#steps);
  }

  share(steps: number): void {
    this.#steps = Math.max(1, steps);
  }

  mustSpill(heldBytes: number, moreBytes: number): boolean {
    if (heldBytes + moreBytes > this.budgetBytes) return true;
    if (heldBytes < LEAST_BUDGET_BYTES) return false;
    return this.#options.headroomBytes() < moreBytes + this.#wholeBytes * RESERVE_SHARE;
  }

  create(): SpillHandle {
    if (!this.#hasFolder) {
      this.#options.onFirst();
      createSpillFolder(this.#options.path);
      this.#hasFolder = true;
    }
    const path = `${this.#options.path}/${this.#files++}.arrow`;
    let fd: number;
    try {
      fd = fs.openSync(path, 'wx');
    } catch (error) {
      throw diskError(error, path, 0, 0);
    }
    this.#open.add(fd);
    let written = 0;
    // The number may be another file's as soon as this one is closed.
    let isOpen = true;
    const close = (): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#open.delete(fd);
      fs.closeSync(fd);
    };
    return {
      path,
      get bytes() {
        return written;
      },
      write: (bytes) => {
        for (let done = 0; done < bytes.length; ) {
          try {
            done += fs.writeSync(fd, bytes, done, bytes.length - done);
          } catch (error) {
            throw diskError(error, path, bytes.length - done, written + done);
          }
        }
        written += bytes.length;
        this.#options.onWrite(bytes.length);
      },
      end: close,
      remove: () => {
        close();
        fs.rmSync(path, { force: true });
      },
    };
  }

  /** Closes and removes everything. */
  dispose(): void {
    for (const fd of this.#open) fs.closeSync(fd);
    this.#open.clear();
    if (this.#hasFolder) removeFolder(this.#options.path);
    this.#hasFolder = false;
  }
}

/** The context of a step that may give all of its memory back at once. */
export function ownMemory(ctx: ExecContext): ExecContext {
  return { ...ctx, arena: ctx.arena.child() };
}

/** Runs `work` for something that only lives while it runs. */
export function inScratch<T>(ctx: ExecContext, work: () => T): T {
  const mark = ctx.scratch.mark();
  try {
    return work();
  } finally {
    ctx.scratch.rewind(mark);
  }
}
