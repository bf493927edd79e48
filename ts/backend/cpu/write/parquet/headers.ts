// The headers of pages.
import { ThriftWriter } from '../../../../source/thrift-writer.ts';

/** Numbers of the encodings that are written. */
export const ENCODING = { plain: 0, rle: 3, rleDictionary: 8 } as const;
/** Numbers of the kinds of page that are written. */
export const PAGE_KIND = { data: 0, dictionary: 2 } as const;

function pageHeader(
  kind: number,
  expanded: number,
  stored: number,
  id: number,
  write: (w: ThriftWriter) => void,
): Uint8Array {
  const w = new ThriftWriter();
  w.fields(() => {
    w.i32(1, kind);
    w.i32(2, expanded);
    w.i32(3, stored);
    w.struct(id, () => write(w));
  });
  return w.bytes;
}

export function dataPageHeader(expanded: number, stored: number, values: number, encoding: number): Uint8Array {
  return pageHeader(PAGE_KIND.data, expanded, stored, 5, (w) => {
    w.i32(1, values);
    w.i32(2, encoding);
    w.i32(3, ENCODING.rle);
    w.i32(4, ENCODING.rle);
  });
}

export function dictionaryPageHeader(expanded: number, stored: number, values: number): Uint8Array {
  return pageHeader(PAGE_KIND.dictionary, expanded, stored, 7, (w) => {
    w.i32(1, values);
    w.i32(2, ENCODING.plain);
  });
}
