// Where files come from: paths, globs, folders with partitions, bytes, URLs with and without ranges.
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCsv, readParquet, Utf8 } from '../../ts/index.ts';
import { duck } from '../support/duck.ts';

let folder = '';
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-sources-'));
  const c = await duck();
  await c.run(`COPY (SELECT i AS id, i % 3 AS part, CASE WHEN i % 2 = 0 THEN 'x y' ELSE NULL END AS tag, DATE '2024-01-01' + (i % 2)::INT AS day
    FROM range(9) t(i)) TO '${folder}/hive' (FORMAT parquet, PARTITION_BY (tag, day))`);
  for (const k of [0, 1, 2])
    await c.run(
      `COPY (SELECT i AS id, i * 1.5 AS x FROM range(${k * 10}, ${k * 10 + 10}) t(i)) TO '${folder}/part-${k}.parquet' (FORMAT parquet)`,
    );
  await c.run(
    `COPY (SELECT i AS id, 'name ' || i AS name FROM range(200000) t(i)) TO '${folder}/big.parquet' (FORMAT parquet, ROW_GROUP_SIZE 20000)`,
  );
  fs.writeFileSync(path.join(folder, 'odd[1].csv'), 'a,b\n1,x\n');
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('paths', () => {
  test('a glob, a list and an exact name with glob characters', async () => {
    expect(await (await readParquet(`${folder}/part-*.parquet`)).count()).toBe(30);
    expect(await (await readParquet([`${folder}/part-0.parquet`, `${folder}/part-2.parquet`])).count()).toBe(20);
    expect((await (await readCsv(`${folder}/odd[1].csv`)).collect()).toRecords()).toEqual([{ a: 1n, b: 'x' }]);
  });
  test('a folder of hive partitions: typed, null for the default, pruned by a filter', async () => {
    const df = await readParquet(`${folder}/hive`);
    expect(df.columns).toEqual(['id', 'part', 'tag', 'day']);
    expect(await df.count()).toBe(9);
    const rows = (
      await df
        .filter((c: any) => c.tag.isNull())
        .sort('id')
        .collect()
    ).toRecords();
    expect(rows.map((r: any) => [Number(r.id), r.day.toISOString().slice(0, 10)])).toEqual([
      [1, '2024-01-02'],
      [3, '2024-01-02'],
      [5, '2024-01-02'],
      [7, '2024-01-02'],
    ]);
    expect(await df.filter((c: any) => c.tag.eq('x y')).count()).toBe(5);
    const pruned = df.filter((c: any) => c.day.eq(new Date('2024-01-01')));
    expect((await pruned.collect()).height).toBe(5);
    expect(pruned.explain()).toMatch(/1 of 2 files/);
  });
  test('what is missing is named', async () => {
    await expect(readParquet(`${folder}/none.parquet`)).rejects.toThrow(/No file .*none\.parquet/);
    await expect(readParquet(`${folder}/none-*.parquet`)).rejects.toThrow(/No file matches/);
    fs.mkdirSync(`${folder}/empty`, { recursive: true });
    await expect(readParquet(`${folder}/empty`)).rejects.toThrow(/holds no file ending in \.parquet/);
    await expect(readParquet(7 as never)).rejects.toThrow(/Expected a path, a URL, bytes or a list/);
    await expect(readParquet([])).rejects.toThrow(/at least one path/);
  });
  test('files of one scan must agree', async () => {
    await expect(readParquet([`${folder}/part-0.parquet`, `${folder}/big.parquet`])).rejects.toThrow(
      /Column "x" of .*part-0.* is missing in .*big/,
    );
  });
  test('a file that changes after it was opened is refused', async () => {
    const copy = `${folder}/copy.csv`;
    fs.writeFileSync(copy, 'a\n1\n');
    const df = await readCsv(copy);
    fs.writeFileSync(copy, 'a\n1\n2\n');
    await expect(df.collect()).rejects.toThrow(/changed between opening and reading/);
  });
  test('bytes', async () => {
    const bytes = fs.readFileSync(`${folder}/part-1.parquet`);
    const df = await readParquet(new Uint8Array(bytes));
    expect(await df.count()).toBe(10);
    expect(
      await (await readCsv(new TextEncoder().encode('a;b\n1;2\n'), { delimiter: ';', schema: { b: Utf8 } }))
        .collect()
        .then((t) => t.toRecords()),
    ).toEqual([{ b: '2' }]);
  });
});

