// Reads Python wheels, which are zip files: the list of entries, and one entry to a file. No Zip64: no wheel here is
// near 4 GB.
import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { CorruptFileError } from '../errors.ts';

/** A file in a wheel. */
export interface WheelEntry {
  readonly name: string;
  /** Bytes when it is unpacked. */
  readonly bytes: number;
  readonly packedBytes: number;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly offset: number;
}

const END_BYTES = 22;
const MAX_COMMENT = 65_535;
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL_BYTES = 30;
const CHUNK = 1 << 20;

/** @throws {ERR_CORRUPT_FILE} for a file that is no zip file */
export function wheelEntries(file: string): readonly WheelEntry[] {
  const corrupt = (what: string, offset: number) =>
    new CorruptFileError(`${file} is not a whole wheel: ${what}`, { path: file, offset });
  const fd = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(fd);
    const tail = Buffer.alloc(Math.min(size, END_BYTES + MAX_COMMENT));
    fs.readSync(fd, tail, 0, tail.length, size - tail.length);
    let end = tail.length - END_BYTES;
    while (end >= 0 && tail.readUInt32LE(end) !== END) end--;
    if (end < 0) throw corrupt('it has no directory', size);
    const count = tail.readUInt16LE(end + 10);
    const directory = Buffer.alloc(tail.readUInt32LE(end + 12));
    const start = tail.readUInt32LE(end + 16);
    if (fs.readSync(fd, directory, 0, directory.length, start) !== directory.length)
      throw corrupt('its directory is cut', start);
    const entries: WheelEntry[] = [];
    for (let i = 0, at = 0; i < count; i++) {
      if (at + 46 > directory.length || directory.readUInt32LE(at) !== ENTRY)
        throw corrupt('its directory is broken', start + at);
      const nameBytes = directory.readUInt16LE(at + 28);
      entries.push({
        name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
        method: directory.readUInt16LE(at + 10),
        packedBytes: directory.readUInt32LE(at + 20),
        bytes: directory.readUInt32LE(at + 24),
        offset: directory.readUInt32LE(at + 42),
      });
      at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    }
    return entries;
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Unpacks one entry below a folder, at its own place in the wheel.
 * @throws {ERR_CORRUPT_FILE} for an entry that points outside the folder, or is cut
 */
export async function unpackEntry(file: string, entry: WheelEntry, folder: string): Promise<void> {
  const target = path.resolve(folder, entry.name);
  const corrupt = (what: string) =>
    new CorruptFileError(`${file}: ${entry.name} ${what}`, { path: file, offset: entry.offset });
  if (!target.startsWith(path.resolve(folder) + path.sep)) throw corrupt('points outside the wheel');
  if (entry.method !== 0 && entry.method !== 8) throw corrupt(`is packed by method ${entry.method}`);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const handle = await fs.promises.open(file, 'r');
  try {
    const header = Buffer.alloc(LOCAL_BYTES);
    await handle.read(header, 0, LOCAL_BYTES, entry.offset);
    const start = entry.offset + LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
    const packed =
      entry.packedBytes === 0
        ? Readable.from([])
        : handle.createReadStream({
            start,
            end: start + entry.packedBytes - 1,
            highWaterMark: CHUNK,
            autoClose: false,
          });
    const out = fs.createWriteStream(target);
    if (entry.method === 8) await pipeline(packed, zlib.createInflateRaw({ chunkSize: CHUNK }), out);
    else await pipeline(packed, out);
  } finally {
    await handle.close();
  }
  if (fs.statSync(target).size !== entry.bytes) throw corrupt('is cut');
}
