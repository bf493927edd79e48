/** Milliseconds that only grow. The global `performance` loads a module of Node's that a first answer does without. */
export function nowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
