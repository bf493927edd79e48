#!/usr/bin/env node
// Stands in for node-gyp under prebuildify, which calls `rebuild --target=… --arch=… --release` in its folder: puts what
// prebuild-native.mjs has built with cmake-js where prebuildify looks. A Node-API build needs no Node version.
import fs from 'node:fs';
import path from 'node:path';

const arch = process.argv.find((a) => a.startsWith('--arch='))?.slice('--arch='.length);
if (arch !== undefined && arch !== process.arch) {
  console.error(`Cannot build for ${arch} on ${process.arch}`);
  process.exit(1);
}
const file = process.env.WARPFRAME_PREBUILD_FILE;
fs.mkdirSync('build/Release', { recursive: true });
fs.copyFileSync(file, path.join('build/Release', path.basename(file)));
