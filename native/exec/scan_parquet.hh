// One Parquet file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../plan/nodes.hh"
#include "context.hh"

namespace warpframe::exec {

struct FileRequest {
  const std::string& path;
  /** Columns of the file that are wanted; a column that the file lacks is all null where it may be. */
  const plan::Schema& columns;
  const plan::Json& options;
  const plan::Expr* predicate = nullptr;
  /** Rows at most; counts only without a predicate. */
  std::optional<std::int64_t> limit;
  /** The only row groups to read, where the engine has chosen them. */
  const std::vector<std::int32_t>* groups = nullptr;
  /** For errors. */
  std::int64_t rows_before = 0;
};

/** Reads one file. `note` says what was skipped. @throws Failure ERR_SCHEMA_MISMATCH, ERR_CORRUPT_FILE, ERR_PARAMETER */
Frame read_parquet_file(const FileRequest& request, Context& context, std::string& note);

}  // namespace warpframe::exec
