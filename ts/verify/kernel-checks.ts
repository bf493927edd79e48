// Our own kernels against plain programs: through the addon alone, which needs no libcudf, and over resident tables.
import type { NumberArray } from '../backend/arrow.ts';
import type { CudaBackend } from '../backend/cuda/cuda-backend.ts';
import { invoke, type NativeAddon } from '../native/addon.ts';
import { physicalOf } from '../schema/types.ts';
import { addonWithDevice } from './addon-checks.ts';
import { type KernelCase, type KernelColumn, kernelCases } from './cases/kernel-cases.ts';
import { type Check, failed, notRun, type Outcome, PASSED, type VerifySettings } from './check.ts';
import { batchOf, columnOf } from './column-of.ts';
import { sameValue } from './compare.ts';
import { openedCuda, RUN } from './opened.ts';

type Arrays = { readonly [name: string]: NumberArray };

interface KernelList {
  readonly device: string | null;
  readonly why: string | null;
  readonly simulated: boolean;
  readonly names: readonly string[];
}

/** Rows up to which a kernel's case is held in JavaScript. */
const MOST_ROWS = 100_000;

/** A column as `kernels.run` takes it. */
function plainColumn({ type, values }: KernelColumn): object {
  const { validity, values: data } = columnOf(type, values);
  if (physicalOf(type) !== 'bit') return { values: data, validity };
  return { values: Uint8Array.from(values, Number), validity, bool: true };
}

async function alone(addon: NativeAddon, { kernel, params, tables = [], arrays = {} }: KernelCase): Promise<Arrays> {
  const made = await invoke<{ readonly arrays: Arrays }>(addon, 'kernels.run', {
    name: kernel,
    params: JSON.stringify(params),
    tables: tables.map((columns) => columns.map(plainColumn)),
    arrays,
  });
  return made.arrays;
}

async function overTables(cuda: CudaBackend, test: KernelCase): Promise<Arrays> {
  const inputs = [];
  try {
    for (const columns of test.tables ?? []) {
      const batch = batchOf(Object.fromEntries(columns.map((c, i) => [`c${i}`, c])));
      inputs.push(await cuda.upload([batch], batch.schema, RUN));
    }
    const { kernel: name, params, arrays = {} } = test;
    return (await cuda.invoke({ name, params, inputs, arrays }, RUN)).arrays;
  } finally {
    for (const table of inputs) cuda.release(table);
  }
}

function compared({ expected, relative = 0 }: KernelCase, got: Arrays): Outcome {
  for (const [name, wanted] of Object.entries(expected)) {
    const values = got[name];
    if (values === undefined) return failed(`there is no result ${name}; there are ${Object.keys(got).join(', ')}`);
    if (values.length !== wanted.length)
      return failed(`${name} has ${values.length} numbers, expected ${wanted.length}`);
    for (let i = 0; i < wanted.length; i++)
      if (!sameValue(Number(values[i]), wanted[i], { relative, absolute: 0 }))
        return failed(`${name}[${i}] is ${values[i]}, expected ${wanted[i]}`);
  }
  return PASSED;
}

/** What a caller can get wrong comes back as an error, not as a crash. */
const REFUSED: readonly (readonly [string, KernelCase, RegExp])[] = [
  ['an unknown kernel', { kernel: 'no.such', name: '', params: {}, expected: {} }, /no\.such/],
  [
    'a row count past 32 bits',
    { kernel: 'philox.permutation', name: '', params: { seed: 1, rows: 2 ** 40 }, expected: {} },
    /rows/,
  ],
  [
    'trees that point outside',
    {
      kernel: 'forest.leaves',
      name: '',
      params: { from: 0, to: 1 },
      tables: [[{ type: { dtype: 'Float32' }, values: [1] }]],
      arrays: { nodes: Uint32Array.of(0, 0, 999, 0), roots: Uint32Array.of(0), numbers: Uint32Array.of(0) },
      expected: {},
    },
    /node|children/,
  ],
];

async function refuses(run: () => Promise<unknown>, expected: RegExp): Promise<Outcome> {
  try {
    await run();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return code?.startsWith('ERR_') && expected.test(message) ? PASSED : failed(`${code}: ${message}`);
  }
  return failed('it did not fail');
}

const ALONE = 'through the addon alone';
const TABLES = 'over resident tables';

export async function* kernelChecks({ rows }: VerifySettings): AsyncGenerator<Check> {
  const size = Math.min(rows, MOST_ROWS);
  const found = await addonWithDevice();
  if (!('gpu' in found)) {
    yield { group: ALONE, name: 'all', run: () => notRun(found.reason) };
  } else {
    const { addon } = found.gpu;
    const { device, why, names } = await invoke<KernelList>(addon, 'kernels.list', {});
    if (device === null) yield { group: ALONE, name: 'all', run: () => notRun(why ?? 'there is no device') };
    else {
      for (const test of kernelCases(size)) {
        const run = async (): Promise<Outcome> =>
          names.includes(test.kernel)
            ? compared(test, await alone(addon, test))
            : failed('the addon has no such kernel');
        yield { group: ALONE, name: `${test.kernel}: ${test.name}`, run };
      }
      for (const [name, test, expected] of REFUSED)
        yield { group: ALONE, name: `refuses ${name}`, run: () => refuses(() => alone(addon, test), expected) };
    }
  }
  const opened = await openedCuda();
  if (!('cuda' in opened)) {
    yield { group: TABLES, name: 'all', run: () => notRun(opened.reason) };
    return;
  }
  for (const test of kernelCases(size))
    yield {
      group: TABLES,
      name: `${test.kernel}: ${test.name}`,
      run: async () => compared(test, await overTables(opened.cuda, test)),
    };
}
