// Null masks.
#include "host.hh"

#include <cudf/null_mask.hpp>
#include <cudf/transform.hpp>

#include <algorithm>
#include <cstring>

namespace host = warpframe::host;
namespace gpu = warpframe::host::gpu;

namespace cudf {
namespace {

using Bits = std::vector<bool>;

Bits read_bits(const bitmask_type* mask, size_type begin, size_type end, cuda::stream_ref stream) {
  Bits bits(static_cast<std::size_t>(end - begin), true);
  if (mask == nullptr || begin == end) return bits;
  const auto words = (static_cast<std::size_t>(end) + 31) / 32;
  const auto* from = static_cast<const bitmask_type*>(gpu::read(mask, words * 4, stream.get(), "null mask"));
  for (size_type at = begin; at < end; ++at) bits[static_cast<std::size_t>(at - begin)] = (from[at >> 5] >> (at & 31) & 1U) != 0;
  return bits;
}

rmm::device_buffer write_bits(const Bits& bits, cuda::stream_ref stream, host::Memory memory) {
  std::vector<bitmask_type> words(bitmask_allocation_size_bytes(static_cast<size_type>(bits.size())) / 4);
  for (std::size_t at = 0; at < bits.size(); ++at) {
    if (bits[at]) words[at >> 5] |= 1U << (at & 31);
  }
  return host::upload(words.data(), words.size() * 4, stream, memory);
}

std::pair<rmm::device_buffer, size_type> with_count(const Bits& bits, cuda::stream_ref stream, host::Memory memory) {
  return {write_bits(bits, stream, memory), static_cast<size_type>(std::count(bits.begin(), bits.end(), false))};
}

template <typename Merge>
std::pair<rmm::device_buffer, size_type> merge_columns(const table_view& view, bool start, Merge merge, bool all_must_be_nullable,
                                                       cuda::stream_ref stream, host::Memory memory) {
  const auto nullable_columns = std::count_if(view.begin(), view.end(), [](const column_view& c) { return c.nullable(); });
  if (view.num_rows() == 0 || nullable_columns == 0 || (all_must_be_nullable && nullable_columns < view.num_columns())) {
    return {rmm::device_buffer{}, 0};
  }
  Bits merged(static_cast<std::size_t>(view.num_rows()), start);
  for (const column_view& column : view) {
    const Bits bits = read_bits(column.null_mask(), column.offset(), column.offset() + column.size(), stream);
    for (std::size_t row = 0; row < merged.size(); ++row) merged[row] = merge(merged[row], bits[row]);
  }
  return with_count(merged, stream, memory);
}

}  // namespace

size_type state_null_count(mask_state state, size_type size) {
  switch (state) {
    case mask_state::UNALLOCATED:
    case mask_state::ALL_VALID: return 0;
    case mask_state::ALL_NULL: return size;
    default: CUDF_FAIL("Invalid null mask state.", std::invalid_argument);
  }
}
std::size_t bitmask_allocation_size_bytes(size_type bits, std::size_t padding) {
  CUDF_EXPECTS(padding > 0, "Invalid padding boundary");
  const std::size_t bytes = (static_cast<std::size_t>(bits) + 7) / 8;
  return (bytes + padding - 1) / padding * padding;
}
size_type num_bitmask_words(size_type bits) { return (bits + 31) / 32; }

rmm::device_buffer create_null_mask(size_type size, mask_state state, cuda::stream_ref stream,
                                    rmm::device_async_resource_ref memory) {
  if (state == mask_state::UNALLOCATED) return {};
  rmm::device_buffer mask(bitmask_allocation_size_bytes(size), stream, memory);
  if (state != mask_state::UNINITIALIZED && mask.size() > 0) {
    std::memset(gpu::write(mask.data(), mask.size(), stream.get(), "create_null_mask"), state == mask_state::ALL_VALID ? 0xFF : 0, mask.size());
  }
  return mask;
}

void set_null_mask(bitmask_type* mask, size_type begin, size_type end, bool valid, cuda::stream_ref stream) {
  CUDF_EXPECTS(begin >= 0 && begin <= end, "Invalid bit range.");
  if (mask == nullptr || begin == end) return;
  auto* words = static_cast<bitmask_type*>(gpu::write(mask, (static_cast<std::size_t>(end) + 31) / 32 * 4, stream.get(), "set_null_mask"));
  for (size_type at = begin; at < end; ++at) {
    const bitmask_type bit = 1U << (at & 31);
    words[at >> 5] = valid ? words[at >> 5] | bit : words[at >> 5] & ~bit;
  }
}

rmm::device_buffer copy_bitmask(const bitmask_type* mask, size_type begin, size_type end, cuda::stream_ref stream,
                                rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(begin >= 0 && begin <= end, "Invalid bit range.");
  if (mask == nullptr || begin == end) return {};
  return write_bits(read_bits(mask, begin, end, stream), stream, memory);
}
rmm::device_buffer copy_bitmask(const column_view& view, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  if (!view.nullable()) return {};
  return copy_bitmask(view.null_mask(), view.offset(), view.offset() + view.size(), stream, memory);
}

std::pair<rmm::device_buffer, size_type> bitmask_and(const table_view& view, cuda::stream_ref stream,
                                                     rmm::device_async_resource_ref memory) {
  return merge_columns(view, true, [](bool a, bool b) { return a && b; }, false, stream, memory);
}
std::pair<rmm::device_buffer, size_type> bitmask_or(const table_view& view, cuda::stream_ref stream,
                                                    rmm::device_async_resource_ref memory) {
  return merge_columns(view, false, [](bool a, bool b) { return a || b; }, true, stream, memory);
}
std::pair<rmm::device_buffer, size_type> bitmask_and(host_span<const bitmask_type* const> masks,
                                                     host_span<const size_type> begins, size_type size,
                                                     cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  Bits merged(static_cast<std::size_t>(size), true);
  for (std::size_t i = 0; i < masks.size(); ++i) {
    const Bits bits = read_bits(masks[i], begins[i], begins[i] + size, stream);
    for (std::size_t row = 0; row < merged.size(); ++row) merged[row] = merged[row] && bits[row];
  }
  return with_count(merged, stream, memory);
}

size_type null_count(const bitmask_type* mask, size_type begin, size_type end, cuda::stream_ref stream) {
  CUDF_EXPECTS(begin >= 0 && begin <= end, "Invalid bit range.");
  return host::count_nulls(mask, begin, end, stream);
}

std::pair<std::unique_ptr<rmm::device_buffer>, size_type> bools_to_mask(const column_view& input, cuda::stream_ref stream,
                                                                        rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(input.type().id() == type_id::BOOL8, "Input is not of type bool");
  if (input.is_empty()) return {std::make_unique<rmm::device_buffer>(), 0};
  const host::Col rows(input, stream, "bools_to_mask");
  Bits bits;
  for (size_type row = 0; row < rows.size(); ++row) {
    const host::Val value = rows.at(row);
    bits.push_back(!value.null() && value.truth());
  }
  auto [mask, nulls] = with_count(bits, stream, memory);
  return {std::make_unique<rmm::device_buffer>(std::move(mask)), nulls};
}
std::unique_ptr<column> mask_to_bools(const bitmask_type* mask, size_type begin, size_type end, cuda::stream_ref stream,
                                      rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(begin >= 0 && begin <= end, "Invalid bit range.");
  CUDF_EXPECTS(mask != nullptr || begin == end, "nullmask is null");
  const Bits bits = read_bits(mask, begin, end, stream);
  return host::make_rows(type_id::BOOL8, end - begin, stream, memory,
                         [&](size_type row) { return host::Val::boolean(bits[static_cast<std::size_t>(row)]); });
}

}  // namespace cudf
