// Random chains of verbs over scans: for checks that hold for every plan.
import { concat, type DataFrame, len, lit, when } from '../../ts/index.ts';
import { Bool, Datetime, Float64, Int32, Int64, nullable, Utf8 } from '../../ts/schema/dtypes.ts';
import { uniform } from '../../ts/util/philox.ts';
import { scanOf } from './plans.ts';

type Frame = DataFrame<any>;

/** A chain of `verbs` random verbs, the same for the same seed. */
export function randomFrame(seed: number, verbs: number): Frame {
  let draws = 0;
  const below = (n: number): number => Math.floor(uniform(seed, draws++) * n);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const base = (): Frame =>
    below(2) === 0
      ? scanOf(
          'sales',
          { id: Int64, city: nullable(Utf8), price: Float64, qty: Int32, ok: nullable(Bool), at: Datetime },
          5000,
        )
      : scanOf('cities', { id: Int64, city: Utf8, price: nullable(Float64), country: Utf8 }, 50);
  const namesOf = (frame: Frame, ...dtypes: string[]): string[] =>
    frame.columns.filter((n) => dtypes.includes(frame.schema[n]?.dtype as string));

  const condition = (frame: Frame) => (c: any) => {
    const numbers = namesOf(frame, 'Float64', 'Int32', 'UInt32');
    const texts = namesOf(frame, 'Utf8');
    const parts = [
      ...numbers.map((n) => () => c[n].gt(below(10))),
      ...texts.map((n) => () => c[n].eq(pick(['Oslo', 'Rome']))),
      ...frame.columns.map((n) => () => c[n].isNotNull()),
      () => lit(below(2) === 0),
    ];
    const one = pick(parts)();
    return below(2) === 0 ? one : pick(['and', 'or']) === 'and' ? one.and(pick(parts)()) : one.or(pick(parts)());
  };
  const number = (frame: Frame) => (c: any) => {
    const numbers = namesOf(frame, 'Float64', 'Int32');
    if (numbers.length === 0) return lit(below(5));
    const x = c[pick(numbers)];
    const y = c[pick(numbers)];
    return pick([
      () => x.mul(y).add(x),
      () => x.add(1),
      () => when(x.gt(y)).then(x).otherwise(y),
      () => x.sub(x.mean()),
      () => x.rank().over([]),
      () => x.mul(y).add(x).sqrt(),
    ])();
  };
  const step = (frame: Frame): Frame => {
    const columns = frame.columns;
    const numbers = namesOf(frame, 'Float64', 'Int32', 'Int64', 'UInt32');
    const some = (): string[] => {
      const kept = columns.filter(() => below(3) > 0);
      return kept.length === 0 ? [pick(columns)] : kept;
    };
    const verbs: (() => Frame)[] = [
      () => frame.filter(condition(frame)),
      () => frame.filter(condition(frame)),
      () => frame.select(...some()),
      () => frame.withColumns({ [pick(['a', 'b', columns[0] as string])]: number(frame) }),
      () => frame.select(...columns.slice(0, 2), { x: number(frame), y: number(frame) }),
      () => frame.sort({ by: pick(columns), descending: below(2) === 0 }),
      () => frame.head(below(20)),
      () => frame.slice(below(5), below(20)),
      () => frame.tail(below(20)),
      () => frame.unique({ subset: some() }),
      () => frame.dropNulls(),
      () => frame.rename({ [columns[0] as string]: `${columns[0]}_new` }),
      () => frame.withRowIndex(`index${below(1000)}`),
      () => frame.sample({ n: below(10), randomState: below(100) }),
      () => frame.valueCounts(pick(columns)).rename({ count: `count${below(1000)}` }),
      () => frame.nullCount(),
      () => concat([frame, frame.filter(condition(frame))]),
      () => concat([frame, base().select('id')], { how: 'diagonal' }),
      () =>
        frame
          .groupBy(pick(columns))
          .agg({ n: len(), ...(numbers.length > 0 ? { s: (c: any) => c[pick(numbers)].sum() } : {}) }),
      () => {
        const other = base();
        const shared = columns.filter(
          (n) => other.schema[n] !== undefined && other.schema[n]?.dtype === frame.schema[n]?.dtype,
        );
        if (shared.length === 0) return frame;
        const how = pick(['inner', 'left', 'right', 'full', 'semi', 'anti'] as const);
        return frame.join(other, { on: [pick(shared)], how, suffix: `_${below(100000)}` });
      },
    ];
    return pick(verbs)();
  };
  let frame = base();
  for (let i = 0; i < verbs; i++) {
    try {
      frame = step(frame);
    } catch (error) {
      // A name that is taken, or taken by another dtype: another verb will do.
      const { code } = error as { code?: string };
      if (code !== 'ERR_DUPLICATE_COLUMN' && code !== 'ERR_SCHEMA_MISMATCH') throw error;
    }
  }
  return frame;
}
