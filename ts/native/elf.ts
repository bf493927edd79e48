// Which libraries a shared object asks for, read from the file: libcudf's own answer to which CUDA it is built for.
import fs from 'node:fs';

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const MAX_NAME = 256;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly bytes: number;
}

/** The names of the libraries that a 64-bit little-endian ELF file needs; undefined where it is no such file. */
export function neededLibraries(file: string): readonly string[] | undefined {
  const fd = fs.openSync(file, 'r');
  try {
    const read = (at: number, bytes: number): Buffer => {
      const buffer = Buffer.alloc(bytes);
      return buffer.subarray(0, fs.readSync(fd, buffer, 0, bytes, at));
    };
    const header = read(0, 64);
    if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1)
      return undefined;
    const size = header.readUInt16LE(54);
    const table = read(Number(header.readBigUInt64LE(32)), size * header.readUInt16LE(56));
    const segments: Segment[] = [];
    for (let at = 0; at + 56 <= table.length; at += size)
      segments.push({
        type: table.readUInt32LE(at),
        offset: Number(table.readBigUInt64LE(at + 8)),
        address: Number(table.readBigUInt64LE(at + 16)),
        bytes: Number(table.readBigUInt64LE(at + 32)),
      });
    const dynamic = segments.find((s) => s.type === PT_DYNAMIC);
    if (!dynamic) return undefined;
    const entries = read(dynamic.offset, dynamic.bytes);
    const names: number[] = [];
    let strings = 0;
    for (let at = 0; at + 16 <= entries.length; at += 16) {
      const tag = Number(entries.readBigInt64LE(at));
      const value = Number(entries.readBigUInt64LE(at + 8));
      if (tag === DT_NEEDED) names.push(value);
      else if (tag === DT_STRTAB) strings = value;
    }
    const home = segments.find((s) => s.type === PT_LOAD && strings >= s.address && strings < s.address + s.bytes);
    if (!home) return undefined;
    return names.map((name) => {
      const text = read(strings - home.address + home.offset + name, MAX_NAME);
      return text.toString('latin1', 0, Math.max(0, text.indexOf(0)));
    });
  } finally {
    fs.closeSync(fd);
  }
}
