// Plugins of the bundler that make what it writes quicker to load.
import path from 'node:path';

const FACADE = /^export\s*\{([^}]*)\}\s*from\s*["'`]\.\/([^"'`]+)["'`];?\s*$/;

/**
 * A module that shares a chunk with others gets a file that only passes its exports on, for who imports it dynamically.
 * Finding and opening that takes as long as compiling 10 KB: importers go to the chunk itself.
 */
export const noFacades = {
  name: 'no-facades',
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((chunk) => chunk.type === 'chunk');
    for (const facade of chunks) {
      const [, names, target] = FACADE.exec(facade.code) ?? [];
      if (names === undefined || facade.isEntry) continue;
      const file = path.basename(facade.fileName);
      const picked = names.split(',').map((pair) => {
        const [inside, outside = inside] = pair.trim().split(' as ');
        return `${outside}:m.${inside}`;
      });
      const dynamic = new RegExp(`import\\(\`([./\\w]*/)${file.replaceAll('.', '\\.')}\`\\)`, 'g');
      for (const chunk of chunks)
        if (chunk.code.includes(file))
          chunk.code = chunk.code.replace(dynamic, `import(\`$1${target}\`).then(m=>({${picked.join()}}))`);
      if (!chunks.some((chunk) => chunk !== facade && chunk.code.includes(file))) delete bundle[facade.fileName];
    }
  },
};

/** One character above U+00FF makes V8 keep, and scan, a whole file with two bytes a character. */
export const asciiOnly = {
  name: 'ascii-only',
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle))
      if (chunk.type === 'chunk')
        chunk.code = chunk.code.replace(
          /[^\0-\x7f]/g,
          (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
  },
};
