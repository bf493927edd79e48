// Columns and answers for the planted mistakes, through libcudf and the CUDA runtime alone.
#pragma once

#include "../../exec/prelude.hh"

#include <cudf/column/column.hpp>
#include <cudf/null_mask.hpp>
#include <cudf/utilities/error.hpp>
#include <cudf/utilities/type_dispatcher.hpp>
#include <rmm/cuda_stream.hpp>

#include <memory>
#include <vector>

namespace warpframe::planted {

/** Enough rows that no shuffle leaves them in order by luck. */
inline constexpr cudf::size_type kRows = 256;

inline cuda::stream_ref stream() {
  static rmm::cuda_stream one{rmm::cuda_stream::flags::non_blocking};
  return one;
}

template <typename T>
std::unique_ptr<cudf::column> column_of(const std::vector<T>& values, cuda::stream_ref on = stream()) {
  rmm::device_buffer data(values.data(), values.size() * sizeof(T), on);
  return std::make_unique<cudf::column>(cudf::data_type{cudf::type_to_id<T>()}, static_cast<cudf::size_type>(values.size()),
                                        std::move(data), rmm::device_buffer{}, 0);
}

/** Values of a view on the host, as an engine downloads them. */
template <typename T>
std::vector<T> download(const cudf::column_view& view) {
  std::vector<T> values(static_cast<std::size_t>(view.size()));
  CUDF_CUDA_TRY(cudaMemcpyAsync(values.data(), view.data<T>(), values.size() * sizeof(T), cudaMemcpyDeviceToHost, stream().get()));
  stream().sync();
  return values;
}

/** first, first + step, … */
inline std::vector<std::int64_t> counted(std::int64_t first, std::int64_t step, cudf::size_type rows = kRows) {
  std::vector<std::int64_t> values;
  for (cudf::size_type row = 0; row < rows; ++row) values.push_back(first + row * step);
  return values;
}

}  // namespace warpframe::planted
