// The sim addon with a fault in it, by WARPFRAME_PLANT: what verify-gpu must find. Takes the real addon beside it.
const path = require('node:path');
const real = require(path.join(__dirname, 'real.node'));
const [what, at] = (process.env.WARPFRAME_PLANT ?? '').split(':');
let downloads = 0;

/** One bit of one value. */
const flip = (bytes, index) => {
  new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)[index] ^= 1;
};

const faults = {
  'value:engine.download'(slab) {
    if (slab === null) return slab;
    const first = JSON.parse(slab.layout)[0];
    if (first?.values && first.values[1] > 0) flip(new Uint8Array(slab.buffer), first.values[0]);
    return slab;
  },
  'crash:engine.download'(slab) {
    if (++downloads === Number(at)) process.abort();
    return slab;
  },
  'kernel:kernels.run'(made) {
    for (const array of Object.values(made.arrays)) if (array.length > 0) flip(array, array.byteLength - 1);
    return made;
  },
};

const invoke = (name, params) => {
  const promise = real.invoke(name, params);
  const fault = faults[`${what}:${name}`];
  if (fault === undefined) return promise;
  const changed = promise.then(fault);
  return promise.run === undefined ? changed : Object.assign(changed, { run: promise.run });
};
const { version, release, cancel, whyNot, memoryInfo } = real;
module.exports = { version, invoke, release, cancel, whyNot, memoryInfo };
