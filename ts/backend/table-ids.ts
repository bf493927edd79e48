// Numbers of resident tables: plans name tables by them, so no two backends may use the same one.

let next = 1;

/** A number that no table of this process has had. */
export const nextTableId = (): number => next++;
