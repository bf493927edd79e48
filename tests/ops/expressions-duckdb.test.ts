import { beforeAll, describe, test } from 'vitest';
import type { ExprNode } from '../../ts/expr/nodes.ts';
import { type LogicalType, typeText } from '../../ts/schema/types.ts';
import { expectValues } from '../support/compare-values.ts';
import { testOnDevice } from '../support/device-cases.ts';
import { duck, duckRows } from '../support/duck.ts';
import { testContext } from '../support/engine.ts';
import { call, cast, col, datetimeType, decimalType, evaluate, lit, T, when } from '../support/nodes.ts';
import { random, samples } from '../support/samples.ts';

// Expressions beside DuckDB's, where semantics.md says that both mean the same: no integer overflow, no floored
// division (DuckDB truncates), no casts of floats to integers without trunc (DuckDB rounds).
const ROWS = 3000;
const ctx = testContext();
const next = random(2024);

const COLUMNS: { readonly [name: string]: { type: LogicalType; sql: string; values: unknown[] } } = {
  x: { type: T.Float64, sql: 'DOUBLE', values: samples(T.Float64, ROWS, next) },
  y: { type: T.Float64, sql: 'DOUBLE', values: samples(T.Float64, ROWS, next).reverse() },
  f: { type: T.Float32, sql: 'FLOAT', values: samples(T.Float32, ROWS, next) },
  i: { type: T.Int32, sql: 'INTEGER', values: samples(T.Int32, ROWS, next).map((v) => v && (v as number) % 30000) },
  j: { type: T.Int32, sql: 'INTEGER', values: samples(T.Int32, ROWS, next).map((v) => v && (v as number) % 30000) },
  l: { type: T.Int64, sql: 'BIGINT', values: samples(T.Int64, ROWS, next) },
  u: { type: T.UInt64, sql: 'UBIGINT', values: samples(T.UInt64, ROWS, next) },
  p: { type: T.Bool, sql: 'BOOLEAN', values: samples(T.Bool, ROWS, next) },
  q: { type: T.Bool, sql: 'BOOLEAN', values: samples(T.Bool, ROWS, next) },
  s: {
    type: T.Utf8,
    sql: 'VARCHAR',
    values: samples(T.Utf8, ROWS, next).map((v) => (v === '\u0000' || v === 'a\u0000' ? 'nul' : v)),
  },
  t: {
    type: T.Utf8,
    sql: 'VARCHAR',
    values: samples(T.Utf8, ROWS, next).map((v) => (v === '\u0000' || v === 'a\u0000' ? 'abc' : v)),
  },
  m: { type: decimalType(9, 2), sql: 'DECIMAL(9,2)', values: samples(decimalType(9, 2), ROWS, next) },
  n: { type: decimalType(9, 2), sql: 'DECIMAL(9,2)', values: samples(decimalType(9, 2), ROWS, next) },
  w: { type: decimalType(30, 4), sql: 'DECIMAL(30,4)', values: samples(decimalType(30, 4), ROWS, next) },
  d: {
    type: T.Date32,
    sql: 'DATE',
    values: samples(T.Date32, ROWS, next).map((v) => (v === null || Math.abs(v as number) < 700_000 ? v : 0)),
  },
  ts: {
    type: datetimeType('us'),
    sql: 'TIMESTAMP',
    values: samples(datetimeType('us'), ROWS, next).map((v) => v && (v as bigint) % 4_000_000_000_000_000n),
  },
};
const c = Object.fromEntries(Object.entries(COLUMNS).map(([n, { type }]) => [n, col(n, type)])) as Record<
  string,
  ExprNode
>;
const columns = Object.fromEntries(Object.entries(COLUMNS).map(([n, { type, values }]) => [n, { type, values }]));

