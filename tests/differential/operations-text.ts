// Strings, nested values, hashes.
import type { LogicalType } from '../../ts/schema/types.ts';
import type { Excluded, Gen, Operation } from './operations.ts';
import { call, handMade, isFlat, isText, q, type Typed } from './typed.ts';

const text = (fn: Operation['fn'], make: (g: Gen, a: Typed) => Typed | null): Operation => ({
  fn,
  draw(g) {
    const a = g.value(isText);
    return a === null ? null : make(g, a);
  },
});
const PIECES = ['a', 'b', 'o', 'ab', '-', ' ', ',', 'Rome', 'ï', '日本', '🙂', 'w1', 'twelve', 'x'];

/** Another text, or a piece. */
function piece(g: Gen, empty = true): { arg: unknown; sql: string } {
  const b = g.scope.draw.chance(0.4) ? g.value(isText) : null;
  if (b !== null) return { arg: b, sql: b.sql };
  const s = g.scope.draw.pick(empty ? [...PIECES, ''] : PIECES);
  return { arg: s, sql: q(s) };
}
const test = (fn: 'contains' | 'startsWith' | 'endsWith', sql: string): Operation =>
  text(fn, (g, a) => {
    const b = piece(g);
    return call(g.scope, a, `str.${fn}`, [b.arg], `${sql}(${a.sql}, ${b.sql})`);
  });

/** Patterns whose groups take part in every match. */
const PATTERNS = [
  /[aeiou]+/,
  /^\s+/,
  /(\d+)$/,
  /([a-z])([a-z])/i,
  /o|e/g,
  /\w+/,
  /[^\x20-\x7e]+/,
  /a.b/s,
  /^$/,
  /(\w)-(\w)/,
  /\bw(\d)/,
  /[A-Z][a-z]*/,
  /日(.)/,
  /\s/,
  /-?\d+(?:\.\d+)?/,
];
const flagsOf = (p: RegExp): string => q([...p.flags].filter((f) => f !== 'g').join(''));
const sqlPattern = (p: RegExp): string => q(p.source.replaceAll('\\s', '[\\s]'));
const groups = (p: RegExp): number => (new RegExp(`${p.source}|`).exec('')?.length ?? 1) - 1;

const slice = (a: Typed, offset: number, length: number | undefined): string => {
  const n = `length(${a.sql})`;
  const start = offset >= 0 ? String(offset) : `(${n} + (${offset}))`;
  const end = length === undefined ? n : `(${start} + ${length})`;
  return `substr(${a.sql}, greatest(${start}, 0)::BIGINT + 1, greatest(greatest(${end}, 0) - greatest(${start}, 0), 0)::BIGINT)`;
};
const SPACES = `' ' || chr(9) || chr(10) || chr(13)`;
const trim = (fn: 'trim' | 'trimStart' | 'trimEnd', sql: string): Operation =>
  text(fn, (g, a) => {
    const chars = g.scope.draw.pick([undefined, undefined, ' ', '-', 'ab', '日e', '0w', '🙂a']);
    return call(
      g.scope,
      a,
      `str.${fn}`,
      chars === undefined ? [] : [chars],
      `${sql}(${a.sql}, ${chars === undefined ? SPACES : q(chars)})`,
    );
  });
const pad = (fn: 'padStart' | 'padEnd', sql: string): Operation =>
  text(fn, (g, a) => {
    const length = g.scope.draw.pick([0, 1, 4, 12, 13, 20]);
    const fill = g.scope.draw.pick([undefined, '.', '日', '🙂']);
    return call(
      g.scope,
      a,
      `str.${fn}`,
      fill === undefined ? [length] : [length, fill],
      `(CASE WHEN length(${a.sql}) >= ${length} THEN ${a.sql} ELSE ${sql}(${a.sql}, ${length}, ${q(fill ?? ' ')}) END)`,
    );
  });

const utf8List = (t: LogicalType): boolean => t.dtype === 'List';

