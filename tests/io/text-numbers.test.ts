// Numbers to text and back, against JavaScript's own conversion.
import { describe, expect, it } from 'vitest';
import { openCsv } from '../../ts/backend/cpu/scan/csv/open-csv.ts';
import { openCsvWriter } from '../../ts/backend/cpu/write/csv.ts';
import type { LogicalType, Schema } from '../../ts/schema/types.ts';
import { uniform } from '../../ts/util/philox.ts';
import { testContext } from '../support/engine.ts';
import { field, readAll, textBytes, writeAll } from '../support/text.ts';

const F64: LogicalType = { dtype: 'Float64' };
const F32: LogicalType = { dtype: 'Float32' };

/** Random bits as floats: every exponent, both signs. */
function randomDoubles(seed: number, n: number): number[] {
  const words = new Uint32Array(2);
  const double = new Float64Array(words.buffer);
  return Array.from({ length: n }, (_, i) => {
    words[0] = uniform(seed, 2 * i) * 2 ** 32;
    words[1] = uniform(seed, 2 * i + 1) * 2 ** 32;
    return double[0] as number;
  });
}
function randomFloats(seed: number, n: number): number[] {
  const words = new Uint32Array(1);
  const float = new Float32Array(words.buffer);
  return Array.from({ length: n }, (_, i) => {
    words[0] = uniform(seed, i) * 2 ** 32;
    return float[0] as number;
  });
}

const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.1,
  0.5,
  1.5,
  123.456,
  5e-324,
  2.2250738585072014e-308,
  2.225073858507201e-308,
  1.7976931348623157e308,
  1e21,
  1e20,
  999999999999999900000,
  1e-6,
  1e-7,
  1.5e-7,
  123456789012345680000,
  9007199254740991,
  9007199254740992,

  9007199254740994,
  2 ** 60,
  2 ** -60,
  1e22,
  1e23,
  8.41e21,
  2e-44,
  4.35,
  0.3,
  100,
  1e100,
  1e15 + 0.3,
];

function written(type: LogicalType, values: readonly number[]): string[] {
  const ctx = testContext();
  const text = writeAll(ctx, openCsvWriter, [field('x', type)], [values], { header: false }).text();
  return text.trimEnd().split('\n');
}

function read(type: LogicalType, texts: readonly string[], options = {}): unknown[] {
  const ctx = testContext();
  const schema: Schema = [field('x', type)];
  return readAll(ctx, openCsv, textBytes(ctx, `x\n${texts.join('\n')}\n`), schema, options).columns.x as unknown[];
}

