// Parsed footers of the files that were read last: a query on a file that was probed, or read before, need not parse it
// again. The bytes are read every time, and what is kept counts only where they are the same.
import { type ParquetFooter, parseFooter } from './parquet-footer.ts';
import { type ParquetSchema, parquetSchema } from './parquet-schema.ts';

/** A footer with the columns that it describes. */
export interface KnownFooter {
  readonly footer: ParquetFooter;
  readonly schema: ParquetSchema;
}

/** Parsed, a footer takes some ten times its bytes. */
const MOST_BYTES = 1 << 20;

const known = new Map<string, { readonly bytes: Uint8Array; readonly found: KnownFooter; isChecked: boolean }>();
let knownBytes = 0;

/**
 * The footer whose bytes start at file position `offset`, and its schema.
 * @param check - called once for each footer that is new; what it throws is not remembered
 */
export function footerOf(
  bytes: Uint8Array,
  path: string,
  offset: number,
  check?: (found: KnownFooter) => void,
): KnownFooter {
  const key = `${offset} ${path}`;
  const before = known.get(key);
  if (before) {
    known.delete(key);
    if (Buffer.compare(before.bytes, bytes) === 0) {
      // The one used last is the last to go.
      known.set(key, before);
      if (check && !before.isChecked) {
        check(before.found);
        before.isChecked = true;
      }
      return before.found;
    }
    knownBytes -= before.bytes.length;
  }
  // They may be the end of a buffer that is much larger.
  const own = new Uint8Array(bytes);
  const footer = parseFooter(own, path, offset);
  const found = { footer, schema: parquetSchema(footer, path, offset) };
  check?.(found);
  if (bytes.length > MOST_BYTES) return found;
  known.set(key, { bytes: own, found, isChecked: check !== undefined });
  knownBytes += bytes.length;
  for (const [oldest, { bytes: b }] of known) {
    if (knownBytes <= MOST_BYTES) break;
    known.delete(oldest);
    knownBytes -= b.length;
  }
  return found;
}
