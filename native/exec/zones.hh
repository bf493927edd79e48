// Wall-clock time in a zone. libcudf reads zones from files of the machine it runs on; ours are those of the CPU engine, so
// a plan brings them along: the option `zoneTables` of a call, { zone: { fromSeconds, offsetSeconds, minSeconds,
// maxSeconds } } as ts/util/zone-table.ts has them, the first `fromSeconds` null for minus infinity.
#pragma once

#include <string>

#include "arguments.hh"

namespace warpframe::exec {

/** Whether a Datetime's zone moves its wall clock: one is named and it is not UTC. */
bool has_moving_zone(const plan::LogicalType& type);
/** Empty, or why the call cannot run: its plan brings no table for a zone. */
std::string why_not_zones(const plan::Expr& call, const std::vector<plan::LogicalType>& types);

/** When a zone changes its offset. */
class Zone {
 public:
  /** @throws Failure ERR_PARAMETER where the call brings no table of the zone */
  Zone(const plan::Call& call, const std::string& zone, Context& context);

  /** Seconds ahead of UTC at UTC seconds. */
  Lane offset_at(const Lane& seconds) const;
  /** Local times that are no instant, one, or two. */
  struct Local {
    Lane missing;
    Lane twice;
    Lane earliest;  // offsets in seconds
    Lane latest;
  };
  Local offsets_of(const Lane& local_seconds) const;

 private:
  std::string name_;
  std::int64_t least_;
  std::int64_t most_;
  Owned starts_;
  Owned offsets_;
  Owned local_starts_;
  Owned local_ends_;
};

/** Local INT64 ticks (days for Date32) of a call's argument, and its offset in seconds where its zone moves. */
Lane local_ticks(const Arguments& args, std::size_t i);
Lane local_offset(const Arguments& args, std::size_t i);

enum class Ambiguous : std::uint8_t { raise, earliest, latest, null, like_origin };
/** UTC ticks of local ones; `origin`: UTC ticks whose offset is preferred. */
Lane utc_ticks(const Arguments& args, const plan::LogicalType& type, const Lane& local, Ambiguous ambiguous, bool gap_is_null,
               const Lane* origin);

}  // namespace warpframe::exec
