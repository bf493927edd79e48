import { describe, expect, it } from 'vitest';
import { DecimalValue, digitsOf, rescale } from '../../ts/schema/decimal.ts';

describe('DecimalValue', () => {
  it.each<[string | number | bigint, bigint, number, string]>([
    ['19.90', 1990n, 2, '19.90'],
    ['-0.05', -5n, 2, '-0.05'],
    ['+7', 7n, 0, '7'],
    ['.5', 5n, 1, '0.5'],
    ['5.', 5n, 0, '5'],
    ['1e3', 1000n, 0, '1000'],
    ['1.25e1', 125n, 1, '12.5'],
    ['12e-3', 12n, 3, '0.012'],
    [' 42 ', 42n, 0, '42'],
    [0.1, 1n, 1, '0.1'],
    [1e21, 10n ** 21n, 0, '1000000000000000000000'],
    [1.5e-7, 15n, 8, '0.00000015'],
    [-0, 0n, 0, '0'],
    [123n, 123n, 0, '123'],
    ['99999999999999999999999999999999999999', 10n ** 38n - 1n, 0, '99999999999999999999999999999999999999'],
    ['0.00000000000000000000000000000000000001', 1n, 38, '0.00000000000000000000000000000000000001'],
    [`0.${'0'.repeat(60)}`, 0n, 38, `0.${'0'.repeat(38)}`],
  ])('reads %s', (value, unscaled, scale, text) => {
    const d = DecimalValue.from(value);
    expect([d.unscaled, d.scale, d.toString()]).toEqual([unscaled, scale, text]);
    expect(DecimalValue.from(d)).toBe(d);
  });

  it.each([
    '',
    'x',
    '1.2.3',
    '--1',
    '1e',
    '.',
    '1e99999',
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('refuses %s', (value) => {
    expect(() => DecimalValue.from(value)).toThrow(/Expected a decimal number/);
  });
  it('refuses what needs more than 38 digits after the point', () => {
    expect(() => DecimalValue.from(5e-324)).toThrow(/more than 38 digits after the point/);
    expect(() => DecimalValue.from('0.000000000000000000000000000000000000001')).toThrow(/more than 38 digits/);
  });

  it('changes the scale exactly or not at all', () => {
    expect(DecimalValue.from('1.50').withScale(1).toString()).toBe('1.5');
    expect(DecimalValue.from('1.5', 4).toString()).toBe('1.5000');
    expect(() => DecimalValue.from('1.55').withScale(1)).toThrow(
      /1\.55 has more than 1 digits after the point\. Round it first/,
    );
    expect(() => new DecimalValue(1n, 39)).toThrow(/integer from 0 to 38 for scale but received 39/);
    expect(() => new DecimalValue(1n, 1.5)).toThrow(/for scale/);
  });

  it('gives the nearest number', () => {
    expect(DecimalValue.from('0.1').toNumber()).toBe(0.1);
    expect(DecimalValue.from('9007199254740993').toNumber()).toBe(9007199254740992);
    for (let i = 0; i < 2000; i++) {
      const x = (Math.random() - 0.5) * 10 ** Math.floor(Math.random() * 12);
      expect(DecimalValue.from(x).toNumber()).toBe(x);
    }
  });

  it('is immutable and prints itself', () => {
    const d = DecimalValue.from('1.50');
    expect(Object.isFrozen(d)).toBe(true);
    expect(JSON.stringify({ d })).toBe('{"d":"1.50"}');
    expect(`${d}`).toBe('1.50');
  });
});

describe('digits', () => {
  it('are counted without the sign', () => {
    expect([0n, 9n, -10n, 10n ** 37n].map(digitsOf)).toEqual([1, 1, 2, 38]);
  });
  it('move exactly', () => {
    expect(rescale(150n, 2, 1)).toBe(15n);
    expect(rescale(155n, 2, 1)).toBe(null);
    expect(rescale(-150n, 2, 3)).toBe(-1500n);
  });
});
