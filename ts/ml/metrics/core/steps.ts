// Long calculations on the calling thread, cut into short steps. A calculation is a generator that yields about every
// millisecond; it runs at once where that is wanted (inside a training step), or with the event loop turning in between.

/** A calculation that can be left and taken up between steps; what it returns is the result. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Rows between two yields: a fraction of a millisecond of simple arithmetic. */
export const STEP_ROWS = 65_536;

/** The longest time that a calculation holds the event loop, in milliseconds, give or take a step. */
const SLICE_MS = 2;

/** Runs a calculation to its end now. */
export function runSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Runs a calculation and lets the event loop turn every few milliseconds. Rejects with `signal.reason` on abort. */
export async function runSliced<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  signal?.throwIfAborted();
  let until = performance.now() + SLICE_MS;
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() < until) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    until = performance.now() + SLICE_MS;
  }
}
