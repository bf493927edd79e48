// Names of sources → files: paths, globs, folders, URLs and bytes. A path that exists is that file, whatever
// characters it holds; a folder means every data file below it, with its hive partitions.
import fs from 'node:fs/promises';
import path from 'node:path';
import { IoError, ParameterError } from '../errors.ts';
import type { FileFormat, FileSpec } from '../plan/nodes.ts';
import { partitionOf } from './hive.ts';
import { bytesSource, fileSource, statFile } from './open.ts';

/** What can be read: a path, a glob, a folder, an http(s) URL, bytes, or a list of paths and URLs of one schema. */
export type Source = string | URL | Uint8Array | readonly (string | URL)[];

const ENDINGS: Record<FileFormat, readonly string[]> = {
  parquet: ['.parquet', '.pq'],
  csv: ['.csv', '.tsv', '.csv.gz', '.tsv.gz', '.csv.zst', '.tsv.zst'],
  jsonl: ['.jsonl', '.ndjson', '.jsonl.gz', '.ndjson.gz', '.jsonl.zst', '.ndjson.zst'],
  arrow: ['.arrow', '.arrows', '.feather', '.ipc'],
};

/** Every file a source names, in order (globs and folders: sorted by path). At least one. */
export async function findFiles(source: Source, format: FileFormat): Promise<FileSpec[]> {
  if (source instanceof Uint8Array) return [{ source: bytesSource(source) }];
  if (Array.isArray(source)) {
    const lists = await Promise.all(source.map((s: string | URL) => findFiles(s, format)));
    if (lists.length === 0) throw new ParameterError('Expected at least one path but received an empty list.');
    return lists.flat();
  }
  if (source instanceof URL || (typeof source === 'string' && /^https?:\/\//.test(source)))
    return [await fromUrl(source)];
  if (typeof source === 'string') return fromPath(source, format);
  throw new ParameterError(
    `Expected a path, a URL, bytes or a list of paths as the source but received ${source === null ? 'null' : typeof source}.`,
  );
}

async function fromUrl(source: string | URL): Promise<FileSpec> {
  const url = new URL(source);
  if (url.protocol === 'file:') {
    const { fileURLToPath } = await import('node:url');
    return { source: await fileSource(fileURLToPath(url)) };
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new ParameterError(`Expected an http, https or file URL but received ${url.protocol}//… Download it first.`);
  const { probeHttp } = await import('./http-source.ts');
  return { source: await probeHttp(url.href) };
}

async function fromPath(name: string, format: FileFormat): Promise<FileSpec[]> {
  const found = await statFile(name).catch(() => null);
  if (found?.isDirectory()) return fromFolder(name, format);
  if (found || !/[*?[\]{}]/.test(name)) return [{ source: await fileSource(name, found ?? undefined) }];
  const { glob } = await import('tinyglobby');
  const paths = await glob(name.replaceAll(path.sep, '/'), {
    absolute: path.isAbsolute(name),
    expandDirectories: false,
  });
  if (paths.length === 0)
    throw new IoError('ERR_FILE_NOT_FOUND', `No file matches ${name} (in ${process.cwd()}).`, { path: name });
  const root = name.slice(0, name.search(/[*?[\]{}]/));
  return withPartitions(paths.sort(), root.slice(0, root.lastIndexOf('/') + 1), name);
}

async function fromFolder(root: string, format: FileFormat): Promise<FileSpec[]> {
  const entries = await fs.readdir(root, { recursive: true, withFileTypes: true });
  const found = entries
    .filter((e) => e.isFile() && !e.name.startsWith('.') && !e.name.startsWith('_'))
    .filter((e) => ENDINGS[format].some((ending) => e.name.toLowerCase().endsWith(ending)))
    .map((e) => path.join(e.parentPath ?? e.path, e.name))
    .sort();
  if (found.length === 0)
    throw new IoError(
      'ERR_FILE_NOT_FOUND',
      `The folder ${root} holds no file ending in ${ENDINGS[format].join(', ')}. Name the files by a glob if they end otherwise.`,
      { path: root },
    );
  return withPartitions(found, root, root);
}

async function withPartitions(paths: readonly string[], root: string, what: string): Promise<FileSpec[]> {
  const specs = await Promise.all(
    paths.map(async (p): Promise<FileSpec> => {
      const partition = partitionOf(path.relative(root, p).replaceAll(path.sep, '/'));
      const source = await fileSource(p);
      return Object.keys(partition).length === 0 ? { source } : { source, partition };
    }),
  );
  const names = (s: FileSpec | undefined): string => Object.keys(s?.partition ?? {}).join('/');
  const odd = specs.find((s) => names(s) !== names(specs[0]));
  if (odd)
    throw new IoError(
      'ERR_IO',
      `The files of ${what} lie in different partitions: "${names(specs[0])}" and "${names(odd)}". Read each layout apart.`,
      { path: what },
    );
  return specs;
}
