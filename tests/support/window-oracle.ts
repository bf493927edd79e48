// Window functions in plain JavaScript, one partition at a time: the slow, obvious way.
import type { Options } from '../../ts/expr/nodes.ts';
import { uniform } from '../../ts/util/philox.ts';
import { compareValues } from './random-columns.ts';

type Values = readonly unknown[];

const add = (a: unknown, b: unknown): unknown =>
  typeof a === 'bigint' ? a + (b as bigint) : (a as number) + (b as number);
const multiply = (a: unknown, b: unknown): unknown =>
  typeof a === 'bigint' ? a * (b as bigint) : (a as number) * (b as number);

/** The non-null values of each row's window, or null below minPeriods. */
function windows(v: Values, options: Options): (unknown[] | null)[] {
  const rows = options['windowRows'] as number;
  const back = options['center'] ? Math.floor(rows / 2) : rows - 1;
  return v.map((_, i) => {
    const seen = v.slice(Math.max(0, i - back), Math.max(0, i - back + rows)).filter((x) => x !== null);
    return seen.length < (options['minPeriods'] as number) ? null : seen;
  });
}

function scan(v: Values, step: (a: unknown, b: unknown) => unknown): unknown[] {
  let total: unknown = null;
  return v.map((x) => {
    if (x === null) return null;
    total = total === null ? x : step(total, x);
    return total;
  });
}

function fill(v: Values, limit: number | null): unknown[] {
  let last: unknown = null;
  let away = 0;
  return v.map((x) => {
    if (x !== null) {
      last = x;
      away = 0;
      return x;
    }
    away++;
    return limit === null || away <= limit ? last : null;
  });
}

/** The window function over one partition, in window order. */
export function windowOracle(fn: string, args: readonly Values[], options: Options, length: number): unknown[] {
  const v = args[0] ?? new Array<unknown>(length).fill(0);
  const floats = v as (number | null)[];
  switch (fn) {
    case 'cumSum':
      return scan(v, add);
    case 'cumProd':
      return scan(v, multiply);
    case 'cumMin':
      return scan(v, (a, b) => (compareValues(b, a) < 0 ? b : a));
    case 'cumMax':
      return scan(v, (a, b) => (compareValues(b, a) > 0 ? b : a));
    case 'cumCount': {
      let n = 0;
      return v.map((x) => (x === null ? n : ++n));
    }
    case 'shift': {
      const by = options['rows'] as number;
      return v.map((_, i) => (i - by >= 0 && i - by < length ? v[i - by] : args[1] ? args[1][i] : null));
    }
    case 'forwardFill':
      return fill(v, options['limit'] as number | null);
    case 'backwardFill':
      return fill([...v].reverse(), options['limit'] as number | null).reverse();
    case 'rank': {
      const sign = options['descending'] ? -1 : 1;
      const compare = (a: unknown, b: unknown): number => sign * compareValues(a, b);
      const present = v.filter((x) => x !== null);
      const distinct = [...present].sort(compare).filter((x, i, all) => i === 0 || compare(x, all[i - 1]) !== 0);
      return v.map((x, i) => {
        if (x === null) return null;
        const below = present.filter((y) => compare(y, x) < 0).length;
        const same = present.filter((y) => compare(y, x) === 0).length;
        switch (options['method']) {
          case 'min':
            return below + 1;
          case 'max':
            return below + same;
          case 'dense':
            return distinct.findIndex((y) => compare(y, x) === 0) + 1;
          case 'ordinal':
            return below + 1 + v.slice(0, i).filter((y) => y !== null && compare(y, x) === 0).length;
          default:
            return below + (same + 1) / 2;
        }
      });
    }
    case 'rollingSum':
      return windows(v, options).map((w) =>
        w === null ? null : w.length > 0 ? w.reduce(add) : typeof v.find((x) => x !== null) === 'bigint' ? 0n : 0,
      );
    case 'rollingMean':
      return windows(v, options).map((w) =>
        w === null || w.length === 0 ? null : (w.reduce(add) as number) / w.length,
      );
    case 'rollingMin':
      return windows(v, options).map((w) =>
        w === null || w.length === 0 ? null : w.reduce((a, b) => (compareValues(b, a) < 0 ? b : a)),
      );
    case 'rollingMax':
      return windows(v, options).map((w) =>
        w === null || w.length === 0 ? null : w.reduce((a, b) => (compareValues(b, a) > 0 ? b : a)),
      );
    case 'rollingVar':
      return windows(v, options).map((w) => {
        const ddof = options['ddof'] as number;
        if (w === null || w.length < ddof + 1) return null;
        const x = w as number[];
        const mean = x.reduce((a, b) => a + b) / x.length;
        return x.reduce((a, b) => a + (b - mean) ** 2, 0) / (x.length - ddof);
      });
    case 'rollingMedian':
      return windows(v, options).map((w) => {
        if (w === null || w.length === 0) return null;
        const x = (w as number[]).sort(compareValues);
        const high = x[x.length >> 1]!;
        const low = x[(x.length - 1) >> 1]!;
        return low === high ? high : low + (high - low) / 2;
      });
    case 'ewmMean': {
      const keep = 1 - (options['alpha'] as number);
      return floats.map((x, i) => {
        if (x === null) return null;
        let sum = 0;
        let weight = 0;
        for (let k = 0; k <= i; k++)
          if (floats[k] !== null) {
            sum += floats[k]! * keep ** (i - k);
            weight += keep ** (i - k);
          }
        return sum / weight;
      });
    }
    case 'rowIndex':
      return v.map((_, i) => i + (options['offset'] as number));
    case 'random':
      return v.map((_, i) => uniform(options['seed'] as number, i));
    default:
      throw new Error(`no oracle for ${fn}`);
  }
}
