// Goes once over the places where native/tests/planted_engine plants its faults. scripts/sanitize.mjs runs it.
import { Float64, fromColumns } from '../../ts/index.ts';
import { cudaBackend, everyBatch, RUN, SCHEMA, tableValues } from '../support/gpu-tables.ts';

const backend = await cudaBackend();
const table = await backend.upload([everyBatch(64)], SCHEMA, RUN);
await tableValues(table);
backend.release(table);
const texts = fromColumns({ s: Array.from({ length: 64 }, (_, i) => `${i}.5e-7`) });
using numbers = await texts.select({ x: (c) => c.s.cast(Float64) }).collect({ engine: 'cuda' });
if (numbers.height !== 64) throw new Error('other rows');
console.log('done');
