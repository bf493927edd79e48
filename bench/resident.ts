// What this process has resident. The kernel's own maximum (`resourceUsage().maxRSS`) starts with that of the process that
// started this one; the high-water mark of the address space does not.
import fs from 'node:fs';

const line = (key: string): number | null => {
  if (process.platform !== 'linux') return null;
  const found = new RegExp(`${key}:\\s+(\\d+)`).exec(fs.readFileSync('/proc/self/status', 'utf8'));
  return found === null ? null : Number(found[1]) * 1024;
};

/** The most bytes that were resident at one time. */
export const peakBytes = (): number => line('VmHWM') ?? process.resourceUsage().maxRSS * 1024;
export const residentBytes = (): number => line('VmRSS') ?? process.memoryUsage.rss();
