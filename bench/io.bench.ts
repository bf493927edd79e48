// Files: reading and writing every format, and three columns of thirty. The data lies in a folder that later runs use
// again. DuckDB has no Arrow IPC without an extension to download, so it is left out there.
import fs from 'node:fs';
import path from 'node:path';
import { type DataFrame, len, readArrow, readCsv, readJsonl, readParquet } from '../ts/index.ts';
import { type Name, type Options, runSuite, type Task } from './harness.ts';
import { loadPolars, openDuckdb, versions } from './incumbents.ts';

type Frame = DataFrame<any>;
type Digest = readonly (number | string | bigint | null)[];

export interface IoOptions extends Options {
  readonly threads: number;
  readonly folder: string;
  readonly sizes: readonly number[];
  /** Tasks whose name contains this. */
  readonly only: string;
}

const WIDE_COLUMNS = 30;
/** JSON takes six times the bytes of Parquet: fewer rows say as much. */
const MOST_JSON_ROWS = 1_000_000;

/** Integers, floats with nulls, dates, and strings of which some have to be quoted. */
const rowsSql = (rows: number): string => `SELECT (hash(i) % 100)::INT AS id1, (hash(i + 7) % 100000)::INT AS id2,
    (hash(i + 3) % 5)::INT AS v1, (hash(i + 1) % 1000000) / 1000000.0::DOUBLE AS v2,
    CASE WHEN hash(i + 2) % 20 = 0 THEN NULL ELSE (hash(i + 5) % 1000)::DOUBLE / 8 END AS v3,
    DATE '2020-01-01' + (hash(i + 6) % 2000)::INT AS day,
    CASE hash(i + 4) % 10 WHEN 0 THEN 'Smith, "Al" ' || (hash(i + 8) % 100) WHEN 1 THEN NULL
      ELSE 'word ' || (hash(i + 4) % 100) END AS name FROM range(${rows}) r(i)`;

const wideSql = (rows: number): string =>
  `SELECT ${Array.from({ length: WIDE_COLUMNS }, (_, c) =>
    c % 3 === 0 ? `(hash(i + ${c}) % 100000)::INT AS c${c}` : `(hash(i + ${c}) % 1000003) / 1000.0::DOUBLE AS c${c}`,
  ).join(', ')} FROM range(${rows}) r(i)`;

const AGGREGATES = 'count(*)::INT, sum(id2)::DOUBLE, sum(v2), sum(v3), max(day)::VARCHAR, max(name), count(name)::INT';

