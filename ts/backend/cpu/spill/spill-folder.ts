// Folders of spilled rows: their names say whose they are, so that what a killed process left can be told and removed.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { IoError } from '../../../errors.ts';
import { ioError } from '../worker/sync-files.ts';

const PREFIX = 'warpframe-spill';
/** Clocks and `uptime` agree about the start of a process to within this. */
const START_SLACK_SECONDS = 3;
const REMOVE_TRIES = 5;

const host = (): string => os.hostname().replaceAll(/[^A-Za-z0-9_.]/g, '_');
const startSeconds = (): number => Math.round(Date.now() / 1000 - process.uptime());

/** Twelve random hexadecimal digits; every query asks for a name, and few spill: not worth loading node:crypto for. */
const randomDigits = (): string =>
  Math.floor(Math.random() * 2 ** 48)
    .toString(16)
    .padStart(12, '0');

/** A name in `place` that no other query has. */
export const spillFolderPath = (place: string): string =>
  path.join(path.resolve(place), `${PREFIX}-${host()}-${process.pid}-${startSeconds()}-${randomDigits()}`);

/** Makes the folder, after those of processes that are gone have been removed. */
export function createSpillFolder(folder: string): void {
  removeLeftovers(path.dirname(folder));
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw diskError(error, folder, 0, 0);
  }
}

/** Removes the folders in `place` that belong to processes of this machine that no longer run. */
export function removeLeftovers(place: string): void {
  let names: string[];
  try {
    names = fs.readdirSync(place);
  } catch {
    // It is not there yet, or may not be listed: then nothing of ours can be told from other things.
    return;
  }
  for (const name of names) {
    const match = /^warpframe-spill-([A-Za-z0-9_.]+)-(\d+)-(\d+)-[0-9a-f]{12}$/.exec(name);
    if (!match || match[1] !== host() || isAlive(Number(match[2]), Number(match[3]))) continue;
    removeFolder(path.join(place, name));
  }
}

/** Whether the process that made a folder still runs. In a container every start may have the same number. */
function isAlive(pid: number, started: number): boolean {
  if (pid === process.pid) return Math.abs(started - startSeconds()) <= START_SLACK_SECONDS;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes a folder of ours as far as that is possible; a file may just be appearing in it. */
export function removeFolder(folder: string): void {
  for (let i = 0; i < REMOVE_TRIES; i++) {
    try {
      fs.rmSync(folder, { recursive: true, force: true });
      return;
    } catch {
      // Another user's, or not empty any more.
    }
  }
}

const FULL: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'the largest file allowed there is reached',
};

const mb = (bytes: number): string => `${(bytes / 1048576).toFixed(1)} MB`;

/** An error of writing spilled rows: `needed` bytes more, after `written` went into the same file. */
export function diskError(error: unknown, file: string, neededBytes: number, writtenBytes: number): IoError {
  const errno = (error as NodeJS.ErrnoException).code ?? '';
  const reason = FULL[errno];
  if (reason === undefined) return ioError(error, `Cannot spill rows to ${file}`, file);
  const freeBytes = freeSpace(path.dirname(file));
  const free = freeBytes === null ? '' : `, ${mb(freeBytes)} are free there`;
  return new IoError(
    'ERR_DISK_FULL',
    `Cannot spill rows to ${file}: ${reason}. ${mb(neededBytes)} more were to be written after ${mb(writtenBytes)}${free}. Make room, choose another place with the 'spillFolder' option or WARPFRAME_SPILL_FOLDER, or raise memoryLimitBytes.`,
    { path: file, errno, neededBytes, writtenBytes, freeBytes },
    { cause: error },
  );
}

function freeSpace(folder: string): number | null {
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
