#include "table.hh"

#include <rmm/device_buffer.hpp>

#include <algorithm>
#include <mutex>
#include <utility>

#include "../util/failure.hh"

namespace warpframe::engine {
namespace {

std::vector<std::byte> to_host(Device& device, const rmm::device_buffer& buffer) {
  std::vector<std::byte> bytes(buffer.size());
  device.copy_to_host(bytes.data(), buffer.data(), bytes.size());
  return bytes;
}

/** Copies the buffers; the caller waits for the stream before it frees the column. */
HostColumn park(Device& device, cudf::column::contents& contents, cudf::data_type type, cudf::size_type size,
                cudf::size_type nulls) {
  HostColumn parked{type, size, nulls, to_host(device, *contents.data), to_host(device, *contents.null_mask), {}};
  for (auto& child : contents.children) {
    const cudf::data_type child_type = child->type();
    const cudf::size_type child_size = child->size();
    const cudf::size_type child_nulls = child->null_count();
    auto inner = child->release();
    parked.children.push_back(park(device, inner, child_type, child_size, child_nulls));
    // Rebuilt around the same buffers, so that they live until the stream is done.
    child = std::make_unique<cudf::column>(child_type, child_size, std::move(*inner.data), std::move(*inner.null_mask),
                                           child_nulls, std::move(inner.children));
  }
  return parked;
}

rmm::device_buffer to_device(Device& device, const std::vector<std::byte>& bytes) {
  rmm::device_buffer buffer(bytes.size(), device.stream(), device.memory_ref());
  device.copy_to_device(buffer.data(), bytes.data(), bytes.size());
  return buffer;
}

std::unique_ptr<cudf::column> restore(Device& device, const HostColumn& parked) {
  std::vector<std::unique_ptr<cudf::column>> children;
  for (const HostColumn& child : parked.children) children.push_back(restore(device, child));
  rmm::device_buffer data = to_device(device, parked.data);
  rmm::device_buffer mask = to_device(device, parked.mask);
  return std::make_unique<cudf::column>(parked.type, parked.size, std::move(data), std::move(mask), parked.null_count,
                                        std::move(children));
}

}  // namespace

Table::Table(Device& device, exec::Frame frame)
    : device_(device), schema_(frame.schema), rows_(frame.rows),
      frame_(std::make_shared<exec::Frame>(std::move(frame))) {
  for (const exec::ColumnPtr& column : frame_->columns) bytes_ += column->alloc_size();
  device_.add(*this);
}

Table::~Table() {
  const std::lock_guard lock(device_.mutex());
  device_.remove(*this);
  device_.spilled_bytes() -= parked_bytes_;
}

std::shared_ptr<const exec::Frame> Table::use() {
  const std::lock_guard lock(device_.mutex());
  device_.touch(*this);
  if (frame_) return frame_;
  if (broken_) throw Failure("ERR_DEVICE", "This table was lost with its GPU. Make it again.");
  loading_ = true;
  auto frame = std::make_shared<exec::Frame>();
  frame->schema = schema_;
  frame->rows = rows_;
  try {
    for (auto& column : parked_) {
      if (const auto* const host = std::get_if<HostColumn>(&column))
        frame->columns.emplace_back(restore(device_, *host));
      else
        frame->columns.push_back(std::get<exec::ColumnPtr>(column));
    }
    device_.stream().sync();
  } catch (...) {
    loading_ = false;
    throw;
  }
  loading_ = false;
  parked_.clear();
  device_.spilled_bytes() -= std::exchange(parked_bytes_, 0);
  frame_ = std::move(frame);
  return frame_;
}

std::uint64_t Table::spill() {
  if (loading_ || !frame_ || frame_.use_count() > 1) return 0;
  const auto own = [](const exec::ColumnPtr& column) { return column.use_count() == 1; };
  if (std::none_of(frame_->columns.begin(), frame_->columns.end(), own)) return 0;
  std::uint64_t freed = 0;
  std::vector<cudf::column::contents> doomed;
  parked_.clear();
  // A copy that fails half way (the device is lost) leaves a table that says so.
  const std::shared_ptr<exec::Frame> frame = std::move(frame_);
  broken_ = true;
  for (exec::ColumnPtr& column : frame->columns) {
    if (!own(column)) {
      parked_.emplace_back(std::move(column));
      continue;
    }
    freed += column->alloc_size();
    const cudf::data_type type = column->type();
    const cudf::size_type size = column->size();
    const cudf::size_type nulls = column->null_count();
    // Only this frame has it, and it was made without const.
    auto contents = std::const_pointer_cast<cudf::column>(column)->release();
    parked_.emplace_back(park(device_, contents, type, size, nulls));
    doomed.push_back(std::move(contents));
  }
  device_.stream().sync();
  broken_ = false;
  parked_bytes_ = freed;
  device_.spilled_bytes() += freed;
  return freed;
}

}  // namespace warpframe::engine
