import { describe, expect, test } from 'vitest';
import { Decimal, Float64, fromColumns, fromRecords, Int64, nullable, Utf8 } from '../../ts/index.ts';

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (e) {
    return (e as { code: string }).code;
  }
  return 'nothing';
};

describe('tables', () => {
  test('size, names and schema', async () => {
    using table = await fromColumns({ a: [1, 2, 3], b: ['x', null, 'z'] }).collect();
    expect([table.height, table.width, table.columns]).toEqual([3, 2, ['a', 'b']]);
    expect(table.schema['b']).toEqual({ dtype: 'Utf8', nullable: true });
    expect(table.sizeBytes).toBeGreaterThan(0);
    expect(codeOf(() => table.column('c' as 'a'))).toBe('ERR_COLUMN_NOT_FOUND');
    expect(table[Symbol.for('nodejs.util.inspect.custom') as never]).toBeTypeOf('function');
    expect(String(table)).toMatch('│ x');
  });

  test('toRecords with 64-bit integers as numbers', async () => {
    using table = await fromColumns({ id: [1n, null, 2n ** 53n - 1n], u: BigUint64Array.of(1n, 2n, 3n) }).collect();
    expect(table.toRecords({ int64: 'number' })).toEqual([
      { id: 1, u: 1 },
      { id: null, u: 2 },
      { id: 2 ** 53 - 1, u: 3 },
    ]);
    using large = await fromColumns({ id: [1n, 2n ** 53n] }).collect();
    expect(codeOf(() => large.toRecords({ int64: 'number' }))).toBe('ERR_INTEGER_RANGE');
    expect(() => large.toRecords({ int64: 'number' })).toThrow('The value 9007199254740992 in row 1 of column "id"');
  });

  test('all rows have one shape', async () => {
    using table = await fromRecords(Array.from({ length: 100 }, (_, i) => ({ a: i, b: `x${i}` }))).collect();
    const rows = table.toRecords();
    expect(Object.keys(rows[0]!)).toEqual(['a', 'b']);
    expect(rows[99]).toEqual({ a: 99, b: 'x99' });
  });

  test('toColumns gives typed arrays where no null can be', async () => {
    using table = await fromColumns(
      { a: [1, 2], b: [1, 2], c: [1n, 2n], d: ['x', 'y'] },
      { schema: { a: Float64, b: nullable(Float64), c: Int64, d: Utf8 } },
    ).collect();
    const columns = table.toColumns();
    expect(columns.a).toEqual(Float64Array.of(1, 2));
    expect(columns.b).toEqual([1, 2]);
    expect(columns.c).toEqual(BigInt64Array.of(1n, 2n));
    expect(columns.d).toEqual(['x', 'y']);
  });

  test('arrays are the caller’s: changing one changes nothing else', async () => {
    using table = await fromColumns({ a: [1, 2, 3] }).collect();
    const array = table.column('a').toArray();
    array[0] = 99;
    expect(table.column('a').toArray()).toEqual(Float64Array.of(1, 2, 3));
    expect(table.toRecords()[0]).toEqual({ a: 1 });
  });

  test('columns', async () => {
    using table = await fromColumns(
      { a: [1, 2, 3], d: ['1.5', null, '2'] },
      {
        schema: { a: Float64, d: nullable(Decimal(5, 2)) },
      },
    ).collect();
    const column = table.column('a');
    expect([column.name, column.length, column.nullable, column.dtype]).toEqual(['a', 3, false, { dtype: 'Float64' }]);
    expect([column.at(0), column.at(-1), column.at(3), column.at(-4)]).toEqual([1, 3, undefined, undefined]);
    expect([...column].reduce((x, y) => x + y)).toBe(6);
    expect(column.borrow((c) => (c.values as Float64Array)[1])).toBe(2);
    expect(table.column('d').at(0)?.toString()).toBe('1.50');
    expect(table.column('a')).toBe(column);
  });

  test('lazy gives a frame over the rows', async () => {
    using table = await fromColumns({ a: [1, 2, 3] }).collect();
    const df = table.lazy();
    expect(await df.filter((c) => c.a.gt(1)).count()).toBe(2);
    expect(df.explain({ optimized: false })).toBe('TABLE 3 rows: a');
  });

  test('dispose: once is enough, any use afterwards fails', async () => {
    const table = await fromColumns({ a: [1, 2, 3] }).collect();
    const frame = table.lazy();
    const column = table.column('a');
    table.dispose();
    table.dispose();
    for (const use of [
      () => table.toRecords(),
      () => table.toColumns(),
      () => table.column('a').toArray(),
      () => column.toArray(),
      () => column.at(0),
      () => table.lazy(),
      () => table.borrowArrow((b) => b.length),
    ]) {
      expect(codeOf(use)).toBe('ERR_DISPOSED');
    }
    await expect(frame.count()).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
    await expect(frame.head(1).collect()).rejects.toMatchObject({
      code: 'ERR_DISPOSED',
      message: 'This table is disposed. Keep it until its last use, or make it again.',
    });
  });

  test('borrowArrow lends all columns, also to an async function', async () => {
    using table = await fromColumns({ a: [1, 2, 3], b: ['x', 'y', 'z'] }).collect();
    const sum = table.borrowArrow((batch) => Number(batch.columns[0]?.values?.[2]));
    expect(sum).toBe(3);
    expect(await table.borrowArrow(async (batch) => batch.length)).toBe(3);
  });
});
