// Row objects from columns, all with one hidden class.

type Build = (n: number, columns: readonly ArrayLike<unknown>[]) => object[];

const builders = new Map<string, Build>();
let canGenerate = true;

/** One object per row. Columns are arrays or typed arrays of at least `n` values. */
export function rowObjects(
  names: readonly string[],
  columns: readonly ArrayLike<unknown>[],
  n: number,
): Record<string, unknown>[] {
  // The kinds of arrays are part of the key: each builder then sees one kind a column and stays monomorphic.
  let key = '';
  for (let i = 0; i < names.length; i++) key += `${names[i]!.length} ${names[i]} ${columns[i]!.constructor.name} `;
  let build = builders.get(key);
  if (build === undefined) {
    build = generate(names) ?? ((rows, cols) => plain(names, cols, rows));
    if (builders.size >= 256) builders.clear();
    builders.set(key, build);
  }
  return build(n, columns) as Record<string, unknown>[];
}

/** A loop around one object literal; null where code generation is forbidden or pointless. */
function generate(names: readonly string[]): Build | null {
  if (!canGenerate || names.length > 200) return null;
  const fields = names.map((name, i) => {
    // An own property, also when it is called __proto__.
    const key = name === '__proto__' ? "['__proto__']" : JSON.stringify(name);
    return `${key}: c${i}[i]`;
  });
  const take = names.map((_, i) => `const c${i} = columns[${i}];`).join('\n');
  try {
    return new Function(
      'n',
      'columns',
      `${take}\nconst out = new Array(n);\nfor (let i = 0; i < n; i++) out[i] = { ${fields.join(', ')} };\nreturn out;`,
    ) as Build;
  } catch {
    canGenerate = false;
    return null;
  }
}

/** The same without generated code. */
function plain(names: readonly string[], columns: readonly ArrayLike<unknown>[], n: number): object[] {
  const out = new Array<Record<string, unknown>>(n);
  for (let i = 0; i < n; i++) out[i] = {};
  names.forEach((name, k) => {
    const column = columns[k] as ArrayLike<unknown>;
    if (name === '__proto__') {
      out.forEach((row, i) => {
        Object.defineProperty(row, name, { value: column[i], enumerable: true, configurable: true, writable: true });
      });
    } else for (let i = 0; i < n; i++) (out[i] as Record<string, unknown>)[name] = column[i];
  });
  return out;
}
