// node native/kernels/check-budgets.mjs [TOOLKIT] [--architectures 75,80,90,120]: compiles every kernel with nvcc, warnings as
// errors, and holds the registers, static shared memory and spills that ptxas reports against budgets.tsv. Every kernel has a
// row, every row a kernel. Needs no GPU. Without TOOLKIT the toolchain's (npm run toolchain -- --variant cuda13); where there
// is none, nothing is compiled, and that is said.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { toolchainSettings, whyNoToolchain } from '../../scripts/toolchain.mjs';

const here = import.meta.dirname;

/** The rows of budgets.tsv by kernel. */
export function readBudgets(text = fs.readFileSync(path.join(here, 'budgets.tsv'), 'utf8')) {
  const [, ...lines] = text.trimEnd().split('\n');
  return new Map(
    lines.map((line) => {
      const [kernel, registers, sharedBytes, spillBytes] = line.split('\t');
      return [kernel, { registers: +registers, sharedBytes: +sharedBytes, spillBytes: +spillBytes }];
    }),
  );
}

/** What `nvcc -Xptxas -v` says of each kernel and architecture. */
export function parseReport(text) {
  const found = [];
  let at;
  for (const line of text.split('\n')) {
    const entry = /Compiling entry function '(\w+)' for 'sm_(\w+)'/.exec(line);
    if (entry)
      found.push((at = { kernel: entry[1], architecture: entry[2], registers: 0, sharedBytes: 0, spillBytes: 0 }));
    if (!at) continue;
    const spills = /(\d+) bytes spill stores, (\d+) bytes spill loads/.exec(line);
    if (spills) at.spillBytes = Number(spills[1]) + Number(spills[2]);
    const used = /Used (\d+) registers/.exec(line);
    if (used) at.registers = Number(used[1]);
    const shared = /(\d+) bytes smem/.exec(line);
    if (used && shared) at.sharedBytes = Number(shared[1]);
  }
  return found;
}

/** Sentences about what is over its budget, lacks one, or has one for nothing. */
export function budgetFaults(found, budgets) {
  const faults = [];
  for (const { kernel, architecture, ...uses } of found) {
    const budget = budgets.get(kernel);
    if (!budget) faults.push(`${kernel} has no row in budgets.tsv`);
    else
      for (const [what, value] of Object.entries(uses))
        if (value > budget[what])
          faults.push(`${kernel} on sm_${architecture}: ${what} ${value}, at most ${budget[what]}`);
    if (uses.registers === 0) faults.push(`${kernel} on sm_${architecture}: ptxas names no registers`);
  }
  for (const kernel of budgets.keys())
    if (!found.some((f) => f.kernel === kernel)) faults.push(`${kernel} of budgets.tsv is no kernel`);
  return faults;
}

/** Compiles all .cu files of this folder and parses what ptxas says. */
export function compileReport(toolkit, architectures) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-budgets-'));
  const found = [];
  try {
    for (const file of fs.readdirSync(here).filter((name) => name.endsWith('.cu'))) {
      const codes = architectures.map((a) => `-gencode=arch=compute_${a},code=sm_${a}`);
      const args = ['-c', '-std=c++20', '-O3', ...codes, `-I${path.join(here, '..')}`, '-Werror', 'all-warnings'];
      const { status, stdout, stderr } = spawnSync(
        path.join(toolkit, 'bin/nvcc'),
        [...args, '-Xptxas', '-v', path.join(here, file), '-o', path.join(folder, 'out.o')],
        { encoding: 'utf8' },
      );
      if (status !== 0) throw new Error(`nvcc ${file} ended with ${status}:\n${stdout}${stderr}`);
      found.push(...parseReport(`${stdout}\n${stderr}`));
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  return found;
}

if (process.argv[1] === import.meta.filename) {
  const args = process.argv.slice(2);
  const at = args.indexOf('--architectures');
  const list = at < 0 ? '75,80,90,120' : args.splice(at, 2)[1];
  const why = args[0] ? undefined : whyNoToolchain('cuda13');
  if (why) {
    console.log(`The kernels are not compiled by nvcc: ${why}`);
    process.exit(0);
  }
  const found = compileReport(args[0] ?? toolchainSettings('cuda13').WARPFRAME_CUDA_ROOT, list.split(','));
  for (const f of found)
    console.log(
      `${f.kernel}\tsm_${f.architecture}\t${f.registers} registers\t${f.sharedBytes} shared\t${f.spillBytes} spilled`,
    );
  const faults = budgetFaults(found, readBudgets());
  for (const fault of faults) console.error(fault);
  process.exit(faults.length > 0 ? 1 : 0);
}
