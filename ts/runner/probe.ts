// What a reader is given → a scan node: files found, schema read or inferred, declared schema checked.
import { SchemaMismatchError } from '../errors.ts';
import type { FileFormat, FileSpec, ScanNode } from '../plan/nodes.ts';
import type { Field, Schema } from '../schema/types.ts';
import { sameType, typeText } from '../schema/types.ts';
import { findFiles, type Source } from '../source/find.ts';
import { partitionType } from '../source/hive.ts';
import { mergeInferred } from '../source/merge-inferred.ts';
import { openSource } from '../source/open.ts';
import { invokeCpu, type RunOptions } from './runner.ts';

export interface ProbeOptions {
  /** Reader options of the format, validated by it. */
  readonly reader: { readonly [name: string]: unknown };
  /** Declared columns: checked against the file, and the order of the result. */
  readonly schema?: Schema;
  readonly run?: RunOptions;
}

/** Opens the sources and returns the scan that reads them. */
export async function probeScan(format: FileFormat, source: Source, options: ProbeOptions): Promise<ScanNode> {
  const files = await findFiles(source, format);
  const first = files[0]!;
  const partitioned = new Set(Object.keys(first.partition ?? {}));
  const own = options.schema?.filter((f) => !partitioned.has(f.name));
  // Text has the dtypes it is declared to have; other formats state theirs, which the declaration is checked against.
  const isText = format === 'csv' || format === 'jsonl';
  const reader = isText && own ? { ...options.reader, schema: own } : options.reader;
  const probed = await probeFile(format, first, reader, options.run);
  const known: FileSpec[] = [probed.rows === undefined ? first : { ...first, rows: probed.rows }];
  const schemas = [probed.schema];
  for (const file of files.slice(1)) {
    const next = await probeFile(format, file, reader, options.run);
    // Lines of JSON may lack a key, so files may; dtypes inferred from text are widened below.
    if (format !== 'jsonl') checkSame(nameOf(file), next.schema, nameOf(first), probed.schema, !isText);
    schemas.push(next.schema);
    known.push(next.rows === undefined ? file : { ...file, rows: next.rows });
  }
  const partitionFields = [...partitioned].map((name): Field => {
    const values = files.map((f) => f.partition?.[name] ?? null);
    return { name, type: partitionType(values), nullable: values.includes(null) };
  });
  const found = isText && !own ? mergeInferred(schemas, format === 'jsonl') : probed.schema;
  const fileSchema = [...found.filter((f) => !partitionFields.some((p) => p.name === f.name)), ...partitionFields];
  const schema = options.schema ? declared(options.schema, fileSchema, nameOf(first)) : fileSchema;
  return Object.freeze({
    node: 'scan',
    format,
    files: Object.freeze(known),
    fileSchema: Object.freeze(fileSchema),
    schema: Object.freeze(schema),
    options: Object.freeze({ ...reader }),
    predicate: null,
    limit: null,
  } as const);
}

const nameOf = (f: FileSpec): string =>
  f.source.kind === 'file' ? f.source.path : f.source.kind === 'http' ? f.source.url : '<bytes>';

// Looked up once.
let arrow: Promise<typeof import('../source/probe-arrow.ts')> | null = null;
let parquet: Promise<typeof import('../source/probe-parquet.ts')> | null = null;

async function probeFile(
  format: FileFormat,
  file: FileSpec,
  reader: ProbeOptions['reader'],
  run: RunOptions | undefined,
): Promise<{ schema: Schema; rows?: number }> {
  if (format === 'csv' || format === 'jsonl') {
    const params = { format, source: file.source, options: reader };
    return { schema: ((await invokeCpu('scan.infer', params, run)) as { schema: Schema }).schema };
  }
  const bytes = await openSource(file.source);
  try {
    if (format === 'arrow') return await (await (arrow ??= import('../source/probe-arrow.ts'))).probeArrow(bytes);
    return await (await (parquet ??= import('../source/probe-parquet.ts'))).probeParquet(bytes);
  } finally {
    await bytes.close();
  }
}

function checkSame(name: string, schema: Schema, firstName: string, first: Schema, types: boolean): void {
  for (const f of first) {
    const other = schema.find((g) => g.name === f.name);
    if (!other)
      throw new SchemaMismatchError(`Column "${f.name}" of ${firstName} is missing in ${name}.`, { column: f.name });
    if (types && !sameType(f.type, other.type))
      throw new SchemaMismatchError(
        `Column "${f.name}" is ${typeText(f.type)} in ${firstName} and ${typeText(other.type)} in ${name}. Read them apart and cast.`,
        { column: f.name },
      );
  }
}

/** The declared columns; each must be in the file with its dtype, and nullable where the file's is. */
function declared(wanted: Schema, found: Schema, name: string): Schema {
  return wanted.map((f) => {
    const has = found.find((g) => g.name === f.name);
    if (!has)
      throw new SchemaMismatchError(
        `Column "${f.name}" is declared but not in ${name}. Its columns: ${found.map((g) => g.name).join(', ')}.`,
        { column: f.name },
      );
    if (!sameType(f.type, has.type))
      throw new SchemaMismatchError(
        `Column "${f.name}" is declared ${typeText(f.type)} but is ${typeText(has.type)} in ${name}. Declare it so, or cast it after reading.`,
        { column: f.name, declared: typeText(f.type), found: typeText(has.type) },
      );
    return f;
  });
}
