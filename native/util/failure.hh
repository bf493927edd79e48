// The one exception type of our C++: an error code of ts/errors.ts and a sentence. It never crosses a C interface: the
// addon turns it into an Error with `code` and `message`, an engine library into a wf_error.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace warpframe {

struct Failure : std::exception {
  Failure(std::string error_code, std::string sentence, std::string detail_json = {})
      : code(std::move(error_code)), message(std::move(sentence)), detail(std::move(detail_json)) {}
  const char* what() const noexcept override { return message.c_str(); }
  std::string code;
  std::string message;
  /** The error's detail as a JSON object; empty: none. */
  std::string detail;
};

}  // namespace warpframe
