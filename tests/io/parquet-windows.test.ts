// A row group too large to be read whole is read through a window a column, whatever the number of columns.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { fromColumns, readParquet } from '../../ts/index.ts';

test('33 columns share 64 MB of windows, which 33 does not divide', async () => {
  const rows = 280_000;
  const columns = Object.fromEntries(
    Array.from({ length: 33 }, (_, j) => [`x${j}`, Float64Array.from({ length: rows }, (_, i) => (i + 1) / (j + 3))]),
  );
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-windows-'));
  try {
    const file = path.join(folder, 'wide.parquet');
    await fromColumns(columns).writeParquet(file, { compression: 'none', rowGroupRows: rows });
    using table = await (await readParquet(file)).collect();
    for (const name of ['x0', 'x32']) {
      const got = table.column(name as never).toArray() as Float64Array;
      expect(got.every((v, i) => v === columns[name]![i])).toBe(true);
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
