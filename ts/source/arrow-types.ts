// Arrow's types by their numbers and parameters, as files and other libraries give them, made into storage.
import { type ArrowField, type ArrowStorage, type ArrowTimeUnit, unsupportedType } from './arrow-schema.ts';

/** The parameters a type may have; which ones depends on its number. */
export interface RawType {
  readonly bits?: number;
  readonly signed?: boolean;
  readonly precision?: number;
  readonly scale?: number;
  /** Of time, or the mode of a union. */
  readonly unit?: number;
  readonly zone?: string | null;
  /** Bytes of a fixed-size binary. */
  readonly width?: number;
  /** Items of a fixed-size list. */
  readonly size?: number;
}

export const TIME_UNITS: readonly ArrowTimeUnit[] = ['s', 'ms', 'us', 'ns'];
const INTERVALS = ['year-month', 'day-time', 'month-day-nano'];
const WIDTHS = [8, 16, 32, 64] as const;

/** 8, 16, 32 or 64. */
export const integerBits = (bits: number | undefined): (typeof WIDTHS)[number] | undefined =>
  WIDTHS.find((w) => w === bits);

/**
 * How values of the type with number `id` are stored. `fail` ends what breaks the format.
 *
 * @throws {UnsupportedError} a type that no dtype holds
 */
export function storageOf(
  id: number,
  raw: RawType,
  children: readonly ArrowField[],
  name: string,
  path: string,
  fail: (what: string) => never,
): ArrowStorage {
  const unit = (): ArrowTimeUnit => TIME_UNITS[raw.unit ?? -1] ?? fail(`the time unit ${raw.unit}`);
  const needChildren = (n: number): void => {
    if (children.length !== n) fail(`${children.length} children of the nested field "${name}"`);
  };
  switch (id) {
    case 1:
      return { kind: 'null' };
    case 2: {
      const bits = integerBits(raw.bits) ?? fail(`an integer of ${raw.bits} bits`);
      return { kind: 'int', bits, signed: raw.signed === true };
    }
    case 3: {
      const bits = ([16, 32, 64] as const)[raw.precision ?? 0];
      return bits ? { kind: 'float', bits } : fail('an unknown float');
    }
    case 4:
    case 19:
      return { kind: 'binary', large: id === 19 };
    case 5:
    case 20:
      return { kind: 'utf8', large: id === 20 };
    case 6:
      return { kind: 'bool' };
    case 7:
      return decimal(raw, name, path, fail);
    case 8:
      if (raw.unit !== 0 && raw.unit !== 1) return fail(`the date unit ${raw.unit}`);
      return { kind: 'date', unit: raw.unit === 0 ? 'day' : 'ms' };
    case 9: {
      const { bits } = raw;
      if (bits !== ((raw.unit ?? 0) <= 1 ? 32 : 64)) return fail(`a time of ${bits} bits`);
      return { kind: 'time', bits: bits as 32 | 64, unit: unit() };
    }
    case 10:
      return { kind: 'timestamp', unit: unit(), zone: raw.zone || null };
    case 11:
      throw unsupportedType(`interval (${INTERVALS[raw.unit ?? 0] ?? raw.unit})`, name, path);
    case 12:
    case 21:
      needChildren(1);
      return { kind: 'list', large: id === 21 };
    case 13:
      return { kind: 'struct' };
    case 14:
      throw unsupportedType(`union (${raw.unit === 0 ? 'sparse' : 'dense'})`, name, path);
    case 15: {
      const width = raw.width ?? -1;
      return width >= 0 ? { kind: 'fixedBinary', width } : fail(`a width of ${width} bytes`);
    }
    case 16: {
      needChildren(1);
      const size = raw.size ?? -1;
      return size >= 0 ? { kind: 'fixedList', size } : fail(`a list size of ${size}`);
    }
    case 17:
      needChildren(1);
      if (children[0]!.storage.kind !== 'struct' || children[0]!.children.length !== 2)
        fail(`a map without keys and values, "${name}",`);
      return { kind: 'map' };
    case 18:
      return { kind: 'duration', unit: unit() };
    case 22: {
      needChildren(2);
      const ends = children[0]!.storage;
      if (ends.kind !== 'int' || !ends.signed || ends.bits === 8 || children[0]!.dictionary)
        fail(`run ends that are not integers, "${name}",`);
      return { kind: 'runEnds' };
    }
    case 23:
      return { kind: 'binaryView' };
    case 24:
      return { kind: 'utf8View' };
    case 25:
    case 26:
      needChildren(1);
      return { kind: 'listView', large: id === 26 };
    default:
      throw unsupportedType(`number ${id}`, name, path);
  }
}

function decimal(raw: RawType, name: string, path: string, fail: (what: string) => never): ArrowStorage {
  const { bits = 128, precision = 0, scale = 0 } = raw;
  const text = `decimal${bits}(${precision}, ${scale})`;
  if (bits === 256) throw unsupportedType(text, name, path);
  if (bits !== 32 && bits !== 64 && bits !== 128) return fail(`the type ${text}`);
  if (precision < 1 || precision > 38) return fail(`the type ${text}`);
  if (scale < 0 || scale > precision) throw unsupportedType(text, name, path);
  return { kind: 'decimal', bits, precision, scale };
}
