// A plugin of the bundler: Node's own modules are taken as objects. An import of `node:fs` reads every export of it, and
// with them loads the streams, which takes longer than the rest of opening a file.
const IMPORT = /import\s*(?:([\w$]+)|\{([^}]*)\})\s*from\s*["'](node:[a-z0-9_/]+)["'];/g;

/** Taken whole, they are loaded when they are first looked into: with each come others, and most programs need none. */
const LATE = new Set(['node:crypto', 'node:fs/promises', 'node:module', 'node:worker_threads', 'node:zlib']);

const taken = (id) => `process.getBuiltinModule('${id}')`;
const late = (id) => `new Proxy({}, { get: (_, name) => ${taken(id)}[name] })`;

export const builtinsAsObjects = {
  name: 'builtins-as-objects',
  renderChunk(code) {
    const out = code.replaceAll(IMPORT, (_, whole, names, id) => {
      if (whole) return `const ${whole} = ${LATE.has(id) ? late(id) : taken(id)};`;
      return `const {${names.replaceAll(' as ', ': ')}} = ${taken(id)};`;
    });
    const left = /^\s*import\b[^(;'"]*["']node:[^;]*;/m.exec(out);
    if (left) throw new Error(`This import of a builtin module is not understood: ${left[0]}`);
    return out;
  },
};
