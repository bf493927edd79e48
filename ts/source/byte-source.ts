// Bytes read asynchronously on the calling thread: to find a schema before any query runs.

/** A file, a URL or bytes in memory. `startByte` is inclusive, `endByte` exclusive. */
export interface ByteSource {
  /** Path or URL for messages; `<bytes>` for memory. */
  readonly name: string;
  readonly sizeBytes: number;
  read(startByte: number, endByte: number): Promise<Uint8Array>;
  close(): Promise<void>;
}
