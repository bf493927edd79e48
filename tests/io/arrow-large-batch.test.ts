// Record batches of many rows: read in parts, in memory that does not grow with them.
import { describe, expect, test } from 'vitest';
import type { ArrowColumn } from '../../ts/backend/arrow.ts';
import { openArrow } from '../../ts/backend/cpu/scan/arrow/open-arrow.ts';
import { WINDOW_ROWS } from '../../ts/backend/cpu/scan/arrow/windows.ts';
import { MORSEL_ROWS } from '../../ts/backend/cpu/vector.ts';
import { decodeIpc, encodeIpc } from '../../ts/backend/ipc.ts';
import type { LogicalType, Schema } from '../../ts/schema/types.ts';
import { memoryBytes, testContext, valuesOf } from '../support/engine.ts';
import { hostValue } from '../support/host-columns.ts';

const ROWS = 8 * WINDOW_ROWS + 70_001;

/** Columns made in bulk: nulls every ninth row, strings of 0 to 20 bytes. */
function columns(rows: number): Record<string, ArrowColumn> {
  const validity = new Uint8Array(Math.ceil(rows / 8));
  for (let i = 0; i < rows; i++) if (i % 9 !== 4) validity[i >> 3]! |= 1 << (i & 7);
  const offsets = new Int32Array(rows + 1);
  for (let i = 0; i < rows; i++) offsets[i + 1] = offsets[i]! + (i % 9 === 4 ? 0 : i % 21);
  const text = new Uint8Array(offsets[rows]!);
  for (let i = 0; i < text.length; i++) text[i] = 97 + (i % 26);
  const of = (type: LogicalType, values: ArrowColumn['values'], nulls = true): ArrowColumn =>
    ({ type, length: rows, validity: nulls ? validity : null, values }) as ArrowColumn;
  const bits = new Uint8Array(Math.ceil(rows / 8)).map((_, i) => (i * 37) & 255);
  const words = {
    type: { dtype: 'Utf8' },
    length: 3,
    validity: null,
    offsets: Int32Array.of(0, 1, 2, 3),
    values: text,
  } as const;
  return {
    i: of(
      { dtype: 'Int64' },
      BigInt64Array.from({ length: rows }, (_, i) => BigInt(i * 3)),
    ),
    n: of(
      { dtype: 'Int8' },
      Int8Array.from({ length: rows }, (_, i) => i),
      false,
    ),
    b: of({ dtype: 'Bool' }, bits),
    d: of(
      { dtype: 'Decimal', precision: 12, scale: 2 },
      BigInt64Array.from({ length: rows * 2 }, (_, i) => (i & 1 ? 0n : BigInt(i))),
    ),
    s: { ...of({ dtype: 'Utf8' }, text), offsets },
    c: {
      ...of(
        { dtype: 'Categorical' },
        Int32Array.from({ length: rows }, (_, i) => i % 3),
      ),
      dictionary: words,
    },
    z: { type: { dtype: 'Null' }, length: rows, validity: null },
  };
}

const named = columns(ROWS);
const schema: Schema = Object.entries(named).map(([name, c]) => ({ name, type: c.type, nullable: true }));
const batch = { schema, length: ROWS, columns: Object.values(named) };

/** Reads all rows under a memory limit; `look` sees each morsel. */
function read(
  bytes: Uint8Array,
  of: Schema,
  limitBytes: number,
  look: (row: number, values: unknown[][]) => void,
): { rows: number; morsels: number } {
  const ctx = testContext(limitBytes);
  const request = {
    bytes: memoryBytes(ctx.heap, bytes),
    columns: of,
    fileSchema: schema,
    options: {},
    predicate: null,
  };
  const file = openArrow(ctx, { ...request, limit: null });
  let rows = 0;
  let morsels = 0;
  try {
    for (let unit = 0; unit < file.unitCount; unit++) {
      const reader = file.openUnit(ctx, unit);
      try {
        for (let b = reader.next(ctx); b; b = reader.next(ctx)) {
          expect(b.length).toBeLessThanOrEqual(MORSEL_ROWS);
          look(
            rows,
            b.columns.map((v) => valuesOf(ctx, v)),
          );
          rows += b.length;
          morsels++;
          ctx.scratch.reset();
        }
      } finally {
        reader.close(ctx);
      }
    }
  } finally {
    file.close(ctx);
  }
  expect(ctx.arena.usedBytes).toBeLessThan(5 << 20);
  return { rows, morsels };
}

describe.each(['file', 'stream'] as const)('a %s of one batch', (kind) => {
  const bytes = encodeIpc([batch], schema, { kind });
  expect(decodeIpc(bytes).batches).toHaveLength(1);

  test('is read right in less memory than it takes', () => {
    const { rows, morsels } = read(bytes, schema, bytes.length * 0.6, (from, values) => {
      // Every row of a few columns would take long; every 7th of all will do, with the edges of parts.
      for (let c = 0; c < schema.length; c++)
        for (let i = 0; i < values[c]!.length; i += i < 20 ? 1 : 7)
          if (!Object.is(values[c]![i], hostValue(batch.columns[c]!, from + i)))
            expect([schema[c]!.name, from + i, values[c]![i]]).toEqual([
              schema[c]!.name,
              from + i,
              hostValue(batch.columns[c]!, from + i),
            ]);
    });
    expect(rows).toBe(ROWS);
    expect(morsels).toBe(10);
  });

  test('some columns', () => {
    const sum = { s: 0, i: 0n };
    read(bytes, [schema[4]!, schema[0]!], Number.POSITIVE_INFINITY, (_, [s, i]) => {
      for (const v of s!) sum.s += (v as string | null)?.length ?? 0;
      for (const v of i!) sum.i += (v as bigint | null) ?? 0n;
    });
    expect(sum.s).toBe(named['s']!.offsets![ROWS]);
    let total = 0n;
    for (let i = 0; i < ROWS; i++) if (i % 9 !== 4) total += BigInt(i * 3);
    expect(sum.i).toBe(total);
  });

  test('compressed, it is read whole', () => {
    const lz4 = encodeIpc([batch], schema, { kind, compression: 'lz4' });
    expect(read(lz4, [schema[0]!], Number.POSITIVE_INFINITY, () => {}).rows).toBe(ROWS);
  });
});

test('wrong offsets in the middle are found', () => {
  const offsets = named['s']!.offsets!.slice();
  offsets[WINDOW_ROWS + 1000] = 2 ** 30;
  const broken = encodeIpc(
    [{ ...batch, columns: batch.columns.map((c) => (c === named['s'] ? { ...c, offsets } : c)) }],
    schema,
  );
  let rows = 0;
  expect(() =>
    read(broken, [schema[4]!], Number.POSITIVE_INFINITY, (from, [s]) => {
      rows = from + s!.length;
    }),
  ).toThrow(expect.objectContaining({ code: 'ERR_CORRUPT_FILE', message: expect.stringMatching(/column "s"/) }));
  expect(rows).toBe(WINDOW_ROWS);
});
