// docs/estimators.md says what the registry says.
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { estimatorPage } from '../support/estimator-table.ts';

const PAGE = 'docs/estimators.md';

test('the page of estimators is up to date', async () => {
  const page = await estimatorPage();
  if (process.env['UPDATE']) fs.writeFileSync(PAGE, page);
  expect(fs.readFileSync(PAGE, 'utf8')).toBe(page);
});
