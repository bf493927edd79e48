// warpframe install-runtime: fetches libcudf for the GPU of this machine, after asking.
import readline from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { ParameterError } from '../../errors.ts';
import { installRuntime, planRuntime, type RuntimePlan } from '../../native/install-runtime.ts';
import { bytesText, durationText } from '../../report/numbers.ts';
import type { Command } from '../main.ts';
import { stepLine } from '../step-line.ts';

const USAGE = 'warpframe install-runtime [--cuda 13|12] [--yes] [--force]';

export const installRuntimeCommand: Command = {
  summary: 'fetches libcudf for the GPU (about 0.7 GB on disk)',
  usage: USAGE,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { cuda: { type: 'string' }, yes: { type: 'boolean' }, force: { type: 'boolean' } },
    });
    const plan = await planRuntime(values.cuda === undefined ? undefined : Number(values.cuda));
    if (plan.installed && !values.force)
      return `libcudf ${plan.version} for CUDA ${plan.cuda} is there: ${plan.folder}\n`;
    process.stderr.write(outline(plan));
    if (!values.yes && !(await agreed())) return 'Nothing was fetched.\n';
    const started = performance.now();
    const line = stepLine(process.stderr);
    try {
      await installRuntime(plan, line.show);
    } finally {
      line.end();
    }
    return `libcudf ${plan.version} for CUDA ${plan.cuda} in ${plan.folder}, ${durationText(performance.now() - started)}\nCheck it with: warpframe doctor\n`;
  },
};

function outline(plan: RuntimePlan): string {
  const rows = plan.wheels.map(
    (w) => `  ${w.requirement.replace('==', ' ').padEnd(36)} ${bytesText(w.bytes).padStart(9)}`,
  );
  return [
    `libcudf ${plan.version} for CUDA ${plan.cuda} (${plan.why}):`,
    ...rows,
    `${bytesText(plan.downloadBytes)} by pip, about ${bytesText(plan.unpackedBytes)} on disk, into`,
    `  ${plan.folder}`,
    "NVIDIA's libraries come under NVIDIA's licence terms, libcudf and rmm under Apache-2.0; the texts are kept beside them.",
    '',
  ].join('\n');
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new ParameterError(
      `There is no terminal to ask at. To fetch without asking: warpframe install-runtime --yes`,
    );
  const terminal = readline.createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question('Fetch it? [y/N] ')).trim());
  } finally {
    terminal.close();
  }
}
