// A table as one block of device memory. The metadata is ours: libcudf promises nothing about its bytes.
#include "host.hh"

#include <cudf/contiguous_split.hpp>

#include <algorithm>
#include <cstring>

namespace host = warpframe::host;
namespace gpu = warpframe::host::gpu;

namespace cudf {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::uint64_t kAbsent = ~std::uint64_t{0};

/** One column in the metadata; its children follow it. */
struct Entry {
  std::int32_t type;
  std::int32_t scale;
  std::int32_t rows;
  std::int32_t nulls;
  std::int32_t children;
  std::uint64_t data;
  std::uint64_t mask;
};

/** Copies of a table's columns, laid out in one block. */
class Packer {
 public:
  Packer(const table_view& input, cuda::stream_ref stream, host::Memory temporary)
      : stream_(stream), rows_(input.num_rows()), width_(input.num_columns()) {
    // A copy has no offset and no rows that a slice left out.
    for (const column_view& each : input) {
      owned_.push_back(std::make_unique<column>(each, stream, temporary));
      drop_idle_masks(*owned_.back());
      lay_out(owned_.back()->view());
    }
  }

  std::size_t bytes() const { return bytes_; }

  void copy_to(std::uint8_t* target) const {
    for (const Piece& piece : pieces_) gpu::copy(target + piece.at, piece.from, piece.bytes, stream_.get());
  }

  std::vector<std::uint8_t> metadata() const {
    std::vector<std::uint8_t> out(2 * sizeof(std::int32_t) + entries_.size() * sizeof(Entry));
    std::memcpy(out.data(), &rows_, sizeof rows_);
    std::memcpy(out.data() + sizeof rows_, &width_, sizeof width_);
    if (!entries_.empty()) std::memcpy(out.data() + 2 * sizeof rows_, entries_.data(), entries_.size() * sizeof(Entry));
    return out;
  }

 private:
  struct Piece {
    std::uint64_t at;
    const void* from;
    std::size_t bytes;
  };

  /** The size of a packed table is the same however often it is asked for. */
  static void drop_idle_masks(column& each) {
    if (each.null_count() == 0) each.set_null_mask(rmm::device_buffer{}, 0);
    for (size_type i = 0; i < each.num_children(); ++i) drop_idle_masks(each.child(i));
  }

  std::uint64_t place(const void* from, std::size_t bytes) {
    if (from == nullptr || bytes == 0) return kAbsent;
    const std::uint64_t at = bytes_;
    pieces_.push_back({at, from, bytes});
    bytes_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
    return at;
  }

  void lay_out(const column_view& view) {
    std::size_t bytes = 0;
    if (view.type().id() == type_id::STRING) {
      bytes = view.is_empty() ? 0 : chars(view);
    } else if (view.head() != nullptr) {
      bytes = static_cast<std::size_t>(view.size()) * size_of(view.type());
    }
    const std::size_t mask = view.nullable() ? bitmask_allocation_size_bytes(view.size(), 4) : 0;
    entries_.push_back(Entry{static_cast<std::int32_t>(view.type().id()), view.type().scale(), view.size(), view.null_count(),
                             view.num_children(), place(view.head(), bytes), place(view.null_mask(), mask)});
    for (auto child = view.child_begin(); child != view.child_end(); ++child) lay_out(*child);
  }

  std::size_t chars(const column_view& view) {
    const column_view offsets = view.child(0);
    const std::size_t width = size_of(offsets.type());
    const char* last = offsets.head<char>() + static_cast<std::size_t>(view.size()) * width;
    std::int64_t end = 0;
    std::memcpy(&end, gpu::read(last, width, stream_.get(), "offsets"), width);
    return static_cast<std::size_t>(end);
  }

  cuda::stream_ref stream_;
  std::int32_t rows_;
  std::int32_t width_;
  std::size_t bytes_ = 0;
  std::vector<std::unique_ptr<column>> owned_;
  std::vector<Entry> entries_;
  std::vector<Piece> pieces_;
};

column_view view_of(const std::uint8_t*& metadata, const std::uint8_t* data) {
  Entry entry;
  std::memcpy(&entry, metadata, sizeof entry);
  metadata += sizeof entry;
  std::vector<column_view> children;
  for (std::int32_t i = 0; i < entry.children; ++i) children.push_back(view_of(metadata, data));
  const auto at = [data](std::uint64_t offset) { return offset == kAbsent ? nullptr : data + offset; };
  const data_type type = entry.scale != 0 ? data_type{static_cast<type_id>(entry.type), entry.scale}
                                          : data_type{static_cast<type_id>(entry.type)};
  return column_view(type, entry.rows, at(entry.data), reinterpret_cast<const bitmask_type*>(at(entry.mask)), entry.nulls, 0,
                     children);
}

}  // namespace

