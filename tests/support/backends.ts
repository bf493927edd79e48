// Runs a test body once for each backend of TEST_BACKENDS: `cpu` (the default), `sim` (backend cuda over the host's
// stand-in for libcudf, which is not a GPU), `cuda` (a real GPU). Under the others than `cpu` every terminal runs with
// engine 'cuda', and a plan that libcudf cannot run skips its test and says why.
import { afterAll, beforeAll, describe, type TestContext, test } from 'vitest';
import type { UnsupportedError } from '../../ts/errors.ts';

/** A backend that tests run on. */
export interface TestBackend {
  readonly name: 'cpu' | 'sim' | 'cuda';
  /** How results are to be named. */
  readonly label: string;
}

const LABELS: Record<TestBackend['name'], string> = {
  cpu: 'cpu',
  sim: 'host-cudf, not a GPU',
  cuda: 'GPU',
};

/** The backends that TEST_BACKENDS names. */
export const TEST_BACKENDS: readonly TestBackend[] = (process.env['TEST_BACKENDS'] ?? 'cpu').split(',').map((name) => {
  if (!(name in LABELS)) throw new Error(`TEST_BACKENDS has "${name}"; it may have: ${Object.keys(LABELS).join(', ')}`);
  return { name: name as TestBackend['name'], label: LABELS[name as TestBackend['name']] };
});
export const onDevice: boolean = TEST_BACKENDS.some((b) => b.name !== 'cpu');
/** Whether the CPU engine is tested: what is long and says nothing of a device is left out where it is not. */
export const onCpu: boolean = TEST_BACKENDS.some((b) => b.name === 'cpu');

/** Sets what a backend's plans need, for the length of `body`; undoes it afterwards. */
function environmentOf({ name }: TestBackend): Readonly<Record<string, string>> {
  if (name === 'cpu') return {};
  return { WARPFRAME_ENGINE: 'cuda', ...(name === 'sim' ? { WARPFRAME_GPU_VARIANT: 'sim' } : {}) };
}

/** Builds the sim addon where it is needed, unless one is named. */
async function prepare({ name }: TestBackend): Promise<void> {
  if (name !== 'sim' || process.env['WARPFRAME_NATIVE_ADDON'] !== undefined) return;
  // @ts-ignore: a build script
  const { buildNative } = await import('../../scripts/build-native.mjs');
  await buildNative({ variant: 'sim', quiet: true });
}

type Body = (...args: any[]) => unknown;
/** `test` and `test.each`, whose tests skip where libcudf cannot run a plan. */
export interface BackendTest {
  (name: string, body: Body, timeout?: number): void;
  each<T>(cases: readonly T[]): (name: string, body: (...args: any[]) => unknown, timeout?: number) => void;
}

/** Whether an error says that libcudf cannot run a plan. */
export const isRefusal = (error: unknown): error is UnsupportedError =>
  (error as UnsupportedError).code === 'ERR_UNSUPPORTED' && (error as UnsupportedError).detail?.['engine'] === 'cuda';

async function orSkip(context: TestContext, run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (isRefusal(error)) context.skip(error.message);
    throw error;
  }
}

type ForEach = (name: string, body: (one: unknown, context: TestContext) => unknown, timeout?: number) => void;

const skipping: BackendTest = Object.assign(
  (name: string, body: Body, timeout?: number) =>
    test(name, (context) => orSkip(context, () => body(context)), timeout),
  {
    each:
      <T>(cases: readonly T[]) =>
      (name: string, body: Body, timeout?: number) =>
        (test.for(cases as readonly unknown[]) as ForEach)(
          name,
          (one, context) => orSkip(context, () => (Array.isArray(one) ? body(...one) : body(one))),
          timeout,
        ),
  },
);

/** Runs the body for each backend. Its tests come from `test`; frames and oracles made outside are shared. */
export function onBackends(
  body: (backend: TestBackend, test: BackendTest) => void,
  backends: readonly TestBackend[] = TEST_BACKENDS,
): void {
  if (backends.length === 0) test.skip('runs where TEST_BACKENDS names sim or cuda', () => undefined);
  for (const backend of backends) {
    describe(`on ${backend.label}`, () => {
      const changed = environmentOf(backend);
      const before = Object.fromEntries(Object.keys(changed).map((key) => [key, process.env[key]]));
      beforeAll(async () => {
        await prepare(backend);
        Object.assign(process.env, changed);
      }, 3_600_000);
      afterAll(() => {
        for (const [key, value] of Object.entries(before))
          if (value === undefined) delete process.env[key];
          else process.env[key] = value;
      });
      body(backend, backend.name === 'cpu' ? (test as unknown as BackendTest) : skipping);
    });
  }
}
