// Files behind http(s) URLs, read by ranges. A server without ranges is read once, whole, and kept for the scan. A file
// that changes between two reads (another ETag or length) is an error: its parts would not fit together.
import { IoError } from '../errors.ts';
import type { FileSpec } from '../plan/nodes.ts';
import type { ByteSource } from './byte-source.ts';

type HttpFile = Extract<FileSpec['source'], { kind: 'http' }>;

const ATTEMPTS = 4;
const FIRST_WAIT_MS = 100;
const TIMEOUT_MS = 60_000;

/** Whole bodies of servers without ranges, by URL and ETag, newest last; old ones go first and are fetched again. */
const whole = new Map<string, Uint8Array>();
const WHOLE_BYTES = 256 << 20;

function keep(file: HttpFile, bytes: Uint8Array): void {
  whole.delete(keyOf(file));
  whole.set(keyOf(file), bytes);
  let total = 0;
  for (const b of whole.values()) total += b.length;
  for (const [key, b] of whole) {
    if (total <= WHOLE_BYTES || b === bytes) break;
    whole.delete(key);
    total -= b.length;
  }
}
const keyOf = (file: HttpFile): string => `${file.url} ${file.etag ?? ''} ${file.sizeBytes}`;

/** Finds size, ETag and whether the server answers ranges. */
export async function probeHttp(url: string, signal?: AbortSignal): Promise<HttpFile> {
  const response = await request(url, { Range: 'bytes=0-0' }, signal);
  const etag = response.headers.get('etag');
  if (response.status === 206) {
    await response.arrayBuffer();
    const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
    if (total !== undefined) return { kind: 'http', url, sizeBytes: Number(total), etag, ranges: true };
  }
  const body = response.status === 200 ? response : await request(url, {}, signal);
  const bytes = new Uint8Array(await body.arrayBuffer());
  const file: HttpFile = { kind: 'http', url, sizeBytes: bytes.length, etag, ranges: false };
  keep(file, bytes);
  return file;
}

/** Reads `target.length` bytes at `start`. */
export async function fetchRange(
  file: HttpFile,
  start: number,
  target: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  if (target.length === 0) return;
  const end = start + target.length;
  if (!file.ranges) {
    const bytes = whole.get(keyOf(file)) ?? new Uint8Array(await (await request(file.url, {}, signal)).arrayBuffer());
    if (bytes.length !== file.sizeBytes) throw changed(file);
    keep(file, bytes);
    target.set(bytes.subarray(start, end));
    return;
  }
  const headers: Record<string, string> = { Range: `bytes=${start}-${end - 1}` };
  if (file.etag !== null && !file.etag.startsWith('W/')) headers['If-Range'] = file.etag;
  const body = await retry(file.url, signal, async () => {
    const response = await send(file.url, headers, signal);
    // 200 in answer to a range: the If-Range condition failed, the file is another one now.
    if (response.status === 200) throw changed(file);
    if (response.status !== 206) throw failed(file.url, response);
    const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
    const etag = response.headers.get('etag');
    if ((total !== undefined && Number(total) !== file.sizeBytes) || (file.etag !== null && etag !== file.etag))
      throw changed(file);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length !== target.length)
      throw new IoError('ERR_HTTP', `${file.url} sent ${bytes.length} of ${target.length} bytes at ${start}.`, {
        url: file.url,
        retry: true,
      });
    return bytes;
  });
  target.set(body);
}

/** A URL for probing. */
export async function openHttp(file: HttpFile): Promise<ByteSource> {
  return {
    name: file.url,
    sizeBytes: file.sizeBytes,
    async read(start, end) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, file.sizeBytes) - start));
      await fetchRange(file, start, bytes);
      return bytes;
    },
    close: async () => {},
  };
}

const request = (url: string, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> =>
  retry(url, signal, async () => {
    const response = await send(url, headers, signal);
    if (response.status !== 200 && response.status !== 206) throw failed(url, response);
    return response;
  });

async function send(url: string, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await fetch(url, {
      // Content codings would change offsets and lengths.
      headers: { 'Accept-Encoding': 'identity', ...headers },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    signal?.throwIfAborted();
    const cause = (error as Error).cause;
    const reason = timeout.aborted
      ? `no answer within ${TIMEOUT_MS / 1000} s`
      : cause instanceof Error
        ? cause.message
        : (error as Error).message;
    throw new IoError('ERR_HTTP', `Cannot reach ${url}: ${reason}.`, { url, retry: true }, { cause: error });
  }
}

/** Tries again after faults that pass: no connection, a broken body, status 408, 429 and 5xx. */
async function retry<T>(url: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      const known = error instanceof IoError;
      if (attempt >= ATTEMPTS || (known && error.detail['retry'] !== true)) {
        if (known) throw error;
        throw new IoError('ERR_HTTP', `Reading ${url} failed: ${(error as Error).message}.`, { url }, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** (attempt - 1)));
    }
  }
}

function failed(url: string, response: Response): IoError {
  const { status, statusText } = response;
  void response.body?.cancel();
  return new IoError('ERR_HTTP', `${url} answered ${status} ${statusText}.`, {
    url,
    status,
    retry: status === 408 || status === 429 || status >= 500,
  });
}

const changed = (file: HttpFile): IoError =>
  new IoError('ERR_HTTP', `${file.url} changed while it was read. Open it again.`, { url: file.url, retry: false });
