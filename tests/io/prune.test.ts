// Pruning against brute force: whatever the statistics leave out, no row of it may match. Then what must be pruned.
import { describe, expect, test } from 'vitest';
import type { ExprNode, LiteralValue } from '../../ts/expr/nodes.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import type { RawStatistics } from '../../ts/source/parquet-footer.ts';
import type { ParquetLeaf } from '../../ts/source/parquet-schema.ts';
import { chunkBounds } from '../../ts/source/parquet-stats.ts';
import { type Bound, type ColumnBounds, mayMatch } from '../../ts/source/prune.ts';

const BOOL: LogicalType = { dtype: 'Bool' };
const TYPES: Record<string, LogicalType> = {
  i: { dtype: 'Int32' },
  f: { dtype: 'Float64' },
  s: { dtype: 'Utf8' },
  b: BOOL,
};
type Value = bigint | number | string | boolean | null;

const col = (name: string): ExprNode => ({ node: 'col', name, type: TYPES[name]!, nullable: true });
const lit = (value: LiteralValue, type: LogicalType): ExprNode => ({
  node: 'lit',
  value,
  type,
  nullable: value === null,
});
const call = (fn: string, ...args: ExprNode[]): ExprNode => ({
  node: 'call',
  fn,
  args,
  options: {},
  type: BOOL,
  nullable: true,
});
const cast = (expr: ExprNode, type: LogicalType): ExprNode => ({
  node: 'cast',
  expr,
  type,
  strict: true,
  nullable: true,
});

/** A small generator that gives the same numbers every time. */
function random(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
}
const pick = <T>(r: () => number, from: readonly T[]): T => from[Math.floor(r() * from.length)]!;

const DOMAIN: Record<string, readonly Value[]> = {
  i: [null, -2n, -1n, 0n, 1n, 2n, 3n],
  f: [null, Number.NEGATIVE_INFINITY, -1.5, -0, 0, 2.5, Number.POSITIVE_INFINITY, Number.NaN],
  s: [null, '', 'a', 'ab', 'abc', 'b', 'ba', 'é'],
  b: [null, true, false],
};
const OPS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'eqMissing'];

function literalOf(r: () => number, name: string): ExprNode {
  const v = pick(r, DOMAIN[name]!);
  return lit(typeof v === 'bigint' ? Number(v) : v, TYPES[name]!);
}

function predicate(r: () => number, depth: number): ExprNode {
  if (depth > 0 && r() < 0.6) {
    const fn = pick(r, ['and', 'or', 'not']);
    return fn === 'not'
      ? call('not', predicate(r, depth - 1))
      : call(fn, predicate(r, depth - 1), predicate(r, depth - 1));
  }
  const name = pick(r, ['i', 'f', 's', 'b']);
  switch (Math.floor(r() * 7)) {
    case 0:
      return call(pick(r, ['isNull', 'isNotNull']), col(name));
    case 1: {
      const values = DOMAIN[name]!.filter((v) => v !== null && r() < 0.3).map((v) =>
        typeof v === 'bigint' ? Number(v) : v,
      );
      return call('isIn', col(name), lit(values as LiteralValue[], TYPES[name]!));
    }
    case 2:
      return name === 's'
        ? call('startsWith', col('s'), lit(pick(r, ['', 'a', 'ab', 'b', 'c']), TYPES.s!))
        : call(pick(r, OPS), literalOf(r, name), col(name));
    case 3:
      return name === 'i'
        ? call(pick(r, OPS), cast(col('i'), { dtype: 'Float64' }), col('f'))
        : call(pick(r, OPS), col(name), col(name));
    case 4:
      return name === 'b' ? col('b') : call(pick(r, OPS), col(name), literalOf(r, name));
    default:
      return call(pick(r, OPS), col(name), literalOf(r, name));
  }
}

type Row = Record<string, Value>;
const isNan = (v: Value): boolean => typeof v === 'number' && Number.isNaN(v);

/** −1, 0, 1 with NaN above everything and equal to itself. */
function order(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  const x = Number(a);
  const y = Number(b);
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  return x < y ? -1 : x > y ? 1 : 0;
}

