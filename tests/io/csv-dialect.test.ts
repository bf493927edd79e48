// Every option of readCsv, and every way of writing a field, at every block boundary.
import { describe, expect, it } from 'vitest';
import { inferCsv } from '../../ts/backend/cpu/scan/csv/infer-csv.ts';
import { openCsv } from '../../ts/backend/cpu/scan/csv/open-csv.ts';
import type { LogicalType, Schema } from '../../ts/schema/types.ts';
import { uniform } from '../../ts/util/philox.ts';
import { memoryBytes, testContext } from '../support/engine.ts';
import { field, readAll, rowsOf, textBytes } from '../support/text.ts';

const UTF8: LogicalType = { dtype: 'Utf8' };

/** Rows with inferred dtypes. */
function read(text: string, options: Record<string, unknown> = {}): unknown[][] {
  const ctx = testContext();
  const bytes = textBytes(ctx, text);
  return rowsOf(readAll(ctx, openCsv, bytes, inferCsv(ctx, bytes, options), options));
}
/** Rows as strings. */
function texts(text: string, names: readonly string[], options: Record<string, unknown> = {}): unknown[][] {
  const ctx = testContext();
  const schema = names.map((n) => field(n, UTF8));
  return rowsOf(readAll(ctx, openCsv, textBytes(ctx, text), schema, options));
}
function types(text: string, options: Record<string, unknown> = {}): string[] {
  const ctx = testContext();
  return inferCsv(ctx, textBytes(ctx, text), options).map((f) =>
    f.type.dtype === 'Datetime' ? `${f.type.dtype} ${f.type.unit} ${f.type.zone}` : f.type.dtype,
  );
}

describe('nulls and empty texts', () => {
  it('tells an empty field from a quoted one', () => {
    expect(texts('a,b\n,""\n"",\n', ['a', 'b'])).toEqual([
      [null, ''],
      ['', null],
    ]);
  });
  it('takes a quoted empty field as null in other columns', () => {
    expect(read('a,b\n"",1\n"2","3"\n')).toEqual([
      [null, 1n],
      [2n, 3n],
    ]);
  });
  it('takes listed texts as null: unquoted in strings, quoted too elsewhere', () => {
    const options = { nullValues: ['NA', '-', '-999'] };
    expect(texts('a\nNA\n"NA"\n-\nNAN\n', ['a'], options)).toEqual([[null], ['NA'], [null], ['NAN']]);
    expect(read('a,b\n1,NA\n-999,2\n"NA",-\n', options)).toEqual([
      [1n, null],
      [null, 2n],
      [null, null],
    ]);
  });
  it('reads a column without values as strings', () => {
    expect(types('a,b\n,1\n,2\n')).toEqual(['Utf8', 'Int64']);
  });
});

describe('lines', () => {
  it.each(['\n', '\r\n', '\r'])('reads lines ending in %j, with or without a last end', (end) => {
    for (const last of ['', end]) {
      expect(texts(`a,b${end}1,x${end}2,"y${end}z"${last}`, ['a', 'b'])).toEqual([
        ['1', 'x'],
        ['2', `y${end}z`],
      ]);
    }
  });
  it('keeps a CR in the middle of a line', () => {
    expect(texts('a,b\n1\r2,3\n', ['a', 'b'])).toEqual([['1\r2', '3']]);
  });
  it('skips blank lines, except in a file of one column', () => {
    expect(read('a,b\n\n1,2\n\r\n\n3,4\n\n')).toEqual([
      [1n, 2n],
      [3n, 4n],
    ]);
    expect(read('a\n1\n\n2\n')).toEqual([[1n], [null], [2n]]);
  });
  it('drops a byte order mark', () => {
    expect(read('\ufeffa,b\n1,2\n')).toEqual([[1n, 2n]]);
    expect(read('\ufeff"a",b\n1,2\n')).toEqual([[1n, 2n]]);
  });
  it('skips comments, also ones that hold quotes and delimiters', () => {
    const options = { comment: '#' };
    expect(read('# by "me\n#\na,b\n#x,y,z\n1,2\n# "\n3,#4\n#', options)).toEqual([
      [1n, '2'],
      [3n, '#4'],
    ]);
    expect(texts('a\n"#1"\n#2\n', ['a'], options)).toEqual([['#1']]);
  });
  it('skips lines before the header, whatever they hold', () => {
    expect(read('report "x\n,,,\na,b\n1,2\n', { skipRows: 2 })).toEqual([[1n, 2n]]);
    expect(() => read('a\n', { skipRows: 5 })).toThrow(/is empty/);
  });
});

