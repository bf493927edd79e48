// The options that rolling windows share.
import type { Options } from '../../../../expr/nodes.ts';

/** Rows that a window reaches back and ahead of its row, and the values it needs. */
export interface WindowReach {
  readonly back: number;
  readonly ahead: number;
  readonly minPeriods: number;
}

/** No reach is longer than the rows there are. */
export function windowReach(options: Options, length: number): WindowReach {
  const rows = options['windowRows'] as number;
  const back = options['center'] === true ? Math.floor(rows / 2) : rows - 1;
  return {
    back: Math.min(back, length),
    ahead: Math.min(rows - 1 - back, length),
    minPeriods: (options['minPeriods'] as number | undefined) ?? rows,
  };
}
