// Names of columns that a file gives twice.

/** The names with a number at each that comes again, so that no column is lost: `x`, `x_1`, `x_2`. */
export function uniqueNames(names: readonly string[]): string[] {
  const all = new Set(names);
  const used = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let n = 1; used.has(unique) || (unique !== name && all.has(unique)); n++) unique = `${name}_${n}`;
    used.add(unique);
    return unique;
  });
}
