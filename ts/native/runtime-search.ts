// Where libcudf is looked for: what the environment names, what `warpframe install-runtime` fetched, an activated conda
// environment, Python's packages. Nothing is opened here.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder, condaPrefix, rapidsDir, virtualEnv } from '../env.ts';
import {
  CUDA_MAJORS,
  type CudaMajor,
  NoRuntime,
  RUNTIME_VERSION,
  type RuntimeFiles,
  runtimeIn,
} from './runtime-files.ts';

/** One place that was looked at. */
export interface RuntimeReport {
  /** What named the place. */
  readonly candidate: string;
  /** What is there, if it fits. */
  readonly files: RuntimeFiles | null;
  /** Why it was passed over. */
  readonly refused: string | null;
  /** Nothing is there; otherwise something is there, or was named, and does not fit. */
  readonly absent: boolean;
}

/** Where `warpframe install-runtime` puts a libcudf. */
export const installedRuntime = (cuda: CudaMajor): string =>
  path.join(cacheFolder(), `runtime/libcudf-${RUNTIME_VERSION}-cu${cuda}`);

const PYTHON_MS = 10_000;
const FIND_CUDF = `
import importlib.util
found = importlib.util.find_spec('libcudf')
print(list(found.submodule_search_locations)[0] if found else '')`;

/** The folder of the package libcudf of the Python on the path. */
function pythonPackages(): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('python3', ['-c', FIND_CUDF], { timeout: PYTHON_MS }, (error, stdout) => {
      if (error) return reject(new NoRuntime('there is no python3 to ask', true));
      const found = stdout.trim();
      if (found === '') return reject(new NoRuntime('the package libcudf is not installed there', true));
      resolve(path.dirname(found));
    });
  });
}

/** The site-packages folder of a virtual environment. */
function sitePackages(environment: string): string {
  const lib = path.join(environment, 'lib');
  const python = fs.existsSync(lib) ? fs.readdirSync(lib).find((name) => /^python3\.\d+$/.test(name)) : undefined;
  return path.join(lib, python ?? 'python3', 'site-packages');
}

const notSet = (name: string) => () => Promise.reject(new NoRuntime(`${name} is not set`, true));

/**
 * Looks for libcudf.
 * @param cuda the CUDA that the engine library is built for; left out, any will do
 * @param thorough look at every place, not only until one fits
 */
export async function searchRuntimes(cuda?: CudaMajor, thorough = false): Promise<readonly RuntimeReport[]> {
  const named = rapidsDir();
  const conda = condaPrefix();
  const environment = virtualEnv();
  const places: (readonly [candidate: string, folder: () => Promise<string>])[] =
    named !== undefined
      ? [['WARPFRAME_RAPIDS_DIR', async () => named]]
      : [
          ...(cuda === undefined ? CUDA_MAJORS : [cuda]).map(
            (m) => [`warpframe install-runtime (CUDA ${m})`, async () => installedRuntime(m)] as const,
          ),
          ['CONDA_PREFIX', conda === undefined ? notSet('CONDA_PREFIX') : async () => conda],
          environment === undefined
            ? ["python3's packages", pythonPackages]
            : ['VIRTUAL_ENV', async () => sitePackages(environment)],
        ];
  const reports: RuntimeReport[] = [];
  for (const [candidate, folderOf] of places)
    try {
      reports.push({ candidate, files: runtimeIn(await folderOf(), cuda), refused: null, absent: false });
      if (!thorough) break;
    } catch (error) {
      // What was named must work: that it is not there is a fault of its own.
      const absent = error instanceof NoRuntime && error.absent && named === undefined;
      reports.push({ candidate, files: null, refused: (error as Error).message, absent });
    }
  return reports;
}
