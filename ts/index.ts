// The whole public API: explicit names, grouped, nothing else.

export type { ArrowColumn, RecordBatch } from './backend/arrow.ts';
export type { BackendInfo, OnProgress, Progress } from './backend/backend.ts';
// Jobs: loaded when one runs
export type { JobConfig } from './config/job-config.ts';
export type { EngineChoice } from './env.ts';
export type { ErrorCode, ErrorPlace } from './errors.ts';
// Errors
export {
  ColumnNotFoundError,
  CorruptFileError,
  DeviceError,
  DisposedError,
  DTypeError,
  DuplicateColumnError,
  EvaluationError,
  IoError,
  JobError,
  MissingDependencyError,
  OutOfMemoryError,
  ParameterError,
  ParseError,
  SchemaMismatchError,
  ShapeError,
  UnsupportedError,
  WarpError,
} from './errors.ts';
export type { BoolExpr } from './expr/bool.ts';
// Expressions
export { coalesce, col, corr, cov, len, lit, when } from './expr/builders.ts';
export type { DateFunctions, DatetimeFunctions, ReplaceTimeZoneOptions, TimeFunctions } from './expr/calendar.ts';
export type { TemporalExpr } from './expr/datetime.ts';
export type { DurationExpr, DurationFunctions } from './expr/duration.ts';
export type {
  AliasedExpr,
  AnyExpr,
  Cols,
  DdofOptions,
  EwmOptions,
  Expr,
  ExprLike,
  Kind,
  OrderedExpr,
  OverOptions,
  QuantileOptions,
  RankOptions,
  RollingOptions,
  ValueExpr,
} from './expr/expr.ts';
export type { ListExpr, ListFunctions, StructExpr, StructFunctions } from './expr/list.ts';
export type { NumberExpr } from './expr/number.ts';
export type { Float, Integer, Literal, Numeric, Temporal } from './expr/result-types.ts';
export type { StringExpr, StringFunctions, ToDatetimeOptions } from './expr/string.ts';
export type { Then, When, WhenNext } from './expr/when.ts';
export { Column } from './frame/column.ts';
export type { FromAsyncOptions } from './frame/create.ts';
// Frames from data and files
export { fromArrow, fromAsyncIterable, fromColumns, fromIpc, fromRecords } from './frame/create.ts';
export type {
  ConcatOptions,
  ExplainOptions,
  JoinOptions,
  SampleOptions,
  UniqueOptions,
} from './frame/dataframe.ts';
// Frames and tables
export { concat, DataFrame } from './frame/dataframe.ts';
export type {
  ArrayOf,
  ColumnArrays,
  Columns,
  Computed,
  InferredColumns,
  InferredRecord,
  Item,
  Items,
  JoinHow,
  RowNumbers,
  SortKey,
} from './frame/frame-types.ts';
export type { AggOptions } from './frame/group-by.ts';
export { GroupBy } from './frame/group-by.ts';
export type {
  ArrowWriteOptions,
  CsvReadOptions,
  CsvWriteOptions,
  JsonlReadOptions,
  JsonlWriteOptions,
  ParquetWriteOptions,
} from './frame/io-options.ts';
export type { ReadOptions } from './frame/read.ts';
export { readArrow, readCsv, readJsonl, readParquet } from './frame/read.ts';
export type { ToIpcOptions } from './frame/table.ts';
export { Table } from './frame/table.ts';
export type { ReadableOptions } from './frame/terminals.ts';
export type { JobResult } from './job/job-result.ts';
export type { RunJobOptions } from './job/run-job.ts';
export { runJob } from './job/run-job.ts';
export type { MemoryEstimate, MemoryStage } from './optimize/memory-plan.ts';
export type { RunOptions } from './runner/runner.ts';
// Running
export { backendInfos } from './runner/runner.ts';
export type { Settings } from './runner/settings.ts';
export { configure } from './runner/settings.ts';
export { DecimalValue } from './schema/decimal.ts';
export type { DType, Nullable, Row, SchemaOf, SchemaSpec, Value } from './schema/dtypes.ts';
// Dtypes and values
export {
  Binary,
  Bool,
  Categorical,
  Date32,
  Datetime,
  Decimal,
  Duration,
  FixedSizeList,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Null,
  nullable,
  Struct,
  Time,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  Utf8,
} from './schema/dtypes.ts';
export type { Field, LogicalType, Schema, TimeUnit } from './schema/types.ts';
export type { Source } from './source/find.ts';