function evaluate(e: ExprNode, row: Row): Value {
  if (e.node === 'col') return row[e.name]!;
  if (e.node === 'lit') return e.value as Value;
  if (e.node === 'cast') return evaluate(e.expr, row);
  if (e.node !== 'call') throw new Error(e.node);
  if (e.fn === 'isIn') {
    const v = evaluate(e.args[0]!, row);
    const list = (e.args[1] as unknown as { value: Value[] }).value;
    return v === null ? null : list.some((x) => order(x, v) === 0);
  }
  const [a, b = null] = e.args.map((x) => evaluate(x, row)) as [Value, Value];
  switch (e.fn) {
    case 'not':
      return a === null ? null : !a;
    case 'and':
      return a === false || b === false ? false : a === null || b === null ? null : true;
    case 'or':
      return a === true || b === true ? true : a === null || b === null ? null : false;
    case 'isNull':
      return a === null;
    case 'isNotNull':
      return a !== null;
    case 'eqMissing':
      return a === null || b === null ? a === b : order(a, b) === 0;
    default: {
      if (a === null || b === null) return null;
      if (e.fn === 'startsWith') return String(a).startsWith(String(b));
      const o = order(a, b);
      return { eq: o === 0, ne: o !== 0, lt: o < 0, le: o <= 0, gt: o > 0, ge: o >= 0 }[e.fn]!;
    }
  }
}

/** What a writer could have said of some rows: sometimes nothing, sometimes less than it knows. */
function boundsOf(r: () => number, rows: readonly Row[], name: string): ColumnBounds | null {
  if (r() < 0.1) return null;
  const all: Value[] = rows.map((row) => row[name] ?? null);
  const values = all.filter((v) => v !== null && !isNan(v));
  const sorted = [...values].sort(order);
  const bound = (v: Value | undefined, isMax: boolean): Bound | null => {
    if (v === undefined || v === null || r() < 0.1) return null;
    if (typeof v === 'boolean') return v ? 1n : 0n;
    if (typeof v !== 'string') return v;
    const bytes = Buffer.from(v);
    // truncated: a prefix is below, a prefix with its last byte raised is above
    if (bytes.length < 2 || r() < 0.5) return bytes;
    const short = Buffer.from(bytes.subarray(0, bytes.length - 1));
    if (isMax) short[short.length - 1]!++;
    return short;
  };
  return {
    min: bound(sorted[0], false),
    max: bound(sorted.at(-1), true),
    nulls: r() < 0.2 || all.includes(null),
    values: r() < 0.2 || all.some((v) => v !== null),
    nan: name === 'f' && (r() < 0.5 || all.some(isNan)),
  };
}

