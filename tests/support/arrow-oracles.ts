// Arrow bytes as apache-arrow and flechette read them, as values in the forms of `valuesOf`.
import * as flechette from '@uwdata/flechette';
import * as apache from 'apache-arrow';

/** Values by column; ticks, decimals and 64-bit integers as bigint, nested values as arrays. */
export function apacheColumns(bytes: Uint8Array): { names: string[]; columns: unknown[][] } {
  return apacheValues(apache.tableFromIPC(bytes));
}

export function apacheValues(table: apache.Table): { names: string[]; columns: unknown[][] } {
  return {
    names: table.schema.fields.map((f) => f.name),
    columns: table.schema.fields.map((_, i) =>
      table.getChildAt(i)!.data.flatMap((d) => (d.length === 0 ? [] : dataValues(d))),
    ),
  };
}

/** One chunk, read from its buffers the plain way. */
function dataValues(data: apache.Data): unknown[] {
  const present = (i: number): boolean => data.nullCount === 0 || !data.nullable || data.getValid(i);
  const rows = (make: (i: number) => unknown): unknown[] =>
    Array.from({ length: data.length }, (_, i) => (present(i) ? make(i) : null));
  const { type, values, valueOffsets: offsets } = data as apache.Data & { values: never; valueOffsets: Int32Array };
  const DataType = apache.DataType;
  if (DataType.isNull(type)) return new Array(data.length).fill(null);
  if (DataType.isDictionary(type)) {
    const words = (data.dictionary?.data ?? []).flatMap((d) => (d ? dataValues(d) : []));
    return rows((i) => words[Number(values[i])]);
  }
  if (DataType.isBool(type))
    return rows((i) => {
      const at = data.offset + i;
      return ((((values as Uint8Array)[at >> 3] as number) >> (at & 7)) & 1) === 1;
    });
  if (DataType.isDecimal(type)) {
    const words = new BigInt64Array((values as Uint32Array).slice(0, data.length * 4).buffer);
    return rows((i) => (words[2 * i + 1]! << 64n) | BigInt.asUintN(64, words[2 * i]!));
  }
  if (DataType.isUtf8(type) || DataType.isBinary(type))
    return rows((i) => {
      const part = (values as Uint8Array).slice(offsets[i]!, offsets[i + 1]!);
      return DataType.isUtf8(type) ? new TextDecoder().decode(part) : part;
    });
  const children = data.children.map(dataValues);
  if (DataType.isList(type)) return rows((i) => children[0]!.slice(offsets[i]!, offsets[i + 1]!));
  if (DataType.isFixedSizeList(type))
    return rows((i) => children[0]!.slice(i * type.listSize, (i + 1) * type.listSize));
  if (DataType.isStruct(type)) return rows((i) => children.map((c) => c[i]));
  return rows((i) => values[i]);
}

export function flechetteColumns(bytes: Uint8Array): { names: string[]; columns: unknown[][] } {
  const table = flechette.tableFromIPC(bytes, {
    useBigInt: true,
    useBigIntTimestamp: true,
    useDecimalInt: true,
    useDate: false,
  } as never);
  return {
    names: [...table.names],
    columns: table.schema.fields.map((f, i) => [...table.getChildAt(i)!].map((v) => plain(v, f.type))),
  };
}

/** Structs as arrays of their fields, days as days. */
function plain(value: unknown, type: any): unknown {
  if (value === null || value === undefined) return null;
  switch (type.typeId) {
    case flechette.Type.Dictionary:
      return plain(value, type.dictionary);
    case flechette.Type.List:
    case flechette.Type.FixedSizeList:
      return Array.from(value as ArrayLike<unknown>, (v) => plain(v, type.children[0].type));
    case flechette.Type.Struct:
      return type.children.map((c: { name: string; type: unknown }) =>
        plain((value as Record<string, unknown>)[c.name], c.type),
      );
    case flechette.Type.Date:
      return (value as number) / 86400000;
    case flechette.Type.Binary:
      return new Uint8Array(value as Uint8Array);
    default:
      return value;
  }
}
