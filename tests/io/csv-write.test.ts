// What writeCsv writes, read by DuckDB and by ourselves; what DuckDB writes, read by us.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nullCount } from '../../ts/backend/cpu/columns/alloc.ts';
import { slice } from '../../ts/backend/cpu/columns/slice.ts';
import { inferCsv } from '../../ts/backend/cpu/scan/csv/infer-csv.ts';
import { openCsv } from '../../ts/backend/cpu/scan/csv/open-csv.ts';
import { openCsvWriter } from '../../ts/backend/cpu/write/csv.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import { uniform } from '../../ts/util/philox.ts';
import { duck, duckRows } from '../support/duck.ts';
import { batchOf, dictVectorOf, fileBytes, memoryBytes, testContext, valuesOf, vectorOf } from '../support/engine.ts';
import { field, memorySink, readAll, rowsOf, writeAll } from '../support/text.ts';

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-csv-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const UTF8: LogicalType = { dtype: 'Utf8' };
const write = (columns: [string, LogicalType, unknown[]][], options: Record<string, unknown> = {}): string =>
  writeAll(
    testContext(),
    openCsvWriter,
    columns.map(([name, type]) => field(name, type)),
    columns.map((c) => c[2]),
    options,
  ).text();

describe('fields', () => {
  const strings = [
    'plain',
    'a,b',
    'say "hi"',
    'two\nlines',
    'cr\rhere',
    '',
    null,
    ' blanks ',
    "it's",
    '#x',
    'é😀',
    'x'.repeat(40),
  ];
  it('are quoted where needed', () => {
    expect(write([['s', UTF8, strings]])).toBe(
      `s\nplain\n"a,b"\n"say ""hi"""\n"two\nlines"\n"cr\rhere"\n""\n\n blanks \nit's\n#x\né😀\n${'x'.repeat(40)}\n`,
    );
  });
  it('are quoted as asked', () => {
    const rows: [string, LogicalType, unknown[]][] = [
      ['s', UTF8, ['a', null]],
      ['n', { dtype: 'Int32' }, [1, null]],
    ];
    expect(write(rows, { quoting: 'strings' })).toBe('"s","n"\n"a",1\n,\n');
    expect(write(rows, { quoting: 'always' })).toBe('"s","n"\n"a","1"\n,\n');
    expect(
      write([
        ['a,b', UTF8, []],
        ['c', UTF8, []],
      ]),
    ).toBe('"a,b",c\n');
  });
  it('follow the options', () => {
    const rows: [string, LogicalType, unknown[]][] = [
      ['s', UTF8, ['a;b', null, 'NA', '']],
      ['n', { dtype: 'Float64' }, [1.5, null, Number.NaN, -0]],
    ];
    expect(
      write(rows, {
        delimiter: ';',
        decimalComma: true,
        nullValue: 'NA',
        lineTerminator: '\r\n',
        bom: true,
        quote: "'",
      }),
    ).toBe(`\ufeffs;n\r\n'a;b';1,5\r\nNA;NA\r\n'NA';NaN\r\n'';-0,0\r\n`);
    expect(write(rows, { header: false, delimiter: '\t' })).toBe('a;b\t1.5\n\t\nNA\tNaN\n""\t-0.0\n');
    expect(write([['n', { dtype: 'Int32' }, [-5, 5]]], { delimiter: '-' })).toBe('n\n"-5"\n"5"\n');
  });
  it('hold dates, times and the rest as documented', () => {
    const text = write([
      ['d', { dtype: 'Date32' }, [0, -719528, 2932896, 2932897, -719529, null]],
      ['ms', { dtype: 'Datetime', unit: 'ms', zone: null }, [0n, -1n, 1500n, 253402300800000n, 86399999n, null]],
      ['us', { dtype: 'Datetime', unit: 'us', zone: 'UTC' }, [0n, -1n, 1500000n, 1n, 86400000000n, null]],
      ['ns', { dtype: 'Datetime', unit: 'ns', zone: 'Europe/Paris' }, [0n, -1n, 1500000000n, 1n, 2n ** 63n - 1n, null]],
      ['t', { dtype: 'Time' }, [0n, 1n, 45296000000000n, 86399999999999n, 1000000n, null]],
      ['du', { dtype: 'Duration', unit: 'us' }, [0n, -5n, 7n, 8n, 9n, null]],
      ['b', { dtype: 'Bool' }, [true, false, true, false, true, null]],
      [
        'x',
        { dtype: 'Binary' },
        [
          Buffer.from('a'),
          Buffer.from('ab'),
          Buffer.from('abc'),
          Buffer.from([255, 254, 253, 0]),
          Buffer.alloc(0),
          null,
        ],
      ],
      ['n', { dtype: 'Null' }, [null, null, null, null, null, null]],
    ]);
    expect(text.split('\n')).toEqual([
      'd,ms,us,ns,t,du,b,x,n',
      '1970-01-01,1970-01-01T00:00:00,1970-01-01T00:00:00Z,1970-01-01T00:00:00Z,00:00:00,0,true,YQ==,',
      '0000-01-01,1969-12-31T23:59:59.999,1969-12-31T23:59:59.999999Z,1969-12-31T23:59:59.999999999Z,00:00:00.000000001,-5,false,YWI=,',
      '9999-12-31,1970-01-01T00:00:01.500,1970-01-01T00:00:01.500000Z,1970-01-01T00:00:01.500000000Z,12:34:56,7,true,YWJj,',
      '+010000-01-01,+010000-01-01T00:00:00,1970-01-01T00:00:00.000001Z,1970-01-01T00:00:00.000000001Z,23:59:59.999999999,8,false,//79AA==,',
      '-000001-12-31,1970-01-01T23:59:59.999,1970-01-02T00:00:00Z,2262-04-11T23:47:16.854775807Z,00:00:00.001000000,9,true,"",',
      ',,,,,,,,',
      '',
    ]);
  });
  it('come from dictionaries too', () => {
    const ctx = testContext();
    const sink = memorySink(ctx);
    const writer = openCsvWriter(ctx, sink, [field('s', UTF8)], { header: false });
    writer.write(ctx, batchOf([dictVectorOf(ctx, ['a longer word, quoted', 'b'], [1, 0, null, 1])]));
    writer.finish(ctx);
    expect(sink.text()).toBe('b\n"a longer word, quoted"\n\nb\n');
  });
  it('may be longer than the buffer', () => {
    const long = ['x'.repeat(3 << 20), '"'.repeat(2 << 20), 'y'];
    const text = write([['s', UTF8, long]], { header: false });
    expect(text).toBe(`${long[0]}\n"${'"'.repeat(4 << 20)}"\ny\n`);
  });
  it('cannot be nested', () => {
    const list: LogicalType = { dtype: 'List', inner: { type: UTF8, nullable: true } };
    expect(() => write([['l', list, []]])).toThrow(
      /Column "l" is List\(nullable\(Utf8\)\), and CSV has no nested values/,
    );
  });
  it('refuses options that make no sense', () => {
    expect(() => write([], { delimiter: '""' })).toThrow(/'delimiter' option of writeCsv/);
    expect(() => write([], { nullValue: 'a,b' })).toThrow(/must hold no delimiter/);
    expect(() => write([], { lineTerminator: '\r' })).toThrow(/'lineTerminator' option/);
    expect(() => write([], { decimalComma: true })).toThrow(/delimiter: ';'/);
    expect(() => write([], { nullValues: 'x' })).toThrow(/Did you mean 'nullValue'/);
  });
});

