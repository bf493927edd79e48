// A plugin of the bundler: Node's own modules are taken as objects. An import of `node:fs` reads every export of it, and
// with them loads the streams, which takes longer than the rest of opening a file.
const IMPORT = /import\s*(?:([\w$]+)|\{([^}]*)\})\s*from\s*["'](node:[a-z0-9_/]+)["'];/g;

export const builtinsAsObjects = {
  name: 'builtins-as-objects',
  renderChunk(code) {
    const taken = code.replaceAll(IMPORT, (_, whole, names, id) => {
      const target = whole ?? `{${names.replaceAll(' as ', ': ')}}`;
      return `const ${target} = process.getBuiltinModule('${id}');`;
    });
    const left = /^\s*import\b[^(;'"]*["']node:[^;]*;/m.exec(taken);
    if (left) throw new Error(`This import of a builtin module is not understood: ${left[0]}`);
    return taken;
  },
};
