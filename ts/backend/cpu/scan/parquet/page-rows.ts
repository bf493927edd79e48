// Pages that are expanded where their rows belong: values that are ours as they are, none of them null. What stands before
// the values, the levels, is kept apart: in front of the rows there are others.
import type { ExecContext } from '../../context.ts';
import { ENCODING, PAGE, type PageHeader } from './page-header.ts';
import type { Target } from './target.ts';

/** Where the rows of a column chunk go, from its first one on. */
export interface RowPlaces {
  readonly address: number;
  readonly rows: number;
}

/** Where the values of a page go, and its levels. */
export interface PageRows {
  readonly to: number;
  readonly head: number;
  readonly headBytes: number;
}

/** Levels that say nothing but that all values are there take fewer bytes: their length, a count, and a level. */
const MOST_HEAD_BYTES = 16;
/** Room for them, and for what is written too much. */
export const HEAD_ROOM = 128;

/** Whether pages of a column can be expanded among its rows. */
export const fitsRows = ({ leaf, direct, width, storedWidth }: Target): boolean =>
  direct && width > 0 && width === storedWidth && leaf.physical !== 'BYTE_ARRAY' && leaf.rep === 0 && leaf.def <= 1;

/**
 * Where the values of a Snappy page belong whose first row is `row`, and whose `bytes` expanded ones start with the levels
 * unless those are stored before `src`; null where it has to be expanded elsewhere. `head` has HEAD_ROOM bytes.
 */
export function rowsOfPage(
  ctx: ExecContext,
  target: Target,
  places: RowPlaces,
  header: PageHeader,
  row: number,
  page: { readonly src: number; readonly storedBytes: number; readonly bytes: number },
  head: number,
): PageRows | null {
  if (header.encoding !== ENCODING.PLAIN || row + header.values > places.rows) return null;
  let headBytes = 0;
  if (target.leaf.def > 0) {
    if (header.type === PAGE.DATA_V2) {
      if (!isOneRun(ctx, page.src - header.defBytes, header.defBytes, header.values)) return null;
    } else {
      if (header.defEncoding !== ENCODING.RLE) return null;
      const known = ctx.kernels.get('codecs').snappyHead(page.src, page.storedBytes, head, MOST_HEAD_BYTES);
      headBytes = 4 + ctx.heap.refresh().view.getUint32(head, true);
      if (headBytes > known || !isOneRun(ctx, head + 4, headBytes - 4, header.values)) return null;
    }
  }
  if (page.bytes - headBytes !== header.values * target.width) return null;
  return { to: places.address + row * target.width, head, headBytes };
}

/** Whether levels are a single run of ones, as many as there are values. */
function isOneRun(ctx: ExecContext, at: number, bytes: number, values: number): boolean {
  const { u8 } = ctx.heap.refresh();
  let count = 0;
  for (let i = 0; i < Math.min(bytes - 1, 5); i++) {
    const byte = u8[at + i]!;
    count += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return count % 2 === 0 && count / 2 >= values && i + 2 === bytes && u8[at + i + 1] === 1;
  }
  return false;
}