// Column makers for random tables: a dtype, DuckDB's name for it, a value, and DuckDB's text for comparing.
interface Maker {
  type: LogicalType;
  sql: string;
  value: (u: () => number) => unknown;
  /** SQL that gives the value in the form of `valuesOf`. */
  out?: (name: string) => string;
}
const int = (dtype: LogicalType['dtype'], sql: string, bits: number, signed: boolean): Maker => ({
  type: { dtype } as LogicalType,
  sql,
  value: (u) => {
    const size = 1 + Math.floor(u() * (bits - 1));
    const v = BigInt(Math.floor(u() * 2 ** 32)) * 2n ** 32n + BigInt(Math.floor(u() * 2 ** 32));
    const x = BigInt.asUintN(size, v) * (signed && u() < 0.5 ? -1n : 1n);
    return bits === 64 ? x : Number(x);
  },
});
const CHARS = ['a', 'b', '"', ',', '\n', '\r', ' ', 'é', '中', '😀', '\\', '0', '|', '\t', 'longer text '];
const MAKERS: Maker[] = [
  int('Int8', 'TINYINT', 8, true),
  int('Int16', 'SMALLINT', 16, true),
  int('Int32', 'INTEGER', 32, true),
  int('Int64', 'BIGINT', 64, true),
  int('UInt8', 'UTINYINT', 8, false),
  int('UInt16', 'USMALLINT', 16, false),
  int('UInt32', 'UINTEGER', 32, false),
  int('UInt64', 'UBIGINT', 64, false),
  { type: { dtype: 'Bool' }, sql: 'BOOLEAN', value: (u) => u() < 0.5 },
  {
    type: { dtype: 'Float64' },
    sql: 'DOUBLE',
    value: (u) => {
      const special = [0, -0, Infinity, -Infinity, Number.NaN, 1e300, 5e-324];
      return u() < 0.1 ? special[Math.floor(u() * special.length)] : (u() - 0.5) * 10 ** Math.floor(u() * 40 - 20);
    },
  },
  {
    type: { dtype: 'Float32' },
    sql: 'FLOAT',
    value: (u) => Math.fround((u() - 0.5) * 10 ** Math.floor(u() * 40 - 20)),
  },
  {
    type: UTF8,
    sql: 'VARCHAR',
    value: (u) =>
      Array.from({ length: Math.floor(u() * u() * 12) }, () => CHARS[Math.floor(u() * CHARS.length)]).join(''),
  },
  {
    type: { dtype: 'Date32' },
    sql: 'DATE',
    value: (u) => Math.floor(u() * 3_652_059) - 719_162,
    out: (n) => `(${n} - DATE '1970-01-01')::INT`,
  },
  {
    type: { dtype: 'Datetime', unit: 'us', zone: null },
    sql: 'TIMESTAMP',
    value: (u) => BigInt(Math.floor(u() * 4e9) - 2e9) * 1000000n + (u() < 0.5 ? BigInt(Math.floor(u() * 1e6)) : 0n),
    out: (n) => `epoch_us(${n})`,
  },
  {
    type: { dtype: 'Datetime', unit: 'us', zone: 'UTC' },
    sql: 'TIMESTAMPTZ',
    value: (u) => BigInt(Math.floor(u() * 4e9) - 2e9) * 1000000n + BigInt(Math.floor(u() * 1e6)),
    out: (n) => `epoch_us(${n})`,
  },
  {
    type: { dtype: 'Decimal', precision: 18, scale: 4 },
    sql: 'DECIMAL(18,4)',
    value: (u) => BigInt(Math.floor((u() - 0.5) * 2 ** 53)),
    out: (n) => `(${n}::DECIMAL(38, 4) * 10000)::HUGEINT::BIGINT`,
  },
];

