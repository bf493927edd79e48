// How far a verification is: a line that is redrawn on a terminal, a line a section elsewhere.
import { countText, durationText } from '../report/numbers.ts';
import { SECTIONS, type SectionName } from '../verify/check.ts';
import type { VerifyListener } from '../verify/run-verify.ts';
import type { Console } from './job-progress.ts';

const WIDTH = Math.max(...SECTIONS.map((s) => s.length));
const CLEAR = '\r\x1b[2K';
const REDRAW_MS = 80;

/** A listener for `runVerify`, and what to call when it is over. */
export function verifyProgress(out: Console, only: readonly SectionName[]): VerifyListener & { done(): void } {
  const live = out.isTTY === true;
  const counts = { passed: 0, failed: 0, notRun: 0 };
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
  const place = (section: SectionName): string => `[${only.indexOf(section) + 1}/${only.length}]`;
  const tally = (): string =>
    [
      `${countText(counts.passed)} passed`,
      ...(counts.failed > 0 ? [`${countText(counts.failed)} failed`] : []),
      ...(counts.notRun > 0 ? [`${countText(counts.notRun)} not run`] : []),
    ].join(', ');
  return {
    engine({ label, reason }) {
      line(label === null ? `No GPU: ${reason}` : `On ${label}${reason === null ? '' : `; no plans: ${reason}`}`);
    },
    begin(section, group, name) {
      if (!live || performance.now() - last < REDRAW_MS) return;
      last = performance.now();
      const text = `${place(section)} ${section.padEnd(WIDTH)} ${tally()}  ${group}: ${name}`.replaceAll('\n', ' ');
      out.write(`${CLEAR}${text.slice(0, (out.columns ?? 80) - 1)}`);
      drawn = true;
    },
    end(_, { group, name, outcome }) {
      if (outcome.status === 'passed') counts.passed++;
      else if (outcome.status === 'not run') counts.notRun++;
      else {
        counts.failed++;
        line(`      ✗ ${group}: ${name}: ${outcome.message.split('\n')[0]?.slice(0, 300)}`);
      }
    },
    section(section, ms) {
      line(`${place(section)} ${section.padEnd(WIDTH)} ${durationText(ms).padStart(9)}  ${tally()}`);
      Object.assign(counts, { passed: 0, failed: 0, notRun: 0 });
    },
    done: clear,
  };
}
