// Arrow tables of others may hold what no engine may see: text that is not UTF-8, decimals of too many digits. Both engines
// refuse them with the same error, and take what is right at the edge.
import { expect } from 'vitest';
import type { ArrowColumn } from '../../ts/backend/arrow.ts';
import { toArrowTable } from '../../ts/frame/apache-table.ts';
import { type DataFrame, fromArrow } from '../../ts/index.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import { onBackends } from '../support/backends.ts';

const bits = (present: readonly boolean[]): Uint8Array => {
  const bytes = new Uint8Array((present.length + 7) >> 3);
  for (const [i, is] of present.entries()) if (is) bytes[i >> 3]! |= 1 << (i & 7);
  return bytes;
};

/** Rows of bytes as a column; null rows keep their bytes below. */
function text(dtype: 'Utf8' | 'Binary', rows: readonly number[][], nulls: readonly number[] = []): ArrowColumn {
  const offsets = new Int32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) offsets[i + 1] = offsets[i]! + row.length;
  const validity = nulls.length === 0 ? null : bits(rows.map((_, i) => !nulls.includes(i)));
  return { type: { dtype }, length: rows.length, validity, offsets, values: Uint8Array.from(rows.flat()) };
}

function decimals(precision: number, values: readonly bigint[], nulls: readonly number[] = []): ArrowColumn {
  const words = BigInt64Array.from(values.flatMap((v) => [BigInt.asIntN(64, v), v >> 64n]));
  const validity = nulls.length === 0 ? null : bits(values.map((_, i) => !nulls.includes(i)));
  return { type: { dtype: 'Decimal', precision, scale: 2 }, length: values.length, validity, values: words };
}

const frame = (column: ArrowColumn): DataFrame =>
  fromArrow(
    toArrowTable({
      schema: [{ name: 'c', type: column.type, nullable: true }],
      length: column.length,
      columns: [column],
    }),
  );
const list = (items: ArrowColumn, offsets: readonly number[]): ArrowColumn => ({
  type: { dtype: 'List', inner: { type: items.type, nullable: true } } as LogicalType,
  length: offsets.length - 1,
  validity: null,
  offsets: Int32Array.from(offsets),
  children: [items],
});

const A = [0x61];
const LONG = [...new TextEncoder().encode('ASCII of more than eight bytes, then – ünï ☃ 🜁')];
const BROKEN: readonly (readonly [string, number[]])[] = [
  ['a continuation alone', [0x80]],
  ['a character cut off', [0x61, 0xc3]],
  ['a shorter form of two bytes', [0xc0, 0xaf]],
  ['a shorter form of three', [0xe0, 0x9f, 0xbf]],
  ['a shorter form of four', [0xf0, 0x8f, 0xbf, 0xbf]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ['five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80]],
  ['a byte that never is', [0xff]],
  ['something else after three bytes', [0xe2, 0x98, 0x61]],
  ['behind much ASCII', [...LONG, 0xfe]],
];
const EDGES = [
  [0x7f],
  [0xc2, 0x80],
  [0xdf, 0xbf],
  [0xe0, 0xa0, 0x80],
  [0xed, 0x9f, 0xbf],
  [0xee, 0x80, 0x80],
  [0xef, 0xbf, 0xbf],
  [0xf0, 0x90, 0x80, 0x80],
  [0xf4, 0x8f, 0xbf, 0xbf],
  [],
  LONG,
];
const refusal = (row: number): object => ({
  code: 'ERR_EVALUATION',
  message: `Expected UTF-8 text for column "c" but received other bytes in row ${row}. Declare the column as Binary, or mend the text.`,
  detail: { column: 'c', row },
});

onBackends(({ name }, test) => {
  const engine = name === 'cpu' ? 'cpu' : 'cuda';
  const rows = async (column: ArrowColumn): Promise<unknown[]> => {
    using table = await frame(column).collect({ engine });
    return table.toColumns()['c'] as unknown[];
  };

  test.each(BROKEN)('text is refused: %s', async (_, bytes: number[]) => {
    await expect(rows(text('Utf8', [A, A, bytes, A]))).rejects.toMatchObject(refusal(2));
    await expect(rows(text('Utf8', [bytes, A], [1]))).rejects.toMatchObject(refusal(0));
  });

  test('text is refused where a row ends inside a character', async () => {
    await expect(rows(text('Utf8', [A, [0xc3], [0xa9]]))).rejects.toMatchObject(refusal(1));
  });

  test('text is refused inside lists, and in the words of a dictionary', async () => {
    const items = text('Utf8', [A, A, [0xff], A]);
    await expect(rows(list(items, [0, 2, 4]))).rejects.toMatchObject({ code: 'ERR_EVALUATION' });
    const words = text('Utf8', [A, [0xff]]);
    const coded: ArrowColumn = {
      type: { dtype: 'Categorical' },
      length: 3,
      validity: null,
      values: Int32Array.of(0, 1, 0),
      dictionary: words,
    };
    await expect(rows(coded)).rejects.toMatchObject({ code: 'ERR_EVALUATION' });
  });

  test('every character there is passes, and so does what lies below a null', async () => {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    expect(await rows(text('Utf8', EDGES))).toEqual(EDGES.map((e) => decoder.decode(Uint8Array.from(e))));
    expect(await rows(text('Utf8', [A, [0xff, 0xfe], A], [1]))).toEqual(['a', null, 'a']);
    expect(await rows(text('Utf8', [A, [0xc3], [0xa9], A], [1, 2]))).toEqual(['a', null, null, 'a']);
  });

  test('bytes are bytes', async () => {
    expect((await rows(text('Binary', [[0xff], [0xc3]]))).map((b) => [...(b as Uint8Array)])).toEqual([[0xff], [0xc3]]);
  });

  test.each([
    5, 18, 19, 38,
  ])('decimals of %i digits: the largest passes, the next is refused', async (precision: number) => {
    const most = 10n ** BigInt(precision) - 1n;
    const same = frame(decimals(precision, [most, -most, 0n, 7n]));
    using table = await same.withColumns({ d: (c) => c.c }).collect({ engine });
    expect(table.height).toBe(4);
    for (const value of [most + 1n, -most - 1n])
      await expect(rows(decimals(precision, [0n, value]))).rejects.toMatchObject({
        code: 'ERR_OVERFLOW',
        message: `Expected values of Decimal(${precision}, 2) for column "c" but received the unscaled value ${value} in row 1. Declare a larger precision.`,
        detail: { column: 'c', row: 1 },
      });
    expect((await rows(decimals(precision, [1n, most + 1n], [1])))[1]).toBeNull();
  });
});
