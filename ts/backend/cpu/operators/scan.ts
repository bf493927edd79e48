// The scan: files one after another, each opened into units; partition columns are added as constants.
import { SchemaMismatchError, UnsupportedError } from '../../../errors.ts';
import type { LiteralValue } from '../../../expr/nodes.ts';
import type { FileSpec, ScanNode } from '../../../plan/nodes.ts';
import type { Field, Schema } from '../../../schema/types.ts';
import { partitionValue } from '../../../source/hive.ts';
import { type Bound, mayMatch } from '../../../source/prune.ts';
import { constantVector } from '../columns/constant.ts';
import { headOf } from '../columns/slice.ts';
import type { ExecContext } from '../context.ts';
import type { Source } from '../pipeline.ts';
import { openerOf } from '../scan/formats.ts';
import type { ScannedFile, UnitReader } from '../scan/scanner.ts';
import type { Batch } from '../vector.ts';

/** What a scan did, for explain. */
export interface ScanReport {
  note: string;
}

/** Streams a scan node. `report.note` says what pruning skipped. */
export function createScan(node: ScanNode, report: ScanReport): Source {
  const open = openerOf(node.format);
  const partitions = new Set(Object.keys(node.files[0]?.partition ?? {}));
  const own = (s: Schema): Field[] => s.filter((f) => !partitions.has(f.name));
  const columns = own(node.schema);
  const fileSchema = own(node.fileSchema);
  const files = keptFiles(node);
  let fileIndex = 0;
  let file: ScannedFile | null = null;
  let bytes: ReturnType<ExecContext['control']['open']> | null = null;
  let unit = 0;
  let reader: UnitReader | null = null;
  let left = node.limit ?? Number.POSITIVE_INFINITY;
  let ordinal = 0;
  let seenRows = 0;
  const notes = files.length < node.files.length ? [`${files.length} of ${node.files.length} files`] : [];

  const closeFile = (ctx: ExecContext): void => {
    reader?.close(ctx);
    reader = null;
    if (file?.note) notes.push(file.note);
    file?.close(ctx);
    file = null;
    bytes?.close();
    bytes = null;
    report.note = notes.join('; ');
  };

  const next = (ctx: ExecContext): Batch | null => {
    while (left > 0) {
      if (reader) {
        const batch = reader.next(ctx);
        if (batch) return batch;
        reader.close(ctx);
        reader = null;
      } else if (file && unit < file.unitCount) reader = file.openUnit(ctx, unit++);
      else {
        closeFile(ctx);
        const spec = files[fileIndex++];
        if (!spec) return null;
        bytes = ctx.control.open(spec.source);
        unit = 0;
        file = open(ctx, {
          bytes,
          columns,
          fileSchema,
          options: node.options,
          predicate: node.predicate,
          limit: Number.isFinite(left) ? left : null,
        });
      }
    }
    return null;
  };

  return {
    next(ctx) {
      const found = next(ctx);
      if (!found) return null;
      const spec = files[fileIndex - 1]!;
      const whole = withPartitions(ctx, found, spec, node.schema, partitions);
      const batch = headOf(keepPromises(ctx, whole, node.schema, spec, seenRows), left);
      seenRows += found.length;
      left -= batch.length;
      ctx.control.progress(batch.length);
      return { ...batch, ordinal: ordinal++ };
    },
    close(ctx) {
      left = 0;
      closeFile(ctx);
    },
  };
}

/** Files whose partition may hold a row for which the predicate is true. */
function keptFiles(node: ScanNode): readonly FileSpec[] {
  const { predicate, files } = node;
  if (predicate === null || !files[0]?.partition) return files;
  return files.filter((file) =>
    mayMatch(predicate, (name, type) => {
      const text = file.partition?.[name];
      if (text === undefined) return null;
      const value = partitionValue(text, type);
      const bound = boundOf(value);
      if (value !== null && bound === null) return null;
      return { min: bound, max: bound, nulls: value === null, values: value !== null, nan: false };
    }),
  );
}

const encoder = new TextEncoder();
/** A partition's value in the form that pruning compares. */
function boundOf(value: LiteralValue): Bound | null {
  if (typeof value === 'string') return encoder.encode(value);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : null;
}

/** Columns declared without nulls must have none; a bitmap without a zero is dropped. */
function keepPromises(ctx: ExecContext, batch: Batch, schema: Schema, spec: FileSpec, before: number): Batch {
  const core = ctx.kernels.get('core');
  const columns = batch.columns.map((v, i) => {
    if (v.validity === 0 || schema[i]!.nullable) return v;
    if (core.popcountBits(v.validity, batch.length) === batch.length) return { ...v, validity: 0 };
    const { name } = schema[i]!;
    const { u8 } = ctx.heap.refresh();
    let row = 0;
    while ((u8[v.validity + (row >> 3)]! >> (row & 7)) & 1) row++;
    const file =
      spec.source.kind === 'file' ? spec.source.path : spec.source.kind === 'http' ? spec.source.url : 'the bytes';
    throw new SchemaMismatchError(
      `Column "${name}" is declared without nulls but ${file} has one in row ${before + row}. Declare it nullable(…), or fill the file.`,
      { column: name, row: before + row },
    );
  });
  return { length: batch.length, columns, ordinal: batch.ordinal };
}

function withPartitions(
  ctx: ExecContext,
  batch: Batch,
  spec: FileSpec,
  schema: Schema,
  partitions: ReadonlySet<string>,
): Batch {
  if (partitions.size === 0) return batch;
  let k = 0;
  const columns = schema.map((f) => {
    if (!partitions.has(f.name)) return batch.columns[k++]!;
    const text = spec.partition?.[f.name];
    if (text === undefined) throw new UnsupportedError(`A file of the scan has no partition value for "${f.name}".`);
    return constantVector(ctx, f.type, partitionValue(text, f.type), batch.length, ctx.scratch);
  });
  return { length: batch.length, columns, ordinal: batch.ordinal };
}
