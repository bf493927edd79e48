// Aggregates of one group by share entries and a pass (fused-groups.ts): together they give what each gives alone, and
// what exact arithmetic says.
import { describe, expect, test } from 'vitest';
import {
  Bool,
  type DataFrame,
  Decimal,
  DecimalValue,
  Float32,
  Float64,
  fromRecords,
  Int8,
  Int16,
  Int32,
  Int64,
  len,
  nullable,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  Utf8,
} from '../../ts/index.ts';
import { randomSource } from '../support/random-columns.ts';

const TYPES = {
  i8: Int8,
  u8: UInt8,
  i16: Int16,
  u16: UInt16,
  i32: Int32,
  u32: UInt32,
  i64: Int64,
  u64: UInt64,
  f32: Float32,
  f64: Float64,
  short: Decimal(15, 2),
  long: Decimal(36, 4),
  flag: Bool,
};
type Name = keyof typeof TYPES;
const NAMES = Object.keys(TYPES) as Name[];

/** A value of a type, extreme ones among them. */
function draw(name: Name, random: () => number): unknown {
  const isEdge = random() < 0.01;
  const least = random() < 0.5;
  const whole = (low: number, high: number): number =>
    isEdge ? (least ? low : high) : low + Math.floor(random() * (high - low + 1));
  switch (name) {
    case 'i8':
      return whole(-128, 127);
    case 'u8':
      return whole(0, 255);
    case 'i16':
      return whole(-32768, 32767);
    case 'u16':
      return whole(0, 65535);
    case 'i32':
      return whole(-(2 ** 31), 2 ** 31 - 1);
    case 'u32':
      return whole(0, 2 ** 32 - 1);
    case 'i64':
      return BigInt(whole(-(2 ** 40), 2 ** 40)) * 1000n;
    case 'u64':
      return BigInt(whole(0, 2 ** 40)) * 1000n;
    case 'f32':
      return Math.fround((random() - 0.5) * 1e6);
    case 'f64':
      return isEdge ? (least ? 1e300 : -0) : (random() - 0.5) * 10 ** Math.floor(random() * 12);
    case 'short':
      return new DecimalValue(BigInt(whole(-(10 ** 15) + 1, 10 ** 15 - 1)), 2);
    case 'long':
      return new DecimalValue(BigInt(whole(-(2 ** 50), 2 ** 50)) * 10n ** 18n + BigInt(whole(-9, 9)), 4);
    case 'flag':
      return least;
  }
}

const mayBeNull = (name: Name, i: number, share: number, random: () => number): boolean =>
  share > 0 && (random() < share || (name === 'i32' && i % 3 === 0));

function frameOf(rows: number, groups: number, share: number): { frame: DataFrame<any>; records: any[] } {
  const random = randomSource(rows + groups);
  const records = Array.from({ length: rows }, (_, i) => ({
    key: Math.floor(random() * groups),
    text: random() < share ? null : `t${i % 5}`,
    ...Object.fromEntries(NAMES.map((n) => [n, mayBeNull(n, i, share, random) ? null : draw(n, random)])),
  }));
  const type = (t: any) => (share > 0 ? nullable(t) : t);
  const schema = { key: Int32, text: type(Utf8), ...Object.fromEntries(NAMES.map((n) => [n, type(TYPES[n])])) };
  return { frame: fromRecords(records, { schema: schema as any }) as any, records };
}

const sums = Object.fromEntries(NAMES.map((n) => [`sum_${n}`, (c: any) => c[n].sum()]));
const means = Object.fromEntries(NAMES.map((n) => [`mean_${n}`, (c: any) => c[n].cast(Float64).mean()]));
const counts = Object.fromEntries(NAMES.map((n) => [`count_${n}`, (c: any) => c[n].count()]));
const ALL: Record<string, any> = {
  ...sums,
  ...means,
  ...counts,
  texts: (c: any) => c.text.count(),
  rows: len(),
  // Ones that keep to themselves.
  least: (c: any) => c.f64.min(),
  spread: (c: any) => c.f64.std(),
};

async function byKey(frame: any, aggs: Record<string, any>, threads: number): Promise<Map<number, any>> {
  const table = await frame.groupBy('key').agg(aggs).collect({ threads });
  const rows = new Map<number, any>(table.toRecords().map((r: any) => [r.key, r]));
  table.dispose();
  return rows;
}

describe.each([
  [0, 7, 0, 1],
  [1, 1, 0.5, 1],
  [3000, 7, 0, 1],
  [70_001, 5, 0.05, 1],
  [7000, 5000, 0.3, 1],
  [2000, 3, 1, 1],
  [230_000, 100, 0.05, 2],
])('%d rows, %d groups, nulls %d, %d threads', (rows, groups, share, threads) => {
  test('every aggregate is what it is alone', async () => {
    const { frame } = frameOf(rows, groups, share);
    const cached: any = await frame.cache();
    const together = await byKey(cached, ALL, threads);
    // The order of names decides the order of places in an entry.
    const turned = await byKey(cached, Object.fromEntries(Object.entries(ALL).reverse()), threads);
    for (const [name, agg] of Object.entries(ALL)) {
      const alone = await byKey(cached, { [name]: agg }, threads);
      expect(together.size).toBe(alone.size);
      for (const [key, row] of alone) {
        expect(together.get(key)[name], `${name} of ${key}`).toEqual(row[name]);
        expect(turned.get(key)[name], `${name} of ${key}`).toEqual(row[name]);
      }
    }
    cached.dispose?.();
  });

  test('sums, means and counts are exact', async () => {
    const { frame, records } = frameOf(rows, groups, share);
    const exact = new Map<number, any[]>();
    for (const r of records) {
      const of = exact.get(r.key);
      if (of) of.push(r);
      else exact.set(r.key, [r]);
    }
    const got = await byKey(frame, ALL, threads);
    expect(got.size).toBe(exact.size);
    for (const [key, of] of [...exact].slice(0, 200)) {
      const row = got.get(key);
      expect(row.rows).toBe(of.length);
      expect(row.texts).toBe(of.filter((r) => r.text !== null).length);
      for (const n of NAMES) {
        const values = of.map((r) => r[n]).filter((v) => v !== null);
        expect(row[`count_${n}`], n).toBe(values.length);
        if (values.length === 0) expect(row[`mean_${n}`], n).toBeNull();
        if (n === 'f32' || n === 'f64') continue;
        const scale = n === 'short' ? 2 : n === 'long' ? 4 : 0;
        const sum = values.reduce((s, v) => s + (scale > 0 ? v.unscaled : BigInt(v)), 0n);
        const sumGot = row[`sum_${n}`];
        expect(scale > 0 ? sumGot.unscaled : BigInt(sumGot), n).toBe(sum);
        if (values.length > 0) {
          const mean = Number(sum) / 10 ** scale / values.length;
          // Means of 64-bit integers are of floats: terms may be far larger than their sum.
          const largest = n === 'i64' || n === 'u64' ? 2 ** 50 : 0;
          expect(Math.abs(row[`mean_${n}`] - mean), n).toBeLessThanOrEqual(1e-14 * (Math.abs(mean) + largest));
        }
      }
    }
  });
});
