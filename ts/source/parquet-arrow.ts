// What Arrow's writers keep beside Parquet's own schema: durations, time zones, categories, lists of a fixed size.
import { WarpError } from '../errors.ts';
import { readMessage } from './arrow-flatbuffer.ts';
import type { ArrowField } from './arrow-schema.ts';
import type { ParquetLeaf, ParquetNode } from './parquet-schema.ts';

/** Columns with the dtypes that an `ARROW:schema` entry adds. One that is broken or does not fit adds nothing. */
export function restoreArrow(columns: readonly ParquetNode[], base64: string): readonly ParquetNode[] {
  const fields = arrowFields(base64);
  if (fields === null || fields.length !== columns.length) return columns;
  return columns.map((c, i) => restore(c, fields[i]!));
}

function arrowFields(base64: string): readonly ArrowField[] | null {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length < 8) return null;
  // an encapsulated message: with or without the mark of newer versions before its length
  const start = bytes.readUInt32LE(0) === 0xffffffff ? 8 : 4;
  try {
    const message = readMessage(bytes.subarray(start), 'ARROW:schema', start);
    return message.kind === 'schema' ? message.fields : null;
  } catch (e) {
    if (e instanceof WarpError) return null;
    throw e;
  }
}

function restore(node: ParquetNode, field: ArrowField): ParquetNode {
  switch (node.kind) {
    case 'leaf':
      return restoreLeaf(node, field);
    case 'struct': {
      if (field.storage.kind !== 'struct' || field.children.length !== node.children.length) return node;
      const children = node.children.map((c, i) => restore(c, field.children[i]!));
      const fields = children.map((c) => ({ name: c.name, type: c.type, nullable: c.nullable }));
      return { ...node, children, type: { dtype: 'Struct', fields } };
    }
    case 'list': {
      const { storage } = field;
      const isList = storage.kind === 'list' || storage.kind === 'map' || storage.kind === 'fixedList';
      if (!isList || field.children.length !== 1) return node;
      const item = restore(node.item, field.children[0]!);
      const inner = { type: item.type, nullable: item.nullable };
      if (storage.kind !== 'fixedList') return { ...node, item, type: { dtype: 'List', inner } };
      const type = { dtype: 'FixedSizeList', inner, length: storage.size } as const;
      return { ...node, item, type, fixedSize: storage.size };
    }
  }
}

function restoreLeaf(leaf: ParquetLeaf, { storage, dictionary }: ArrowField): ParquetLeaf {
  const { type } = leaf;
  if (storage.kind === 'duration' && type.dtype === 'Int64') {
    if (storage.unit !== 's') return { ...leaf, type: { dtype: 'Duration', unit: storage.unit } };
    return { ...leaf, type: { dtype: 'Duration', unit: 'ms' }, conversion: 'mul', factor: 1000 };
  }
  if (storage.kind === 'timestamp' && storage.zone && type.dtype === 'Datetime' && type.zone !== null)
    return { ...leaf, type: { ...type, zone: storage.zone } };
  const isText = storage.kind === 'utf8' || storage.kind === 'utf8View';
  if (dictionary && isText && type.dtype === 'Utf8') return { ...leaf, type: { dtype: 'Categorical' } };
  return leaf;
}
