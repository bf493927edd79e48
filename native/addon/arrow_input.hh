// Columns of JavaScript as arrays of the Arrow C data interface, read in place.
#pragma once

#include <napi.h>

#include <array>
#include <deque>
#include <vector>

#include "engine/engine.h"
#include "job.hh"

namespace warpframe {

/**
 * Batches `{ length, columns: [{ length, validity, offsets?, values?, children?, dictionary? }] }`, the layout of
 * ArrowColumn. Typed arrays are kept alive by the job and read where they are: nobody may change or transfer them before
 * the promise is settled. Each array's private_data has the bytes of its buffers, so that the reader can check.
 */
class ArrowInput {
 public:
  /** @throws Failure ERR_PARAMETER, ERR_DTYPE */
  void add(Napi::Object batch, Job& job);
  const std::vector<const ArrowArray*>& batches() const { return batches_; }

 private:
  // Deques never move their elements: arrays point to each other.
  struct Node {
    ArrowArray array{};
    std::array<const void*, 3> buffers{};
    std::array<std::int64_t, 3> bytes{};
    std::vector<ArrowArray*> children;
  };
  ArrowArray* column(Napi::Object column, int depth, Job& job);
  void buffer(Node& node, Napi::Value value, const char* what, Job& job);
  std::deque<Node> nodes_;
  std::vector<const ArrowArray*> batches_;
};

}  // namespace warpframe
