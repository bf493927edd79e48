// Plans for the device bring the tables of the time zones they name: libcudf would read zones from files of the machine,
// which need not be there nor agree with Intl, by which the CPU engine counts.
import type { PlanNode } from '../../plan/nodes.ts';
import { planToJson } from '../../plan/serialize.ts';
import { isUtc, zoneTable } from '../../util/zone-table.ts';

/** What a Datetime in nanoseconds reaches: UTC seconds of the years 1677 and 2262. */
const REACH_SECONDS = 9_223_372_036;

/** A plan as JSON text for the engine library, with an option `zoneTables` in every call that works in a moving zone. */
export function serializeForDevice(plan: PlanNode): string {
  const json = planToJson(plan);
  return JSON.stringify(json, (_key, value: unknown) => {
    const call = value as Record<string, unknown> | null;
    if (call === null || typeof call !== 'object' || call['node'] !== 'call') return value;
    const types = [call['type'], ...(call['args'] as Record<string, unknown>[]).map((arg) => arg['type'])];
    const zones = types.flatMap(movingZone);
    if (zones.length === 0) return value;
    const zoneTables = Object.fromEntries(zones.map((zone) => [zone, tableOf(zone)]));
    return { ...call, options: { ...(call['options'] as object), zoneTables } };
  });
}

function movingZone(type: unknown): string[] {
  const { dtype, zone } = (typeof type === 'object' && type !== null ? type : {}) as { dtype?: string; zone?: string };
  return dtype === 'Datetime' && typeof zone === 'string' && !isUtc(zone) ? [zone] : [];
}

function tableOf(zone: string): object {
  const { fromSeconds, offsetSeconds, minSeconds, maxSeconds } = zoneTable(zone, -REACH_SECONDS, REACH_SECONDS);
  // JSON has no infinity: the first entry's start is null.
  return {
    fromSeconds: fromSeconds.map((at) => (at === -Infinity ? null : at)),
    offsetSeconds,
    minSeconds,
    maxSeconds,
  };
}
