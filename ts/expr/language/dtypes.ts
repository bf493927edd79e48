// The dtypes that a job file can name.
import {
  Binary,
  Bool,
  Categorical,
  Date32,
  Datetime,
  Decimal,
  Duration,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  Time,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  Utf8,
} from '../../schema/dtypes.ts';

/** By name; those with parameters are functions as well. */
export const DTYPES: Readonly<Record<string, unknown>> = {
  Bool,
  Int8,
  Int16,
  Int32,
  Int64,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  Float32,
  Float64,
  Utf8,
  Binary,
  Categorical,
  Date32,
  Time,
  Datetime,
  Duration,
  Decimal,
};

export const DTYPE_NAMES: readonly string[] = Object.keys(DTYPES);
