// Steps that are counted in bytes: one line that is redrawn on a terminal, a line a step elsewhere.
import { bytesText } from '../report/numbers.ts';
import type { Console } from './job-progress.ts';

/** One step of a few. */
export interface Step {
  readonly step: number;
  readonly steps: number;
  readonly what: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

const BAR = 24;
const CLEAR = '\r\x1b[2K';

/** Shows steps; `end` leaves the line clean. */
export function stepLine(out: Console): { show: (step: Step) => void; end: () => void } {
  const live = out.isTTY === true;
  let shown = 0;
  return {
    show({ step, steps, what, doneBytes, totalBytes }) {
      const place = `[${step}/${steps}]`;
      if (!live) {
        if (step !== shown) out.write(`${place} ${what}\n`);
        shown = step;
        return;
      }
      const filled = totalBytes > 0 ? Math.round((BAR * doneBytes) / totalBytes) : 0;
      const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
      const text = `${place} ${bar} ${bytesText(doneBytes)} of ${bytesText(totalBytes)}  ${what}`;
      out.write(`${CLEAR}${text.slice(0, (out.columns ?? 80) - 1)}`);
    },
    end() {
      if (live) out.write(CLEAR);
    },
  };
}
