// Every error a user can meet. A message says what, where, what was got and how to mend it.

/** Machine-readable error codes; each is part of the API. */
export type ErrorCode =
  | 'ERR_COLUMN_NOT_FOUND'
  | 'ERR_DUPLICATE_COLUMN'
  | 'ERR_DTYPE'
  | 'ERR_SCHEMA_MISMATCH'
  | 'ERR_SHAPE'
  | 'ERR_PARAMETER'
  | 'ERR_MISSING_VALUES'
  | 'ERR_TARGET'
  | 'ERR_UNSUPPORTED'
  | 'ERR_PARSE'
  | 'ERR_CORRUPT_FILE'
  | 'ERR_FILE_NOT_FOUND'
  | 'ERR_IO'
  | 'ERR_DISK_FULL'
  | 'ERR_HTTP'
  | 'ERR_CAST'
  | 'ERR_OVERFLOW'
  | 'ERR_INTEGER_RANGE'
  | 'ERR_EVALUATION'
  | 'ERR_OUT_OF_MEMORY'
  | 'ERR_ENGINE_DIED'
  | 'ERR_DEVICE'
  | 'ERR_DISPOSED'
  | 'ERR_JOB'
  | 'ERR_MISSING_DEPENDENCY'
  | 'ERR_INTERNAL';

/** Where a run-time error happened. Absent parts are not known. */
export interface ErrorPlace {
  /** Expression text, as `explain` prints it. */
  expression?: string;
  /** Column name. */
  column?: string;
  /** Row number within the node's input, from 0. */
  row?: number;
  /** The value that failed, as text. */
  value?: string;
  /** Plan node, as `explain` prints it. */
  node?: string;
}

/** The base of every error warpframe throws. */
export class WarpError extends Error {
  readonly code: ErrorCode;
  /** Typed detail, by code; plain JSON so that it crosses threads. */
  readonly detail: Readonly<Record<string, unknown>>;
  constructor(code: ErrorCode, message: string, detail: Record<string, unknown> = {}, options: ErrorOptions = {}) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.detail = Object.freeze({ ...detail });
  }
}

/** A name that is not a column of the frame. */
export class ColumnNotFoundError extends WarpError {
  constructor(message: string, detail: { name: string; columns: readonly string[] }) {
    super('ERR_COLUMN_NOT_FOUND', message, detail);
  }
}
/** A result that would hold one name twice. */
export class DuplicateColumnError extends WarpError {
  constructor(message: string, detail: { name: string }) {
    super('ERR_DUPLICATE_COLUMN', message, detail);
  }
}
/** An operation on a dtype it does not take. */
export class DTypeError extends WarpError {
  constructor(message: string, detail: Record<string, unknown> = {}) {
    super('ERR_DTYPE', message, detail);
  }
}
/** A file or frame whose columns are not the declared ones. */
export class SchemaMismatchError extends WarpError {
  constructor(message: string, detail: Record<string, unknown> = {}) {
    super('ERR_SCHEMA_MISMATCH', message, detail);
  }
}
/** Columns or arrays of different lengths. */
export class ShapeError extends WarpError {
  constructor(message: string, detail: Record<string, unknown> = {}) {
    super('ERR_SHAPE', message, detail);
  }
}
/** An argument outside its range. */
export class ParameterError extends WarpError {
  constructor(message: string, detail: Record<string, unknown> = {}) {
    super('ERR_PARAMETER', message, detail);
  }
}
/** Nulls, NaN or infinities where training or prediction needs numbers. */
export class MissingValuesError extends WarpError {
  constructor(message: string, detail: { column: string; nulls: number; nans: number; infinities: number }) {
    super('ERR_MISSING_VALUES', message, detail);
  }
}
/** A target that an estimator cannot learn: one class only, classes for a regressor, nulls. */
export class TargetError extends WarpError {
  constructor(message: string, detail: Record<string, unknown> = {}) {
    super('ERR_TARGET', message, detail);
  }
}
/** Something a backend, a format or a reader does not do. */
export class UnsupportedError extends WarpError {
  constructor(message: string, detail: Record<string, unknown> = {}) {
    super('ERR_UNSUPPORTED', message, detail);
  }
}
/** Text that does not parse: CSV, JSON Lines, dates, numbers. */
export class ParseError extends WarpError {
  constructor(message: string, detail: { path?: string; line?: number; row?: number; column?: string; text?: string }) {
    super('ERR_PARSE', message, detail);
  }
}
/** A binary file that breaks its own format. */
export class CorruptFileError extends WarpError {
  constructor(message: string, detail: { path: string; offset: number }, options?: ErrorOptions) {
    super('ERR_CORRUPT_FILE', message, detail, options);
  }
}
/** A value that fails while a query runs: a strict cast, an overflow, a bad pattern. */
export class EvaluationError extends WarpError {
  constructor(
    code: 'ERR_CAST' | 'ERR_OVERFLOW' | 'ERR_INTEGER_RANGE' | 'ERR_EVALUATION',
    message: string,
    detail: ErrorPlace = {},
  ) {
    super(code, message, { ...detail });
  }
}
/** A file, folder or URL that cannot be read or written. */
export class IoError extends WarpError {
  constructor(
    code: 'ERR_IO' | 'ERR_DISK_FULL' | 'ERR_HTTP' | 'ERR_FILE_NOT_FOUND',
    message: string,
    detail: Record<string, unknown> = {},
    options?: ErrorOptions,
  ) {
    super(code, message, detail, options);
  }
}
/** A query that needs more memory than its limit. The process lives. */
export class OutOfMemoryError extends WarpError {
  /** `what`: the one thing that has to be in memory as a whole and does not fit. */
  constructor(
    detail: { requestedBytes: number; usedBytes: number; limitBytes: number; device: string },
    what?: string,
  ) {
    const mb = (n: number) => `${(n / 1048576).toFixed(1)} MB`;
    super(
      'ERR_OUT_OF_MEMORY',
      `Out of memory on ${detail.device}: ${mb(detail.requestedBytes)} requested with ${mb(detail.usedBytes)} in use and a limit of ${mb(detail.limitBytes)}. ${what === undefined ? '' : `${what} must fit into memory. `}Raise memoryLimitBytes, or read fewer columns or rows.`,
      detail,
    );
  }
}
/** An engine or device that was lost in the middle of a query. */
export class DeviceError extends WarpError {
  constructor(
    code: 'ERR_ENGINE_DIED' | 'ERR_DEVICE',
    message: string,
    detail: Record<string, unknown> = {},
    options?: ErrorOptions,
  ) {
    super(code, message, detail, options);
  }
}
/** A table, model or session used after `dispose()`. */
export class DisposedError extends WarpError {
  constructor(what: string) {
    super('ERR_DISPOSED', `This ${what} is disposed. Keep it until its last use, or make it again.`);
  }
}
/** A job whose result may not count: a leak, a latency beyond its limit. */
export class JobError extends WarpError {
  constructor(message: string, detail: Record<string, unknown> = {}) {
    super('ERR_JOB', message, detail);
  }
}
/** An optional package that is not installed. */
export class MissingDependencyError extends WarpError {
  constructor(message: string, detail: { packageName: string }, options?: ErrorOptions) {
    super('ERR_MISSING_DEPENDENCY', message, detail, options);
  }
}