/** What JavaScript writes, with `.0` behind whole numbers. */
function expectedText(v: number): string {
  const text = Object.is(v, -0) ? '-0' : String(v);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

describe('doubles', () => {
  it('writes the shortest text, as JavaScript does', () => {
    const values = [...SPECIAL, ...randomDoubles(1, 60_000)];
    const texts = written(F64, values);
    expect(texts).toHaveLength(values.length);
    const wrong = values.filter((v, i) => texts[i] !== expectedText(v));
    expect(wrong).toEqual([]);
  });

  it('writes numbers of everyday size', () => {
    const values = Array.from({ length: 60_000 }, (_, i) => {
      const digits = 10 ** Math.floor(uniform(9, 2 * i) * 18);
      return (Math.round(uniform(8, i) * digits * 1000) / digits) * (i % 2 ? -1 : 1);
    });
    const texts = written(F64, values);
    expect(values.filter((v, i) => texts[i] !== expectedText(v))).toEqual([]);
  });

  it('reads what JavaScript writes', () => {
    const values = [...SPECIAL, ...randomDoubles(2, 60_000)];
    for (const format of [String, (v: number) => v.toExponential(), (v: number) => v.toPrecision(21)]) {
      const got = read(F64, values.map(format));
      expect(values.filter((v, i) => !Object.is(got[i], Number(format(v))) && !Number.isNaN(v))).toEqual([]);
    }
  });

  it('reads every number of digits before and behind the point, and what only looks like it', () => {
    const texts: string[] = [];
    const digits = (seed: number, n: number): string =>
      Array.from({ length: n }, (_, i) => Math.floor(uniform(seed, i) * 10)).join('');
    for (let whole = 1; whole <= 10; whole++)
      for (let fraction = 0; fraction <= 20; fraction++)
        for (let seed = 0; seed < 8; seed++) {
          const tail = fraction === 0 ? '' : `.${digits(100 + seed, fraction)}`;
          texts.push(`${seed % 2 ? '-' : ''}${digits(seed * 31 + whole, whole)}${tail}`);
        }
    const got = read(F64, texts);
    expect(texts.filter((t, i) => !Object.is(got[i], Number(t)))).toEqual([]);
    for (const bad of ['1.2.3', '.', '-', '1a.5', '1.5a', '12 .5', '1,5', '--1', '1.-5', '/1', '1.:'])
      expect(() => read(F64, ['0.5', bad], { delimiter: ';' }), bad).toThrow(/is not a Float64/);
  });

  it('rounds hard cases to even, whatever their length', () => {
    const texts = [
      '9007199254740993',
      '9007199254740992.9999999999999999999',
      '9007199254740993.00000000000000000000001',
      '2.4703282292062327208299439634110764e-324',
      '2.4703282292062328e-324',
      '1.7976931348623158e308',
      '1.7976931348623159e308',
      '1e-400',
      '1e400',
      '-1e400',
      '0e500',
      '1090544144181609348835077142190',
      '6.9294956446009195e15',
      '7.4109846876186981626485318930233205854758970392148714663837852375101326090531312779794975454245398856969484704316857659638998506553390969459816219401617281718945106978546710679176872575177347315553307795408549809608457500958111373034747658096871009590975442271004757307809711118935784838675653998783503015228055934046593739791790738723868299395818481660169122019456499931289798411362062484498678713572180352209017023903285791732520220528974020802906854021606612375549983402671300035812486479041385743401875520901590172592547146296175134159774938718574737870961645638908718119841271673056017045493004705269590165763776884908267986972573366521765567941072508764337560846003984904972149117463085539556354188641513168478436313080237596295773983001708984375e-324',
      '0.000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001',
      '00000000000000000000000000000000001.5',
      '1.',
      '.5',
      '+1.5',
      '-.5e-3',
      '1E5',
      '1e+5',
    ];
    expect(read(F64, texts)).toEqual(texts.map(Number));
  });

  it('reads inf and nan in any case', () => {
    expect(read(F64, ['inf', '-Infinity', 'NaN', '+INF', 'nan', '-inf'])).toEqual([
      Infinity,
      -Infinity,
      Number.NaN,
      Infinity,
      Number.NaN,
      -Infinity,
    ]);
    expect(written(F64, [Infinity, -Infinity, Number.NaN])).toEqual(['Infinity', '-Infinity', 'NaN']);
  });

  it('refuses what only looks like a number', () => {
    for (const text of ['1e', '1e+', '-', '+', '.', '1.2.3', '1,5', '0x10', '1_000', 'infin', '--1', '1e5.5', 'e5']) {
      expect(() => read(F64, [`"${text}"`]), text).toThrow(/is not a Float64/);
    }
  });

  it('reads and writes a decimal comma', () => {
    const ctx = testContext();
    const schema = [field('x', F64), field('y', F64)];
    const options = { delimiter: ';', decimalComma: true };
    const text = writeAll(
      ctx,
      openCsvWriter,
      schema,
      [
        [1.5, 1e-9, 1e21],
        [0, -2.25, 3],
      ],
      options,
    ).text();
    expect(text).toBe('x;y\n1,5;0,0\n1e-9;-2,25\n1e+21;3,0\n');
    const got = readAll(ctx, openCsv, textBytes(ctx, text), schema, options);
    expect(got.columns).toEqual({ x: [1.5, 1e-9, 1e21], y: [0, -2.25, 3] });
  });
});

describe('floats', () => {
  it('writes the shortest text that reads back the same', () => {
    const values = randomFloats(3, 60_000);
    const texts = written(F32, values);
    values.forEach((v, i) => {
      const text = texts[i] as string;
      if (!Object.is(Math.fround(Number(text)), v)) expect(text).toBe(String(v));
    });
    // No text with fewer digits reads back as the same float.
    const digitsOf = (t: string): number =>
      t
        .replace(/e.*/, '')
        .replace(/\D/g, '')
        .replace(/^0+|0+$/g, '').length;
    for (let i = 0; i < values.length; i += 7) {
      const v = values[i] as number;
      const n = digitsOf(texts[i] as string);
      if (!Number.isFinite(v) || n < 2) continue;
      if (Math.fround(Number(v.toPrecision(n - 1))) === v) expect(texts[i]).toBe(v.toPrecision(n - 1));
    }
    expect(read(F32, texts)).toEqual(values);
  });

  it('rounds once, not by way of a double', () => {
    // 1 + 2^-24 lies between two floats; so does 1 + 3 × 2^-24. A digit far behind decides.
    const texts = [
      '1.000000059604644775390625',
      '1.0000000596046447753906250000000000000001',
      '1.00000005960464477539062499999999999',
      '1.000000178813934326171875',
      '1.00000017881393432617187499999999999999',
      '3.4028235677973366e38',
      '3.40282356779733661637539395458142568447e38',
      '3.40282356779733661637539395458142568448e38',
      '7.006492321624085e-46',
      '7.006492321624086e-46',
      '1e-50',
      '1e39',
    ];
    expect(read(F32, texts)).toEqual([
      1,
      1.0000001192092896,
      1,
      1.000000238418579,
      1.0000001192092896,
      3.4028234663852886e38,
      3.4028234663852886e38,
      Infinity,
      0,
      1.401298464324817e-45,
      0,
      Infinity,
    ]);
  });
});

describe('integers', () => {
  const CASES: [LogicalType['dtype'], bigint, bigint][] = [
    ['Int8', -128n, 127n],
    ['Int16', -32768n, 32767n],
    ['Int32', -2147483648n, 2147483647n],
    ['Int64', -(2n ** 63n), 2n ** 63n - 1n],
    ['UInt8', 0n, 255n],
    ['UInt16', 0n, 65535n],
    ['UInt32', 0n, 4294967295n],
    ['UInt64', 0n, 2n ** 64n - 1n],
  ];
  it.each(CASES)('reads and writes %s from end to end of its range', (dtype, low, high) => {
    const type = { dtype } as LogicalType;
    const big = dtype.endsWith('64');
    const all = [low, low + 1n, high, high - 1n, 0n, 7n, 10n, 99n, 100n];
    for (let k = 1n; k < 20n; k++) for (const d of [-1n, 0n, 1n]) all.push(10n ** k + d, -(10n ** k) + d);
    const values = all.filter((v) => v >= low && v <= high);
    const texts = values.map(String);
    const js = values.map((v) => (big ? v : Number(v)));
    expect(read(type, texts)).toEqual(js);
    expect(
      read(
        type,
        texts.map((t) => `"${t}"`),
      ),
    ).toEqual(js);
    expect(
      read(
        type,
        texts.map((t) => ` ${t.startsWith('-') ? '' : '+'}${t} `),
      ),
    ).toEqual(js);
    expect(
      read(
        type,
        texts.map((t) => t.replace(/\d+/, (d) => d.padStart(25, '0'))),
      ),
    ).toEqual(js);
    const ctx = testContext();
    const text = writeAll(ctx, openCsvWriter, [field('x', type)], [js], { header: false }).text();
    expect(text).toBe(`${texts.join('\n')}\n`);
    expect(() => read(type, [String(high + 1n)])).toThrow(new RegExp(`out of the range of ${dtype}`));
    expect(() => read(type, [String(low - 1n)])).toThrow(new RegExp(`out of the range of ${dtype}`));
    for (const bad of [
      '1.5',
      'x',
      '-',
      '1e3',
      '12 3',
      '123456789x',
      '1234567890123456x',
      '99999999999999999999999999x',
    ])
      expect(() => read(type, [bad]), bad).toThrow(/is not an? /);
  });
});

describe('decimals', () => {
  const small: LogicalType = { dtype: 'Decimal', precision: 12, scale: 3 };
  const large: LogicalType = { dtype: 'Decimal', precision: 38, scale: 10 };
  it('reads and writes exact digits', () => {
    const units = [0n, 1n, -1n, 999999999999n, -999999999999n, 1000n, 1500n, -50n];
    const ctx = testContext();
    const text = writeAll(ctx, openCsvWriter, [field('x', small)], [units], { header: false }).text();
    expect(text.trimEnd().split('\n')).toEqual([
      '0.000',
      '0.001',
      '-0.001',
      '999999999.999',
      '-999999999.999',
      '1.000',
      '1.500',
      '-0.050',
    ]);
    expect(read(small, text.trimEnd().split('\n'))).toEqual(units);
    const big = [10n ** 38n - 1n, -(10n ** 38n) + 1n, 5n, 2n ** 64n, -(2n ** 64n), 2n ** 96n + 12345n, 0n];
    const wide = writeAll(ctx, openCsvWriter, [field('x', large)], [big], { header: false }).text();
    const asText = (v: bigint): string => {
      const digits = String(v < 0n ? -v : v).padStart(11, '0');
      return `${v < 0n ? '-' : ''}${digits.slice(0, -10)}.${digits.slice(-10)}`;
    };
    expect(wide.trimEnd().split('\n')).toEqual(big.map(asText));
    expect(read(large, wide.trimEnd().split('\n'))).toEqual(big);
  });
  it('takes exponents and zeros, refuses what does not fit', () => {
    expect(read(small, ['1', '1.5', '.5', '5.', '1.5000', '1e3', '15e-1', '1.5E+2', '+2', '-0'])).toEqual([
      1000n,
      1500n,
      500n,
      5000n,
      1500n,
      1000000n,
      1500n,
      150000n,
      2000n,
      0n,
    ]);
    expect(() => read(small, ['1.0001'])).toThrow(/more fraction digits than Decimal\(12, 3\)/);
    expect(() => read(small, ['1e-4'])).toThrow(/more fraction digits/);
    expect(() => read(small, ['1000000000'])).toThrow(/out of the range/);
    for (const bad of ['', 'x', '1.2.3', '-', '.', '1e'])
      expect(() => read(small, [`"a${bad}"`])).toThrow(/is not an? /);
  });
});

describe('integers', () => {
  const I64: LogicalType = { dtype: 'Int64' };

  it('reads every number of digits with and without a sign, in pairs of any kind', () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => {
      const length = 1 + Math.floor(uniform(51, i) * 18);
      const digits = Array.from({ length }, (_, k) => Math.floor(uniform(52, 20 * i + k) * 10)).join('');
      return (['', '', '-', '+'][Math.floor(uniform(53, i) * 4)] ?? '') + digits;
    });
    texts.push(
      '0',
      '-0',
      '99999999',
      '-99999999',
      '-9999999',
      '100000000',
      '9223372036854775807',
      '-9223372036854775808',
    );
    const got = read(I64, texts);
    expect(texts.filter((t, i) => BigInt(got[i] as bigint) !== BigInt(t.replace('+', '')))).toEqual([]);
    const nulls = read(I64, ['1', '""', '-2', '""', '""', '3']);
    expect(nulls.map((v) => (v === null ? null : Number(v)))).toEqual([1, null, -2, null, null, 3]);
  });

  it('refuses what only looks like one, first or second of two', () => {
    for (const bad of [
      '-',
      '+',
      '--1',
      '1-2',
      '1-',
      '5 6',
      '1_0',
      '1.0',
      '/1',
      ':1',
      '1e3',
      '-+1',
      '9223372036854775808',
    ])
      for (const texts of [
        ['7', bad],
        [bad, '7'],
        ['7', '8', bad],
      ])
        expect(() => read(I64, texts), bad).toThrow(/is not an Int64|is out of the range of Int64/);
    const small: [LogicalType, string][] = [
      [{ dtype: 'UInt64' }, '-1'],
      [{ dtype: 'Int8' }, '128'],
      [{ dtype: 'UInt16' }, '65536'],
    ];
    for (const [type, bad] of small) expect(() => read(type, ['7', bad])).toThrow(/is out of the range of/);
  });
});

describe('dates', () => {
  const DATE: LogicalType = { dtype: 'Date32' };
  const DAY = 86_400_000;

  it('reads every day of three centuries, and some of all others', () => {
    const days: number[] = [];
    for (let d = Date.UTC(1799, 0, 1) / DAY; d < Date.UTC(2101, 0, 1) / DAY; d++) days.push(d);
    // 0000-01-01 to 9999-12-31
    for (let d = -719_528; d <= 2_932_896; d += 59) days.push(d);
    const got = read(
      DATE,
      days.map((d) => new Date(d * DAY).toISOString().slice(0, 10)),
    );
    expect(days.filter((d, i) => Number(got[i]) !== d)).toEqual([]);
  });

  it('refuses days that there are not', () => {
    const bad = ['2021-02-29', '1900-02-29', '2000-13-01', '2000-00-10', '2000-04-31', '2000-01-00', '2000-01-32'];
    const other = ['2000/01/01', '2000-01/01', '20000-1-01', '2000-1-001', ':000-01-01', '2000-01-0a', '2000-01-1 '];
    for (const text of [...bad, ...other])
      expect(() => read(DATE, ['2000-02-29', text]), text).toThrow(/is not a Date32/);
  });
});