describe('headers', () => {
  it('numbers empty names and repeated ones', () => {
    const ctx = testContext();
    const names = (text: string): string[] => inferCsv(ctx, textBytes(ctx, text), {}).map((f) => f.name);
    expect(names('a,,a,"b ""c"", d",\n')).toEqual(['a', 'column_2', 'a_1', 'b "c", d', 'column_5']);
    expect(names('a,a,a_1,a\n')).toEqual(['a', 'a_2', 'a_1', 'a_3']);
    expect(names('x\r\n1\r\n')).toEqual(['x']);
  });
  it('reads without one, or with given names', () => {
    const ctx = testContext();
    const bytes = textBytes(ctx, '1,x\n2,y\n');
    expect(inferCsv(ctx, bytes, { header: false }).map((f) => f.name)).toEqual(['column_1', 'column_2']);
    expect(read('1,x\n2,y\n', { header: false })).toEqual([
      [1n, 'x'],
      [2n, 'y'],
    ]);
    expect(inferCsv(ctx, bytes, { header: ['n', 's'] }).map((f) => f.name)).toEqual(['n', 's']);
    expect(read('1,x\n2,y\n', { header: ['n', 's'] })).toHaveLength(2);
  });
  it('finds columns by name in another order, and any part of them', () => {
    const ctx = testContext();
    const schema: Schema = [field('c', { dtype: 'Int64' }), field('a', { dtype: 'Int64' })];
    const bytes = textBytes(ctx, 'a,b,c\n1,2,3\n4,5,6\n');
    expect(rowsOf(readAll(ctx, openCsv, bytes, schema))).toEqual([
      [3n, 1n],
      [6n, 4n],
    ]);
    expect(readAll(ctx, openCsv, bytes, schema, {}, { columns: [] }).batches).toEqual([2]);
    expect(() => readAll(ctx, openCsv, bytes, [field('d', UTF8)])).toThrow(/has no column "d".*a, b, c/);
  });
  it('stops at a limit', () => {
    const ctx = testContext();
    const text = `a\n${Array.from({ length: 5000 }, (_, i) => i).join('\n')}\n`;
    const schema = [field('a', { dtype: 'Int64' })];
    for (const limit of [0, 1, 10, 2048, 4999, 6000]) {
      const got = readAll(ctx, openCsv, textBytes(ctx, text), schema, {}, { limit });
      expect(got.columns.a).toHaveLength(Math.min(limit, 5000));
    }
  });
  it('reads a file with a header only', () => {
    expect(read('a,b\n')).toEqual([]);
    expect(read('a,b')).toEqual([]);
    expect(types('a,b\n')).toEqual(['Utf8', 'Utf8']);
  });
});

