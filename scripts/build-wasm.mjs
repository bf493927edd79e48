// Compiles ts/backend/cpu/wasm/*.ts with AssemblyScript and writes two generated modules: kernels.gen.ts (the typed
// exports of every kernel module) and the bytes for embedded.gen.ts. A module gets a 64 KiB slot of static memory of
// its own, because every instance writes its data segments over the shared heap again.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';

const root = path.resolve(import.meta.dirname, '..');
const sources = path.join(root, 'ts/backend/cpu/wasm');
const out = path.join(root, 'out/wasm');
const SLOT_BYTES = 65536;
const FIRST_SLOT = 65536;
const STATIC_END = (4 << 20) - (512 << 10); // SHARED_REGIONS_AT of heap.ts

const FLAGS = (
  '-O3 --noAssert --runtime scripts/wasm-runtime/none --importMemory --noExportMemory --sharedMemory --initialMemory 64 ' +
  '--maximumMemory 65536 --enable simd --enable threads --enable bulk-memory --enable nontrapping-f2i ' +
  '--enable sign-extension --use abort=' +
  // For a profile that names functions: WASM_NAMES=1 node scripts/build-embedded.mjs, then node --prof.
  (process.env.WASM_NAMES ? ' --debug' : '')
).split(' ');

/** Offsets and ends of a module's data segments. */
function dataSegments(wasm) {
  let at = 8;
  const leb = () => {
    let result = 0;
    let shift = 0;
    let byte = 0;
    do {
      byte = wasm[at++];
      result |= (byte & 127) << shift;
      shift += 7;
    } while (byte & 128);
    return result >>> 0;
  };
  const segments = [];
  while (at < wasm.length) {
    const id = wasm[at++];
    const end = leb() + at;
    if (id === 11) {
      for (let n = leb(); n > 0; n--) {
        if (leb() !== 0) throw new Error('a passive data segment: the kernels must not use one');
        at++;
        const from = leb();
        at++;
        const length = leb();
        segments.push([from, from + length]);
        at += length;
      }
    }
    at = end;
  }
  return segments;
}

/** Parameters and result of every exported function, from the source text. i64 would cross as BigInt: refused. */
function exportsOf(source, file) {
  const found = [];
  for (const m of source.matchAll(/^export function (\w+)\(([\s\S]*?)\): (\w+)/gm)) {
    const params = m[2]
      .split(',')
      .map((p) => p.trim())
      .filter(Boolean);
    const names = params.map((p) => p.split(':')[0].trim());
    const types = params.map((p) => p.split(':')[1]?.split('=')[0].trim());
    if (types.some((t) => t === 'v128') || m[3] === 'v128') continue; // wasm-to-wasm only
    if (types.some((t) => t === 'i64' || t === 'u64') || m[3] === 'i64' || m[3] === 'u64')
      throw new Error(`${file}: ${m[1]} takes or returns a 64-bit integer; pass it through memory`);
    found.push(`  ${m[1]}(${names.map((n) => `${n}: number`).join(', ')}): ${m[3] === 'void' ? 'void' : 'number'};`);
  }
  return found;
}

export async function buildWasm() {
  fs.mkdirSync(out, { recursive: true });
  const names = fs
    .readdirSync(sources)
    .filter((f) => f.endsWith('.ts') && !f.endsWith('.d.ts') && !f.startsWith('_'))
    .map((f) => f.slice(0, -3))
    .sort();
  const slots = JSON.parse(fs.readFileSync(path.join(sources, 'slots.json'), 'utf8'));
  const shared = fs
    .readdirSync(sources)
    .filter((f) => f.startsWith('_') && f.endsWith('.ts'))
    .map((f) => fs.readFileSync(path.join(sources, f), 'utf8'))
    .join('\n');
  const bytes = {};
  const files = {};
  const types = [];
  const failures = [];
  for (const name of names) {
    const slot = slots.indexOf(name);
    if (slot < 0) throw new Error(`Kernel module ${name} has no slot: add its name at the end of slots.json`);
    const base = FIRST_SLOT + slot * SLOT_BYTES;
    if (base + SLOT_BYTES > STATIC_END) throw new Error('no static memory left: move ARENA_START');
    const source = fs.readFileSync(path.join(sources, `${name}.ts`), 'utf8');
    const key = createHash('sha256').update(`${FLAGS} ${base} ${shared} ${source}`).digest('hex').slice(0, 24);
    const file = path.join(out, `${name}-${key}.wasm`);
    if (!fs.existsSync(file)) {
      const started = performance.now();
      const { error, stderr } = await asc.main(
        [
          `ts/backend/cpu/wasm/${name}.ts`,
          '--outFile',
          path.relative(root, file),
          '--memoryBase',
          String(base),
          ...FLAGS,
        ],
        {},
      );
      if (error) {
        failures.push(`${name}: ${stderr.toString()}`);
        continue;
      }
      for (const [lo, hi] of dataSegments(fs.readFileSync(file)))
        if (lo < base || hi > base + SLOT_BYTES) throw new Error(`${name}: static data ${lo}–${hi} leaves its slot`);
      console.error(`wasm ${name}: ${fs.statSync(file).size} B, ${(performance.now() - started).toFixed(0)} ms`);
    }
    bytes[name] = fs.readFileSync(file);
    files[name] = path.relative(root, file);
    const cap = name.charAt(0).toUpperCase() + name.slice(1).replace(/-(\w)/g, (_, c) => c.toUpperCase());
    types.push({ name, cap, lines: exportsOf(source, name) });
  }
  // The zstd codec is not ours: its bytes travel with the kernels, so that it starts without a file and synchronously.
  files['zstd-library'] = path.relative(root, path.join(root, 'node_modules/@bokuweb/zstd-wasm/dist/common/zstd.wasm'));
  bytes['zstd-library'] = fs.readFileSync(files['zstd-library']);
  const text = [
    '// Generated by scripts/build-wasm.mjs from ts/backend/cpu/wasm. Do not edit.',
    ...types.map((t) => `export interface ${t.cap}Kernels {\n${t.lines.join('\n')}\n}`),
    `export interface KernelModules {\n${types.map((t) => `  readonly '${t.name}': ${t.cap}Kernels;`).join('\n')}\n}`,
    '',
  ].join('\n');
  const target = path.join(root, 'ts/backend/cpu/kernels.gen.ts');
  if (!fs.existsSync(target) || fs.readFileSync(target, 'utf8') !== text) fs.writeFileSync(target, text);
  fs.writeFileSync(path.join(out, 'manifest.json'), JSON.stringify(files));
  if (failures.length > 0) throw new Error(failures.join('\n'));
  return bytes;
}

if (process.argv[1] === import.meta.filename) {
  process.chdir(root);
  await buildWasm();
}
