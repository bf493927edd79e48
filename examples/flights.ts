// Three million flights: read, clean, derive, join, rank, windows, write. Run with `npm run demo`.
import { mkdirSync } from 'node:fs';
import { Datetime, Float64, Int64, len, nullable, readCsv, readParquet, Utf8 } from 'warpframe';

const started = performance.now();
const data = 'node_modules/vega-datasets/data';
mkdirSync('out/demo', { recursive: true });
const title = (text: string) => console.log(`\n\x1b[1m${text}\x1b[0m`);

const flights = await readParquet(`${data}/flights-3m.parquet`, {
  schema: {
    date: nullable(Datetime),
    delay: nullable(Int64),
    distance: nullable(Int64),
    origin: nullable(Utf8),
    destination: nullable(Utf8),
  },
});
const airports = await readCsv(`${data}/airports.csv`, {
  schema: {
    iata: nullable(Utf8),
    name: nullable(Utf8),
    city: nullable(Utf8),
    state: nullable(Utf8),
    latitude: nullable(Float64),
  },
});

title('What the file holds');
await flights.show(5);

const clean = flights
  .dropNulls('date', 'delay', 'origin')
  .filter((c) => c.delay.isBetween(-60, 24 * 60).and(c.distance.gt(0)))
  .withColumns({
    hour: (c) => c.date.dt.hour(),
    weekday: (c) => c.date.dt.weekday(),
    late: (c) => c.delay.gt(15),
  });

const byOrigin = clean
  .groupBy('origin')
  .agg({ flights: len(), meanDelay: (c) => c.delay.mean(), lateShare: (c) => c.late.mean() })
  .filter((c) => c.flights.ge(1000))
  .join(airports, { on: { origin: 'iata' }, how: 'left' })
  .select('origin', 'city', 'state', 'flights', 'meanDelay', 'lateShare')
  .sort({ by: 'meanDelay', descending: true });

title('Origins with the longest mean delay (minutes), of those with 1,000 flights or more');
await byOrigin.show(10);

title('How that query ran');
console.log(byOrigin.explain());

title('Delay by hour of departure');
await clean
  .groupBy('hour')
  .agg({ flights: len(), meanDelay: (c) => c.delay.mean(), p90: (c) => c.delay.quantile(0.9) })
  .sort('hour')
  .show(24);

title('Seven-day mean of the daily mean delay');
await clean
  .groupBy({ day: (c) => c.date.dt.truncate('1d') })
  .agg({ flights: len(), meanDelay: (c) => c.delay.mean() })
  .sort('day')
  .withColumns({ weekMean: (c) => c.meanDelay.rollingMean({ windowRows: 7 }) })
  .show(10);

title('The worst flight of each of the busiest origins');
const ranked = clean
  .withColumns({
    rank: (c) => c.delay.rank({ method: 'ordinal', descending: true }).over(c.origin),
    flightsOfOrigin: (c) => c.delay.count().over(c.origin),
  })
  .filter((c) => c.rank.eq(1).and(c.flightsOfOrigin.ge(60_000)))
  .select('origin', 'destination', 'date', 'delay', 'flightsOfOrigin')
  .sort({ by: 'flightsOfOrigin', descending: true });
await ranked.show(10);

await byOrigin.writeParquet('out/demo/by-origin.parquet');
await byOrigin.writeCsv('out/demo/by-origin.csv');
const back = await readParquet('out/demo/by-origin.parquet');
console.log(`\nWrote out/demo/by-origin.parquet and .csv; ${await back.count()} rows read back.`);
console.log(`Whole demo: ${((performance.now() - started) / 1000).toFixed(2)} s`);
