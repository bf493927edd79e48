// Frames of any size for plans: made from the row number, so that they are the same everywhere.

import { fromColumns } from '../../frame/create.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import {
  Bool,
  Categorical,
  Date32,
  Datetime,
  Decimal,
  Duration,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  nullable,
  UInt8,
  Utf8,
} from '../../schema/dtypes.ts';
import { random } from './samples.ts';

export type Frame = DataFrame<any>;

/** What plans run on: `facts` is long; `keys` has a row a key, some without facts; `odd` has the values that go wrong. */
export interface Frames {
  readonly facts: Frame;
  readonly keys: Frame;
  readonly odd: Frame;
}

const WORDS = [
  '',
  'a',
  'Oslo',
  'Rome',
  'naïve',
  '日本語',
  'ein längerer Text als zwölf Bytes',
  '🙂',
  ' x ',
  'a,b,,c',
  "it's",
];
const ODD_FLOATS = [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -2.25, null];

/** Columns of many dtypes, whose types nobody needs here. */
const framed = fromColumns as unknown as (columns: object, options?: object) => Frame;
const list = <T>(n: number, at: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => at(i));

/** A long frame of plain values: numbers, texts, dates, a tenth null in some columns. */
export function factsOf(rows: number, seed = 1): Frame {
  const next = random(seed);
  const keys = Math.max(3, Math.min(1000, Math.floor(rows / 8)));
  return framed(
    {
      id: Int32Array.from({ length: rows }, (_, i) => i),
      key: Int32Array.from({ length: rows }, () => Math.floor(next() * keys)),
      few: list(rows, () => (next() < 0.1 ? null : Math.floor(next() * 7))),
      x: Float64Array.from({ length: rows }, () => (Math.floor(next() * 20_001) - 10_000) / 16),
      y: list(rows, () => (next() < 0.1 ? null : Math.floor(next() * 1000) / 8)),
      n: list(rows, () => (next() < 0.1 ? null : BigInt(Math.floor(next() * 2_000_000) - 1_000_000))),
      s: list(rows, () =>
        next() < 0.1 ? null : `${WORDS[Math.floor(next() * WORDS.length)]}${Math.floor(next() * 50)}`,
      ),
      c: list(rows, () => WORDS[Math.floor(next() * 5)] as string),
      day: list(rows, () => new Date(Math.floor(next() * 20_000) * 86_400_000)),
      at: list(rows, () => (next() < 0.1 ? null : new Date(Math.floor(next() * 1.7e12)))),
      ok: list(rows, () => (next() < 0.1 ? null : next() < 0.5)),
    },
    {
      schema: {
        id: Int32,
        key: Int32,
        few: nullable(UInt8),
        x: Float64,
        y: nullable(Float32),
        n: nullable(Int64),
        s: nullable(Utf8),
        c: Categorical,
        day: Date32,
        at: nullable(Datetime),
        ok: nullable(Bool),
      },
    },
  );
}

function keysOf(rows: number): Frame {
  const keys = Math.max(3, Math.min(1000, Math.floor(rows / 8)));
  return framed({
    key: Int32Array.from({ length: keys }, (_, i) => i * 2 - 3),
    name: list(keys, (i) => (i % 9 === 4 ? null : `${WORDS[i % WORDS.length]}${i}`)),
    weight: Float64Array.from({ length: keys }, (_, i) => i / 4),
  });
}

function oddOf(rows: number): Frame {
  const n = Math.min(rows, 5000);
  const next = random(9);
  return framed(
    {
      i: Int32Array.from({ length: n }, (_, i) => i),
      f: list(n, (i) => ODD_FLOATS[(i * 7) % ODD_FLOATS.length] as number | null),
      g: list(n, () => ODD_FLOATS[Math.floor(next() * ODD_FLOATS.length)] as number | null),
      s: list(n, () => (next() < 0.2 ? null : (WORDS[Math.floor(next() * WORDS.length)] as string))),
      small: list(n, () => (next() < 0.1 ? null : Math.floor(next() * 60_000) - 30_000)),
      none: list(n, () => null as string | null),
      money: list(n, () => (next() < 0.1 ? null : Math.floor(next() * 1e7) / 100)),
      span: list(n, () => (next() < 0.1 ? null : Math.floor(next() * 1e9))),
    },
    {
      schema: {
        i: Int32,
        f: nullable(Float64),
        g: nullable(Float64),
        s: nullable(Utf8),
        small: nullable(Int16),
        none: nullable(Utf8),
        money: nullable(Decimal(12, 2)),
        span: nullable(Duration),
      },
    },
  );
}

export const framesOf = (rows: number): Frames => ({ facts: factsOf(rows), keys: keysOf(rows), odd: oddOf(rows) });
