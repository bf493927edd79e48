// Verbs that move rows: sort, slice, unique, joins, concat and their kin.
import { concat } from '../../ts/index.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import type { Draw } from './draw.ts';
import type { RandomFrame } from './frames.ts';
import { type Gen, literalFor } from './operations.ts';
import { filter, next, nullCount, order, type State, startOf, type Verb } from './plans.ts';
import { id, isBool, isFlat, isNested, keySql, type Typed } from './typed.ts';

const nameOf = (c: Typed): string => c.sql.slice(1, -1);
const quoted = (names: readonly string[]): string => names.map((n) => JSON.stringify(n)).join(', ');
const listed = (names: readonly string[]): string => names.map(id).join(', ');
const flatOf = (s: State): Typed[] => s.columns.filter((c) => isFlat(c.type) && c.exact);

/** One order for all rows: rows that tie on every column are equal anyway. */
export const sort: Verb = (draw, s) => {
  const flat = flatOf(s);
  if (flat.length === 0 || (!s.ordered && s.columns.some((c) => isNested(c.type) || !c.exact))) return null;
  const first = draw.some(flat, draw.pick([1, 1, 2, 3]));
  const keys = [
    ...first.sort(() => draw.next() - 0.5),
    ...(s.ordered ? [] : flat.filter((c) => !first.includes(c))),
  ].map((c) => ({
    name: nameOf(c),
    sql: keySql(c),
    descending: draw.chance(0.4),
    nullsFirst: draw.chance(0.3),
  }));
  const ours = keys.map((k) =>
    k.descending || k.nullsFirst ? { by: k.name, descending: k.descending, nullsFirst: k.nullsFirst } : k.name,
  );
  const by = keys.map((k) => `${k.sql} ${k.descending ? 'DESC' : 'ASC'} NULLS ${k.nullsFirst ? 'FIRST' : 'LAST'}`);
  const sql = `SELECT ${listed(s.df.columns)}, row_number() OVER (ORDER BY ${[...by, ...(s.ordered ? ['__o'] : [])].join(', ')}) AS __o FROM ${s.relation}`;
  return next(s, s.df.sort(...(ours as never[])), `.sort(${ours.map((k) => JSON.stringify(k)).join(', ')})`, sql, {
    ordered: true,
  });
};

const part: Verb = (draw, s) => {
  if (!s.ordered) return null;
  const n = draw.pick([0, 1, 3, 10, 100, 65_536]);
  const offset = draw.pick([0, 1, 5, 63, 64, -1, -4, -100]);
  const [df, code, from, to] = draw.pick([
    [() => s.df.head(n), `.head(${n})`, '0', String(n)],
    [() => s.df.tail(n), `.tail(${n})`, `__n - ${n}`, '__n'],
    [
      () => s.df.slice(offset, n),
      `.slice(${offset}, ${n})`,
      offset < 0 ? `__n + (${offset})` : String(offset),
      offset < 0 ? `__n + (${offset}) + ${n}` : String(offset + n),
    ],
    [() => s.df.slice(offset), `.slice(${offset})`, offset < 0 ? `__n + (${offset})` : String(offset), '__n'],
  ] as const);
  const sql = `SELECT ${listed(s.df.columns)}, __o FROM (SELECT *, row_number() OVER (ORDER BY __o) - 1 AS __i, count(*) OVER () AS __n FROM ${s.relation}) WHERE __i >= ${from} AND __i < ${to}`;
  return next(s, df(), code, sql);
};
const top: Verb = (draw, s) => {
  const flat = flatOf(s);
  if (!s.ordered || flat.length === 0) return null;
  const picked = draw.pick(flat);
  const by = nameOf(picked);
  const key = keySql(picked);
  const k = draw.pick([0, 1, 5, 50, 1000]);
  const [name, way] = draw.pick([
    ['topK', 'DESC'],
    ['bottomK', 'ASC'],
  ] as const);
  const sql = `SELECT ${listed(s.df.columns)}, row_number() OVER (ORDER BY ${key} ${way} NULLS LAST, __o) AS __o FROM ${s.relation} QUALIFY row_number() OVER (ORDER BY ${key} ${way} NULLS LAST, __o) <= ${k}`;
  return next(s, s.df[name](k, { by: by as never }), `.${name}(${k}, { by: '${by}' })`, sql);
};

