#include "download.hh"

#include <cuda_runtime_api.h>
#include <cudf/copying.hpp>
#include <cudf/lists/lists_column_view.hpp>
#include <cudf/null_mask.hpp>
#include <cudf/replace.hpp>
#include <cudf/scalar/scalar.hpp>
#include <cudf/search.hpp>
#include <cudf/sorting.hpp>
#include <cudf/stream_compaction.hpp>
#include <cudf/strings/strings_column_view.hpp>
#include <cudf/structs/structs_column_view.hpp>
#include <cudf/table/table.hpp>
#include <cudf/transform.hpp>
#include <cudf/utilities/traits.hpp>
#include <rmm/device_buffer.hpp>

#include <algorithm>
#include <cstring>
#include <limits>

#include "../util/failure.hh"
#include "../util/json_text.hh"

namespace warpframe::engine {
namespace {

using plan::DType;
using plan::LogicalType;

constexpr std::size_t kAlignment = 64;
constexpr std::int64_t kMostTextBytes = std::numeric_limits<std::int32_t>::max();

const LogicalType kText = [] {
  LogicalType type;
  type.dtype = DType::utf8;
  return type;
}();

std::size_t aligned(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

/** What an element of offsets becomes once it is on the host: less the first, in 32 bits. */
struct OffsetFix {
  std::size_t at;
  std::size_t count;
  std::int64_t first;
  bool wide;
};

class Download {
 public:
  explicit Download(Device& device) : device_(device) {}

  /** Notes a column's buffers. @returns its layout */
  std::string column(const LogicalType& type, const cudf::column_view& view, const std::string& name, bool top) {
    JsonObject json;
    json.number("length", std::int64_t{view.size()});
    if (type.dtype == DType::null) return json.number("nullCount", std::int64_t{view.size()}).raw("validity", "null").done();
    if (type.dtype == DType::categorical && top) return categorical(view, name);
    const cudf::size_type nulls = view.null_count();
    json.number("nullCount", std::int64_t{nulls}).raw("validity", validity(view, nulls));
    switch (type.dtype) {
      case DType::boolean: {
        auto packed = cudf::bools_to_mask(view, stream(), memory()).first;
        json.raw("values", piece(packed->data(), (static_cast<std::size_t>(view.size()) + 7) / 8));
        buffers_.push_back(std::move(*packed));
        break;
      }
      case DType::utf8:
      case DType::binary:
      case DType::categorical: text(view, name, json); break;
      case DType::list: {
        if (view.size() == 0) {
          json.raw("offsets", no_offsets()).raw("children", JsonList().raw(empty(type.fields[0].type)).done());
          break;
        }
        const cudf::lists_column_view lists(view);
        const auto [first, last] = ends(lists.offsets(), view);
        json.raw("offsets", offsets(lists.offsets(), view, first));
        json.raw("children", JsonList().raw(column(type.fields[0].type, part(lists.child(), first, last), name, false)).done());
        break;
      }
      case DType::fixed_size_list: fixed_size_list(type, view, nulls, name, json); break;
      case DType::structure: {
        JsonList children;
        const cudf::structs_column_view structs(view);
        for (std::size_t i = 0; i < type.fields.size(); ++i)
          children.raw(column(type.fields[i].type, structs.get_sliced_child(static_cast<int>(i), stream()), name, false));
        json.raw("children", children.done());
        break;
      }
      default: {
        const std::size_t width = cudf::size_of(view.type());
        json.raw("values", piece(view.head<std::uint8_t>() + static_cast<std::size_t>(view.offset()) * width,
                                 static_cast<std::size_t>(view.size()) * width));
      }
    }
    return json.done();
  }

  /** Copies everything that was noted. */
  Slab* finish(std::int64_t rows, std::string layout) {
    auto slab = std::make_unique<Slab>();
    slab->block = device_.slabs().take(std::max(bytes_, kAlignment));
    slab->pool = &device_.slabs();
    slab->layout = std::move(layout);
    try {
      copy(slab->block.data);
    } catch (...) {
      device_.slabs().give_back(slab->block);
      throw;
    }
    slab->face = {slab->block.data, bytes_, rows, slab->layout.c_str(), slab.get()};
    return slab.release();
  }

 private:
  struct Piece {
    const void* source;
    std::size_t bytes;
    std::size_t at;
  };

  cuda::stream_ref stream() const { return device_.stream(); }
  rmm::device_async_resource_ref memory() { return device_.memory_ref(); }

  std::string piece(const void* source, std::size_t bytes) {
    const std::size_t at = bytes_;
    if (bytes > 0) pieces_.push_back({source, bytes, at});
    bytes_ += aligned(bytes);
    return place(at, bytes);
  }
  static std::string place(std::size_t at, std::size_t bytes) {
    return JsonList().raw(std::to_string(at)).raw(std::to_string(bytes)).done();
  }

  /** One copy to the host, by way of a block on the device. @returns false where there is no room for that */
  bool copy_packed(void* target) {
    try {
      rmm::device_buffer block(bytes_, stream(), memory());
      for (const Piece& p : pieces_)
        check_cuda(cudaMemcpyAsync(static_cast<std::byte*>(block.data()) + p.at, p.source, p.bytes,
                                   cudaMemcpyDeviceToDevice, device_.stream().get()),
                   "A copy on the GPU");
      device_.copy_to_host(target, block.data(), bytes_);
      return true;
    } catch (const rmm::out_of_memory&) {
      return false;
    }
  }

  void copy(void* target) {
    if (pieces_.size() == 1 || (!pieces_.empty() && !copy_packed(target)))
      for (const Piece& p : pieces_) device_.copy_to_host(static_cast<std::byte*>(target) + p.at, p.source, p.bytes);
    stream().sync();
    for (const OffsetFix& fix : fixes_) rebase(static_cast<std::byte*>(target) + fix.at, fix);
  }

  static void rebase(std::byte* bytes, const OffsetFix& fix) {
    auto* const out = reinterpret_cast<std::int32_t*>(bytes);
    if (fix.wide) {
      // Narrowed in place: each result lies at or before its source.
      const auto* const source = reinterpret_cast<const std::int64_t*>(bytes);
      for (std::size_t i = 0; i < fix.count; ++i) {
        std::int64_t value;
        std::memcpy(&value, source + i, sizeof value);
        const auto narrow = static_cast<std::int32_t>(value - fix.first);
        std::memcpy(out + i, &narrow, sizeof narrow);
      }
      return;
    }
    const auto first = static_cast<std::int32_t>(fix.first);
    for (std::size_t i = 0; i < fix.count; ++i) out[i] -= first;
  }

  std::string validity(const cudf::column_view& view, cudf::size_type nulls) {
    if (nulls == 0) return "null";
    const std::size_t bytes = (static_cast<std::size_t>(view.size()) + 7) / 8;
    if (view.offset() % 8 == 0)
      return piece(reinterpret_cast<const std::uint8_t*>(view.null_mask()) + view.offset() / 8, bytes);
    buffers_.push_back(cudf::copy_bitmask(view, stream(), memory()));
    return piece(buffers_.back().data(), bytes);
  }

  static cudf::column_view part(const cudf::column_view& view, std::int64_t first, std::int64_t last) {
    return cudf::slice(view, {static_cast<cudf::size_type>(first), static_cast<cudf::size_type>(last)})[0];
  }

  /** The first and the last offset of a view's rows. */
  std::pair<std::int64_t, std::int64_t> ends(const cudf::column_view& offsets_view, const cudf::column_view& view) {
    const bool wide = offsets_view.type().id() == cudf::type_id::INT64;
    const std::size_t width = wide ? 8 : 4;
    const auto* const base = offsets_view.head<std::uint8_t>() + static_cast<std::size_t>(offsets_view.offset() + view.offset()) * width;
    std::int64_t wide_ends[2] = {0, 0};
    std::int32_t narrow_ends[2] = {0, 0};
    void* const to[2] = {wide ? static_cast<void*>(&wide_ends[0]) : &narrow_ends[0],
                         wide ? static_cast<void*>(&wide_ends[1]) : &narrow_ends[1]};
    device_.copy_to_host(to[0], base, width, false);
    device_.copy_to_host(to[1], base + static_cast<std::size_t>(view.size()) * width, width, false);
    stream().sync();
    if (wide) return {wide_ends[0], wide_ends[1]};
    return {narrow_ends[0], narrow_ends[1]};
  }

  /** The offsets of a view's rows, from 0 on once they are on the host. */
  std::string offsets(const cudf::column_view& offsets_view, const cudf::column_view& view, std::int64_t first) {
    const bool wide = offsets_view.type().id() == cudf::type_id::INT64;
    const std::size_t width = wide ? 8 : 4;
    const std::size_t count = static_cast<std::size_t>(view.size()) + 1;
    const std::size_t at = bytes_;
    piece(offsets_view.head<std::uint8_t>() + static_cast<std::size_t>(offsets_view.offset() + view.offset()) * width,
          count * width);
    if (wide || first != 0) fixes_.push_back({at, count, first, wide});
    return place(at, count * 4);
  }

  /** The one offset of no rows. */
  std::string no_offsets() {
    const std::size_t at = bytes_;
    buffers_.emplace_back(std::size_t{4}, stream(), memory());
    check_cuda(cudaMemsetAsync(buffers_.back().data(), 0, 4, device_.stream().get()), "cudaMemsetAsync");
    piece(buffers_.back().data(), 4);
    return place(at, 4);
  }

  void text(const cudf::column_view& view, const std::string& name, JsonObject& json) {
    if (view.size() == 0) {
      json.raw("offsets", no_offsets()).raw("values", place(bytes_, 0));
      return;
    }
    const cudf::strings_column_view strings(view);
    const auto [first, last] = ends(strings.offsets(), view);
    if (last - first > kMostTextBytes)
      throw Failure("ERR_UNSUPPORTED", "Column \"" + name + "\" has " + std::to_string(last - first) + " bytes of text; one batch on the host holds 2147483647. Read it by batches().");
    json.raw("offsets", offsets(strings.offsets(), view, first));
    json.raw("values", piece(view.head<std::uint8_t>() + first, static_cast<std::size_t>(last - first)));
  }

  /** Words in order of appearance, and a code per row. */
  std::string categorical(const cudf::column_view& view, const std::string& name) {
    const cudf::size_type nulls = view.null_count();
    JsonObject json;
    json.number("length", std::int64_t{view.size()}).number("nullCount", std::int64_t{nulls}).raw("validity", validity(view, nulls));
    if (view.size() == 0 || nulls == view.size()) {
      buffers_.emplace_back(static_cast<std::size_t>(view.size()) * 4, stream(), memory());
      if (view.size() > 0) check_cuda(cudaMemsetAsync(buffers_.back().data(), 0, buffers_.back().size(), device_.stream().get()), "cudaMemsetAsync");
      json.raw("values", piece(buffers_.back().data(), buffers_.back().size()));
      return json.raw("dictionary", empty(kText)).done();
    }
    const cudf::table_view rows{{view}};
    auto present = cudf::drop_nulls(rows, {0}, stream(), memory());
    auto distinct = cudf::stable_distinct(present->view(), {0}, cudf::duplicate_keep_option::KEEP_FIRST,
                                          cudf::null_equality::EQUAL, cudf::nan_equality::ALL_EQUAL, stream(), memory());
    present.reset();
    // Found by search among the sorted words, and led back to their order of appearance.
    const auto order = cudf::sorted_order(distinct->view(), {}, {}, stream(), memory());
    const auto sorted = cudf::gather(distinct->view(), order->view(), cudf::out_of_bounds_policy::DONT_CHECK, stream(), memory());
    const auto found = cudf::lower_bound(sorted->view(), rows, {cudf::order::ASCENDING}, {cudf::null_order::AFTER}, stream(), memory());
    auto codes = std::move(cudf::gather(cudf::table_view{{order->view()}}, found->view(), cudf::out_of_bounds_policy::NULLIFY, stream(), memory())->release()[0]);
    if (codes->null_count() > 0)
      codes = cudf::replace_nulls(codes->view(), cudf::numeric_scalar<std::int32_t>(0, true, stream(), memory()), stream(), memory());
    json.raw("values", piece(codes->view().head<std::uint8_t>(), static_cast<std::size_t>(view.size()) * 4));
    columns_.push_back(std::move(codes));
    auto words = std::move(distinct->release()[0]);
    json.raw("dictionary", column(kText, words->view(), name, false));
    columns_.push_back(std::move(words));
    return json.done();
  }

  void fixed_size_list(const LogicalType& type, const cudf::column_view& view, cudf::size_type nulls,
                       const std::string& name, JsonObject& json) {
    const LogicalType& inner = type.fields[0].type;
    if (view.size() == 0) {
      json.raw("children", JsonList().raw(empty(inner)).done());
      return;
    }
    const cudf::lists_column_view lists(view);
    const auto [first, last] = ends(lists.offsets(), view);
    if (nulls == 0 && last - first == std::int64_t{view.size()} * type.length) {
      json.raw("children", JsonList().raw(column(inner, part(lists.child(), first, last), name, false)).done());
      return;
    }
    // Null lists are empty on the device and as long as the others in Arrow.
    const std::size_t count = static_cast<std::size_t>(view.size());
    std::vector<std::int32_t> starts(count + 1);
    device_.copy_to_host(starts.data(), lists.offsets().head<std::int32_t>() + lists.offsets().offset() + view.offset(), starts.size() * 4, false);
    stream().sync();
    const auto width = static_cast<std::size_t>(type.length);
    std::vector<std::int32_t> map(count * width, std::numeric_limits<std::int32_t>::max());
    for (std::size_t i = 0; i < count; ++i)
      if (static_cast<std::size_t>(starts[i + 1] - starts[i]) == width)
        for (std::size_t k = 0; k < width; ++k) map[i * width + k] = starts[i] + static_cast<std::int32_t>(k);
    rmm::device_buffer rows(map.size() * 4, stream(), memory());
    device_.copy_to_device(rows.data(), map.data(), rows.size());
    const cudf::column map_column(cudf::data_type{cudf::type_id::INT32}, static_cast<cudf::size_type>(map.size()), std::move(rows), rmm::device_buffer{}, 0);
    auto spread = std::move(cudf::gather(cudf::table_view{{lists.child()}}, map_column.view(), cudf::out_of_bounds_policy::NULLIFY, stream(), memory())->release()[0]);
    stream().sync();  // the map on the host goes
    json.raw("children", JsonList().raw(column(inner, spread->view(), name, false)).done());
    columns_.push_back(std::move(spread));
  }

  /** A column of no rows. */
  std::string empty(const LogicalType& type) {
    JsonObject json;
    json.number("length", std::int64_t{0}).number("nullCount", std::int64_t{0}).raw("validity", "null");
    switch (type.dtype) {
      case DType::null: break;
      case DType::utf8:
      case DType::binary:
      case DType::categorical: json.raw("offsets", no_offsets()).raw("values", place(bytes_, 0)); break;
      case DType::list: json.raw("offsets", no_offsets()); [[fallthrough]];
      case DType::fixed_size_list:
      case DType::structure: {
        JsonList children;
        for (const plan::Field& field : type.fields) children.raw(empty(field.type));
        json.raw("children", children.done());
        break;
      }
      default: json.raw("values", place(bytes_, 0));
    }
    return json.done();
  }

  Device& device_;
  std::vector<Piece> pieces_;
  std::vector<OffsetFix> fixes_;
  std::size_t bytes_ = 0;
  // What pieces point to and the frame does not hold. Buffers keep their address when the vector moves them.
  std::vector<rmm::device_buffer> buffers_;
  std::vector<std::unique_ptr<cudf::column>> columns_;
};

}  // namespace

Slab* download(Device& device, const exec::Frame& frame, const std::vector<std::size_t>& columns, std::int64_t offset,
               std::int64_t rows) {
  const std::int64_t start = std::clamp<std::int64_t>(offset, 0, frame.rows);
  const std::int64_t end = rows < 0 ? frame.rows : std::min<std::int64_t>(frame.rows, start + rows);
  Download work(device);
  JsonList layout;
  for (const std::size_t c : columns) {
    const cudf::column_view whole = frame.columns[c]->view();
    const bool all = start == 0 && end == frame.rows;
    const cudf::column_view view =
        all ? whole
            : cudf::slice(whole, {static_cast<cudf::size_type>(start), static_cast<cudf::size_type>(end)})[0];
    layout.raw(work.column(frame.schema[c].type, view, frame.schema[c].name, true));
  }
  return work.finish(end - start, layout.done());
}

void release_slab(Slab* slab) {
  slab->pool->give_back(slab->block);
  delete slab;
}

std::int64_t rows_of_bytes(const exec::Frame& frame, std::uint64_t bytes) {
  std::uint64_t total = 1;
  for (const exec::ColumnPtr& column : frame.columns) total += column->alloc_size();
  const double per_row = static_cast<double>(total) / std::max<double>(1, frame.rows);
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(bytes) / per_row));
}

}  // namespace warpframe::engine
