// npm run sanitize [-- --quick] [-- address] [-- thread] [-- --only SUITE,SUITE]
// Native code under AddressSanitizer and UndefinedBehaviorSanitizer (address), and kernels under ThreadSanitizer (thread).
//   --quick   kernels only, without the planted faults: what CI runs
//   --only    of the suites through Node those whose names contain one of these
// Builds in folders of its own below out/native; what was built from the same sources is kept. A report ends its program,
// and the command fails. Node itself is not instrumented: the runtime of the sanitizers is loaded before it, and leaks are
// looked for in the programs that need no Node.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { buildNative, whyNoBuild } from './build-native.mjs';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
const CHILD = 'tests/native/planted-child.mts';
/** Libraries of native/tests/planted_engine, and what their report says. */
const PLANTED = {
  text_read: /AddressSanitizer: heap-buffer-overflow[\s\S]*READ of size/,
  list_write: /AddressSanitizer: heap-buffer-overflow[\s\S]*WRITE of size/,
  decimal_overflow: /runtime error: signed integer overflow/,
};

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const only = args.includes('--only') ? args[args.indexOf('--only') + 1].split(',') : [''];
const asked = ['address', 'thread'].filter((name) => args.includes(name));
const kinds = asked.length > 0 ? asked : ['address', 'thread'];

const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
const say = (text) => console.log(`── ${text} (${seconds()})`);

function run(command, params, env = {}) {
  const { status, signal } = spawnSync(command, params, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (status === 0) return;
  console.error(`${command} ${params.join(' ')} ended with ${signal ?? status}`);
  process.exit(1);
}

/** The file of a sanitizer's runtime. */
function runtimeOf(name) {
  const found = spawnSync(process.env.CXX ?? 'c++', [`-print-file-name=lib${name}.so`], { encoding: 'utf8' });
  const file = found.stdout.trim();
  if (!path.isAbsolute(file)) throw new Error(`The compiler has no lib${name}.so: install g++'s sanitizer libraries.`);
  return fs.realpathSync(file);
}

/** The kernels' own project: no Node, no libcudf. */
function kernels(kind) {
  const sanitize = kind === 'address' ? 'address,undefined' : 'thread';
  const folder = `out/native/kernels-${sanitize.replace(',', '-')}`;
  const generator = spawnSync('ninja', ['--version']).status === 0 ? ['-G', 'Ninja'] : [];
  const fresh = fs.existsSync(path.join(folder, 'CMakeCache.txt')) ? [] : generator;
  say(`kernels, -fsanitize=${sanitize}`);
  run('cmake', ['-S', 'native/tests/kernels', '-B', folder, ...fresh, `-DWARPFRAME_SANITIZE=${sanitize}`]);
  const targets = quick ? ['--target', 'kernels_test', 'cuda_sim_test'] : [];
  run('cmake', ['--build', folder, '--parallel', '2', ...targets]);
  const tests = quick ? ['-R', '^(kernels|cuda_sim)$'] : [];
  run('ctest', ['--test-dir', folder, '--output-on-failure', ...tests]);
}

/** What runs Node with the sanitizers' runtime before it. */
function nodeEnvironment(addon) {
  return {
    LD_PRELOAD: `${runtimeOf('asan')}:${runtimeOf('ubsan')}`,
    ASAN_OPTIONS: 'detect_leaks=0',
    UBSAN_OPTIONS: 'print_stacktrace=1',
    WARPFRAME_NATIVE_ADDON: addon,
    WARPFRAME_GPU_VARIANT: 'sim',
    TEST_BACKENDS: 'sim',
  };
}

function child(addon) {
  const loader = path.join(root, 'node_modules/tsx/dist/loader.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', loader, CHILD], {
    encoding: 'utf8',
    env: { ...process.env, ...nodeEnvironment(addon) },
  });
  return { status, output: `${stdout}${stderr}` };
}

/** Every planted fault must be reported, and nothing without one. */
function planted(addon, work) {
  const right = child(addon);
  if (right.status !== 0 || !right.output.includes('done'))
    throw new Error(`Nothing is planted, and yet:\n${right.output}`);
  for (const [name, report] of Object.entries(PLANTED)) {
    const folder = path.join(root, work, 'planted', name);
    for (const file of fs.readdirSync(path.dirname(addon))) {
      const target = path.join(folder, file);
      if (file === 'libwarpframe_cudf.so' || !/\.(so|so\.1|node)$/.test(file)) continue;
      fs.rmSync(target, { force: true });
      fs.linkSync(path.join(path.dirname(addon), file), target);
    }
    const { status, output } = child(path.join(folder, 'warpframe.node'));
    if (status === 0 || !report.test(output)) throw new Error(`The planted fault ${name} was not noticed:\n${output}`);
    console.log(`noticed ${name}: ${report.exec(output)[0].split('\n')[0]}`);
  }
}

async function engine() {
  const why = whyNoBuild('sim');
  if (why) throw new Error(`The engine cannot be built with sanitizers: ${why}`);
  say('addon, engine library and host libcudf, -fsanitize=address,undefined');
  const { file } = await buildNative({ variant: 'sim', sanitize: 'address,undefined' });
  const work = `${path.relative(root, path.dirname(file))}-build`;
  say('programs without Node, leaks too');
  // A planted mistake ends its program by a signal, which the sanitizer would take.
  // An engine that was opened is kept until its process ends (api_close says why): that is no leak.
  const kept = path.join(root, work, 'kept.supp');
  fs.writeFileSync(kept, 'leak:api_open\nleak:SlabPool::give_back\n');
  run('ctest', ['--test-dir', work, '--output-on-failure', '-E', '^planted'], {
    ASAN_OPTIONS: 'detect_leaks=1',
    LSAN_OPTIONS: `suppressions=${kept}:print_suppressions=0`,
  });
  say('planted faults');
  planted(file, work);
  const suites = JSON.parse(fs.readFileSync('tests/device-suites.json', 'utf8'));
  const chosen = suites.filter((suite) => only.some((part) => suite.includes(part)));
  say(`${chosen.length} suites through Node, on the host libcudf, not a GPU`);
  run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--testTimeout', '300000', ...chosen], {
    ...nodeEnvironment(file),
    TZ: 'America/Los_Angeles',
  });
}

try {
  for (const kind of kinds) kernels(kind);
  if (kinds.includes('address') && !quick) await engine();
  say('no report');
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
