// The example of the README: read, derive, group, join, rank.
import { fromColumns, len, readCsv } from 'warpframe';

const csv = `day,city,price,qty
2024-03-01,Oslo,12.5,3
2024-03-01,Rome,8,10
2024-03-02,Oslo,12.5,1
2024-03-02,,9.75,4
2024-03-03,Rome,8.5,20
`;
const cities = fromColumns({ city: ['Oslo', 'Rome'], country: ['Norway', 'Italy'] });
const sales = await readCsv(new TextEncoder().encode(csv));

const byCity = sales
  .dropNulls('city')
  .withColumns({ total: (c) => c.price.mul(c.qty), weekday: (c) => c.day.dt.weekday() })
  .groupBy('city')
  .agg({ revenue: (c) => c.total.sum(), sales: len(), best: (c) => c.total.max() })
  .join(cities, { on: 'city', how: 'left' })
  .sort({ by: 'revenue', descending: true });

await byCity.show();
