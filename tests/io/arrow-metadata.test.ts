// Arrow's metadata: what is written is read again, and what breaks the format or is not supported is named.
import * as apache from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { fromArrowTable } from '../../ts/frame/arrow-interop.ts';
import {
  readFooter,
  readMessage,
  writeBatchMessage,
  writeDictionaryMessage,
  writeFooter,
  writeSchemaMessage,
} from '../../ts/source/arrow-flatbuffer.ts';
import { type ArrowField, type ArrowStorage, fieldsOf, schemaOf } from '../../ts/source/arrow-schema.ts';
import { type FlatFields, writeFlatBuffer } from '../../ts/source/flatbuffer.ts';
import { everySchema } from '../support/frames.ts';

const field = (name: string, storage: ArrowStorage, children: ArrowField[] = [], nullable = true): ArrowField => ({
  name,
  nullable,
  storage,
  children,
  dictionary: null,
});
const item = field('item', { kind: 'int', bits: 16, signed: false });
const entries = field('entries', { kind: 'struct' }, [
  field('k', { kind: 'utf8', large: false }, [], false),
  field('v', { kind: 'null' }),
]);
const storages: [ArrowStorage, ArrowField[]?][] = [
  [{ kind: 'null' }],
  [{ kind: 'bool' }],
  ...([8, 16, 32, 64] as const).flatMap((bits): [ArrowStorage][] => [
    [{ kind: 'int', bits, signed: true }],
    [{ kind: 'int', bits, signed: false }],
  ]),
  ...([16, 32, 64] as const).map((bits): [ArrowStorage] => [{ kind: 'float', bits }]),
  ...([32, 64, 128] as const).map((bits): [ArrowStorage] => [{ kind: 'decimal', bits, precision: 9, scale: 3 }]),
  ...[true, false].flatMap((large): [ArrowStorage, ArrowField[]?][] => [
    [{ kind: 'utf8', large }],
    [{ kind: 'binary', large }],
    [{ kind: 'list', large }, [item]],
    [{ kind: 'listView', large }, [item]],
  ]),
  [{ kind: 'utf8View' }],
  [{ kind: 'binaryView' }],
  [{ kind: 'fixedBinary', width: 7 }],
  [{ kind: 'fixedList', size: 3 }, [item]],
  [{ kind: 'date', unit: 'day' }],
  [{ kind: 'date', unit: 'ms' }],
  [{ kind: 'time', bits: 32, unit: 's' }],
  [{ kind: 'time', bits: 32, unit: 'ms' }],
  [{ kind: 'time', bits: 64, unit: 'us' }],
  [{ kind: 'time', bits: 64, unit: 'ns' }],
  ...(['s', 'ms', 'us', 'ns'] as const).flatMap((unit): [ArrowStorage][] => [
    [{ kind: 'timestamp', unit, zone: null }],
    [{ kind: 'timestamp', unit, zone: 'Europe/Paris' }],
    [{ kind: 'duration', unit }],
  ]),
  [{ kind: 'struct' }, [item, field('ünï', { kind: 'bool' }, [], false)]],
  [{ kind: 'map' }, [entries]],
  [{ kind: 'runEnds' }, [field('run_ends', { kind: 'int', bits: 32, signed: true }, [], false), item]],
];
const fields = storages.map(([storage, children], i) => field(`f${i}`, storage, children, i % 2 === 0));

test('a schema of every storage', () => {
  const dictionary = {
    ...field('d', { kind: 'utf8', large: false }),
    dictionary: { id: 7, bits: 16, signed: false } as const,
  };
  const all = [...fields, dictionary, field('', { kind: 'bool' })];
  expect(readMessage(writeSchemaMessage(all), 'x', 0)).toEqual({ kind: 'schema', fields: all, bodyBytes: 0 });
  expect(readFooter(writeFooter({ fields: all, dictionaries: [], batches: [] }), 'x', 0).fields).toEqual(all);
});

test('every dtype has a storage that reads as it', () => {
  expect(schemaOf(fieldsOf(everySchema()))).toEqual(everySchema());
});

test('batches, dictionaries and footers', () => {
  const batch = {
    length: 5,
    nodes: [
      { length: 5, nullCount: 1 },
      { length: 9, nullCount: 0 },
    ],
    buffers: [
      { offset: 0, length: 1 },
      { offset: 64, length: 2 ** 40 },
    ],
    compression: 'zstd' as const,
    viewBuffers: [],
  };
  expect(readMessage(writeBatchMessage(batch, 2 ** 41), 'x', 0)).toEqual({ kind: 'batch', batch, bodyBytes: 2 ** 41 });
  const plain = { ...batch, compression: null, nodes: [], buffers: [] };
  expect(readMessage(writeDictionaryMessage(3, true, plain, 8), 'x', 0)).toEqual({
    kind: 'dictionary',
    id: 3,
    isDelta: true,
    batch: plain,
    bodyBytes: 8,
  });
  const blocks = [{ offset: 8, metadataBytes: 64, bodyBytes: 2 ** 33 }];
  const footer = { fields: [], dictionaries: blocks, batches: [...blocks, ...blocks] };
  expect(readFooter(writeFooter(footer), 'x', 0)).toEqual(footer);
});

