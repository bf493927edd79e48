// The dictionaries of a file or stream, as they stand at one place of it.
import { CorruptFileError } from '../../errors.ts';
import type { ArrowBatchHeader } from '../../source/arrow-flatbuffer.ts';
import type { ArrowField } from '../../source/arrow-schema.ts';
import type { ArrowColumn } from '../arrow.ts';
import { concatColumns } from '../arrow-columns.ts';
import { type BatchBody, decodeDictionary } from './decode-batch.ts';

interface Part {
  readonly header: ArrowBatchHeader;
  readonly body: BatchBody;
}

/** Dictionary batches by id; decoded when a column first needs them, and again after any of them has changed. */
export class Dictionaries {
  readonly #parts = new Map<number, Part[]>();
  readonly #decoded = new Map<ArrowField, ArrowColumn>();
  readonly #pending = new Set<number>();

  /** Takes a dictionary batch: the whole of a dictionary, in place of an earlier one, or more words for it. */
  add(id: number, isDelta: boolean, header: ArrowBatchHeader, body: BatchBody): void {
    const parts = this.#parts.get(id);
    if (isDelta && !parts) throw corrupt(body, `more words for dictionary ${id}, which is not there`);
    if (isDelta) parts!.push({ header, body });
    else this.#parts.set(id, [{ header, body }]);
    this.#decoded.clear();
  }

  has(id: number): boolean {
    return this.#parts.has(id);
  }

  /** The words of a field's dictionary. `reader` is the batch that asks, for errors. */
  of(field: ArrowField, reader: { path: string; offset: number }): ArrowColumn {
    let column = this.#decoded.get(field);
    if (!column) {
      const { id } = field.dictionary!;
      const parts = this.#parts.get(id);
      if (!parts) throw corrupt(reader, `no dictionary ${id} for column "${field.name}"`);
      // A dictionary whose values have dictionaries needs those first; one that needs itself has no end.
      if (this.#pending.has(id)) throw corrupt(reader, `a dictionary ${id} of itself`);
      this.#pending.add(id);
      try {
        column = concatColumns(
          parts.map((p) => decodeDictionary(p.header, field, p.body, (inner) => this.of(inner, p.body))),
        );
      } finally {
        this.#pending.delete(id);
      }
      this.#decoded.set(field, column);
    }
    return column;
  }
}

const corrupt = ({ path, offset }: { path: string; offset: number }, what: string): CorruptFileError =>
  new CorruptFileError(`${path} is corrupt: ${what} in the Arrow message at byte ${offset}. Write the file again.`, {
    path,
    offset,
  });
