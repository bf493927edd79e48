// Whether the engine's values are the expected ones.
import { expect } from 'vitest';

export interface Tolerance {
  /** Relative difference of floats that is still equal; 0 by default. */
  readonly relative?: number;
}

export function sameValue(a: unknown, b: unknown, relative = 0): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    if (Object.is(a, b)) return true;
    if (relative === 0 || !Number.isFinite(a) || !Number.isFinite(b)) return false;
    return Math.abs(a - b) <= relative * Math.max(Math.abs(a), Math.abs(b)) + Number.MIN_VALUE;
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((x, i) => sameValue(x, b[i], relative));
  return Object.is(a, b);
}

/** Fails with the first row that differs. `context` describes a row. */
export function expectValues(
  actual: readonly unknown[],
  expected: readonly unknown[],
  context: (row: number) => string,
  { relative = 0 }: Tolerance = {},
): void {
  expect(actual.length).toBe(expected.length);
  const bad = actual.findIndex((v, i) => !sameValue(v, expected[i], relative));
  if (bad >= 0) {
    const show = (v: unknown): string =>
      Object.is(v, -0) ? '-0' : typeof v === 'bigint' ? `${v}n` : (JSON.stringify(v) ?? String(v));
    const text = (v: unknown): string => (typeof v === 'number' ? (Object.is(v, -0) ? '-0' : String(v)) : show(v));
    expect.fail(`row ${bad} (${context(bad)}): got ${text(actual[bad])}, expected ${text(expected[bad])}`);
  }
}