function sqlText(v: unknown, type: LogicalType): string {
  if (v === null) return 'NULL';
  switch (type.dtype) {
    case 'Decimal': {
      const digits = (v as bigint) < 0n ? -(v as bigint) : (v as bigint);
      const text = digits.toString().padStart(type.scale + 1, '0');
      return `'${(v as bigint) < 0n ? '-' : ''}${text.slice(0, -type.scale)}.${text.slice(-type.scale)}'`;
    }
    case 'Date32':
      return `(DATE '1970-01-01' + INTERVAL (${v}) DAY)`;
    case 'Datetime':
      return `make_timestamp(${v})`;
    case 'Utf8':
      return `'${(v as string).replaceAll("'", "''")}'`;
    default:
      return `'${Object.is(v, -0) ? '-0' : v}'`;
  }
}

beforeAll(async () => {
  const db = await duck();
  const defs = Object.entries(COLUMNS).map(([n, { sql }]) => `${n} ${sql}`);
  await db.run(`CREATE TABLE v (r INTEGER, ${defs.join(', ')})`);
  for (let from = 0; from < ROWS; from += 500) {
    const rows = Array.from({ length: 500 }, (_, k) => {
      const values = Object.values(COLUMNS).map(({ type, values: list }) => sqlText(list[from + k], type));
      return `(${from + k}, ${values.join(', ')})`;
    });
    await db.run(`INSERT INTO v VALUES ${rows.join(', ')}`);
  }
});

/** Results as DuckDB prints them where it has no plain JavaScript value. */
function readable(e: ExprNode, sql: string): [ExprNode, string] {
  switch (e.type.dtype) {
    case 'Decimal':
      return [cast(e, T.Utf8), `CAST(${sql} AS VARCHAR)`];
    case 'Date32':
      return [cast(e, T.Int32), `CAST(date_diff('day', DATE '1970-01-01', ${sql}) AS INTEGER)`];
    case 'Datetime':
      return [cast(e, T.Int64), `epoch_us(${sql})`];
    default:
      return [e, sql];
  }
}

const call2 = (fn: string, a: string, b: string, type: LogicalType): ExprNode => call(fn, [c[a]!, c[b]!], type);
const d9 = decimalType(9, 2);
const d10 = decimalType(10, 2);
const wide = (e: ExprNode): ExprNode => cast(e, d10);
const d32 = decimalType(32, 4);

