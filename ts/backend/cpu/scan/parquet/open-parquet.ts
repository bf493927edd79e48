// Parquet files for the engine: the footer is read here, each row group is one unit.
import { CorruptFileError, ParameterError, SchemaMismatchError, UnsupportedError } from '../../../../errors.ts';
import { type Field, isString, type LogicalType, type Schema, sameType, typeText } from '../../../../schema/types.ts';
import { footerOf, type KnownFooter } from '../../../../source/footer-cache.ts';
import {
  type ColumnChunkMeta,
  type FileRange,
  footerRange,
  type ParquetFooter,
  TAIL_BYTES,
} from '../../../../source/parquet-footer.ts';
import { leavesOf, type ParquetNode, type ParquetSchema } from '../../../../source/parquet-schema.ts';
import { ThriftReader } from '../../../../source/thrift.ts';
import type { SyncBytes } from '../../context.ts';
import type { OpenFile, ScannedFile, ScanRequest } from '../scanner.ts';
import { PAGE, parsePageHeader } from './page-header.ts';
import { placeUnit } from './place-unit.ts';
import { type GroupRows, keptGroups, keptRows } from './prune-groups.ts';
import { openUnitReader, type UnitPlan } from './unit-reader.ts';

/** Enough for the header of a dictionary. */
const HEADER_BYTES = 256;

export const openParquet: OpenFile = (_ctx, request) => {
  const { footer, schema, range } = readFooter(request.bytes);
  const nodes = matchColumns(request, schema);
  const { predicate, limit } = request;
  const chosen = chosenGroups(request, footer.rowGroups.length);
  const filled = footer.rowGroups.flatMap((g, group) => (g.rows > 0 && (chosen?.has(group) ?? true) ? [group] : []));
  const kept = predicate === null ? filled : keptGroups(filled, footer, schema, request.fileSchema, predicate);
  const units: { group: number; limit: number }[] = [];
  let rowsBefore = 0;
  for (const group of kept) {
    // below a predicate the rows of earlier row groups may all be dropped: only without one do they count
    const left = limit === null ? Number.POSITIVE_INFINITY : limit - (predicate === null ? rowsBefore : 0);
    if (left <= 0) break;
    units.push({ group, limit: left });
    rowsBefore += footer.rowGroups[group]!.rows;
  }
  let openedRows = 0;
  let keptOfOpened = 0;
  const planUnit = (unit: number): UnitPlan => {
    const { group, limit: left } = units[unit]!;
    const meta = footer.rowGroups[group]!;
    for (const node of nodes)
      if (node) for (const leaf of leavesOf(node)) checkReadable(request.bytes, meta.columns[leaf.index]!, leaf.name);
    const rows: GroupRows =
      predicate === null
        ? { ranges: [{ from: 0, to: meta.rows }], pageStarts: new Map() }
        : keptRows(request.bytes, footer, schema, request.fileSchema, group, nodes, predicate);
    openedRows += meta.rows;
    for (const r of rows.ranges) keptOfOpened += r.to - r.from;
    return {
      bytes: request.bytes,
      dataEnd: range.offset,
      group: meta,
      columns: request.columns,
      nodes,
      limit: left,
      filters: request.filters ?? null,
      ranges: rows.ranges,
      pageStarts: rows.pageStarts,
    };
  };
  const isPlain = predicate === null && !request.filters && nodes.every((n) => n?.kind === 'leaf');
  return {
    unitCount: units.length,
    unitRows(unit) {
      const { group, limit: left } = units[unit]!;
      return Math.min(left, footer.rowGroups[group]!.rows);
    },
    openUnit: (ctx, unit) => openUnitReader(ctx, planUnit(unit)),
    unitWords(unit) {
      const { columns } = footer.rowGroups[units[unit]!.group]!;
      if (!isPlain) return [];
      return nodes.map((node, i) => {
        const chunk = columns[leavesOf(node!)[0]!.index]!;
        return request.columns[i]!.type.dtype === 'Utf8' && chunk.isCoded ? wordsOf(request.bytes, chunk) : null;
      });
    },
    ...(isPlain ? { placeUnit: (ctx, unit, into) => placeUnit(ctx, planUnit(unit), into) } : {}),
    close() {},
    get note() {
      const groups = footer.rowGroups.length;
      const parts = [`${units.length} of ${groups} row groups`];
      if (keptOfOpened < openedRows) parts.push(`${openedRows - keptOfOpened} of ${openedRows} rows skipped by page`);
      return parts.join(', ');
    },
  } satisfies ScannedFile;
};

/** Words in the dictionary of a chunk, if that comes first; what is wrong with it is found when it is read. */
function wordsOf(bytes: SyncBytes, { dictionaryPageOffset, dataPageOffset }: ColumnChunkMeta): number | null {
  const at = Math.min(dictionaryPageOffset || dataPageOffset, dataPageOffset);
  const head = bytes.read(at, Math.min(HEADER_BYTES, bytes.sizeBytes - at));
  try {
    const header = parsePageHeader(new ThriftReader(head, bytes.name, at));
    return header.type === PAGE.DICTIONARY ? header.values : null;
  } catch (error) {
    if (error instanceof CorruptFileError) return null;
    throw error;
  }
}

