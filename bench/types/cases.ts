// Programs whose cost for the type checker is measured: what users write, at sizes where types begin to hurt.

/** Columns of the given count, of six dtypes in turn. */
function columns(count: number, prefix = 'c'): string {
  const types = ['Int64', 'Int32', 'Float64', 'nullable(Utf8)', 'Datetime', 'nullable(Float64)'];
  return Array.from({ length: count }, (_, i) => `${prefix}${i}: ${types[i % types.length]}`).join(', ');
}

const IMPORTS = `import { Datetime, Float64, Int32, Int64, len, nullable, readParquet, Utf8 } from 'warpframe';\n`;
const USED = 'void [Datetime, Float64, Int32, Int64, len, nullable, Utf8];\n';

/** Importing and using nothing: what every other case pays too. */
export const empty = (): string => `${IMPORTS}${USED}void readParquet;\n`;

/** 30 columns and a chain of `steps` withColumns, each reading the one before. */
export function chain(steps: number): string {
  const calls = Array.from(
    { length: steps },
    (_, i) => `  .withColumns({ n${i}: (c) => c.${i === 0 ? 'c2' : `n${i - 1}`}.mul(c.c1).add(${i}) })`,
  );
  return [
    `${IMPORTS}export const df = await readParquet('x', { schema: { ${columns(30)} } });`,
    `export const out = df\n${calls.join('\n')};`,
    `export const last = out.filter((c) => c.n${steps - 1}.gt(1).and(c.c3.isNull()));\n${USED}`,
  ].join('\n');
}

/** Eight tables of sixteen columns joined, three kinds of join, a suffix each. */
export function joins(): string {
  const tables = Array.from(
    { length: 8 },
    (_, k) =>
      `export const t${k} = await readParquet('t', { schema: { k0: Int64, ${k > 0 ? `k${k}: Int64, ` : ''}${columns(14, `t${k}_`)}, shared: Utf8 } });`,
  );
  const calls = Array.from(
    { length: 7 },
    (_, k) => `  .join(t${k + 1}, { on: 'k0', how: '${['inner', 'left', 'full'][k % 3]}', suffix: '_${k + 1}' })`,
  );
  return `${IMPORTS}${tables.join('\n')}\nexport const j = t0\n${calls.join('\n')};\nexport const z = j.filter((c) => c.t7_1.gt(1).and(c.shared_3.eq('x'))).select('t0_0', 'shared_7', 't5_3');\n${USED}`;
}

/** 200 columns: derived, filtered, twenty aggregates, dropped, renamed, rows read. */
export function wide(): string {
  const sums = Array.from({ length: 20 }, (_, i) => `s${i}: (c) => c.c${i * 6 + 2}.sum()`).join(', ');
  return [
    `${IMPORTS}export const w = await readParquet('w', { schema: { ${columns(200)} } });`,
    `export const r = w.withColumns({ a: (c) => c.c2.mul(c.c8) }).filter((c) => c.a.gt(1)).groupBy('c3', 'c9').agg({ ${sums}, n: len() }).sort('s1');`,
    `export const k = w.drop('c1', 'c2').rename({ c3: 'city', c5: 'five' }).select('city', 'five', 'c199');`,
    `export const rows = (await w.dropNulls().collect()).toRecords();`,
    `export const first: string = rows[0]!.c3;\n${USED}`,
  ].join('\n');
}