function randomTable(seed: number): { makers: Maker[]; columns: unknown[][] } {
  let i = 0;
  const u = (): number => uniform(seed, i++);
  const makers = Array.from(
    { length: 1 + Math.floor(u() * 7) },
    () => MAKERS[Math.floor(u() * MAKERS.length)] as Maker,
  );
  const rows = [0, 1, 7, 64, 300, 3000][Math.floor(u() * 6)] as number;
  const nulls = [0, 0.2, 1][Math.floor(u() * 3)] as number;
  const columns = makers.map((m) => Array.from({ length: rows }, () => (u() < nulls ? null : m.value(u))));
  return { makers, columns };
}

describe('random tables', () => {
  it('are read by DuckDB as we wrote them', async () => {
    const file = path.join(folder, 'ours.csv');
    const drawn = new Set<string>();
    for (let seed = 0; seed < 120; seed++) {
      const { makers, columns } = randomTable(seed);
      const schema = makers.map((m, k) => field(`c${k}`, m.type));
      const options = {
        delimiter: [',', ';', '|'][seed % 3],
        quoting: ['needed', 'strings', 'always'][(seed % 7) % 3],
      };
      fs.writeFileSync(file, writeAll(testContext(), openCsvWriter, schema, columns, options).bytes());
      const types = makers.map((m, k) => `'c${k}': '${m.sql}'`).join(', ');
      const select = makers.map((m, k) => m.out?.(`c${k}`) ?? `c${k}`).join(', ');
      const rows = await duckRows(
        `select ${select} from read_csv('${file}', columns = {${types}}, header = true, delim = '${options.delimiter}', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, auto_detect = false, parallel = false)`,
      );
      const expected = (columns[0] ?? []).map((_, r) => columns.map((c) => c[r]));
      expect({ seed, rows }).toEqual({ seed, rows: expected });
      for (const m of makers) drawn.add(m.sql);
    }
    expect(drawn.size).toBe(MAKERS.length);
  });

  it('read back as we wrote them, at any block size', () => {
    for (let seed = 1000; seed < 1150; seed++) {
      const { makers, columns } = randomTable(seed);
      const ctx = testContext();
      const schema = makers.map((m, k) => field(`c${k}`, m.type));
      const bytes = memoryBytes(ctx.heap, writeAll(ctx, openCsvWriter, schema, columns).bytes());
      const got = readAll(ctx, openCsv, bytes, schema, { blockBytes: [50, 1000, 1 << 22][seed % 3] });
      const expected = (columns[0] ?? []).map((_, r) => columns.map((c) => c[r]));
      expect({ seed, rows: rowsOf(got) }).toEqual({ seed, rows: expected });
    }
  });

  it('written by DuckDB are read by us, dtypes included', async () => {
    const c = await duck();
    const file = path.join(folder, 'duck.csv');
    for (let seed = 2000; seed < 2060; seed++) {
      const { makers, columns } = randomTable(seed);
      if ((columns[0]?.length ?? 0) === 0) continue;
      const ours = path.join(folder, 'seed.csv');
      const schema = makers.map((m, k) => field(`c${k}`, m.type));
      fs.writeFileSync(ours, writeAll(testContext(), openCsvWriter, schema, columns).bytes());
      const types = makers.map((m, k) => `'c${k}': '${m.sql}'`).join(', ');
      await c.run(
        `copy (select * from read_csv('${ours}', columns = {${types}}, header = true, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, auto_detect = false, parallel = false)) to '${file}' (header, delimiter '${[',', '|'][seed % 2]}')`,
      );
      const ctx = testContext();
      const bytes = fileBytes(ctx.heap, file);
      const options = { delimiter: [',', '|'][seed % 2] };
      const got = readAll(ctx, openCsv, bytes, schema, options);
      const expected = (columns[0] ?? []).map((_, r) => columns.map((col) => col[r]));
      expect({ seed, rows: rowsOf(got) }).toEqual({ seed, rows: expected });
      const inferred = inferCsv(ctx, bytes, options);
      makers.forEach((m, k) => {
        const type = inferred[k]?.type.dtype;
        if (columns[k]?.every((v) => v === null || v === '')) expect(type).toBe('Utf8');
        else if (m.sql.endsWith('INT') && !m.sql.startsWith('U')) expect(['Int64', 'UInt64']).toContain(type);
        else if (['DATE', 'BOOLEAN', 'DOUBLE', 'FLOAT'].includes(m.sql)) {
          expect([`${m.sql}: Date32`, 'BOOLEAN: Bool', 'DOUBLE: Float64', 'FLOAT: Float64']).toContain(
            `${m.sql}: ${type}`,
          );
        } else if (m.sql.startsWith('TIMESTAMP')) expect(['Datetime', 'Date32']).toContain(type);
      });
      bytes.close();
    }
  });
});

