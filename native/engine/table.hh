// A resident table: columns on the device, or, while memory is short, in host memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "../exec/frame.hh"
#include "device.hh"

namespace warpframe::engine {

/** A column's buffers in host memory, as they lay on the device. */
struct HostColumn {
  cudf::data_type type;
  cudf::size_type size = 0;
  cudf::size_type null_count = 0;
  std::vector<std::byte> data;
  std::vector<std::byte> mask;
  std::vector<HostColumn> children;
};

/** Used on the device's thread, except that it may be destroyed on any. */
class Table {
 public:
  Table(Device& device, exec::Frame frame);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  /** The rows; they stay on the device while the result lives. Copies them back where they were moved away. */
  std::shared_ptr<const exec::Frame> use();
  /** Moves to the host what nobody else refers to. @returns the bytes freed. Under the device's mutex */
  std::uint64_t spill();

  std::int64_t rows() const { return rows_; }
  std::uint64_t bytes() const { return bytes_; }
  const plan::Schema& schema() const { return schema_; }
  Device& device() const { return device_; }

 private:
  Device& device_;
  plan::Schema schema_;
  cudf::size_type rows_;
  std::uint64_t bytes_ = 0;
  std::uint64_t parked_bytes_ = 0;
  bool loading_ = false;
  bool broken_ = false;
  std::shared_ptr<exec::Frame> frame_;  // null while any column is parked
  std::vector<std::variant<exec::ColumnPtr, HostColumn>> parked_;
};

}  // namespace warpframe::engine
