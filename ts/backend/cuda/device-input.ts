// Host columns as the addon takes them: by their buffers, which it reads in place.
import { ShapeError } from '../../errors.ts';
import type { ArrowColumn, RecordBatch } from '../arrow.ts';
import { isViewColumn, plainColumn, plainViews } from '../arrow-columns.ts';

/** Bytes of the buffers of a column. */
export function columnBytes(c: ArrowColumn): number {
  const own = (c.values?.byteLength ?? 0) + (c.offsets?.byteLength ?? 0) + (c.validity?.byteLength ?? 0);
  const inner = [...(c.children ?? []), ...(c.dictionary ? [c.dictionary] : [])];
  return inner.reduce((sum, child) => sum + columnBytes(child), own);
}

/** A batch with strings by offsets, and dictionaries at the top only, without nulls. */
export function deviceBatch(batch: RecordBatch): RecordBatch {
  if (batch.columns.length !== batch.schema.length)
    throw new ShapeError(
      `Expected ${batch.schema.length} columns for the batch but received ${batch.columns.length}. Give one column per field of its schema.`,
    );
  const wrong = batch.columns.findIndex((c) => c.length !== batch.length);
  if (wrong >= 0)
    throw new ShapeError(
      `Expected ${batch.length} rows for column "${batch.schema[wrong]!.name}" but received ${batch.columns[wrong]!.length}. All columns of a batch have one length.`,
      { column: batch.schema[wrong]!.name },
    );
  return { ...batch, columns: batch.columns.map(deviceColumn) };
}

const isText = (c: ArrowColumn): boolean => c.type.dtype === 'Utf8' || c.type.dtype === 'Categorical';

function deviceColumn(c: ArrowColumn): ArrowColumn {
  if (isViewColumn(c)) return plainViews(c);
  if (c.dictionary) {
    const words = c.dictionary;
    const simple = isText(c) && words.validity === null && !words.dictionary && !isViewColumn(words);
    return simple ? c : plainColumn(c);
  }
  if (!c.children) return c;
  return {
    ...c,
    children: c.children.map((child) => (hasDictionary(child) ? plainColumn(child) : deviceColumn(child))),
  };
}

const hasDictionary = (c: ArrowColumn): boolean =>
  c.dictionary !== undefined || (c.children?.some(hasDictionary) ?? false);

/** What the addon reads of a column. */
export function inputColumn(c: ArrowColumn): object {
  return {
    length: c.length,
    validity: c.validity,
    ...(c.offsets ? { offsets: c.offsets } : {}),
    ...(c.values ? { values: c.values } : {}),
    ...(c.children ? { children: c.children.map(inputColumn) } : {}),
    ...(c.dictionary ? { dictionary: inputColumn(c.dictionary) } : {}),
  };
}
