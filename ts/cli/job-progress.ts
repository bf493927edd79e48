// How far a job is: a bar that is redrawn on a terminal, lines elsewhere.
import { STAGES, type StageName } from '../job/job-result.ts';
import type { JobEvent } from '../job/stages.ts';
import { bytesText, countText, durationText } from '../report/numbers.ts';

/** Where progress is written. */
export interface Console {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const BAR = 24;
const WIDTH = Math.max(...STAGES.map((s) => s.length));
const CLEAR = '\r\x1b[2K';
const REDRAW_MS = 80;

/** A listener for `runJob`'s events, and what to call when the job is over. */
export function jobProgress(out: Console): { onEvent: (event: JobEvent) => void; end: () => void } {
  const live = out.isTTY === true;
  let drawn = false;
  let last = 0;
  const clear = (): void => {
    if (drawn) out.write(CLEAR);
    drawn = false;
  };
  const line = (text: string): void => {
    clear();
    out.write(`${text}\n`);
  };
  const draw = (stage: StageName, label: string, fraction: number | null, doneRows: number): void => {
    if (!live || performance.now() - last < REDRAW_MS) return;
    last = performance.now();
    const filled = fraction === null ? 0 : Math.round(BAR * Math.min(1, Math.max(0, fraction)));
    const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
    const much =
      fraction === null ? (doneRows > 0 ? `${countText(doneRows)} rows` : '') : `${Math.round(fraction * 100)} %`;
    const text = `${place(stage)} ${stage.padEnd(WIDTH)} ${bar} ${much} ${label}`;
    out.write(`${CLEAR}${text.slice(0, (out.columns ?? 80) - 1)}`);
    drawn = true;
  };
  return {
    onEvent(event) {
      if (event.type === 'start') draw(event.stage, '', null, 0);
      else if (event.type === 'progress') draw(event.stage, event.label, event.fraction, event.doneRows);
      else if (event.type === 'note') line(`${' '.repeat(6)}${event.text}`);
      else {
        const { ms, rows, memoryBytes } = event.result;
        const much = rows === null ? '' : `${countText(rows)} rows`;
        line(
          `${place(event.stage)} ${event.stage.padEnd(WIDTH)} ${durationText(ms).padStart(9)}  ${much.padStart(16)}  ${bytesText(memoryBytes).padStart(9)}`,
        );
      }
    },
    end: clear,
  };
}

const place = (stage: StageName): string => `[${STAGES.indexOf(stage) + 1}/${STAGES.length}]`;
