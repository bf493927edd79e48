// warpframe run JOB: a job from one file, with a bar per stage on a terminal and a line per stage elsewhere.
import { parseArgs } from 'node:util';
import { ParameterError } from '../../errors.ts';
import { type Console, jobProgress } from '../job-progress.ts';
import { jobSummary } from '../job-summary.ts';
import type { Command } from '../main.ts';

const USAGE = 'warpframe run JOB.yaml [--set key=value]';

export const run: Command = {
  summary: 'trains, measures and saves models as a job file says',
  usage: USAGE,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        set: { type: 'string', multiple: true },
        schema: { type: 'boolean' },
        quiet: { type: 'boolean', short: 'q' },
      },
    });
    if (values.schema) {
      const { jobJsonSchema } = await import('../../config/json-schema.ts');
      return `${JSON.stringify(await jobJsonSchema(), null, 2)}\n`;
    }
    const [file] = positionals;
    if (file === undefined || positionals.length > 1)
      throw new ParameterError(`Expected one job file but received ${positionals.length}. Usage: ${USAGE}`);
    const { runJob } = await import('../../job/run-job.ts');
    const progress = values.quiet ? null : jobProgress(process.stderr as Console);
    const stop = new AbortController();
    const interrupt = (): void => {
      // A second one ends the process at once: the handler is gone by then.
      stop.abort(new InterruptedError());
    };
    process.once('SIGINT', interrupt);
    process.once('SIGTERM', interrupt);
    try {
      const result = await runJob(file, {
        signal: stop.signal,
        ...(values.set ? { set: values.set } : {}),
        ...(progress ? { onEvent: progress.onEvent } : {}),
      });
      progress?.end();
      return jobSummary(result);
    } catch (error) {
      progress?.end();
      throw error;
    } finally {
      process.removeListener('SIGINT', interrupt);
      process.removeListener('SIGTERM', interrupt);
    }
  },
};

/** The reason of a job that was stopped from the keyboard. */
export class InterruptedError extends Error {
  readonly code = 'ABORT_ERR';
  constructor() {
    super('The job was interrupted. Its folder says that it was aborted.');
    this.name = 'AbortError';
  }
}
