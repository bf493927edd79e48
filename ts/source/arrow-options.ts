// Options of writeArrow and toIpc.
import { ParameterError } from '../errors.ts';

/** How Arrow IPC is written. */
export interface ArrowWriteOptions {
  /** `file` (default): batches can be read in any order. `stream`: can be read while it is written. */
  readonly format?: 'file' | 'stream';
  /** Of each buffer. Default `none`: readers can map the file. */
  readonly compression?: 'none' | 'lz4' | 'zstd';
}

export interface ArrowWriteSettings {
  readonly kind: 'file' | 'stream';
  readonly compression: 'lz4' | 'zstd' | null;
}

/** Checks the options of `what`. Throws ParameterError. */
export function arrowWriteSettings(
  options: { readonly [name: string]: unknown },
  what = 'writeArrow',
): ArrowWriteSettings {
  const one = <T extends string>(name: string, values: readonly T[]): T => {
    const value = options[name] ?? values[0];
    if (values.includes(value as T)) return value as T;
    throw new ParameterError(
      `The '${name}' parameter of ${what} must be ${values.map((v) => `'${v}'`).join(', ')}. Got ${JSON.stringify(value)}.`,
      { parameter: name },
    );
  };
  const compression = one('compression', ['none', 'lz4', 'zstd']);
  return { kind: one('format', ['file', 'stream']), compression: compression === 'none' ? null : compression };
}