export async function ioSuite(options: IoOptions): Promise<void> {
  const { folder, threads } = options;
  fs.mkdirSync(folder, { recursive: true });
  const duckdb = await openDuckdb();
  await duckdb.run(`SET threads = ${threads}`);
  const polars = options.versus.includes('polars') ? loadPolars() : null;
  const file = (name: string): string => path.join(folder, name);
  const make = async (name: string, write: (to: string) => Promise<unknown>): Promise<string> => {
    const to = file(name);
    if (!fs.existsSync(to)) {
      await write(`${to}.part`);
      fs.renameSync(`${to}.part`, to);
    }
    return to;
  };
  const copy = (sql: string, format: string) => (to: string) => duckdb.run(`COPY (${sql}) TO '${to}' (${format})`);
  const into = (sql: string) => duckdb.run(`CREATE OR REPLACE TEMP TABLE r AS ${sql}`);
  const collect = async (frame: Frame): Promise<void> => (await frame.collect({ threads })).dispose();
  const inDuckdb = async (source: string): Promise<Digest> =>
    (await duckdb.runAndReadAll(`SELECT ${AGGREGATES} FROM ${source}`)).getRowsJson()[0] as Digest;
  const inOurs = async (frame: Frame): Promise<Digest> => {
    const sums = frame.select({
      n: len(),
      id2: (c) => c.id2.sum(),
      v2: (c) => c.v2.sum(),
      v3: (c) => c.v3.sum(),
      day: (c) => c.day.max(),
      name: (c) => c.name.max(),
      names: (c) => c.name.count(),
    });
    const row = (await sums.collect({ threads })).toRecords()[0]!;
    const day = row['day'] instanceof Date ? row['day'].toISOString().slice(0, 10) : String(row['day']);
    return [row['n'], Number(row['id2']), row['v2'], row['v3'], day, row['name'], row['names']];
  };

  const readers = (
    name: string,
    ours: () => Promise<Frame>,
    theirs: (() => unknown) | null,
    source: string | null,
  ): Task => ({
    name,
    contenders: {
      ours: async () => collect(await ours()),
      ...(polars && theirs ? { polars: async () => theirs() } : {}),
      ...(source ? { duckdb: () => into(`SELECT * FROM ${source}`) } : {}),
    },
    answers: {
      ours: async () => inOurs(await ours()),
      ...(source ? { duckdb: () => inDuckdb(source) } : {}),
    },
  });
  /** Each writes a file of its own, which DuckDB reads again for the answer. */
  const writers = (
    name: string,
    extension: string,
    ours: (to: string) => Promise<unknown>,
    theirs: (to: string) => unknown,
    format: string,
    again: (from: string) => string,
  ): Task => {
    const to = (who: Name): string => file(`written-${who}.${extension}`);
    const run: Record<Name, () => Promise<unknown>> = {
      ours: () => ours(to('ours')),
      polars: async () => theirs(to('polars')),
      duckdb: () => duckdb.run(`COPY t TO '${to('duckdb')}' (${format})`),
    };
    const names = (['ours', 'polars', 'duckdb'] as const).filter((n) => n !== 'polars' || polars);
    return {
      name,
      contenders: Object.fromEntries(names.map((n) => [n, run[n]])),
      answers: Object.fromEntries(
        names.map((n) => [
          n,
          async () => {
            await run[n]();
            return inDuckdb(again(to(n)));
          },
        ]),
      ),
    };
  };

  const report = { folder: path.basename(folder), threads: `${threads} each; polars its own` };
  const tasks: (() => Promise<Task>)[] = [];
  const add = (name: string, task: (name: string) => Promise<Task>): void => {
    if (name.includes(options.only)) tasks.push(() => task(name));
  };
  let kept: { readonly rows: number; readonly ours: Frame; readonly theirs: any } | null = null;
  for (const rows of options.sizes) {
    const of = (what: string): string => `${what}, ${rows.toExponential(0)} rows`;
    const sql = rowsSql(rows);
    const parquet = () => make(`rows-${rows}.parquet`, copy(sql, 'FORMAT parquet'));
    /** The rows in memory, on every side. */
    const held = async () => {
      if (kept?.rows === rows) return kept;
      const from = await parquet();
      await duckdb.run(`CREATE OR REPLACE TABLE t AS FROM '${from}'`);
      kept = { rows, ours: await (await readParquet(from)).cache(), theirs: polars?.readParquet(from) };
      return kept;
    };
    add(of('read Parquet'), async (name) => {
      const from = await parquet();
      return readers(name, () => readParquet(from), polars && (() => polars.readParquet(from)), `'${from}'`);
    });
    add(of('write Parquet'), async (name) => {
      const { ours, theirs } = await held();
      return writers(
        name,
        'parquet',
        // what the others take
        (to) => ours.writeParquet(to, { threads, compression: 'snappy' }),
        (to) => theirs.writeParquet(to, { compression: 'snappy' }),
        'FORMAT parquet',
        (f) => `'${f}'`,
      );
    });
    add(of('read CSV, types inferred'), async (name) => {
      const from = await make(`rows-${rows}.csv`, copy(sql, 'FORMAT csv, HEADER'));
      const theirs = polars && (() => polars.readCSV(from, { tryParseDates: true }));
      return readers(name, () => readCsv(from), theirs, `read_csv('${from}')`);
    });
    add(of('write CSV'), async (name) => {
      const { ours, theirs } = await held();
      return writers(
        name,
        'csv',
        (to) => ours.writeCsv(to, { threads }),
        (to) => theirs.writeCSV(to),
        'FORMAT csv, HEADER',
        (f) => `read_csv('${f}')`,
      );
    });
    add(of('read Arrow IPC'), async (name) => {
      const from = await make(`rows-${rows}.arrow`, async (to) => (await readParquet(await parquet())).writeArrow(to));
      // readIPC of this version takes a path for the bytes of a file
      const theirs = polars && (() => polars.scanIPC(from).collectSync());
      return readers(name, () => readArrow(from), theirs, null);
    });
    if (rows <= MOST_JSON_ROWS) {
      add(of('read JSON Lines'), async (name) => {
        const from = await make(`rows-${rows}.jsonl`, copy(sql, 'FORMAT json'));
        const theirs = polars && (() => polars.scanJson(from).collectSync());
        return readers(name, () => readJsonl(from), theirs, `read_json('${from}', format = 'newline_delimited')`);
      });
      add(of('write JSON Lines'), async (name) => {
        const { ours, theirs } = await held();
        return writers(
          name,
          'jsonl',
          (to) => ours.writeJsonl(to, { threads }),
          (to) => theirs.writeJSON(to, { format: 'lines' }),
          'FORMAT json',
          (f) => `read_json('${f}', format = 'newline_delimited')`,
        );
      });
      const wide = () => make(`wide-${rows}.parquet`, copy(wideSql(rows), 'FORMAT parquet'));
      const columns = ['c1', 'c9', 'c20'] as const;
      add(of('read all of 30 columns'), async (name) => {
        const from = await wide();
        return {
          name,
          contenders: {
            ours: async () => collect(await readParquet(from)),
            ...(polars ? { polars: async () => polars.readParquet(from) } : {}),
            duckdb: () => into(`SELECT * FROM '${from}'`),
          },
        };
      });
      add(of('read 3 of 30 columns'), async (name) => {
        const from = await wide();
        return {
          name,
          contenders: {
            ours: async () => collect(((await readParquet(from)) as Frame).select(...columns)),
            ...(polars ? { polars: async () => polars.readParquet(from, { columns: [...columns] }) } : {}),
            duckdb: () => into(`SELECT ${columns.join(', ')} FROM '${from}'`),
          },
        };
      });
    }
  }
  await runSuite('io', tasks, { ...versions(), ...report }, options);
}
