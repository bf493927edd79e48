// warpframe verify-gpu: everything that is claimed of the GPU, checked on this machine, with a report.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ParameterError } from '../../errors.ts';
import { countText, durationText } from '../../report/numbers.ts';
import { SECTIONS, type SectionName } from '../../verify/check.ts';
import type { VerifyReport } from '../../verify/report.ts';
import type { Console } from '../job-progress.ts';
import type { Answer, Command } from '../main.ts';
import { verifyProgress } from '../verify-progress.ts';

/** Nothing could be checked. */
const NOTHING_RAN = 77;

export const verifyGpu: Command = {
  summary: 'checks and measures the GPU engine on this machine',
  usage: 'warpframe verify-gpu [--only SECTIONS] [--rows N] [--out DIR]',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        rows: { type: 'string' },
        seed: { type: 'string' },
        out: { type: 'string' },
        json: { type: 'boolean' },
        quiet: { type: 'boolean', short: 'q' },
      },
    });
    const only = values.only === undefined ? undefined : sectionsOf(values.only);
    const rows = values.rows === undefined ? undefined : rowsOf(values.rows);
    const seed = values.seed === undefined ? undefined : numberOf('seed', values.seed);
    const folder = path.resolve(values.out ?? 'verify-gpu');
    const [{ runVerify }, { verifyHtml }] = await Promise.all([
      import('../../verify/run-verify.ts'),
      import('../../report/write-verify.ts'),
    ]);
    fs.mkdirSync(folder, { recursive: true });
    const progress = values.quiet ? null : verifyProgress(process.stderr as Console, only ?? SECTIONS);
    const report = await runVerify(
      {
        ...(only ? { only } : {}),
        ...(rows ? { rows } : {}),
        ...(seed === undefined ? {} : { seed }),
      },
      progress ?? {},
    );
    progress?.done();
    const [json, html] = [path.join(folder, 'report.json'), path.join(folder, 'report.html')];
    fs.writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
    fs.writeFileSync(html, await verifyHtml(report));
    const text = values.json ? `${JSON.stringify(report, null, 2)}\n` : summary(report, [json, html]);
    return { text, code: report.ok ? 0 : report.totals.failed > 0 ? 1 : NOTHING_RAN } satisfies Answer;
  },
};

function sectionsOf(text: string): SectionName[] {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !SECTIONS.includes(name as SectionName));
  if (wrong !== undefined)
    throw new ParameterError(`--only has the section "${wrong}". Sections: ${SECTIONS.join(', ')}.`);
  return SECTIONS.filter((name) => names.includes(name));
}

/** `1e5,1e6`: rows of plans and drills, and all sizes of the benchmark. */
function rowsOf(text: string): number[] {
  return text.split(',').map((part) => numberOf('rows', part));
}

function numberOf(option: string, text: string): number {
  const n = Number(text);
  if (text.trim() === '' || !Number.isInteger(n) || n < 1)
    throw new ParameterError(`--${option} takes whole numbers from 1. Got "${text}".`);
  return n;
}

function summary(report: VerifyReport, files: readonly string[]): string {
  const { totals, engine, groups, ms } = report;
  const reasons = new Map<string, number>();
  for (const g of groups) for (const r of g.notRun) reasons.set(r.reason, (reasons.get(r.reason) ?? 0) + r.count);
  const verdict = report.ok
    ? engine.host
      ? 'Everything that ran passed, on host-cudf, not a GPU.'
      : 'Everything that ran passed.'
    : totals.failed > 0
      ? `${countText(totals.failed)} checks failed.`
      : 'Nothing could be checked.';
  return [
    `${verdict} ${countText(totals.passed)} passed, ${countText(totals.failed)} failed, ${countText(totals.notRun)} not run, in ${durationText(ms)}.`,
    ...[...reasons].map(([reason, count]) => `  not run, ${countText(count)}: ${reason}`),
    ...report.wins.map(
      (w) =>
        `  ${w.name}: the GPU wins ${w.residentRows === null ? 'at no size' : `from ${countText(w.residentRows)} rows`} on the device, ${w.withTransfersRows === null ? 'at no size' : `from ${countText(w.withTransfersRows)} rows`} with both copies`,
    ),
    ...files,
    '',
  ].join('\n');
}