const CLASSES: Partial<Record<ErrorCode, { prototype: WarpError }>> = {
  ERR_COLUMN_NOT_FOUND: ColumnNotFoundError,
  ERR_DUPLICATE_COLUMN: DuplicateColumnError,
  ERR_DTYPE: DTypeError,
  ERR_SCHEMA_MISMATCH: SchemaMismatchError,
  ERR_SHAPE: ShapeError,
  ERR_PARAMETER: ParameterError,
  ERR_UNSUPPORTED: UnsupportedError,
  ERR_PARSE: ParseError,
  ERR_CORRUPT_FILE: CorruptFileError,
  ERR_FILE_NOT_FOUND: IoError,
  ERR_IO: IoError,
  ERR_DISK_FULL: IoError,
  ERR_HTTP: IoError,
  ERR_MISSING_VALUES: MissingValuesError,
  ERR_TARGET: TargetError,
  ERR_CAST: EvaluationError,
  ERR_OVERFLOW: EvaluationError,
  ERR_INTEGER_RANGE: EvaluationError,
  ERR_EVALUATION: EvaluationError,
  ERR_OUT_OF_MEMORY: OutOfMemoryError,
  ERR_ENGINE_DIED: DeviceError,
  ERR_DEVICE: DeviceError,
  ERR_DISPOSED: DisposedError,
  ERR_JOB: JobError,
  ERR_MISSING_DEPENDENCY: MissingDependencyError,
};

/** Whether a text is one of our codes. */
export const isErrorCode = (code: string): code is ErrorCode => code === 'ERR_INTERNAL' || code in CLASSES;

/** An error as JSON, to cross from the engine thread. */
export interface ErrorJson {
  code: ErrorCode;
  message: string;
  detail: Record<string, unknown>;
  stack?: string;
}

/** Turns anything thrown into JSON; what is not a WarpError is an internal fault and says so. */
export function errorToJson(error: unknown): ErrorJson {
  if (error instanceof WarpError) return { code: error.code, message: error.message, detail: { ...error.detail } };
  const e = error instanceof Error ? error : new Error(String(error));
  return {
    code: 'ERR_INTERNAL',
    message: `Internal fault: ${e.message}. Please report it with the plan (explain()).`,
    detail: {},
    ...(e.stack === undefined ? {} : { stack: e.stack }),
  };
}

/** Makes the error again on this side; `callSite` carries the stack of the call that started the query. */
export function errorFromJson(json: ErrorJson, callSite?: Error): WarpError {
  const error = new WarpError(json.code, json.message, json.detail);
  const shape = CLASSES[json.code];
  if (shape) {
    Object.setPrototypeOf(error, shape.prototype);
    error.name = shape.prototype.constructor.name;
  }
  const at = callSite?.stack?.split('\n').slice(1).join('\n');
  if (at !== undefined) error.stack = `${error.name}: ${error.message}\n${at}`;
  if (json.stack !== undefined) error.stack += `\n    [engine] ${json.stack}`;
  return error;
}
