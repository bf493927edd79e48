// Columns out of row objects. A loop generated for one property sees one kind of load: with a shared loop every number
// would be boxed on its way.

/** Values of one property of every row. */
type ReadValues = (rows: readonly object[], out: unknown[]) => void;
/** Numbers of one property; returns the first row whose value is not a number. */
type ReadNumbers = (rows: readonly object[], out: Float64Array) => number;

interface Readers {
  readonly values: ReadValues;
  readonly numbers: ReadNumbers;
}

const readers = new Map<string, Readers>();
let canGenerate = true;

function readersOf(name: string): Readers {
  let found = readers.get(name);
  if (found === undefined) {
    found = generated(name) ?? plain(name);
    if (readers.size >= 4096) readers.clear();
    readers.set(name, found);
  }
  return found;
}

function generated(name: string): Readers | null {
  if (!canGenerate) return null;
  const load = `rows[i][${JSON.stringify(name)}]`;
  try {
    return {
      values: new Function('rows', 'out', `for (let i = 0; i < rows.length; i++) out[i] = ${load};`) as ReadValues,
      numbers: new Function(
        'rows',
        'out',
        `for (let i = 0; i < rows.length; i++) { const v = ${load}; if (typeof v !== 'number') return i; out[i] = v; } return rows.length;`,
      ) as ReadNumbers,
    };
  } catch {
    canGenerate = false;
    return null;
  }
}

function plain(name: string): Readers {
  const at = (rows: readonly object[], i: number): unknown => (rows[i] as Record<string, unknown>)[name];
  return {
    values: (rows, out) => {
      for (let i = 0; i < rows.length; i++) out[i] = at(rows, i);
    },
    numbers: (rows, out) => {
      for (let i = 0; i < rows.length; i++) {
        const v = at(rows, i);
        if (typeof v !== 'number') return i;
        out[i] = v;
      }
      return rows.length;
    },
  };
}

/** One property of every row: a Float64Array when all are numbers and that is wanted, else an array of the values. */
export function propertyOf(rows: readonly object[], name: string, wantNumbers: boolean): ArrayLike<unknown> {
  const reader = readersOf(name);
  if (wantNumbers && rows.length > 0) {
    const numbers = new Float64Array(rows.length);
    if (reader.numbers(rows, numbers) === rows.length) return numbers;
  }
  const values = new Array<unknown>(rows.length);
  reader.values(rows, values);
  return values;
}

/** Every key of every row, in the order first met. */
export function keysOf(rows: readonly object[]): string[] {
  const known = new Set<string>();
  for (const row of rows) for (const key in row) if (!known.has(key)) known.add(key);
  return [...known];
}