const cases: [string, ExprNode, number?][] = [
  ['x + y', call2('add', 'x', 'y', T.Float64)],
  ['x - y', call2('sub', 'x', 'y', T.Float64)],
  ['x * y', call2('mul', 'x', 'y', T.Float64)],
  ['i + j', call2('add', 'i', 'j', T.Int32)],
  ['i * j', call2('mul', 'i', 'j', T.Int32)],
  ['f + f', call2('add', 'f', 'f', T.Float32)],
  ['-x', call('neg', [c['x']!], T.Float64)],
  ['abs(x)', call('abs', [c['x']!], T.Float64)],
  ['floor(x)', call('floor', [c['x']!], T.Float64)],
  ['ceil(x)', call('ceil', [c['x']!], T.Float64)],
  ['round(x)', call('round', [c['x']!], T.Float64, { decimals: 0 })],
  ['round(x, 2)', call('round', [c['x']!], T.Float64, { decimals: 2 })],
  // DuckDB makes 0 of NaN here.
  ['CASE WHEN isfinite(x) THEN round(x, -2) ELSE x END', call('round', [c['x']!], T.Float64, { decimals: -2 })],
  [
    'CASE WHEN x >= 0 THEN sqrt(CASE WHEN isnan(x) THEN 0 ELSE x END) END',
    when(
      [
        {
          when: call('ge', [c['x']!, lit(0, T.Float64)], T.Bool),
          then: call(
            'sqrt',
            [when([{ when: call('isNan', [c['x']!], T.Bool), then: lit(0, T.Float64) }], c['x']!, T.Float64)],
            T.Float64,
          ),
        },
      ],
      lit(null, T.Float64),
      T.Float64,
    ),
  ],
  ['exp(x)', call('exp', [c['x']!], T.Float64), 1e-14],
  [
    'ln(abs(x) + 1)',
    call('log', [call('add', [call('abs', [c['x']!], T.Float64), lit(1, T.Float64)], T.Float64)], T.Float64, {
      base: null,
    }),
    1e-14,
  ],
  [
    'log10(abs(x) + 1)',
    call('log', [call('add', [call('abs', [c['x']!], T.Float64), lit(1, T.Float64)], T.Float64)], T.Float64, {
      base: 10,
    }),
    1e-14,
  ],
  [
    'log2(abs(x) + 1)',
    call('log', [call('add', [call('abs', [c['x']!], T.Float64), lit(1, T.Float64)], T.Float64)], T.Float64, {
      base: 2,
    }),
    1e-14,
  ],
  [
    'sin(i / 1000.0::DOUBLE)',
    call('sin', [call('div', [cast(c['i']!, T.Float64), lit(1000, T.Float64)], T.Float64)], T.Float64),
    1e-14,
  ],
  ['atan(y)', call('atan', [c['y']!], T.Float64), 1e-14],
  ['pow(abs(x), 0.25)', call('pow', [call('abs', [c['x']!], T.Float64), lit(0.25, T.Float64)], T.Float64), 1e-14],
  ...(['=', '<>', '<', '<=', '>', '>='] as const).flatMap((op, k): [string, ExprNode][] => {
    const fn = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'][k]!;
    return [
      [`x ${op} y`, call2(fn, 'x', 'y', T.Bool)],
      [`i ${op} j`, call2(fn, 'i', 'j', T.Bool)],
      [`s ${op} t`, call2(fn, 's', 't', T.Bool)],
      [`p ${op} q`, call2(fn, 'p', 'q', T.Bool)],
      [`m ${op} n`, call2(fn, 'm', 'n', T.Bool)],
      [`u ${op} 100`, call(fn, [c['u']!, lit(100n, T.UInt64)], T.Bool)],
      [`w ${op} 0.5`, call(fn, [c['w']!, lit(5000n, decimalType(30, 4))], T.Bool)],
      [`s ${op} 'hello world!!'`, call(fn, [c['s']!, lit('hello world!!', T.Utf8)], T.Bool)],
    ];
  }),
  ['x IS NOT DISTINCT FROM y', call2('eqMissing', 'x', 'y', T.Bool)],
  ['s IS NOT DISTINCT FROM t', call2('eqMissing', 's', 't', T.Bool)],
  ['p AND q', call2('and', 'p', 'q', T.Bool)],
  ['p OR q', call2('or', 'p', 'q', T.Bool)],
  ['NOT p', call('not', [c['p']!], T.Bool)],
  ['p <> q', call2('xor', 'p', 'q', T.Bool)],
  ['s IS NULL', call('isNull', [c['s']!], T.Bool)],
  ['coalesce(x, y, 0)', call('coalesce', [c['x']!, c['y']!, lit(0, T.Float64)], T.Float64)],
  ["coalesce(s, t, 'none')", call('coalesce', [c['s']!, c['t']!, lit('none', T.Utf8)], T.Utf8)],
  [
    'CASE WHEN p THEN s WHEN q THEN t END',
    when(
      [
        { when: c['p']!, then: c['s']! },
        { when: c['q']!, then: c['t']! },
      ],
      lit(null, T.Utf8),
      T.Utf8,
    ),
  ],
  ['i IN (1, 2, 3, 7, -7)', call('isIn', [c['i']!, lit([1, 2, 3, 7, -7], T.Int32)], T.Bool)],
  ["s IN ('a', 'abc', 'hello world!!')", call('isIn', [c['s']!, lit(['a', 'abc', 'hello world!!'], T.Utf8)], T.Bool)],
  ['greatest(i, 5) + CASE WHEN i IS NULL THEN NULL ELSE 0 END', call('clipMin', [c['i']!, lit(5, T.Int32)], T.Int32)],
  ['m + n', call('add', [wide(c['m']!), wide(c['n']!)], d10)],
  ['m - n', call('sub', [wide(c['m']!), wide(c['n']!)], d10)],
  ['m * n', call('mul', [c['m']!, c['n']!], decimalType(18, 4))],
  ['CAST(m AS DECIMAL(32,4)) + w', call('add', [cast(c['m']!, d32), cast(c['w']!, d32)], d32)],
  ['CAST(m AS DECIMAL(9,1))', cast(c['m']!, decimalType(9, 1))],
  ['CAST(w AS DECIMAL(38,2))', cast(c['w']!, decimalType(38, 2))],
  ['TRY_CAST(w AS DECIMAL(12,2))', cast(c['w']!, decimalType(12, 2), false)],
  ['CAST(m AS DOUBLE)', cast(c['m']!, T.Float64)],
  ['CAST(w AS DOUBLE)', cast(c['w']!, T.Float64), 4e-16],
  ['round(m, 1)', cast(call('round', [wide(c['m']!)], d10, { decimals: 1 }), decimalType(10, 1), false)],
  ['CAST(i AS DECIMAL(9,2))', cast(c['i']!, d9)],
  ['TRY_CAST(trunc(x) AS INTEGER)', cast(c['x']!, T.Int32, false)],
  ['TRY_CAST(trunc(x) AS UTINYINT)', cast(c['x']!, T.UInt8, false)],
  ['TRY_CAST(l AS INTEGER)', cast(c['l']!, T.Int32, false)],
  ['TRY_CAST(l AS USMALLINT)', cast(c['l']!, T.UInt16, false)],
  ['TRY_CAST(u AS BIGINT)', cast(c['u']!, T.Int64, false)],
  ['CAST(l AS DOUBLE)', cast(c['l']!, T.Float64)],
  ['CAST(u AS DOUBLE)', cast(c['u']!, T.Float64)],
  ['CAST(l AS FLOAT)', cast(c['l']!, T.Float32)],
  [
    'CAST(CAST(x AS FLOAT) AS DOUBLE)',
    cast(
      cast(
        call(
          'clipMax',
          [call('clipMin', [c['x']!, lit(-1e30, T.Float64)], T.Float64), lit(1e30, T.Float64)],
          T.Float64,
        ),
        T.Float32,
      ),
      T.Float64,
    ),
  ],
  ['CAST(i AS BOOLEAN)', cast(c['i']!, T.Bool)],
  ['CAST(p AS INTEGER)', cast(c['p']!, T.Int32)],
  ['CAST(l AS VARCHAR)', cast(c['l']!, T.Utf8)],
  ['CAST(u AS VARCHAR)', cast(c['u']!, T.Utf8)],
  ['CAST(w AS VARCHAR)', cast(c['w']!, T.Utf8)],
  ['CAST(d AS VARCHAR)', cast(c['d']!, T.Utf8)],
  ['TRY_CAST(CAST(l AS VARCHAR) AS INTEGER)', cast(cast(c['l']!, T.Utf8), T.Int32, false)],
  ['CAST(d AS TIMESTAMP)', cast(c['d']!, datetimeType('us'))],
  ['CAST(ts AS DATE)', cast(c['ts']!, T.Date32)],
  ['d = CAST(ts AS DATE)', call('eq', [c['d']!, cast(c['ts']!, T.Date32)], T.Bool)],
  ['ts < CAST(d AS TIMESTAMP)', call('lt', [c['ts']!, cast(c['d']!, datetimeType('us'))], T.Bool)],
];

describe('beside DuckDB', () => {
  test.each(cases)('%s', async (sql, e, relative) => {
    // CASE in SQL narrows what our clip does for the float cast.
    const text = sql.replace(
      'CAST(CAST(x AS FLOAT) AS DOUBLE)',
      'CAST(CAST(CASE WHEN x > 1e30 AND NOT isnan(x) THEN 1e30 WHEN x < -1e30 THEN -1e30 ELSE x END AS FLOAT) AS DOUBLE)',
    );
    const [ours, theirs] = readable(e, text);
    const rows = await duckRows(`SELECT ${theirs} FROM v ORDER BY r`);
    const expected = rows.map((r) => r[0]);
    const context = (r: number): string =>
      Object.entries(COLUMNS)
        .map(([n, k]) => `${n} = ${String(k.values[r])}`)
        .join(', ');
    const plusZero = (v: unknown): unknown => (Object.is(v, -0) ? 0 : v);
    expectValues(
      evaluate(ctx, ours, columns).map(plusZero),
      expected.map(plusZero),
      (r) => `${typeText(e.type)}: ${context(r)}`,
      {
        relative: relative ?? 0,
      },
    );
    ctx.scratch.reset();
  });
});

testOnDevice();
