// npm run prebuild:cpu: writes out/npm/<platform>-<arch>-cpu, the contents of the optional platform package: the addon
// of variant `none` as a prebuild, and libxgboost with its libgomp. Publishing it is another step.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { fetchXgboost, XGBOOST_VERSION } from './fetch-xgboost.mjs';

const root = path.resolve(import.meta.dirname, '..');
const require = createRequire(path.join(root, 'package.json'));

const INDEX = `'use strict';
// Where this package's files are. Requiring it loads nothing native.
const path = require('node:path');

module.exports = {
  /** Path of the addon that fits this Node. */
  addon: () => require('node-gyp-build').resolve(__dirname),
  /** Path of libxgboost. */
  xgboostLibrary: path.join(__dirname, LIBRARY),
};
`;

/** @returns the folder of the package */
export async function prebuildCpu() {
  const main = require('./package.json');
  const name = `${process.platform}-${process.arch}-cpu`;
  const folder = path.join(root, 'out/npm', name);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });

  // prebuildify takes what it finds in build/Release of its folder.
  const staging = path.join(root, 'out/native/prebuild');
  fs.rmSync(staging, { recursive: true, force: true });
  fs.mkdirSync(staging, { recursive: true });
  process.env.WARPFRAME_PREBUILD_VARIANT = 'none';
  await promisify(require('prebuildify'))({
    ...{ cwd: staging, out: folder, name: 'warpframe', napi: true, strip: true, tagLibc: process.platform === 'linux' },
    ...{
      targets: [`node@${process.versions.node}`],
      nodeGyp: path.join(root, 'scripts/node-gyp-cmake.mjs'),
      quiet: true,
    },
  });

  const xgboost = await fetchXgboost();
  for (const file of xgboost.files) {
    // libxgboost finds its libgomp by this layout.
    const target = path.join(folder, file.replace(/^xgboost_cpu-[^/]*\//, 'notices/xgboost/'));
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.copyFileSync(path.join(xgboost.folder, file), target);
    if (/\.so(\.|$)/.test(file)) spawnSync('strip', ['--strip-unneeded', target]);
  }
  fs.copyFileSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
  fs.writeFileSync(path.join(folder, 'index.cjs'), INDEX.replace('LIBRARY', JSON.stringify(xgboost.library)));
  fs.writeFileSync(
    path.join(folder, 'README.md'),
    `# @warpframe/${name}\n\nThe native addon of warpframe without CUDA, and libxgboost ${XGBOOST_VERSION} (Apache-2.0,\nfrom the Python package xgboost-cpu) with the GCC OpenMP runtime (GPL-3.0 with the runtime library exception).\nwarpframe finds it when it is installed; it has no install script.\n`,
  );
  const manifest = {
    name: `@warpframe/${name}`,
    version: main.version,
    description: `warpframe's native addon and libxgboost ${XGBOOST_VERSION} for ${process.platform} ${process.arch}`,
    license: 'Apache-2.0 AND GPL-3.0-with-GCC-exception',
    os: [process.platform],
    cpu: [process.arch],
    ...(process.platform === 'linux' ? { libc: ['glibc'] } : {}),
    engines: main.engines,
    main: './index.cjs',
    files: ['index.cjs', 'prebuilds', 'xgboost', 'xgboost_cpu.libs', 'notices', 'LICENSE'],
    preferUnplugged: true,
    dependencies: { 'node-gyp-build': main.devDependencies['node-gyp-build'] },
  };
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return folder;
}

if (process.argv[1] === import.meta.filename) {
  try {
    const folder = await prebuildCpu();
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
