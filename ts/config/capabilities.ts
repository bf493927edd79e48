// Keys that ask for what this version does not have. They are errors, or with a fallback they are recorded.
import type { ParameterError } from '../errors.ts';
import type { Fallback, JobConfig, JobValue } from './job-config.ts';
import type { KeyPath, Places } from './places.ts';
import { pathText } from './places.ts';
import type { Degradation } from './resolved-job.ts';

interface Wish {
  readonly path: KeyPath;
  readonly requested: JobValue;
  readonly reason: string;
  /** Whether the CPU does the same work, only elsewhere: then `fallback: cpu` is enough. */
  readonly cpuInstead?: boolean;
}

const NO_GPU = 'this version computes on the CPU only';

/** What of a job this version cannot do. */
function wishes(config: JobConfig): Wish[] {
  const { gpu, inference, benchmarking, output } = config;
  const found: Wish[] = [];
  const add = (path: KeyPath, requested: JobValue | undefined, reason: string, cpuInstead = false): void => {
    if (requested !== undefined) found.push({ path, requested, reason, cpuInstead });
  };
  add(['gpu', 'deviceId'], gpu?.deviceId, NO_GPU, true);
  add(['gpu', 'memoryLimit'], gpu?.memoryLimit, NO_GPU, true);
  if (gpu?.enableMultiGpu) add(['gpu', 'enableMultiGpu'], true, NO_GPU, true);
  if (inference?.precision !== undefined && inference.precision !== 'fp64')
    add(['inference', 'precision'], inference.precision, 'the CPU engine predicts in fp64');
  if (benchmarking?.metrics?.includes('gpuSpeedup'))
    add(['benchmarking', 'metrics'], 'gpuSpeedup', `there is no GPU to compare with: ${NO_GPU}`);
  if (output?.type === 'database' || output?.type === 'stream')
    add(['output', 'type'], output.type, 'this version writes predictions to files');
  return found;
}

/** The keys that cannot be acted on: problems, or records where the fallback allows it. */
export function checkCapabilities(
  config: JobConfig,
  places: Places,
): { problems: ParameterError[]; degraded: Degradation[] } {
  return sortWishes(wishes(config), config.fallback ?? 'error', places);
}

/** One more key that cannot be acted on, found while the job was resolved. */
export function checkWish(wish: Wish, fallback: Fallback, places: Places): ParameterError | Degradation {
  const { problems, degraded } = sortWishes([wish], fallback, places);
  return (problems[0] ?? degraded[0]) as ParameterError | Degradation;
}

function sortWishes(
  found: readonly Wish[],
  fallback: Fallback,
  places: Places,
): { problems: ParameterError[]; degraded: Degradation[] } {
  const problems: ParameterError[] = [];
  const degraded: Degradation[] = [];
  for (const { path, requested, reason, cpuInstead } of found) {
    if (fallback === 'degraded' || (fallback === 'cpu' && cpuInstead === true)) {
      degraded.push({ key: pathText(path), requested, reason });
      continue;
    }
    const mend = cpuInstead ? 'Remove it, or say fallback: cpu.' : 'Remove it, or say fallback: degraded.';
    problems.push(places.error(path, `is ${JSON.stringify(requested)}, which cannot be acted on: ${reason}. ${mend}`));
  }
  return { problems, degraded };
}
