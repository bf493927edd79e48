// The command line: finds the command, runs it, turns errors into one line and an exit code.
import { WarpError } from '../errors.ts';
import { doctor } from './commands/doctor.ts';
import { info } from './commands/info.ts';
import { installRuntimeCommand } from './commands/install-runtime.ts';
import { predict } from './commands/predict.ts';
import { run } from './commands/run.ts';
import { schema } from './commands/schema.ts';
import { verifyGpu } from './commands/verify-gpu.ts';

/** A command: its arguments in, its output and exit code out. */
export interface Command {
  readonly summary: string;
  readonly usage: string;
  run(args: readonly string[]): Promise<string | Answer>;
}

/** Output with an exit code of its own. */
export interface Answer {
  readonly text: string;
  readonly code: number;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  run,
  predict,
  schema,
  info,
  doctor,
  'install-runtime': installRuntimeCommand,
  'verify-gpu': verifyGpu,
};

const WIDTH = Math.max(...Object.values(COMMANDS).map((c) => c.usage.length));

const help = (): string =>
  [
    'warpframe: a typed DataFrame for Node',
    '',
    'Usage:',
    ...Object.values(COMMANDS).map((c) => `  ${c.usage.padEnd(WIDTH)}  ${c.summary}`),
    '',
  ].join('\n');

/** Runs the command line; returns the exit code. */
export async function main(
  args: readonly string[],
  out: (text: string) => void = (text) => void process.stdout.write(text),
  err: (text: string) => void = (text) => void process.stderr.write(text),
): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    out(help());
    return name === undefined ? 2 : 0;
  }
  const command = COMMANDS[name];
  if (!command) {
    err(`Unknown command "${name}".\n\n${help()}`);
    return 2;
  }
  try {
    const answer = await command.run(rest);
    if (typeof answer === 'string') {
      out(answer);
      return 0;
    }
    out(answer.text);
    return answer.code;
  } catch (error) {
    if (error instanceof WarpError) {
      err(`${error.code}: ${error.message}\n`);
      return 1;
    }
    if ((error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')) {
      err(`${(error as Error).message}\nUsage: ${command.usage}\n`);
      return 2;
    }
    if ((error as { code?: string }).code === 'ABORT_ERR') {
      err(`${(error as Error).message}\n`);
      return 130;
    }
    throw error;
  }
}
