// How an aborted query unwinds: a value that is no error and that no operator catches.

const MARKER = Symbol('aborted');

export const abortMarker = (): unknown => MARKER;
export const isAbortMarker = (thrown: unknown): boolean => thrown === MARKER;