export const TEXT_OPERATIONS: readonly (Operation | Excluded)[] = [
  test('contains', 'contains'),
  test('startsWith', 'starts_with'),
  test('endsWith', 'ends_with'),
  text('matches', (g, a) => {
    const p = g.scope.draw.pick(PATTERNS);
    return call(g.scope, a, 'str.contains', [p], `regexp_matches(${a.sql}, ${sqlPattern(p)}, ${flagsOf(p)})`);
  }),
  text('extract', (g, a) => {
    const p = g.scope.draw.pick(PATTERNS);
    const group = g.scope.draw.int(0, groups(p));
    return call(
      g.scope,
      a,
      'str.extract',
      [p, group],
      `(CASE WHEN regexp_matches(${a.sql}, ${sqlPattern(p)}, ${flagsOf(p)}) THEN regexp_extract(${a.sql}, ${sqlPattern(p)}, ${group}, ${flagsOf(p)}) END)`,
    );
  }),
  text('replaceText', (g, a) => {
    const [from, to] = [g.scope.draw.pick(PIECES), g.scope.draw.pick([...PIECES, '', '$1', '\\1'])];
    if (g.scope.draw.chance(0.5))
      return call(g.scope, a, 'str.replaceAll', [from, to], `replace(${a.sql}, ${q(from)}, ${q(to)})`);
    const at = `strpos(${a.sql}, ${q(from)})`;
    return call(
      g.scope,
      a,
      'str.replace',
      [from, to],
      `(CASE WHEN ${at} = 0 THEN ${a.sql} ELSE substr(${a.sql}, 1, ${at} - 1) || ${q(to)} || substr(${a.sql}, ${at} + ${[...from].length}) END)`,
    );
  }),
  text('replaceRegex', (g, a) => {
    const p = g.scope.draw.pick(PATTERNS.filter((x) => !['^$'].includes(x.source)));
    const [ours, theirs] = g.scope.draw.pick([
      ['_', '_'],
      ['', ''],
      ['<$&>', '<\\0>'],
      ['$$', '$'],
      ...(groups(p) > 0 ? [['[$1]', '[\\1]'] as const] : []),
    ] as const);
    const all = g.scope.draw.chance(0.5);
    const global = all || p.flags.includes('g') ? 'g' : '';
    return call(
      g.scope,
      a,
      all ? 'str.replaceAll' : 'str.replace',
      [p, ours],
      `regexp_replace(${a.sql}, ${sqlPattern(p)}, ${q(theirs)}, ${flagsOf(p)} || '${global}')`,
    );
  }),
  text('toUpperCase', (g, a) => call(g.scope, a, 'str.toUpperCase', [], `replace(upper(${a.sql}), 'ẞ', 'ß')`)),
  text('toLowerCase', (g, a) => call(g.scope, a, 'str.toLowerCase', [], `lower(${a.sql})`)),
  text('lenChars', (g, a) => call(g.scope, a, 'str.lenChars', [], `length(${a.sql})`)),
  text('lenBytes', (g, a) => call(g.scope, a, 'str.lenBytes', [], `strlen(${a.sql})`)),
  trim('trim', 'trim'),
  trim('trimStart', 'ltrim'),
  trim('trimEnd', 'rtrim'),
  text('slice', (g, a) => {
    const offset = g.scope.draw.int(-6, 8);
    const length = g.scope.draw.pick([undefined, 0, 1, 3, 20]);
    return call(g.scope, a, 'str.slice', length === undefined ? [offset] : [offset, length], slice(a, offset, length));
  }),
  pad('padStart', 'lpad'),
  pad('padEnd', 'rpad'),
  text('zfill', (g, a) => {
    const n = g.scope.draw.pick([0, 1, 3, 6, 14]);
    return call(
      g.scope,
      a,
      'str.zfill',
      [n],
      `(CASE WHEN length(${a.sql}) >= ${n} THEN ${a.sql} WHEN substr(${a.sql}, 1, 1) IN ('+', '-') THEN substr(${a.sql}, 1, 1) || lpad(substr(${a.sql}, 2), ${n} - 1, '0') ELSE lpad(${a.sql}, ${n}, '0') END)`,
    );
  }),
  text('concat', (g, a) => {
    const [b, c] = [piece(g), piece(g)];
    return call(g.scope, a, 'str.concat', [b.arg, c.arg], `(${a.sql} || ${b.sql} || ${c.sql})`);
  }),
  text('split', (g, a) => {
    const by = g.scope.draw.pick([',', '-', ' ', 'o', 'ab', '日']);
    return call(
      g.scope,
      a,
      'str.split',
      [by],
      `(CASE WHEN (${a.sql}) IS NULL THEN NULL ELSE string_split(${a.sql}, ${q(by)}) END)`,
    );
  }),
  {
    fn: 'listLen',
    draw(g) {
      const a = g.value(utf8List);
      return a === null ? null : call(g.scope, a, 'list.len', [], `len(${a.sql})`);
    },
  },
  {
    fn: 'listGet',
    draw(g) {
      const a = g.value(utf8List);
      const at = g.scope.draw.int(-3, 3);
      return a === null ? null : call(g.scope, a, 'list.get', [at], `(${a.sql})[${at >= 0 ? at + 1 : at}]`);
    },
  },
  {
    fn: 'field',
    draw(g) {
      const a = g.column((t) => t.dtype === 'Struct');
      const name = g.scope.draw.pick(['x', 'y']);
      return a === null ? null : call(g.scope, a, 'struct.field', [name], `(${a.sql}).${name}`);
    },
  },
  {
    // Values of a hash have no other side: equal values must hash alike, and others (nearly surely) not.
    fn: 'hash',
    draw(g) {
      const a = g.value((t) => isFlat(t));
      if (a === null) return null;
      const [x, y] = [a.expr.hash({ seed: 7 }), a.expr.hash({ seed: 7 })];
      const b = g.value((t) => JSON.stringify(t) === JSON.stringify(a.type)) ?? a;
      void y;
      return handMade(
        g.scope,
        x.eq(b.expr.hash({ seed: 7 })),
        `${a.code}.hash({ seed: 7 }).eq(${b.code}.hash({ seed: 7 }))`,
        `((${a.sql}) IS NOT DISTINCT FROM (${b.sql}))`,
      );
    },
  },
];