/** The option `rowGroups`: numbers of the only row groups to read. */
function chosenGroups(request: ScanRequest, count: number): ReadonlySet<number> | null {
  const wanted = request.options.rowGroups;
  if (wanted === undefined || wanted === null) return null;
  const isNumber = (n: unknown): boolean => Number.isInteger(n) && (n as number) >= 0 && (n as number) < count;
  if (!Array.isArray(wanted) || !wanted.every(isNumber))
    throw new ParameterError(
      `Expected row group numbers from 0 to ${count - 1} for rowGroups of ${request.bytes.name} but received ${JSON.stringify(wanted)}.`,
      { path: request.bytes.name, rowGroups: wanted },
    );
  return new Set(wanted as number[]);
}

function readFooter(bytes: SyncBytes): KnownFooter & { range: FileRange } {
  const tail = Math.min(TAIL_BYTES, bytes.sizeBytes);
  const range = footerRange(bytes.read(bytes.sizeBytes - tail, tail), bytes.sizeBytes, bytes.name);
  const text = bytes.read(range.offset, range.length);
  const check = (found: KnownFooter): void => checkGroups(found.footer, found.schema, bytes, range);
  return { ...footerOf(text, bytes.name, range.offset, check), range };
}

/** What must hold for every row group before any of it is read. */
function checkGroups(footer: ParquetFooter, schema: ParquetSchema, bytes: SyncBytes, range: FileRange): void {
  const corrupt = (what: string): never => {
    throw new CorruptFileError(`Corrupt Parquet metadata in ${bytes.name} at byte ${range.offset}: ${what}.`, {
      path: bytes.name,
      offset: range.offset,
    });
  };
  for (const [g, group] of footer.rowGroups.entries()) {
    if (group.columns.length !== schema.leaves.length)
      corrupt(`row group ${g} has ${group.columns.length} column chunks, the schema ${schema.leaves.length}`);
    for (const [i, leaf] of schema.leaves.entries()) {
      const chunk = group.columns[i]!;
      if (chunk.encrypted) continue;
      const where = `column "${leaf.name}" of row group ${g}`;
      if (chunk.type !== leaf.physical) corrupt(`${where} holds ${chunk.type}, the schema says ${leaf.physical}`);
      const dictionary = chunk.dictionaryPageOffset ?? 0;
      const start = dictionary > 0 ? Math.min(dictionary, chunk.dataPageOffset) : chunk.dataPageOffset;
      const inFile = start >= 0 && chunk.compressedBytes >= 0 && start + chunk.compressedBytes <= range.offset;
      if (!inFile && chunk.filePath === null && group.rows > 0)
        corrupt(`${where} lies at ${start} with ${chunk.compressedBytes} bytes, outside the file`);
      if (leaf.rep === 0 && chunk.valueCount !== group.rows)
        corrupt(`${where} has ${chunk.valueCount} values, the row group ${group.rows} rows`);
    }
  }
}

function checkReadable(
  bytes: SyncBytes,
  chunk: { readonly filePath: string | null; readonly encrypted: boolean },
  name: string,
): void {
  if (chunk.encrypted)
    throw new UnsupportedError(
      `The column "${name}" of ${bytes.name} is encrypted; leave it out, or decrypt the file with another tool first.`,
      { path: bytes.name, column: name, feature: 'parquet encryption' },
    );
  if (chunk.filePath !== null && chunk.filePath !== '')
    throw new UnsupportedError(
      `The column "${name}" of ${bytes.name} lies in another file, ${chunk.filePath}, which is not supported.`,
      { path: bytes.name, column: name, feature: 'parquet column chunks in other files' },
    );
}

/** Finds the file's column for each wanted one. */
function matchColumns(request: ScanRequest, schema: ParquetSchema): (ParquetNode | null)[] {
  const byName = new Map(schema.columns.map((c) => [c.name, c]));
  return request.columns.map((field) => {
    const node = byName.get(field.name);
    if (node === undefined) return missing(request.bytes, field, schema.schema);
    if (node.type.dtype === 'Null' && field.type.dtype !== 'Null') return missing(request.bytes, field, schema.schema);
    if (!sameType(node.type, field.type) && !readsAs(node, field.type))
      throw new SchemaMismatchError(
        `The column "${field.name}" of ${request.bytes.name} is ${typeText(node.type)}, but ${typeText(field.type)} was expected. Read the file by itself, or give a schema that fits.`,
        { path: request.bytes.name, column: field.name, got: typeText(node.type), expected: typeText(field.type) },
      );
    return node;
  });
}

/** Dtypes that the same stored values are read as, where files of one scan differ. */
function readsAs(node: ParquetNode, type: LogicalType): boolean {
  if (node.kind !== 'leaf') return false;
  if (node.conversion === 'int96') return type.dtype === 'Datetime' && type.zone === null;
  return isString(node.type) && isString(type);
}

/** A column that a file lacks is all null, where it may be. */
function missing(bytes: SyncBytes, field: Field, schema: Schema): null {
  if (field.nullable) return null;
  throw new SchemaMismatchError(
    `The file ${bytes.name} has no column "${field.name}". Columns: ${schema.map((f) => f.name).join(', ')}.`,
    { path: bytes.name, column: field.name },
  );
}
