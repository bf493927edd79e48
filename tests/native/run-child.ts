// A program of the tests in a process of its own, over the addon: how it ended and what it said.
import { spawn } from 'node:child_process';
import { addonFile } from './support.ts';

export function runChild(
  child: string,
  library: string,
  what: string,
  flags: readonly string[],
): Promise<{ code: number | null; signal: string | null; output: string }> {
  const running = spawn(process.execPath, [...flags, child, addonFile, library, what], { timeout: 50_000 });
  let output = '';
  running.stdout.on('data', (d) => (output += d));
  running.stderr.on('data', (d) => (output += d));
  return new Promise((resolve) =>
    running.on('close', (code, signal) => resolve({ code, signal, output: output.trim() })),
  );
}
