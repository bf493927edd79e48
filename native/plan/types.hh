// The dtypes and schemas of plans, as ts/schema/types.ts has them. No CUDA include in this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace warpframe::plan {

enum class DType : std::uint8_t {
  null, boolean, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64, utf8, binary, categorical,
  date32, time, datetime, duration, decimal, list, fixed_size_list, structure
};
enum class TimeUnit : std::uint8_t { milliseconds, microseconds, nanoseconds };

struct Field;

struct LogicalType {
  DType dtype = DType::null;
  TimeUnit unit = TimeUnit::milliseconds;   // datetime, duration
  std::string zone;                         // datetime; empty: none
  int precision = 0;                        // decimal
  int scale = 0;                            // decimal
  int length = 0;                           // fixed_size_list
  std::vector<Field> fields;                // structure; list and fixed_size_list: one, the elements

  /** Parameters included; nullability of nested parts is not compared. */
  bool operator==(const LogicalType&) const;
};

/** One named, typed column. */
struct Field {
  std::string name;
  LogicalType type;
  bool nullable = true;

  bool operator==(const Field&) const = default;
};
using Schema = std::vector<Field>;

/** A dtype as a user writes it: `Int64`, `Datetime('us', 'UTC')`. */
std::string type_text(const LogicalType& type);
/** The name alone: `Datetime`. */
const char* dtype_name(DType dtype);
/** `ms`, `us` or `ns`. */
const char* unit_name(TimeUnit unit);
/** The place of a column. @returns -1 where there is none */
int find_field(const Schema& schema, const std::string& name);

}  // namespace warpframe::plan
