// warpframe schema FILE: the TypeScript declaration of a file's columns, so that full typing costs one command.
import { parseArgs } from 'node:util';
import { ParameterError } from '../../errors.ts';
import type { FileFormat } from '../../plan/nodes.ts';
import { probeScan } from '../../runner/probe.ts';
import { declarationName, schemaDeclaration } from '../../schema/declaration.ts';
import type { Command } from '../main.ts';

const FORMATS: readonly (readonly [RegExp, FileFormat])[] = [
  [/\.(parquet|pq)$/i, 'parquet'],
  [/\.(csv|tsv)(\.gz|\.zst)?$/i, 'csv'],
  [/\.(jsonl|ndjson)(\.gz|\.zst)?$/i, 'jsonl'],
  [/\.(arrow|arrows|feather|ipc)$/i, 'arrow'],
];

/** The format of a file by its ending. */
function formatOf(file: string, given: string | undefined): FileFormat {
  const format = given ?? FORMATS.find(([ending]) => ending.test(file))?.[1];
  if (format === 'parquet' || format === 'csv' || format === 'jsonl' || format === 'arrow') return format;
  throw new ParameterError(
    given === undefined
      ? `The ending of ${file} names no format. Say it with --format parquet, csv, jsonl or arrow.`
      : `The --format option must be parquet, csv, jsonl or arrow. Got "${given}".`,
  );
}

export const schema: Command = {
  summary: 'prints the TypeScript declaration of a file’s columns',
  usage: 'warpframe schema FILE [--format csv] [--name sales]',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { format: { type: 'string' }, name: { type: 'string' }, delimiter: { type: 'string' } },
    });
    const [file] = positionals;
    if (file === undefined || positionals.length > 1)
      throw new ParameterError(`Expected one file but received ${positionals.length}. Usage: ${schema.usage}`);
    const format = formatOf(file, values.format);
    const reader = values.delimiter === undefined ? {} : { delimiter: values.delimiter };
    const scan = await probeScan(format, file, { reader });
    return schemaDeclaration(scan.fileSchema, { name: values.name ?? declarationName(file), source: file });
  },
};
