import { expect } from 'vitest';
import { fromColumns } from '../../ts/index.ts';
import { onBackends } from '../support/backends.ts';

const words = [
  'special requests',
  'special deposits requests',
  'requests special',
  'a.b',
  'axb',
  '',
  null,
  'special\nrequests',
  'ünïcode special xx requests',
];

onBackends((_, test) => {
  test.each([
    /special.*requests/,
    /special.*requests/s,
    /a\.b/,
    /a.b/,
    /^a/,
    /SPECIAL/i,
    /(?:)/,
    /.*/,
    /special.*/,
    /cial.*re.*ests/,
  ])('%s finds what JavaScript finds', async (pattern) => {
    const df = fromColumns({ s: words });
    const hits = (await df.select({ hit: (c) => c.s.str.contains(pattern) }).collect()).toRecords().map((r) => r.hit);
    expect(hits).toEqual(words.map((w) => (w === null ? null : pattern.test(w))));
  });
});
