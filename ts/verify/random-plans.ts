// Random chains of verbs over frames, each step in an order that is known or without one: what follows only asks for what
// semantics promise.
import { len, when } from '../expr/builders.ts';
import { concat } from '../frame/dataframe.ts';
import type { Frame, Frames } from './cases/frames.ts';
import { random } from './cases/samples.ts';

export interface RandomPlan {
  readonly df: Frame;
  /** Whether the rows have a promised order. */
  readonly ordered: boolean;
  /** The verbs, for the report. */
  readonly verbs: readonly string[];
}

interface State extends RandomPlan {
  readonly next: () => number;
}

const NUMBERS = new Set(['Int8', 'Int16', 'Int32', 'UInt8', 'UInt32', 'Float32', 'Float64']);
const SORTABLE = new Set([...NUMBERS, 'Int64', 'Utf8', 'Categorical', 'Date32', 'Datetime', 'Bool']);

const below = ({ next }: State, n: number): number => Math.floor(next() * n);
const pick = <T>(s: State, from: readonly T[]): T | undefined => from[below(s, from.length)];
const columnsOf = ({ df }: State, dtypes: ReadonlySet<string>): string[] =>
  df.columns.filter((name) => dtypes.has(df.schema[name]?.dtype ?? ''));

function condition(s: State): ((c: any) => any) | null {
  const number = pick(s, columnsOf(s, NUMBERS));
  const any = pick(s, s.df.columns);
  if (number === undefined || any === undefined) return null;
  const limit = below(s, 40);
  return [
    (c: any) => c[number].gt(limit),
    (c: any) => c[number].le(limit).or(c[any].isNull()),
    (c: any) => c[any].isNotNull(),
    (c: any) => c[number].ge(0).and(c[number].lt(limit + 100)),
  ][below(s, 4)]!;
}

function computed(s: State): ((c: any) => any) | null {
  const [a, b] = [pick(s, columnsOf(s, NUMBERS)), pick(s, columnsOf(s, NUMBERS))];
  const text = pick(s, columnsOf(s, new Set(['Utf8'])));
  if (a === undefined || b === undefined) return null;
  const all: ((c: any) => any)[] = [
    (c) => c[a].add(c[b]),
    (c) => c[a].mul(2).sub(c[b]),
    (c) => when(c[a].gt(c[b])).then(c[a]).otherwise(c[b]),
    (c) => c[a].fillNull(1).abs(),
    (c) => c[a].div(c[b].abs().add(1)),
    (c) => c[a].lt(c[b]),
    ...(text === undefined
      ? []
      : [
          (c: any) => c[text].str.lenChars(),
          (c: any) => c[text].str.toUpperCase(),
          (c: any) => c[text].str.slice(0, 2),
        ]),
    ...(s.ordered ? [(c: any) => c[a].shift(1), (c: any) => c[a].rank(), (c: any) => c[a].sum().over([])] : []),
  ];
  return all[below(s, all.length)]!;
}

type Verb = (s: State, frames: Frames) => RandomPlan | null;
const then = (s: State, verb: string, df: Frame, ordered = s.ordered): RandomPlan => ({
  df,
  ordered,
  verbs: [...s.verbs, verb],
});

const VERBS: readonly Verb[] = [
  (s) => {
    const where = condition(s);
    return where && then(s, 'filter', s.df.filter(where));
  },
  (s) => {
    const value = computed(s);
    return value && then(s, 'withColumns', s.df.withColumns({ [`v${below(s, 4)}`]: value } as never));
  },
  (s) => {
    const kept = s.df.columns.filter(() => s.next() < 0.7);
    return kept.length === 0 ? null : then(s, 'select', s.df.select(...(kept as never[])));
  },
  (s) => {
    const by = columnsOf(s, SORTABLE).filter(() => s.next() < 0.4);
    if (by.length === 0) return null;
    const keys = by.map((name) => ({ by: name, descending: s.next() < 0.5 }));
    // A sort is stable: what had an order has one.
    return then(s, 'sort', s.df.sort(...(keys as never[])));
  },
  (s) => (s.ordered ? then(s, 'head', s.df.head(below(s, 60))) : null),
  (s) => (s.ordered ? then(s, 'slice', s.df.slice(below(s, 9), below(s, 90))) : null),
  (s) => (s.ordered ? then(s, 'tail', s.df.tail(below(s, 40))) : null),
  (s) => (s.ordered && s.df.schema['row'] === undefined ? then(s, 'withRowIndex', s.df.withRowIndex('row')) : null),
  (s) => {
    const subset = columnsOf(s, SORTABLE).filter(() => s.next() < 0.3);
    // Which of the rows stays is known only in an order.
    if (subset.length === 0 || !s.ordered) return null;
    const maintainOrder = s.next() < 0.5;
    return then(s, 'unique', s.df.unique({ subset, keep: 'first', maintainOrder } as never), maintainOrder);
  },
  (s) => then(s, 'dropNulls', s.df.dropNulls()),
  (s) => {
    const key = pick(s, columnsOf(s, SORTABLE));
    const [value, other] = [pick(s, columnsOf(s, NUMBERS)), pick(s, s.df.columns)];
    if (key === undefined || value === undefined || other === undefined) return null;
    const at = s.verbs.length;
    const agg = {
      [`rows${at}`]: len(),
      [`total${at}`]: (c: any) => c[value].sum(),
      [`least${at}`]: (c: any) => c[value].min(),
      [`some${at}`]: (c: any) => c[other].count(),
      [`mean${at}`]: (c: any) => c[value].mean(),
    };
    return then(s, 'groupBy', s.df.groupBy(key as never).agg(agg as never), false);
  },
  (s, frames) => {
    if (s.df.schema['key']?.dtype !== 'Int32' || s.df.schema['weight'] !== undefined) return null;
    const how = (['inner', 'left', 'semi', 'anti', 'full'] as const)[below(s, 5)]!;
    return then(
      s,
      `join ${how}`,
      s.df.join(frames.keys, { on: 'key', how, suffix: `_${s.verbs.length}` } as never),
      false,
    );
  },
  (s) => then(s, 'concat', concat([s.df, s.df])),
];

/** A name that is taken, or a dtype that does not fit, is found when the plan is made: another verb will do. */
const UNFIT = new Set(['ERR_DTYPE', 'ERR_DUPLICATE_COLUMN', 'ERR_SCHEMA_MISMATCH']);

function stepped(verb: Verb, s: State, frames: Frames): RandomPlan {
  try {
    return verb(s, frames) ?? s;
  } catch (error) {
    if (!UNFIT.has((error as { code?: string }).code ?? '')) throw error;
    return s;
  }
}

const MOST_VERBS = 5;

/** The plan of a seed. */
export function randomPlan(seed: number, frames: Frames): RandomPlan {
  const next = random(seed);
  const base = next() < 0.85 ? frames.facts : frames.odd;
  let plan: RandomPlan = { df: base, ordered: true, verbs: [base === frames.facts ? 'facts' : 'odd'] };
  const verbs = 1 + Math.floor(next() * MOST_VERBS);
  for (let i = 0; i < verbs; i++) plan = stepped(VERBS[Math.floor(next() * VERBS.length)]!, { ...plan, next }, frames);
  return plan;
}
