// A libcudf on disk: which version, for which CUDA, and the libraries to open before the engine library, in order.
import fs from 'node:fs';
import path from 'node:path';
import { neededLibraries } from './elf.ts';
import wheels from './wheels.json' with { type: 'json' };

/** The major versions of CUDA that there is an engine library for, best first. */
export const CUDA_MAJORS = [13, 12] as const;
export type CudaMajor = (typeof CUDA_MAJORS)[number];

/** The pinned wheels of a set. */
export const RUNTIME_WHEELS: Readonly<Record<CudaMajor, (typeof wheels.sets)['rapids13']>> = {
  13: wheels.sets.rapids13,
  12: wheels.sets.rapids12,
};
/** The platform that the pinned wheels are for. */
export const RUNTIME_PLATFORM: string = wheels.platform;
/** libcudf's version that install-runtime fetches: `26.10.2`. */
export const RUNTIME_VERSION: string = (wheels.sets.rapids13.wheels[0]?.requirement ?? '').split('==')[1] ?? '';
/** The release whose libcudf the engine library fits: names in its ABI change with every release. */
export const RUNTIME_RELEASE: string = RUNTIME_VERSION.split('.').slice(0, 2).join('.');

/** A libcudf that can be opened. */
export interface RuntimeFiles {
  readonly folder: string;
  readonly version: string;
  readonly cuda: CudaMajor;
  /** Absolute paths, in the order in which they are opened. */
  readonly libraries: readonly string[];
}

const CUDF = ['libcudf/lib64/libcudf.so', 'libcudf/lib/libcudf.so', 'lib/libcudf.so'];
/** Where each library is in a site-packages folder, and in a conda environment, in the order in which they are opened. */
const layout = (cuda: CudaMajor): readonly (readonly string[])[] => {
  const toolkit = (name: string, package12: string): string[] => [
    cuda === 13 ? `nvidia/cu13/lib/${name}.so.13` : `nvidia/${package12}/lib/${name}.so.12`,
    `lib/${name}.so.${cuda}`,
  ];
  const own = (folder: string, name: string): string[] => [
    `${folder}/lib64/${name}`,
    `${folder}/lib/${name}`,
    `lib/${name}`,
  ];
  return [
    toolkit('libnvJitLink', 'nvjitlink'),
    toolkit('libnvrtc', 'cuda_nvrtc'),
    own('rapids_logger', 'librapids_logger.so'),
    own('librmm', 'librmm.so'),
    own('libkvikio', 'libkvikio.so'),
    own('nvidia/libnvcomp', 'libnvcomp.so.5'),
    CUDF,
  ];
};

/** Something is there and cannot be used; `absent` where nothing is there. */
export class NoRuntime extends Error {
  readonly absent: boolean;
  constructor(message: string, absent = false) {
    super(message);
    this.absent = absent;
  }
}

function versionIn(folder: string): string | undefined {
  const file = path.join(folder, 'libcudf/VERSION');
  if (fs.existsSync(file)) return fs.readFileSync(file, 'utf8').trim();
  const meta = path.join(folder, 'conda-meta');
  if (!fs.existsSync(meta)) return undefined;
  for (const name of fs.readdirSync(meta)) {
    const found = /^libcudf-(\d[^-]*)-.*\.json$/.exec(name);
    if (found) return found[1];
  }
  return undefined;
}

/**
 * Looks at one folder.
 * @param cuda the CUDA that the engine library is built for; left out, any will do
 * @throws {NoRuntime} where it holds no libcudf that fits
 */
export function runtimeIn(folder: string, cuda?: CudaMajor): RuntimeFiles {
  const first = (names: readonly string[]): string | undefined =>
    names.map((name) => path.resolve(folder, name)).find((file) => fs.existsSync(file));
  const cudf = first(CUDF);
  if (cudf === undefined) throw new NoRuntime(`${folder} holds no libcudf.so`, true);
  const version = versionIn(folder);
  if (version === undefined) throw new NoRuntime(`${cudf} does not say which version it is`);
  if (!version.startsWith(`${RUNTIME_RELEASE}.`))
    throw new NoRuntime(`${folder} has libcudf ${version}; ${RUNTIME_RELEASE} is needed`);
  const needed = neededLibraries(cudf) ?? [];
  const major = CUDA_MAJORS.find((m) => needed.includes(`libnvrtc.so.${m}`));
  if (major === undefined) throw new NoRuntime(`${cudf} is for neither CUDA ${CUDA_MAJORS.join(' nor CUDA ')}`);
  if (cuda !== undefined && major !== cuda)
    throw new NoRuntime(`${folder} has libcudf for CUDA ${major}; this addon is built with CUDA ${cuda}`);
  const libraries = layout(major).map((names) => {
    const file = first(names);
    if (file === undefined) throw new NoRuntime(`${folder} has libcudf without ${path.basename(names[0] ?? '')}`);
    return file;
  });
  return { folder: path.resolve(folder), version, cuda: major, libraries };
}
