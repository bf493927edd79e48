// warpframe info: which engines there are here, and why or why not.
import { backendInfos } from '../../runner/runner.ts';
import type { Command } from '../main.ts';

export const info: Command = {
  summary: 'prints the engines of this machine, with reasons',
  usage: 'warpframe info',
  async run() {
    const lines = (await backendInfos()).map(
      (b) => `${b.name.padEnd(6)} ${b.available ? 'available' : 'not available'}: ${b.reason}`,
    );
    return `${lines.join('\n')}\n`;
  },
};