describe('prune', () => {
  test('never leaves out a row that matches', () => {
    const r = random(7);
    let pruned = 0;
    for (let round = 0; round < 60_000; round++) {
      const rows = Array.from(
        { length: 1 + Math.floor(r() * 3) },
        (): Row => Object.fromEntries(Object.entries(DOMAIN).map(([k, d]) => [k, pick(r, d)])),
      );
      const p = predicate(r, 3);
      const known = new Map(['i', 'f', 's', 'b'].map((n) => [n, boundsOf(r, rows, n)]));
      const kept = mayMatch(p, (name) => known.get(name) ?? null);
      if (kept) continue;
      pruned++;
      for (const row of rows)
        if (evaluate(p, row) === true)
          throw new Error(
            `lost ${JSON.stringify(row, (_, v) => (typeof v === 'bigint' ? `${v}n` : v))}: ${JSON.stringify(p)}`,
          );
    }
    // the test is worth something only if much is pruned
    expect(pruned).toBeGreaterThan(8_000);
  });

  const ints = (min: bigint, max: bigint): ColumnBounds => ({ min, max, nulls: false, values: true, nan: false });
  const i = col('i');
  const five = lit(5, TYPES.i!);
  test.each<[string, ExprNode, boolean]>([
    ['i = 5', call('eq', i, five), false],
    ['i > 5', call('gt', i, five), true],
    ['i <= 5', call('le', i, five), false],
    ['not (i > 5)', call('not', call('gt', i, five)), false],
    ['i = 15 and i < 5', call('and', call('eq', i, lit(15, TYPES.i!)), call('lt', i, five)), false],
    ['i is null', call('isNull', i), false],
    ['i in (1, 30)', call('isIn', i, lit([1, 30], TYPES.i!)), false],
    ['i in (1, 12)', call('isIn', i, lit([1, 12], TYPES.i!)), true],
    ['i = null', call('eq', i, lit(null, TYPES.i!)), false],
    ['cast(i, Int64) < 9', call('lt', cast(i, { dtype: 'Int64' }), lit(9n, { dtype: 'Int64' })), false],
    ['cast(i, Utf8) = a', call('eq', cast(i, { dtype: 'Utf8' }), lit('a', TYPES.s!)), true],
    ['hash-like call', call('eq', call('mod', i, five), five), true],
  ])('rows from 10 to 20: %s', (_, p, expected) => {
    expect(mayMatch(p, () => ints(10n, 20n))).toBe(expected);
  });

  const leaf = (
    physical: ParquetLeaf['physical'],
    type: LogicalType,
    more: Partial<ParquetLeaf> = {},
  ): ParquetLeaf => ({
    kind: 'leaf',
    name: 'x',
    type,
    nullable: true,
    index: 0,
    physical,
    typeLength: 0,
    conversion: 'copy',
    factor: 1,
    ordered: true,
    rep: 0,
    slotDef: 0,
    def: 1,
    ...more,
  });
  const raw = (s: Partial<RawStatistics>): RawStatistics => ({
    oldMin: null,
    oldMax: null,
    min: null,
    max: null,
    nullCount: null,
    nanCount: null,
    ...s,
  });
  const f64 = (v: number) => new Uint8Array(new Float64Array([v]).buffer);
  const i32 = (v: number) => new Uint8Array(new Int32Array([v]).buffer);

  test('a NaN bound spoils both', () => {
    const b = chunkBounds(leaf('DOUBLE', { dtype: 'Float64' }), raw({ min: f64(1), max: f64(Number.NaN) }), 1, 10);
    expect(b).toMatchObject({ min: null, max: null, nan: true });
  });
  test('floats may be NaN unless the file counts none', () => {
    const l = leaf('DOUBLE', { dtype: 'Float64' });
    expect(chunkBounds(l, raw({ min: f64(1), max: f64(2) }), 1, 10).nan).toBe(true);
    expect(chunkBounds(l, raw({ min: f64(1), max: f64(2), nanCount: 0 }), 2, 10).nan).toBe(false);
  });
  test('old bounds are used for signed numbers only', () => {
    const old = raw({ oldMin: i32(1), oldMax: i32(2) });
    expect(chunkBounds(leaf('INT32', { dtype: 'Int32' }), old, 0, 10)).toMatchObject({ min: 1n, max: 2n });
    expect(chunkBounds(leaf('INT32', { dtype: 'UInt32' }), old, 0, 10)).toMatchObject({ min: null, max: null });
    const text = raw({ oldMin: Buffer.from('a'), oldMax: Buffer.from('b') });
    expect(chunkBounds(leaf('BYTE_ARRAY', { dtype: 'Utf8' }), text, 0, 10)).toMatchObject({ min: null, max: null });
  });
  test('bounds without a column order are not trusted where orders differ', () => {
    const text = raw({ min: Buffer.from('a'), max: Buffer.from('b') });
    const l = leaf('BYTE_ARRAY', { dtype: 'Utf8' }, { conversion: 'view' });
    expect(chunkBounds(l, text, 0, 10)).toMatchObject({ min: null, max: null });
    expect(chunkBounds(l, text, 1, 10).min).toEqual(Buffer.from('a'));
    expect(chunkBounds({ ...l, ordered: false }, text, 1, 10)).toMatchObject({ min: null, max: null });
  });
  test('bounds the wrong way round, of a wrong size, and impossible null counts are not used', () => {
    const l = leaf('INT32', { dtype: 'Int32' });
    expect(chunkBounds(l, raw({ min: i32(9), max: i32(2) }), 1, 10)).toMatchObject({ min: null, max: null });
    expect(chunkBounds(l, raw({ min: new Uint8Array(3), max: i32(2) }), 1, 10)).toMatchObject({ min: null, max: 2n });
    expect(chunkBounds(l, raw({ nullCount: 11 }), 1, 10)).toMatchObject({ nulls: true, values: true });
    expect(chunkBounds(l, raw({ nullCount: 10 }), 1, 10)).toMatchObject({ nulls: true, values: false });
    expect(chunkBounds(l, raw({ nullCount: 0 }), 1, 10)).toMatchObject({ nulls: false, values: true });
  });
  test('unsigned and decimal bounds are read as such', () => {
    const u = leaf('INT32', { dtype: 'UInt32' });
    expect(chunkBounds(u, raw({ min: i32(1), max: i32(-1) }), 1, 10)).toMatchObject({ min: 1n, max: 4294967295n });
    const d = leaf('FIXED_LEN_BYTE_ARRAY', { dtype: 'Decimal', precision: 20, scale: 2 }, { conversion: 'be' });
    const b = raw({ min: new Uint8Array([0xff, 0xfe]), max: new Uint8Array([1, 0]) });
    expect(chunkBounds(d, b, 1, 10)).toMatchObject({ min: -2n, max: 256n });
  });
});
