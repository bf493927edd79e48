// Mistakes with libcudf that the host libcudf has to bring to light. Each is written twice: right, and with the mistake
// planted.
#pragma once

#include "../../exec/prelude.hh"

#include <vector>

namespace warpframe::planted {

struct Bug {
  const char* name;
  /** What the mistake is, in one line. */
  const char* sentence;
  /** True where the answer is the one expected. May throw, and may follow an address it must not. */
  bool (*holds)(bool planted);
};

/** order_bugs.cc: what libcudf leaves open is relied upon. */
const std::vector<Bug>& order_bugs();
/** memory_bugs.cc: lifetimes, streams, addresses, nulls. */
const std::vector<Bug>& memory_bugs();

}  // namespace warpframe::planted