const unique: Verb = (draw, s) => {
  const flat = flatOf(s);
  if (flat.length === 0) return null;
  const whole = !s.ordered || draw.chance(0.2);
  if (whole && s.columns.some((c) => isNested(c.type) || !c.exact)) return null;
  if (whole)
    return next(s, s.df.unique(), '.unique()', `SELECT DISTINCT ${listed(s.df.columns)} FROM ${s.relation}`, {
      ordered: false,
    });
  const keys = draw.some(flat, draw.int(1, 3));
  const subset = keys.map(nameOf);
  const keep = draw.pick(['first', 'last', 'none'] as const);
  const maintainOrder = draw.chance(0.5);
  const over = `OVER (PARTITION BY ${keys.map(keySql).join(', ')}`;
  const which =
    keep === 'none' ? `count(*) ${over})` : `row_number() ${over} ORDER BY __o ${keep === 'first' ? 'ASC' : 'DESC'})`;
  const options = { subset, keep, maintainOrder };
  return next(
    s,
    s.df.unique(options as never),
    `.unique(${JSON.stringify(options)})`,
    `SELECT ${listed(s.df.columns)}${maintainOrder ? order(s) : ''} FROM ${s.relation} QUALIFY ${which} = 1`,
    { ordered: maintainOrder },
  );
};

const dropNulls: Verb = (draw, s) => {
  const names = draw.some(s.columns, draw.int(1, 3)).map(nameOf);
  return next(
    s,
    s.df.dropNulls(...(names as never[])),
    `.dropNulls(${quoted(names)})`,
    `SELECT * FROM ${s.relation} WHERE ${names.map((n) => `${id(n)} IS NOT NULL`).join(' AND ')}`,
  );
};
const fillNull: Verb = (draw, s) => {
  const gen = { scope: { draw } } as unknown as Gen;
  const filled = draw.some(s.columns, 3).flatMap((c): [string, unknown, string][] => {
    const l = literalFor(gen, c.type);
    return l === null ? [] : [[nameOf(c), l.js, l.sql]];
  });
  if (filled.length === 0) return null;
  const replaced = filled.map(([n, , sql]) => `coalesce(${id(n)}, ${sql}) AS ${id(n)}`);
  return next(
    s,
    s.df.fillNull(Object.fromEntries(filled) as never),
    `.fillNull({ ${filled.map(([n, js]) => `${n}: ${String(js)}`).join(', ')} })`,
    `SELECT * REPLACE (${replaced.join(', ')}) FROM ${s.relation}`,
  );
};

const rename: Verb = (draw, s) => {
  const names = draw.some(s.df.columns, 2).filter((n) => n !== 'r');
  if (names.length === 0) return null;
  const map = Object.fromEntries(names.map((n, i) => [n, `z${s.steps.length}${i}`]));
  const all = s.df.columns.map((n) => (n in map ? `${id(n)} AS ${id(map[n] as string)}` : id(n)));
  return next(
    s,
    s.df.rename(map as never),
    `.rename(${JSON.stringify(map)})`,
    `SELECT ${all.join(', ')}${order(s)} FROM ${s.relation}`,
  );
};
const drop: Verb = (draw, s) => {
  const names = draw.some(s.df.columns, 3).filter((n) => n !== 'r');
  if (names.length === 0 || names.length === s.df.columns.length) return null;
  return next(
    s,
    s.df.drop(...(names as never[])),
    `.drop(${quoted(names)})`,
    `SELECT * EXCLUDE (${listed(names)}) FROM ${s.relation}`,
  );
};
const withRowIndex: Verb = (draw, s) => {
  if (!s.ordered) return null;
  const name = `ix${s.steps.length}`;
  const offset = draw.pick([0, 0, 100]);
  return next(
    s,
    s.df.withRowIndex(name as never, { offset }),
    `.withRowIndex('${name}', { offset: ${offset} })`,
    `SELECT *, row_number() OVER (ORDER BY __o) - 1 + ${offset} AS ${id(name)} FROM ${s.relation}`,
  );
};
const valueCounts: Verb = (draw, s) => {
  const flat = flatOf(s).filter((c) => nameOf(c) !== 'count');
  if (flat.length === 0) return null;
  const names = draw.some(flat, draw.int(1, 2)).map(nameOf);
  const by = `"count" DESC, ${names.map((n) => `${id(n)} ASC NULLS LAST`).join(', ')}`;
  return next(
    s,
    s.df.valueCounts(...(names as never[])),
    `.valueCounts(${quoted(names)})`,
    `SELECT *, row_number() OVER (ORDER BY ${by}) AS __o FROM (SELECT ${listed(names)}, count(*) AS "count" FROM ${s.relation} GROUP BY ${listed(names)})`,
    { ordered: true },
  );
};
/** Every row is drawn: which ones fewer would be has no other side. */
const sample: Verb = (draw, s) => {
  if (!s.ordered) return null;
  const options = draw.chance(0.5) ? { fraction: 1, randomState: 7 } : { n: 1_000_000, randomState: 9 };
  return next(s, s.df.sample(options), `.sample(${JSON.stringify(options)})`, `SELECT * FROM ${s.relation}`);
};

