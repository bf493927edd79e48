// A file that libcudf writes: it has another name until it is complete, as the CPU engine's files have.
#pragma once

#include "prelude.hh"

#include <cudf/io/data_sink.hpp>

#include <cstddef>
#include <string>

namespace warpframe::exec {

class FileSink : public cudf::io::data_sink {
 public:
  /** Opens `<path>.<random>.tmp`. @throws Failure ERR_IO, ERR_FILE_NOT_FOUND */
  explicit FileSink(std::string path);
  /** Removes the file unless it was committed. */
  ~FileSink() override;
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  void host_write(const void* data, std::size_t bytes) override;
  void flush() override {}
  std::size_t bytes_written() override { return written_; }
  /** The file appears under its name. */
  void commit();

 private:
  [[noreturn]] void fail(const std::string& path, int error) const;

  std::string path_;
  std::string temporary_;
  int file_ = -1;
  std::size_t written_ = 0;
};

}  // namespace warpframe::exec
