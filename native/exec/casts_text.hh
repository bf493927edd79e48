// Values from text, by the grammar of the CPU engine's casts.
#pragma once

#include <optional>

#include "lane.hh"

namespace warpframe::exec {

/** Values, any where `bad` is true; no lane: all text is fine. */
struct Read {
  Lane lane;
  std::optional<Lane> bad;
};

Read read_text(const Lane& text, const plan::LogicalType& to);

}  // namespace warpframe::exec
