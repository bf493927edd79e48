// Every metric against scikit-learn's values (scripts/fixtures/metrics.py), over arrays, columns and frames.
import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromColumns } from '../../ts/frame/create.ts';
import { DataFrame } from '../../ts/frame/dataframe.ts';
import { metrics } from '../support/metrics.ts';

interface Case {
  metric: keyof typeof metrics;
  columns: [string | string[], string | string[]];
  options: Record<string, unknown>;
  weight?: string;
  want: any;
}
type Set = Record<string, unknown[]>;

/** JSON with `{ f: text }` for numbers that JSON lacks. */
const special = (_: string, v: any): unknown =>
  v && typeof v === 'object' && typeof v.f === 'string' && Object.keys(v).length === 1
    ? Number(v.f.replace('inf', 'Infinity'))
    : v;
const goldens: { data: Record<string, Set>; cases: Case[] } = JSON.parse(
  fs.readFileSync('tests/fixtures/ml/metrics.json', 'utf8'),
  special,
);

const column = (ref: string): unknown[] => {
  const [set, name] = ref.split('.') as [string, string];
  return goldens.data[set]![name]!;
};
const nameOf = (ref: string): string => ref.split('.')[1]!;
const setOf = (ref: string | string[]): string => (Array.isArray(ref) ? ref[0]! : ref).split('.')[0]!;
const frames = new Map<string, DataFrame<any>>();
function frameOf(set: string): DataFrame<any> {
  if (!frames.has(set)) frames.set(set, fromColumns(goldens.data[set] as never));
  return frames.get(set)!;
}

function close(got: number, want: number, where: string): void {
  if (Number.isNaN(want) || !Number.isFinite(want)) expect(got, where).toBe(want);
  else if (!(Math.abs(got - want) <= 1e-12 * Math.max(1, Math.abs(want)))) expect(got, where).toBe(want);
}

async function compare(got: any, want: any, where: string): Promise<void> {
  if (typeof want === 'number') return close(got, want, where);
  if (typeof want === 'string' || want === null) return expect(got, where).toBe(want);
  const value = got instanceof DataFrame ? (await got.collect()).toColumns() : got;
  if (Array.isArray(want)) {
    expect(value.length, where).toBe(want.length);
    for (const [i, w] of want.entries()) await compare(value[i], w, `${where}[${i}]`);
    return;
  }
  for (const [key, w] of Object.entries(want)) await compare((value as any)[key], w, `${where}.${key}`);
}

/** The call over arrays: scores of several classes as a list of arrays, features as rows. */
function arrayCall(c: Case): unknown[] {
  const { group, ...rest } = c.options;
  const options = {
    ...rest,
    ...(c.weight ? { sampleWeight: column(c.weight) } : {}),
    ...(group ? { group: column(group as string) } : {}),
  };
  const arrays = c.columns.map((ref) => (Array.isArray(ref) ? ref.map(column) : column(ref)));
  if (c.metric === 'silhouetteScore') {
    const features = arrays[0] as number[][];
    return [features[0]!.map((_, i) => features.map((f) => f[i]!)), arrays[1], options];
  }
  return [...arrays, options];
}

function frameCall(c: Case): unknown[] {
  const { group, ...rest } = c.options;
  const options = {
    ...rest,
    ...(c.weight ? { sampleWeight: nameOf(c.weight) } : {}),
    ...(group ? { group: nameOf(group as string) } : {}),
  };
  const names = c.columns.map((ref) => (Array.isArray(ref) ? ref.map(nameOf) : nameOf(ref)));
  const frame = frameOf(setOf(c.columns[1]));
  if (c.metric === 'silhouetteScore') return [frame, names[1], { ...options, features: names[0] }];
  return [frame, ...names, options];
}

const byMetric = new Map<string, Case[]>();
for (const c of goldens.cases) byMetric.set(c.metric, [...(byMetric.get(c.metric) ?? []), c]);

describe.each([...byMetric])('%s', (metric, cases) => {
  const run = metrics[metric as keyof typeof metrics] as (...args: unknown[]) => Promise<unknown>;
  const where = (c: Case): string => `${metric}(${c.columns}, ${JSON.stringify(c.options)}, ${c.weight})`;

  test(`${cases.length} cases over arrays`, async () => {
    for (const c of cases) await compare(await run(...arrayCall(c)), c.want, where(c));
  });

  test(`${cases.length} cases over frames`, async () => {
    for (const c of cases) await compare(await run(...frameCall(c)), c.want, where(c));
  });
});