/** Two frames of the same columns below each other, or beside each other. */
const union: Verb = (draw, s) => {
  const how = draw.pick(['vertical', 'diagonal', 'horizontal'] as const);
  const ordered = s.ordered ? ', __o' : '';
  const later = s.ordered ? `, __o + ${10 ** 9 * 3 ** s.steps.length} AS __o` : '';
  if (how === 'horizontal') {
    if (!s.ordered) return null;
    const names = draw.some(s.df.columns, 3);
    const other = Object.fromEntries(names.map((n) => [n, `y${s.steps.length}${n}`]));
    const right = s.df.select(...(names as never[])).rename(other as never);
    const code = `.pipe((f) => concat([f, f.select(${quoted(names)}).rename(${JSON.stringify(other)})], { how: 'horizontal' }))`;
    return next(
      s,
      concat([s.df, right] as never, { how }),
      code,
      `SELECT ${listed(s.df.columns)}, ${names.map((n) => `${id(n)} AS ${id(other[n] as string)}`).join(', ')}, __o FROM ${s.relation}`,
    );
  }
  const lower = filter(draw, s);
  if (lower === null) return null;
  const tail = lower.code.slice(s.code.length).trim();
  const names = how === 'vertical' ? s.df.columns : draw.some(s.df.columns, 4);
  const below = how === 'vertical' ? lower.df : lower.df.select(...(names as never[]));
  const code = `.pipe((f) => concat([f, f${tail}${how === 'vertical' ? '' : `.select(${quoted(names)})`}], { how: '${how}' }))`;
  const sql = `SELECT ${listed(s.df.columns)}${ordered} FROM ${s.relation} UNION ALL BY NAME SELECT ${listed(names)}${later} FROM ${lower.relation}`;
  return next(lower, concat([s.df, below] as never, { how }), '', sql, {
    code: `${s.code}\n  ${code}`,
    columns: s.columns,
    rows: s.rows * 2,
  });
};

const likeKey = (a: LogicalType, b: LogicalType): boolean => JSON.stringify(a) === JSON.stringify(b);
const KEYS = [
  'k',
  'w',
  'p',
  'j32',
  'r',
  'i8',
  'u8',
  'cat',
  's',
  'd',
  'f64',
  'f32',
  'd9',
  'bin',
  'h',
  'us',
  'i64',
  'd28',
];
/** How many pairs a join may make. */
const PAIRS = 150_000;

