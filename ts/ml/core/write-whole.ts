import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import { dirname } from 'node:path';
import { IoError } from '../../errors.ts';

/**
 * Writes a file that is complete or not there.
 *
 * @throws {ERR_IO} a file that cannot be written
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.partial-${process.pid}-${randomUUID().slice(0, 8)}`;
  try {
    await fs.writeFile(partial, bytes);
    await fs.rename(partial, path);
  } catch (error) {
    await fs.rm(partial, { force: true }).catch(() => undefined);
    const folder = dirname(path);
    const there = await fs.stat(folder).catch(() => null);
    if (there === null)
      throw new IoError('ERR_IO', `Cannot write ${path}: the folder ${folder} does not exist. Make it first.`, {
        path,
      });
    const { ioError } = await import('../../backend/cpu/worker/sync-files.ts');
    throw ioError(error, `Cannot write ${path}`, path);
  }
}
