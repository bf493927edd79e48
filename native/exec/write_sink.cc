#include "write_sink.hh"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <utility>

#include "../util/failure.hh"

namespace warpframe::exec {
namespace {

std::string random_digits() {
  std::random_device device;
  const std::uint64_t bits = (std::uint64_t{device()} << 32 | device()) & 0xffffffffffffU;
  char text[13];
  std::snprintf(text, sizeof text, "%012llx", static_cast<unsigned long long>(bits));
  return text;
}

}  // namespace

FileSink::FileSink(std::string path) : path_(std::move(path)), temporary_(path_ + "." + random_digits() + ".tmp") {
  file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file_ < 0) fail(temporary_, errno);
}

FileSink::~FileSink() {
  if (file_ >= 0) ::close(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void FileSink::fail(const std::string& path, int error) const {
  const char* reason = std::strerror(error);
  if (error == ENOENT) reason = "no such file";
  if (error == EACCES) reason = "permission denied";
  if (error == ENOSPC) reason = "the disk is full";
  if (error == EISDIR) reason = "it is a folder";
  throw Failure(error == ENOENT ? "ERR_FILE_NOT_FOUND" : "ERR_IO", "Cannot write " + path + ": " + reason + ".");
}

void FileSink::host_write(const void* data, std::size_t bytes) {
  const char* at = static_cast<const char*>(data);
  written_ += bytes;
  while (bytes > 0) {
    const ssize_t done = ::write(file_, at, std::min(bytes, std::size_t{1} << 30));
    if (done < 0) {
      if (errno == EINTR) continue;
      fail(temporary_, errno);
    }
    at += done;
    bytes -= static_cast<std::size_t>(done);
  }
}

void FileSink::commit() {
  if (::close(std::exchange(file_, -1)) != 0) fail(temporary_, errno);
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_, errno);
  temporary_.clear();
}

}  // namespace warpframe::exec
