// The files and streams of arrow-testing, read by the engine and on the host, equal to their integration JSON.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openArrow } from '../../ts/backend/cpu/scan/arrow/open-arrow.ts';
import { decodeIpc } from '../../ts/backend/ipc.ts';
import type { LogicalType, Schema } from '../../ts/schema/types.ts';
import { probeArrow } from '../../ts/source/probe-arrow.ts';
import { fileBytes, testContext } from '../support/engine.ts';
import { hostValues } from '../support/host-columns.ts';
import { integrationJson } from '../support/integration-json.ts';
import { byteSource, scanAll } from '../support/scan.ts';

const folder = path.join(process.env['WARPFRAME_CORPORA'] ?? '../shared/corpora', 'arrow-testing/ipc');
const found = fs.existsSync(folder);

/** What is not read, and why. This list only shrinks. */
const REFUSED: Record<string, [code: string, reason: RegExp]> = {
  '1.0.0-littleendian/generated_decimal256': ['ERR_UNSUPPORTED', /decimal256\(37, 5\)/],
  '1.0.0-littleendian/generated_interval': ['ERR_UNSUPPORTED', /interval \(year-month\)/],
  '1.0.0-littleendian/generated_union': ['ERR_UNSUPPORTED', /union \(sparse\)/],
  'cpp-21.0.0/generated_decimal256': ['ERR_UNSUPPORTED', /decimal256\(37, 5\)/],
  // Seconds up to 2^63, which have no milliseconds: the schema is read, the values cannot be.
  'cpp-21.0.0/generated_duration': ['ERR_OVERFLOW', /Duration\('ms'\) for column "f1".* in row 0/],
  'cpp-21.0.0/generated_interval': ['ERR_UNSUPPORTED', /interval \(year-month\)/],
  'cpp-21.0.0/generated_interval_mdn': ['ERR_UNSUPPORTED', /interval \(month-day-nano\)/],
  'cpp-21.0.0/generated_union': ['ERR_UNSUPPORTED', /union \(sparse\)/],
};

const files = found
  ? ['1.0.0-littleendian', 'cpp-21.0.0', '1.0.0-bigendian'].flatMap((version) =>
      fs
        .readdirSync(path.join(folder, version))
        .filter((f) => f.endsWith('.arrow_file') || f.endsWith('.stream'))
        .map((f) => `${version}/${f}`),
    )
  : [];

/** The dtype as the integration reader names it. */
function roughType(t: LogicalType): string {
  if (t.dtype === 'Datetime' || t.dtype === 'Duration') return `${t.dtype} ${t.unit}`;
  return t.dtype === 'Decimal' ? `Decimal ${t.precision} ${t.scale}` : t.dtype;
}

describe.skipIf(!found)('arrow-testing (set WARPFRAME_CORPORA to its folder)', () => {
  const read = files.filter((f) => !f.startsWith('1.0.0-bigendian') && !REFUSED[stem(f)]);

  test('the folder is the one we know', () => {
    expect(files).toHaveLength(152);
    expect(read).toHaveLength(92);
  });

  test.each(read)('%s', async (file) => {
    const { columns, batchRows } = integrationJson(path.join(folder, `${stem(file)}.json.gz`));
    const rows = batchRows.reduce((a, b) => a + b, 0);
    const bytes = new Uint8Array(fs.readFileSync(path.join(folder, file)));
    const probed = await probeArrow(byteSource(bytes, file));
    expect(probed.schema.map((f) => roughType(f.type))).toEqual(columns.map((c) => c.type));
    expect(probed.schema.map((f) => f.nullable)).toEqual(columns.map((c) => c.nullable));
    expect(probed.schema.map((f) => f.name)).toEqual(numbered(columns.map((c) => c.name)));
    const told = file.endsWith('.stream') ? undefined : rows;
    // Of many batches the rows are guessed from the first.
    if (batchRows.length > 4 && told !== undefined) expect(Math.abs(probed.rows! - told) / told).toBeLessThan(0.1);
    else expect(probed.rows).toBe(told);
    const ctx = testContext();
    const scanned = scanAll(ctx, openArrow, fileBytes(ctx.heap, path.join(folder, file)), probed.schema);
    expect(scanned.rows).toBe(rows);
    const host = decodeIpc(bytes, file);
    expect(host.schema).toEqual(probed.schema);
    expect(host.batches.map((b) => b.length)).toEqual(batchRows);
    columns.forEach((c, i) => {
      expect(scanned.columns[i], `${c.name} in the engine`).toEqual(c.values);
      expect(
        host.batches.flatMap((b) => hostValues(b.columns[i]!)),
        `${c.name} on the host`,
      ).toEqual(c.values);
    });
    expect(ctx.arena.usedBytes).toBeLessThan(9 << 20);
  });

  test.each(files.filter((f) => REFUSED[stem(f)]))('%s is refused by name', async (file) => {
    const [code, message] = REFUSED[stem(file)]!;
    const bytes = new Uint8Array(fs.readFileSync(path.join(folder, file)));
    const refusal = expect.objectContaining({ code, message: expect.stringMatching(message) });
    expect(() => decodeIpc(bytes, file)).toThrow(refusal);
    const probe = probeArrow(byteSource(bytes, file));
    const ctx = testContext();
    const scan = (schema: Schema) => () =>
      scanAll(ctx, openArrow, fileBytes(ctx.heap, path.join(folder, file)), schema);
    if (code === 'ERR_OVERFLOW') expect(scan((await probe).schema)).toThrow(refusal);
    else {
      await expect(probe).rejects.toThrow(refusal);
      expect(scan([])).toThrow(refusal);
    }
  });

  test.each(files.filter((f) => f.startsWith('1.0.0-bigendian')))('%s is refused by name', async (file) => {
    const bytes = new Uint8Array(fs.readFileSync(path.join(folder, file)));
    await expect(probeArrow(byteSource(bytes, file))).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED', message: expect.stringMatching(/big-endian/) }),
    );
    expect(() => decodeIpc(bytes, file)).toThrow(/big-endian/);
  });
});

function stem(file: string): string {
  return file.replace(/\.[^.]*$/, '');
}

/** The one file with a name twice: the second is numbered. */
function numbered(names: string[]): string[] {
  return names.map((n, i) => (names.indexOf(n) < i ? `${n}_1` : n));
}
