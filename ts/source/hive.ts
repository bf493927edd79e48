// Hive-partitioned folders: `year=2024/month=01/part.parquet`. Names and values are percent-encoded text.
import { ParseError } from '../errors.ts';
import type { LiteralValue } from '../expr/nodes.ts';
import type { LogicalType } from '../schema/types.ts';

const DEFAULT_PARTITION = '__HIVE_DEFAULT_PARTITION__';

/** The `name=value` folders of a path below the scan's root, outermost first; null for the default partition. */
export function partitionOf(relativePath: string): Record<string, string | null> {
  const found: Record<string, string | null> = {};
  for (const part of relativePath.split('/').slice(0, -1)) {
    const at = part.indexOf('=');
    if (at <= 0) continue;
    const value = decodeText(part.slice(at + 1));
    found[decodeText(part.slice(0, at))] = value === DEFAULT_PARTITION || value === '' ? null : value;
  }
  return found;
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % is itself
  }
}

/** The dtype that holds every value: Int64, Date32, or Utf8. */
export function partitionType(values: readonly (string | null)[]): LogicalType {
  const present = values.filter((v) => v !== null);
  if (present.length > 0 && present.every((v) => /^-?(0|[1-9]\d{0,17}|0\d{1,17})$/.test(v))) return { dtype: 'Int64' };
  if (present.length > 0 && present.every((v) => /^\d{4}-\d\d-\d\d$/.test(v) && !Number.isNaN(Date.parse(v))))
    return { dtype: 'Date32' };
  return { dtype: 'Utf8' };
}

/** A partition's text as a literal of its dtype. */
export function partitionValue(text: string | null, type: LogicalType): LiteralValue {
  if (text === null) return null;
  switch (type.dtype) {
    case 'Int64':
    case 'UInt64':
      return BigInt(text);
    case 'Utf8':
    case 'Categorical':
      return text;
    case 'Bool':
      return text === 'true';
    case 'Date32':
      return Math.round(Date.parse(`${text}T00:00:00Z`) / 86_400_000);
    case 'Int8':
    case 'Int16':
    case 'Int32':
    case 'UInt8':
    case 'UInt16':
    case 'UInt32':
    case 'Float32':
    case 'Float64':
      return Number(text);
    default:
      throw new ParseError(`A partition folder cannot hold ${type.dtype}: "${text}". Declare it as Utf8 and cast.`, {
        text,
      });
  }
}
