// The headers of pages.
import { ThriftWriter } from '../../../../source/thrift-writer.ts';

/** Numbers of the encodings that are written. */
export const ENCODING = { plain: 0, rle: 3, rleDictionary: 8 } as const;
/** Numbers of the kinds of page that are written. */
export const PAGE_KIND = { data: 0, dictionary: 2 } as const;

/** Bytes of a page before and after compression, and the checksum of the latter. */
export interface PageSizes {
  readonly expanded: number;
  readonly stored: number;
  readonly crc: number;
}

function pageHeader(kind: number, sizes: PageSizes, id: number, write: (w: ThriftWriter) => void): Uint8Array {
  const w = new ThriftWriter();
  w.fields(() => {
    w.i32(1, kind);
    w.i32(2, sizes.expanded);
    w.i32(3, sizes.stored);
    w.i32(4, sizes.crc | 0);
    w.struct(id, () => write(w));
  });
  return w.bytes;
}

export function dataPageHeader(sizes: PageSizes, values: number, encoding: number): Uint8Array {
  return pageHeader(PAGE_KIND.data, sizes, 5, (w) => {
    w.i32(1, values);
    w.i32(2, encoding);
    w.i32(3, ENCODING.rle);
    w.i32(4, ENCODING.rle);
  });
}

export function dictionaryPageHeader(sizes: PageSizes, values: number): Uint8Array {
  return pageHeader(PAGE_KIND.dictionary, sizes, 7, (w) => {
    w.i32(1, values);
    w.i32(2, ENCODING.plain);
  });
}