describe('quotes', () => {
  const CASES: [string, Record<string, unknown>, string, unknown[][]][] = [
    ['doubled quotes', {}, 'a,b\n"x ""y""",""""\n', [['x "y"', '"']]],
    ['only doubled quotes', {}, 'a,b\n"""""",""""""""\n', [['""', '"""']]],
    ['delimiters and line ends', {}, 'a,b\n"1,2","3\n4"\n', [['1,2', '3\n4']]],
    ['quotes within plain fields', {}, 'a,b\n5" pipe,6"" "x\n', [['5" pipe', '6"" "x']]],
    ['a plain field between quoted ones', {}, 'a,b\n"q"\n', []],
    ['single quotes', { quote: "'" }, `a,b\n'x,y','it''s "it"'\n`, [['x,y', `it's "it"`]]],
    ['none', { quote: null }, 'a,b\n"x,y"\n', [['"x', 'y"']]],
    [
      'an escape character',
      { escape: '\\' },
      'a,b\n"x\\"y","\\\\"\n"a,\\"\n",c\n',
      [
        ['x"y', '\\'],
        ['a,"\n', 'c'],
      ],
    ],
    ['doubled quotes beside an escape', { escape: '\\' }, 'a,b\n"x""y",\\n\n', [['x"y', '\\n']]],
    ['an escape outside quotes', { escape: '\\' }, 'a,b\nx\\,y\n', [['x\\', 'y']]],
    ['blanks around', {}, 'a,b\n x , "y"\n', [[' x ', ' "y"']]],
  ];
  it.each(CASES.filter((c) => c[3].length > 0))('reads %s', (_name, options, text, expected) => {
    for (const blockBytes of [1, 2, 3, 5, 8, 13, 64, 1000]) {
      expect(texts(text, ['a', 'b'], { ...options, blockBytes })).toEqual(expected);
    }
  });
  it('reads a quoted field longer than any block', () => {
    const long = `${'x'.repeat(300)}"\n,"${'é'.repeat(100_000)}`;
    const text = `a,b\n1,"${long.replaceAll('"', '""')}"\n2,y\n`;
    expect(texts(text, ['a', 'b'], { blockBytes: 10 })).toEqual([
      ['1', long],
      ['2', 'y'],
    ]);
  });
});

describe('inferred dtypes', () => {
  it('finds each dtype', () => {
    expect(
      types('a,b,c,d,e,f,g,h\ntrue,1,1.5,2020-01-31,2020-01-31T12:00:00,2020-01-31 12:00:00Z,x,18446744073709551615\n'),
    ).toEqual(['Bool', 'Int64', 'Float64', 'Date32', 'Datetime us null', 'Datetime us UTC', 'Utf8', 'UInt64']);
  });
  it('widens within the sample', () => {
    const of = (...values: string[]): string | undefined =>
      types(`a,b\n${values.map((v) => `${v},1`).join('\n')}\n`)[0];
    expect(of('1', '2.5')).toBe('Float64');
    expect(of('1', '')).toBe('Int64');
    expect(of('1', 'x')).toBe('Utf8');
    expect(of('true', '1')).toBe('Utf8');
    expect(of('0', '1')).toBe('Int64');
    expect(of('2020-01-01', '2020-01-01T00:00')).toBe('Datetime us null');
    expect(of('2020-01-01T00:00:00.123456789', '2020-01-01')).toBe('Datetime ns null');
    expect(of('2020-01-01T00:00:00+02:00', '2020-01-01T00:00:00.1234567Z')).toBe('Datetime ns UTC');
    expect(of('2020-01-01T00:00:00', '2020-01-01T00:00:00Z')).toBe('Utf8');
    expect(of('2020-01-01', '1')).toBe('Utf8');
    expect(of('2020-02-30', '2020-02-01')).toBe('Utf8');
    expect(of('1', '9223372036854775807')).toBe('Int64');
    expect(of('1', '9223372036854775808')).toBe('UInt64');
    expect(of('-1', '9223372036854775808')).toBe('Utf8');
    expect(of('1', '123456789012345678901234567890')).toBe('Utf8');
    expect(of('1', '1e5')).toBe('Float64');
    expect(of('NaN', '1')).toBe('Float64');
    expect(of('TRUE', 'False')).toBe('Bool');
    expect(of('007', '08')).toBe('Int64');
    expect(of('.5', '-.5')).toBe('Float64');
  });
  it('looks at inferRows rows, or at all when later ones shall widen', () => {
    const text = `a,b\n${'1,1\n'.repeat(20_000)}x,2.5\n`;
    expect(types(text)).toEqual(['Int64', 'Int64']);
    expect(types(text, { onTypeMismatch: 'widen' })).toEqual(['Utf8', 'Float64']);
    expect(types(text, { inferRows: 30_000 })).toEqual(['Utf8', 'Float64']);
    expect(() => read(text)).toThrow(/test\.csv, row 20001 \(line 20002\), column "a": "x" is not an Int64/);
    expect(read(text, { onTypeMismatch: 'widen' }).at(-1)).toEqual(['x', 2.5]);
  });
  it('takes a declared schema instead', () => {
    const ctx = testContext();
    const schema = [field('b', { dtype: 'Float32' })];
    expect(inferCsv(ctx, textBytes(ctx, 'a,b\n1,2\n'), { schema })).toEqual(schema);
    expect(() => inferCsv(ctx, textBytes(ctx, 'a,c\n1,2\n'), { schema })).toThrow(/has no column "b".*Columns: a, c/);
    expect(() => inferCsv(ctx, textBytes(ctx, '1,2\n'), { schema, header: false })).toThrow(/2 columns.*schema 1/);
  });
});

