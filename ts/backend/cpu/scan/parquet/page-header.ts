// The header before every page of a column chunk.
import { T_STRUCT, type ThriftReader } from '../../../../source/thrift.ts';

/** Encodings by their number. */
export const ENCODING = {
  PLAIN: 0,
  PLAIN_DICTIONARY: 2,
  RLE: 3,
  BIT_PACKED: 4,
  DELTA_BINARY_PACKED: 5,
  DELTA_LENGTH_BYTE_ARRAY: 6,
  DELTA_BYTE_ARRAY: 7,
  RLE_DICTIONARY: 8,
  BYTE_STREAM_SPLIT: 9,
} as const;

export const PAGE = { DATA: 0, INDEX: 1, DICTIONARY: 2, DATA_V2: 3 } as const;

export interface PageHeader {
  type: number;
  /** Bytes after decompression, levels included. */
  expandedBytes: number;
  /** Bytes in the file, header not included. */
  storedBytes: number;
  crc: number | null;
  values: number;
  encoding: number;
  defEncoding: number;
  repEncoding: number;
  /** Version 2: bytes of the levels, which are never compressed. */
  repBytes: number;
  defBytes: number;
  compressed: boolean;
}

/** Reads a header; sizes are not negative. */
export function parsePageHeader(r: ThriftReader): PageHeader {
  const h: PageHeader = {
    type: -1,
    expandedBytes: -1,
    storedBytes: -1,
    crc: null,
    values: 0,
    encoding: ENCODING.PLAIN,
    defEncoding: ENCODING.RLE,
    repEncoding: ENCODING.RLE,
    repBytes: 0,
    defBytes: 0,
    compressed: true,
  };
  const dataV1 = (id: number, t: number): unknown => {
    if (id === 1) h.values = r.int(t);
    else if (id === 2) h.encoding = r.int(t);
    else if (id === 3) h.defEncoding = r.int(t);
    else if (id === 4) h.repEncoding = r.int(t);
    else return false;
    return;
  };
  const dictionary = (id: number, t: number): unknown => {
    if (id === 1) h.values = r.int(t);
    else if (id === 2) h.encoding = r.int(t);
    else return false;
    return;
  };
  const dataV2 = (id: number, t: number): unknown => {
    if (id === 1) h.values = r.int(t);
    else if (id === 4) h.encoding = r.int(t);
    else if (id === 5) h.defBytes = r.int(t);
    else if (id === 6) h.repBytes = r.int(t);
    else if (id === 7) h.compressed = r.bool(t);
    else return false;
    return;
  };
  r.struct(T_STRUCT, (id, t) => {
    switch (id) {
      case 1:
        h.type = r.int(t);
        return;
      case 2:
        h.expandedBytes = r.int(t);
        return;
      case 3:
        h.storedBytes = r.int(t);
        return;
      case 4:
        h.crc = r.int(t);
        return;
      case 5:
        r.struct(t, dataV1);
        return;
      case 7:
        r.struct(t, dictionary);
        return;
      case 8:
        r.struct(t, dataV2);
        return;
      default:
        return false;
    }
  });
  if (h.type < 0) r.fail('a page has no type');
  if (h.expandedBytes < 0 || h.storedBytes < 0)
    r.fail(`a page is said to have ${h.storedBytes} bytes that expand to ${h.expandedBytes}`);
  if (h.values < 0) r.fail(`a page is said to hold ${h.values} values`);
  if (h.defBytes < 0 || h.repBytes < 0 || h.defBytes + h.repBytes > Math.min(h.storedBytes, h.expandedBytes))
    r.fail('the levels of a page do not fit into it');
  return h;
}
