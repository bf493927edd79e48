// A lock between processes: a folder that only one of them can make.
import fs from 'node:fs';
import path from 'node:path';

const STALE_MS = 10 * 60_000;

/** Runs `work` while no other process runs work under the same lock folder. */
export async function withLock(folder, work) {
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  for (;;) {
    try {
      fs.mkdirSync(folder);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const made = fs.statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
      if (made !== undefined && Date.now() - made > STALE_MS) fs.rmSync(folder, { recursive: true, force: true });
      else await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  // Work that takes long (a download) shows that it is alive.
  const beat = setInterval(() => fs.utimesSync(folder, new Date(), new Date()), STALE_MS / 10);
  beat.unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