describe('dates and times', () => {
  const at = (type: LogicalType, ...values: readonly string[]): unknown[] => {
    const ctx = testContext();
    return readAll(ctx, openCsv, textBytes(ctx, `a\n${values.join('\n')}\n`), [field('a', type)], { delimiter: ';' })
      .columns.a as unknown[];
  };
  const ticks = (iso: string, perMs: bigint): bigint => BigInt(Date.parse(iso)) * perMs;
  it('reads days', () => {
    const days = ['1970-01-01', '0000-01-01', '0001-02-28', '1900-02-28', '2000-02-29', '2024-12-31', '9999-12-31'];
    expect(at({ dtype: 'Date32' }, ...days)).toEqual(days.map((d) => Date.parse(`${d}T00:00:00Z`) / 86400000));
    expect(at({ dtype: 'Date32' }, '+010000-01-01', '-000001-12-31', '-0001-12-31')).toEqual([
      2932897, -719529, -719529,
    ]);
    for (const bad of [
      '2023-02-29',
      '+100-01-01',
      '12024-01-01',
      '1900-02-29',
      '2023-13-01',
      '2023-00-01',
      '2023-04-31',
      '2023-1-1',
      '20230101',
      '0000-02-30',
      '2100-02-29',
      '2023-01-00',
      '2023-01-0a',
      '2023-1:-01',
      '20x3-01-01',
      '2023/01/01',
      '2023-01_01',
      '2023-01-01Z',
    ])
      expect(() => at({ dtype: 'Date32' }, bad), bad).toThrow(/is not a Date32/);
  });
  it('reads every day of four hundred years', () => {
    const n = 146_097;
    const days = Array.from({ length: n }, (_, i) => i - 40_000);
    const values = days.map((d) => new Date(d * 86400000).toISOString().slice(0, 10));
    for (let from = 0; from < n; from += 50_000) {
      const to = Math.min(n, from + 50_000);
      expect(at({ dtype: 'Date32' }, ...values.slice(from, to))).toEqual(days.slice(from, to));
    }
  });
  it('reads the turns of months of every year from 0 to 9999', () => {
    const days: number[] = [];
    for (let year = 0; year < 10_000; year++) {
      const march = Date.parse(`${String(year).padStart(4, '0')}-03-01T00:00:00Z`) / 86400000;
      days.push(march - 1, march, march + 305);
    }
    const texts = days.map((d) => new Date(d * 86400000).toISOString().slice(0, 10));
    expect(at({ dtype: 'Date32' }, ...texts)).toEqual(days);
  });
  it('reads instants in each unit', () => {
    const values = [
      '2024-02-29T23:59:59.123Z',
      '1969-12-31T23:59:59.999Z',
      '1677-09-22T00:00:00Z',
      '2262-04-11T00:00:00Z',
    ];
    for (const [unit, perMs] of [
      ['ms', 1n],
      ['us', 1000n],
      ['ns', 1000000n],
    ] as const) {
      expect(at({ dtype: 'Datetime', unit, zone: 'UTC' }, ...values)).toEqual(values.map((v) => ticks(v, perMs)));
    }
  });
  it('reads the forms of ISO 8601', () => {
    const type: LogicalType = { dtype: 'Datetime', unit: 'us', zone: null };
    const second = ticks('2024-05-06T07:08:09Z', 1000n);
    expect(
      at(type, '2024-05-06T07:08:09', '2024-05-06 07:08:09', '2024-05-06 07:08:09.000000000', '2024-05-06T07:08:09,5'),
    ).toEqual([second, second, second, second + 500000n]);
    expect(at(type, '2024-05-06', '2024-05-06T07:08')).toEqual([ticks('2024-05-06T00:00Z', 1000n), second - 9000000n]);
    const zoned: LogicalType = { dtype: 'Datetime', unit: 'us', zone: 'UTC' };
    expect(
      at(
        zoned,
        '2024-05-06T07:08:09',
        '2024-05-06T07:08:09+02:00',
        '2024-05-06T07:08:09-0530',
        '2024-05-06T07:08:09+02',
      ),
    ).toEqual([second, second - 7200000000n, second + 19800000000n, second - 7200000000n]);
    expect(at({ dtype: 'Datetime', unit: 'us', zone: 'Europe/Paris' }, '2024-05-06T07:08:09Z')).toEqual([second]);
  });
  it('refuses what it would have to guess or cut', () => {
    const naive: LogicalType = { dtype: 'Datetime', unit: 'us', zone: null };
    expect(() => at(naive, '2024-05-06T07:08:09Z')).toThrow(/has a UTC offset.*Datetime\('us', 'UTC'\)/);
    expect(() => at({ ...naive, zone: 'Europe/Paris' }, '2024-05-06T07:08:09')).toThrow(/has no UTC offset/);
    expect(() => at(naive, '2024-05-06T07:08:09.1234567')).toThrow(/more fraction digits.*Datetime\('ns'\)/);
    expect(() => at({ ...naive, unit: 'ns' }, '2300-01-01T00:00:00')).toThrow(/out of the range/);
    for (const bad of [
      '2024-05-06T24:00:00',
      '2024-05-06T07:60',
      '2024-05-06x07:08',
      '2024-05-06T07:08:09+25:00',
      '2024-05-06T07:08:09 x',
    ])
      expect(() => at(naive, bad), bad).toThrow(/is not a Datetime|UTC offset/);
  });
  it('reads times of day and durations', () => {
    expect(at({ dtype: 'Time' }, '00:00:00', '23:59:59.999999999', '12:30')).toEqual([
      0n,
      86399999999999n,
      45000000000000n,
    ]);
    expect(() => at({ dtype: 'Time' }, '24:00:00')).toThrow(/is not a Time/);
    expect(at({ dtype: 'Duration', unit: 'ms' }, '-1500', '0')).toEqual([-1500n, 0n]);
  });
  it('reads booleans', () => {
    expect(at({ dtype: 'Bool' }, 'true', 'FALSE', 'True', '0', '1', '" false "')).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
    for (const bad of ['yes', '2', 'tru', 'truer', '10'])
      expect(() => at({ dtype: 'Bool' }, bad)).toThrow(/is not a Bool/);
  });
});

