// The sections: each hands out its checks one by one. A module is loaded when its section runs.
import type { Check, SectionName, VerifySettings } from './check.ts';

type Section = (settings: VerifySettings) => AsyncIterable<Check>;

const LOADERS: Readonly<Record<SectionName, () => Promise<Section>>> = {
  addon: async () => (await import('./addon-checks.ts')).addonChecks,
  kernels: async () => (await import('./kernel-checks.ts')).kernelChecks,
  cases: async () => (await import('./case-checks.ts')).caseChecks,
  plans: async () => (await import('./plan-checks.ts')).planChecks,
  random: async () => (await import('./random-checks.ts')).randomChecks,
  drills: async () => (await import('./drills.ts')).drillChecks,
  sanitizer: async () => (await import('./sanitizer-checks.ts')).sanitizerChecks,
  suites: async () => (await import('./suite-checks.ts')).suiteChecks,
  bench: async () => (await import('./bench-checks.ts')).benchChecks,
};

/** The checks of a section. */
export async function* checksOf(name: SectionName, settings: VerifySettings): AsyncGenerator<Check> {
  const section = await LOADERS[name]();
  yield* section(settings);
}
