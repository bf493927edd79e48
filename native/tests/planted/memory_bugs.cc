#include <cudf/copying.hpp>
#include <cudf/join/join.hpp>
#include <cudf/scalar/scalar.hpp>
#include <cudf/stream_compaction.hpp>
#include <cudf/table/table.hpp>

#include <limits>

#include "bugs.hh"
#include "data.hh"

namespace warpframe::planted {
namespace {

using cudf::table_view;

/** 0, 1, 2, … with every odd row null. */
std::unique_ptr<cudf::column> half_null() {
  auto column = column_of(counted(0, 1));
  rmm::device_buffer mask = cudf::create_null_mask(kRows, cudf::mask_state::ALL_VALID, stream());
  for (cudf::size_type row = 1; row < kRows; row += 2) {
    cudf::set_null_mask(static_cast<cudf::bitmask_type*>(mask.data()), row, row + 1, false, stream());
  }
  column->set_null_mask(std::move(mask), kRows / 2);
  // A copy row by row, as every function of libcudf makes one: what is below a null is anything.
  const auto map = column_of([] {
    std::vector<std::int32_t> rows;
    for (cudf::size_type row = 0; row < kRows; ++row) rows.push_back(row);
    return rows;
  }());
  return std::move(cudf::gather(table_view({column->view()}), map->view(), cudf::out_of_bounds_policy::DONT_CHECK, stream())->release()[0]);
}

bool value_of_invalid_scalar(bool planted) {
  const auto column = half_null();
  const auto element = cudf::get_element(column->view(), 1, stream());
  const auto& number = static_cast<const cudf::numeric_scalar<std::int64_t>&>(*element);
  const bool read = planted || number.is_valid(stream());
  return (read ? number.value(stream()) : 0) == 0;
}

bool value_below_null(bool planted) {
  const auto column = half_null();
  const auto present = cudf::drop_nulls(table_view({column->view()}), {0}, stream());
  std::int64_t sum = 0;
  for (const std::int64_t value : download<std::int64_t>(planted ? column->view() : present->view().column(0))) {
    if (value % 2 == 0 || planted) sum += value;
  }
  return sum == (kRows / 2 - 1) * (kRows / 2);
}

bool missing_sync(bool planted) {
  const auto column = column_of(counted(0, 1));
  std::vector<std::int64_t> values(kRows);
  CUDF_CUDA_TRY(cudaMemcpyAsync(values.data(), column->view().data<std::int64_t>(), values.size() * sizeof(values[0]),
                                cudaMemcpyDeviceToHost, stream().get()));
  if (!planted) stream().sync();
  const bool same = values == counted(0, 1);
  stream().sync();  // before the target ends, so that the late copy does no more harm
  return same;
}

bool sentinel_of_left_join(bool planted) {
  const auto left = column_of(counted(0, 1));
  const auto right = column_of(counted(0, 2));
  auto [rows, matches] = cudf::left_join(table_view({left->view()}), table_view({right->view()}), cudf::null_equality::UNEQUAL, stream());
  const cudf::column_view map(cudf::data_type{cudf::type_id::INT32}, static_cast<cudf::size_type>(matches->size()), matches->data(), nullptr, 0);
  const auto policy = planted ? cudf::out_of_bounds_policy::DONT_CHECK : cudf::out_of_bounds_policy::NULLIFY;
  const auto joined = cudf::gather(table_view({right->view()}), map, policy, stream());
  return joined->get_column(0).null_count() == kRows / 2;
}

bool stale_view(bool planted) {
  const auto column = column_of(counted(0, 1));
  std::unique_ptr<cudf::column> copy;
  cudf::column_view view;
  if (planted) {
    view = std::make_unique<cudf::column>(column->view(), stream())->view();
  } else {
    copy = std::make_unique<cudf::column>(column->view(), stream());
    view = copy->view();
  }
  return download<std::int64_t>(view) == counted(0, 1);
}

bool head_of_slice(bool planted) {
  const auto column = column_of(counted(0, 1));
  const cudf::column_view part = cudf::slice(column->view(), {100, 200}, stream())[0];
  std::vector<std::int64_t> values(100);
  const auto* from = planted ? part.head<std::int64_t>() : part.data<std::int64_t>();
  CUDF_CUDA_TRY(cudaMemcpyAsync(values.data(), from, values.size() * sizeof(values[0]), cudaMemcpyDeviceToHost, stream().get()));
  stream().sync();
  return values == counted(100, 1, 100);
}

bool offset_of_mask(bool planted) {
  const auto column = half_null();
  const cudf::column_view part = cudf::slice(column->view(), {1, 2}, stream())[0];
  const cudf::size_type begin = planted ? 0 : part.offset();
  return cudf::null_count(part.null_mask(), begin, begin + part.size(), stream()) == 1;
}

bool wrong_stream(bool planted) {
  const rmm::cuda_stream other{rmm::cuda_stream::flags::non_blocking};
  const auto column = column_of(counted(0, 1), other);
  if (!planted) other.synchronize();
  return download<std::int64_t>(column->view()) == counted(0, 1);
}

bool freed_on_another_stream(bool planted) {
  rmm::cuda_stream other{rmm::cuda_stream::flags::non_blocking};
  auto column = column_of(counted(0, 1));
  const std::vector<std::int64_t> values = download<std::int64_t>(column->view());
  // Work of `other` uses the column; it is freed on the stream that made it.
  CUDF_CUDA_TRY(cudaMemsetAsync(column->mutable_view().head(), 0, sizeof(std::int64_t), static_cast<cuda::stream_ref>(other).get()));
  if (!planted) other.synchronize();
  column->release().data->set_stream(stream());
  return values == counted(0, 1);
}

bool device_address_on_host(bool planted) {
  const auto column = column_of(counted(0, 1));
  if (planted) return *column->view().data<std::int64_t>() == 0;
  return download<std::int64_t>(column->view())[0] == 0;
}

bool longer_than_its_memory(bool planted) {
  const auto column = column_of(counted(0, 1));
  const cudf::size_type rows = planted ? kRows + 1 : kRows;
  const cudf::column_view view(column->type(), rows, column->view().head(), nullptr, 0);
  return download<std::int64_t>(view).size() == static_cast<std::size_t>(rows);
}

bool mask_means_nulls(bool planted) {
  // Columns without nulls may have a mask: of eight, one has.
  for (int i = 0; i < 8; ++i) {
    const auto column = half_null();
    const auto present = cudf::drop_nulls(table_view({column->view()}), {0}, stream());
    const cudf::column_view view = present->view().column(0);
    if (planted ? view.nullable() : view.has_nulls()) return false;
  }
  return true;
}

}  // namespace

const std::vector<Bug>& memory_bugs() {
  static const std::vector<Bug> bugs{
      {"value-of-invalid-scalar", "the value of a scalar is read without asking whether it is valid", value_of_invalid_scalar},
      {"value-below-null", "the value below a null is taken for 0", value_below_null},
      {"missing-sync", "the host reads what a copy has not delivered yet", missing_sync},
      {"sentinel-of-left-join", "a left join's INT32_MIN is gathered with DONT_CHECK", sentinel_of_left_join},
      {"stale-view", "a view outlives its column", stale_view},
      {"head-of-slice", "head() of a slice, where data() is meant", head_of_slice},
      {"offset-of-mask", "the mask of a slice is read from its first bit", offset_of_mask},
      {"wrong-stream", "what one stream writes, another reads without waiting", wrong_stream},
      {"freed-on-another-stream", "memory is freed while another stream still writes to it", freed_on_another_stream},
      {"device-address-on-host", "the host follows a device address", device_address_on_host},
      {"longer-than-its-memory", "a view is longer than its memory", longer_than_its_memory},
      {"mask-means-nulls", "a column with a mask is taken for one with nulls", mask_means_nulls},
  };
  return bugs;
}

}  // namespace warpframe::planted
