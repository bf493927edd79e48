// Little data, where planning and calls are the cost: plan to rows, and rows to a frame.
import { fromColumns, fromRecords } from '../ts/index.ts';
import { type Options, runSuite, type Task } from './harness.ts';
import { loadPolars, openDuckdb, versions } from './incumbents.ts';

const ROWS = 1000;
/** One timing is of so many calls: one alone is shorter than the clock's noise. */
const CALLS = 1000;
const RECORDS = 1_000_000;

/** `run` as often as a timing takes; the median of the suite is of this many calls. */
const repeated = (run: () => Promise<unknown>) => async () => {
  for (let i = 0; i < CALLS; i++) await run();
};

const makeRecords = () =>
  Array.from({ length: RECORDS }, (_, i) => ({
    id: i,
    price: (i % 1000) / 8,
    city: `city ${i % 50}`,
    sold: i % 3 === 0,
  }));

export async function smallSuite(options: Options): Promise<void> {
  const k = Int32Array.from({ length: ROWS }, (_, i) => i % 10);
  const v = Float64Array.from({ length: ROWS }, (_, i) => i * 0.5);
  const w = Float64Array.from({ length: ROWS }, (_, i) => (i * 7) % 13);
  const pl = options.versus.includes('polars') ? loadPolars() : null;
  const duckdb = await openDuckdb();
  await duckdb.run(
    `CREATE TABLE t AS SELECT (i % 10)::INT AS k, i * 0.5::DOUBLE AS v, ((i * 7) % 13)::DOUBLE AS w FROM range(${ROWS}) r(i)`,
  );
  const df = await fromColumns({ k, v, w }).cache();
  const ours = async (): Promise<Record<string, any>[]> => {
    const table = await df
      .filter((c) => c.w.gt(3))
      .groupBy('k')
      .agg({ s: (c) => c.v.sum() })
      .sort('k')
      .collect();
    const rows = table.toRecords();
    table.dispose();
    return rows;
  };
  const sql = 'SELECT k, sum(v) AS s FROM t WHERE w > 3 GROUP BY k ORDER BY k';
  const theirs = async (): Promise<Record<string, any>[]> => (await duckdb.runAndReadAll(sql)).getRowObjects() as never;
  const plFrame = pl?.DataFrame({ k, v, w });
  const polars = async (): Promise<Record<string, any>[]> =>
    (
      await plFrame.lazy().filter(pl.col('w').gt(3)).groupBy('k').agg(pl.col('v').sum().alias('s')).sort('k').collect()
    ).toRecords();
  const flat = (rows: Record<string, any>[]): number[] => rows.flatMap((r) => [Number(r['k']), Number(r['s'])]);

  // Made when first asked for: a million objects make every collection of garbage longer, for the task before too.
  let made: ReturnType<typeof makeRecords> | null = null;
  const records = (): ReturnType<typeof makeRecords> => {
    made ??= makeRecords();
    return made;
  };
  const tasks: Task[] = [
    {
      name: `filter, group by, sort of ${ROWS} rows, plan to rows, × ${CALLS}`,
      contenders: { ours: repeated(ours), ...(pl ? { polars: repeated(polars) } : {}), duckdb: repeated(theirs) },
      answers: { ours: async () => flat(await ours()), duckdb: async () => flat(await theirs()) },
      rounds: Math.max(7, options.rounds),
      warmUps: 5,
      isManyRuns: true,
    },
    {
      name: `${RECORDS.toExponential(0)} objects to a frame`,
      contenders: {
        ours: async () => (await fromRecords(records()).collect()).dispose(),
        ...(pl ? { polars: async () => pl.DataFrame(records()) } : {}),
      },
      answers: {
        ours: async () => {
          const table = await fromRecords(records())
            .select({ s: (c) => (c as any).price.sum() })
            .collect();
          return [(table.toRecords()[0] as { s: number }).s];
        },
        duckdb: async () => [records().reduce((sum, r) => sum + r.price, 0)],
      },
    },
  ];
  await runSuite('small', tasks, versions(), options);
}
