// Typed access to a parsed model document: every wrong shape is a CorruptFileError that names the place.
import { CorruptFileError } from '../../../errors.ts';

/** Throws that the document is wrong at `where`. */
export function corrupt(path: string, where: string, what: string): never {
  throw new CorruptFileError(`${path} is not a valid XGBoost model: ${where} ${what}.`, { path, offset: 0 });
}

/** One place in a document. */
export class Node {
  readonly path: string;
  readonly where: string;
  readonly value: unknown;

  constructor(path: string, where: string, value: unknown) {
    this.path = path;
    this.where = where;
    this.value = value;
  }

  fail(what: string): never {
    return corrupt(this.path, this.where, what);
  }

  #object(): { readonly [key: string]: unknown } {
    const v = this.value;
    if (typeof v !== 'object' || v === null || Array.isArray(v) || ArrayBuffer.isView(v)) this.fail('is not an object');
    return v as { readonly [key: string]: unknown };
  }

  /** The member, which must be there. */
  get(key: string): Node {
    return this.maybe(key) ?? corrupt(this.path, `${this.where}.${key}`, 'is missing');
  }

  /** The member, or null. */
  maybe(key: string): Node | null {
    const object = this.#object();
    return Object.hasOwn(object, key) ? new Node(this.path, `${this.where}.${key}`, object[key]) : null;
  }

  keys(): readonly string[] {
    return Object.keys(this.#object());
  }

  items(): Node[] {
    const v = this.value;
    if (Array.isArray(v)) return v.map((item, i) => new Node(this.path, `${this.where}[${i}]`, item));
    if (ArrayBuffer.isView(v) && (v as Uint8Array).length === 0) return [];
    return this.fail('is not a list');
  }

  text(): string {
    if (typeof this.value !== 'string') this.fail('is not a text');
    return this.value as string;
  }

  texts(): string[] {
    return this.items().map((item) => item.text());
  }

  /** A whole number written as a text or a number. */
  whole(min: number, max: number): number {
    const v = this.value;
    const n = typeof v === 'string' && /^-?\d{1,15}$/.test(v) ? Number(v) : v;
    if (typeof n !== 'number' || !Number.isSafeInteger(n) || n < min || n > max)
      this.fail(`must be a whole number from ${min} to ${max} but is ${JSON.stringify(v) ?? String(v)}`);
    return n as number;
  }

  /** Whole numbers of 32 bits; booleans count as 0 and 1. */
  wholes(min = -2147483648, max = 2147483647): Int32Array {
    const values = this.#list();
    const out = new Int32Array(values.length);
    for (let i = 0; i < out.length; i++) {
      const v = values[i];
      const n = typeof v === 'bigint' ? Number(v) : typeof v === 'boolean' ? Number(v) : v;
      if (typeof n !== 'number' || !Number.isInteger(n) || n < min || n > max)
        corrupt(this.path, `${this.where}[${i}]`, `must be a whole number from ${min} to ${max} but is ${String(v)}`);
      out[i] = n as number;
    }
    return out;
  }

  floats(): Float32Array {
    const values = this.#list();
    const out = new Float32Array(values.length);
    for (let i = 0; i < out.length; i++) {
      const v = values[i];
      if (typeof v === 'number') out[i] = v;
      // JSON has no word for them: parse.ts puts them in quotes.
      else if (v === 'NaN' || v === 'Infinity' || v === '-Infinity') out[i] = Number(v);
      else corrupt(this.path, `${this.where}[${i}]`, `must be a number but is ${JSON.stringify(v) ?? String(v)}`);
    }
    return out;
  }

  #list(): ArrayLike<unknown> {
    const v = this.value;
    if (!Array.isArray(v) && !(ArrayBuffer.isView(v) && !(v instanceof DataView))) this.fail('is not a list');
    return v as unknown as ArrayLike<unknown>;
  }
}
