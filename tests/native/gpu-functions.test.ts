// How much of the registry libcudf cannot run: every call that random plans draw is asked for, none is run. Over the host's
// stand-in for libcudf, which is not a GPU: the answers are the executor's.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect } from 'vitest';
import type { Backend } from '../../ts/backend/backend.ts';
import { FUNCTIONS, type FunctionName } from '../../ts/expr/functions.ts';
import type { CallNode, ExprNode } from '../../ts/expr/nodes.ts';
import { DataFrame } from '../../ts/index.ts';
import { aggregateNode, tableNode } from '../../ts/plan/build.ts';
import type { PlanNode } from '../../ts/plan/nodes.ts';
import { expressionsOf, walkPlan } from '../../ts/plan/walk.ts';
import { drawFrom } from '../differential/draw.ts';
import { makeFrame, type RandomFrame } from '../differential/frames.ts';
import { randomPlan } from '../differential/random-plan.ts';
import { onBackends, TEST_BACKENDS } from '../support/backends.ts';
import { projection } from '../support/device-cases.ts';

const PLANS = 800;
const folder = mkdtempSync(path.join(tmpdir(), 'warpframe-functions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every call within an expression. */
function callsOf(e: unknown, into: CallNode[]): CallNode[] {
  if (typeof e !== 'object' || e === null) return into;
  if ((e as ExprNode).node === 'call') into.push(e as CallNode);
  for (const inner of Object.values(e)) callsOf(inner, into);
  return into;
}

/** A plan of nothing but this call, over columns in place of what it is called with. */
function planOf(call: CallNode): PlanNode {
  const args = call.args.map(
    (a, i): ExprNode => (a.node === 'lit' ? a : { node: 'col', name: `c${i}`, type: a.type, nullable: true }),
  );
  const schema = args.flatMap((a) => (a.node === 'col' ? [{ name: a.name, type: a.type, nullable: true }] : []));
  const table = tableNode(0, 0, schema.length > 0 ? schema : [{ name: 'c', type: { dtype: 'Int8' }, nullable: true }]);
  const own: CallNode = { ...call, args };
  const { kind } = FUNCTIONS[call.fn as FunctionName];
  if (kind === 'agg') return aggregateNode(table, [], [{ name: 'x', expr: own }], false);
  const over = { node: 'over', expr: own, partitionBy: [], orderBy: [], type: own.type, nullable: true } as const;
  return projection(table, [kind === 'window' ? over : own]);
}

interface Count {
  calls: number;
  refused: number;
  readonly reasons: Set<string>;
}

async function countsOf(backend: Backend): Promise<Map<string, Count>> {
  const draw = drawFrom(5);
  const frames: RandomFrame[] = [];
  for (let i = 0; i < 10; i++) frames.push(await makeFrame(draw, `v${i}`, folder, false));
  const counts = new Map<string, Count>();
  const seen = new Set<string>();
  for (let i = 0; i < PLANS; i++) {
    const { df } = randomPlan(drawFrom(700_000 + i), frames, 0);
    walkPlan(DataFrame.planOf(df), (node) => {
      for (const call of callsOf(expressionsOf(node), [])) {
        const plan = planOf(call);
        const key = JSON.stringify(plan, (_, v) => (typeof v === 'bigint' ? `${v}n` : v));
        if (seen.has(key)) continue;
        seen.add(key);
        const count = counts.get(call.fn) ?? { calls: 0, refused: 0, reasons: new Set() };
        counts.set(call.fn, count);
        const reason = backend.whyNot(plan);
        count.calls++;
        if (reason === null) continue;
        count.refused++;
        count.reasons.add(reason.replace(/^.*?: /, ''));
      }
    });
  }
  return counts;
}

onBackends(
  (backend, test) => {
    test('at most one function in ten is refused, and each sentence names libcudf', async () => {
      const { loadBackend } = await import('../../ts/backend/registry.ts');
      const { cpuHost } = await import('../../ts/runner/cpu-host.ts');
      const loaded = await loadBackend('cuda', cpuHost);
      if (!('backend' in loaded)) throw new Error(loaded.unavailable.reason);
      const counts = await countsOf(loaded.backend);
      const some = [...counts].filter(([, c]) => c.refused > 0);
      const lines = some.map(([fn, c]) => `  ${fn}: ${c.refused} of ${c.calls} calls. ${[...c.reasons][0]}`);
      console.log(`${counts.size} functions drawn; refused at times on ${backend.label}:\n${lines.join('\n')}`);
      for (const [fn, { reasons }] of some)
        for (const reason of reasons) expect([fn, reason]).toEqual([fn, expect.stringContaining('libcudf')]);
      expect(counts.size).toBeGreaterThan(0.9 * Object.keys(FUNCTIONS).length);
      // A function counts as refused where most of its calls are.
      const refused = some.filter(([, c]) => c.refused > c.calls / 2).map(([fn]) => fn);
      expect(refused.length, refused.join()).toBeLessThanOrEqual(counts.size / 10);
    }, 600_000);
  },
  TEST_BACKENDS.filter((b) => b.name === 'sim'),
);