describe('ragged rows', () => {
  const text = 'a,b,c\n1,2\n3,4,5\n6\n7,8,9,10\n';
  it('are errors that say what was found', () => {
    expect(() => read(text)).toThrow(
      /test\.csv, row 1 \(line 2\) has 2 fields where 3 are expected: "1,2"\. Read with \{ ragged: 'pad' \}/,
    );
    expect(() => read(text, { ragged: 'pad' })).toThrow(/row 4 \(line 5\) has 4 fields where 3 are expected.*truncate/);
  });
  it('are padded or cut when asked', () => {
    for (const blockBytes of [1, 4, 9, 100]) {
      expect(texts(text, ['a', 'b', 'c'], { ragged: 'truncate', blockBytes })).toEqual([
        ['1', '2', null],
        ['3', '4', '5'],
        ['6', null, null],
        ['7', '8', '9'],
      ]);
    }
    expect(read('a,b,c\n1,2\n3\n', { ragged: 'pad' })).toEqual([
      [1n, 2n, null],
      [3n, null, null],
    ]);
  });
  it('may be far too long', () => {
    const long = `a,b\n${'x,'.repeat(10_000)}y\n1,2\n`;
    expect(texts(long, ['a', 'b'], { ragged: 'truncate' })).toEqual([
      ['x', 'x'],
      ['1', '2'],
    ]);
    expect(() => read(long)).toThrow(/has 10001 fields where 2 are expected/);
  });
});

