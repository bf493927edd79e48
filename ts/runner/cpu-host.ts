// What the CPU's backend needs of the sources.
import type { CpuHost } from '../backend/cpu/cpu-backend.ts';
import { bytesOf } from '../source/open.ts';

export const cpuHost: CpuHost = {
  bytesOf,
  async fetchRange(source, start, target, signal): Promise<void> {
    const { fetchRange } = await import('../source/http-source.ts');
    await fetchRange(source as never, start, target, signal);
  },
};