describe('a million rows', () => {
  it('are read equal to DuckDB', async () => {
    const file = path.join(folder, 'million.csv');
    await (await duck()).run(
      `copy (select i::int as id, (hash(i)%100000)::int as k, (hash(i*7+4)>>11)::double/9007199254740992.0 as v,
        case when hash(i*7+5)%100=0 then null else round(((hash(i*7+6)>>11)::double/9007199254740992.0-0.5)*200, 2) end as w,
        'id'||lpad(((hash(i*7+8)%100)+1)::varchar,3,'0') as s,
        case when i % 1000 = 0 then 'quoted, "text"' || chr(10) || i else 'a longer plain text ' || i end as t
        from range(1000000) r(i)) to '${file}' (header)`,
    );
    const ctx = testContext();
    const bytes = fileBytes(ctx.heap, file);
    const schema = inferCsv(ctx, bytes, {});
    expect(schema.map((f) => f.type.dtype)).toEqual(['Int64', 'Int64', 'Float64', 'Float64', 'Utf8', 'Utf8']);
    const file1 = openCsv(ctx, {
      bytes,
      columns: schema,
      fileSchema: schema,
      options: {},
      predicate: null,
      limit: null,
    });
    const reader = file1.openUnit(ctx, 0);
    const batches: number[] = [];
    const sampled: unknown[][] = [];
    let rows = 0;
    let nulls = 0;
    for (let batch = reader.next(ctx); batch !== null; batch = reader.next(ctx)) {
      batches.push(batch.length);
      nulls += nullCount(ctx, batch.columns[3]!);
      // Eight rows in every 256, and the last ones.
      for (let at = 0; at < batch.length; at += 256) {
        const length = Math.min(8, batch.length - at);
        const values = batch.columns.map((v) => valuesOf(ctx, slice(v, at, length)));
        for (let i = 0; i < length; i++) sampled.push(values.map((v) => v[i]));
      }
      rows += batch.length;
      ctx.scratch.reset();
    }
    reader.close(ctx);
    expect(rows).toBe(1_000_000);
    expect(Math.max(...batches)).toBeLessThanOrEqual(65_536);
    expect(batches.length).toBeLessThan(40);
    const names = ['BIGINT', 'BIGINT', 'DOUBLE', 'DOUBLE', 'VARCHAR', 'VARCHAR'];
    const types = names.map((t, i) => `'${schema[i]?.name}': '${t}'`).join(', ');
    const source = `read_csv('${file}', columns = {${types}}, header = true)`;
    expect((await duckRows(`select count(*) - count(w) from ${source}`))[0]?.[0]).toBe(BigInt(nulls));
    const truth = new Map((await duckRows(`select * from ${source} where id % 4 = 0`)).map((r) => [r[0], r]));
    const known = sampled.filter((r) => (r[0] as bigint) % 4n === 0n);
    expect(known.length).toBeGreaterThan(5_000);
    expect(known).toEqual(known.map((r) => truth.get(r[0])));
    bytes.close();
  });
});

describe('several batches', () => {
  it('follow one another', () => {
    const ctx = testContext();
    const sink = memorySink(ctx);
    const schema = [field('a', { dtype: 'Int32' })];
    const writer = openCsvWriter(ctx, sink, schema, {});
    for (const values of [[1, 2], [], [3]]) writer.write(ctx, batchOf([vectorOf(ctx, { dtype: 'Int32' }, values)]));
    writer.finish(ctx);
    expect(sink.text()).toBe('a\n1\n2\n3\n');
  });
});
