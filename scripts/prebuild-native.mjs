// npm run prebuild:cpu | prebuild:cuda12 | prebuild:cuda13: writes out/npm/<platform>-<arch>-<variant>, the contents of an
// optional platform package: the addon as a prebuild, and libxgboost with its libgomp, or the engine library of libcudf.
// Publishing it is another step.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildNative } from './build-native.mjs';
import { fetchXgboost, XGBOOST_VERSION } from './fetch-xgboost.mjs';

const root = path.resolve(import.meta.dirname, '..');
const require = createRequire(path.join(root, 'package.json'));
const ENGINE_LIBRARY = 'libwarpframe_cudf.so';

const index = (name, about, file) => `'use strict';
// Where this package's files are. Requiring it loads nothing native.
const path = require('node:path');

module.exports = {
  /** Path of the addon that fits this Node. */
  addon: () => require('node-gyp-build').resolve(__dirname),
  /** ${about} */
  ${name}: path.join(__dirname, ${JSON.stringify(file)}),
};
`;

/** The addon as a prebuild; prebuildify takes what it finds in build/Release of its folder. */
async function prebuildAddon(variant, folder) {
  // Here, so that a failure is told in full: prebuildify says no more than that there was one.
  process.env.WARPFRAME_PREBUILD_FILE = (await buildNative({ variant })).file;
  const staging = path.join(root, `out/native/prebuild-${variant}`);
  fs.rmSync(staging, { recursive: true, force: true });
  fs.mkdirSync(staging, { recursive: true });
  await promisify(require('prebuildify'))({
    ...{ cwd: staging, out: folder, name: 'warpframe', napi: true, strip: true, tagLibc: process.platform === 'linux' },
    ...{
      targets: [`node@${process.versions.node}`],
      nodeGyp: path.join(root, 'scripts/node-gyp-cmake.mjs'),
      quiet: true,
    },
  });
}

async function libxgboost(folder) {
  const xgboost = await fetchXgboost();
  for (const file of xgboost.files) {
    // libxgboost finds its libgomp by this layout.
    const target = path.join(folder, file.replace(/^xgboost_cpu-[^/]*\//, 'notices/xgboost/'));
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.copyFileSync(path.join(xgboost.folder, file), target);
    if (/\.so(\.|$)/.test(file)) spawnSync('strip', ['--strip-unneeded', target]);
  }
  return {
    index: index('xgboostLibrary', 'Path of libxgboost.', xgboost.library),
    files: ['xgboost', 'xgboost_cpu.libs', 'notices'],
    license: 'Apache-2.0 AND GPL-3.0-with-GCC-exception',
    description: `native addon and libxgboost ${XGBOOST_VERSION}`,
    readme: `The native addon of warpframe without CUDA, and libxgboost ${XGBOOST_VERSION} (Apache-2.0,\nfrom the Python package xgboost-cpu) with the GCC OpenMP runtime (GPL-3.0 with the runtime library exception).`,
  };
}

function engineLibrary(variant, folder) {
  const cuda = variant.slice('cuda'.length);
  const target = path.join(folder, 'engine', ENGINE_LIBRARY);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.copyFileSync(path.join(root, 'out/native', variant, ENGINE_LIBRARY), target);
  spawnSync('strip', ['--strip-unneeded', target]);
  return {
    index: index('engineLibrary', "Path of libcudf's engine library.", `engine/${ENGINE_LIBRARY}`),
    files: ['engine'],
    license: 'Apache-2.0',
    description: `native addon and engine library for CUDA ${cuda}`,
    readme: `The native addon of warpframe for CUDA ${cuda}, its kernels, and the library that runs plans on libcudf. Both hold\nNVIDIA's CUDA runtime as static code, under NVIDIA's licence terms for redistributable parts. libcudf itself is not\nhere: an environment that has it is found, or \`warpframe install-runtime\` fetches it.`,
  };
}

/** @returns the folder of the package */
export async function prebuild(variant) {
  const main = require('./package.json');
  const name = `${process.platform}-${process.arch}-${variant}`;
  const folder = path.join(root, 'out/npm', name);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  await prebuildAddon(variant === 'cpu' ? 'none' : variant, folder);
  const part = variant === 'cpu' ? await libxgboost(folder) : engineLibrary(variant, folder);

  fs.copyFileSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
  fs.writeFileSync(path.join(folder, 'index.cjs'), part.index);
  fs.writeFileSync(
    path.join(folder, 'README.md'),
    `# @warpframe/${name}\n\n${part.readme}\nwarpframe finds it when it is installed; it has no install script.\n`,
  );
  const manifest = {
    name: `@warpframe/${name}`,
    version: main.version,
    description: `warpframe's ${part.description}, for ${process.platform} ${process.arch}`,
    license: part.license,
    os: [process.platform],
    cpu: [process.arch],
    ...(process.platform === 'linux' ? { libc: ['glibc'] } : {}),
    engines: main.engines,
    main: './index.cjs',
    files: ['index.cjs', 'prebuilds', ...part.files, 'LICENSE'],
    preferUnplugged: true,
    dependencies: { 'node-gyp-build': main.devDependencies['node-gyp-build'] },
  };
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return folder;
}

export const prebuildCpu = () => prebuild('cpu');

if (process.argv[1] === import.meta.filename) {
  try {
    const at = process.argv.indexOf('--variant');
    const variant = at < 0 ? 'cpu' : process.argv[at + 1];
    if (!['cpu', 'cuda12', 'cuda13'].includes(variant))
      throw new Error(`The variant ${variant} is not one of: cpu, cuda12, cuda13`);
    const folder = await prebuild(variant);
    for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) {
        const file = path.join(entry.parentPath, entry.name);
        console.log(`${String(fs.statSync(file).size).padStart(9)} ${path.relative(root, file)}`);
      }
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
