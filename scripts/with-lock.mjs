// A lock between processes: a folder that only one of them can make, with the number of the process that did.
import fs from 'node:fs';
import path from 'node:path';

/** A lock without its owner's number was left by a process that ended between the two. */
const NAMELESS_MS = 60_000;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function isStale(folder) {
  const made = fs.statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  if (made === undefined) return false;
  try {
    return !isAlive(Number(fs.readFileSync(path.join(folder, 'pid'), 'utf8')));
  } catch {
    return Date.now() - made > NAMELESS_MS;
  }
}

/** Runs `work` while no other process runs work under the same lock folder. */
export async function withLock(folder, work) {
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  for (;;) {
    try {
      fs.mkdirSync(folder);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (isStale(folder)) fs.rmSync(folder, { recursive: true, force: true });
      else await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  fs.writeFileSync(path.join(folder, 'pid'), String(process.pid));
  try {
    return await work();
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