export const joinWith =
  (frames: readonly RandomFrame[]): Verb =>
  (draw, s) => {
    const right = startOf(draw.pick(frames));
    const how = draw.pick(['inner', 'inner', 'left', 'right', 'full', 'semi', 'anti', 'cross'] as const);
    const rows = [s.rows, right.rows] as const;
    if (how === 'cross' && rows[0] * rows[1] > PAIRS) return null;
    const pairs: [Typed, Typed][] = [];
    if (how !== 'cross') {
      for (const r of draw.some(
        right.columns.filter((c) => KEYS.includes(nameOf(c))),
        6,
      )) {
        const fits = s.columns.filter((l) => likeKey(l.type, r.type) && !pairs.some(([x]) => x === l));
        const same = fits.find((l) => l.sql === r.sql);
        if (fits.length > 0) pairs.push([same !== undefined && draw.chance(0.7) ? same : draw.pick(fits), r]);
      }
    }
    const on = pairs.slice(0, draw.pick([1, 1, 2]));
    if (how !== 'cross' && on.length === 0) return null;
    if (
      how !== 'semi' &&
      how !== 'anti' &&
      how !== 'cross' &&
      rows[0] * rows[1] > PAIRS * 4 &&
      !on.some(([l, r]) => nameOf(l) === 'r' && nameOf(r) === 'r')
    )
      return null;
    // The other side: its keys, and a few columns, some of whose names clash.
    const kept = draw
      .some(
        right.columns.filter((c) => !on.some(([, r]) => r === c)),
        draw.int(0, 4),
      )
      .map(nameOf);
    const rightNames = [...on.map(([, r]) => nameOf(r)), ...kept];
    if (rightNames.length === 0) return null;
    const other = right.df.select(...(rightNames as never[]));
    const nullsEqual = draw.chance(0.25);
    const maintainOrder = s.ordered && draw.chance(0.2);
    const rest = {
      ...(how === 'inner' && draw.chance(0.5) ? {} : { how }),
      ...(nullsEqual && how !== 'cross' ? { nullsEqual } : {}),
      ...(maintainOrder && how !== 'cross' ? { maintainOrder } : {}),
    };
    const sameNames = on.every(([l, r]) => l.sql === r.sql);
    const onOption = sameNames
      ? on.map(([l]) => nameOf(l))
      : Object.fromEntries(on.map(([l, r]) => [nameOf(l), nameOf(r)]));
    const options = how === 'cross' ? rest : { on: onOption, ...rest };
    const code = `.join(${right.code}.select(${quoted(rightNames)}), ${JSON.stringify(options)})`;
    const equal = nullsEqual ? 'IS NOT DISTINCT FROM' : '=';
    const condition = on.map(([l, r]) => `a.${l.sql} ${equal} b.${r.sql}`).join(' AND ');
    const lefts = s.df.columns;
    if (how === 'semi' || how === 'anti') {
      const sql = `SELECT * FROM ${s.relation} a WHERE ${how === 'anti' ? 'NOT ' : ''}EXISTS (SELECT 1 FROM ${right.relation} b WHERE ${condition})`;
      return next(s, s.df.join(other, options as never), code, sql, { ordered: s.ordered && maintainOrder });
    }
    const key = (name: string): string | null => {
      const pair = on.find(([l]) => nameOf(l) === name);
      if (pair === undefined) return null;
      const r = `b.${pair[1].sql}`;
      return how === 'full' ? `coalesce(a.${id(name)}, ${r})` : how === 'right' ? r : `a.${id(name)}`;
    };
    const fromLeft = lefts.map((n) => `${key(n) ?? `a.${id(n)}`} AS ${id(n)}`);
    const fromRight = (how === 'cross' ? rightNames : kept).map(
      (n) => `b.${id(n)} AS ${id(lefts.includes(n) ? `${n}_right` : n)}`,
    );
    if (
      new Set([...lefts, ...kept.map((n) => (lefts.includes(n) ? `${n}_right` : n))]).size <
      lefts.length + kept.length
    )
      return null;
    const join = how === 'cross' ? 'CROSS JOIN' : `${how.toUpperCase()} JOIN`;
    const sql = `SELECT ${[...fromLeft, ...fromRight].join(', ')} FROM ${s.relation} a ${join} ${right.relation} b${how === 'cross' ? '' : ` ON ${condition}`}`;
    const joined = s.df.join(other, options as never);
    const columns = [...s.columns, ...right.columns];
    return next(s, joined, code, sql, {
      ordered: false,
      columns,
      rows: Math.min(PAIRS * 4, Math.max(1, rows[0]) * Math.max(1, rows[1])),
    });
  };

export const ROW_VERBS: readonly Verb[] = [
  sort,
  sort,
  part,
  part,
  top,
  unique,
  unique,
  dropNulls,
  fillNull,
  rename,
  drop,
  withRowIndex,
  valueCounts,
  (_draw, s) => nullCount(s),
  sample,
  union,
  union,
];
export { type Draw, isBool };