packed_columns pack(const table_view& input, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  const Packer packer(input, stream, get_current_device_resource_ref());
  auto data = std::make_unique<rmm::device_buffer>(packer.bytes(), stream, memory);
  packer.copy_to(static_cast<std::uint8_t*>(data->data()));
  return packed_columns(std::make_unique<std::vector<std::uint8_t>>(packer.metadata()), std::move(data));
}

std::size_t packed_size(const table_view& input, cuda::stream_ref stream, rmm::device_async_resource_ref temporary) {
  return Packer(input, stream, temporary).bytes();
}

table_view unpack(const std::uint8_t* metadata, const std::uint8_t* data) {
  std::int32_t rows = 0;
  std::int32_t width = 0;
  std::memcpy(&rows, metadata, sizeof rows);
  std::memcpy(&width, metadata + sizeof rows, sizeof width);
  const std::uint8_t* entries = metadata + 2 * sizeof rows;
  std::vector<column_view> columns;
  for (std::int32_t i = 0; i < width; ++i) columns.push_back(view_of(entries, data));
  return table_view(columns, rows);
}
table_view unpack(const packed_columns& input) {
  if (input.metadata->empty()) return {};
  return unpack(input.metadata->data(), static_cast<const std::uint8_t*>(input.gpu_data->data()));
}

std::vector<packed_table> contiguous_split(const table_view& input, const std::vector<size_type>& splits,
                                           cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  std::vector<packed_table> parts;
  size_type begin = 0;
  for (std::size_t i = 0; i <= splits.size(); ++i) {
    const size_type end = i < splits.size() ? splits[i] : input.num_rows();
    CUDF_EXPECTS(begin <= end && end <= input.num_rows(),
                 "splits must be in order and inside the table", std::out_of_range);
    std::vector<column_view> columns;
    for (const column_view& each : input) columns.push_back(host::slice_view(each, begin, end, stream));
    packed_columns packed = pack(table_view(columns, end - begin), stream, memory);
    const table_view view = unpack(packed);
    parts.push_back(packed_table{view, std::move(packed)});
    begin = end;
  }
  return parts;
}

namespace detail {
struct contiguous_split_state {
  packed_columns packed;
  std::size_t given = 0;
  std::size_t buffer_bytes = 0;
  cuda::stream_ref stream;
};
}  // namespace detail

chunked_pack::chunked_pack(const table_view& input, std::size_t buffer_bytes, cuda::stream_ref stream,
                           rmm::device_async_resource_ref temporary) {
  CUDF_EXPECTS(buffer_bytes >= 1024 * 1024, "user_buffer_size must be at least 1MB");
  state = std::make_unique<detail::contiguous_split_state>(
      detail::contiguous_split_state{pack(input, stream, temporary), 0, buffer_bytes, stream});
}
chunked_pack::~chunked_pack() = default;
std::size_t chunked_pack::get_total_contiguous_size() const { return state->packed.gpu_data->size(); }
bool chunked_pack::has_next() const { return state->given < get_total_contiguous_size(); }
std::size_t chunked_pack::next(const device_span<std::uint8_t>& buffer) {
  CUDF_EXPECTS(buffer.size() == state->buffer_bytes, "the buffer must have the size given before");
  CUDF_EXPECTS(has_next(), "cudf::chunked_pack::next called with nothing left");
  const std::size_t bytes = std::min(buffer.size(), get_total_contiguous_size() - state->given);
  gpu::copy(buffer.data(), static_cast<const char*>(state->packed.gpu_data->data()) + state->given, bytes, state->stream.get());
  state->given += bytes;
  return bytes;
}
std::unique_ptr<std::vector<std::uint8_t>> chunked_pack::build_metadata() const {
  return std::make_unique<std::vector<std::uint8_t>>(*state->packed.metadata);
}
std::unique_ptr<chunked_pack> chunked_pack::create(const table_view& input, std::size_t buffer_bytes, cuda::stream_ref stream,
                                                   rmm::device_async_resource_ref temporary) {
  return std::make_unique<chunked_pack>(input, buffer_bytes, stream, temporary);
}

}  // namespace cudf
