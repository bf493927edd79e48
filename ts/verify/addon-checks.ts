// The addon and what it says: answers, refusals, and the engine library where there is one.
import { Worker } from 'node:worker_threads';
import { FUNCTIONS } from '../expr/functions.ts';
import { BOUNDARY, invoke, type NativeAddon } from '../native/addon.ts';
import { type DeviceStatus, deviceStatus } from '../native/device-status.ts';
import { inspectGpu } from '../native/gpu.ts';
import { type GpuAddon, gpuAddons } from '../native/load.ts';
import { type Check, failed, notRun, type Outcome, PASSED, passed } from './check.ts';

/** The addon that has a device, and why there is none. */
export async function addonWithDevice(): Promise<
  { readonly gpu: GpuAddon; readonly device: DeviceStatus } | { readonly reason: string }
> {
  const reasons: string[] = [];
  for (const found of gpuAddons()) {
    if (!('addon' in found)) {
      reasons.push(`${found.candidate}: ${found.reason}`);
      continue;
    }
    const device = await deviceStatus(found.addon);
    if (device.usable) return { gpu: found, device };
    reasons.push(`${found.candidate}: ${device.reason}`);
  }
  return { reason: `no addon sees a GPU. Tried ${reasons.join('; ')}` };
}

/** Passes where the call fails with a message that names what is wrong. */
async function refuses(call: () => unknown, expected: RegExp): Promise<Outcome> {
  try {
    await call();
  } catch (error) {
    const { message } = error as Error;
    return expected.test(message) ? PASSED : failed(`it failed with: ${message}`);
  }
  return failed('it did not fail');
}

/** What the addon answers in a thread of its own, and how the thread ends. */
function inWorker(file: string): Promise<Outcome> {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const addon = require(workerData);
    addon.invoke('device.status', {}).then((status) => parentPort.postMessage([addon.version().boundary, status.code]));`;
  return new Promise((resolve) => {
    const worker = new Worker(source, { eval: true, workerData: file });
    let answer: unknown;
    worker.once('message', (message) => {
      answer = message;
    });
    worker.once('error', (error) => resolve(failed(error.message)));
    worker.once('exit', (code) => {
      const right = code === 0 && JSON.stringify(answer) === JSON.stringify([BOUNDARY, 0]);
      resolve(right ? PASSED : failed(`code ${code}, answer ${JSON.stringify(answer)}`));
    });
  });
}

const ADDON = 'addon';
const LIBRARY = 'engine library';

function* alone(addon: NativeAddon, file: string, device: DeviceStatus): Generator<Check> {
  const check = (name: string, run: Check['run']): Check => ({ group: ADDON, name, run });
  yield check('says its version', () => {
    const { boundary, variant, napi } = addon.version();
    return boundary === BOUNDARY ? passed(`${variant}, Node-API ${napi}`) : failed(`boundary ${boundary}`);
  });
  yield check('sees a device', () => {
    if (device.host) return passed('host-cudf, not a GPU');
    const wrong = device.devices.filter((d) => !(d.totalBytes > 2 ** 28 && d.multiprocessors > 0 && d.name !== ''));
    return wrong.length > 0
      ? failed(`${JSON.stringify(wrong)}`)
      : passed(device.devices.map((d) => `${d.name}, ${d.capability}`).join('; '));
  });
  yield check('answers the same again', async () => {
    const again = await deviceStatus(addon);
    return JSON.stringify(again) === JSON.stringify(device) ? PASSED : failed(JSON.stringify(again));
  });
  yield check('refuses an unknown operation', () =>
    refuses(() => invoke(addon, 'no.such.operation', {}), /no\.such\.operation/),
  );
  yield check('refuses a number that stands for no engine', async () => {
    const asked = await refuses(() => addon.whyNot(987_654_321, '{}'), /engine|987654321/);
    return asked.status === 'passed' ? refuses(() => addon.memoryInfo(987_654_321), /engine|987654321/) : asked;
  });
  yield check('ignores numbers that are gone', () => {
    addon.release(987_654_321);
    addon.cancel(987_654_321);
    return PASSED;
  });
  yield check('refuses arguments of other types', () =>
    refuses(() => invoke(addon, 'engine.open', { path: 7, libraries: 'none' }), /.+/),
  );
  yield check('works in a worker thread, which ends', () => inWorker(file));
}

interface LibraryFunctions {
  readonly [name: string]: { readonly kind: string; readonly whyNot?: string };
}

/** Most functions that libcudf may not be able to do. */
const MOST_REFUSED = 0.1;

function functionTable(functions: LibraryFunctions): Outcome {
  const wanted = Object.keys(FUNCTIONS);
  const missing = wanted.filter((name) => !(name in functions));
  const unknown = Object.keys(functions).filter((name) => !(name in FUNCTIONS));
  if (missing.length + unknown.length > 0)
    return failed(`missing: ${missing.join(', ') || 'none'}; unknown: ${unknown.join(', ') || 'none'}`);
  const refused = wanted.filter((name) => functions[name]?.whyNot !== undefined);
  const note = `${wanted.length - refused.length} of ${wanted.length} functions${refused.length === 0 ? '' : `; not ${refused.join(', ')}`}`;
  return refused.length <= wanted.length * MOST_REFUSED ? passed(note) : failed(note);
}

export async function* addonChecks(): AsyncGenerator<Check> {
  const found = await addonWithDevice();
  if (!('gpu' in found)) {
    yield { group: ADDON, name: 'all', run: () => notRun(found.reason) };
    return;
  }
  yield* alone(found.gpu.addon, found.gpu.path, found.device);
  const { engine, reason } = await inspectGpu();
  if (engine === null) {
    yield { group: LIBRARY, name: 'all', run: () => notRun(reason ?? 'there is no engine library') };
    return;
  }
  const check = (name: string, run: Check['run']): Check => ({ group: LIBRARY, name, run });
  yield check('opens', () => passed(`${engine.description.library} ${engine.description.version}`));
  yield check('says as the addon does whether it is a GPU', () => {
    const host = engine.description.host === true;
    return host === engine.device.host ? PASSED : failed(`host: ${host}; of the addon: ${engine.device.host}`);
  });
  yield check('has the functions of the registry', () => functionTable(engine.description.functions ?? {}));
}