describe('encodings', () => {
  const bytesOf = (bytes: Uint8Array, schema: Schema, options = {}): unknown[][] => {
    const ctx = testContext();
    return rowsOf(readAll(ctx, openCsv, memoryBytes(ctx.heap, bytes, 'test.csv'), schema, options));
  };
  const two = [field('a', UTF8), field('b', UTF8)];
  it('reads UTF-8 of all lengths', () => {
    const text = 'a,b\né€😀,"ß\n""中"\n';
    for (const blockBytes of [1, 3, 100]) expect(texts(text, ['a', 'b'], { blockBytes })).toEqual([['é€😀', 'ß\n"中']]);
  });
  const INVALID = [
    [0x80],
    [0xc3],
    [0xc0, 0x80],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0xe2, 0x82],
    [0xf4, 0x90, 0x80, 0x80],
    [0xff],
  ];
  it.each(INVALID.map((b) => [Buffer.from(b).toString('hex'), b]))('refuses bytes %s', (_hex, bad) => {
    const bytes = Buffer.concat([Buffer.from('a,b\nx,y\n1,q'), Buffer.from(bad as number[]), Buffer.from('z\n')]);
    expect(() => bytesOf(bytes, two)).toThrow(/test\.csv, row 2 \(line 3\), column "b": .* is not valid UTF-8/);
    const got = bytesOf(bytes, two, { encoding: 'utf8-lossy' });
    expect(got[1]).toEqual(['1', new TextDecoder().decode(bytes.subarray(10, bytes.length - 1))]);
  });
  it('converts other encodings', () => {
    expect(bytesOf(Buffer.from('a,b\ncaf\xe9,\x80\n', 'latin1'), two, { encoding: 'windows-1252' })).toEqual([
      ['café', '€'],
    ]);
    const utf16 = Buffer.from('\ufeffa,b\né,😀\n', 'utf16le');
    expect(bytesOf(utf16, two, { encoding: 'utf-16le' })).toEqual([['é', '😀']]);
    expect(() => bytesOf(utf16, two)).toThrow(/is UTF-16 text.*utf-16le/);
    expect(() => bytesOf(Buffer.from('a,b\n\x81,x\n', 'latin1'), two, { encoding: 'shift_jis' })).toThrow(
      /not shift_jis/,
    );
  });
});

describe('options', () => {
  const CASES: [Record<string, unknown>, RegExp][] = [
    [{ delimeter: ';' }, /'delimeter' is not known to readCsv. Did you mean 'delimiter'\?/],
    [{ delimiter: ';;' }, /'delimiter' option of readCsv must be one ASCII character.*Got ";;"/],
    [{ delimiter: '\n' }, /must be one ASCII character/],
    [{ delimiter: 'x' }, /must be one ASCII character/],
    [{ quote: ',' }, /'quote' option of readCsv must differ from the delimiter/],
    [{ escape: '\\', quote: null }, /works within quotes/],
    [{ header: 1 }, /'header' option of readCsv must be true, false or an array of names. Got 1/],
    [{ ragged: 'yes' }, /must be 'error' or 'pad' or 'truncate'. Got "yes"/],
    [{ decimalComma: true }, /delimiter: ';'/],
    [{ skipRows: -1 }, /must be an integer of at least 0. Got -1/],
    [{ inferRows: 0 }, /at least 1/],
    [{ nullValues: 'NA' }, /must be an array of strings. Got "NA"/],
    [{ encoding: 'klingon' }, /must be 'utf8', 'utf8-lossy' or a name/],
    [{ compression: 'zip' }, /'auto' or 'none' or 'gzip' or 'zstd'/],
  ];
  it.each(CASES)('refuses %j', (options, message) => {
    expect(() => read('a\n1\n', options)).toThrow(message);
  });
});

