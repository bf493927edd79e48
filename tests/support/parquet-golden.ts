// What pyarrow read from a Parquet file, and whether we read the same.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import zlib from 'node:zlib';
import { typeText } from '../../ts/schema/types.ts';
import { goldenValue, type ReadFile } from './parquet.ts';

export interface Golden {
  /** Why pyarrow did not read it. */
  readonly refused?: string;
  readonly rows: number;
  readonly columns: readonly { name: string; type: string; nullable: boolean; head: unknown[]; digest: string }[];
}

/** The goldens in a folder of fixtures, by file name. */
export function loadGoldens(folder: string): Record<string, Golden> {
  const text = zlib.gunzipSync(fs.readFileSync(`${folder}/goldens.json.gz`)).toString();
  return (JSON.parse(text) as { files: Record<string, Golden> }).files;
}

/** What differs; empty when nothing does. */
export function differences(file: ReadFile, golden: Golden): string[] {
  const wrong: string[] = [];
  if (file.rows !== golden.rows) wrong.push(`rows ${file.rows} instead of ${golden.rows}`);
  if (file.schema.length !== golden.columns.length) wrong.push(`${file.schema.length} columns`);
  golden.columns.forEach((g, i) => {
    const field = file.schema[i];
    if (!field) return;
    const got = JSON.stringify([field.name, typeText(field.type), field.nullable]);
    const expected = JSON.stringify([g.name, g.type, g.nullable]);
    if (got !== expected) wrong.push(`${got} instead of ${expected}`);
    const values = file.columns[i]!.map((v) => goldenValue(v, field.type));
    const head = JSON.stringify(values.slice(0, g.head.length));
    if (head !== JSON.stringify(g.head)) wrong.push(`${g.name}: ${head} instead of ${JSON.stringify(g.head)}`);
    const digest = createHash('sha256').update(JSON.stringify(values)).digest('hex');
    if (digest !== g.digest) wrong.push(`${g.name}: another digest`);
  });
  return wrong;
}
