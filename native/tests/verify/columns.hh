// Columns of the goldens and of slabs, in Arrow's layout: flat types only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "plan/json.hh"

namespace warpframe::verify {

/** Buffers of one column, which lie elsewhere; empty where the column has none. */
struct ColumnView {
  std::string dtype;
  std::int64_t length = 0;
  bool has_validity = false;
  std::string_view validity;
  std::string_view offsets;
  std::string_view values;
  std::shared_ptr<ColumnView> dictionary;
};

/** The bytes that golden columns point at. */
using Bytes = std::deque<std::string>;

/** Columns of a golden: { length, validity, offsets, values }, base64, with the dtypes of their schema. */
std::vector<ColumnView> golden_columns(const plan::Json& columns, const plan::Json& schema, Bytes& bytes);
/** Columns of a slab by its layout. */
std::vector<ColumnView> slab_columns(const wf_slab& slab, const plan::Json& schema);

/** What differs between two lists of columns; empty: nothing. Floats may differ by 1e-9, Float32 by 1e-6. */
std::string difference(const std::vector<ColumnView>& got, const std::vector<ColumnView>& expected, const plan::Json& schema);

/** Golden columns as one struct array for `upload`. They must outlive it. */
class ArrowBatch {
 public:
  explicit ArrowBatch(const std::vector<ColumnView>& columns);
  ArrowBatch(const ArrowBatch&) = delete;
  ArrowBatch& operator=(const ArrowBatch&) = delete;
  const ArrowArray* array() const { return &whole_; }

 private:
  struct Node {
    ArrowArray array{};
    std::vector<const void*> buffers;
    std::vector<std::int64_t> sizes;
  };
  std::deque<Node> nodes_;
  std::vector<ArrowArray*> children_;
  ArrowArray whole_{};
};

}  // namespace warpframe::verify