describe('declared nulls', () => {
  it('refuses a null in a column declared without', () => {
    const ctx = testContext();
    const schema: Schema = [{ name: 'a', type: { dtype: 'Int64' }, nullable: false }];
    expect(() => readAll(ctx, openCsv, textBytes(ctx, 'a,b\n1,2\n,3\n'), schema)).toThrow(
      /row 2, column "a" is empty, and the declared Int64 holds no nulls. Declare it nullable\(Int64\)/,
    );
  });
});

describe('random files', () => {
  /** Text, and what it must read as: strings and nulls. */
  function randomCsv(seed: number): { text: string; rows: (string | null)[][]; options: Record<string, unknown> } {
    let i = 0;
    const r = (n: number): number => Math.floor(uniform(seed, i++) * n);
    const pick = <T>(...v: T[]): T => v[r(v.length)] as T;
    const delimiter = pick(',', ';', '\t', '|');
    const quote = pick('"', "'");
    const mark = pick(null, null, '\\');
    const comment = pick(null, '#');
    const end = pick('\n', '\r\n');
    const columns = 1 + r(6);
    const bits = ['a', 'bc', ' ', 'é', '😀', delimiter, quote, '\n', '\r\n', '\\', '#', '0123456789abcdef', "'", '"'];
    const rows: (string | null)[][] = [];
    let text = Array.from({ length: columns }, (_, k) => `c${k}`).join(delimiter) + end;
    const n = r(60);
    for (let row = 0; row < n; row++) {
      if (comment !== null && r(8) === 0) text += `#${pick('', quote, delimiter, 'x')}${end}`;
      if (columns > 1 && r(10) === 0) text += end;
      const values: (string | null)[] = [];
      const fields: string[] = [];
      for (let k = 0; k < columns; k++) {
        let value: string | null = Array.from({ length: r(5) * r(3) }, () => pick(...bits)).join('');
        const plain =
          value !== '' &&
          ![delimiter, '\n', '\r'].some((m) => value?.includes(m)) &&
          !value.startsWith(quote) &&
          !(k === 0 && comment !== null && value.startsWith(comment));
        if (r(6) === 0) value = null;
        if (value === null) fields.push('');
        else if (plain && r(3) > 0) fields.push(value);
        else if (mark === null) fields.push(quote + value.replaceAll(quote, quote + quote) + quote);
        else fields.push(quote + value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`) + quote);
        values.push(value);
      }
      rows.push(values);
      text += fields.join(delimiter) + end;
    }
    if (r(2) === 0 && !(columns === 1 && rows.at(-1)?.[0] === null)) text = text.slice(0, -end.length);
    return { text, rows, options: { delimiter, quote, escape: mark, comment } };
  }

  it('reads 1,500 of them at many block sizes', () => {
    const ctx = testContext();
    for (let seed = 0; seed < 1500; seed++) {
      const { text, rows, options } = randomCsv(seed);
      const columns = (text.split(/[\r\n]/)[0] ?? '').split(options.delimiter as string);
      const schema = columns.map((c) => field(c, UTF8));
      const bytes = textBytes(ctx, text);
      for (const blockBytes of [1 + (seed % 40), 64 + (seed % 100), 1 << 20]) {
        const got = rowsOf(readAll(ctx, openCsv, bytes, schema, { ...options, blockBytes }));
        if (JSON.stringify(got) !== JSON.stringify(rows)) {
          expect({ seed, blockBytes, options, text, got }).toEqual({ seed, blockBytes, options, text, got: rows });
        }
      }
    }
  });
});