interface Served {
  url: string;
  requests: string[];
  bytes: number;
  fail: number;
  etag: string;
  close(): void;
}
/** A file server on this machine; `fail` requests are answered with 503 first. */
function serve(file: string, ranges: boolean): Promise<Served> {
  const body = fs.readFileSync(file);
  const state: Served = { url: '', requests: [], bytes: 0, fail: 0, etag: '"v1"', close: () => {} };
  const server = http.createServer((request, response) => {
    state.requests.push(request.headers.range ?? 'all');
    if (state.fail > 0) {
      state.fail--;
      response.writeHead(503).end();
      return;
    }
    const m = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const fresh = request.headers['if-range'] === undefined || request.headers['if-range'] === state.etag;
    if (!ranges || !m || !fresh) {
      state.bytes += body.length;
      response.writeHead(200, { etag: state.etag, 'content-length': body.length }).end(body);
      return;
    }
    const part = body.subarray(Number(m[1]), Number(m[2]) + 1);
    state.bytes += part.length;
    response
      .writeHead(206, {
        etag: state.etag,
        'content-range': `bytes ${m[1]}-${m[2]}/${body.length}`,
        'content-length': part.length,
      })
      .end(part);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data.parquet`;
      state.close = () => server.close();
      resolve(state);
    });
  });
}

describe('http', () => {
  test('ranges: only what is needed is fetched, passing faults are tried again', async () => {
    const s = await serve(`${folder}/big.parquet`, true);
    try {
      s.fail = 1;
      const df = await readParquet(s.url);
      const size = fs.statSync(`${folder}/big.parquet`).size;
      s.bytes = 0;
      const rows = (
        await df
          .filter((c: any) => c.id.ge(199_990n))
          .select('id')
          .collect()
      ).toRecords();
      expect(rows).toHaveLength(10);
      expect(s.bytes).toBeLessThan(size / 4);
      expect(await df.count()).toBe(200_000);
    } finally {
      s.close();
    }
  });
  test('a server without ranges', async () => {
    const s = await serve(`${folder}/part-1.parquet`, false);
    try {
      const df = await readParquet(new URL(s.url));
      expect(await df.count()).toBe(10);
      expect((await df.collect()).height).toBe(10);
    } finally {
      s.close();
    }
  });
  test('a file that changes under the scan, a missing one, a dead server', async () => {
    const s = await serve(`${folder}/big.parquet`, true);
    const df = await readParquet(s.url);
    s.etag = '"v2"';
    await expect(df.collect()).rejects.toThrow(/changed while it was read/);
    s.fail = 100;
    await expect(readParquet(s.url)).rejects.toThrow(/answered 503/);
    s.close();
    await expect(readParquet('http://127.0.0.1:9/x.parquet')).rejects.toThrow(/Cannot reach http:\/\/127\.0\.0\.1:9/);
    await expect(readParquet('ftp://127.0.0.1/x.parquet')).rejects.toThrow();
  });
  test('csv over http', async () => {
    fs.writeFileSync(`${folder}/web.csv`, 'a,b\n1,x\n2,y\n');
    const s = await serve(`${folder}/web.csv`, true);
    try {
      expect((await (await readCsv(s.url)).collect()).toRecords()).toEqual([
        { a: 1n, b: 'x' },
        { a: 2n, b: 'y' },
      ]);
    } finally {
      s.close();
    }
  });
});
