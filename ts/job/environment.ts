// What a run ran on.
import os from 'node:os';
import { defaultThreads } from '../env.ts';
import { backendInfos } from '../runner/runner.ts';

/** The machine and the software of a run. */
export interface Environment {
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly threads: number;
  readonly backends: readonly { readonly name: string; readonly available: boolean; readonly reason: string }[];
  readonly startedAt: string;
}

/** Looks at the machine. */
export async function environmentOf(threads: number | null): Promise<Environment> {
  const cpus = os.cpus();
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    threads: threads ?? defaultThreads(),
    backends: (await backendInfos()).map(({ name, available, reason }) => ({ name, available, reason })),
    startedAt: new Date().toISOString(),
  };
}
