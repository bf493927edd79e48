// Codes of Categorical columns on the host: one dictionary a file, or one a batch of a stream.
import type { ArrowColumn } from '../arrow.ts';
import { bitAt } from '../arrow-columns.ts';

/** Coded columns refer to the dictionary by its number: the words are written apart. */
const NO_WORDS: ArrowColumn = { type: { dtype: 'Utf8' }, length: 0, validity: null };

/** Distinct strings in the order they came, and the codes of columns in them. */
export class HostWords {
  readonly #codes = new Map<string, number>();
  readonly #words: Buffer[] = [];
  #bytes = 0;

  /** The column with codes of this dictionary, 0 under nulls. */
  encode(column: ArrowColumn): ArrowColumn {
    const { type, length, validity } = column;
    const values = new Int32Array(length);
    if (column.dictionary) {
      const map = this.#all(column.dictionary);
      const codes = column.values as Int32Array;
      for (let i = 0; i < length; i++) if (validity === null || bitAt(validity, i)) values[i] = map[codes[i]!]!;
    } else values.set(this.#all(column));
    return { type, length, validity, values, dictionary: NO_WORDS };
  }

  #all(strings: ArrowColumn): Int32Array {
    const codes = new Int32Array(strings.length);
    if (strings.length === 0) return codes;
    const { validity } = strings;
    const offsets = strings.offsets!;
    const bytes = strings.values as Uint8Array;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < codes.length; i++) {
      if (validity !== null && !bitAt(validity, i)) continue;
      const word = text.subarray(offsets[i]!, offsets[i + 1]!);
      // Latin-1 is the cheapest key: one character a byte.
      const key = word.toString('latin1');
      let code = this.#codes.get(key);
      if (code === undefined) {
        code = this.#words.length;
        this.#codes.set(key, code);
        this.#words.push(word);
        this.#bytes += word.length;
      }
      codes[i] = code;
    }
    return codes;
  }

  /** The dictionary so far. */
  column(): ArrowColumn {
    const offsets = new Int32Array(this.#words.length + 1);
    const values = new Uint8Array(this.#bytes);
    this.#words.forEach((word, i) => {
      values.set(word, offsets[i]!);
      offsets[i + 1] = offsets[i]! + word.length;
    });
    return { type: { dtype: 'Utf8' }, length: this.#words.length, validity: null, offsets, values };
  }
}
