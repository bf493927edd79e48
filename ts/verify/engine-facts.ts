// What a verification runs on, for the head of its report.
import { HOST_CUDF } from '../backend/cuda/cuda-backend.ts';
import { type AddonReport, inspectGpu } from '../native/gpu.ts';
import type { VerifiedEngine } from './report.ts';

/** Looks for the GPU; opens the engine library where it can. */
export async function engineFacts(): Promise<VerifiedEngine> {
  const { addons, engine, reason } = await inspectGpu();
  const taken: AddonReport | undefined =
    addons.find((a) => a.refused === null) ?? addons.find((a) => a.device !== null);
  const device = engine?.device ?? taken?.device ?? null;
  const host = device?.host === true;
  const gpus = device?.devices ?? [];
  const label = host ? HOST_CUDF : gpus.length > 0 ? `GPU: ${gpus.map((d) => d.name).join(', ')}` : null;
  const facts = [
    ...(taken ? [{ name: 'addon', value: `${taken.variant ?? '?'}, ${taken.path ?? taken.candidate}` }] : []),
    ...(device?.driver ? [{ name: 'driver', value: `for CUDA ${device.driver}` }] : []),
    ...(device?.runtime ? [{ name: 'CUDA runtime', value: device.runtime }] : []),
    ...(host
      ? []
      : gpus.map((d) => ({
          name: `GPU ${d.id}`,
          value: `${d.name}, ${(d.totalBytes / 2 ** 30).toFixed(1)} GiB, compute capability ${d.capability}, ${d.multiprocessors} multiprocessors`,
        }))),
    ...(engine
      ? [{ name: engine.description.library, value: `${engine.description.version}, ${engine.library}` }]
      : []),
  ];
  return { label, host, reason, facts };
}