/** A message with the header of `kind`. */
const message = (kind: number, header: FlatFields, version = 4): Uint8Array =>
  writeFlatBuffer([{ i16: version }, { u8: kind }, { table: header }, { i64: 0 }]);
const schemaOf1 = (type: number, table: FlatFields, children: FlatFields[] = []): Uint8Array =>
  message(1, [
    undefined,
    { tables: [[{ text: 'x' }, { u8: 1 }, { u8: type }, { table }, undefined, { tables: children }]] },
  ]);

describe('refused by name', () => {
  test.each<[string, Uint8Array, string, RegExp]>([
    ['metadata version 3', message(1, [], 2), 'ERR_UNSUPPORTED', /metadata version 3/],
    ['an unknown version', message(1, [], 9), 'ERR_CORRUPT_FILE', /metadata version 9/],
    ['a tensor', message(4, []), 'ERR_UNSUPPORTED', /tensor/],
    ['an unknown message', message(9, []), 'ERR_CORRUPT_FILE', /message kind 9/],
    ['big-endian data', message(1, [{ i16: 1 }]), 'ERR_UNSUPPORTED', /big-endian/],
    [
      'a decimal of 256 bits',
      schemaOf1(7, [{ i32: 50 }, { i32: 2 }, { i32: 256 }]),
      'ERR_UNSUPPORTED',
      /decimal256\(50, 2\)/,
    ],
    ['a negative scale', schemaOf1(7, [{ i32: 5 }, { i32: -2 }]), 'ERR_UNSUPPORTED', /decimal128\(5, -2\)/],
    ['an interval', schemaOf1(11, [{ i16: 2 }]), 'ERR_UNSUPPORTED', /column "x" .*interval \(month-day-nano\)/i],
    ['a union', schemaOf1(14, [{ i16: 1 }]), 'ERR_UNSUPPORTED', /union \(dense\)/],
    ['a type of the future', schemaOf1(99, []), 'ERR_UNSUPPORTED', /number 99/],
    ['an integer of 7 bits', schemaOf1(2, [{ i32: 7 }]), 'ERR_CORRUPT_FILE', /7 bits/],
    ['a list without items', schemaOf1(12, []), 'ERR_CORRUPT_FILE', /0 children/],
    [
      'a map of numbers',
      schemaOf1(17, [], [[{ text: 'e' }, undefined, { u8: 6 }, { table: [] }]]),
      'ERR_CORRUPT_FILE',
      /map/,
    ],
    ['a batch of 2^31 rows', message(3, [{ i64: 2 ** 31 }]), 'ERR_UNSUPPORTED', /2147483648 rows/],
    ['a negative length', message(3, [{ i64: -1 }]), 'ERR_CORRUPT_FILE', /length of -1/],
    [
      'an unknown codec',
      message(3, [undefined, undefined, undefined, { table: [{ u8: 5 }] }]),
      'ERR_CORRUPT_FILE',
      /compression/,
    ],
  ])('%s', (_, bytes, code, text) => {
    expect(() => readMessage(bytes, 'some.arrow', 100)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(text) }),
    );
  });

  test('fields nested without end, or many times over', () => {
    let deep: FlatFields = [{ text: 'x' }, undefined, { u8: 6 }, { table: [] }];
    for (let i = 0; i < 80; i++)
      deep = [{ text: 'x' }, undefined, { u8: 13 }, { table: [] }, undefined, { tables: [deep] }];
    expect(() => readMessage(message(1, [undefined, { tables: [deep] }]), 'x', 0)).toThrow(/nested 65 deep/);
    // A root table whose children all point back at one place further on.
    const bytes = schemaOf1(
      13,
      [],
      Array.from({ length: 8 }, () => [{ text: 'y' }, undefined, { u8: 6 }, { table: [] }]),
    );
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const broken = bytes.slice();
      new DataView(broken.buffer).setUint32(at, 4, true);
      try {
        readMessage(broken, 'x', 0);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/ERR_CORRUPT_FILE|ERR_UNSUPPORTED/) });
      }
    }
  });

  test('offsets past 2^31', () => {
    const data = apache.makeData({
      type: new apache.LargeUtf8(),
      length: 1,
      nullCount: 0,
      data: new Uint8Array(4),
      valueOffsets: BigInt64Array.of(0n, 2n ** 32n),
    });
    const table = new apache.Table({ big: new apache.Vector([data]) });
    expect(() => fromArrowTable(table)).toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED', message: expect.stringMatching(/"big".*past 2\^31/) }),
    );
  });
});
