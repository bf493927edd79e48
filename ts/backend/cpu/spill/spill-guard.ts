// Folders of spilled rows are removed however the process ends, as far as it is told: at its exit, after an uncaught error
// too, and at signals that end it. What a kill leaves, the next query that spills removes.
import { removeFolder } from './spill-folder.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const folders = new Set<string>();

function removeAll(): void {
  for (const folder of folders) removeFolder(folder);
}

/** Others may listen too and go on; if nobody does, the signal does what it does by default. */
function onSignal(signal: NodeJS.Signals): void {
  removeAll();
  release();
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}

function release(): void {
  process.off('exit', removeAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

/** Guards a folder until the function that is returned is called, which removes it if it is still there. */
export function guardFolder(folder: string): () => void {
  if (folders.size === 0) {
    process.on('exit', removeAll);
    for (const signal of SIGNALS) process.on(signal, onSignal);
  }
  folders.add(folder);
  return () => {
    removeFolder(folder);
    folders.delete(folder);
    if (folders.size === 0) release();
  };
}
