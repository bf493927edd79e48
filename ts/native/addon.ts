// What the native addon exports, and how its errors become ours.
import { errorFromJson, isErrorCode, OutOfMemoryError } from '../errors.ts';

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
  /** What runs on a device's thread has a number, `run`, for `cancel`. */
  invoke(name: string, params: object): Promise<unknown> & { readonly run?: number };
  /** Frees a resource by its number; unknown numbers are ignored. */
  release(resource: number): void;
  /** Asks a run to end soon; its promise then rejects with ERR_ABORTED. Unknown numbers are ignored. */
  cancel(run: number): void;
  /** Why an engine cannot run a plan or kernel, as JSON text; null: it can. */
  whyNot(engine: number, work: string): string | null;
  /** The memory of an engine's device, as JSON text. */
  memoryInfo(engine: number): string;
}

/** An error of the addon as ours; what has no code of ours stays as it is. */
export function nativeError(error: unknown, operation: string, callSite: Error): unknown {
  const { code, message, detail } = error as { code?: unknown; message: string; detail?: unknown };
  if (typeof code !== 'string' || !isErrorCode(code)) return error;
  const details = typeof detail === 'string' ? (JSON.parse(detail) as Record<string, unknown>) : {};
  // The sentence with the figures is the same whichever engine ran out.
  const text =
    code === 'ERR_OUT_OF_MEMORY' && 'device' in details ? new OutOfMemoryError(details as never).message : message;
  return errorFromJson({ code, message: text, detail: { operation, ...details } }, callSite);
}

/** Runs one operation of the addon; a refusal becomes the WarpError of its code. */
export async function invoke<T>(addon: NativeAddon, name: string, params: object): Promise<T> {
  const callSite = new Error();
  try {
    // The addon's answers are described beside each operation's caller.
    return (await addon.invoke(name, params)) as T;
  } catch (error) {
    throw nativeError(error, name, callSite);
  }
}
