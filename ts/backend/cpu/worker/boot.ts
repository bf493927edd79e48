// How an engine thread starts: its program arrives as texts, compiled here, because that is twice as fast as the loader
// takes them from `data:` URLs, and because what few queries need can wait until it is asked for. They come in a message,
// and so do the kernels: Node starts the thread meanwhile.
import type { KernelBytes } from '../kernels.ts';

/** The program of an engine thread: CommonJS texts by id. `./core.js` starts it; ids that begin with `late:` wait. */
export type Program = Readonly<Record<string, string>>;

/** The first message of a thread. */
export interface ThreadStart {
  readonly program: Program;
  /** All kernels; the program finds them in `workerData`. */
  readonly wasm: KernelBytes;
}

/** What a thread runs; its first message is a {@link ThreadStart}. */
export const BOOT = `
const vm = require('node:vm');
const { parentPort, workerData } = require('node:worker_threads');
let program;
const loaded = new Map();
const load = (id) => {
  if (!(id in program)) return require(id);
  if (!loaded.has(id)) {
    const exports = {};
    loaded.set(id, exports);
    new vm.Script('(function (exports, require) {' + program[id] + '\\n})', { filename: 'warpframe-engine/' + id })
      .runInThisContext()(exports, take);
  }
  return loaded.get(id);
};
// Looked into at first use.
const late = (id) => new Proxy({}, { get: (_, name) => load(id)[name] });
const isLate = (id) => id.startsWith('late:') || id === 'node:zlib' || id === 'node:crypto';
const take = (id) => (isLate(id) ? late(id) : load(id));
parentPort.once('message', (start) => {
  program = start.program;
  workerData.wasm = start.wasm;
  load('./core.js').start();
});
`;
