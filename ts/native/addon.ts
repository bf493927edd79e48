// What the native addon exports, and how its errors become ours.
import { type ErrorCode, errorFromJson } from '../errors.ts';

/** Version of the operations behind `invoke`; equal to WARPFRAME_BOUNDARY in CMakeLists.txt. */
export const BOUNDARY = 1;

/** What an addon says of itself. */
export interface AddonVersion {
  readonly boundary: number;
  /** `none`: built without CUDA. */
  readonly variant: string;
  /** Node-API level. */
  readonly napi: number;
}

/** The exports of `warpframe.node`. New native work is an operation of `invoke`, not an export. */
export interface NativeAddon {
  version(): AddonVersion;
  invoke(name: string, params: object): Promise<unknown>;
  /** Frees a resource by its number; unknown numbers are ignored. */
  release(resource: number): void;
}

const CODES: ReadonlySet<string> = new Set<ErrorCode>([
  'ERR_CORRUPT_FILE',
  'ERR_DEVICE',
  'ERR_DISPOSED',
  'ERR_DTYPE',
  'ERR_INTERNAL',
  'ERR_MISSING_DEPENDENCY',
  'ERR_OUT_OF_MEMORY',
  'ERR_PARAMETER',
  'ERR_SHAPE',
  'ERR_UNSUPPORTED',
]);

/** Runs one operation of the addon; a refusal becomes the WarpError of its code. */
export async function invoke<T>(addon: NativeAddon, name: string, params: object): Promise<T> {
  const callSite = new Error();
  try {
    // The addon's answers are described beside each operation's caller.
    return (await addon.invoke(name, params)) as T;
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    if (typeof code !== 'string' || !CODES.has(code)) throw error;
    throw errorFromJson({ code: code as ErrorCode, message, detail: { operation: name } }, callSite);
  }
}
