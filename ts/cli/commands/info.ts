// warpframe info: which engines there are here, and why or why not.

import { type XgboostStatus, xgboostStatus } from '../../native/xgboost.ts';
import { backendInfos } from '../../runner/runner.ts';
import type { Command } from '../main.ts';

export const info: Command = {
  summary: 'prints the engines of this machine, with reasons',
  usage: 'warpframe info',
  async run() {
    const lines = (await backendInfos()).map(
      (b) => `${b.name.padEnd(6)} ${b.available ? 'available' : 'not available'}: ${b.reason}`,
    );
    return `${[...lines, xgboostLine(await xgboostStatus())].join('\n')}\n`;
  },
};

/** What trains boosted trees where no engine is named. */
function xgboostLine({ available, version, library, rejected }: XgboostStatus): string {
  if (available) return `xgboost available: libxgboost ${version}, ${library}`;
  return `xgboost not available, boosting runs on the cpu engine: ${rejected.map((r) => `${r.candidate}: ${r.reason}`).join('; ')}`;
}
